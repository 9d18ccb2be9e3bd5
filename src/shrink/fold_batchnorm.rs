//! BatchNormalization after a convolution or Gemm becomes part of its weights and bias;
//! a Gemm's alpha and beta become part of its constants.
//!
//! y = g (Wx + b - m) / sqrt(v + e) + h, per output channel (Ioffe & Szegedy 2015; folded as in
//! Jacob et al. 2018, section 3.2).

use super::graph::{Graph, attribute, int};
use std::collections::BTreeSet;

/// Folds every normalisation it can; the others stay float. Returns how many it folded.
pub fn fold(graph: &mut Graph) -> usize {
    let (producers, consumers) = (graph.producers(), graph.consumers());
    let mut gone = BTreeSet::new();
    for at in 0..graph.nodes.len() {
        if graph.nodes[at].op_type != "BatchNormalization" || int(&graph.nodes[at], "training_mode", 0) != 0 {
            continue;
        }
        let Some(&before) = graph.nodes[at].input.first().and_then(|input| producers.get(input)) else { continue };
        let made = graph.nodes[before].output[0].clone();
        let alone = consumers.get(&made).is_some_and(|c| c.len() == 1) && !graph.is_output(&made);
        if alone && fold_one(graph, before, at).is_some() {
            let output = graph.nodes[at].output[0].clone();
            graph.nodes[before].output[0] = output;
            gone.insert(at);
        }
    }
    graph.remove(&gone);
    graph.sweep();
    gone.len()
}

fn fold_one(graph: &mut Graph, layer: usize, norm: usize) -> Option<()> {
    let node = graph.nodes[norm].clone();
    let vector = |slot: usize| graph.floats(node.input.get(slot)?).map(|(_, values)| values);
    let (scale, shift, mean, variance) = (vector(1)?, vector(2)?, vector(3)?, vector(4)?);
    let epsilon = attribute(&node, "epsilon").map_or(1e-5, |a| a.f);
    let target = graph.nodes[layer].clone();
    let axis = match target.op_type.as_str() {
        "Conv" => 0,
        "Gemm" => usize::from(int(&target, "transB", 0) == 0),
        _ => return None,
    };
    let (dims, mut weights) = graph.floats(target.input.get(1)?)?;
    let channels = *dims.get(axis)? as usize;
    let lengths = [&scale, &shift, &mean, &variance].map(Vec::len);
    if lengths != [channels; 4] || variance.iter().any(|v| v + epsilon <= 0.0) {
        return None;
    }
    let bias = match target.input.get(2).filter(|b| !b.is_empty()) {
        Some(name) => graph.floats(name)?.1,
        None => vec![0.0; channels],
    };
    if bias.len() != channels {
        return None;
    }
    let factor: Vec<f32> = scale.iter().zip(&variance).map(|(g, v)| g / (v + epsilon).sqrt()).collect();
    let inner: usize = dims[axis + 1..].iter().product::<i64>() as usize;
    for (at, w) in weights.iter_mut().enumerate() {
        *w *= factor[at / inner % channels];
    }
    let bias: Vec<f32> = (0..channels).map(|c| (bias[c] - mean[c]) * factor[c] + shift[c]).collect();
    replace(graph, layer, &dims, &weights, &bias);
    Some(())
}

/// Gives a layer constants of its own (the old ones may be shared).
pub fn replace(graph: &mut Graph, layer: usize, dims: &[i64], weights: &[f32], bias: &[f32]) {
    let name = graph.nodes[layer].name.clone();
    let weights = graph.add_floats(&format!("{name}.weight"), dims, weights);
    let bias = graph.add_floats(&format!("{name}.bias"), &[bias.len() as i64], bias);
    let inputs = &mut graph.nodes[layer].input;
    inputs.resize(3, String::new());
    inputs[1] = weights;
    inputs[2] = bias;
}

/// Multiplies a Gemm's alpha into its weights and beta into its bias, and widens the bias to one
/// number a column, where both are constants.
pub fn fold_gemm(graph: &mut Graph) {
    for at in 0..graph.nodes.len() {
        let node = graph.nodes[at].clone();
        if node.op_type != "Gemm" {
            continue;
        }
        let get = |name| attribute(&node, name).map_or(1.0, |a| a.f);
        let (alpha, beta) = (get("alpha"), get("beta"));
        let Some((dims, mut weights)) = node.input.get(1).and_then(|w| graph.floats(w)) else { continue };
        let &[rows, columns] = dims.as_slice() else { continue };
        let width = if int(&node, "transB", 0) == 0 { columns } else { rows } as usize;
        let bias = match node.input.get(2).filter(|b| !b.is_empty()) {
            Some(name) => graph.floats(name).map(|(_, b)| b),
            None => Some(vec![0.0; width]),
        };
        let Some(mut bias) = bias else { continue };
        if bias.len() == 1 {
            bias = vec![bias[0]; width];
        }
        if bias.len() != width {
            continue;
        }
        weights.iter_mut().for_each(|w| *w *= alpha);
        bias.iter_mut().for_each(|b| *b *= beta);
        graph.nodes[at].attribute.retain(|a| a.name != "alpha" && a.name != "beta");
        replace(graph, at, &dims, &weights, &bias);
    }
    graph.sweep();
}
