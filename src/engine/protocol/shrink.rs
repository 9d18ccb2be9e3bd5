//! The Shrink bench: the classifier is quantized, and asked beside itself.

use crate::learn::head::Head;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Quantize backbone and head as one model, then ask both on pictures. Blobs: `calibration` files from
    /// which the ranges of activations are learned, then the files to be asked about; part 0 = the class of
    /// each of the latter (u32, [`super::shift::UNKNOWN`] where nobody knows). Replies: `Working` as progress,
    /// `Quantized` once, `Compared` per picture, then `Done`.
    Quantize { head: Head, labels: Vec<String>, recipe: Recipe, calibration: usize },
}

/// Everything that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    pub mode: Mode,
    pub range: Range,
    /// A scale for each output channel, not for the whole tensor.
    pub per_channel: bool,
    /// Bits of a weight, 2 to 8.
    pub bits: u8,
    pub bias_correction: bool,
    pub equalize: bool,
    /// Calibrate on this many pictures of noise instead of those given.
    pub noise: Option<usize>,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            mode: Mode::Static,
            range: Range::MinMax,
            per_channel: true,
            bits: 8,
            bias_correction: false,
            equalize: false,
            noise: None,
        }
    }
}

/// What becomes smaller. (Dynamic quantization is written too, by the command line: what it writes cannot be
/// run here.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    Static,
    WeightsOnly,
    Half,
}

impl Mode {
    pub const ALL: [Self; 3] = [Self::Static, Self::WeightsOnly, Self::Half];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Static => "int8, static",
            Self::WeightsOnly => "int8 weights only",
            Self::Half => "float16",
        }
    }

    /// One sentence on what it does.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Static => {
                "Weights and activations become 8-bit integers; calibration pictures show which range each activation needs."
            }
            Self::WeightsOnly => "Only the weights become 8-bit integers; the arithmetic stays float.",
            Self::Half => "Weights become half-precision floats; nothing else changes.",
        }
    }
}

/// How the range of an activation is chosen from what calibration saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Range {
    MinMax,
    Percentile,
    Entropy,
    Mse,
}

impl Range {
    pub const ALL: [Self; 4] = [Self::MinMax, Self::Percentile, Self::Entropy, Self::Mse];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::MinMax => "Smallest to largest",
            Self::Percentile => "99.99th percentile",
            Self::Entropy => "Entropy",
            Self::Mse => "Squared error",
        }
    }

    /// One sentence on what it does.
    pub fn explain(self) -> &'static str {
        match self {
            Self::MinMax => "Everything calibration saw fits; one outlier makes every step coarse.",
            Self::Percentile => "The rarest values are clipped, so that the others get finer steps.",
            Self::Entropy => "Clips where the histogram loses least information (Kullback-Leibler divergence).",
            Self::Mse => "Clips where rounding and clipping together make the smallest squared error.",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// What is being done, and the share done, 0..1.
    Working {
        stage: String,
        fraction: f32,
    },
    /// Part 0 = the file, standard ONNX.
    Quantized(Quantized),
    /// Part 0 = thumbnail JPEG.
    Compared(Compared),
    Done,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantized {
    /// Bytes of the classifier with float32 weights, as shipped (float16 weights), and quantized.
    pub float_bytes: usize,
    pub shipped_bytes: usize,
    pub bytes: usize,
    pub layers: Vec<Layer>,
    /// Name and operator of nodes that stay float.
    pub float: Vec<(String, String)>,
    /// Sentences about what was changed or could not be done.
    pub notes: Vec<String>,
    /// Calibration pictures used.
    pub images: usize,
    /// Everything that was done, as JSON.
    pub report: String,
    /// Time spent calibrating and writing, milliseconds.
    pub ms: f32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    pub name: String,
    pub op: String,
    /// Signal to quantization noise of the weights, dB.
    pub sqnr_db: Option<f32>,
    pub parameters: usize,
}

/// One picture, asked of both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    pub index: u32,
    pub truth: u32,
    pub float: Vec<f32>,
    pub quantized: Vec<f32>,
    /// Milliseconds of each, measured in turn.
    pub float_ms: f32,
    pub quantized_ms: f32,
}
