//! Matrix products with constant weights, row by row: Gemm, and MatMul with the bias added behind it.

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
    let mut bias = r.constants.bias(own, &units, out)?;
    let mut tail = r.tail(&node.output[0]);
    let mut added = None;
    if !gemm
        && let Some((add, tensor)) = added_behind(r, &node.output[0], out)
        && let Ok(found) = r.constants.bias(Some(&tensor), &units, out)
    {
        bias = found;
        tail = r.tail(&r.graph.nodes[add].output[0]);
        added = Some(add);
    }
    let constants = Constants { window: POINT, groups: 1, in_channels: of, weights, scales: weight.scales, bias };
    multiply(r, at, &given, &constants, true, &tail);
    if let Some(add) = added {
        r.cover(add);
    }
    Ok(())
}

/// An Add of a constant row right behind a product: its place, and the constant.
fn added_behind(r: &Rewriter, product: &str, out: usize) -> Option<(usize, String)> {
    let at = r.only_reader(product)?;
    let node = &r.graph.nodes[at];
    if node.op_type != "Add" || node.output.len() != 1 {
        return None;
    }
    let tensor = node.input.iter().find(|i| *i != product)?;
    let row = |dims: &[i64]| dims.last() == Some(&(out as i64)) && dims.iter().product::<i64>() == out as i64;
    r.graph.floats(tensor).filter(|(dims, _)| row(dims) && dims.len() <= 2).map(|_| (at, tensor.clone()))
}
