//! Our own arithmetic, each kernel in a file, each held to a naive one: [`reference`], [`int8::reference`].

pub mod conv_f32;
pub mod depthwise_f32;
pub mod int8;
pub mod reference;
