//! Our own backbones as tract's operators, without tract's reader of ONNX.
//!
//! That reader knows every operator of ONNX, which in the browser is far more to download than the few that a
//! backbone of ours is made of. What is read here becomes the very operators that it would become there, in the same
//! order, so that both give the same numbers to the bit.

use crate::model::onnx::{AttributeType, DataType, ModelProto, NodeProto, TensorProto, ValueInfoProto, tensor};
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension::Value::DimValue};
use tract_onnx::pb::type_proto::Value::TensorType;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::cnn::{Conv, KernelFormat, PaddingSpec, PoolSpec};
use tract_onnx::tract_core::ops::math::{add, div, max, mul, sub};
use tract_onnx::tract_core::ops::nn::{DataFormat, Reduce, Reducer};

/// Most nodes of a graph: tract compares the name of each with those of all others.
const MAX_NODES: usize = 512;

/// Longest side of a kernel, and longest stride, in pixels.
const MAX_KERNEL: usize = 16;

/// What a name in the file stands for.
enum Named<'a> {
    /// Weights in half precision, which only a Cast may read.
    Half(&'a TensorProto),
    /// Weights that some node may read.
    Weights(&'a TensorProto),
    /// Weights that a node has read: a second reader has no business here.
    Read,
    Wire(OutletId),
}

struct Builder<'a> {
    model: TypedModel,
    names: HashMap<&'a str, Named<'a>>,
}

/// The network of `proto` for pictures `[1, 3, side, side]`, RGB 0..255; outputs `embedding` `[1, dim]` and `features`
/// `[1, dim, h, w]`. `None` where it is not made of exactly what our own backbones are made of, or is broken: tract's
/// reader then reads it, or says what is wrong.
pub fn typed(proto: &ModelProto, side: usize) -> Option<TypedModel> {
    let graph = proto.graph.as_ref()?;
    let ([input], [embedding, features]) = (graph.input.as_slice(), graph.output.as_slice()) else { return None };
    let [set] = proto.opset_import.as_slice() else { return None };
    // Descriptions of what is between, functions and sparse weights are for the reader that knows them.
    let plain = set.domain.is_empty()
        && (13..=17).contains(&set.version)
        && proto.functions.is_empty()
        && graph.value_info.is_empty()
        && graph.sparse_initializer.is_empty()
        && graph.node.len() <= MAX_NODES
        && (8..=512).contains(&side)
        && (embedding.name.as_str(), features.name.as_str()) == ("embedding", "features")
        && declares(input, &[1, 3, side, side]);
    plain.then_some(())?;
    let mut builder = Builder { model: TypedModel::default(), names: HashMap::new() };
    for t in &graph.initializer {
        let weights = match DataType::try_from(t.data_type) {
            Ok(DataType::Float16) => Named::Half(t),
            Ok(DataType::Float) => Named::Weights(t),
            _ => return None,
        };
        builder.name(&t.name, weights)?;
    }
    let source = builder.model.add_source("image", f32::fact([1, 3, side, side])).ok()?;
    builder.name(&input.name, Named::Wire(source))?;
    for (at, node) in graph.node.iter().enumerate() {
        let value = builder.node(at, node)?;
        builder.name(node.output.first()?, value)?;
    }
    let (e, f) = (builder.wire("embedding")?, builder.wire("features")?);
    builder.model.select_output_outlets(&[e, f]).ok()?;
    let (e, f) = (builder.shape(e)?, builder.shape(f)?);
    let fits = e.len() == 2 && f.len() == 4 && declares(embedding, &e) && declares(features, &f);
    fits.then_some(builder.model)
}

impl<'a> Builder<'a> {
    /// Everything has one name and every name is given once.
    fn name(&mut self, name: &'a str, value: Named<'a>) -> Option<()> {
        (!name.is_empty() && self.names.insert(name, value).is_none()).then_some(())
    }

    fn wire(&self, name: &str) -> Option<OutletId> {
        if let Named::Wire(wire) = self.names.get(name)? { Some(*wire) } else { None }
    }

    fn shape(&self, wire: OutletId) -> Option<TVec<usize>> {
        Some(self.model.outlet_fact(wire).ok()?.shape.as_concrete()?.into())
    }

    /// The wire of a picture, `[1, channels, h, w]`, and these three.
    fn picture(&self, name: &str) -> Option<(OutletId, [usize; 3])> {
        let wire = self.wire(name)?;
        if let [1, channels, h, w] = *self.shape(wire)? { Some((wire, [channels, h, w])) } else { None }
    }

    /// The numbers of weights and their shape, `N` sizes above zero.
    fn weights<const N: usize>(&mut self, name: &str) -> Option<([usize; N], Vec<f32>)> {
        let named = self.names.get_mut(name)?;
        let Named::Weights(t) = *named else { return None };
        *named = Named::Read;
        let dims: [i64; N] = t.dims.as_slice().try_into().ok()?;
        let numbers = tensor::floats(t).ok()?;
        // As many as the sizes claim: none is negative or, where there are some, zero.
        (!numbers.is_empty()).then(|| (dims.map(|d| d as usize), numbers))
    }

    fn constant(&mut self, name: String, shape: &[usize], numbers: &[f32]) -> Option<OutletId> {
        self.model.add_const(name, Tensor::from_shape(shape, numbers).ok()?).ok()
    }

    fn add(&mut self, name: String, op: impl Into<Box<dyn TypedOp>>, inputs: &[OutletId]) -> Option<OutletId> {
        self.model.wire_node(name, op, inputs).ok()?.first().copied()
    }

    /// What a node makes. The names it gives are its own, not the file's, which could be there twice.
    fn node(&mut self, at: usize, node: &'a NodeProto) -> Option<Named<'a>> {
        let name = format!("{at}.{}", node.op_type);
        let inputs: Vec<&str> = node.input.iter().map(String::as_str).collect();
        let bare = node.attribute.is_empty();
        let wire = match (node.op_type.as_str(), inputs.as_slice()) {
            _ if !node.domain.is_empty() || node.output.len() != 1 => return None,
            ("Cast", &[x]) if int(node, "to")? == DataType::Float as i64 => {
                let named = self.names.get_mut(x)?;
                let Named::Half(t) = *named else { return None };
                *named = Named::Read;
                return Some(Named::Weights(t));
            }
            ("Sub", &[x, each]) if bare => self.each_channel(name, sub(), x, each)?,
            ("Mul", &[x, each]) if bare => self.each_channel(name, mul(), x, each)?,
            ("Conv", &[x, weights, bias]) => self.convolution(name, node, [x, weights, bias])?,
            ("Relu", &[x]) if bare => {
                let (x, _) = self.picture(x)?;
                let low = self.constant(format!("{name}.low"), &[1; 4], &[0.0])?;
                self.add(name, max(), &[x, low])?
            }
            ("Add", &[a, b]) if bare => {
                let ((a, shape), (b, other)) = (self.picture(a)?, self.picture(b)?);
                (shape == other).then(|| self.add(name, add(), &[a, b]))??
            }
            ("GlobalAveragePool", &[x]) if bare => {
                let (x, [_, h, w]) = self.picture(x)?;
                let sum = self.add(format!("{name}.sum"), Reduce::new(tvec![2, 3], Reducer::Sum), &[x])?;
                let count = self.constant(format!("{name}.count"), &[1; 4], &[(h * w) as f32])?;
                self.add(name, div(), &[sum, count])?
            }
            ("Flatten", &[x]) if int(node, "axis")? == 1 => {
                let (mut x, [channels, 1, 1]) = self.picture(x)? else { return None };
                let (from, to) = (dims![1, channels, 1, 1], dims![1, channels]);
                for (step, op) in to_axis_ops_with_tf_rules(&from, &to).ok()?.into_iter().enumerate() {
                    x = self.add(format!("{name}.{step}"), op, &[x])?;
                }
                x
            }
            _ => return None,
        };
        Some(Named::Wire(wire))
    }

    /// An operation with one number for each channel, `[channels, 1, 1]` in the file.
    fn each_channel(&mut self, name: String, op: TypedBinOp, x: &str, each: &str) -> Option<OutletId> {
        let (x, [channels, ..]) = self.picture(x)?;
        let (shape, numbers) = self.weights::<3>(each)?;
        let each = self.constant(format!("{name}.each"), &[1, shape[0], 1, 1], &numbers)?;
        (shape == [channels, 1, 1]).then(|| self.add(name, op, &[x, each]))?
    }

    fn convolution(&mut self, name: String, node: &NodeProto, [x, weights, bias]: [&str; 3]) -> Option<OutletId> {
        let (x, [channels, h, w]) = self.picture(x)?;
        let (shape, weights) = self.weights::<4>(weights)?;
        let ([biases], bias) = self.weights(bias)?;
        let [output_channels, input_channels, rows, columns] = shape;
        let [kernel, strides, pads] = ["kernel_shape", "strides", "pads"].map(|name| ints(node, name));
        let (kernel, strides, pads) = (kernel?, strides?, pads?);
        let &[top, left, bottom, right] = pads.as_slice() else { return None };
        // Three attributes were found by different names: there is no fourth, as groups or dilations would be.
        let fits = node.attribute.len() == 3
            && input_channels == channels
            // Of a bias for one channel tract would make a number without a shape.
            && biases == output_channels.max(2)
            && *kernel == [rows, columns]
            && strides.len() == 2
            && kernel.iter().chain(&strides).all(|size| (1..=MAX_KERNEL).contains(size))
            && top.max(bottom) < rows
            && left.max(right) < columns
            && h + top + bottom >= rows
            && w + left + right >= columns
            && output_channels.checked_mul((h + top + bottom) * (w + left + right))? <= tensor::MAX_ELEMENTS;
        fits.then_some(())?;
        let weights = self.constant(format!("{name}.weights"), &shape, &weights)?;
        let bias = self.constant(format!("{name}.bias"), &[biases], &bias)?;
        let pool_spec = PoolSpec {
            data_format: DataFormat::NCHW,
            kernel_shape: kernel,
            padding: PaddingSpec::Explicit(tvec![top, left], tvec![bottom, right]),
            dilations: None,
            strides: Some(strides),
            input_channels,
            output_channels,
        };
        self.add(name, Conv::new(pool_spec, KernelFormat::OIHW, 1, None), &[x, weights, bias])
    }
}

/// The attribute of a node that has no other.
fn int(node: &NodeProto, name: &str) -> Option<i64> {
    let [a] = node.attribute.as_slice() else { return None };
    (a.name == name && a.r#type == AttributeType::Int as i32 && a.ref_attr_name.is_empty()).then_some(a.i)
}

fn ints(node: &NodeProto, name: &str) -> Option<TVec<usize>> {
    let a = node.attribute.iter().find(|a| a.name == name)?;
    let plain = a.r#type == AttributeType::Ints as i32 && a.ref_attr_name.is_empty();
    plain.then(|| a.ints.iter().map(|i| usize::try_from(*i).ok()).collect())?
}

/// Whether the file says of an input or output that it holds f32 of this shape; it may leave sizes open.
fn declares(value: &ValueInfoProto, shape: &[usize]) -> bool {
    let Some(TensorType(t)) = value.r#type.as_ref().and_then(|t| t.value.as_ref()) else { return false };
    let dims = t.shape.as_ref().map_or(&[][..], |s| &s.dim);
    let same =
        |(dim, size): (&Dimension, &usize)| !matches!(dim.value, Some(DimValue(d)) if usize::try_from(d) != Ok(*size));
    t.elem_type == DataType::Float as i32 && dims.len() == shape.len() && dims.iter().zip(shape).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{onnx::GraphProto, onnx::Message, onnx::build, ops, random, reader};

    const SUPERVISED: &[u8] = include_bytes!("../../assets/models/backbone-supervised.onnx");

    /// The convolutions that are ours, and the bits of all outputs for four pictures.
    fn said(typed: TypedModel) -> (usize, Vec<u32>) {
        let (model, direct) = ops::conv::simplify(typed).unwrap();
        let plan = model.into_optimized().unwrap().into_runnable().unwrap();
        let mut all = Vec::new();
        for seed in 1..5u32 {
            let draw = |i: u32| ((i ^ (i >> 5)).wrapping_mul(seed * 747_796_405) >> 24) as f32;
            let input = Tensor::from_shape(&[1, 3, 64, 64], &(0..3 * 64 * 64).map(draw).collect::<Vec<_>>()).unwrap();
            for output in plan.run(tvec![input.into()]).unwrap() {
                all.extend(output.shape().iter().map(|d| *d as u32));
                all.extend(output.to_plain_array_view::<f32>().unwrap().iter().map(|v| v.to_bits()));
            }
        }
        (direct, all)
    }

    #[test]
    fn direct_says_to_the_bit_what_the_reader_says() {
        let (fact, outputs) = (f32::fact([1, 3, 64, 64]), ["embedding".into(), "features".into()]);
        let other = include_bytes!("../../assets/models/backbone-selfsup.onnx");
        for file in [SUPERVISED, other, &random::random_twin(SUPERVISED, 1).unwrap()] {
            let proto = ModelProto::decode(file).unwrap();
            let read = reader::typed(&proto, false, (&fact).into(), &outputs).unwrap();
            let (ours, theirs) = (said(typed(&proto, 64).unwrap()), said(read));
            assert!(ours.0 > 8 && ours.0 == theirs.0, "{} {}", ours.0, theirs.0);
            assert!(ours.1.len() > 4 * 256 && ours.1 == theirs.1);
        }
    }

    /// Every edit alone makes the file one that is not ours, wherever it is done.
    #[test]
    fn direct_leaves_everything_else_to_the_reader() {
        let whole = ModelProto::decode(SUPERVISED).unwrap();
        let tensors: [fn(&mut TensorProto); 6] = [
            |t| t.name.push('x'),
            |t| t.raw_data.truncate(3),
            |t| t.data_type = DataType::Int32 as i32,
            |t| t.dims[0] = 0,
            |t| t.dims[0] = -1,
            |t| t.dims[0] = i64::MAX,
        ];
        let nodes: [fn(&mut NodeProto); 9] = [
            |n| n.op_type = "Sigmoid".into(),
            |n| n.output[0].push('x'),
            |n| n.input[0] = n.output[0].clone(),
            |n| n.input[0] = "embedding".into(),
            |n| (n.input, n.output) = Default::default(),
            |n| n.attribute.push(build::int("group", 2)),
            |n| n.attribute.push(build::ints("dilations", &[2, 2])),
            |n| n.attribute.iter_mut().for_each(|a| (a.i, a.ints) = (-1, vec![-1; a.ints.len()])),
            |n| n.attribute.iter_mut().for_each(|a| (a.i, a.ints) = (i64::MAX, vec![i64::MAX; a.ints.len()])),
        ];
        let refuse = |at: usize, edit: &dyn Fn(&mut GraphProto)| {
            let mut proto = whole.clone();
            edit(proto.graph.as_mut().unwrap());
            // A node without attributes is as it was.
            assert!(proto == whole || typed(&proto, 64).is_none(), "node or tensor {at}");
        };
        for at in 0..whole.graph.as_ref().unwrap().node.len() {
            tensors.iter().for_each(|edit| refuse(at, &|g| g.initializer.get_mut(at).map_or((), edit)));
            nodes.iter().for_each(|edit| refuse(at, &|g| edit(&mut g.node[at])));
        }
        refuse(0, &|g| g.output.reverse());
        assert!([0, 7, 65, usize::MAX].iter().all(|side| typed(&whole, *side).is_none()));
    }
}
