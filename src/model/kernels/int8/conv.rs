//! Dense, 1x1 and grouped convolution of quantized pictures, and with it every matrix product.
//!
//! ```text
//! for each group, for each batch of panels that fits the cache (a panel: 4 output pixels):
//!     pack the panels: for each tap and pair of channels, the pair of each of the 4 pixels
//!     for each block of 8 output channels, for each panel of the batch:
//!         sums[4][8] = bias
//!         for each tap and pair of channels:
//!             for each of the 4 pixels: sums += dot(its pair, the pairs of 8 weights)
//!         rescale and store
//! ```
//!
//! `dot` is one instruction on i16 pairs (`i32x4.dot_i16x8_s` in WebAssembly, `pmaddwd` on x86): eight
//! multiplications and four additions, twice what a float vector does. Eight sums, two vectors of
//! weights and one of pixels fit sixteen registers. No more than a batch of panels is ever
//! unrolled into columns. All of it is safe code over `wide`.

use super::rescale::{Rescale, padded};
use super::window::{Pictures, Window};
use wide::{bytemuck::cast, i16x8, i32x4};

/// Output channels in a block.
const CHANNELS: usize = 8;
/// Pixels in a panel.
const PIXELS: usize = 4;
/// Pairs of numbers in a batch of panels: 64 kB.
const BATCH: usize = 16 << 10;

/// A convolution with its weights in the order the kernel reads them.
#[derive(Debug, Clone)]
pub struct Conv {
    window: Window,
    groups: usize,
    in_channels: usize,
    out_channels: usize,
    /// Pairs of channels and taps in a group.
    pairs: usize,
    /// `[groups, blocks, pairs]`: the pairs of eight output channels.
    weights: Vec<[i16x8; 2]>,
    /// `[groups, blocks]`.
    bias: Vec<[i32x4; 2]>,
}

impl Conv {
    /// Packs `weights` `[out, in_channels / groups, kh, kw]`, zero point taken off, and `bias` `[out]`.
    ///
    /// # Panics
    /// If their lengths do not fit, or the groups do not divide the channels.
    pub fn new(window: Window, groups: usize, in_channels: usize, weights: &[i16], bias: &[i32]) -> Self {
        let (out_channels, of, taps) = (bias.len(), in_channels / groups, window.taps());
        assert!(in_channels.is_multiple_of(groups) && out_channels.is_multiple_of(groups), "{groups} groups");
        assert_eq!(weights.len(), out_channels * of * taps, "weights of {window:?}");
        let (in_group, half) = (out_channels / groups, of.div_ceil(2));
        let blocks = in_group.div_ceil(CHANNELS);
        let weight = |group: usize, o: usize, pair: usize, side: usize| {
            let (tap, channel) = (pair / half, pair % half * 2 + side);
            let inside = o < in_group && channel < of;
            if inside { weights[((group * in_group + o) * of + channel) * taps + tap] } else { 0 }
        };
        let (mut packed, mut sums) = (Vec::with_capacity(groups * blocks * taps * half), Vec::new());
        for group in 0..groups {
            for block in 0..blocks {
                let o = |lane: usize| block * CHANNELS + lane;
                for pair in 0..taps * half {
                    packed.push([0, 4].map(|first| {
                        i16x8::from(std::array::from_fn(|i| weight(group, o(first + i / 2), pair, i % 2)))
                    }));
                }
                let at = |lane: usize| bias.get(group * in_group + o(lane)).filter(|_| o(lane) < in_group);
                sums.push([0, 4].map(|f| i32x4::from(std::array::from_fn(|i| at(f + i).copied().unwrap_or(0)))));
            }
        }
        Self { window, groups, in_channels, out_channels, pairs: taps * half, weights: packed, bias: sums }
    }

    /// Convolves `input` `[n, h, w, in_channels]`; gives `[n, out_h, out_w, out]`.
    ///
    /// # Panics
    /// If the lengths do not fit.
    pub fn run<R: Rescale>(&self, given: Pictures, input: &[i16], rescale: &R, output: &mut [R::Out]) {
        let (out_h, out_w) = self.window.output(given.size);
        assert!(given.channels == self.in_channels && input.len() == given.numbers(), "{given:?}");
        assert_eq!(output.len(), given.count * out_h * out_w * self.out_channels);
        if output.is_empty() {
            return;
        }
        let (picture, made) = (given.pixels() * given.channels, out_h * out_w * self.out_channels);
        let mut panels = Vec::new();
        for (input, output) in input.chunks_exact(picture).zip(output.chunks_exact_mut(made)) {
            for group in 0..self.groups {
                self.group(group, given, input, rescale, output, &mut panels);
            }
        }
    }

    fn group<R: Rescale>(
        &self,
        group: usize,
        given: Pictures,
        input: &[i16],
        rescale: &R,
        output: &mut [R::Out],
        panels: &mut Vec<[i32; PIXELS]>,
    ) {
        let (out_h, out_w) = self.window.output(given.size);
        let blocks = self.bias.len() / self.groups;
        let bias = &self.bias[group * blocks..][..blocks];
        let weights = &self.weights[group * blocks * self.pairs..][..blocks * self.pairs];
        let in_group = self.out_channels / self.groups;
        let step = (BATCH / (self.pairs * PIXELS)).max(1) * PIXELS;
        for first in (0..out_h * out_w).step_by(step) {
            let last = (first + step).min(out_h * out_w);
            panels.clear();
            for pixel in (first..last).step_by(PIXELS) {
                self.pack(group, pixel, given, input, panels);
            }
            for (block, (weights, bias)) in weights.chunks_exact(self.pairs).zip(bias).enumerate() {
                let channel = group * in_group + block * CHANNELS;
                let wanted = (in_group - block * CHANNELS).min(CHANNELS);
                for (panel, pixel) in panels.chunks_exact(self.pairs).zip((first..last).step_by(PIXELS)) {
                    let sums = multiply(weights, *bias, panel);
                    for (sums, pixel) in sums.iter().zip(pixel..last) {
                        let to = &mut output[pixel * self.out_channels + channel..][..wanted];
                        store(rescale, channel, *sums, to);
                    }
                }
            }
        }
    }

    /// Packs one panel: for each tap and pair of channels, that pair of four pixels in a row.
    fn pack(&self, group: usize, first: usize, given: Pictures, input: &[i16], panels: &mut Vec<[i32; PIXELS]>) {
        let (out_h, out_w) = self.window.output(given.size);
        let of = self.in_channels / self.groups;
        // Pixels beyond the last are the last again; nobody stores them.
        let place = |i: usize| (first + i).min(out_h * out_w - 1);
        let places: [(usize, usize); PIXELS] = std::array::from_fn(|i| (place(i) / out_w, place(i) % out_w));
        for ky in 0..self.window.kernel.0 {
            for kx in 0..self.window.kernel.1 {
                let [a, b, c, d] = places.map(|place| match self.window.under(place, (ky, kx), given.size) {
                    Some(pixel) => &input[pixel * given.channels + group * of..][..of],
                    None => &[],
                });
                if a.len() == of && b.len() == of && c.len() == of && d.len() == of {
                    let pairs = a.chunks_exact(2).zip(b.chunks_exact(2)).zip(c.chunks_exact(2).zip(d.chunks_exact(2)));
                    panels.extend(pairs.map(|((a, b), (c, d))| [pair(a), pair(b), pair(c), pair(d)]));
                    if of % 2 == 1 {
                        panels.push([a, b, c, d].map(|s| pair(&[s[of - 1], 0])));
                    }
                } else {
                    panels.extend((0..of.div_ceil(2)).map(|i| [a, b, c, d].map(|s| pair_at(s, i))));
                }
            }
        }
    }
}

/// Two numbers side by side in a word.
#[inline]
fn pair(two: &[i16]) -> i32 {
    cast([two[0], two[1]])
}

fn pair_at(numbers: &[i16], at: usize) -> i32 {
    let number = |i: usize| numbers.get(i).copied().unwrap_or(0);
    cast([number(2 * at), number(2 * at + 1)])
}

/// The innermost loop: eight output channels of one panel.
#[inline]
fn multiply(weights: &[[i16x8; 2]], bias: [i32x4; 2], panel: &[[i32; PIXELS]]) -> [[i32x4; 2]; PIXELS] {
    let mut sums = [bias; PIXELS];
    for (weights, pixels) in weights.iter().zip(panel) {
        for (sums, pixel) in sums.iter_mut().zip(pixels) {
            let pixel: i16x8 = cast(i32x4::splat(*pixel));
            sums[0] += pixel.dot(weights[0]);
            sums[1] += pixel.dot(weights[1]);
        }
    }
    sums
}

/// Rescales the sums of up to eight channels.
#[inline]
pub(super) fn store<R: Rescale>(rescale: &R, channel: usize, sums: [i32x4; 2], to: &mut [R::Out]) {
    // Groups may begin in the middle of a block of scales: those few go one by one.
    if to.len() == CHANNELS {
        to[..4].copy_from_slice(&rescale.four(channel, sums[0]));
        to[4..].copy_from_slice(&rescale.four(channel + 4, sums[1]));
    } else {
        let sums = sums.map(i32x4::to_array);
        for (i, to) in to.iter_mut().enumerate() {
            *to = rescale.one(channel + i, sums[i / 4][i % 4]);
        }
    }
    debug_assert!(channel + to.len() <= padded(channel + to.len()));
}
