//! Brings older models to operator set 13, the first whose DequantizeLinear has an axis.
//!
//! Between 7 and 13 a few operators moved attributes to inputs; those are rewritten. What
//! cannot be is refused by name.

use super::graph::{Graph, attribute, int};
use crate::model::onnx::{AttributeProto, NodeProto, Refusal, build};

/// The operator set we write.
pub const TARGET: i64 = 13;

/// Raises the graph to [`TARGET`]; newer ones stay as they are. Returns whether it changed.
///
/// # Errors
/// A node whose meaning changed in a way not rewritten here.
pub fn raise(graph: &mut Graph) -> Result<bool, Refusal> {
    let from = graph.opset();
    if from >= TARGET {
        return Ok(false);
    }
    for at in 0..graph.nodes.len() {
        let mut node = graph.nodes[at].clone();
        match node.op_type.as_str() {
            "Squeeze" | "Unsqueeze" | "ReduceSum" => list_to_input(graph, &mut node, "axes", 1),
            "Split" => list_to_input(graph, &mut node, "split", 1),
            "Clip" if from < 11 => clip(graph, &mut node),
            "Pad" if from < 11 => pad(graph, &mut node),
            "Slice" if from < 10 => slice(graph, &mut node),
            "BatchNormalization" if from < 9 => node.attribute.retain(|a| a.name != "spatial"),
            "Dropout" => node.attribute.retain(|a| a.name != "ratio"),
            "Softmax" | "LogSoftmax" | "Hardmax" if attribute(&node, "axis").is_none_or(|a| a.i == 1) => {
                // Before 13 everything from the axis on was one row: the same for two dimensions.
                node.attribute = vec![build::int("axis", int(&node, "axis", 1))];
            }
            "Softmax" | "LogSoftmax" | "Hardmax" if int(&node, "axis", 1) == -1 => {}
            "Softmax" | "LogSoftmax" | "Hardmax" | "Upsample" | "Scan" | "TopK" => return Err(old(&node, from)),
            "Resize" if from < 11 => return Err(old(&node, from)),
            _ => {}
        }
        graph.nodes[at] = node;
    }
    graph.set_opset(TARGET);
    Ok(true)
}

fn old(node: &NodeProto, from: i64) -> Refusal {
    let why = format!("means something else in operator set {from} than in {TARGET}; export the model anew");
    Refusal::Attribute(node.name.clone(), node.op_type.clone(), why)
}

fn take(node: &mut NodeProto, name: &str) -> Option<AttributeProto> {
    let at = node.attribute.iter().position(|a| a.name == name)?;
    Some(node.attribute.remove(at))
}

fn list_to_input(graph: &mut Graph, node: &mut NodeProto, name: &str, slot: usize) {
    if let Some(list) = take(node, name) {
        let constant = graph.add_integers(&format!("{}.{name}", node.name), &list.ints);
        node.input.resize(node.input.len().max(slot + 1), String::new());
        node.input[slot] = constant;
    }
}

fn clip(graph: &mut Graph, node: &mut NodeProto) {
    let (low, high) = (take(node, "min"), take(node, "max"));
    node.input.truncate(1);
    for (name, bound) in [("min", low), ("max", high)] {
        let constant = bound.map(|b| graph.add_floats(&format!("{}.{name}", node.name), &[], &[b.f]));
        node.input.push(constant.unwrap_or_default());
    }
}

fn pad(graph: &mut Graph, node: &mut NodeProto) {
    list_to_input(graph, node, "pads", 1);
    let value = take(node, "value").map_or(0.0, |a| a.f);
    let constant = graph.add_floats(&format!("{}.value", node.name), &[], &[value]);
    node.input.truncate(2);
    node.input.push(constant);
}

fn slice(graph: &mut Graph, node: &mut NodeProto) {
    for (slot, name) in [(1, "starts"), (2, "ends"), (3, "axes")] {
        list_to_input(graph, node, name, slot);
    }
}
