//! The Shrink bench: a model is quantized, and float and int8 stand side by side.
//!
//! [`store`] keeps what is chosen and what came of it, [`opened`] a model of anyone's, [`hunt`] the search for culprits; [`twins`] is about the masked word;
//! [`bench`] puts the cards together, a file each.

pub mod bench;
mod browser;
mod controls;
mod duo;
mod fragile;
mod hunt;
mod inside;
mod latency;
mod layers;
mod live;
mod network;
mod opened;
mod outcome;
mod pairs;
mod pictures;
pub mod recipe;
mod report;
pub mod store;
mod subject;
pub mod tried;
mod twins;
