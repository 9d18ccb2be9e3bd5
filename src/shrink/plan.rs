//! The plan of a quantized model: its float graph, its layers, and the parameters of its tensors.

use super::activation_fusion::Layer;
use super::graph::Graph;
use super::scheme::{QParams, QWeights, Weights};
use std::collections::{BTreeMap, HashMap};

/// Enough to write the model in any style, whole or in part.
#[derive(Debug, Clone)]
pub struct Plan {
    pub graph: Graph,
    pub layers: Vec<Layer>,
    /// Of each quantized activation, by tensor name.
    pub params: BTreeMap<String, QParams>,
    pub weights: Weights,
    /// Added to a layer's bias before it is rounded, by layer name (bias correction).
    pub corrections: HashMap<String, Vec<f32>>,
}

/// Constants of a layer in integers.
#[derive(Debug, Clone)]
pub struct Constants {
    pub weight: QWeights,
    /// int32 in units of input scale times weight scale; `None` where the layer has no bias.
    pub bias: Option<Vec<i32>>,
    /// Those units, one or one a channel.
    pub bias_scales: Vec<f32>,
}

impl Plan {
    /// Drops layers whose tensors calibration never saw as real numbers, and lets what only
    /// moves numbers take over its input's parameters.
    pub fn settle(&mut self) {
        let Self { layers, params, .. } = self;
        layers.retain(|l| l.activations.iter().all(|(_, t)| params.contains_key(t)) && params.contains_key(&l.output));
        for layer in layers.iter().filter(|l| l.moves) {
            if let Some(q) = params.get(&layer.activations[0].1).copied() {
                params.insert(layer.output.clone(), q);
            }
        }
    }

    /// Weights and bias of a layer in integers; `None` for a layer without constant weights.
    pub fn constants(&self, layer: &Layer) -> Option<Constants> {
        let (_, tensor, axis) = layer.weight.as_ref()?;
        let (dims, values) = self.graph.floats(tensor)?;
        let input = self.params.get(&layer.activations.first()?.1).map_or(1.0, |q| q.scale);
        let bias = self.bias(layer);
        // |bias| / (input * weight scale) must fit 31 bits.
        let least: Vec<f32> = bias.iter().flatten().map(|b| b.abs() / input / 1.0e9).collect();
        let weight = self.weights.quantize(&dims, &values, *axis, &least);
        let bias_scales: Vec<f32> = weight.scales.iter().map(|s| (s * input).max(f32::MIN_POSITIVE)).collect();
        let whole = |(at, b): (usize, &f32)| {
            (f64::from(*b) / f64::from(bias_scales[at % bias_scales.len()])).round_ties_even() as i32
        };
        let bias = bias.map(|b| b.iter().enumerate().map(whole).collect());
        Some(Constants { weight, bias, bias_scales })
    }

    /// The layer's bias as real numbers, its correction included.
    pub fn bias(&self, layer: &Layer) -> Option<Vec<f32>> {
        let correction = self.corrections.get(&layer.name);
        let own = layer.bias.as_ref().and_then(|(_, tensor)| self.graph.floats(tensor)).map(|(_, b)| b);
        match (own, correction) {
            (Some(own), Some(c)) => Some(own.iter().zip(c).map(|(b, c)| b + c).collect()),
            (None, Some(c)) => Some(c.clone()),
            (own, None) => own,
        }
    }
}
