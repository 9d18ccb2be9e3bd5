//! What training reports, measured on pictures the head had not seen.

use super::metrics::Interval;
use serde::{Deserialize, Serialize};

/// How the head was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// Every picture was held out once, in one of this many folds.
    CrossValidated { folds: usize },
    /// One quarter was held out: there were enough pictures.
    HeldOut,
    /// Too few pictures (or one class) to hold any out: there is no accuracy.
    NotMeasured,
}

/// Which kind of head was trained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Method {
    /// Softmax regression with this L2 strength (`lambda`, per-sample mean loss).
    Softmax { lambda: f32 },
    /// Nearest class mean: used while some class has one or two pictures.
    Prototypes,
}

/// One held-out prediction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HeldOut {
    /// Row in the training request.
    pub index: u32,
    pub truth: u32,
    pub predicted: u32,
    /// Probability of the predicted class, 0..1.
    pub confidence: f32,
    /// The head would have answered "none of these".
    pub unknown: bool,
}

/// Held-out performance of one class. `None` where there is nothing to divide by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClassScore {
    pub pictures: usize,
    pub precision: Option<f32>,
    pub recall: Option<f32>,
}

/// Everything the page shows about a trained head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub protocol: Protocol,
    pub method: Method,
    /// Held-out accuracy with its 95 % interval, and the sample size it rests on: groups of
    /// near-duplicates count once.
    pub accuracy: Option<Interval>,
    /// `confusion[truth][predicted]`, in held-out pictures.
    pub confusion: Vec<Vec<u32>>,
    pub per_class: Vec<ClassScore>,
    pub held_out: Vec<HeldOut>,
    /// Pictures trained on in the final fit.
    pub pictures: usize,
    /// Near-duplicate group of every picture in the request: equal numbers stay together.
    pub groups: Vec<u32>,
    /// Pictures that share a group with an earlier one.
    pub near_duplicates: usize,
    /// Time spent training and measuring, milliseconds.
    pub train_ms: f32,
    /// Share of held-out pictures of known classes that "none of these" would turn away.
    pub turned_away: Option<f32>,
}
