//! Quantized tensors one behind the other, first brought to the same steps.

use super::{NO_STEPS_AFTER, operand, requantize};
use crate::model::onnx::build;
use crate::model::onnx::graph::attribute;
use crate::model::quantized::rewrite::{Operand, Rewriter};

pub fn rewrite(r: &mut Rewriter, at: usize) -> Result<(), String> {
    let node = &r.graph.nodes[at];
    let given: Vec<Operand> = (0..node.input.len()).map(|slot| operand(r, at, slot)).collect::<Result<_, _>>()?;
    let axis = attribute(node, "axis").ok_or("it names no axis")?.i;
    let first = given.first().ok_or("it has no inputs")?;
    let tail = r.tail(&node.output[0]);
    let alike = given.iter().all(|o| o.params == first.params);
    let made = match tail.made {
        Some(made) => made,
        None if alike => first.params,
        None => return Err(NO_STEPS_AFTER.into()),
    };
    let bounds = if tail.made.is_some() { tail.bounds(made) } else { (i8::MIN, i8::MAX) };
    let last = given.iter().any(|o| o.last) && given.iter().all(|o| o.rank == Some(4));
    let axis = match (last, if axis < 0 { axis + 4 } else { axis }) {
        (false, _) => axis,
        (true, turned @ 0..=3) => [0, 3, 1, 2][turned as usize],
        (true, _) => return Err("its axis is none of a picture's".into()),
    };
    let rank = first.rank;
    let parts: Vec<String> = given
        .iter()
        .map(|operand| {
            let mut steps = operand.steps.clone();
            if operand.params != made || bounds != (i8::MIN, i8::MAX) {
                let to = r.fresh(&operand.steps);
                let turned = Operand { last, ..operand.clone() };
                requantize(r, &node.name, &turned, &to, made, bounds);
                steps = to;
            }
            if last { r.last(&steps) } else { r.plain(&steps) }
        })
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let to = r.fresh(&node.output[0]);
    r.push(build::node("Concat", &node.name, &parts, &to, vec![build::int("axis", axis)]));
    if tail.made.is_some() {
        r.store(&tail.output, made, rank, &to, last);
        r.finish(at, Some(&tail));
    } else {
        r.store(&to, made, rank, &to, last);
        r.alias(&node.output[0], &to, made);
        r.finish(at, None);
    }
    Ok(())
}
