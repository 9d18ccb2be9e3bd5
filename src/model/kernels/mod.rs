//! Our own arithmetic, each kernel in a file, each held to the naive one in [`reference`].

pub mod conv_f32;
pub mod reference;
