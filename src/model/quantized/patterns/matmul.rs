//! Matrix products with constant weights, row by row: Gemm, and MatMul. A real bias added behind a MatMul stays
//! real: rounded to the units of the sums it would move one result in some hundred by a step.

use super::{multiply, operand};
use crate::model::onnx::graph::{attribute, int};
use crate::model::ops::int8::POINT;
use crate::model::quantized::product::Constants;
use crate::model::quantized::rewrite::Rewriter;

pub fn rewrite(r: &mut Rewriter, at: usize) -> Result<(), String> {
    let node = &r.graph.nodes[at];
    let gemm = node.op_type == "Gemm";
    let given = operand(r, at, 0)?;
    let weight = node.input.get(1).and_then(|w| r.constants.weight(w));
    let weight = weight.ok_or("it is not a product with eight-bit constants")?;
    let &[rows, columns] = weight.dims.as_slice() else { return Err("its weights are no matrix".into()) };
    let turned = gemm && int(node, "transB", 0) != 0;
    let plain = |name: &str| attribute(node, name).is_none_or(|a| a.f == 1.0);
    if gemm && (int(node, "transA", 0) != 0 || !plain("alpha") || !plain("beta")) {
        return Err("its input is transposed or its result is scaled".into());
    }
    let (of, out) = if turned { (columns, rows) } else { (rows, columns) };
    if weight.axis.is_some_and(|a| a != usize::from(!turned)) {
        return Err("its weights' scales are not along the output channels".into());
    }
    let weights = if turned {
        weight.steps
    } else {
        (0..out).flat_map(|o| weight.steps.iter().skip(o).step_by(out).copied()).collect()
    };
    let units: Vec<f32> = weight.scales.iter().map(|s| s * given.params.scale).collect();
    let own = node.input.get(2).map(String::as_str).filter(|b| gemm && !b.is_empty());
    let bias = r.constants.bias(own, &units, out)?;
    let tail = r.tail(&node.output[0]);
    let constants = Constants { window: POINT, groups: 1, in_channels: of, weights, scales: weight.scales, bias };
    multiply(r, at, &given, &constants, true, &tail);
    Ok(())
}
