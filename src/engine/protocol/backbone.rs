//! Which backbone the engine runs, what it says of it, and how one is made of anyone's model.

use crate::foreign::fit::{Fit, Inspected, Layer};
use serde::{Deserialize, Serialize};

/// One architecture with three pasts; or a backbone that was brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Twin {
    /// Trained on labelled pictures.
    #[default]
    Supervised,
    /// Trained on the same pictures without their labels.
    SelfSupervised,
    /// Initialised and never trained.
    Random,
    /// Made of a model that was brought.
    Brought,
}

impl Twin {
    /// Those the site carries, the default first.
    pub const SHIPPED: &'static [Twin] = &[Twin::Supervised, Twin::SelfSupervised, Twin::Random];

    /// Those there can be.
    pub const ALL: &'static [Twin] = &[Twin::Supervised, Twin::SelfSupervised, Twin::Random, Twin::Brought];

    /// The file it is made from, relative to the page. The random twin is a seed: it takes its
    /// architecture from the default's file. One that was brought is on no site: this only names it.
    pub fn file(self) -> &'static str {
        match self {
            Twin::Supervised | Twin::Random => "models/backbone-supervised.packed",
            Twin::SelfSupervised => "models/backbone-selfsup.packed",
            Twin::Brought => "brought",
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

/// From anyone's model to a backbone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Look into a file; with `fit`, as that says, else as guessed. File: the model. Reply: `Inspected`.
    Inspect { fit: Option<Fit> },
    /// What a model would see of a picture. File: the picture. Reply: `Previewed`.
    Preview { fit: Fit },
    /// Make the backbone whose embedding is `tensor`, and try it. Files: the model, then a picture if there is
    /// one. Reply: `Adopted`.
    Adopt { fit: Fit, tensor: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// What was found, the tensors that could be the embedding, and the place of the likeliest.
    Inspected { found: Box<Inspected>, layers: Vec<Layer>, guess: usize },
    /// Part 0: RGB bytes `[side, side, 3]`, the numbers that enter the model between their least and greatest,
    /// first channel red. Blue skies that turn orange mean the order is wrong.
    Previewed { side: usize, low: f32, high: f32, mean: f32 },
    /// Part 0: an ONNX file with the contract of our backbones.
    Adopted(Trial),
}

/// How a backbone that was brought did on one picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Length of an embedding.
    pub length: usize,
    /// Height and width of the grid on which class activation is drawn; 1 by 1 means that it cannot be.
    pub grid: (usize, usize),
    pub parameters: usize,
    pub bytes: usize,
    /// Median time for a picture, milliseconds.
    pub ms: f32,
    /// Share of the embedding's numbers that differ between the picture and a grey one, 0..1.
    pub alive: f32,
}
