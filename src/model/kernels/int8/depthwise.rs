//! Depthwise convolution of quantized pictures: every channel has a kernel of its own.
//!
//! ```text
//! for each output pixel:
//!     find the pixels under the window, a row of zeros where there is none
//!     for each block of 8 channels:
//!         sums[8] = bias
//!         for each two taps: sums += dot(their 8 channels interleaved, their weights interleaved)
//!         rescale and store
//! ```
//!
//! Taking two taps at once turns a multiplication of single numbers into the dot product of pairs
//! that [`super::conv`] runs on.

use super::conv::store;
use super::rescale::{Rescale, padded};
use super::window::{Pictures, Window};
use wide::{i16x8, i32x4};

/// Channels in a block.
const CHANNELS: usize = 8;

/// A depthwise convolution with its weights in the order the kernel reads them.
#[derive(Debug, Clone)]
pub struct Depthwise {
    window: Window,
    channels: usize,
    /// `[blocks, pairs of taps]`: four channels and four more, each with two taps side by side.
    weights: Vec<[i16x8; 2]>,
    bias: Vec<[i32x4; 2]>,
}

impl Depthwise {
    /// Packs `weights` `[channels, kh, kw]`, zero point taken off, and `bias` `[channels]`.
    ///
    /// # Panics
    /// If their lengths do not fit.
    pub fn new(window: Window, weights: &[i16], bias: &[i32]) -> Self {
        let (channels, taps) = (bias.len(), window.taps());
        assert_eq!(weights.len(), channels * taps, "weights of {window:?}");
        let weight = |c: usize, tap: usize| if c < channels && tap < taps { weights[c * taps + tap] } else { 0 };
        let blocks = 0..channels.div_ceil(CHANNELS);
        let pairs = |block: usize| {
            (0..taps.div_ceil(2)).map(move |pair| {
                [0, 4].map(|first| {
                    let channel = |i: usize| block * CHANNELS + first + i / 2;
                    i16x8::from(std::array::from_fn(|i| weight(channel(i), pair * 2 + i % 2)))
                })
            })
        };
        let sum = |c: usize| bias.get(c).copied().unwrap_or(0);
        let sums = |block: usize| [0, 4].map(|f| i32x4::from(std::array::from_fn(|i| sum(block * CHANNELS + f + i))));
        Self { window, channels, weights: blocks.clone().flat_map(pairs).collect(), bias: blocks.map(sums).collect() }
    }

    /// Convolves `input` `[n, h, w, channels]`; gives `[n, out_h, out_w, channels]`.
    ///
    /// # Panics
    /// If the lengths do not fit.
    pub fn run<R: Rescale>(&self, given: Pictures, input: &[i16], rescale: &R, output: &mut [R::Out]) {
        let (out_h, out_w) = self.window.output(given.size);
        assert!(given.channels == self.channels && input.len() == given.numbers(), "{given:?}");
        assert_eq!(output.len(), given.count * out_h * out_w * self.channels);
        if output.is_empty() {
            return;
        }
        // Whole blocks of channels, so that the inner loop has no rest.
        let wide = padded(self.channels);
        let widened: Vec<i16>;
        let input = if wide == self.channels {
            input
        } else {
            let zeros = std::iter::repeat_n(0, wide - self.channels);
            widened = input.chunks_exact(self.channels).flat_map(|p| p.iter().copied().chain(zeros.clone())).collect();
            &widened
        };
        let zeros = vec![0; wide];
        let (picture, made) = (given.pixels() * wide, out_h * out_w * self.channels);
        for (input, output) in input.chunks_exact(picture).zip(output.chunks_exact_mut(made)) {
            match self.window.taps() {
                9 => self.picture::<10, R>(given, input, &zeros, rescale, output),
                25 => self.picture::<26, R>(given, input, &zeros, rescale, output),
                _ => self.any_window(given, input, &zeros, rescale, output),
            }
        }
    }

    /// With the number of taps, made even, known beforehand.
    fn picture<const TAPS: usize, R: Rescale>(
        &self,
        given: Pictures,
        input: &[i16],
        zeros: &[i16],
        rescale: &R,
        output: &mut [R::Out],
    ) {
        let wide = zeros.len();
        let (_, out_w) = self.window.output(given.size);
        for (pixel, output) in output.chunks_exact_mut(self.channels).enumerate() {
            let place = (pixel / out_w, pixel % out_w);
            let under: [&[[i16; CHANNELS]]; TAPS] = std::array::from_fn(|tap| {
                let tap = (tap / self.window.kernel.1, tap % self.window.kernel.1);
                let found = if tap.0 < self.window.kernel.0 { self.window.under(place, tap, given.size) } else { None };
                found.map_or(zeros, |at| &input[at * wide..][..wide]).as_chunks().0
            });
            for (block, (weights, bias)) in self.weights.chunks_exact(TAPS / 2).zip(&self.bias).enumerate() {
                let mut sums = *bias;
                for (pair, weights) in weights.iter().enumerate() {
                    add_pair(&mut sums, &under[2 * pair][block], &under[2 * pair + 1][block], weights);
                }
                let wanted = (self.channels - block * CHANNELS).min(CHANNELS);
                store(rescale, block * CHANNELS, sums, &mut output[block * CHANNELS..][..wanted]);
            }
        }
    }

    fn any_window<R: Rescale>(
        &self,
        given: Pictures,
        input: &[i16],
        zeros: &[i16],
        rescale: &R,
        output: &mut [R::Out],
    ) {
        let wide = zeros.len();
        let (_, out_w) = self.window.output(given.size);
        let (taps, across) = (self.window.taps(), self.window.kernel.1);
        let mut under: Vec<&[[i16; CHANNELS]]> = Vec::new();
        for (pixel, output) in output.chunks_exact_mut(self.channels).enumerate() {
            let place = (pixel / out_w, pixel % out_w);
            under.clear();
            under.extend((0..taps.next_multiple_of(2)).map(|tap| {
                let at = (tap / across, tap % across);
                let found = if tap < taps { self.window.under(place, at, given.size) } else { None };
                found.map_or(zeros, |at| &input[at * wide..][..wide]).as_chunks().0
            }));
            for (block, (weights, bias)) in self.weights.chunks_exact(taps.div_ceil(2)).zip(&self.bias).enumerate() {
                let mut sums = *bias;
                for (pair, weights) in under.chunks_exact(2).zip(weights) {
                    add_pair(&mut sums, &pair[0][block], &pair[1][block], weights);
                }
                let wanted = (self.channels - block * CHANNELS).min(CHANNELS);
                store(rescale, block * CHANNELS, sums, &mut output[block * CHANNELS..][..wanted]);
            }
        }
    }
}

/// Eight channels of two taps.
#[inline]
fn add_pair(sums: &mut [i32x4; 2], a: &[i16; CHANNELS], b: &[i16; CHANNELS], weights: &[i16x8; 2]) {
    let low = i16x8::from([a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3]]);
    let high = i16x8::from([a[4], b[4], a[5], b[5], a[6], b[6], a[7], b[7]]);
    sums[0] += low.dot(weights[0]);
    sums[1] += high.dot(weights[1]);
}
