//! A graph that passes can change: sorted nodes, constants by name, one float input.

use crate::model::onnx::{
    AttributeProto, DataType, ModelProto, NodeProto, OperatorSetIdProto, Refusal, TensorProto, build, check, tensor,
    tensor_shape_proto::dimension::Value, type_proto,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Nodes in an order in which each finds its inputs made; every node has a name of its own.
#[derive(Debug, Clone)]
pub struct Graph {
    /// Everything of the file but nodes, initializers and value infos.
    rest: ModelProto,
    pub nodes: Vec<NodeProto>,
    pub constants: BTreeMap<String, TensorProto>,
    /// Name of the one input.
    pub input: String,
    /// Its shape, an open batch being 1.
    pub shape: Vec<usize>,
    pub outputs: Vec<String>,
}

impl Graph {
    /// Takes a checked model apart.
    ///
    /// # Errors
    /// A cycle, a tensor nobody makes or two make, several inputs, an input that is not
    /// float32 or has open dimensions beyond the batch.
    pub fn new(mut model: ModelProto) -> Result<Self, Refusal> {
        let graph = model.graph.as_mut().ok_or(Refusal::NoGraph)?;
        let mut constants = BTreeMap::new();
        for t in std::mem::take(&mut graph.initializer) {
            if let Some(twice) = constants.insert(t.name.clone(), t) {
                return Err(Refusal::Twice(twice.name));
            }
        }
        graph.value_info.clear();
        graph.quantization_annotation.clear();
        graph.input.retain(|i| !constants.contains_key(&i.name));
        if graph.input.len() != 1 {
            return Err(Refusal::Inputs(graph.input.iter().map(|i| i.name.clone()).collect()));
        }
        let (input, shape) = (graph.input[0].name.clone(), input_shape(&graph.input[0])?);
        let outputs = graph.output.iter().map(|o| o.name.clone()).collect();
        let mut nodes = std::mem::take(&mut graph.node);
        name_all(&mut nodes);
        let mut graph = Self { rest: model, nodes, constants, input, shape, outputs };
        graph.sort()?;
        Ok(graph)
    }

    /// The file again.
    pub fn to_model(&self) -> ModelProto {
        let mut model = self.rest.clone();
        // Opset 13 belongs to IR 7, which also lets initializers stand without being inputs.
        model.ir_version = model.ir_version.max(7);
        if let Some(graph) = model.graph.as_mut() {
            graph.node.clone_from(&self.nodes);
            graph.initializer = self.constants.values().cloned().collect();
        }
        model
    }

    /// Version of the standard operator set.
    pub fn opset(&self) -> i64 {
        self.rest
            .opset_import
            .iter()
            .filter(|o| o.domain.is_empty() || o.domain == "ai.onnx")
            .map(|o| o.version)
            .max()
            .unwrap_or(0)
    }

    pub fn set_opset(&mut self, version: i64) {
        self.rest.opset_import.retain(|o| !(o.domain.is_empty() || o.domain == "ai.onnx"));
        self.rest.opset_import.push(OperatorSetIdProto { domain: String::new(), version });
    }

    /// Says who made the file.
    pub fn set_producer(&mut self, doc: &str) {
        self.rest.producer_name = "Fieldtest".into();
        self.rest.producer_version = env!("CARGO_PKG_VERSION").into();
        self.rest.doc_string = doc.into();
    }

    /// Which node makes a tensor.
    pub fn producers(&self) -> HashMap<String, usize> {
        let made = |(at, node): (usize, &NodeProto)| {
            node.output.iter().filter(|o| !o.is_empty()).map(move |o| (o.clone(), at)).collect::<Vec<_>>()
        };
        self.nodes.iter().enumerate().flat_map(made).collect()
    }

    /// Which nodes read a tensor, in order; a node that reads it twice is there twice.
    pub fn consumers(&self) -> HashMap<String, Vec<usize>> {
        let mut map: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, node) in self.nodes.iter().enumerate() {
            for input in node.input.iter().filter(|i| !i.is_empty()) {
                map.entry(input.clone()).or_default().push(at);
            }
        }
        map
    }

    pub fn is_output(&self, tensor: &str) -> bool {
        self.outputs.iter().any(|o| o == tensor)
    }

    /// A constant of real numbers: shape and values. `None` for anything else.
    pub fn floats(&self, name: &str) -> Option<(Vec<i64>, Vec<f32>)> {
        let t = self.constants.get(name)?;
        Some((t.dims.clone(), tensor::floats(t).ok()?))
    }

    /// A constant of integers.
    pub fn integers(&self, name: &str) -> Option<Vec<i64>> {
        tensor::integers(self.constants.get(name)?).ok()
    }

    /// Adds a float constant under a name not used yet, which it returns.
    pub fn add_floats(&mut self, like: &str, dims: &[i64], values: &[f32]) -> String {
        let name = self.fresh(like);
        self.constants.insert(name.clone(), build::floats(&name, dims, values));
        name
    }

    /// Adds an int64 list under a name not used yet, which it returns.
    pub fn add_integers(&mut self, like: &str, values: &[i64]) -> String {
        let name = self.fresh(like);
        self.constants.insert(name.clone(), build::int64s(&name, &[values.len() as i64], values));
        name
    }

    /// `like`, or `like.1`, `like.2` ... where it is taken by a constant.
    pub fn fresh(&self, like: &str) -> String {
        let free = |name: &str| !self.constants.contains_key(name);
        if free(like) {
            return like.into();
        }
        (1..).map(|i| format!("{like}.{i}")).find(|n| free(n)).unwrap_or_default()
    }

    /// Lets every reader of `from` read `to` instead.
    pub fn rewire(&mut self, from: &str, to: &str) {
        for input in self.nodes.iter_mut().flat_map(|n| &mut n.input).filter(|i| *i == from) {
            to.clone_into(input);
        }
    }

    /// Drops the nodes at these places.
    pub fn remove(&mut self, places: &BTreeSet<usize>) {
        let mut at = 0;
        self.nodes.retain(|_| {
            at += 1;
            !places.contains(&(at - 1))
        });
    }

    /// Puts nodes in front of all others, and behind those of the names in `behind`.
    pub fn insert(&mut self, mut first: Vec<NodeProto>, mut behind: HashMap<String, Vec<NodeProto>>) {
        for node in std::mem::take(&mut self.nodes) {
            let more = behind.remove(&node.name);
            first.push(node);
            first.extend(more.into_iter().flatten());
        }
        self.nodes = first;
    }

    /// Drops nodes and constants that no output needs.
    pub fn sweep(&mut self) {
        let mut needed: HashSet<String> = self.outputs.iter().cloned().collect();
        let mut dead = BTreeSet::new();
        for (at, node) in self.nodes.iter().enumerate().rev() {
            if node.output.iter().any(|o| needed.contains(o)) {
                needed.extend(node.input.iter().cloned());
            } else {
                dead.insert(at);
            }
        }
        self.remove(&dead);
        self.constants.retain(|name, _| needed.contains(name));
    }

    /// Brings the nodes into an order of computation, as near to the present one as possible.
    ///
    /// # Errors
    /// [`Refusal::Cycle`], [`Refusal::Missing`], [`Refusal::Twice`].
    pub fn sort(&mut self) -> Result<(), Refusal> {
        let mut maker: HashMap<&str, usize> = HashMap::new();
        for (at, node) in self.nodes.iter().enumerate() {
            for output in node.output.iter().filter(|o| !o.is_empty()) {
                let known = output == &self.input || self.constants.contains_key(output);
                if maker.insert(output, at).is_some() || known {
                    return Err(Refusal::Twice(output.clone()));
                }
            }
        }
        let (mut waits, mut readers) = (vec![0usize; self.nodes.len()], vec![Vec::new(); self.nodes.len()]);
        for (at, node) in self.nodes.iter().enumerate() {
            for input in node.input.iter().filter(|i| !i.is_empty()) {
                if let Some(&made) = maker.get(input.as_str()) {
                    waits[at] += 1;
                    readers[made].push(at);
                } else if input != &self.input && !self.constants.contains_key(input) {
                    return Err(Refusal::Missing(node.name.clone(), input.clone()));
                }
            }
        }
        for output in &self.outputs {
            let made = maker.contains_key(output.as_str()) || self.constants.contains_key(output);
            if !made && output != &self.input {
                return Err(Refusal::Missing("the model's output".into(), output.clone()));
            }
        }
        let mut ready: BTreeSet<usize> = (0..waits.len()).filter(|&at| waits[at] == 0).collect();
        let mut order = Vec::with_capacity(waits.len());
        while let Some(at) = ready.pop_first() {
            order.push(at);
            for &reader in &readers[at] {
                waits[reader] -= 1;
                if waits[reader] == 0 {
                    ready.insert(reader);
                }
            }
        }
        if let Some(stuck) = waits.iter().position(|w| *w > 0) {
            return Err(Refusal::Cycle(self.nodes[stuck].name.clone()));
        }
        let mut nodes: Vec<Option<NodeProto>> = std::mem::take(&mut self.nodes).into_iter().map(Some).collect();
        self.nodes = order.into_iter().filter_map(|at| nodes[at].take()).collect();
        Ok(())
    }
}

/// The attribute of this name.
pub fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
    node.attribute.iter().find(|a| a.name == name)
}

/// An integer attribute or its default.
pub fn int(node: &NodeProto, name: &str, default: i64) -> i64 {
    attribute(node, name).map_or(default, |a| a.i)
}

fn name_all(nodes: &mut [NodeProto]) {
    let mut used = HashSet::new();
    for (at, node) in nodes.iter_mut().enumerate() {
        let base = check::name(node, at);
        let name = if used.contains(&base) { format!("{base} #{at}") } else { base };
        used.insert(name.clone());
        node.name = name;
    }
}

fn input_shape(input: &crate::model::onnx::ValueInfoProto) -> Result<Vec<usize>, Refusal> {
    let Some(type_proto::Value::TensorType(kind)) = input.r#type.as_ref().and_then(|t| t.value.as_ref()) else {
        return Err(Refusal::Type(input.name.clone(), "no tensor".into()));
    };
    if kind.elem_type != DataType::Float as i32 {
        let name = DataType::try_from(kind.elem_type).map_or("unknown", |k| k.as_str_name());
        return Err(Refusal::Type(input.name.clone(), format!("{name} (the input must be FLOAT)")));
    }
    let dims = kind.shape.as_ref().map_or(&[][..], |s| &s.dim);
    let open = || {
        let said = dims.iter().take(8).map(|d| match &d.value {
            Some(Value::DimValue(v)) => v.to_string(),
            Some(Value::DimParam(p)) => p.chars().take(20).collect(),
            None => "?".into(),
        });
        Refusal::DynamicShape(input.name.clone(), said.collect::<Vec<_>>().join(", "))
    };
    let mut shape = Vec::new();
    for (at, dim) in dims.iter().enumerate() {
        match &dim.value {
            Some(Value::DimValue(v)) if (1..=1 << 24).contains(v) => shape.push(*v as usize),
            Some(Value::DimValue(v)) if !(at == 0 && *v <= 0) => {
                return Err(Refusal::Dimensions(input.name.clone(), vec![*v]));
            }
            _ if at == 0 => shape.push(1),
            _ => return Err(open()),
        }
    }
    if shape.is_empty() {
        return Err(open());
    }
    let dims: Vec<i64> = shape.iter().map(|d| *d as i64).collect();
    tensor::elements(&input.name, &dims)?;
    Ok(shape)
}
