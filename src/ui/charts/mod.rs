//! Small charts that are read aloud as well as seen.

pub mod bars;
pub mod interval;
pub mod lines;
