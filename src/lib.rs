//! Fieldtest: a browser playground for the gaps between a model that works in the
//! lab and one that works in the field.
//!
//! The map of the crate. Imports run one way:
//!
//! ```text
//! ui -> engine::client -> engine::protocol -> (learn | shift | shrink | foreign | share) -> model -> image
//! ```
//!
//! `image`, `learn`, `shift`, `share`, `packed`, `model` and `engine::jobs` name no browser API, so they run
//! and test natively; `ui` never sees `model`, so the page stays small.
//! `tests/layering.rs` checks both.

pub mod engine;
pub mod foreign;
pub mod image;
pub mod learn;
#[cfg(feature = "engine")]
pub mod model;
pub mod packed;
#[cfg(feature = "scratch")]
pub mod scratch;
pub mod share;
pub mod shift;
pub mod shrink;
pub mod ui;
#[cfg(all(feature = "ui", target_arch = "wasm32"))]
pub mod web;
