//! Small charts that are read aloud as well as seen.

pub mod bars;
pub mod histogram;
pub mod interval;
pub mod lines;
pub mod scatter;
