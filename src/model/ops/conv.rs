//! Dense and depthwise 2-D convolutions of a tract graph, run by [`ConvF32`] and [`DepthwiseF32`], with the ReLU
//! or Clip behind them.

use crate::model::kernels::conv_f32::{Bounds, ConvF32, OPEN, Shape};
use crate::model::kernels::depthwise_f32::DepthwiseF32;
use crate::model::ops::reuse;
use std::sync::Arc;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::cnn::{Conv, KernelFormat};
use tract_onnx::tract_core::ops::einsum::EinSum;
use tract_onnx::tract_core::ops::math::{Add, Max, Min};
use tract_onnx::tract_core::ops::nn::DataFormat;
use tract_onnx::tract_core::optim::Optimizer;

/// Input `[1, in_channels, h, w]`, output `[1, out_channels, out_h, out_w]`, both f32. tract leaves the first axis out
/// where it can: either may be without.
#[derive(Debug, Clone)]
pub struct DirectConv {
    kernel: Arc<Kernel>,
    output: TVec<usize>,
    bounds: Bounds,
}

#[derive(Debug)]
enum Kernel {
    Dense(ConvF32),
    Depthwise(DepthwiseF32),
}

impl PartialEq for DirectConv {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.kernel, &other.kernel) && self.bounds == other.bounds
    }
}

impl Eq for DirectConv {}

impl Op for DirectConv {
    fn name(&self) -> StaticName {
        "DirectConv".into()
    }

    op_as_typed_op!();
}

impl EvalOp for DirectConv {
    op_out_of_plan!();

    fn eval(&self, _ctx: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = args_1!(inputs);
        let input = input.to_plain_array_view::<f32>()?;
        let input = input.as_slice().context("the input is contiguous")?;
        let output = reuse::output(f32::datum_type(), &self.output, |output| {
            let mut view = output.to_plain_array_view_mut::<f32>()?;
            let numbers = view.as_slice_mut().context("the output is contiguous")?;
            match &*self.kernel {
                Kernel::Dense(conv) => conv.run(input, numbers, self.bounds),
                Kernel::Depthwise(conv) => conv.run(input, numbers, self.bounds),
            }
            Ok(())
        })?;
        Ok(tvec![output])
    }
}

impl TypedOp for DirectConv {
    fn output_facts(&self, _inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec![f32::fact(&*self.output)])
    }

    as_op!();
}

/// Simplifies a model as tract does, with its convolutions run by [`DirectConv`] where that is possible, and says how
/// many are.
///
/// # Errors
/// The graph is inconsistent.
pub fn simplify(mut model: TypedModel) -> TractResult<(TypedModel, usize)> {
    // In wasm tract moves channels last around depthwise convolutions, for a kernel of its own: not before ours have
    // been put in their place.
    let (mut others, mut axes) = (Optimizer::declutter(), Optimizer::declutter());
    let moves_axes = |pass: &dyn std::fmt::Debug| format!("{pass:?}").starts_with("ChangeAxes");
    others.passes.retain(|pass| !moves_axes(pass));
    axes.passes.retain(|pass| moves_axes(pass));
    others.optimize(&mut model)?;
    let replaced = use_direct_convolutions(&mut model)?;
    axes.optimize(&mut model)?;
    Ok((model, replaced))
}

/// Replaces every convolution that [`DirectConv`] can run: float, one picture, without groups
/// or with one channel each, without dilation, equal strides, constant weights. The others stay tract's. What only
/// bounds an output is done along with it. Returns how many it replaced.
///
/// # Errors
/// The graph is inconsistent.
fn use_direct_convolutions(model: &mut TypedModel) -> TractResult<usize> {
    let mut replaced = 0;
    for id in model.eval_order()? {
        let node = model.node(id);
        let direct = match (node.op_as::<Conv>(), node.op_as::<EinSum>()) {
            (Some(conv), _) => direct(model, node, conv).map(|direct| (direct, node.id)),
            (_, Some(product)) => pointwise(model, node, product),
            _ => None,
        };
        let Some((direct, last)) = direct else { continue };
        let mut patch = TypedModelPatch::default();
        let input = patch.taps(model, &node.inputs[..1])?;
        let output = patch.wire_node(&node.name, direct, &input)?;
        patch.shunt_outside(model, last.into(), output[0])?;
        patch.apply(model)?;
        replaced += 1;
    }
    while let Some(patch) = bound(model)? {
        patch.apply(model)?;
    }
    model.compact()?;
    Ok(replaced)
}

/// One convolution and the bound behind it become one.
fn bound(model: &TypedModel) -> TractResult<Option<TypedModelPatch>> {
    for node in model.nodes() {
        let Some(conv) = node.op_as::<DirectConv>() else { continue };
        let seen = model.outputs.contains(&node.id.into());
        let Some(next) = model.single_succ(node.id)?.filter(|_| !seen) else { continue };
        let Some((low, high)) = bounds(model, node, next) else { continue };
        // Clamping to the first bounds, then to the second.
        let bounds = (conv.bounds.0.clamp(low, high), conv.bounds.1.clamp(low, high));
        return TypedModelPatch::fuse_with_next(model, node, DirectConv { bounds, ..conv.clone() }).map(Some);
    }
    Ok(None)
}

/// The bounds that `next` keeps the output of `node` within, if that is all it does.
fn bounds(model: &TypedModel, node: &TypedNode, next: &TypedNode) -> Option<Bounds> {
    let operation = &next.op_as::<TypedBinOp>()?.0;
    let other = next.inputs.iter().find(|input| input.node != node.id)?;
    let constant = model.outlet_fact(*other).ok()?.konst.clone()?;
    let numbers = constant.to_plain_array_view::<f32>().ok()?;
    let bound = *numbers.first()?;
    let uniform = bound.is_finite() && numbers.iter().all(|v| *v == bound);
    let same = model.outlet_fact(next.id.into()).ok()?.shape == model.outlet_fact(node.id.into()).ok()?.shape;
    if !uniform || !same {
        return None;
    }
    if operation.is::<Max>() {
        Some((bound, f32::INFINITY))
    } else if operation.is::<Min>() {
        Some((f32::NEG_INFINITY, bound))
    } else {
        None
    }
}

fn direct(model: &TypedModel, node: &TypedNode, conv: &Conv) -> Option<DirectConv> {
    let spec = &conv.pool_spec;
    let input = model.outlet_fact(*node.inputs.first()?).ok()?;
    let (batch, [in_channels, h, w]) = picture(input)?;
    let &[kh, kw] = spec.kernel_shape.as_slice() else { return None };
    let (strides, dilations) = (spec.strides(), spec.dilations());
    let depthwise = conv.group == in_channels && spec.output_channels == in_channels;
    let plain = (conv.group == 1 || depthwise)
        && conv.q_params.is_none()
        && conv.kernel_fmt == KernelFormat::OIHW
        && spec.data_format == if batch { DataFormat::NCHW } else { DataFormat::CHW }
        && input.datum_type == f32::datum_type()
        && strides[0] == strides[1]
        && dilations.iter().all(|d| *d == 1);
    if !plain {
        return None;
    }
    let padding = spec.padding.compute(&[h, w], &spec.kernel_shape, &dilations, &strides);
    let shape = Shape {
        in_channels,
        out_channels: spec.output_channels,
        kernel: (kh, kw),
        stride: strides[0],
        pad: (padding[0].pad_before, padding[1].pad_before),
        pad_end: (padding[0].pad_after, padding[1].pad_after),
        input: (h, w),
    };
    let constant = |at: usize| -> Option<Vec<f32>> {
        let tensor = model.outlet_fact(*node.inputs.get(at)?).ok()?.konst.clone()?;
        Some(tensor.to_plain_array_view::<f32>().ok()?.iter().copied().collect())
    };
    let (weights, mut bias) = (constant(1)?, constant(2)?);
    if bias.len() == 1 {
        bias = vec![bias[0]; shape.out_channels];
    }
    let fits = weights.len() == shape.out_channels * (in_channels / conv.group) * kh * kw
        && bias.len() == shape.out_channels
        && shape.output() == (padding[0].convoluted, padding[1].convoluted);
    let (out_h, out_w) = shape.output();
    let output = with_batch(batch, [shape.out_channels, out_h, out_w]);
    fits.then(|| {
        let kernel = if conv.group == 1 {
            Kernel::Dense(ConvF32::new(flat(shape), &weights, &bias))
        } else {
            Kernel::Depthwise(DepthwiseF32::new(shape, &weights, &bias))
        };
        DirectConv { kernel: Arc::new(kernel), output, bounds: OPEN }
    })
}

/// A convolution with a kernel of one pixel, which tract has made a product of matrices, and the node that is the
/// last of it: the bias may be added behind.
fn pointwise(model: &TypedModel, node: &TypedNode, product: &EinSum) -> Option<(DirectConv, usize)> {
    let [input, weights] = node.inputs.as_slice() else { return None };
    let input = model.outlet_fact(*input).ok()?;
    let (batch, [in_channels, h, w]) = picture(input)?;
    let (batch_out, [out_channels, ..]) = picture(model.outlet_fact(node.id.into()).ok()?)?;
    let weights = model.outlet_fact(*weights).ok()?.konst.clone()?;
    let axis = |slot: InOut, at: usize| product.axes.axis((slot, at)).ok().map(|axis| axis.repr);
    let same = |a: (InOut, usize), b: (InOut, usize)| axis(a.0, a.1).is_some() && axis(a.0, a.1) == axis(b.0, b.1);
    let (x, w_, y) = (InOut::In(0), InOut::In(1), InOut::Out(0));
    // Where channels, rows and columns are.
    let [from, to] = [batch, batch_out].map(usize::from);
    let plain = *weights.shape() == [out_channels, in_channels]
        && product.q_params.is_none()
        && input.datum_type == f32::datum_type()
        && weights.datum_type() == f32::datum_type()
        && same((x, from), (w_, 1))
        && same((w_, 0), (y, to))
        && [1, 2].iter().all(|at| same((x, from + at), (y, to + at)));
    if !plain {
        return None;
    }
    let weights: Vec<f32> = weights.to_plain_array_view::<f32>().ok()?.iter().copied().collect();
    let (bias, last) = added(model, node, out_channels).unwrap_or((vec![0.0; out_channels], node.id));
    let input = (1, h * w);
    let shape = Shape { in_channels, out_channels, kernel: (1, 1), stride: 1, pad: (0, 0), pad_end: (0, 0), input };
    let kernel = Arc::new(Kernel::Dense(ConvF32::new(shape, &weights, &bias)));
    Some((DirectConv { kernel, output: with_batch(batch_out, [out_channels, h, w]), bounds: OPEN }, last))
}

/// Whether the first axis is that of the batch, which must be one picture; channels, rows and columns.
fn picture(fact: &TypedFact) -> Option<(bool, [usize; 3])> {
    match *fact.shape.as_concrete()? {
        [1, channels, h, w] => Some((true, [channels, h, w])),
        [channels, h, w] => Some((false, [channels, h, w])),
        _ => None,
    }
}

fn with_batch(batch: bool, shape: [usize; 3]) -> TVec<usize> {
    batch.then_some(1).into_iter().chain(shape).collect()
}

/// The constant of a number for each channel that is added to the output of `node` and nothing else is done with.
fn added(model: &TypedModel, node: &TypedNode, channels: usize) -> Option<(Vec<f32>, usize)> {
    let next = model.single_succ(node.id).ok()?.filter(|_| !model.outputs.contains(&node.id.into()))?;
    let sum = next.op_as::<TypedBinOp>().is_some_and(|op| op.0.is::<Add>());
    let other = next.inputs.iter().find(|input| input.node != node.id).filter(|_| sum)?;
    let constant = model.outlet_fact(*other).ok()?.konst.clone()?;
    let each = constant.len() == channels && constant.shape().ends_with(&[channels, 1, 1]);
    let fits = each && constant.datum_type() == f32::datum_type();
    let numbers = fits.then(|| constant.to_plain_array_view::<f32>().ok())??;
    Some((numbers.iter().copied().collect(), next.id))
}

/// Where every output pixel is made of the input pixel at its place, a picture is one long row, and no group of
/// pixels is cut short by the edge.
fn flat(shape: Shape) -> Shape {
    let plain = shape.kernel == (1, 1) && shape.stride == 1 && shape.pad == (0, 0) && shape.pad_end == (0, 0);
    if plain { Shape { input: (1, shape.input.0 * shape.input.1), ..shape } } else { shape }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::onnx::build::{self, floats, ints, node, value};
    use crate::model::onnx::{
        AttributeProto, DataType, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    };

    fn draw(n: usize, seed: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * 31 + seed * 17) % 23) as f32 / 11.0 - 1.0).collect()
    }

    fn op(op: &str, inputs: &[&str], to: &str, attributes: Vec<AttributeProto>) -> NodeProto {
        node(op, to, inputs, to, attributes)
    }

    fn pads() -> AttributeProto {
        ints("pads", &[1, 1, 1, 1])
    }

    /// From `x`, `[1, 3, 7, 5]`, to `y`.
    fn typed(node: Vec<NodeProto>, initializer: Vec<TensorProto>) -> TypedModel {
        let input = vec![value("x", DataType::Float, &[Some(1), Some(3), Some(7), Some(5)])];
        let mut output = vec![value("y", DataType::Float, &[])];
        output[0].r#type = None;
        let file = ModelProto {
            ir_version: 8,
            opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 17 }],
            graph: Some(GraphProto { node, initializer, input, output, ..Default::default() }),
            ..Default::default()
        };
        let model = tract_onnx::onnx().model_for_proto_model(&file).unwrap();
        model.with_input_fact(0, f32::fact([1, 3, 7, 5]).into()).unwrap().into_typed().unwrap()
    }

    fn assert_says_the_same(ours: TypedModel, theirs: TypedModel) {
        let numbers: Vec<f32> = (0..105).map(|i| ((i * 29) % 41) as f32 / 10.0 - 2.0).collect();
        let run = |model: TypedModel| -> Vec<f32> {
            let input = Tensor::from_shape(&[1, 3, 7, 5], &numbers).unwrap();
            let said = model.into_runnable().unwrap().run(tvec![input.into()]).unwrap();
            said[0].to_plain_array_view::<f32>().unwrap().iter().copied().collect()
        };
        let (ours, theirs) = (run(ours), run(theirs));
        assert!(theirs.iter().any(|v| *v != theirs[0]) && ours.len() == theirs.len());
        for (a, b) in ours.iter().zip(&theirs) {
            assert!((a - b).abs() < 1e-4, "{a} {b}");
        }
    }

    /// A 1x1, a depthwise and a dense convolution with ReLU, Clip or nothing behind them; the first ReLU's input is
    /// read twice.
    #[test]
    fn bounds_are_done_along_unless_somebody_reads_what_is_before_them() {
        let nodes = vec![
            op("Conv", &["x", "a"], "one", vec![]),
            op("Relu", &["one"], "kept", vec![]),
            op("Conv", &["kept", "b"], "deep", vec![pads(), build::int("group", 6)]),
            op("Clip", &["deep", "low", "high"], "six", vec![]),
            op("Conv", &["six", "c"], "wide", vec![pads()]),
            op("Relu", &["wide"], "last", vec![]),
            op("Add", &["last", "one"], "y", vec![]),
        ];
        let constants = vec![
            floats("a", &[6, 3, 1, 1], &draw(18, 1)),
            floats("b", &[6, 1, 3, 3], &draw(54, 2)),
            floats("c", &[6, 6, 3, 3], &draw(324, 3)),
            floats("low", &[], &[-0.5]),
            floats("high", &[], &[0.75]),
        ];
        let typed = typed(nodes, constants);
        let (ours, replaced) = simplify(typed.clone()).unwrap();
        assert_eq!(replaced, 3);
        let bounds: Vec<Bounds> =
            ours.nodes().iter().filter_map(|n| n.op_as::<DirectConv>()).map(|c| c.bounds).collect();
        assert_eq!(bounds, [OPEN, (-0.5, 0.75), (0.0, f32::INFINITY)]);
        assert_says_the_same(ours, typed);
    }

    fn assert_only_ours(model: &TypedModel) {
        let names: Vec<_> = model.nodes().iter().map(|n| n.op.name()).collect();
        assert!(names.iter().all(|name| ["Source", "DirectConv"].contains(&name.as_ref())), "{names:?}");
    }

    /// As in every MobileNet: between two 1x1 convolutions tract leaves out the axis of the batch, and all that is
    /// between them is without.
    #[test]
    fn convolutions_without_the_axis_of_the_batch_are_ours_too() {
        let nodes = vec![
            op("Conv", &["x", "a", "bias"], "one", vec![]),
            op("Clip", &["one", "low", "high"], "six", vec![]),
            op("Conv", &["six", "b", "bias"], "deep", vec![pads(), build::int("group", 6), ints("strides", &[2, 2])]),
            op("Relu", &["deep"], "kept", vec![]),
            op("Conv", &["kept", "c"], "wide", vec![pads()]),
            op("Conv", &["wide", "d", "bias"], "y", vec![]),
        ];
        let constants = vec![
            floats("a", &[6, 3, 1, 1], &draw(18, 1)),
            floats("b", &[6, 1, 3, 3], &draw(54, 2)),
            floats("c", &[6, 6, 3, 3], &draw(324, 3)),
            floats("d", &[6, 6, 1, 1], &draw(36, 4)),
            floats("bias", &[6], &draw(6, 5)),
            floats("low", &[], &[-0.5]),
            floats("high", &[], &[0.75]),
        ];
        let typed = typed(nodes, constants);
        for late in [false, true] {
            let (ours, replaced) = if late {
                let mut ours = typed.clone().into_decluttered().unwrap();
                let replaced = use_direct_convolutions(&mut ours).unwrap();
                let ranks: Vec<usize> =
                    ours.nodes().iter().filter_map(|n| n.op_as::<DirectConv>()).map(|c| c.output.len()).collect();
                assert_eq!(ranks, [3, 3, 3, 4]);
                (ours, replaced)
            } else {
                simplify(typed.clone()).unwrap()
            };
            assert_eq!(replaced, 4);
            assert_only_ours(&ours);
            assert_says_the_same(ours, typed.clone());
        }
    }
}
