//! Everything that names tract: load a backbone, run it, look inside, export.
//!
//! * [`backbone`]: from an ONNX file to embeddings.
//! * [`cam`]: class activation, where in the picture the evidence is.
//! * [`direct`]: our own backbones without tract's reader of ONNX.
//! * [`export`]: backbone and head as one ONNX classifier.
//! * [`onnx`]: ONNX files of anyone: safe reading, and builders.
//! * [`probe`]: any ONNX model with one input, and what flows inside it.
//! * [`quantized`]: models in eight bits, run as integers.
//! * [`random`]: the same architecture, never trained.
//! * [`words`]: the masked-word model.
//! * [`kernels`]: our own arithmetic; [`ops`]: the same as tract operators.

pub mod backbone;
pub mod cam;
pub mod direct;
pub mod export;
pub mod kernels;
pub mod onnx;
pub mod ops;
pub mod probe;
pub mod quantized;
pub mod random;
pub mod reader;
pub mod words;
