//! Integer arithmetic of quantized tensors.
//!
//! A quantized tensor is kept as i16 with the zero point already taken off, so that
//! `real = scale * integer`, padding is 0, and unsigned and signed eight bits are one thing:
//! integers in -255..=255. Pictures have their channels last, `[n, h, w, c]`. Products are summed
//! in i32, wrapping as every runtime's do, and brought back to eight bits by one float
//! multiplication (see [`rescale`]). Nothing calls these yet: the operators that will are next.
//!
//! * [`window`]: sizes of a convolution or pooling.
//! * [`rescale`]: what becomes of a sum.
//! * [`conv`]: dense, 1x1 and grouped convolution, and matrix products.
//! * [`depthwise`]: a convolution with one channel a group.
//! * [`pool`], [`elementwise`]: the rest.
//! * [`reference`]: naive oracles of all of them, to which the others are equal bit by bit.

pub mod conv;
pub mod depthwise;
pub mod elementwise;
pub mod pool;
pub mod reference;
pub mod rescale;
pub mod window;

#[cfg(test)]
mod tests;
