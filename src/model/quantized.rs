//! Models in eight bits, run as integers: QuantizeLinear and DequantizeLinear become our operators.
//!
//! A quantized ONNX file says in float what is meant in integers: DequantizeLinear, a float operator,
//! QuantizeLinear. [`rewrite`] finds such places before tract sees the graph, and writes nodes of our own domain
//! instead, which [`Probe::quantized`](super::probe::Probe::quantized) lets tract load through its register of
//! operators. Between them tensors stay i8, pictures with channels last. What has no integer form stays
//! float, and the [`Report`] names it and says why.
//!
//! * [`rewrite`]: the walk over the graph; [`patterns`]: what has an integer form, a file each;
//!   [`constants`]: parameters, weights and biases of a file.
//! * [`operator`]: what our operators are to ONNX and tract; [`border`], [`product`], [`pooling`],
//!   [`elementwise`]: the operators.

pub mod border;
pub mod constants;
pub mod elementwise;
pub mod operator;
pub mod patterns;
pub mod pooling;
pub mod product;
pub mod rewrite;
#[cfg(test)]
mod tests;

use crate::model::onnx::NodeProto;
use serde::{Deserialize, Serialize};
use tract_onnx::model::Onnx;

/// Which nodes of a model run as integers, and which as float.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub integer: Vec<Integer>,
    pub float: Vec<Float>,
}

/// A node that runs as integers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integer {
    pub name: String,
    pub op: String,
    /// Operators behind it that are done along with it: ReLU, Clip.
    pub along: Vec<String>,
}

/// A node that runs as float.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Float {
    pub name: String,
    pub op: String,
    /// Completes "because ...".
    pub why: String,
}

impl Report {
    fn integer(&mut self, node: &NodeProto, along: Vec<String>) {
        self.integer.push(Integer { name: node.name.clone(), op: node.op_type.clone(), along });
    }

    fn float(&mut self, node: &NodeProto, why: String) {
        self.float.push(Float { name: node.name.clone(), op: node.op_type.clone(), why });
    }

    /// Everything ran as float after all.
    pub fn nothing(&mut self, why: &str) {
        let ran = self.integer.drain(..).map(|i| Float { name: i.name, op: i.op, why: why.into() });
        self.float.extend(ran);
    }
}

/// tract's reader of ONNX, which knows our operators too.
pub fn onnx() -> Onnx {
    let mut onnx = tract_onnx::onnx();
    let register = &mut onnx.op_register;
    operator::register::<border::Quantize>(register);
    operator::register::<border::Dequantize>(register);
    operator::register::<product::Multiply>(register);
    operator::register::<elementwise::Sum>(register);
    operator::register::<elementwise::Requantize>(register);
    operator::register::<pooling::Pool>(register);
    onnx
}
