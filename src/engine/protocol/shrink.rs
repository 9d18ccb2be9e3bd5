//! The Shrink bench: a model is quantized, and asked beside itself.

use crate::foreign::fit::{Fit, Inspected};
use crate::learn::head::Head;
use crate::shift::degradation::Degradation;
use crate::shrink::drawing::{Drawing, Node};
use serde::{Deserialize, Serialize};

/// The model a request is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Subject {
    /// Backbone and head as one model.
    Classifier { head: Head, labels: Vec<String> },
    /// An ONNX file of anyone's: the first blob of the request.
    File(Fit),
}

/// Blobs always begin with the model's file, where the subject is a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Look into an ONNX file. Reply: `Inspected`.
    Inspect,
    /// Quantize, then ask both on pictures. Blobs: `calibration` files from which the ranges of activations
    /// are learned, then the files to be asked about; part 0 = the class of each of the latter (u32,
    /// [`super::shift::UNKNOWN`] where nobody knows). Replies: `Working` as progress, `Quantized` and `Warm`
    /// once, `Compared` per picture, then `Done`.
    Quantize { subject: Subject, recipe: Recipe, calibration: usize },
    /// Quantize each layer alone, and find the fewest that must stay float for no more than `limit` (0..1)
    /// of the answers to change. Payload and blobs as for `Quantize`. Replies: `Working` and `Alone` as
    /// progress, then `Proposed`.
    Culprits { subject: Subject, recipe: Recipe, calibration: usize, limit: f32 },
    /// One picture, both models, and what they look at. Blobs: the quantized file, then the picture; or, for
    /// a camera frame of `frame` (width, height), part 0 = RGBA. `ticket` names the pair of models: the
    /// engine keeps the pair it was asked about last. Reply: `Both`.
    Both { subject: Subject, ticket: u32, frame: Option<(u32, u32)> },
    /// Ask both about degraded pictures. Blobs: the quantized file, then the pictures; part 0 = their
    /// classes. Replies: `Struck` per picture and degradation as progress, then `Done`.
    Strike { subject: Subject, degradations: Vec<Degradation>, seed: u64 },
}

/// Everything that can be chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Layers that stay float, by name.
    pub exclude: Vec<String>,
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
            exclude: Vec::new(),
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
    Inspected(Box<Inspected>),
    /// What is being done, and the share done, 0..1.
    Working {
        stage: String,
        fraction: f32,
    },
    /// Part 0 = the file, standard ONNX.
    Quantized(Box<Quantized>),
    /// Milliseconds of each warm-up run, float and quantized.
    Warm {
        runs: Vec<(f32, f32)>,
        machine: Machine,
    },
    /// Floats = the answers of float, then of quantized; part 0 = thumbnail JPEG.
    Compared(Compared),
    Alone(Alone),
    Proposed(Proposed),
    /// Floats = answers of float and quantized, then, where there are heatmaps, the class-activation maps of
    /// both, `[classes, h, w]` each; part 0 = the picture as it was seen (JPEG), for a file.
    Both(Both),
    Struck(Struck),
    Done,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Quantized {
    /// Bytes of the model with float32 weights, as it came (our own has float16 weights), and quantized.
    pub float_bytes: usize,
    pub shipped_bytes: usize,
    pub bytes: usize,
    /// Bytes of the last two after deflate, as a host sends them compressed.
    pub shipped_packed: usize,
    pub packed: usize,
    pub layers: Vec<Layer>,
    /// The network in boxes.
    pub nodes: Vec<Node>,
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
    pub ran: Ran,
}

/// How this engine computes the small model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Ran {
    /// Names of the nodes that run as integers.
    pub integers: Vec<String>,
    /// Names of those that run as float, and why: completes "because ...".
    pub floats: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    pub name: String,
    pub op: String,
    /// Signal to quantization noise of the weights, dB.
    pub sqnr_db: Option<f32>,
    pub parameters: usize,
    /// Histograms, with the chosen scale and what it keeps.
    pub weights: Option<Drawing>,
    pub outputs: Option<Drawing>,
}

/// Where times were taken.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Machine {
    /// Instruction set the engine was built for, in words.
    pub instructions: String,
    /// Memory of the engine in bytes, where it can be told.
    pub memory: Option<usize>,
}

/// How far two answers to one picture are apart.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Apart {
    /// Largest difference of a logit (or of whatever the output holds).
    pub logit: f32,
    /// Cosine of the outputs, -1..1.
    pub cosine: f32,
    /// Milliseconds of each, measured in turn.
    pub float_ms: f32,
    pub quantized_ms: f32,
}

/// One picture, asked of both.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    pub index: u32,
    pub truth: u32,
    pub apart: Apart,
}

/// What one layer does when it alone is quantized.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alone {
    pub name: String,
    pub op: String,
    /// Share of answers changed (features: one minus cosine), 0..1.
    pub changed: f32,
    /// Accuracy lost, 0..1; negative where it is won.
    pub lost: Option<f32>,
    /// At the layer's own output, and at the model's.
    pub sqnr_db: Option<f32>,
    pub output_sqnr_db: Option<f32>,
}

/// The fewest layers found that must stay float.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Proposed {
    pub exclude: Vec<String>,
    /// Changed with everything quantized, and with the exclusions.
    pub all: f32,
    pub left: f32,
    /// Pictures it was measured on.
    pub pictures: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Both {
    /// Numbers in one answer.
    pub width: usize,
    pub apart: Apart,
    /// Height and width of the heatmaps, where there are any.
    pub grid: Option<(usize, usize)>,
}

/// One degraded picture, asked of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Struck {
    pub index: u32,
    /// Place in the request's list.
    pub degradation: u32,
    pub truth: u32,
    pub float: u32,
    pub quantized: u32,
}
