//! The one door to [`kernels::int8`](crate::model::kernels::int8): how quantized tensors are stored is known here.
//!
//! A tensor is i8 with a zero point, `real = scale * (step - zero)`; what a file holds as u8 is kept 128
//! lower. Everything is slices; who calls has checked lengths.

use crate::model::kernels::int8::rescale::{Rescale, ToReal, ToSteps};
use crate::model::kernels::int8::{conv::Conv, depthwise::Depthwise, elementwise, pool};

pub use crate::model::kernels::int8::elementwise::Scale as Params;
pub use crate::model::kernels::int8::window::{Pictures, Window};

/// A window that looks at one pixel: a matrix product, row by row.
pub const POINT: Window = Window { kernel: (1, 1), stride: (1, 1), dilation: (1, 1), pad: (0, 0), pad_end: (0, 0) };

/// What is stored, both ends included.
pub type Bounds = (i8, i8);

/// Sums of products with constants: convolution or matrix product.
#[derive(Debug, Clone)]
pub struct Product {
    kind: Kind,
    to: To,
}

#[derive(Debug, Clone)]
enum Kind {
    Dense(Conv),
    Depthwise(Depthwise),
}

/// What the sums become.
#[derive(Debug, Clone)]
pub enum To {
    Steps(ToSteps),
    Real(ToReal),
}

impl To {
    /// `scales`, one or one for each of `channels`: input scale times weight scale over output scale.
    ///
    /// # Panics
    /// If there is another number of scales.
    pub fn steps(scales: &[f32], channels: usize, bounds: Bounds, zero: i8) -> Self {
        Self::Steps(ToSteps::new(scales, channels, bounds, zero))
    }

    /// Real numbers within `bounds`; `scales` are input scale times weight scale.
    ///
    /// # Panics
    /// If there is another number of scales.
    pub fn real(scales: &[f32], channels: usize, bounds: (f32, f32)) -> Self {
        Self::Real(ToReal::new(scales, channels, bounds))
    }
}

/// Where the numbers go: of the type that [`To`] makes.
pub enum Output<'a> {
    Steps(&'a mut [i8]),
    Real(&'a mut [f32]),
}

impl Product {
    /// `weights` `[out, in_channels / groups, kh, kw]`, zero point taken off; `bias` `[out]` in units of input
    /// scale times weight scale; `zero` of the input.
    ///
    /// # Panics
    /// If their lengths do not fit, or the groups do not divide the channels.
    pub fn new(
        window: Window,
        groups: usize,
        in_channels: usize,
        (weights, bias): (&[i16], &[i32]),
        zero: i8,
        to: To,
    ) -> Self {
        let kind = if groups > 1 && groups == in_channels && groups == bias.len() {
            Kind::Depthwise(Depthwise::new(window, weights, bias, zero))
        } else {
            Kind::Dense(Conv::new(window, groups, in_channels, weights, bias, zero))
        };
        Self { kind, to }
    }

    pub fn to(&self) -> &To {
        &self.to
    }

    /// Input `[n, h, w, in_channels]`.
    ///
    /// # Panics
    /// If the lengths do not fit, or the output is of the other type.
    pub fn run(&self, given: Pictures, input: &[i8], output: Output) {
        match (&self.to, output) {
            (To::Steps(to), Output::Steps(output)) => self.rescaled(given, input, to, output),
            (To::Real(to), Output::Real(output)) => self.rescaled(given, input, to, output),
            _ => unreachable!("the output is of the type that was asked for"),
        }
    }

    fn rescaled<R: Rescale>(&self, given: Pictures, input: &[i8], to: &R, output: &mut [R::Out]) {
        match &self.kind {
            Kind::Dense(conv) => conv.run(given, input, to, output),
            Kind::Depthwise(conv) => conv.run(given, input, to, output),
        }
    }
}

/// Real numbers to steps: the nearest, ties to even.
pub fn quantize(from: &[f32], params: Params, bounds: Bounds, to: &mut [i8]) {
    elementwise::quantize_all(from, params, bounds, to);
}

/// Steps to real numbers.
pub fn dequantize(from: &[i8], params: Params, to: &mut [f32]) {
    let zero = i32::from(params.zero);
    to.iter_mut().zip(from).for_each(|(to, q)| *to = (i32::from(*q) - zero) as f32 * params.scale);
}

/// Sums of two tensors of one length.
pub fn add(a: (&[i8], Params), b: (&[i8], Params), made: Params, bounds: Bounds, to: &mut [i8]) {
    elementwise::add((a.0, over(a.1, made)), (b.0, over(b.1, made)), made.zero, bounds, to);
}

/// The same real numbers in other steps.
pub fn requantize(from: (&[i8], Params), made: Params, bounds: Bounds, to: &mut [i8]) {
    elementwise::requantize(from.0, over(from.1, made), made.zero, bounds, to);
}

/// The largest step under the window.
pub fn max_pool(given: Pictures, window: &Window, input: &[i8], zero: i8, to: &mut [i8]) {
    pool::max(given, window, zero, input, to);
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
    pool::average(given, window, count_pad, (from.0, over(from.1, made)), made.zero, bounds, to);
}

/// The scale over that of what is made of it.
fn over(of: Params, made: Params) -> Params {
    Params { scale: of.scale / made.scale, ..of }
}
