//! Convolution in single precision.
//!
//! ```text
//! split the padded input into stride x stride phases, so that a step of one output pixel is a
//! step of one number in every phase
//! for each batch of panels that fits the cache (a panel: 8 pixels, two groups of four in a row):
//!     pack the panels: for each input channel and tap, the 8 numbers it is multiplied with
//!     for each block of 4 output channels, for each panel of the batch:
//!         sums[4][2] = bias
//!         for each input channel and tap:
//!             for each of the 4 output channels: sums += weight * the panel's 8 numbers
//! ```
//!
//! Eight sums, two vectors of pixels and one of weights fit the sixteen vector registers that
//! x86 gives to WebAssembly; larger tiles spill. At no time is more than a batch of panels
//! unrolled into columns ("im2col"). All of it is safe code over `wide::f32x4`, the same on
//! every target.

use std::borrow::Cow;
use wide::f32x4;

/// Least and greatest number of an output: what a ReLU or Clip behind it would do.
pub type Bounds = (f32, f32);
/// No bounds.
pub const OPEN: Bounds = (f32::NEG_INFINITY, f32::INFINITY);

/// Output channels in a tile.
const CHANNELS: usize = 4;
/// Pixels in a vector.
pub(super) const LANES: usize = 4;
/// Pixels in a panel.
const PIXELS: usize = 2 * LANES;
/// Numbers in a batch of panels: 128 kB, half of a small second-level cache.
const BATCH: usize = 32 << 10;

/// Sizes of a convolution without groups or dilation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    pub in_channels: usize,
    pub out_channels: usize,
    /// Height and width of the kernel.
    pub kernel: (usize, usize),
    /// The same in both directions.
    pub stride: usize,
    /// Rows and columns of zeros above and left of the input.
    pub pad: (usize, usize),
    /// Rows and columns of zeros below and right of the input.
    pub pad_end: (usize, usize),
    /// Height and width of the input.
    pub input: (usize, usize),
}

impl Shape {
    /// Height and width of the output.
    pub fn output(&self) -> (usize, usize) {
        let along = |input: usize, before: usize, after: usize, kernel: usize| {
            (input + before + after).checked_sub(kernel).map_or(0, |span| span / self.stride + 1)
        };
        (
            along(self.input.0, self.pad.0, self.pad_end.0, self.kernel.0),
            along(self.input.1, self.pad.1, self.pad_end.1, self.kernel.1),
        )
    }
}

/// A convolution with its weights in the order the kernel reads them.
#[derive(Debug, Clone)]
pub struct ConvF32 {
    shape: Shape,
    /// `[out_channels / 4, in_channels, kh, kw, 4]`, the last block filled up with zeros.
    weights: Vec<[f32; CHANNELS]>,
    /// `[out_channels / 4, 4]`.
    bias: Vec<[f32; CHANNELS]>,
    layout: Layout,
}

/// Where the padded, phase-split input keeps its numbers.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// Numbers in a row of a phase.
    pub row: usize,
    /// Numbers in a phase of a channel.
    phase: usize,
    /// Numbers in a channel: `stride * stride` phases.
    pub channel: usize,
    /// Offset of each tap from the output pixel's position.
    pub taps: Vec<usize>,
    groups: Vec<Group>,
}

/// Output pixels in a row.
#[derive(Debug, Clone, Copy)]
struct Group {
    /// Where the first of them lies in a phase.
    position: usize,
    y: usize,
    x: usize,
}

impl Layout {
    /// For groups of `lanes` pixels.
    pub fn new(shape: &Shape, lanes: usize) -> Self {
        let Shape { kernel: (kh, kw), stride, .. } = *shape;
        let (out_h, out_w) = shape.output();
        let columns = out_w.next_multiple_of(lanes);
        let row = columns + (kw - 1) / stride;
        let phase = row * (out_h + (kh - 1) / stride);
        let tap =
            |ky: usize, kx: usize| ((ky % stride) * stride + kx % stride) * phase + (ky / stride) * row + kx / stride;
        Self {
            row,
            phase,
            channel: stride * stride * phase,
            taps: (0..kh).flat_map(|ky| (0..kw).map(move |kx| tap(ky, kx))).collect(),
            groups: (0..out_h)
                .flat_map(|y| (0..columns).step_by(lanes).map(move |x| Group { position: y * row + x, y, x }))
                .collect(),
        }
    }
}

impl ConvF32 {
    /// Packs `weights` `[out_channels, in_channels, kh, kw]` and `bias` `[out_channels]`.
    ///
    /// # Panics
    /// If their lengths do not fit the shape, or the stride or a kernel side is 0.
    pub fn new(shape: Shape, weights: &[f32], bias: &[f32]) -> Self {
        let taps = shape.in_channels * shape.kernel.0 * shape.kernel.1;
        assert!(shape.stride > 0 && taps > 0, "{shape:?} is no convolution");
        assert_eq!((weights.len(), bias.len()), (shape.out_channels * taps, shape.out_channels));
        let blocks = shape.out_channels.div_ceil(CHANNELS);
        let of = |block: usize, lane: usize| Some(block * CHANNELS + lane).filter(|o| *o < shape.out_channels);
        let packed =
            |block: usize, k: usize| std::array::from_fn(|lane| of(block, lane).map_or(0.0, |o| weights[o * taps + k]));
        Self {
            weights: (0..blocks).flat_map(|block| (0..taps).map(move |k| packed(block, k))).collect(),
            bias: (0..blocks)
                .map(|block| std::array::from_fn(|lane| of(block, lane).map_or(0.0, |o| bias[o])))
                .collect(),
            layout: Layout::new(&shape, LANES),
            shape,
        }
    }

    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Convolves `input` `[in_channels, h, w]` into `output` `[out_channels, out_h, out_w]`, kept within `bounds`.
    ///
    /// # Panics
    /// If their lengths do not fit the shape.
    pub fn run(&self, input: &[f32], output: &mut [f32], bounds: Bounds) {
        let (h, w) = self.shape.input;
        let (out_h, out_w) = self.shape.output();
        assert_eq!(input.len(), self.shape.in_channels * h * w);
        assert_eq!(output.len(), self.shape.out_channels * out_h * out_w);
        let phases = self.split(input);
        let taps = self.weights.len() / self.bias.len();
        let at_once = (BATCH / (taps * PIXELS)).clamp(1, self.layout.groups.len().div_ceil(2).max(1));
        let mut panels = vec![[0.0; PIXELS]; at_once * taps];
        for batch in self.layout.groups.chunks(2 * at_once) {
            for (pair, panel) in batch.chunks(2).zip(panels.chunks_exact_mut(taps)) {
                self.pack(pair, &phases, panel);
            }
            for (block, (weights, bias)) in self.weights.chunks_exact(taps).zip(&self.bias).enumerate() {
                for (pair, panel) in batch.chunks(2).zip(panels.chunks_exact(taps)) {
                    self.store(block, pair, kept(multiply(weights, *bias, panel), bounds), output);
                }
            }
        }
    }

    /// Packs one panel: for each input channel and tap, the pixels of one or two groups.
    fn pack(&self, pair: &[Group], phases: &[f32], panel: &mut [[f32; PIXELS]]) {
        let first = pair[0].position;
        let second = pair.get(1).map_or(first, |group| group.position);
        let channels = phases.chunks_exact(self.layout.channel);
        if self.layout.taps.len() == 1 {
            channels.zip(panel).for_each(|(channel, to)| *to = gather(channel, first, second));
            return;
        }
        for (channel, panel) in channels.zip(panel.chunks_exact_mut(self.layout.taps.len())) {
            for (tap, to) in self.layout.taps.iter().zip(panel) {
                *to = gather(channel, first + tap, second + tap);
            }
        }
    }

    /// Writes a tile where it belongs, leaving out what lies beyond the edges.
    fn store(&self, block: usize, pair: &[Group], sums: [[f32x4; 2]; CHANNELS], output: &mut [f32]) {
        let (out_h, out_w) = self.shape.output();
        let channels = (self.shape.out_channels - block * CHANNELS).min(CHANNELS);
        for (lane, sums) in sums.iter().enumerate().take(channels) {
            for (group, sum) in pair.iter().zip(sums) {
                let at = ((block * CHANNELS + lane) * out_h + group.y) * out_w + group.x;
                let wanted = (out_w - group.x).min(LANES);
                let output = &mut output[at..at + wanted];
                match output.first_chunk_mut::<LANES>() {
                    Some(four) => *four = sum.to_array(),
                    None => short(&sum.to_array(), output),
                }
            }
        }
    }

    /// Pads the input and deals its rows and columns into `stride * stride` phases, unless it lies that way already.
    fn split<'a>(&self, input: &'a [f32]) -> Cow<'a, [f32]> {
        let Shape { stride, pad, input: (h, w), .. } = self.shape;
        if stride == 1 && pad == (0, 0) && self.layout.row == w && self.layout.channel == h * w {
            return Cow::Borrowed(input);
        }
        let mut phases = vec![0.0; self.shape.in_channels * self.layout.channel];
        if h * w > 0 && self.layout.channel > 0 {
            for (plane, phases) in input.chunks_exact(h * w).zip(phases.chunks_exact_mut(self.layout.channel)) {
                self.layout.split(&self.shape, plane, phases);
            }
        }
        Cow::Owned(phases)
    }
}

impl Layout {
    /// Deals the rows and columns of one plane into phases; what is padding there is left as it is.
    pub fn split(&self, shape: &Shape, plane: &[f32], phases: &mut [f32]) {
        let Shape { stride, pad, input: (_, w), .. } = *shape;
        for (y, line) in plane.chunks_exact(w).enumerate() {
            let (phase_y, row) = ((y + pad.0) % stride, (y + pad.0) / stride);
            if (row + 1) * self.row > self.phase {
                continue;
            }
            let start = phase_y * stride * self.phase + row * self.row;
            if stride == 1 {
                let wanted = w.min(self.row.saturating_sub(pad.1));
                copy(&line[..wanted], &mut phases[start + pad.1..][..wanted]);
                continue;
            }
            for phase_x in 0..stride {
                // The first pixel of this phase.
                let x = (phase_x + stride - pad.1 % stride) % stride;
                let column = (x + pad.1) / stride;
                let (Some(line), true) = (line.get(x..), column < self.row) else { continue };
                let to = &mut phases[start + phase_x * self.phase..][column..self.row];
                match stride {
                    2 => to.iter_mut().zip(line.chunks(2)).for_each(|(to, from)| *to = from[0]),
                    _ => to.iter_mut().zip(line.iter().step_by(stride)).for_each(|(to, from)| *to = *from),
                }
            }
        }
    }
}

/// Two groups of pixels, from where they begin in a channel; zeros where there are none.
#[inline]
fn gather(channel: &[f32], first: usize, second: usize) -> [f32; PIXELS] {
    let group = |at: usize| channel.get(at..).and_then(<[f32]>::first_chunk::<LANES>).copied().unwrap_or_default();
    let ([a, b, c, d], [e, f, g, h]) = (group(first), group(second));
    [a, b, c, d, e, f, g, h]
}

/// Sums within bounds.
#[inline]
fn kept(mut sums: [[f32x4; 2]; CHANNELS], (low, high): Bounds) -> [[f32x4; 2]; CHANNELS] {
    let (low, high) = (f32x4::splat(low), f32x4::splat(high));
    sums.iter_mut().flatten().for_each(|sum| *sum = sum.fast_max(low).fast_min(high));
    sums
}

/// The innermost loop: 4 output channels of one panel.
#[inline]
fn multiply(weights: &[[f32; CHANNELS]], bias: [f32; CHANNELS], panel: &[[f32; PIXELS]]) -> [[f32x4; 2]; CHANNELS] {
    let mut sums = bias.map(|b| [f32x4::splat(b); 2]);
    for (weights, &[a, b, c, d, e, f, g, h]) in weights.iter().zip(panel) {
        let pixels = [f32x4::from([a, b, c, d]), f32x4::from([e, f, g, h])];
        for (sums, weight) in sums.iter_mut().zip(weights) {
            let weight = f32x4::splat(*weight);
            sums[0] += weight * pixels[0];
            sums[1] += weight * pixels[1];
        }
    }
    sums
}

/// Copies a short row, four numbers at a time. Adding -0.0 changes no number; without it the compiler sees a copy of
/// memory and calls for one, which takes longer to begin than such a row takes.
#[inline]
fn copy(from: &[f32], to: &mut [f32]) {
    let nothing = f32x4::splat(std::hint::black_box(-0.0));
    let ((from, from_rest), (to, to_rest)) = (from.as_chunks::<LANES>(), to.as_chunks_mut::<LANES>());
    for (from, to) in from.iter().zip(to) {
        *to = (f32x4::from(*from) + nothing).to_array();
    }
    short(from_rest, to_rest);
}

/// Copies fewer than four numbers.
#[inline]
pub(super) fn short(from: &[f32], to: &mut [f32]) {
    match (from, to) {
        ([a, ..], [x]) => *x = *a,
        ([a, b, ..], [x, y]) => (*x, *y) = (*a, *b),
        ([a, b, c, ..], [x, y, z]) => (*x, *y, *z) = (*a, *b, *c),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::reference;
    use super::*;
    use proptest::prelude::*;

    fn check(shape: Shape, seed: u64) -> Result<(), TestCaseError> {
        let mut state = seed | 1;
        let mut random = |n: usize| -> Vec<f32> {
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f32 / (1 << 23) as f32 - 1.0
            };
            (0..n).map(|_| next()).collect()
        };
        let weights = random(shape.out_channels * shape.in_channels * shape.kernel.0 * shape.kernel.1);
        let bias = random(shape.out_channels);
        let input = random(shape.in_channels * shape.input.0 * shape.input.1);
        let expected = reference::conv_f32(&shape, &weights, &bias, &input);
        let conv = ConvF32::new(shape, &weights, &bias);
        for (low, high) in [OPEN, (0.0, f32::INFINITY), (-0.25, 0.5)] {
            let mut output = vec![f32::NAN; expected.len()];
            conv.run(&input, &mut output, (low, high));
            for (got, want) in output.iter().zip(&expected) {
                let want = want.clamp(low, high);
                prop_assert!((got - want).abs() < 1e-4, "{got} instead of {want} for {shape:?}");
            }
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(
            in_channels in 1usize..6, out_channels in 1usize..10,
            kernel in (1usize..5, 1usize..5), stride in 1usize..4,
            pad in (0usize..3, 0usize..3), pad_end in (0usize..3, 0usize..3),
            input in (1usize..14, 1usize..14), seed: u64,
        ) {
            let shape = Shape { in_channels, out_channels, kernel, stride, pad, pad_end, input };
            prop_assume!(shape.output().0 > 0 && shape.output().1 > 0);
            check(shape, seed)?;
        }
    }

    #[test]
    fn the_shapes_of_our_backbone() {
        let shape = |in_channels, out_channels, side: usize, k: usize, stride| Shape {
            in_channels,
            out_channels,
            kernel: (k, k),
            stride,
            pad: (k / 2, k / 2),
            pad_end: (k / 2, k / 2),
            input: (side, side),
        };
        for (i, o, side, k, stride) in
            [(3, 32, 64, 3, 2), (32, 32, 32, 3, 1), (32, 64, 32, 1, 2), (64, 64, 4, 3, 1), (8, 12, 8, 3, 2)]
        {
            check(shape(i, o, side, k, stride), 5).unwrap();
        }
    }
}
