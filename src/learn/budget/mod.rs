//! What labels buy: accuracy against labelled pictures per class, and what the next ones should add.
//!
//! * [`held_out`]: which pictures nothing is ever trained on; [`draws`]: which are labelled in each repetition.
//! * [`curve`]: a head trained on every draw of every size, as a step machine.
//! * [`tally`]: means over the draws with 95 % bands.
//! * [`power_law`]: the curve's law, and the gain it promises.

#[cfg(feature = "engine")]
pub mod curve;
#[cfg(feature = "numerics")]
pub mod draws;
pub mod held_out;
#[cfg(feature = "numerics")]
pub mod power_law;
#[cfg(feature = "numerics")]
pub mod tally;

use serde::{Deserialize, Serialize};

/// Labels that the forecast spends.
pub const NEXT: usize = 20;

/// A mean with its 95 % band.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Band {
    pub value: f32,
    pub low: f32,
    pub high: f32,
}

/// One size on the curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Labelled pictures of each class.
    pub per_class: usize,
    /// Held-out accuracy, 0..=1, a mean over the draws; a group of near-duplicates counts once.
    pub accuracy: Band,
    /// The accuracy of each draw.
    pub draws: Vec<f32>,
}

/// What a way of starting promises beyond the data there are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Labels there are now, in all classes together.
    pub labels: usize,
    /// Accuracy the law expects with these.
    pub now: f32,
    /// Accuracy that the next [`NEXT`] labels should add, a share.
    pub gain: Band,
    pub law: PowerLaw,
}

/// `error(n) = floor + scale * n^-rate`, for n labelled pictures of each class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PowerLaw {
    /// Error that no number of labels removes, 0..=1.
    pub floor: f64,
    /// At least 0.
    pub scale: f64,
    pub rate: f64,
}

impl PowerLaw {
    /// Expected error with `n` labelled pictures of each class, n above 0.
    #[cfg(feature = "numerics")]
    pub fn error(&self, n: f64) -> f64 {
        self.floor + self.scale * libm::pow(n, -self.rate)
    }
}
