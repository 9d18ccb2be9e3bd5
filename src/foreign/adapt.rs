//! A model of anyone's becomes a backbone with the contract of ours: input `image` `[N, 3, side, side]`, RGB
//! 0..255, with order and normalisation inside; outputs `embedding` and `features`.
//!
//! So nothing behind it has to know whose backbone it is: heads, class activation, the field, quantization and
//! the download work on the file that is made here.

use super::fit::{Fit, Layer};
use super::{inspect, layers};
use crate::model::onnx::graph::Graph;
use crate::model::onnx::{self, DataType, Message, ModelProto, NodeProto, Refusal, TensorProto, build};

/// Sides a backbone's input may have.
pub const SIDES: std::ops::RangeInclusive<usize> = 8..=512;
/// Names of the contract.
const CONTRACT: [&str; 3] = ["image", "embedding", "features"];

/// Reads a file whose input gets the size of `fit`.
///
/// # Errors
/// It cannot be read, or the input is no square of a size that backbones may have.
pub fn open(file: &[u8], fit: &Fit) -> Result<Graph, Refusal> {
    if fit.width != fit.height || !SIDES.contains(&fit.width) {
        let (low, high) = (SIDES.start(), SIDES.end());
        return Err(Refusal::Asked(format!(
            "A backbone takes square pictures of {low} to {high} pixels; this one takes {} by {}.",
            fit.width, fit.height
        )));
    }
    Graph::new(onnx::read(&inspect::fixed(file, fit)?)?)
}

/// Writes the backbone. `tensor` is one of [`layers::layers`].
///
/// # Errors
/// As [`open`] and [`layers::layers`]; there is no such tensor.
pub fn adapt(file: &[u8], fit: &Fit, tensor: &str) -> Result<Vec<u8>, Refusal> {
    let mut graph = open(file, fit)?;
    let (found, _) = layers::layers(&graph, fit)?;
    let missing =
        || Refusal::Asked(format!("The model has no tensor \u{201c}{tensor}\u{201d} that could be an embedding."));
    let layer = found.into_iter().find(|l| l.tensor == tensor).ok_or_else(missing)?;
    graph.outputs = std::iter::once(&layer.tensor).chain(&layer.map).cloned().collect();
    graph.sweep();
    let mut model = graph.to_model();
    let inner = |name: &str| format!("brought.{name}");
    rename(&mut model, &inner);
    let before = enter(fit, &inner(&graph.input));
    let after = leave(&layer, &inner);
    let graph = model.graph.as_mut().ok_or(Refusal::NoGraph)?;
    let nodes = std::mem::take(&mut graph.node);
    graph.node = before.0.into_iter().chain(nodes).chain(after.0).collect();
    graph.initializer.extend(before.1.into_iter().chain(after.1));
    let side = Some(fit.width as i64);
    let (length, (h, w)) = (Some(layer.length as i64), layer.grid);
    graph.input = vec![build::value("image", DataType::Float, &[None, Some(3), side, side])];
    graph.output = vec![
        build::value("embedding", DataType::Float, &[None, length]),
        build::value("features", DataType::Float, &[None, length, Some(h as i64), Some(w as i64)]),
    ];
    Ok(model.encode_to_vec())
}

/// Gives every name a prefix, so that none can be one of ours.
fn rename(model: &mut ModelProto, inner: &impl Fn(&str) -> String) {
    let Some(graph) = model.graph.as_mut() else { return };
    let names = graph.node.iter_mut().flat_map(|n| n.input.iter_mut().chain(&mut n.output).chain([&mut n.name]));
    let names = names.chain(graph.initializer.iter_mut().map(|t| &mut t.name));
    names.filter(|name| !name.is_empty()).for_each(|name| *name = inner(name));
}

type Parts = (Vec<NodeProto>, Vec<TensorProto>);

/// From `image` to the tensor `to` that the model takes.
fn enter(fit: &Fit, to: &str) -> Parts {
    let (mut nodes, mut constants) = (Vec::new(), Vec::new());
    let mut at = CONTRACT[0].to_owned();
    let mut then = |op: &str, constant: Option<TensorProto>, attributes| {
        let made = format!("fit.{}", op.to_lowercase());
        let given: Vec<&str> = std::iter::once(at.as_str()).chain(constant.as_ref().map(|c| c.name.as_str())).collect();
        nodes.push(build::node(op, &made, &given, &made, attributes));
        constants.extend(constant);
        at = made;
    };
    let order = if fit.bgr { [2, 1, 0] } else { [0, 1, 2] };
    if fit.bgr {
        then("Gather", Some(build::int64s("fit.order", &[3], &order.map(|c| c as i64))), vec![build::int("axis", 1)]);
    }
    // Each normalisation is a line: what 0 becomes, and how much a step of 1 adds.
    let offset = order.map(|c| fit.pixels.scale(0.0, c));
    let slope = order.map(|c| fit.pixels.scale(255.0, c) / 255.0 - fit.pixels.scale(0.0, c) / 255.0);
    if slope != [1.0; 3] {
        then("Mul", Some(build::floats("fit.slope", &[1, 3, 1, 1], &slope)), vec![]);
    }
    if offset != [0.0; 3] {
        then("Add", Some(build::floats("fit.offset", &[1, 3, 1, 1], &offset)), vec![]);
    }
    if fit.channels_last {
        then("Transpose", None, vec![build::ints("perm", &[0, 2, 3, 1])]);
    }
    nodes.push(build::node("Identity", "fit.done", &[&at], to, vec![]));
    (nodes, constants)
}

/// From the layer to `embedding` and `features`.
fn leave(layer: &Layer, inner: &impl Fn(&str) -> String) -> Parts {
    let (tensor, length) = (inner(&layer.tensor), layer.length as i64);
    let shape = |name: &str, dims: &[i64]| build::int64s(name, &[dims.len() as i64], dims);
    let flat = || shape("fit.row", &[-1, length]);
    let mut constants = vec![flat()];
    let mut nodes = Vec::new();
    let mut node = |op: &str, given: &[&str], to: &str, attributes| {
        nodes.push(build::node(op, &format!("fit.{to}"), given, to, attributes));
    };
    match (&layer.map, layer.shape.as_slice()) {
        // The mean over the places is what the model makes itself, or what is made here.
        (Some(map), _) => {
            node("Identity", &[&inner(map)], "features", vec![]);
            if *map == layer.tensor {
                node("GlobalAveragePool", &["features"], "fit.mean", vec![]);
                node("Reshape", &["fit.mean", "fit.row"], "embedding", vec![]);
            } else {
                node("Reshape", &[&tensor, "fit.row"], "embedding", vec![]);
            }
        }
        // A row for each patch of the picture: their mean.
        (None, [_, patches, _]) => {
            constants.push(shape("fit.places", &[-1, length, *patches as i64, 1]));
            constants.push(shape("fit.map", &[-1, length, 1, 1]));
            node("Transpose", &[&tensor], "fit.columns", vec![build::ints("perm", &[0, 2, 1])]);
            node("Reshape", &["fit.columns", "fit.places"], "fit.patches", vec![]);
            node("GlobalAveragePool", &["fit.patches"], "fit.mean", vec![]);
            node("Reshape", &["fit.mean", "fit.map"], "features", vec![]);
            node("Reshape", &["fit.mean", "fit.row"], "embedding", vec![]);
        }
        (None, _) => {
            constants.push(shape("fit.map", &[-1, length, 1, 1]));
            node("Reshape", &[&tensor, "fit.row"], "embedding", vec![]);
            node("Reshape", &["embedding", "fit.map"], "features", vec![]);
        }
    }
    (nodes, constants)
}
