//! Depthwise convolution of quantized pictures: every channel has a kernel of its own.
//!
//! ```text
//! for each output pixel:
//!     find the pixels under the window, a row of zero points where there is none
//!     for each block of 8 channels:
//!         sums[8] = bias
//!         for each two taps: sums += dot(their 8 channels interleaved, their weights interleaved)
//!         rescale and store
//! ```
//!
//! Taking two taps at once turns a multiplication of single numbers into the dot product of pairs
//! that [`super::conv`] runs on. The zero point is part of the bias, as there.

use super::lanes;
use super::rescale::{Rescale, padded, store};
use super::window::{Pictures, Window};
use wide::{i16x8, i32x4};

/// Channels in a block.
const CHANNELS: usize = 8;

/// A depthwise convolution with its weights in the order the kernel reads them.
#[derive(Debug, Clone)]
pub struct Depthwise {
    window: Window,
    channels: usize,
    /// What padding is stored as.
    zero: i8,
    /// `[blocks, pairs of taps]`: four channels and four more, each with two taps side by side.
    weights: Vec<[i16x8; 2]>,
    bias: Vec<[i32x4; 2]>,
}

/// One picture with whole blocks of channels.
struct Part<'a> {
    given: Pictures,
    input: &'a [i8],
    /// A pixel of padding.
    zeros: &'a [i8],
}

impl Depthwise {
    /// Packs `weights` `[channels, kh, kw]`, zero point taken off, and `bias` `[channels]`; `zero` is the
    /// input's zero point.
    ///
    /// # Panics
    /// If their lengths do not fit.
    pub fn new(window: Window, weights: &[i16], bias: &[i32], zero: i8) -> Self {
        let (channels, taps) = (bias.len(), window.taps());
        assert_eq!(weights.len(), channels * taps, "weights of {window:?}");
        // Strips take the upper two taps of each column, then the lower ones.
        let strips = Self::is_common(&window);
        let weight = |c: usize, tap: usize| {
            let tap = if strips && tap < taps { [0, 3, 1, 4, 2, 5, 6, 7, 8][tap] } else { tap };
            if c < channels && tap < taps { weights[c * taps + tap] } else { 0 }
        };
        let blocks = 0..channels.div_ceil(CHANNELS);
        let pairs = |block: usize| {
            (0..taps.div_ceil(2)).map(move |pair| {
                [0, 4].map(|first| {
                    let channel = |i: usize| block * CHANNELS + first + i / 2;
                    i16x8::from(std::array::from_fn(|i| weight(channel(i), pair * 2 + i % 2)))
                })
            })
        };
        let sum = |c: usize| {
            let all: i32 = (0..taps).map(|tap| i32::from(weight(c, tap))).sum();
            bias.get(c).map_or(0, |bias| bias.wrapping_sub(all.wrapping_mul(i32::from(zero))))
        };
        let sums = |block: usize| [0, 4].map(|f| i32x4::from(std::array::from_fn(|i| sum(block * CHANNELS + f + i))));
        let (weights, bias) = (blocks.clone().flat_map(pairs).collect(), blocks.map(sums).collect());
        Self { window, channels, zero, weights, bias }
    }

    /// Convolves `input` `[n, h, w, channels]`; gives `[n, out_h, out_w, channels]`.
    ///
    /// # Panics
    /// If the lengths do not fit.
    pub fn run<R: Rescale>(&self, given: Pictures, input: &[i8], rescale: &R, output: &mut [R::Out]) {
        let (out_h, out_w) = self.window.output(given.size);
        assert!(given.channels == self.channels && input.len() == given.numbers(), "{given:?}");
        assert_eq!(output.len(), given.count * out_h * out_w * self.channels);
        if output.is_empty() {
            return;
        }
        // Whole blocks of channels, so that the inner loop has no rest.
        let wide = padded(self.channels);
        let widened: Vec<i8>;
        let input = if wide == self.channels {
            input
        } else {
            let rest = std::iter::repeat_n(0, wide - self.channels);
            widened = input.chunks_exact(self.channels).flat_map(|p| p.iter().copied().chain(rest.clone())).collect();
            &widened
        };
        let zeros = vec![self.zero; wide];
        let (picture, made) = (given.pixels() * wide, out_h * out_w * self.channels);
        for (input, output) in input.chunks_exact(picture).zip(output.chunks_exact_mut(made)) {
            let part = Part { given, input, zeros: &zeros };
            match self.window.taps() {
                9 if Self::is_common(&self.window) => self.strips(&part, rescale, output),
                9 => self.picture::<5, R>(&part, rescale, output),
                25 => self.picture::<13, R>(&part, rescale, output),
                _ => self.any_window(&part, rescale, output),
            }
        }
    }

    /// Whether the window is 3x3 as everyone has it: not dilated, one column of padding, strides of 1 or 2.
    fn is_common(window: &Window) -> bool {
        let Window { kernel, stride, dilation, pad, .. } = *window;
        kernel == (3, 3) && dilation == (1, 1) && pad.1 == 1 && (1..=2).contains(&stride.1)
    }

    /// Block by block along each row of the output, so that every column is loaded once.
    fn strips<R: Rescale>(&self, part: &Part, rescale: &R, output: &mut [R::Out]) {
        let ((_, w), blocks) = (part.given.size, self.bias.len());
        let (_, out_w) = self.window.output(part.given.size);
        let padding = part.zeros.repeat(w);
        let weights = &self.weights.as_chunks::<5>().0[..blocks];
        for (y, output) in output.chunks_exact_mut(out_w * self.channels).enumerate() {
            let row = |ky: usize| self.row(part, y, ky).unwrap_or(&padding).as_chunks::<CHANNELS>().0;
            let (a, b, c) = (row(0).chunks_exact(blocks), row(1).chunks_exact(blocks), row(2).chunks_exact(blocks));
            let beyond = Column::of(self.zero);
            for block in 0..blocks {
                let (weights, bias) = (&weights[block], self.bias[block]);
                let (first, scales) = (block * CHANNELS, rescale.scales(block * CHANNELS));
                let wanted = (self.channels - first).min(CHANNELS);
                let mut columns = a.clone().zip(b.clone().zip(c.clone()));
                let mut next =
                    || columns.next().map_or(beyond, |(a, (b, c))| Column::new(&a[block], &b[block], &c[block]));
                let mut left = beyond;
                let mut middle = next();
                for output in output.chunks_exact_mut(self.channels) {
                    let right = next();
                    let sums = Column::add([left, middle, right], weights, bias);
                    store(rescale, &scales, sums, &mut output[first..][..wanted]);
                    (left, middle) = if self.window.stride.1 == 1 { (middle, right) } else { (right, next()) };
                }
            }
        }
    }

    /// With the number of pairs of taps known beforehand.
    fn picture<const PAIRS: usize, R: Rescale>(&self, part: &Part, rescale: &R, output: &mut [R::Out]) {
        let blocks = self.bias.len();
        let weights = &self.weights.as_chunks::<PAIRS>().0[..blocks];
        let across = self.window.kernel.1;
        let (_, out_w) = self.window.output(part.given.size);
        for (y, output) in output.chunks_exact_mut(out_w * self.channels).enumerate() {
            let rows: [[_; 2]; PAIRS] = pairs(|tap| self.row(part, y, tap / across));
            for (x, output) in output.chunks_exact_mut(self.channels).enumerate() {
                let under: [[&[[i8; CHANNELS]]; 2]; PAIRS] = std::array::from_fn(|pair| {
                    std::array::from_fn(|side| {
                        let kx = (2 * pair + side) % across;
                        &self.pixel(part, rows[pair][side], x, kx)[..blocks]
                    })
                });
                for block in 0..blocks {
                    let mut sums = self.bias[block];
                    for (under, weights) in under.iter().zip(&weights[block]) {
                        add_pair(&mut sums, &under[0][block], &under[1][block], weights);
                    }
                    self.store(rescale, block, sums, output);
                }
            }
        }
    }

    fn any_window<R: Rescale>(&self, part: &Part, rescale: &R, output: &mut [R::Out]) {
        let (_, out_w) = self.window.output(part.given.size);
        let (taps, across) = (self.window.taps(), self.window.kernel.1);
        let mut under = Vec::new();
        for (at, output) in output.chunks_exact_mut(self.channels).enumerate() {
            let (y, x) = (at / out_w, at % out_w);
            under.clear();
            under.extend(
                (0..taps.next_multiple_of(2))
                    .map(|tap| self.pixel(part, self.row(part, y, tap / across), x, tap % across)),
            );
            for (block, weights) in self.weights.chunks_exact(taps.div_ceil(2)).enumerate() {
                let mut sums = self.bias[block];
                for (pair, weights) in under.chunks_exact(2).zip(weights) {
                    add_pair(&mut sums, &pair[0][block], &pair[1][block], weights);
                }
                self.store(rescale, block, sums, output);
            }
        }
    }

    #[inline(always)]
    fn store<R: Rescale>(&self, rescale: &R, block: usize, sums: [i32x4; 2], output: &mut [R::Out]) {
        let first = block * CHANNELS;
        let wanted = (self.channels - first).min(CHANNELS);
        store(rescale, &rescale.scales(first), sums, &mut output[first..][..wanted]);
    }

    /// The input's row under row `ky` of the window; `None` in the padding, and beyond the window.
    #[inline]
    fn row<'a>(&self, part: &Part<'a>, y: usize, ky: usize) -> Option<&'a [i8]> {
        let (h, w) = part.given.size;
        let row = (y * self.window.stride.0 + ky * self.window.dilation.0).checked_sub(self.window.pad.0)?;
        let wide = w * part.zeros.len();
        (row < h && ky < self.window.kernel.0).then(|| &part.input[row * wide..][..wide])
    }

    /// The pixel of a row under column `kx` of the window.
    #[inline]
    fn pixel<'a>(&self, part: &Part<'a>, row: Option<&'a [i8]>, x: usize, kx: usize) -> &'a [[i8; CHANNELS]] {
        let column = (x * self.window.stride.1 + kx * self.window.dilation.1).wrapping_sub(self.window.pad.1);
        let wide = part.zeros.len();
        match row {
            Some(row) if column < part.given.size.1 => &row[column * wide..][..wide],
            _ => part.zeros,
        }
        .as_chunks()
        .0
    }
}

/// Eight channels of the three pixels of a column of the window.
#[derive(Clone, Copy)]
struct Column {
    /// The upper two, interleaved.
    upper: [i16x8; 2],
    lower: i16x8,
}

impl Column {
    fn of(zero: i8) -> Self {
        let all = i16x8::splat(i16::from(zero));
        Self { upper: [all; 2], lower: all }
    }

    #[inline(always)]
    fn new(a: &[i8; CHANNELS], b: &[i8; CHANNELS], c: &[i8; CHANNELS]) -> Self {
        Self { upper: lanes::interleave(lanes::widen(a), lanes::widen(b)), lower: lanes::widen(c) }
    }

    /// The sums of a window, its weights in the order of [`Depthwise::strips`].
    #[inline(always)]
    fn add(columns: [Self; 3], weights: &[[i16x8; 2]; 5], bias: [i32x4; 2]) -> [i32x4; 2] {
        let mut sums = bias;
        let [left, middle, right] = columns;
        let lower = lanes::interleave(left.lower, middle.lower);
        let last = lanes::interleave(right.lower, i16x8::ZERO);
        let pairs = [left.upper, middle.upper, right.upper, lower, last];
        for (pair, weights) in pairs.iter().zip(weights) {
            sums[0] += pair[0].dot(weights[0]);
            sums[1] += pair[1].dot(weights[1]);
        }
        sums
    }
}

/// Of the taps two by two.
fn pairs<T, const PAIRS: usize>(of: impl Fn(usize) -> T) -> [[T; 2]; PAIRS] {
    std::array::from_fn(|pair| [of(2 * pair), of(2 * pair + 1)])
}

/// Eight channels of two taps.
#[inline(always)]
fn add_pair(sums: &mut [i32x4; 2], a: &[i8; CHANNELS], b: &[i8; CHANNELS], weights: &[i16x8; 2]) {
    let [low, high] = lanes::interleave(lanes::widen(a), lanes::widen(b));
    sums[0] += low.dot(weights[0]);
    sums[1] += high.dot(weights[1]);
}
