//! int8 weights without calibration: activations stay float, or are measured anew on every run.

use super::activation_fusion::Layer;
use super::graph::Graph;
use super::qdq::weight_node;
use super::scheme::Weights;
use crate::model::onnx::{NodeProto, build};
use std::collections::HashMap;

/// Stores each layer's weights as int8 behind DequantizeLinear. With `dynamic`, each float
/// input of those layers also passes through DynamicQuantizeLinear (uint8, range of this very
/// input) and DequantizeLinear.
pub fn write(graph: &mut Graph, layers: &[Layer], weights: Weights, dynamic: bool) {
    let mut first = Vec::new();
    let mut measured: HashMap<String, String> = HashMap::new();
    let mut behind: HashMap<String, Vec<NodeProto>> = HashMap::new();
    let producers = graph.producers();
    let maker: HashMap<String, String> =
        producers.iter().map(|(tensor, at)| (tensor.clone(), graph.nodes[*at].name.clone())).collect();
    for layer in layers {
        let Some((slot, tensor, axis)) = &layer.weight else { continue };
        let Some((dims, values)) = graph.floats(tensor) else { continue };
        let Some(at) = graph.nodes.iter().position(|n| n.name == layer.name) else { continue };
        let quantized = weights.quantize(&dims, &values, *axis, &[0.0]);
        let (node, to) = weight_node(graph, &layer.name, &quantized);
        first.push(node);
        graph.nodes[at].input[*slot] = to;
        if !dynamic {
            continue;
        }
        for (slot, tensor) in &layer.activations {
            let to = measured.entry(tensor.clone()).or_insert_with(|| {
                let (to, nodes) = measure(tensor);
                match maker.get(tensor) {
                    Some(node) => behind.entry(node.clone()).or_default().extend(nodes),
                    None => first.extend(nodes),
                }
                to
            });
            graph.nodes[at].input[*slot] = to.clone();
        }
    }
    graph.insert(first, behind);
    graph.sweep();
}

fn measure(tensor: &str) -> (String, Vec<NodeProto>) {
    let name = |what: &str| format!("{tensor}.{what}");
    let (quantized, scale, zero, to) = (name("quantized"), name("scale"), name("zero_point"), name("dequantized"));
    let mut quantize = build::node("DynamicQuantizeLinear", &name("measure"), &[tensor], &quantized, vec![]);
    quantize.output.extend([scale.clone(), zero.clone()]);
    let back = build::node("DequantizeLinear", &to, &[&quantized, &scale, &zero], &to, vec![]);
    (to, vec![quantize, back])
}
