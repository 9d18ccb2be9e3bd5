//! Post-training quantization of ONNX classifiers, natively and in the browser.
//!
//! A file becomes a sorted [`graph`]; passes simplify it; calibration images stream through
//! it once and leave histograms; a [`plan`] says which tensor gets which scale; [`qdq`] writes
//! it down as standard ONNX.
//!
//! * [`fold_constants`], [`fold_shapes`], [`fold_batchnorm`], [`fold_padding`], [`opset`]: what can be computed beforehand.
//! * [`equalize`], [`bias_correction`]: repairs for per-tensor weights (Nagel et al. 2019).
//! * [`activation_fusion`]: which nodes compute in integers, with their ReLU or Clip.
//! * [`observe`], [`calibrate`]: one streaming pass, bounded memory, an image a step.
//! * [`scheme`], [`plan`], [`qdq`]: scales, and where they go.
//! * [`weights_only`], [`half`]: smaller files without calibration.
//! * [`culprits`]: which layers do the damage.
//! * [`drawing`], [`sheet`]: histograms, and the report as a page. Plain data, which the page names too.

#[cfg(feature = "engine")]
pub mod activation_fusion;
#[cfg(feature = "engine")]
pub mod bias_correction;
#[cfg(feature = "engine")]
pub mod calibrate;
#[cfg(feature = "engine")]
pub mod culprits;
pub mod drawing;
#[cfg(feature = "engine")]
pub mod equalize;
#[cfg(feature = "engine")]
pub mod fold_batchnorm;
#[cfg(feature = "engine")]
pub mod fold_constants;
#[cfg(feature = "engine")]
pub mod fold_padding;
#[cfg(feature = "engine")]
pub mod fold_shapes;
#[cfg(feature = "engine")]
pub mod half;
#[cfg(feature = "engine")]
pub mod observe;
#[cfg(feature = "engine")]
pub mod opset;
#[cfg(feature = "engine")]
pub mod plan;
#[cfg(feature = "engine")]
pub mod qdq;
#[cfg(feature = "engine")]
pub mod scheme;
pub mod sheet;
#[cfg(feature = "engine")]
pub mod weights_only;

#[cfg(feature = "engine")]
mod options;

#[cfg(feature = "engine")]
pub use crate::model::onnx::{Refusal, graph};
#[cfg(feature = "engine")]
pub use calibrate::{Quantized, Quantizer};
#[cfg(feature = "engine")]
pub use options::{LayerReport, Mode, Options, Report};
