//! Dense, 1x1 and grouped convolution of quantized pictures, and with it every matrix product.
//!
//! ```text
//! for each group, for each batch of rows that fits the cache (a row: all that one output pixel is made of):
//!     lay the rows out, unless they lie in the input as they are
//!     deal them into panels of 4 rows: their first words, their second words, ...
//!     for each block of 8 output channels, for each panel:
//!         sums[4][8] = bias
//!         for each word: for each of the 4 rows: sums += dot(its word, broadcast; those of 8 channels' weights)
//!         rescale and store
//! ```
//!
//! Two ways to multiply, equal bit by bit. [`Path::Pairs`] has words of two 16-bit numbers
//! (`i32x4.dot_i16x8_s` in WebAssembly, `pmaddwd` on x86) and runs any weights. [`Path::Quads`] has words of
//! four bytes (`i32x4.relaxed_dot_i8x16_i7x16_add_s`), but its second operand must be within 0..=127: weights within -64..=63 are stored with 64 added, and
//! `sum(a * w) = sum(a * (w + 64)) - 64 * sum(a)`, where the last sum is one per row.
//!
//! The input's zero point never shows up in the loop: `sum((a - zero) * w) = sum(a * w) - zero * sum(w)`,
//! whose last term is part of the bias, with padding stored as the zero point. Eight sums, two vectors of
//! weights and one of a word fit sixteen registers, as long as the loop takes one word at a time: unrolled,
//! the compiler loads ahead and spills. No more than a batch of rows is ever laid out. All of it is safe code.

use super::dispatch::one_is_faster;
use super::lanes;
use super::rescale::{Rescale, store};
use super::window::{Pictures, Window};
use std::ops::Range;
use wide::{bytemuck::cast, i8x16, i16x8, i32x4};

/// Output channels in a block.
const CHANNELS: usize = 8;
/// Rows in a tile.
pub(super) const ROWS: usize = 4;
/// Words in a batch of rows: 16 kB.
const BATCH: usize = 4 << 10;
/// Bytes in a line that is copied as one vector.
const SHORT: usize = 16;
/// What is added to weights of seven bits.
const OFFSET: i16 = 64;

/// How to multiply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    Pairs,
    Quads,
}

impl Path {
    /// The faster one that can run these weights in this build.
    pub fn of(weights: &[i16]) -> Self {
        if lanes::RELAXED && Self::has_seven_bits(weights) { Self::Quads } else { Self::Pairs }
    }

    /// Numbers of a row in a word.
    const fn numbers(self) -> usize {
        match self {
            Self::Pairs => 2,
            Self::Quads => 4,
        }
    }

    /// Numbers of a row that are dealt at a time.
    const fn step(self) -> usize {
        match self {
            Self::Pairs => 8,
            Self::Quads => 4,
        }
    }

    /// Deals `numbers` of four rows, a multiple of [`Self::step`], into a panel.
    #[inline]
    fn deal(self, rows: [&[i8]; ROWS], numbers: usize, panels: &mut Vec<[i32; ROWS]>) {
        let [a, b, c, d] = [&rows[0][..numbers], &rows[1][..numbers], &rows[2][..numbers], &rows[3][..numbers]];
        match self {
            Self::Pairs => {
                let (a, b, c, d) =
                    (a.as_chunks::<8>().0, b.as_chunks::<8>().0, c.as_chunks::<8>().0, d.as_chunks::<8>().0);
                for ((a, b), (c, d)) in a.iter().zip(b).zip(c.iter().zip(d)) {
                    let word = |eight: &[i8; 8]| cast(lanes::widen(eight));
                    panels.extend_from_slice(&lanes::transpose([word(a), word(b), word(c), word(d)]));
                }
            }
            Self::Quads => {
                let (a, b, c, d) = (a.as_chunks::<16>(), b.as_chunks::<16>(), c.as_chunks::<16>(), d.as_chunks::<16>());
                for ((a, b), (c, d)) in a.0.iter().zip(b.0).zip(c.0.iter().zip(d.0)) {
                    panels.extend_from_slice(&lanes::transpose([cast(*a), cast(*b), cast(*c), cast(*d)]));
                }
                let (a, b, c, d) =
                    (a.1.as_chunks::<4>().0, b.1.as_chunks::<4>().0, c.1.as_chunks::<4>().0, d.1.as_chunks::<4>().0);
                for ((a, b), (c, d)) in a.iter().zip(b).zip(c.iter().zip(d)) {
                    panels.push([cast(*a), cast(*b), cast(*c), cast(*d)]);
                }
            }
        }
    }

    /// Whether weights, zero point taken off, are within what [`Path::Quads`] can run.
    pub fn has_seven_bits(weights: &[i16]) -> bool {
        weights.iter().all(|w| (-OFFSET..OFFSET).contains(w))
    }
}

/// A convolution with its weights in the order the kernel reads them.
#[derive(Debug, Clone)]
pub struct Conv {
    window: Window,
    groups: usize,
    in_channels: usize,
    out_channels: usize,
    /// What padding is stored as.
    zero: i8,
    /// Numbers in a row, filled up to what a path takes at a time.
    depth: usize,
    /// Whether a line of the window is one piece of the input that fills whole words.
    in_lines: bool,
    weights: Weights,
    /// `[groups, blocks]`.
    bias: Vec<[i32x4; 2]>,
}

/// `[groups, blocks, depth / 2 or 4]`: the pairs or quads of eight output channels.
#[derive(Debug, Clone)]
enum Weights {
    Pairs(Vec<[i16x8; 2]>),
    Quads(Vec<[i8x16; 2]>),
}

/// Buffers of one run.
#[derive(Default)]
struct Scratch {
    rows: Vec<i8>,
    panels: Vec<[i32; ROWS]>,
    /// What each panel starts from.
    offsets: Vec<[i32; ROWS]>,
}

/// One group of one picture.
struct Part<'a> {
    group: usize,
    given: Pictures,
    input: &'a [i8],
}

impl Conv {
    /// Packs `weights` `[out, in_channels / groups, kh, kw]`, zero point taken off, and `bias` `[out]`;
    /// `zero` is the input's zero point.
    ///
    /// # Panics
    /// If their lengths do not fit, or the groups do not divide the channels.
    pub fn new(window: Window, groups: usize, in_channels: usize, weights: &[i16], bias: &[i32], zero: i8) -> Self {
        Self::by_path(Path::of(weights), window, groups, in_channels, weights, bias, zero)
    }

    /// As [`Self::new`], by a given path.
    ///
    /// # Panics
    /// Also if the path cannot run these weights.
    pub fn by_path(
        path: Path,
        window: Window,
        groups: usize,
        in_channels: usize,
        weights: &[i16],
        bias: &[i32],
        zero: i8,
    ) -> Self {
        let (out_channels, of, taps) = (bias.len(), in_channels / groups, window.taps());
        assert!(in_channels.is_multiple_of(groups) && out_channels.is_multiple_of(groups), "{groups} groups");
        assert_eq!(weights.len(), out_channels * of * taps, "weights of {window:?}");
        let (in_group, row) = (out_channels / groups, of * taps);
        let depth = row.next_multiple_of(path.step());
        let in_lines = (of * window.kernel.1).is_multiple_of(path.step())
            && (taps == 1 || (groups == 1 && window.dilation.1 == 1));
        // Number `k` of a row is of tap `k / of` and channel `k % of`.
        let weight = |o: usize, k: usize| weights[(o * of + k % of) * taps + k / of];
        let blocks: Vec<[Option<usize>; CHANNELS]> = (0..groups)
            .flat_map(|group| {
                (0..in_group).step_by(CHANNELS).map(move |first| {
                    std::array::from_fn(|i| Some(first + i).filter(|o| *o < in_group).map(|o| group * in_group + o))
                })
            })
            .collect();
        let inside = |o: Option<usize>, k: usize| o.filter(|_| k < row).map_or(0, |o| weight(o, k));
        let packed = match path {
            Path::Pairs => Weights::Pairs(
                blocks
                    .iter()
                    .flat_map(|block| {
                        (0..depth).step_by(2).map(|k| {
                            [0, 4].map(|first| {
                                i16x8::from(std::array::from_fn(|i| inside(block[first + i / 2], k + i % 2)))
                            })
                        })
                    })
                    .collect(),
            ),
            Path::Quads => {
                assert!(Path::has_seven_bits(weights), "weights of more than seven bits");
                Weights::Quads(
                    blocks
                        .iter()
                        .flat_map(|block| {
                            (0..depth).step_by(4).map(|k| {
                                [0, 4].map(|first| {
                                    let byte = |i: usize| (inside(block[first + i / 4], k + i % 4) + OFFSET) as i8;
                                    i8x16::from(std::array::from_fn(byte))
                                })
                            })
                        })
                        .collect(),
                )
            }
        };
        let sum = |o: usize| {
            let all: i32 = (0..row).map(|k| i32::from(weight(o, k))).fold(0, i32::wrapping_add);
            bias[o].wrapping_sub(all.wrapping_mul(i32::from(zero)))
        };
        let bias = blocks
            .iter()
            .map(|block| [0, 4].map(|first| i32x4::from(std::array::from_fn(|i| block[first + i].map_or(0, sum)))));
        Self { window, groups, in_channels, out_channels, zero, depth, in_lines, bias: bias.collect(), weights: packed }
    }

    /// How it multiplies.
    pub fn path(&self) -> Path {
        match self.weights {
            Weights::Pairs(_) => Path::Pairs,
            Weights::Quads(_) => Path::Quads,
        }
    }

    /// Convolves `input` `[n, h, w, in_channels]`; gives `[n, out_h, out_w, out]`.
    ///
    /// # Panics
    /// If the lengths do not fit.
    pub fn run<R: Rescale>(&self, given: Pictures, input: &[i8], rescale: &R, output: &mut [R::Out]) {
        let (out_h, out_w) = self.window.output(given.size);
        assert!(given.channels == self.in_channels && input.len() == given.numbers(), "{given:?}");
        assert_eq!(output.len(), given.count * out_h * out_w * self.out_channels);
        if output.is_empty() {
            return;
        }
        let (picture, made) = (given.pixels() * given.channels, out_h * out_w * self.out_channels);
        let mut scratch = Scratch::default();
        for (input, output) in input.chunks_exact(picture).zip(output.chunks_exact_mut(made)) {
            for group in 0..self.groups {
                self.group(&Part { group, given, input }, rescale, output, &mut scratch);
            }
        }
    }

    fn group<R: Rescale>(&self, part: &Part, rescale: &R, output: &mut [R::Out], scratch: &mut Scratch) {
        let (out_h, out_w) = self.window.output(part.given.size);
        let words = self.depth / self.path().numbers();
        // Enough rows to use a block of weights often, so few that they and what they become stay in the cache.
        let step = (BATCH / words.max(self.out_channels / self.groups / 4) / ROWS).max(1) * ROWS;
        for first in (0..out_h * out_w).step_by(step) {
            let pixels = first..(first + step).min(out_h * out_w);
            scratch.panels.clear();
            if self.in_lines {
                self.deal_lines(part, &pixels, scratch);
            } else {
                self.lay_out(part, pixels.clone(), &mut scratch.rows);
                for tile in pixels.clone().step_by(ROWS) {
                    let row = |i: usize| &scratch.rows[((tile + i).min(pixels.end - 1) - first) * self.depth..];
                    let rows = [row(0), row(1), row(2), row(3)];
                    self.path().deal(rows, self.depth, &mut scratch.panels);
                }
            }
            match &self.weights {
                Weights::Pairs(weights) => self.pairs(part.group, weights, &pixels, &scratch.panels, rescale, output),
                Weights::Quads(weights) if one_is_faster() => {
                    self.quads::<true, R>(part.group, weights, &pixels, scratch, rescale, output);
                }
                Weights::Quads(weights) => {
                    self.quads::<false, R>(part.group, weights, &pixels, scratch, rescale, output)
                }
            }
        }
    }

    /// Deals panels straight out of the input. Rows beyond the last are the last again; nobody stores them.
    fn deal_lines(&self, part: &Part, pixels: &Range<usize>, Scratch { rows, panels, .. }: &mut Scratch) {
        let ((h, w), of) = (part.given.size, self.in_channels / self.groups);
        let (_, out_w) = self.window.output((h, w));
        let Window { kernel, stride, dilation, pad, .. } = self.window;
        let line = kernel.1 * of;
        // A line of padding, and room for those that are part padding.
        rows.clear();
        rows.resize(line * (1 + ROWS), self.zero);
        let (zeros, rest) = rows.split_at_mut(line);
        for tile in pixels.clone().step_by(ROWS) {
            let places: [(usize, usize); ROWS] = std::array::from_fn(|i| {
                let pixel = (tile + i).min(pixels.end - 1);
                (pixel / out_w, pixel % out_w)
            });
            for ky in 0..kernel.0 {
                let mut lines: [&[i8]; ROWS] = [zeros; ROWS];
                for ((line_at, room), (y, x)) in lines.iter_mut().zip(rest.chunks_exact_mut(line)).zip(places) {
                    let from = (y * stride.0 + ky * dilation.0).wrapping_sub(pad.0);
                    let left = (x * stride.1).wrapping_sub(pad.1);
                    if from >= h {
                        continue;
                    }
                    *line_at = if left < w && left + kernel.1 <= w {
                        let at = (from * w + left) * self.in_channels + part.group * of;
                        &part.input[at..at + line]
                    } else {
                        let skip = pad.1.saturating_sub(x * stride.1).min(kernel.1);
                        let first = (x * stride.1 + skip).saturating_sub(pad.1).min(w);
                        let count = (kernel.1 - skip).min(w - first);
                        room.fill(self.zero);
                        room[skip * of..][..count * of]
                            .copy_from_slice(&part.input[(from * w + first) * of..][..count * of]);
                        room
                    };
                }
                self.path().deal(lines, line, panels);
            }
        }
    }

    /// Copies what each output pixel is made of into a row: tap by tap, channel by channel.
    fn lay_out(&self, part: &Part, pixels: Range<usize>, rows: &mut Vec<i8>) {
        let (h, w) = part.given.size;
        let (_, out_w) = self.window.output((h, w));
        let of = self.in_channels / self.groups;
        let kernel = self.window.kernel;
        let line = kernel.1 * of;
        rows.clear();
        rows.resize(pixels.len() * self.depth + SHORT, self.zero);
        for (at, pixel) in pixels.enumerate() {
            let (y, x) = (pixel / out_w, pixel % out_w);
            for ky in 0..kernel.0 {
                let from = (y * self.window.stride.0 + ky * self.window.dilation.0).wrapping_sub(self.window.pad.0);
                let row = &mut rows[at * self.depth + ky * line..];
                if from >= h {
                    row[..line].fill(self.zero);
                    continue;
                }
                let left = (x * self.window.stride.1).wrapping_sub(self.window.pad.1);
                let whole = self.groups == 1 && self.window.dilation.1 == 1 && left < w && left + kernel.1 <= w;
                let input = &part.input[(from * w) * self.in_channels..];
                if let Some(short) = whole.then(|| input[left * of..].first_chunk::<SHORT>()).flatten()
                    && line <= SHORT
                {
                    // Neighbouring taps are neighbours in the input too, and a fixed length is one instruction.
                    // What is too much is written over by the next line, or multiplied with 0.
                    row[..SHORT].copy_from_slice(short);
                    continue;
                }
                for (kx, tap) in row[..line].chunks_exact_mut(of).enumerate() {
                    let column =
                        (x * self.window.stride.1 + kx * self.window.dilation.1).wrapping_sub(self.window.pad.1);
                    if column < w {
                        tap.copy_from_slice(&input[column * self.in_channels + part.group * of..][..of]);
                    } else {
                        tap.fill(self.zero);
                    }
                }
            }
        }
    }

    fn pairs<R: Rescale>(
        &self,
        group: usize,
        weights: &[[i16x8; 2]],
        pixels: &Range<usize>,
        panels: &[[i32; ROWS]],
        rescale: &R,
        output: &mut [R::Out],
    ) {
        let length = self.depth / Path::Pairs.numbers();
        for block in self.blocks(group) {
            let (weights, bias) = (&weights[block.at * length..][..length], self.bias[block.at]);
            let scales = rescale.scales(block.channel);
            for (tile, panel) in pixels.clone().step_by(ROWS).zip(panels.chunks_exact(length)) {
                let mut sums = [bias; ROWS];
                multiply_pairs(weights, panel, &mut sums);
                for (pixel, sums) in (tile..pixels.end).zip(sums) {
                    let to = &mut output[pixel * self.out_channels + block.channel..][..block.channels];
                    store(rescale, &scales, sums, to);
                }
            }
        }
    }

    #[cfg_attr(all(target_arch = "wasm32", feature = "relaxed"), target_feature(enable = "relaxed-simd"))]
    fn quads<const ONE: bool, R: Rescale>(
        &self,
        group: usize,
        weights: &[[i8x16; 2]],
        pixels: &Range<usize>,
        Scratch { panels, offsets, .. }: &mut Scratch,
        rescale: &R,
        output: &mut [R::Out],
    ) {
        let length = self.depth / Path::Quads.numbers();
        offsets.clear();
        offsets.extend(panels.chunks_exact(length).map(|panel| {
            let mut sums = i32x4::ZERO;
            for words in panel {
                sums = lanes::dot4::<ONE>(i32x4::from(*words), i8x16::splat(1), sums);
            }
            (sums * i32x4::splat(-i32::from(OFFSET))).to_array()
        }));
        for block in self.blocks(group) {
            let (weights, bias) = (&weights[block.at * length..][..length], self.bias[block.at]);
            let scales = rescale.scales(block.channel);
            let tiles = pixels.clone().step_by(ROWS).zip(offsets.iter());
            for ((tile, offsets), panel) in tiles.zip(panels.chunks_exact(length)) {
                let mut sums = [bias; ROWS];
                for (sums, offset) in sums.iter_mut().zip(offsets) {
                    sums[0] += i32x4::splat(*offset);
                    sums[1] += i32x4::splat(*offset);
                }
                multiply_quads::<ONE>(weights, panel, &mut sums);
                for (pixel, sums) in (tile..pixels.end).zip(sums) {
                    let to = &mut output[pixel * self.out_channels + block.channel..][..block.channels];
                    store(rescale, &scales, sums, to);
                }
            }
        }
    }

    /// The blocks of a group.
    fn blocks(&self, group: usize) -> impl Iterator<Item = Block> {
        let (in_group, count) = (self.out_channels / self.groups, self.bias.len() / self.groups);
        (0..count).map(move |block| Block {
            at: group * count + block,
            channel: group * in_group + block * CHANNELS,
            channels: (in_group - block * CHANNELS).min(CHANNELS),
        })
    }
}

/// Eight output channels, or what there is of them.
struct Block {
    /// Its number among the blocks of all groups.
    at: usize,
    /// The first of its channels.
    channel: usize,
    channels: usize,
}

/// The innermost loop on pairs: eight output channels of a panel.
#[inline(always)]
fn multiply_pairs(weights: &[[i16x8; 2]], panel: &[[i32; ROWS]], sums: &mut [[i32x4; 2]; ROWS]) {
    for (weights, words) in weights.iter().zip(panel) {
        for (sums, word) in sums.iter_mut().zip(words) {
            let pair: i16x8 = cast(i32x4::splat(*word));
            sums[0] += pair.dot(weights[0]);
            sums[1] += pair.dot(weights[1]);
        }
    }
}

/// The innermost loop on quads.
#[inline]
#[cfg_attr(all(target_arch = "wasm32", feature = "relaxed"), target_feature(enable = "relaxed-simd"))]
pub(super) fn multiply_quads<const ONE: bool>(
    weights: &[[i8x16; 2]],
    panel: &[[i32; ROWS]],
    sums: &mut [[i32x4; 2]; ROWS],
) {
    for (weights, words) in weights.iter().zip(panel) {
        for (sums, word) in sums.iter_mut().zip(words) {
            let quad = i32x4::splat(*word);
            sums[0] = lanes::dot4::<ONE>(quad, weights[0], sums[0]);
            sums[1] = lanes::dot4::<ONE>(quad, weights[1], sums[1]);
        }
    }
}
