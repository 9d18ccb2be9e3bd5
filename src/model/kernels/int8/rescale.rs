//! From a 32-bit sum to the output: eight bits again, or real numbers.
//!
//! `q = round(sum * scale) + zero`, ties to even, kept within `low..=high`, where `scale` is input scale
//! times weight scale over output scale, in f32. ReLU and Clip are nothing but narrower bounds.
//! A fixed-point multiplier (Jacob et al. 2018, section 2.2) would avoid the float, but WebAssembly
//! has no 32-bit multiplication that keeps the high half, and onnxruntime multiplies floats as well,
//! so that the same file gives the same bits there and here.

use super::lanes;
use wide::{bytemuck::cast, f32x4, i32x4};

/// 1.5 * 2^23: adding it to a float of small magnitude pushes the fraction out of the mantissa, by the
/// rounding of every float addition, to nearest with ties to even. The bits of larger floats keep their
/// order, as integers too, so that bounds can be applied to them afterwards.
const MAGIC: f32 = 12_582_912.0;
const MAGIC_BITS: i32 = MAGIC.to_bits() as i32;

/// What becomes of the sums of one layer.
pub trait Rescale: Sync {
    type Out: Copy + Default;
    /// Of channel `channel`.
    fn one(&self, channel: usize, sum: i32) -> Self::Out;
    /// The scales of channels `channel..channel + 8`, those beyond the last being 0.
    fn scales(&self, channel: usize) -> [f32x4; 2];
    /// Eight channels with their scales.
    fn eight(&self, scales: &[f32x4; 2], sums: [i32x4; 2]) -> [Self::Out; 8];
}

/// Channels rounded up to whole blocks of 8.
pub const fn padded(channels: usize) -> usize {
    channels.next_multiple_of(8)
}

/// A scale for each channel, with a block of zeros behind.
fn fill(scales: &[f32], channels: usize) -> Vec<f32> {
    assert!(scales.len() == 1 || scales.len() == channels, "{} scales for {channels} channels", scales.len());
    let each = |c: usize| if c < channels { scales[c % scales.len()] } else { 0.0 };
    (0..padded(channels) + 8).map(each).collect()
}

fn eight(scales: &[f32], channel: usize) -> [f32x4; 2] {
    let s = &scales[channel..channel + 8];
    [f32x4::from([s[0], s[1], s[2], s[3]]), f32x4::from([s[4], s[5], s[6], s[7]])]
}

/// To the steps of a quantized tensor.
#[derive(Debug, Clone, PartialEq)]
pub struct ToSteps {
    scales: Vec<f32>,
    zero: i8,
    low: i8,
    high: i8,
}

impl ToSteps {
    /// One scale, or one for each of `channels`; bounds as stored, and what 0.0 is stored as.
    ///
    /// # Panics
    /// If there is another number of scales.
    pub fn new(scales: &[f32], channels: usize, (low, high): (i8, i8), zero: i8) -> Self {
        Self { scales: fill(scales, channels), zero, low, high }
    }
}

impl Rescale for ToSteps {
    type Out = i8;

    #[inline]
    fn one(&self, channel: usize, sum: i32) -> i8 {
        steps(sum as f32 * self.scales[channel], self.zero, (self.low, self.high))
    }

    #[inline]
    fn scales(&self, channel: usize) -> [f32x4; 2] {
        eight(&self.scales, channel)
    }

    #[inline(always)]
    fn eight(&self, scales: &[f32x4; 2], sums: [i32x4; 2]) -> [i8; 8] {
        let real = [sums[0].round_float() * scales[0], sums[1].round_float() * scales[1]];
        steps8(real, self.zero, (self.low, self.high))
    }
}

/// `round(x) + zero` within `low..=high`, ties to even; NaN becomes one of the ends.
#[inline]
pub fn steps(x: f32, zero: i8, (low, high): (i8, i8)) -> i8 {
    let bits = (x + MAGIC).to_bits() as i32;
    let zero = i32::from(zero);
    let kept = bits.max(MAGIC_BITS + i32::from(low) - zero).min(MAGIC_BITS + i32::from(high) - zero);
    (kept - (MAGIC_BITS - zero)) as i8
}

/// The same for eight numbers.
#[inline(always)]
pub fn steps8(x: [f32x4; 2], zero: i8, (low, high): (i8, i8)) -> [i8; 8] {
    let zero = i32::from(zero);
    let least = i32x4::splat(MAGIC_BITS + i32::from(low) - zero);
    let most = i32x4::splat(MAGIC_BITS + i32::from(high) - zero);
    lanes::narrow(x.map(|x| {
        let bits: i32x4 = cast(x + f32x4::splat(MAGIC));
        bits.max(least).min(most) - i32x4::splat(MAGIC_BITS - zero)
    }))
}

/// To real numbers, where no quantized tensor follows.
#[derive(Debug, Clone, PartialEq)]
pub struct ToReal {
    scales: Vec<f32>,
    low: f32,
    high: f32,
}

impl ToReal {
    /// One scale, or one for each of `channels`; bounds as real numbers, infinite for none.
    ///
    /// # Panics
    /// If there is another number of scales.
    pub fn new(scales: &[f32], channels: usize, (low, high): (f32, f32)) -> Self {
        Self { scales: fill(scales, channels), low, high }
    }
}

impl Rescale for ToReal {
    type Out = f32;

    #[inline]
    fn one(&self, channel: usize, sum: i32) -> f32 {
        (sum as f32 * self.scales[channel]).max(self.low).min(self.high)
    }

    #[inline]
    fn scales(&self, channel: usize) -> [f32x4; 2] {
        eight(&self.scales, channel)
    }

    #[inline(always)]
    fn eight(&self, scales: &[f32x4; 2], sums: [i32x4; 2]) -> [f32; 8] {
        let real = |i: usize| {
            let real = sums[i].round_float() * scales[i];
            real.fast_max(f32x4::splat(self.low)).fast_min(f32x4::splat(self.high)).to_array()
        };
        let ([a, b, c, d], [e, f, g, h]) = (real(0), real(1));
        [a, b, c, d, e, f, g, h]
    }
}

/// Rescales and writes the sums of up to eight channels.
#[inline(always)]
pub(super) fn store<R: Rescale>(rescale: &R, scales: &[f32x4; 2], sums: [i32x4; 2], to: &mut [R::Out]) {
    let eight = rescale.eight(scales, sums);
    match to.first_chunk_mut::<8>() {
        Some(to) => *to = eight,
        None => store_part(eight, to),
    }
}

/// Apart, or the compiler sends whole blocks through memory too.
#[cold]
#[inline(never)]
fn store_part<T: Copy>(eight: [T; 8], to: &mut [T]) {
    to.copy_from_slice(&eight[..to.len()]);
}
