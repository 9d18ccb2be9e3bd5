//! Writes a plan as ONNX: standard QuantizeLinear / DequantizeLinear pairs, or the same
//! rounding simulated in float.
//!
//! An activation `t` becomes `t.float` -> QuantizeLinear -> `t.quantized` -> DequantizeLinear
//! -> `t`, so that every tensor keeps its name. Weights are int8 initializers behind
//! DequantizeLinear with the axis of their output channels; biases are int32 in units of input
//! scale times weight scale, which is what an integer accumulator adds.

use super::activation_fusion::Layer;
use super::graph::Graph;
use super::plan::Plan;
use super::scheme::QParams;
use crate::model::onnx::{NodeProto, TensorProto, build};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What the rounding is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// QuantizeLinear and DequantizeLinear, opset 13: for runtimes.
    Qdq,
    /// Div, Round, Clip, Mul on floats: the same numbers from any float runtime, for measuring.
    Simulated,
}

/// The model of a plan. With `only`, just the layers of these names are quantized.
pub fn write(plan: &Plan, style: Style, only: Option<&HashSet<String>>) -> Graph {
    let chosen: Vec<&Layer> = plan.layers.iter().filter(|l| only.is_none_or(|o| o.contains(&l.name))).collect();
    let mut writer = Writer { graph: plan.graph.clone(), style, after: HashMap::new(), first: Vec::new() };
    let mut tensors: BTreeMap<&str, QParams> = BTreeMap::new();
    for layer in &chosen {
        let output = layer.quantize_output.then_some(&layer.output);
        for tensor in layer.activations.iter().map(|(_, t)| t).chain(output) {
            if let Some(q) = plan.params.get(tensor) {
                tensors.insert(tensor, *q);
            }
        }
    }
    for (tensor, q) in tensors {
        writer.activation(tensor, q);
    }
    for layer in chosen {
        writer.constants(plan, layer);
    }
    writer.finish()
}

struct Writer {
    graph: Graph,
    style: Style,
    /// Nodes to put right behind the node of this name.
    after: HashMap<String, Vec<NodeProto>>,
    /// Nodes to put in front of all others.
    first: Vec<NodeProto>,
}

impl Writer {
    fn constant(&mut self, like: &str, make: impl FnOnce(&str) -> TensorProto) -> String {
        let name = self.graph.fresh(like);
        self.graph.constants.insert(name.clone(), make(&name));
        name
    }

    fn activation(&mut self, tensor: &str, q: QParams) {
        if tensor == self.graph.input {
            let (from, to) = (tensor.to_owned(), format!("{tensor}.dequantized"));
            self.graph.rewire(&from, &to);
            let nodes = self.pair(tensor, &from, &to, q);
            self.first.extend(nodes);
            return;
        }
        let Some(at) = self.graph.nodes.iter().position(|n| n.output.iter().any(|o| o == tensor)) else { return };
        let from = format!("{tensor}.float");
        self.graph.nodes[at].output.iter_mut().filter(|o| *o == tensor).for_each(|o| o.clone_from(&from));
        let producer = self.graph.nodes[at].name.clone();
        let nodes = self.pair(tensor, &from, tensor, q);
        self.after.entry(producer).or_default().extend(nodes);
    }

    /// The nodes that take `from` through eight bits to `to`.
    fn pair(&mut self, tensor: &str, from: &str, to: &str, q: QParams) -> Vec<NodeProto> {
        let scale = self.constant(&format!("{tensor}.scale"), |n| build::floats(n, &[], &[q.scale]));
        let name = |what: &str| format!("{tensor}.{what}");
        match self.style {
            Style::Qdq => {
                let zero = self.constant(&name("zero_point"), |n| {
                    if q.low < 0 {
                        build::signed_bytes(n, &[], &[q.zero_point as i8])
                    } else {
                        build::bytes(n, &[], &[q.zero_point as u8])
                    }
                });
                let quantized = name("quantized");
                vec![
                    build::node("QuantizeLinear", &name("quantize"), &[from, &scale, &zero], &quantized, vec![]),
                    build::node("DequantizeLinear", &name("dequantize"), &[&quantized, &scale, &zero], to, vec![]),
                ]
            }
            Style::Simulated => {
                // tract gives names like `pooled.div` to parts of its own: ours must not meet them.
                let name = |what: &str| format!("{tensor}.simulated.{what}");
                let bound = |at: i32| (at - q.zero_point) as f32;
                let low = self.constant(&name("low"), |n| build::floats(n, &[], &[bound(q.low)]));
                let high = self.constant(&name("high"), |n| build::floats(n, &[], &[bound(q.high)]));
                vec![
                    build::node("Div", &name("div"), &[from, &scale], &name("steps"), vec![]),
                    build::node("Round", &name("round"), &[&name("steps")], &name("whole"), vec![]),
                    build::node("Clip", &name("clip"), &[&name("whole"), &low, &high], &name("kept"), vec![]),
                    build::node("Mul", &name("mul"), &[&name("kept"), &scale], to, vec![]),
                ]
            }
        }
    }

    fn constants(&mut self, plan: &Plan, layer: &Layer) {
        let (Some(constants), Some((slot, _, _))) = (plan.constants(layer), &layer.weight) else { return };
        let Some(at) = self.graph.nodes.iter().position(|n| n.name == layer.name) else { return };
        let (w, name) = (&constants.weight, &layer.name);
        let weight = match self.style {
            Style::Simulated => self.graph.add_floats(&format!("{name}.weight.rounded"), &w.dims, &w.dequantize()),
            Style::Qdq => self.dequantized_weight(name, w),
        };
        self.graph.nodes[at].input[*slot] = weight;
        let Some(bias) = constants.bias else { return };
        let (scales, per_channel) = (&constants.bias_scales, w.axis.is_some());
        let length = [bias.len() as i64];
        let tensor = match self.style {
            Style::Simulated => {
                let real: Vec<f32> =
                    bias.iter().enumerate().map(|(c, b)| *b as f32 * scales[c % scales.len()]).collect();
                self.graph.add_floats(&format!("{name}.bias.rounded"), &length, &real)
            }
            Style::Qdq => {
                let whole = self.constant(&format!("{name}.bias.int32"), |n| build::int32s(n, &length, &bias));
                let dims = per_channel.then_some(scales.len() as i64);
                let scale = self.constant(&format!("{name}.bias.scale"), |n| build::floats(n, dims.as_slice(), scales));
                let zeros = vec![0; scales.len()];
                let zero =
                    self.constant(&format!("{name}.bias.zero_point"), |n| build::int32s(n, dims.as_slice(), &zeros));
                let to = format!("{name}.bias.dequantized");
                let attributes = if per_channel { vec![build::int("axis", 0)] } else { vec![] };
                self.first.push(build::node("DequantizeLinear", &to, &[&whole, &scale, &zero], &to, attributes));
                to
            }
        };
        let inputs = &mut self.graph.nodes[at].input;
        inputs.resize(inputs.len().max(3), String::new());
        inputs[2] = tensor;
    }

    fn dequantized_weight(&mut self, name: &str, w: &super::scheme::QWeights) -> String {
        let (node, to) = weight_node(&mut self.graph, name, w);
        self.first.push(node);
        to
    }

    fn finish(mut self) -> Graph {
        self.graph.insert(self.first, self.after);
        self.graph.sweep();
        self.graph
    }
}

/// Adds int8 weights with their scales and zero points to a graph; gives the DequantizeLinear
/// that expands them, and the name of the tensor it makes.
pub fn weight_node(graph: &mut Graph, name: &str, w: &super::scheme::QWeights) -> (NodeProto, String) {
    let mut constant = |like: String, make: &dyn Fn(&str) -> TensorProto| {
        let name = graph.fresh(&like);
        graph.constants.insert(name.clone(), make(&name));
        name
    };
    let dims = w.axis.map(|_| w.scales.len() as i64);
    let whole = constant(format!("{name}.weight.int8"), &|n| build::signed_bytes(n, &w.dims, &w.values));
    let scale = constant(format!("{name}.weight.scale"), &|n| build::floats(n, dims.as_slice(), &w.scales));
    let zeros = vec![0; w.scales.len()];
    let zero = constant(format!("{name}.weight.zero_point"), &|n| build::signed_bytes(n, dims.as_slice(), &zeros));
    let to = format!("{name}.weight.dequantized");
    let attributes = w.axis.map(|a| build::int("axis", a as i64)).into_iter().collect();
    (build::node("DequantizeLinear", &to, &[&whole, &scale, &zero], &to, attributes), to)
}
