//! Which tensor inside a model is its embedding?
//!
//! An embedding is what stands before the last decision: the mean over the places of a picture (global average
//! pooling), or the input of the last matrix product. The model is run once on a grey picture, so shapes are
//! what they are and not what the file says.

use super::fit::{Fit, Layer};
use crate::model::onnx::graph::Graph;
use crate::model::onnx::{NodeProto, Refusal};
use crate::model::probe::Probe;
use std::collections::HashMap;

/// Most tensors looked at, from the output backwards.
const MOST: usize = 48;
/// Lengths an embedding may have.
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=8192;

/// The tensors that could be the embedding, those nearest to the output first, and the place of the one to
/// take if nobody knows better.
///
/// # Errors
/// The model cannot be run, or nothing in it is an embedding: its numbers are too few or too many.
pub fn layers(graph: &Graph, fit: &Fit) -> Result<(Vec<Layer>, usize), Refusal> {
    let shapes = shapes(graph, fit)?;
    let makers = graph.producers();
    let maker = |tensor: &str| makers.get(tensor).map(|at| &graph.nodes[*at]);
    let mut found: Vec<Layer> = Vec::new();
    for node in graph.nodes.iter().rev() {
        let Some((tensor, shape)) = node.output.first().and_then(|o| shapes.get_key_value(o)) else { continue };
        let Some(length) = length(shape) else { continue };
        let map = map(tensor, shape, &shapes, &maker);
        let grid = map.as_ref().and_then(|m| shapes.get(m)).map_or((1, 1), |s| (s[2], s[3]));
        found.push(Layer {
            tensor: tensor.clone(),
            operator: node.op_type.clone(),
            shape: shape.clone(),
            length,
            map,
            grid,
        });
    }
    if found.is_empty() {
        let (low, high) = (LENGTHS.start(), LENGTHS.end());
        return Err(Refusal::Asked(format!(
            "No tensor near the output could serve as an embedding: one row of {low} to {high} numbers is needed."
        )));
    }
    let guess = guess(graph, &found);
    Ok((found, guess))
}

/// Shapes of the tensors near the outputs, on one picture.
fn shapes(graph: &Graph, fit: &Fit) -> Result<HashMap<String, Vec<usize>>, Refusal> {
    let mut graph = graph.clone();
    let near = graph.nodes.iter().rev().filter_map(|n| n.output.first()).filter(|o| !o.is_empty());
    let near: Vec<String> = near.take(MOST).cloned().collect();
    let grey = vec![127.0; 3 * fit.width * fit.height];
    let run = |graph: &Graph, outputs: &[String]| -> Result<HashMap<String, Vec<usize>>, Refusal> {
        let probe = Probe::new(&graph.to_model(), &fit.shape(), outputs)?;
        let mut shapes = HashMap::new();
        probe.run(&fit.input(&grey), |at, shape, _| drop(shapes.insert(outputs[at].clone(), shape.to_vec())))?;
        Ok(shapes)
    };
    let asked = graph.outputs.clone();
    graph.outputs.extend(near.iter().filter(|n| !asked.contains(n)).cloned().collect::<Vec<_>>());
    match run(&graph, &near) {
        Ok(shapes) => Ok(shapes),
        // Some are integers that describe shapes: the runtime may not give them. The outputs will do.
        Err(_) => {
            graph.outputs.clone_from(&asked);
            run(&graph, &asked)
        }
    }
}

/// Numbers of the embedding a tensor would make.
fn length(shape: &[usize]) -> Option<usize> {
    let length = match *shape {
        [1, n] | [1, n, _, _] => n,
        [1, _, n] => n,
        _ => return None,
    };
    (LENGTHS.contains(&length) && !shape.contains(&0)).then_some(length)
}

/// The tensor `[1, length, h, w]` whose mean over the places is this one: where there is one, class activation
/// can be drawn.
fn map<'g>(
    tensor: &str,
    shape: &[usize],
    shapes: &HashMap<String, Vec<usize>>,
    maker: &impl Fn(&str) -> Option<&'g NodeProto>,
) -> Option<String> {
    if matches!(shape, [_, _, h, w] if h * w > 1) {
        return Some(tensor.to_owned());
    }
    let length = length(shape)?;
    let mut at = tensor.to_owned();
    // What changes the shape alone is looked through.
    for _ in 0..6 {
        let node = maker(&at)?;
        let before = node.input.first()?;
        match node.op_type.as_str() {
            "Flatten" | "Reshape" | "Squeeze" | "Identity" | "Dropout" => before.clone_into(&mut at),
            "GlobalAveragePool" | "AveragePool" | "ReduceMean" => {
                let fits = matches!(shapes.get(before)?.as_slice(), [1, n, h, w] if *n == length && h * w > 1);
                let whole = matches!(shapes.get(&at)?.as_slice(), [1, _] | [1, _, 1, 1]);
                return (fits && whole).then(|| before.clone());
            }
            _ => return None,
        }
    }
    None
}

/// The pooled features if there are any, else the input of the last matrix product, else the last tensor.
fn guess(graph: &Graph, found: &[Layer]) -> usize {
    let pooled = |l: &Layer| l.map.is_some() && l.map.as_deref() != Some(l.tensor.as_str());
    if let Some(at) = found.iter().position(pooled) {
        return at;
    }
    let product = graph.nodes.iter().rev().find(|n| ["Gemm", "MatMul"].contains(&n.op_type.as_str()));
    let before = product.and_then(|n| n.input.first());
    before.and_then(|b| found.iter().position(|l| l.tensor == *b)).unwrap_or(0)
}
