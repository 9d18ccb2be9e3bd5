//! Nodes that only move numbers or name their axes anew: the same nodes, on steps.

use super::operand;
use crate::model::quantized::rewrite::Rewriter;

pub fn rewrite(r: &mut Rewriter, at: usize) -> Result<(), String> {
    let mut node = r.graph.nodes[at].clone();
    let given = operand(r, at, 0)?;
    if node.input.iter().skip(1).any(|i| !i.is_empty() && !r.graph.constants.contains_key(i)) {
        return Err("its shape is no constant".into());
    }
    let rank = match node.op_type.as_str() {
        "Flatten" => Some(2),
        "Reshape" => node.input.get(1).and_then(|shape| Some(r.graph.integers(shape)?.len())),
        "Transpose" | "Identity" => given.rank,
        _ => None,
    };
    let real = node.output[0].clone();
    let to = r.fresh(&real);
    node.input[0] = r.plain(&given.steps);
    node.output[0].clone_from(&to);
    r.push(node);
    r.store(&to, given.params, rank, &to, false);
    r.alias(&real, &to, given.params);
    r.finish(at, None);
    Ok(())
}
