//! The arithmetic of eight bits: real = scale * (integer - zero point)
//! (Jacob et al. 2018, equation 1).

use serde::{Deserialize, Serialize};

/// How activations are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activations {
    /// 0..=255 with a zero point: a one-sided range (after ReLU) uses every level.
    #[default]
    Uint8,
    /// -127..=127 around zero.
    Int8,
}

/// Scale and zero point of a tensor, and the integers it may take.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct QParams {
    /// Real width of one step; positive and normal.
    pub scale: f32,
    pub zero_point: i32,
    pub low: i32,
    pub high: i32,
}

impl Activations {
    /// Parameters for numbers in `low..=high`; the range is widened to hold zero, which must be
    /// exact because padding is made of it.
    pub fn params(self, low: f32, high: f32) -> QParams {
        let (low, high) = (low.min(0.0), high.max(0.0));
        match self {
            Self::Uint8 => {
                // Halves first: the difference of two large numbers may be infinite.
                let scale = positive((high / 255.0) - (low / 255.0));
                let zero_point = (-low / scale).round_ties_even().clamp(0.0, 255.0) as i32;
                QParams { scale, zero_point, low: 0, high: 255 }
            }
            Self::Int8 => QParams { scale: positive(low.abs().max(high) / 127.0), zero_point: 0, low: -127, high: 127 },
        }
    }
}

/// A scale nobody can divide by zero with; 1 where the range is a point.
fn positive(scale: f32) -> f32 {
    if scale.is_finite() && scale >= 1e-30 { scale } else { 1.0 }
}

impl QParams {
    /// Nearest integer, ties to even, saturated (ONNX QuantizeLinear).
    pub fn quantize(&self, x: f32) -> i32 {
        let q = (x / self.scale).round_ties_even() + self.zero_point as f32;
        q.clamp(self.low as f32, self.high as f32) as i32
    }

    pub fn dequantize(&self, q: i32) -> f32 {
        (q - self.zero_point) as f32 * self.scale
    }

    /// What is left of a number after eight bits.
    pub fn round_trip(&self, x: f32) -> f32 {
        self.dequantize(self.quantize(x))
    }
}

/// How weights are stored: symmetric, zero point 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weights {
    /// One scale for each output channel rather than one for the tensor.
    pub per_channel: bool,
    /// 2 to 8. Stored in int8 whatever it is; 7 keeps 16-bit sums of two products from
    /// saturating on x86 without VNNI (onnxruntime's `reduce_range`).
    pub bits: u8,
}

impl Default for Weights {
    fn default() -> Self {
        Self { per_channel: true, bits: 8 }
    }
}

/// A weight tensor in integers.
#[derive(Debug, Clone, PartialEq)]
pub struct QWeights {
    pub dims: Vec<i64>,
    /// The axis the scales run along; `None` for one scale.
    pub axis: Option<usize>,
    /// One, or as many as the axis is long.
    pub scales: Vec<f32>,
    pub values: Vec<i8>,
}

impl Weights {
    /// Largest integer: 127 for eight bits.
    pub fn largest(self) -> i32 {
        (1 << (self.bits.clamp(2, 8) - 1)) - 1
    }

    /// Quantizes `values` of shape `dims`. `least`, one number or one a channel, is the smallest
    /// scale allowed (a bias in units of it must fit 32 bits).
    pub fn quantize(self, dims: &[i64], values: &[f32], axis: Option<usize>, least: &[f32]) -> QWeights {
        let axis = axis.filter(|a| self.per_channel && *a < dims.len());
        let (channels, inner) = axis.map_or((1, values.len().max(1)), |a| {
            (dims[a].max(1) as usize, dims[a + 1..].iter().product::<i64>().max(1) as usize)
        });
        let channel = |at: usize| at / inner % channels;
        let mut largest = vec![0.0f32; channels];
        for (at, v) in values.iter().enumerate() {
            largest[channel(at)] = largest[channel(at)].max(v.abs());
        }
        let top = self.largest() as f32;
        let floor = |c: usize| match least.len() {
            n if n == channels => least[c],
            _ => least.iter().copied().fold(0.0, f32::max),
        };
        let scales: Vec<f32> = largest
            .iter()
            .enumerate()
            .map(|(c, l)| if *l == 0.0 && floor(c) == 0.0 { 1.0 } else { positive((l / top).max(floor(c))) })
            .collect();
        let integer = |(at, v): (usize, &f32)| (v / scales[channel(at)]).round_ties_even().clamp(-top, top) as i8;
        let values = values.iter().enumerate().map(integer).collect();
        QWeights { dims: dims.to_vec(), axis, scales, values }
    }
}

impl QWeights {
    /// The real numbers the integers stand for.
    pub fn dequantize(&self) -> Vec<f32> {
        let inner =
            self.axis.map_or(self.values.len().max(1), |a| self.dims[a + 1..].iter().product::<i64>().max(1) as usize);
        self.values
            .iter()
            .enumerate()
            .map(|(at, q)| f32::from(*q) * self.scales[at / inner % self.scales.len()])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn zero_is_exact_and_inside_the_error_is_half_a_step(a in -1e20f32..1e20, b in -1e20f32..1e20, t in 0f32..=1.0) {
            for kind in [Activations::Uint8, Activations::Int8] {
                let (low, high) = (a.min(b), a.max(b));
                let q = kind.params(low, high);
                prop_assert_eq!(q.round_trip(0.0), 0.0);
                let x = low + (high - low) * t;
                // The zero point is rounded, so that an end may move by half a step.
                prop_assert!((q.round_trip(x) - x).abs() <= q.scale * 1.01 + x.abs() * 1e-5);
            }
        }

        #[test]
        fn any_range_gives_usable_parameters(low: f32, high: f32) {
            for kind in [Activations::Uint8, Activations::Int8] {
                let q = kind.params(low, high);
                prop_assert!(q.scale.is_normal() && q.scale > 0.0);
                prop_assert!((q.low..=q.high).contains(&q.zero_point));
            }
        }

        #[test]
        fn weights_come_back_within_half_a_step(
            values in prop::collection::vec(-10f32..10.0, 24), bits in 2u8..=8, per_channel: bool,
        ) {
            let q = Weights { per_channel, bits }.quantize(&[4, 3, 2], &values, Some(1), &[0.0]);
            prop_assert_eq!(q.scales.len(), if per_channel { 3 } else { 1 });
            for (at, (v, back)) in values.iter().zip(q.dequantize()).enumerate() {
                let scale = q.scales[if per_channel { at / 2 % 3 } else { 0 }];
                prop_assert!((v - back).abs() <= scale * 0.501, "{} {} {}", v, back, scale);
            }
        }
    }

    #[test]
    fn a_dead_channel_takes_the_scale_its_bias_needs() {
        let q = Weights::default().quantize(&[2, 1], &[0.0, 1.0], Some(0), &[0.5, 0.0]);
        assert_eq!(q.scales, [0.5, 1.0 / 127.0]);
        assert_eq!(q.values, [0, 127]);
    }
}
