//! Small integer tensors that exporters compute in the graph although nothing in them depends on the input: where
//! to pad, what to reshape to. PyTorch, for one, writes eleven nodes in front of every `Pad`.
//!
//! At most [`MOST`] numbers a tensor, so nothing can grow; anything else is left as it was.

use super::graph::{Graph, attribute, int};
use crate::model::onnx::{DataType, NodeProto, TensorProto, build, tensor};

/// More than any list of dimensions, axes or pads holds.
const MOST: usize = 256;

/// Integers with their dimensions; `values.len()` is the product of `dims`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Integers {
    dims: Vec<i64>,
    values: Vec<i64>,
}

impl Integers {
    fn new(dims: Vec<i64>, values: Vec<i64>) -> Option<Self> {
        // Each dimension, too: beside one of 0, another may be of any size.
        let small = values.len() <= MOST && dims.iter().all(|d| *d <= MOST as i64);
        let fits = small && tensor::elements("", &dims).ok() == Some(values.len());
        fits.then_some(Self { dims, values })
    }

    /// An int64 constant of the graph.
    fn read(graph: &Graph, name: &str) -> Option<Self> {
        let t = graph.constants.get(name)?;
        let small = t.data_type == DataType::Int64 as i32 && tensor::elements("", &t.dims).ok()? <= MOST;
        Self::new(t.dims.clone(), small.then(|| tensor::integers(t).ok())??)
    }
}

/// What a node computes, where it computes a small int64 tensor from constants.
pub fn value(graph: &Graph, node: &NodeProto) -> Option<TensorProto> {
    let read = |slot: usize| Integers::read(graph, node.input.get(slot)?);
    let Integers { dims, values } = match node.op_type.as_str() {
        "ConstantOfShape" => filled(&read(0)?.values, node),
        "Cast" if int(node, "to", 0) == DataType::Int64 as i64 => read(0),
        "Concat" => joined(&(0..node.input.len()).map(read).collect::<Option<Vec<_>>>()?),
        "Reshape" => reshaped(read(0)?, &read(1)?.values),
        "Squeeze" | "Unsqueeze" => listed(read(0)?, &node.op_type),
        "Transpose" => turned(&read(0)?, attribute(node, "perm").map(|a| a.ints.as_slice())),
        "Gather" => gathered(&read(0)?, &read(1)?),
        "Slice" => {
            let one = |slot: usize, default: i64| match node.input.get(slot).filter(|name| !name.is_empty()) {
                None => Some(default),
                Some(_) => read(slot).and_then(|v| <[i64; 1]>::try_from(v.values).ok()).map(|[v]| v),
            };
            sliced(&read(0)?, one(1, 0)?, one(2, 0)?, one(3, 0)?, one(4, 1)?)
        }
        _ => None,
    }?;
    Some(build::int64s("", &dims, &values))
}

fn filled(dims: &[i64], node: &NodeProto) -> Option<Integers> {
    // Without the attribute it would be filled with floats.
    let fill = attribute(node, "value")?.t.as_ref().filter(|t| t.data_type == DataType::Int64 as i32)?;
    let &[fill] = tensor::integers(fill).ok()?.as_slice() else { return None };
    let count = tensor::elements("", dims).ok().filter(|count| *count <= MOST)?;
    Integers::new(dims.to_vec(), vec![fill; count])
}

/// Lists one after the other; of higher tensors nothing here needs a concatenation.
fn joined(parts: &[Integers]) -> Option<Integers> {
    let values: Vec<i64> =
        parts.iter().map(|p| (p.dims.len() == 1).then_some(p.values.as_slice())).collect::<Option<Vec<_>>>()?.concat();
    Integers::new(vec![values.len() as i64], values)
}

fn reshaped(of: Integers, target: &[i64]) -> Option<Integers> {
    let known: i64 = target.iter().filter(|d| **d != -1).try_fold(1i64, |p, d| p.checked_mul(*d))?;
    if known < 1 || target.iter().filter(|d| **d == -1).count() > 1 {
        return None;
    }
    let rest = of.values.len() as i64 / known;
    Integers::new(target.iter().map(|d| if *d == -1 { rest } else { *d }).collect(), of.values)
}

/// A number as a list of one, or the reverse.
fn listed(of: Integers, op: &str) -> Option<Integers> {
    match (op, of.dims.as_slice()) {
        ("Unsqueeze", []) => Integers::new(vec![1], of.values),
        ("Squeeze", [1]) => Integers::new(Vec::new(), of.values),
        _ => None,
    }
}

fn turned(of: &Integers, order: Option<&[i64]>) -> Option<Integers> {
    let &[rows, columns] = of.dims.as_slice() else { return None };
    if order.is_some_and(|o| o != [1, 0]) {
        return None;
    }
    let at = |column: i64, row: i64| of.values[(row * columns + column) as usize];
    let values = (0..columns).flat_map(|c| (0..rows).map(move |r| at(c, r))).collect();
    Integers::new(vec![columns, rows], values)
}

/// Elements of a list.
fn gathered(of: &Integers, at: &Integers) -> Option<Integers> {
    let &[length] = of.dims.as_slice() else { return None };
    let pick = |i: &i64| of.values.get(usize::try_from(if *i < 0 { i.checked_add(length)? } else { *i }).ok()?);
    Integers::new(
        at.dims.clone(),
        at.values.iter().map(pick).collect::<Option<Vec<_>>>()?.into_iter().copied().collect(),
    )
}

/// Rows, forwards or backwards, after ONNX's Slice-13: negative places count from the end, and all are clamped.
fn sliced(of: &Integers, start: i64, end: i64, axis: i64, step: i64) -> Option<Integers> {
    let &rows = of.dims.first()?;
    if step == 0 || step == i64::MIN || (axis != 0 && axis != -(of.dims.len() as i64)) {
        return None;
    }
    let width = usize::try_from(of.dims[1..].iter().product::<i64>()).ok()?;
    let (least, most) = if step > 0 { (0, rows) } else { (-1, rows - 1) };
    let place = |v: i64, least: i64| if v < 0 { v.saturating_add(rows) } else { v }.clamp(least, most.max(least));
    // Going back, the first row read is at least 0; the end may be -1, which is before it.
    let (start, end) = (place(start, 0), place(end, least));
    let mut values = Vec::new();
    let (mut row, mut count) = (start, 0);
    while rows > 0 && if step > 0 { row < end } else { row > end } {
        values.extend_from_slice(of.values.get(row as usize * width..(row as usize + 1) * width)?);
        count += 1;
        row = row.saturating_add(step);
    }
    let dims = std::iter::once(count).chain(of.dims[1..].iter().copied()).collect();
    Integers::new(dims, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(values: &[i64]) -> Integers {
        Integers::new(vec![values.len() as i64], values.to_vec()).unwrap()
    }

    #[test]
    fn slices_go_both_ways_and_are_clamped() {
        let of = list(&[0, 1, 2, 3, 4]);
        let cut = |start, end, step| sliced(&of, start, end, 0, step).unwrap().values;
        assert_eq!(cut(1, 3, 1), [1, 2]);
        assert_eq!(cut(-2, i64::MAX, 1), [3, 4]);
        assert_eq!(cut(0, 5, 2), [0, 2, 4]);
        assert_eq!(cut(-1, i64::MIN, -1), [4, 3, 2, 1, 0]);
        assert_eq!(cut(9, 0, -2), [4, 2]);
        assert_eq!(cut(3, 1, 1), [0i64; 0]);
        assert_eq!(cut(i64::MIN, i64::MAX, i64::MAX), [0]);
        let rows = Integers::new(vec![2, 2], vec![1, 2, 3, 4]).unwrap();
        assert_eq!(sliced(&rows, -1, i64::MIN, 0, -1).unwrap().values, [3, 4, 1, 2]);
        assert!(sliced(&of, 0, 1, 0, 0).is_none() && sliced(&of, 0, 1, 1, 1).is_none());
    }

    #[test]
    fn what_does_not_fit_is_left_alone() {
        assert!(reshaped(list(&[1, 2, 3]), &[2, -1]).is_none());
        assert!(reshaped(list(&[1, 2]), &[0, -1]).is_none() && reshaped(list(&[1, 2]), &[-1, -1]).is_none());
        assert_eq!(reshaped(list(&[1, 2, 3, 4]), &[-1, 2]).unwrap().dims, [2, 2]);
        assert!(gathered(&list(&[7, 8]), &list(&[2])).is_none());
        assert!(Integers::new(vec![1 << 50, 0], vec![]).is_none() && Integers::new(vec![0, 3], vec![]).is_some());
        assert_eq!(gathered(&list(&[7, 8]), &list(&[-1, 0])).unwrap().values, [8, 7]);
        let fill = vec![build::inside("value", build::int64s("", &[1], &[5]))];
        let node = build::node("ConstantOfShape", "n", &["s"], "o", fill);
        assert!(filled(&[1_000_000_000, 1000], &node).is_none() && filled(&[257], &node).is_none());
        assert_eq!(filled(&[3], &node).unwrap().values, [5, 5, 5]);
    }

    #[test]
    fn what_an_exporter_writes_in_front_of_a_pad_becomes_its_pads() {
        let pads = joined(&[list(&[0, 1, 0, 1]), list(&[0, 0, 0, 0])]).unwrap();
        let pairs = sliced(&reshaped(pads, &[-1, 2]).unwrap(), -1, i64::MIN + 1, 0, -1).unwrap();
        let pads = reshaped(turned(&pairs, Some(&[1, 0])).unwrap(), &[-1]).unwrap();
        assert_eq!(pads.values, [0, 0, 0, 0, 0, 0, 1, 1]);
    }
}
