//! ReLU and Clip that stand alone, between two quantized tensors.

use super::{NO_STEPS_AFTER, operand, requantize};
use crate::model::quantized::rewrite::Rewriter;

pub fn rewrite(r: &mut Rewriter, at: usize) -> Result<(), String> {
    let node = &r.graph.nodes[at];
    let given = operand(r, at, 0)?;
    if node.op_type == "Clip" && r.constants.clip(node).is_none() {
        return Err("its bounds are no constants".into());
    }
    // The tail begins with the node itself where it is the only reader, which it need not be.
    let mut tail = r.tail(&node.output[0]);
    let (low, high) = if node.op_type == "Relu" {
        (0.0, f32::INFINITY)
    } else {
        r.constants.clip(node).unwrap_or((f32::NEG_INFINITY, f32::INFINITY))
    };
    // What the node lets through, then what the tail does: bounds within bounds.
    let within = |x: f32| x.max(tail.low).min(tail.high);
    (tail.low, tail.high) = (within(low), within(high));
    match tail.made {
        Some(made) => {
            let (to, bounds) = (tail.output.clone(), tail.bounds(made));
            requantize(r, &node.name, &given, &to, made, bounds);
            r.finish(at, Some(&tail));
        }
        // Zero is a step, so that ReLU is exact in the steps of its input.
        None if node.op_type == "Relu" => {
            let to = r.fresh(&node.output[0]);
            requantize(r, &node.name, &given, &to, given.params, (given.params.zero, i8::MAX));
            r.alias(&node.output[0], &to, given.params);
            r.finish(at, None);
        }
        None => return Err(NO_STEPS_AFTER.into()),
    }
    Ok(())
}
