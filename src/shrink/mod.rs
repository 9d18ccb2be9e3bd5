//! Post-training quantization of ONNX classifiers, natively and in the browser.
//!
//! A file becomes a sorted [`graph`]; passes simplify it; calibration images stream through
//! it once and leave histograms; a [`plan`] says which tensor gets which scale; [`qdq`] writes
//! it down as standard ONNX.
//!
//! * [`fold_constants`], [`fold_batchnorm`], [`opset`]: what can be computed beforehand.
//! * [`equalize`], [`bias_correction`]: repairs for per-tensor weights (Nagel et al. 2019).
//! * [`activation_fusion`]: which nodes compute in integers, with their ReLU or Clip.
//! * [`observe`], [`calibrate`]: one streaming pass, bounded memory, an image a step.
//! * [`scheme`], [`plan`], [`qdq`]: scales, and where they go.
//! * [`weights_only`], [`half`]: smaller files without calibration.

pub mod activation_fusion;
pub mod bias_correction;
pub mod calibrate;
pub mod equalize;
pub mod fold_batchnorm;
pub mod fold_constants;
pub mod graph;
pub mod half;
pub mod observe;
pub mod opset;
pub mod plan;
pub mod qdq;
pub mod scheme;
pub mod weights_only;

pub use crate::model::onnx::Refusal;
pub use calibrate::{Quantized, Quantizer};
use serde::{Deserialize, Serialize};

/// What becomes smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Weights and activations in int8, ranges from calibration images.
    #[default]
    Static,
    /// Weights in int8, ranges of activations measured anew for every input.
    Dynamic,
    /// Weights in int8, arithmetic in float.
    WeightsOnly,
    /// Weights in float16, arithmetic in float.
    Half,
}

/// Everything that can be chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Options {
    pub mode: Mode,
    pub weights: scheme::Weights,
    pub activations: scheme::Activations,
    pub method: observe::Method,
    /// Names of nodes that stay float.
    pub exclude: Vec<String>,
    /// Correct the mean error that rounded weights make (Nagel et al. 2019, section 4.2).
    pub bias_correction: bool,
    /// Even out channel ranges between consecutive layers (section 4.1).
    pub equalize: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            weights: scheme::Weights::default(),
            activations: scheme::Activations::default(),
            method: observe::Method::MinMax,
            exclude: Vec::new(),
            bias_correction: false,
            equalize: false,
        }
    }
}

/// What was done to a model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Report {
    pub layers: Vec<LayerReport>,
    /// Name and operator of each node that stays float.
    pub float: Vec<(String, String)>,
    /// Sentences about what was changed or could not be done.
    pub notes: Vec<String>,
    /// Bytes.
    pub size_before: usize,
    pub size_after: usize,
    pub images: usize,
}

/// One quantized layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerReport {
    pub name: String,
    pub op: String,
    pub output: String,
    /// Signal to quantization noise of the weights, in dB; `None` without weights or without noise.
    pub weight_sqnr_db: Option<f32>,
    /// Scale and zero point of the output, where it is quantized.
    pub output_params: Option<scheme::QParams>,
    /// Smallest and largest number calibration saw in the output.
    pub seen: Option<(f32, f32)>,
    /// Weights in the layer.
    pub parameters: usize,
}
