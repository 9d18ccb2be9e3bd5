//! The one door to [`kernels::int8`](crate::model::kernels::int8): how quantized tensors are stored is known here.
//!
//! A tensor is i8 with a zero point, `real = scale * (step - zero)`; what a file holds as u8 is kept 128
//! lower. Everything is slices; who calls has checked lengths.

use crate::model::kernels::int8::rescale::{ToReal, ToSteps};
use crate::model::kernels::int8::{conv::Conv, depthwise::Depthwise, elementwise, pool};

pub use crate::model::kernels::int8::window::{Pictures, Window};

/// A window that looks at one pixel: a matrix product, row by row.
pub const POINT: Window = Window { kernel: (1, 1), stride: (1, 1), dilation: (1, 1), pad: (0, 0), pad_end: (0, 0) };

/// How a tensor's steps are meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// Real width of a step; positive and normal.
    pub scale: f32,
    /// The step that is 0.
    pub zero: i8,
}

/// What is stored, both ends included.
pub type Bounds = (i8, i8);

/// Sums of products with constants: convolution or matrix product.
#[derive(Debug, Clone)]
pub struct Product {
    kind: Kind,
    channels: usize,
    zero: i8,
}

#[derive(Debug, Clone)]
enum Kind {
    Dense(Conv),
    Depthwise(Depthwise),
}

impl Product {
    /// `weights` `[out, in_channels / groups, kh, kw]`, zero point taken off; `bias` `[out]` in units of input
    /// scale times weight scale; `zero` of the input.
    ///
    /// # Panics
    /// If their lengths do not fit, or the groups do not divide the channels.
    pub fn new(window: Window, groups: usize, in_channels: usize, weights: &[i16], bias: &[i32], zero: i8) -> Self {
        let channels = bias.len();
        let kind = if groups > 1 && groups == in_channels && groups == channels {
            Kind::Depthwise(Depthwise::new(window, weights, bias))
        } else {
            Kind::Dense(Conv::new(window, groups, in_channels, weights, bias))
        };
        Self { kind, channels, zero }
    }

    /// To steps: `scales`, one or one a channel, are input scale times weight scale over output scale.
    pub fn steps(&self, given: Pictures, input: &[i8], scales: &[f32], zero: i8, bounds: Bounds, to: &mut [i8]) {
        let rescale = ToSteps::new(scales, self.channels, without(bounds, zero));
        let (input, mut wide) = (widen(input, self.zero), vec![0; to.len()]);
        match &self.kind {
            Kind::Dense(conv) => conv.run(given, &input, &rescale, &mut wide),
            Kind::Depthwise(conv) => conv.run(given, &input, &rescale, &mut wide),
        }
        narrow(&wide, zero, to);
    }

    /// To real numbers within `bounds`: `scales` are input scale times weight scale.
    pub fn real(&self, given: Pictures, input: &[i8], scales: &[f32], bounds: (f32, f32), to: &mut [f32]) {
        let rescale = ToReal::new(scales, self.channels, bounds);
        let input = widen(input, self.zero);
        match &self.kind {
            Kind::Dense(conv) => conv.run(given, &input, &rescale, to),
            Kind::Depthwise(conv) => conv.run(given, &input, &rescale, to),
        }
    }
}

/// Real numbers to steps: the nearest, ties to even.
pub fn quantize(from: &[f32], params: Params, bounds: Bounds, to: &mut [i8]) {
    let around = without(bounds, params.zero);
    for (to, x) in to.iter_mut().zip(from) {
        *to = (elementwise::quantize(*x, params.scale, around) + i16::from(params.zero)) as i8;
    }
}

/// Steps to real numbers.
pub fn dequantize(from: &[i8], params: Params, to: &mut [f32]) {
    let zero = i32::from(params.zero);
    for (to, q) in to.iter_mut().zip(from) {
        *to = (i32::from(*q) - zero) as f32 * params.scale;
    }
}

/// Sums of two tensors of one length.
pub fn add(a: (&[i8], Params), b: (&[i8], Params), made: Params, bounds: Bounds, to: &mut [i8]) {
    let scales = (a.1.scale / made.scale, b.1.scale / made.scale);
    let mut wide = vec![0; to.len()];
    elementwise::add(&widen(a.0, a.1.zero), &widen(b.0, b.1.zero), scales, without(bounds, made.zero), &mut wide);
    narrow(&wide, made.zero, to);
}

/// The same real numbers in other steps.
pub fn requantize(from: (&[i8], Params), made: Params, bounds: Bounds, to: &mut [i8]) {
    let mut wide = vec![0; to.len()];
    let scale = from.1.scale / made.scale;
    elementwise::requantize(&widen(from.0, from.1.zero), scale, without(bounds, made.zero), &mut wide);
    narrow(&wide, made.zero, to);
}

/// The largest step under the window.
pub fn max_pool(given: Pictures, window: &Window, input: &[i8], zero: i8, to: &mut [i8]) {
    let mut wide = vec![0; to.len()];
    pool::max(given, window, &widen(input, zero), &mut wide);
    narrow(&wide, zero, to);
}

/// The mean under the window, in other steps; padding counts as zeros where `count_pad`.
pub fn average_pool(
    given: Pictures,
    window: &Window,
    count_pad: bool,
    from: (&[i8], Params),
    made: Params,
    bounds: Bounds,
    to: &mut [i8],
) {
    let mut wide = vec![0; to.len()];
    let scale = from.1.scale / made.scale;
    let input = widen(from.0, from.1.zero);
    pool::average(given, window, count_pad, scale, without(bounds, made.zero), &input, &mut wide);
    narrow(&wide, made.zero, to);
}

fn without((low, high): Bounds, zero: i8) -> (i16, i16) {
    (i16::from(low) - i16::from(zero), i16::from(high) - i16::from(zero))
}

fn widen(steps: &[i8], zero: i8) -> Vec<i16> {
    steps.iter().map(|q| i16::from(*q) - i16::from(zero)).collect()
}

fn narrow(wide: &[i16], zero: i8, to: &mut [i8]) {
    to.iter_mut().zip(wide).for_each(|(to, v)| *to = (v + i16::from(zero)) as i8);
}
