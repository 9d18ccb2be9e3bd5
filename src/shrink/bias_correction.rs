//! Bias correction (Nagel et al. 2019, section 4.2): rounded weights shift a layer's mean output
//! by (W' - W) E[x]; the bias takes that back. E[x] per input channel comes from calibration.

use super::graph::int;
use super::observe::Observer;
use super::plan::Plan;
use std::collections::HashMap;

/// Corrections to add to the bias of each convolution and Gemm, by layer name. Padding is
/// treated as if it had the channel's mean.
pub fn corrections(plan: &Plan, seen: &HashMap<&str, &Observer>) -> HashMap<String, Vec<f32>> {
    let of = |layer| one(plan, layer, seen);
    plan.layers.iter().filter_map(|l| Some((l.name.clone(), of(l)?))).collect()
}

fn one(plan: &Plan, layer: &super::activation_fusion::Layer, seen: &HashMap<&str, &Observer>) -> Option<Vec<f32>> {
    let node = plan.graph.nodes.iter().find(|n| n.name == layer.name)?;
    let means = seen.get(layer.activations.first()?.1.as_str())?.channel_means();
    let (dims, float) = plan.graph.floats(&layer.weight.as_ref()?.1)?;
    let rounded = plan.constants(layer)?.weight.dequantize();
    let shift = float.iter().zip(&rounded).map(|(a, b)| f64::from(b - a)).enumerate();
    let (rows, columns) = (*dims.first()? as usize, *dims.get(1)? as usize);
    match layer.op.as_str() {
        "Conv" => {
            let groups = int(node, "group", 1).max(1) as usize;
            let inner = dims[2..].iter().product::<i64>().max(1) as usize;
            if means.len() != columns * groups || rows % groups != 0 {
                return None;
            }
            let mut sums = vec![0.0; rows];
            for (at, d) in shift {
                let (out, input) = (at / (columns * inner), at / inner % columns);
                sums[out] -= d * f64::from(means[out / (rows / groups) * columns + input]);
            }
            Some(sums.into_iter().map(|s| s as f32).collect())
        }
        "Gemm" if int(node, "transA", 0) == 0 => {
            let turned = int(node, "transB", 0) != 0;
            let (out, inputs) = if turned { (rows, columns) } else { (columns, rows) };
            if means.len() != inputs {
                return None;
            }
            let mut sums = vec![0.0; out];
            for (at, d) in shift {
                let (o, i) = if turned { (at / columns, at % columns) } else { (at % columns, at / columns) };
                sums[o] -= d * f64::from(means[i]);
            }
            Some(sums.into_iter().map(|s| s as f32).collect())
        }
        _ => None,
    }
}
