//! Our operators for tract, and the rewriting of graphs to use them.

pub mod conv;
pub mod int8;
pub mod reuse;
