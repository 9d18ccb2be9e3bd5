//! Which nodes compute in integers, and what belongs to them.
//!
//! A convolution, Gemm, MatMul or Add takes the ReLU or Clip behind it along: nothing is
//! quantized between the two, and the range is taken after the activation, so that no level is
//! spent on numbers the activation throws away (Jacob et al. 2018, section 2.4).

use super::graph::{Graph, attribute, int};
use crate::model::onnx::NodeProto;
use std::collections::{HashMap, HashSet};

/// A node that will compute on quantized tensors.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// The node's name, by which a layer is excluded.
    pub name: String,
    pub op: String,
    /// Input slots that are activations, and the tensors there.
    pub activations: Vec<(usize, String)>,
    /// Input slot of a constant weight, its tensor, and the axis of its output channels.
    pub weight: Option<(usize, String, Option<usize>)>,
    /// Input slot of a constant bias and its tensor.
    pub bias: Option<(usize, String)>,
    /// The tensor it gives, after its activation.
    pub output: String,
    /// Whether that tensor is quantized too.
    pub quantize_output: bool,
    /// It only moves numbers: output and input share one scale.
    pub moves: bool,
}

/// Finds the layers of a graph; those named in `exclude` stay float.
pub fn layers(graph: &Graph, exclude: &HashSet<String>) -> Vec<Layer> {
    let consumers = graph.consumers();
    let mut found: Vec<Layer> = Vec::new();
    let mut quantized: HashSet<String> = HashSet::new();
    for node in graph.nodes.iter().filter(|n| !exclude.contains(&n.name)) {
        let Some(mut layer) = layer(graph, node, &quantized) else { continue };
        if !layer.moves {
            layer.output = end_of_activation(graph, &consumers, node);
        }
        quantized.insert(layer.output.clone());
        found.push(layer);
    }
    // A product that only float nodes read leaves as float: its accumulator is finer than 8 bits.
    let read: HashSet<String> = found.iter().flat_map(|l| l.activations.iter().map(|a| a.1.clone())).collect();
    for layer in &mut found {
        layer.quantize_output = !matches!(layer.op.as_str(), "Gemm" | "MatMul") || read.contains(&layer.output);
    }
    found
}

/// Names and operators of the nodes that stay float: no layer, nor the activation of one.
pub fn float_nodes(graph: &Graph, layers: &[Layer]) -> Vec<(String, String)> {
    let mut covered: HashSet<&str> = layers.iter().map(|l| l.name.as_str()).collect();
    let producers = graph.producers();
    for layer in layers {
        let mut tensor = layer.output.as_str();
        while let Some(node) = producers.get(tensor).map(|at| &graph.nodes[*at]) {
            if !covered.insert(&node.name) {
                break;
            }
            tensor = node.input.iter().find(|i| producers.contains_key(*i)).map_or("", |i| i);
        }
    }
    let rest = graph.nodes.iter().filter(|n| !covered.contains(n.name.as_str()));
    rest.map(|n| (n.name.clone(), n.op_type.clone())).collect()
}

fn layer(graph: &Graph, node: &NodeProto, quantized: &HashSet<String>) -> Option<Layer> {
    let constant = |slot: usize| node.input.get(slot).is_some_and(|i| graph.constants.contains_key(i));
    let given = |slot: usize| node.input.get(slot).is_some_and(|i| !i.is_empty());
    let operand = |slot: usize| (slot, node.input.get(slot).cloned().unwrap_or_default());
    let weight = |slot: usize, axis: Option<usize>| {
        let (dims, values) = graph.floats(node.input.get(slot)?)?;
        let sound = !values.is_empty() && axis.is_none_or(|a| a < dims.len());
        sound.then(|| (slot, node.input[slot].clone(), axis))
    };
    let mut layer = Layer {
        name: node.name.clone(),
        op: node.op_type.clone(),
        activations: vec![operand(0)],
        weight: None,
        bias: None,
        output: node.output.first()?.clone(),
        quantize_output: true,
        moves: false,
    };
    match node.op_type.as_str() {
        "Conv" => layer.weight = Some(weight(1, Some(0))?),
        "Gemm" if constant(1) => {
            layer.weight = Some(weight(1, Some(usize::from(int(node, "transB", 0) == 0)))?);
        }
        "MatMul" if constant(1) => {
            let rank = graph.floats(&node.input[1])?.0.len();
            layer.weight = Some(weight(1, (rank == 2).then_some(1))?);
        }
        "MatMul" if !constant(0) => layer.activations.push(operand(1)),
        "Add" if !constant(0) && !constant(1) => layer.activations.push(operand(1)),
        "GlobalAveragePool" | "AveragePool" => {}
        "Concat" if (0..node.input.len()).all(|slot| given(slot) && !constant(slot)) => {
            layer.activations = (0..node.input.len()).map(operand).collect();
        }
        "MaxPool" if node.output.len() == 1 => layer.moves = true,
        "Flatten" | "Reshape" | "Transpose" | "Squeeze" | "Unsqueeze" if quantized.contains(&node.input[0]) => {
            layer.moves = true;
        }
        _ => return None,
    }
    if matches!(node.op_type.as_str(), "Conv" | "Gemm") && given(2) {
        let (_, tensor, axis) = layer.weight.as_ref()?;
        let channels = graph.floats(tensor)?.0[axis.unwrap_or(0)] as usize;
        if graph.floats(&node.input[2])?.1.len() != channels {
            return None;
        }
        layer.bias = Some(operand(2));
    }
    let sound = layer.activations.iter().all(|(_, t)| !t.is_empty() && !graph.constants.contains_key(t));
    sound.then_some(layer)
}

/// Follows a bias (behind a MatMul), then one ReLU or Clip, as long as nobody else reads the tensor between.
fn end_of_activation(graph: &Graph, consumers: &HashMap<String, Vec<usize>>, node: &NodeProto) -> String {
    let mut output = node.output[0].clone();
    let next = |tensor: &str| -> Option<&NodeProto> {
        match consumers.get(tensor).map(Vec::as_slice) {
            Some(&[one]) if !graph.is_output(tensor) => Some(&graph.nodes[one]),
            _ => None,
        }
    };
    if !matches!(node.op_type.as_str(), "Conv" | "Gemm" | "MatMul" | "Add") {
        return output;
    }
    if node.op_type == "MatMul"
        && let Some(add) = next(&output).filter(|n| n.op_type == "Add")
        && add.input.iter().any(|i| graph.floats(i).is_some_and(|(dims, _)| dims.len() <= 1))
    {
        output.clone_from(&add.output[0]);
    }
    match next(&output) {
        Some(relu) if relu.op_type == "Relu" || (relu.op_type == "Clip" && clip(graph, relu).is_some()) => {
            relu.output[0].clone()
        }
        _ => output,
    }
}

/// Bounds of a Clip whose bounds are constants.
pub fn clip(graph: &Graph, node: &NodeProto) -> Option<(f32, f32)> {
    let bound = |slot: usize, name: &str, open: f32| match node.input.get(slot).filter(|i| !i.is_empty()) {
        Some(input) => graph.floats(input).and_then(|(_, v)| v.first().copied()),
        None => Some(attribute(node, name).map_or(open, |a| a.f)),
    };
    Some((bound(1, "min", f32::NEG_INFINITY)?, bound(2, "max", f32::INFINITY)?))
}
