//! The Shift bench: a head is taken to the field.

use crate::learn::head::Head;
use crate::shift::scene::world::Order;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Photograph the rendered world and let the head classify what is seen. `labels` are the names of
    /// its outputs; signs whose meaning is not among them are left out.
    /// Replies: `Shot` per photograph as progress, then `Done`.
    Field { head: Head, labels: Vec<String>, order: Order },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    Shot(Shot),
    Done,
}

/// One photograph from the field, classified. Payload: part 0 = thumbnail JPEG.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shot {
    pub index: usize,
    /// Which output is right, and which was highest.
    pub truth: usize,
    pub best: usize,
    /// Softmax of `best`, 0..1.
    pub probability: f32,
    /// "None of these".
    pub unknown: bool,
}
