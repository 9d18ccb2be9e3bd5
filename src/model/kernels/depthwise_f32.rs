//! Depthwise convolution in single precision: every channel has a kernel of its own.
//!
//! ```text
//! for each channel:
//!     split the padded plane into stride x stride phases, so that a step of one output pixel is a
//!     step of one number in every phase
//!     for each row of the output, for each two groups of 4 pixels in it:
//!         sums[2] = bias
//!         for each tap: sums += weight, broadcast; the numbers of its phase, shifted by the tap
//! ```
//!
//! All of it is safe code over `wide::f32x4`, the same on every target.

use super::conv_f32::{Bounds, LANES, Layout, Shape, short};
use wide::f32x4;

/// Pixels at a time: two vectors of them.
const PIXELS: usize = 2 * LANES;

/// A depthwise convolution; in and out channels are equal.
#[derive(Debug, Clone)]
pub struct DepthwiseF32 {
    shape: Shape,
    /// `[channels, kh, kw]`.
    weights: Vec<f32>,
    bias: Vec<f32>,
    layout: Layout,
    /// Where the two groups of four pixels begin that are made at a time.
    columns: Vec<(usize, usize)>,
}

impl DepthwiseF32 {
    /// Takes `weights` `[channels, kh, kw]` and `bias` `[channels]`.
    ///
    /// # Panics
    /// If their lengths do not fit the shape, or the stride or a kernel side is 0.
    pub fn new(shape: Shape, weights: &[f32], bias: &[f32]) -> Self {
        let taps = shape.kernel.0 * shape.kernel.1;
        assert!(shape.stride > 0 && taps > 0 && shape.in_channels == shape.out_channels, "{shape:?} is not depthwise");
        assert_eq!((weights.len(), bias.len()), (shape.out_channels * taps, shape.out_channels));
        let layout = Layout::new(&shape, PIXELS);
        Self { weights: weights.to_vec(), bias: bias.to_vec(), layout, columns: columns(shape.output().1), shape }
    }

    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Convolves `input` `[channels, h, w]` into `output` `[channels, out_h, out_w]`, kept within `bounds`.
    ///
    /// # Panics
    /// If their lengths do not fit the shape.
    pub fn run(&self, input: &[f32], output: &mut [f32], bounds: Bounds) {
        let ((h, w), (out_h, out_w)) = (self.shape.input, self.shape.output());
        assert_eq!(input.len(), self.shape.in_channels * h * w);
        assert_eq!(output.len(), self.shape.out_channels * out_h * out_w);
        if output.is_empty() {
            return;
        }
        let taps = self.shape.kernel.0 * self.shape.kernel.1;
        // Padding is written once: every plane fills the same places.
        let mut phases = vec![0.0; self.layout.channel];
        for (channel, output) in output.chunks_exact_mut(out_h * out_w).enumerate() {
            let weights = &self.weights[channel * taps..][..taps];
            let bias = f32x4::splat(self.bias[channel]);
            self.layout.split(&self.shape, &input[channel * h * w..][..h * w], &mut phases);
            match weights.as_chunks::<9>() {
                ([weights], []) => self.plane(weights, bias, &phases, output, bounds),
                _ => self.plane(weights, bias, &phases, output, bounds),
            }
        }
    }

    /// One channel. Inlined twice: for nine taps, which are unrolled, and for any other number.
    #[inline(always)]
    fn plane(&self, weights: &[f32], bias: f32x4, phases: &[f32], output: &mut [f32], (low, high): Bounds) {
        let (_, out_w) = self.shape.output();
        let (low, high) = (f32x4::splat(low), f32x4::splat(high));
        for (y, output) in output.chunks_exact_mut(out_w).enumerate() {
            for (first, second) in &self.columns {
                let at = y * self.layout.row;
                let mut sums = [bias; 2];
                for (weight, tap) in weights.iter().zip(&self.layout.taps) {
                    let four = |x: usize| phases[at + x + tap..].first_chunk::<LANES>().copied().unwrap_or_default();
                    sums[0] += f32x4::splat(*weight) * f32x4::from(four(*first));
                    sums[1] += f32x4::splat(*weight) * f32x4::from(four(*second));
                }
                for (x, sum) in [*first, *second].into_iter().zip(sums) {
                    let kept = sum.fast_max(low).fast_min(high).to_array();
                    match output[x..].first_chunk_mut::<LANES>() {
                        Some(output) => *output = kept,
                        None => short(&kept, output),
                    }
                }
            }
        }
    }
}

/// Two groups at a time that cover a row of the output; the last ones overlap others rather than reach beyond it.
fn columns(width: usize) -> Vec<(usize, usize)> {
    if width < PIXELS {
        return vec![(0, width.saturating_sub(LANES))];
    }
    (0..width).step_by(PIXELS).map(|x| x.min(width - PIXELS)).map(|x| (x, x + LANES)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::reference;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_the_definition(
            channels in 1usize..6, kernel in prop_oneof![Just((3usize, 3usize)), (1usize..6, 1usize..6)],
            stride in 1usize..4, pad in (0usize..3, 0usize..3), pad_end in (0usize..3, 0usize..3),
            input in (1usize..22, 1usize..22), seed: u64,
        ) {
            let shape = Shape { in_channels: channels, out_channels: channels, kernel, stride, pad, pad_end, input };
            prop_assume!(shape.output().0 > 0 && shape.output().1 > 0);
            let mut state = seed | 1;
            let mut random = |n: usize| -> Vec<f32> {
                let mut next = || {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 40) as f32 / (1 << 23) as f32 - 1.0
                };
                (0..n).map(|_| next()).collect()
            };
            let taps = kernel.0 * kernel.1;
            let (weights, bias) = (random(channels * taps), random(channels));
            let planes = random(channels * input.0 * input.1);
            let (out_h, out_w) = shape.output();
            let mut output = vec![f32::NAN; channels * out_h * out_w];
            let (low, high) = (-0.3, 0.8);
            DepthwiseF32::new(shape, &weights, &bias).run(&planes, &mut output, (low, high));
            // By the definition, channel by channel.
            let one = Shape { in_channels: 1, out_channels: 1, ..shape };
            for c in 0..channels {
                let plane = &planes[c * input.0 * input.1..][..input.0 * input.1];
                let expected = reference::conv_f32(&one, &weights[c * taps..][..taps], &bias[c..=c], plane);
                for (got, want) in output[c * out_h * out_w..].iter().zip(&expected) {
                    let want = want.clamp(low, high);
                    prop_assert!((got - want).abs() < 1e-4, "{got} instead of {want} for {shape:?}");
                }
            }
        }
    }
}
