//! Dense and depthwise 2-D convolutions of a tract graph, run by [`ConvF32`] and [`DepthwiseF32`].

use crate::model::kernels::conv_f32::{ConvF32, Shape};
use crate::model::kernels::depthwise_f32::DepthwiseF32;
use std::sync::Arc;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::cnn::{Conv, KernelFormat};
use tract_onnx::tract_core::ops::nn::DataFormat;

/// Input `[1, in_channels, h, w]`, output `[1, out_channels, out_h, out_w]`, both f32.
#[derive(Debug, Clone)]
pub struct DirectConv(Arc<Kernel>);

#[derive(Debug)]
enum Kernel {
    Dense(ConvF32),
    Depthwise(DepthwiseF32),
}

impl PartialEq for DirectConv {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for DirectConv {}

impl DirectConv {
    fn output_shape(&self) -> [usize; 4] {
        let shape = match &*self.0 {
            Kernel::Dense(conv) => conv.shape(),
            Kernel::Depthwise(conv) => conv.shape(),
        };
        let (h, w) = shape.output();
        [1, shape.out_channels, h, w]
    }
}

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
        let shape = self.output_shape();
        let mut output = vec![0.0; shape.iter().product()];
        match &*self.0 {
            Kernel::Dense(conv) => conv.run(input, &mut output),
            Kernel::Depthwise(conv) => conv.run(input, &mut output),
        }
        Ok(tvec![Tensor::from_shape(&shape, &output)?.into_tvalue()])
    }
}

impl TypedOp for DirectConv {
    fn output_facts(&self, _inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec![f32::fact(self.output_shape())])
    }

    as_op!();
}

/// Replaces every convolution that [`DirectConv`] can run: float, one picture, without groups
/// or with one channel each, without dilation, equal strides, constant weights. The others stay tract's. Returns how many
/// it replaced.
///
/// # Errors
/// The graph is inconsistent.
pub fn use_direct_convolutions(model: &mut TypedModel) -> TractResult<usize> {
    let mut replaced = 0;
    for id in model.eval_order()? {
        let node = model.node(id);
        let Some(direct) = node.op_as::<Conv>().and_then(|conv| direct(model, node, conv)) else { continue };
        let patch = TypedModelPatch::replace_single_op(model, node, &node.inputs[..1], direct)?;
        patch.apply(model)?;
        replaced += 1;
    }
    model.compact()?;
    Ok(replaced)
}

fn direct(model: &TypedModel, node: &TypedNode, conv: &Conv) -> Option<DirectConv> {
    let spec = &conv.pool_spec;
    let input = model.outlet_fact(*node.inputs.first()?).ok()?;
    let &[1, in_channels, h, w] = input.shape.as_concrete()? else { return None };
    let &[kh, kw] = spec.kernel_shape.as_slice() else { return None };
    let (strides, dilations) = (spec.strides(), spec.dilations());
    let depthwise = conv.group == in_channels && spec.output_channels == in_channels;
    let plain = (conv.group == 1 || depthwise)
        && conv.q_params.is_none()
        && conv.kernel_fmt == KernelFormat::OIHW
        && spec.data_format == DataFormat::NCHW
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
    fits.then(|| {
        DirectConv(Arc::new(if conv.group == 1 {
            Kernel::Dense(ConvF32::new(shape, &weights, &bias))
        } else {
            Kernel::Depthwise(DepthwiseF32::new(shape, &weights, &bias))
        }))
    })
}
