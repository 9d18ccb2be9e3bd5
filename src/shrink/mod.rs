//! Shrink: post-training quantization of ONNX graphs.
