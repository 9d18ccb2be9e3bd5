//! From a 32-bit sum to the output: eight bits again, or real numbers.
//!
//! `q = round(sum * scale)`, ties to even, kept within `low..=high`, where `scale` is input scale times
//! weight scale over output scale, in f32. ReLU and Clip are nothing but narrower bounds.
//! A fixed-point multiplier (Jacob et al. 2018, section 2.2) would avoid the float, but WebAssembly
//! has no 32-bit multiplication that keeps the high half, and onnxruntime multiplies floats as well,
//! so that the same file gives the same bits there and here.

use wide::{bytemuck::cast, f32x4, i32x4};

/// 1.5 * 2^23: adding it to a float of small magnitude pushes the fraction out of the mantissa, by the
/// rounding of every float addition, to nearest with ties to even.
const MAGIC: f32 = 12_582_912.0;

/// What becomes of the sums of one layer.
pub trait Rescale: Sync {
    type Out: Copy + Default;
    /// Of channel `channel`.
    fn one(&self, channel: usize, sum: i32) -> Self::Out;
    /// Of channels `channel..channel + 4`, which must be within [`padded`] of the channels.
    fn four(&self, channel: usize, sums: i32x4) -> [Self::Out; 4];
}

/// Channels rounded up to whole blocks of 8.
pub const fn padded(channels: usize) -> usize {
    channels.next_multiple_of(8)
}

/// A scale for each channel, filled up to whole blocks.
fn fill(scales: &[f32], channels: usize) -> Vec<f32> {
    assert!(scales.len() == 1 || scales.len() == channels, "{} scales for {channels} channels", scales.len());
    (0..padded(channels)).map(|c| scales.get(c % channels.max(1) % scales.len()).copied().unwrap_or(0.0)).collect()
}

/// Rounds a float within -2^22..2^22 to the nearest integer, ties to even.
#[inline]
pub fn round(x: f32) -> i16 {
    ((x + MAGIC).to_bits() as i32 - MAGIC.to_bits() as i32) as i16
}

/// To the steps of a quantized tensor.
#[derive(Debug, Clone, PartialEq)]
pub struct ToSteps {
    scales: Vec<f32>,
    low: f32,
    high: f32,
}

impl ToSteps {
    /// One scale, or one for each of `channels`; bounds in steps from the zero point.
    ///
    /// # Panics
    /// If there is another number of scales.
    pub fn new(scales: &[f32], channels: usize, (low, high): (i16, i16)) -> Self {
        Self { scales: fill(scales, channels), low: f32::from(low), high: f32::from(high) }
    }
}

impl Rescale for ToSteps {
    type Out = i16;

    #[inline]
    fn one(&self, channel: usize, sum: i32) -> i16 {
        round((sum as f32 * self.scales[channel]).max(self.low).min(self.high))
    }

    #[inline]
    fn four(&self, channel: usize, sums: i32x4) -> [i16; 4] {
        let scale = f32x4::from(four(&self.scales, channel));
        let kept = (sums.round_float() * scale).fast_max(f32x4::splat(self.low)).fast_min(f32x4::splat(self.high));
        let bits: i32x4 = cast(kept + f32x4::splat(MAGIC));
        (bits - i32x4::splat(MAGIC.to_bits() as i32)).to_array().map(|v| v as i16)
    }
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
    fn four(&self, channel: usize, sums: i32x4) -> [f32; 4] {
        let scale = f32x4::from(four(&self.scales, channel));
        (sums.round_float() * scale).fast_max(f32x4::splat(self.low)).fast_min(f32x4::splat(self.high)).to_array()
    }
}

#[inline]
fn four(scales: &[f32], channel: usize) -> [f32; 4] {
    let s = &scales[channel..channel + 4];
    [s[0], s[1], s[2], s[3]]
}
