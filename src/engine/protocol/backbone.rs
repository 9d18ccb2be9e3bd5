//! Which of the twins the engine runs, and what it says of it.

use serde::{Deserialize, Serialize};

/// One architecture, three pasts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Twin {
    /// Trained on labelled pictures.
    #[default]
    Supervised,
    /// Trained on the same pictures without their labels.
    SelfSupervised,
    /// Initialised and never trained.
    Random,
}

impl Twin {
    /// Those the site carries, the default first.
    pub const SHIPPED: &'static [Twin] = &[Twin::Supervised, Twin::SelfSupervised, Twin::Random];

    /// The file it is made from, relative to the page. The random twin is a seed: it takes its
    /// architecture from the default's file.
    pub fn file(self) -> &'static str {
        match self {
            Twin::Supervised | Twin::Random => "models/backbone-supervised.onnx",
            Twin::SelfSupervised => "models/backbone-selfsup.onnx",
        }
    }
}

/// What the page shows about the backbone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BackboneInfo {
    pub twin: Twin,
    /// Length of an embedding.
    pub dim: usize,
    /// Side of the square input in pixels.
    pub side: usize,
    /// Height and width of the `features` grid.
    pub grid: (usize, usize),
    /// Bytes of the file as shipped (half-precision weights).
    pub file_bytes: usize,
    /// Bytes of the weights once expanded to single precision.
    pub weight_bytes: usize,
    /// Number of learned parameters.
    pub parameters: usize,
    /// Tells this file from any other, in hexadecimal: embeddings of another one do not count.
    pub digest: String,
}
