//! Walks a graph of QuantizeLinear and DequantizeLinear and writes it anew with our operators.
//!
//! A quantized tensor is written down only in the layout somebody reads: as ONNX has it ("plain"), or, for
//! pictures, with channels last. What DequantizeLinear makes is only remembered; it becomes a node where
//! somebody needs real numbers. So real numbers and changes of layout remain at the borders alone.

use super::constants::Constants;
use super::{Report, border, patterns};
use crate::model::onnx::graph::{Graph, attribute};
use crate::model::onnx::{DataType, NodeProto, TensorProto, build};
use crate::model::ops::int8::{Bounds, Params};
use std::collections::{HashMap, HashSet};

/// A quantized tensor, and under which names it is written so far.
#[derive(Debug, Clone)]
struct Stored {
    params: Params,
    rank: Option<usize>,
    /// The real tensor it is to be made of; `None` once an operator of ours gave it.
    real: Option<String>,
    plain: Option<String>,
    last: Option<String>,
}

/// A tensor of real numbers that stands for a quantized one.
#[derive(Debug, Clone)]
pub struct Operand {
    /// By which the quantized tensor is known here.
    pub steps: String,
    /// How it is meant; the same steps may be meant in two ways.
    pub params: Params,
    pub rank: Option<usize>,
    /// Whether it is at hand with channels last.
    pub last: bool,
}

/// What follows a node and can be done along with it.
#[derive(Debug, Clone)]
pub struct Tail {
    /// Bounds of the ReLU and Clip on the way, as real numbers.
    pub low: f32,
    pub high: f32,
    /// The parameters of the quantized tensor it ends in, if it does.
    pub made: Option<Params>,
    /// The tensor it ends in, quantized or real.
    pub output: String,
    covered: Vec<usize>,
}

impl Tail {
    /// The bounds as steps of `params`.
    pub fn bounds(&self, params: Params) -> Bounds {
        let step = |x: f32| ((x / params.scale).round_ties_even() + f32::from(params.zero)) as i8;
        (step(self.low), step(self.high))
    }
}

pub struct Rewriter<'g> {
    pub graph: &'g Graph,
    pub constants: Constants<'g>,
    consumers: HashMap<String, Vec<usize>>,
    names: HashSet<String>,
    nodes: Vec<NodeProto>,
    added: Vec<TensorProto>,
    steps: HashMap<String, Stored>,
    real: HashMap<String, (String, Params)>,
    /// Real tensors that are nodes' outputs by now.
    written: HashSet<String>,
    ranks: HashMap<String, usize>,
    done: HashSet<usize>,
    report: Report,
}

/// Rewrites what has an integer form; the rest stays as it is.
pub fn rewrite(graph: &Graph) -> (Graph, Report) {
    let graph = &without_constant_nodes(graph);
    let mut names: HashSet<String> = graph.constants.keys().cloned().collect();
    names.extend(graph.nodes.iter().flat_map(|n| n.output.iter().chain([&n.name])).cloned());
    names.insert(graph.input.clone());
    let mut rewriter = Rewriter {
        graph,
        constants: Constants::new(graph),
        consumers: graph.consumers(),
        names,
        nodes: Vec::new(),
        added: Vec::new(),
        steps: HashMap::new(),
        real: HashMap::new(),
        written: HashSet::new(),
        ranks: HashMap::from([(graph.input.clone(), graph.shape.len())]),
        done: HashSet::new(),
        report: Report::default(),
    };
    for at in 0..graph.nodes.len() {
        if !rewriter.done.contains(&at) {
            rewriter.node(at);
        }
    }
    for output in &graph.outputs {
        rewriter.write_real(output);
    }
    let mut made = graph.clone();
    made.nodes = rewriter.nodes;
    made.constants.extend(rewriter.added.into_iter().map(|t| (t.name.clone(), t)));
    made.sweep();
    (made, rewriter.report)
}

impl Rewriter<'_> {
    fn node(&mut self, at: usize) {
        let node = &self.graph.nodes[at];
        match node.op_type.as_str() {
            "QuantizeLinear" => {
                if let Some(params) = self.params(at) {
                    return self.begin(node, params);
                }
                let why = "its scale is not one constant number, or others than DequantizeLinear read it";
                self.report.float(node, why.into());
            }
            "DequantizeLinear" => {
                let steps = node.input.first().filter(|q| self.steps.contains_key(*q));
                if let (Some(steps), Some(params)) = (steps, self.constants.params(node)) {
                    self.real.insert(node.output[0].clone(), (steps.clone(), params));
                    return;
                }
            }
            _ => match patterns::rewrite(self, at) {
                Ok(()) => return,
                Err(why) => self.report.float(node, why),
            },
        }
        for input in &node.input {
            self.write_real(input);
        }
        if let (Some(rank), Some(output)) = (self.rank(node), node.output.first()) {
            self.ranks.insert(output.clone(), rank);
        }
        self.nodes.push(node.clone());
    }

    /// The parameters of a QuantizeLinear whose output is read by nothing but DequantizeLinear.
    fn params(&self, at: usize) -> Option<Params> {
        let node = &self.graph.nodes[at];
        let output = node.output.first()?;
        let readers = self.consumers.get(output)?;
        let first = |reader: &NodeProto| reader.input.first() == Some(output);
        let known = |at: &usize| {
            let reader = &self.graph.nodes[*at];
            reader.op_type == "DequantizeLinear" && first(reader) && self.constants.params(reader).is_some()
        };
        let sound = node.output.len() == 1 && !self.graph.is_output(output) && readers.iter().all(known);
        sound.then(|| self.constants.params(node)).flatten()
    }

    /// A quantized tensor begins here, out of real numbers or out of one that has other steps.
    fn begin(&mut self, node: &NodeProto, params: Params) {
        let (from, to) = (&node.input[0], node.output[0].clone());
        match self.operand(from) {
            Some(given) if given.params == params => {
                let stored = self.steps[&given.steps].clone();
                self.steps.insert(to, stored);
            }
            Some(given) => patterns::requantize(self, &node.name, &given, &to, params, (i8::MIN, i8::MAX)),
            None => {
                let rank = self.ranks.get(from).copied();
                let stored = Stored { params, rank, real: Some(from.clone()), plain: None, last: None };
                self.steps.insert(to, stored);
            }
        }
    }

    /// The quantized tensor a real one stands for.
    pub fn operand(&self, real: &str) -> Option<Operand> {
        let (steps, params) = self.real.get(real)?;
        let stored = &self.steps[steps];
        let last = stored.last.is_some() || (stored.real.is_some() && stored.plain.is_none() && stored.rank == Some(4));
        Some(Operand { steps: steps.clone(), params: *params, rank: stored.rank, last })
    }

    /// Follows ReLU and Clip up to the next QuantizeLinear, as long as nobody else reads what lies between.
    pub fn tail(&self, tensor: &str) -> Tail {
        let (low, high) = (f32::NEG_INFINITY, f32::INFINITY);
        let mut tail = Tail { low, high, made: None, output: tensor.into(), covered: Vec::new() };
        while let Some(at) = self.only_reader(&tail.output) {
            let node = &self.graph.nodes[at];
            let within = match node.op_type.as_str() {
                "Relu" => (0.0, f32::INFINITY),
                "Clip" if node.input.first() == Some(&tail.output) => match self.constants.clip(node) {
                    Some(bounds) => bounds,
                    None => break,
                },
                "QuantizeLinear" if node.input.first() == Some(&tail.output) => {
                    if let Some(params) = self.params(at) {
                        tail.made = Some(params);
                        tail.output.clone_from(&node.output[0]);
                        tail.covered.push(at);
                    }
                    break;
                }
                _ => break,
            };
            let Some(output) = node.output.first() else { break };
            tail.low = tail.low.max(within.0).min(within.1);
            tail.high = tail.high.max(within.0).min(within.1);
            tail.output.clone_from(output);
            tail.covered.push(at);
        }
        tail
    }

    /// The one node that reads a tensor which is no output of the model.
    pub fn only_reader(&self, tensor: &str) -> Option<usize> {
        match self.consumers.get(tensor).map(Vec::as_slice) {
            Some(&[one]) if !self.graph.is_output(tensor) && !self.done.contains(&one) => Some(one),
            _ => None,
        }
    }

    /// A name nothing has yet.
    pub fn fresh(&mut self, like: &str) -> String {
        let mut names = (0..).map(|i| if i == 0 { format!("{like}/int8") } else { format!("{like}/int8.{i}") });
        let name = names.find(|n| !self.names.contains(n)).unwrap_or_default();
        self.names.insert(name.clone());
        name
    }

    pub fn push(&mut self, node: NodeProto) {
        self.nodes.push(node);
    }

    pub fn add_constant(&mut self, t: TensorProto) {
        self.added.push(t);
    }

    /// Node `at` ran as integers, with everything in its tail.
    pub fn finish(&mut self, at: usize, tail: Option<&Tail>) {
        let node = &self.graph.nodes[at];
        let covered = tail.map_or(&[][..], |t| &t.covered);
        let along = covered.iter().map(|i| &self.graph.nodes[*i]).filter(|n| n.op_type != "QuantizeLinear");
        self.report.integer(node, along.map(|n| n.op_type.clone()).collect());
        self.done.extend(covered);
    }

    /// A quantized tensor of ours, written under `name`, with channels last or plain.
    pub fn store(&mut self, steps: &str, params: Params, rank: Option<usize>, name: &str, last: bool) {
        let (plain, turned) = if last { (None, Some(name.to_owned())) } else { (Some(name.to_owned()), None) };
        self.steps.insert(steps.into(), Stored { params, rank, real: None, plain, last: turned });
    }

    /// Lets the real tensor `real` stand for a quantized one.
    pub fn alias(&mut self, real: &str, steps: &str, params: Params) {
        self.real.insert(real.into(), (steps.into(), params));
    }

    /// A real tensor that an operator of ours wrote.
    pub fn wrote_real(&mut self, tensor: &str, rank: Option<usize>) {
        self.written.insert(tensor.into());
        if let Some(rank) = rank {
            self.ranks.insert(tensor.into(), rank);
        }
    }

    /// Name of the quantized tensor as ONNX has it.
    pub fn plain(&mut self, steps: &str) -> String {
        self.written_as(steps, false)
    }

    /// Name of the quantized tensor, of four axes, with channels last.
    pub fn last(&mut self, steps: &str) -> String {
        self.written_as(steps, true)
    }

    fn written_as(&mut self, steps: &str, last: bool) -> String {
        let stored = self.steps[steps].clone();
        let (wanted, other) = if last { (&stored.last, &stored.plain) } else { (&stored.plain, &stored.last) };
        if let Some(name) = wanted {
            return name.clone();
        }
        let name = self.fresh(steps);
        match (&stored.real, other) {
            (Some(real), _) => {
                self.write_real(real);
                self.nodes.push(border::Quantize::node(&name, real, &name, stored.params, last));
            }
            (None, other) => {
                let perm = if last { [0, 2, 3, 1] } else { [0, 3, 1, 2] };
                let from = other.clone().unwrap_or_default();
                self.nodes.push(build::node("Transpose", &name, &[&from], &name, vec![build::ints("perm", &perm)]));
            }
        }
        if let Some(stored) = self.steps.get_mut(steps) {
            let place = if last { &mut stored.last } else { &mut stored.plain };
            *place = Some(name.clone());
        }
        name
    }

    /// Makes a node of a real tensor that so far only stands for a quantized one.
    fn write_real(&mut self, tensor: &str) {
        let Some((steps, params)) = self.real.get(tensor).cloned() else { return };
        if !self.written.insert(tensor.into()) {
            return;
        }
        let last = self.steps[&steps].last.is_some();
        let from = self.written_as(&steps, last);
        let name = self.fresh(tensor);
        self.nodes.push(border::Dequantize::node(&name, &from, tensor, params, last));
    }

    /// Number of axes of what a float node makes, where that is plain to see.
    fn rank(&self, node: &NodeProto) -> Option<usize> {
        let of = |at: usize| {
            let tensor = node.input.get(at)?;
            let known = self.ranks.get(tensor).copied();
            let constant = || self.graph.constants.get(tensor).map(|t| t.dims.len());
            known.or_else(constant).or_else(|| self.operand(tensor)?.rank)
        };
        match node.op_type.as_str() {
            "Conv" => self.constants.weight(node.input.get(1)?).map(|w| w.dims.len()).or_else(|| of(1)),
            "Add" | "Sub" | "Mul" | "Div" => Some(of(0)?.max(of(1)?)),
            "Gemm" | "Flatten" => Some(2),
            "MaxPool" | "AveragePool" | "GlobalAveragePool" | "BatchNormalization" | "Relu" | "Clip" | "Sigmoid"
            | "HardSigmoid" | "HardSwish" | "Tanh" | "LeakyRelu" | "Elu" | "Gelu" | "Erf" | "PRelu" | "Softmax"
            | "Transpose" | "LayerNormalization" | "Identity" => of(0),
            "Reshape" => Some(self.graph.integers(node.input.get(1)?)?.len()),
            _ => None,
        }
    }
}

/// Constants that are nodes become constants.
fn without_constant_nodes(graph: &Graph) -> Graph {
    let mut graph = graph.clone();
    let (constants, nodes): (Vec<NodeProto>, Vec<NodeProto>) =
        std::mem::take(&mut graph.nodes).into_iter().partition(|node| {
            let value = attribute(node, "value").and_then(|a| a.t.as_ref());
            node.op_type == "Constant" && node.output.len() == 1 && value.is_some()
        });
    graph.nodes = nodes;
    for node in constants {
        let value = attribute(&node, "value").and_then(|a| a.t.clone());
        graph
            .constants
            .extend(value.map(|t| (node.output[0].clone(), TensorProto { name: node.output[0].clone(), ..t })));
    }
    graph
}

/// Whether a node pads by itself, which nobody can know without the size of the picture.
pub fn pads_itself(node: &NodeProto) -> bool {
    attribute(node, "auto_pad").is_some_and(|a| !matches!(a.s.as_slice(), b"" | b"NOTSET"))
}

/// What eight-bit numbers of a file are here, and their zero: unsigned ones lie 128 lower.
pub fn signed(kind: i32) -> Option<i64> {
    match DataType::try_from(kind) {
        Ok(DataType::Uint8) => Some(-128),
        Ok(DataType::Int8) => Some(0),
        _ => None,
    }
}
