//! Zero padding in front of convolutions becomes their own, so that nothing float is left between two layers.
//!
//! TensorFlow pads the right and the bottom of layers with stride two; exporters write that as a `Pad` of its own.

use super::graph::{Graph, attribute};
use crate::model::onnx::{NodeProto, build};
use std::collections::BTreeSet;

/// More would be no padding of a layer any more.
const MOST: i64 = 64;

/// Folds every `Pad` of zeros that only convolutions read. Returns how many.
pub fn fold(graph: &mut Graph) -> usize {
    let consumers = graph.consumers();
    let mut gone = BTreeSet::new();
    for at in 0..graph.nodes.len() {
        let Some((pads, source)) = zeros(graph, &graph.nodes[at]) else { continue };
        let output = graph.nodes[at].output[0].clone();
        let Some(readers) = consumers.get(&output).filter(|_| !graph.is_output(&output)) else { continue };
        let Some(sums) = readers.iter().map(|&r| sum(&graph.nodes[r], &output, &pads)).collect::<Option<Vec<_>>>()
        else {
            continue;
        };
        for (&reader, sum) in readers.iter().zip(sums) {
            let conv = &mut graph.nodes[reader];
            conv.attribute.retain(|a| a.name != "pads" && a.name != "auto_pad");
            conv.attribute.push(build::ints("pads", &sum));
        }
        graph.rewire(&output, &source);
        gone.insert(at);
    }
    graph.remove(&gone);
    graph.sweep();
    gone.len()
}

/// Spatial pads (begins, then ends) and input of a `Pad` that adds zeros to the spatial dimensions of a picture.
fn zeros(graph: &Graph, node: &NodeProto) -> Option<(Vec<i64>, String)> {
    let constant = attribute(node, "mode").is_none_or(|a| a.s == b"constant");
    let zero = match node.input.get(2).filter(|name| !name.is_empty()) {
        Some(name) => graph.floats(name)?.1 == [0.0],
        None => true,
    };
    // With a fourth input the pads belong to chosen axes.
    let axes = node.input.get(3).is_some_and(|name| !name.is_empty());
    if node.op_type != "Pad" || !constant || !zero || axes {
        return None;
    }
    let pads = graph.integers(node.input.get(1)?)?;
    let rank = pads.len() / 2;
    let flat = rank >= 3 && pads.len() == 2 * rank && [pads[0], pads[1], pads[rank], pads[rank + 1]] == [0; 4];
    let small = pads.iter().all(|p| (0..=MOST).contains(p));
    (flat && small).then(|| ([&pads[2..rank], &pads[rank + 2..]].concat(), node.input[0].clone()))
}

/// The pads of a convolution that reads `tensor` as its picture only, with these added.
fn sum(conv: &NodeProto, tensor: &str, pads: &[i64]) -> Option<Vec<i64>> {
    let explicit = attribute(conv, "auto_pad").is_none_or(|a| a.s == b"NOTSET" || a.s == b"VALID" || a.s.is_empty());
    let reads = conv.input.iter().filter(|i| *i == tensor).count() == 1 && conv.input.first()? == tensor;
    if conv.op_type != "Conv" || !explicit || !reads {
        return None;
    }
    match attribute(conv, "pads") {
        Some(own) if own.ints.len() != pads.len() => None,
        Some(own) => own.ints.iter().zip(pads).map(|(a, b)| a.checked_add(*b)).collect(),
        None => Some(pads.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::onnx::{DataType, GraphProto, ModelProto, OperatorSetIdProto};

    fn graph(pads: &[i64], fill: f32, extra: Vec<NodeProto>) -> Graph {
        let mut node = vec![
            build::node("Pad", "pad", &["x", "pads", "fill"], "padded", vec![]),
            build::node("Conv", "conv", &["padded", "w"], "y", vec![build::ints("pads", &[1, 0, 0, 0])]),
        ];
        node.extend(extra);
        let initializer = vec![
            build::int64s("pads", &[pads.len() as i64], pads),
            build::floats("fill", &[], &[fill]),
            build::floats("w", &[1, 1, 3, 3], &[1.0; 9]),
        ];
        let shape = [Some(1), Some(1), Some(8), Some(8)];
        let graph = GraphProto {
            node,
            initializer,
            input: vec![build::value("x", DataType::Float, &shape)],
            output: vec![build::value("y", DataType::Float, &shape)],
            ..Default::default()
        };
        let opset_import = vec![OperatorSetIdProto { domain: String::new(), version: 13 }];
        Graph::new(ModelProto { graph: Some(graph), opset_import, ..Default::default() }).unwrap()
    }

    const RIGHT_AND_BOTTOM: [i64; 8] = [0, 0, 0, 0, 0, 0, 1, 2];

    #[test]
    fn the_convolution_pads_what_was_padded_before_it() {
        let mut graph = graph(&RIGHT_AND_BOTTOM, 0.0, vec![]);
        assert_eq!(fold(&mut graph), 1);
        assert_eq!(graph.nodes.len(), 1);
        assert_eq!(graph.nodes[0].input[0], "x");
        assert_eq!(attribute(&graph.nodes[0], "pads").unwrap().ints, [1, 0, 1, 2]);
    }

    #[test]
    fn other_fillings_other_readers_and_other_axes_stay() {
        let relu = build::node("Relu", "relu", &["padded"], "z", vec![]);
        let add = build::node("Add", "add", &["z", "z"], "zz", vec![]);
        let mut read_twice = graph(&RIGHT_AND_BOTTOM, 0.0, vec![relu, add]);
        // Only what an output needs counts as read.
        read_twice.outputs.push("zz".into());
        assert_eq!(fold(&mut read_twice), 0);
        assert_eq!(fold(&mut graph(&RIGHT_AND_BOTTOM, 1.0, vec![])), 0);
        assert_eq!(fold(&mut graph(&[0, 1, 0, 0, 0, 0, 0, 0], 0.0, vec![])), 0);
        assert_eq!(fold(&mut graph(&[0, 0, -1, 0, 0, 0, 0, 0], 0.0, vec![])), 0);
        assert_eq!(fold(&mut graph(&[0, 0, 1, 0, 0, 0, 900, 0], 0.0, vec![])), 0);
        assert_eq!(fold(&mut graph(&[0, 0, 1], 0.0, vec![])), 0);
    }
}
