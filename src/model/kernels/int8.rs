//! Integer arithmetic of quantized tensors.
//!
//! A quantized tensor is kept as signed bytes with a zero point, `real = scale * (stored - zero)`; unsigned
//! ones of a file become that by taking 128 from both. Weights are given as i16 with their zero point
//! taken off, which holds signed and unsigned ones of any zero point. Pictures have their channels last,
//! `[n, h, w, c]`. Products are summed in i32, wrapping as every runtime's do, and brought back to eight
//! bits by one float multiplication (see [`rescale`]).
//!
//! * [`window`]: sizes of a convolution or pooling.
//! * [`rescale`]: what becomes of a sum.
//! * [`conv`]: dense, 1x1 and grouped convolution, and matrix products.
//! * [`depthwise`]: a convolution with one channel a group.
//! * [`pool`], [`elementwise`]: the rest.
//! * [`lanes`]: the few instructions beyond `wide`; `dispatch`: which of two equal ones is faster here.
//! * [`reference`]: naive oracles of all of them, to which the others are equal bit by bit.

pub mod conv;
pub mod depthwise;
mod dispatch;
pub mod elementwise;
pub mod lanes;
pub mod pool;
pub mod reference;
pub mod rescale;
pub mod window;

#[cfg(test)]
mod tests;
