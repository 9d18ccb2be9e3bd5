//! Constant folding: what does not depend on the input becomes an initializer.
//!
//! `Constant` nodes, `Cast` of half-precision weights to float, `Transpose` and `Reshape` of
//! weights, and the small integers of [`fold_shapes`]; `Identity` and `Dropout` (which at inference are
//! nothing) disappear. Nothing here makes
//! a constant larger than those the file already holds.

use super::fold_shapes;
use super::graph::{Graph, attribute, int};
use crate::model::onnx::{DataType, NodeProto, Refusal, TensorProto, build, tensor};
use std::collections::BTreeSet;

/// Folds until nothing is left to fold, then drops what no output needs.
///
/// # Errors
/// A constant whose data does not match its shape.
pub fn fold(graph: &mut Graph) -> Result<(), Refusal> {
    let mut gone = BTreeSet::new();
    for at in 0..graph.nodes.len() {
        let node = graph.nodes[at].clone();
        let Some(output) = node.output.first().filter(|o| !o.is_empty()).cloned() else { continue };
        if matches!(node.op_type.as_str(), "Identity" | "Dropout") {
            if skip(graph, &node, &output) {
                gone.insert(at);
            }
        } else if let Some(mut constant) = value(graph, &node)? {
            constant.name.clone_from(&output);
            if !graph.is_output(&output) {
                graph.constants.insert(output, constant);
                gone.insert(at);
            }
        }
    }
    graph.remove(&gone);
    graph.sweep();
    Ok(())
}

/// Lets the readers of a node that does nothing read its input. `false` where its output is
/// the model's.
fn skip(graph: &mut Graph, node: &NodeProto, output: &str) -> bool {
    let Some(input) = node.input.first().cloned() else { return false };
    let training = graph.integers(node.input.get(2).map_or("", |s| s)).is_some();
    let mask_read = node.output.get(1).is_some_and(|mask| graph.nodes.iter().any(|n| n.input.contains(mask)));
    if graph.is_output(output) || mask_read || training {
        return false;
    }
    graph.rewire(output, &input);
    true
}

fn value(graph: &Graph, node: &NodeProto) -> Result<Option<TensorProto>, Refusal> {
    Ok(real(graph, node)?.or_else(|| fold_shapes::value(graph, node)))
}

fn real(graph: &Graph, node: &NodeProto) -> Result<Option<TensorProto>, Refusal> {
    let first = node.input.first().map_or("", |s| s);
    Ok(match node.op_type.as_str() {
        "Constant" => constant(node)?,
        "Cast" if int(node, "to", 0) == DataType::Float as i64 => {
            graph.floats(first).map(|(dims, values)| build::floats("", &dims, &values))
        }
        "Transpose" => graph.floats(first).and_then(|(dims, values)| {
            let reversed: Vec<i64> = (0..dims.len() as i64).rev().collect();
            let order = attribute(node, "perm").map_or(reversed, |a| a.ints.clone());
            transposed(&dims, &values, &order)
        }),
        "Reshape" => {
            let target = node.input.get(1).and_then(|s| graph.integers(s));
            graph.floats(first).zip(target).and_then(|((dims, values), target)| {
                let plain = target.iter().all(|d| *d > 0) && tensor::elements("", &target).ok() == Some(values.len());
                (plain && !dims.is_empty()).then(|| build::floats("", &target, &values))
            })
        }
        _ => None,
    })
}

fn constant(node: &NodeProto) -> Result<Option<TensorProto>, Refusal> {
    let Some(a) = node.attribute.first() else {
        return Err(Refusal::Attribute(node.name.clone(), "value".into(), "is missing".into()));
    };
    Ok(match a.name.as_str() {
        "value" => match &a.t {
            Some(t) => {
                tensor::check(t)?;
                Some(t.clone())
            }
            None => return Err(Refusal::Attribute(node.name.clone(), "value".into(), "is empty".into())),
        },
        "value_float" => Some(build::floats("", &[], &[a.f])),
        "value_floats" => Some(build::floats("", &[a.floats.len() as i64], &a.floats)),
        "value_int" => Some(build::int64s("", &[], &[a.i])),
        "value_ints" => Some(build::int64s("", &[a.ints.len() as i64], &a.ints)),
        _ => None,
    })
}

fn transposed(dims: &[i64], values: &[f32], order: &[i64]) -> Option<TensorProto> {
    let rank = dims.len();
    let order: Vec<usize> = order.iter().map(|o| usize::try_from(*o).ok()).collect::<Option<_>>()?;
    if order.iter().copied().collect::<BTreeSet<_>>() != (0..rank).collect() || order.len() != rank {
        return None;
    }
    let mut strides = vec![1usize; rank];
    for at in (1..rank).rev() {
        strides[at - 1] = strides[at] * dims[at] as usize;
    }
    let shape: Vec<usize> = order.iter().map(|&o| dims[o] as usize).collect();
    let steps: Vec<usize> = order.iter().map(|&o| strides[o]).collect();
    let mut place = vec![0usize; rank];
    let mut out = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        out.push(values[place.iter().zip(&steps).map(|(p, s)| p * s).sum::<usize>()]);
        for at in (0..rank).rev() {
            place[at] += 1;
            if place[at] < shape[at] {
                break;
            }
            place[at] = 0;
        }
    }
    Some(build::floats("", &shape.iter().map(|d| *d as i64).collect::<Vec<_>>(), &out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposing_twice_changes_nothing() {
        let values: Vec<f32> = (0..24).map(|v| v as f32).collect();
        let once = transposed(&[2, 3, 4], &values, &[2, 0, 1]).unwrap();
        assert_eq!(once.dims, [4, 2, 3]);
        let numbers = tensor::floats(&once).unwrap();
        assert_eq!(&numbers[..4], [0.0, 4.0, 8.0, 12.0]);
        let back = transposed(&once.dims, &numbers, &[1, 2, 0]).unwrap();
        assert_eq!(tensor::floats(&back).unwrap(), values);
        assert!(transposed(&[2, 2], &[0.0; 4], &[0, 0]).is_none());
    }
}
