//! Training from scratch, in a worker of its own.

use crate::learn::budget::{Forecast, Point};
use serde::{Deserialize, Serialize};

/// Side of the square pictures it is given.
pub const SIDE: u32 = 32;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// As [`super::budget::Request::Curve`], from pictures: part 0 = their pixels `[n, SIDE, SIDE, 3]`, part 1 =
    /// the class of each (u32), part 2 = its group of near-duplicates (u32). Replies: `Working` and `Point` as
    /// progress, then `Curve`.
    Curve { classes: usize, draws: usize, seed: u32 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    Working(Working),
    Point(Point),
    Curve { held_out: usize, forecast: Option<Forecast> },
}

/// How far a training is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Working {
    /// Share of the whole curve that is done, 0..1.
    pub share: f32,
    pub per_class: usize,
    /// The draw, counted from 1, and how many there are; likewise the epoch.
    pub draw: (usize, usize),
    pub epoch: (usize, usize),
    /// Mean loss of the last complete epoch.
    pub loss: Option<f32>,
}
