//! ONNX files: the types they are made of, safe reading, and small builders.
//!
//! Everything of other people's files is hostile until [`read`] has seen it.
//!
//! * [`refusal`]: why a file is not taken, as sentences.
//! * [`check`]: a file's bytes become a model whose tensors hold what they claim.
//! * [`graph`]: a model taken apart, so that passes can change it.
//! * [`tensor`]: the numbers of a tensor.
//! * [`build`]: nodes, attributes and tensors to write.

pub mod build;
pub mod check;
pub mod graph;
pub mod refusal;
pub mod tensor;

pub use check::{read, read_quantized};
pub use prost::Message;
pub use refusal::Refusal;
pub use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, StringStringEntryProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto, attribute_proto::AttributeType, tensor_proto::DataLocation,
    tensor_proto::DataType, tensor_shape_proto, type_proto,
};
pub use tract_onnx::prelude::f16;
