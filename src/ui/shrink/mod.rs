//! The Shrink bench: the classifier is quantized, and float and int8 stand side by side.
//!
//! [`store`] keeps what is chosen and what came of it; [`bench`] puts together [`controls`], [`outcome`],
//! [`flips`] and [`tried`].

pub mod bench;
mod controls;
mod flips;
mod outcome;
pub mod store;
mod tried;
