//! Pooling of pictures: the largest, the mean under a window, the mean of everything.

use super::conv::window;
use super::{NO_STEPS_AFTER, operand};
use crate::model::onnx::graph::int;
use crate::model::quantized::pooling::{Over, Pool};
use crate::model::quantized::rewrite::Rewriter;

pub fn rewrite(r: &mut Rewriter, at: usize) -> Result<(), String> {
    let node = &r.graph.nodes[at];
    let given = operand(r, at, 0)?;
    let whole = node.op_type == "GlobalAveragePool";
    if whole && given.rank != Some(4) {
        return Err("its input is not known to be a picture".into());
    }
    let over = if whole { Over::Whole } else { Over::Window(window(node, None)?) };
    if int(node, "ceil_mode", 0) != 0 || int(node, "storage_order", 0) != 0 {
        return Err("it rounds its size up".into());
    }
    if node.op_type == "MaxPool" {
        let from = r.last(&given.steps);
        let to = r.fresh(&node.output[0]);
        r.push(Pool::node(&node.name, (&from, given.params), &to, over, None));
        r.store(&to, given.params, Some(4), &to, true);
        // The steps keep their meaning, so that whatever follows may read them as they are.
        r.alias(&node.output[0], &to, given.params);
        r.finish(at, None);
        return Ok(());
    }
    let tail = r.tail(&node.output[0]);
    let made = tail.made.ok_or(NO_STEPS_AFTER)?;
    let from = r.last(&given.steps);
    let to = r.fresh(&tail.output);
    let mean = Some((made, tail.bounds(made), int(node, "count_include_pad", 0) != 0));
    r.push(Pool::node(&node.name, (&from, given.params), &to, over, mean));
    r.store(&tail.output, made, Some(4), &to, true);
    r.finish(at, Some(&tail));
    Ok(())
}
