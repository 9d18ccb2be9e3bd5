//! The page.
//!
//! * [`pure`]: what it computes and says, tested natively.
//! * `app`: the page as a whole; `chunks`: which of it lies in files of its own; `benches`, `strip`, `theme`, `language`,
//!   `engine`, `store`: what every bench shares.
//! * `widgets`, `charts`: parts that know nothing of what they show.
//! * `words`: the masked word, a part of Learn.
//! * `learn`, `shift`, `shrink`, `share`: the benches, a file per feature.

pub mod pure;

#[cfg(all(feature = "ui", target_arch = "wasm32"))]
mod app;
#[cfg(all(feature = "ui", target_arch = "wasm32"))]
mod benches;
#[cfg(all(feature = "ui", target_arch = "wasm32"))]
mod charts;
#[cfg(all(feature = "ui", target_arch = "wasm32"))]
mod chunks;
#[cfg(all(feature = "ui", target_arch = "wasm32"))]
mod engine;
#[cfg(all(feature = "ui", target_arch = "wasm32"))]
mod language;
#[cfg(all(feature = "ui", target_arch = "wasm32"))]
mod learn;
#[cfg(all(feature = "ui", target_arch = "wasm32"))]
mod share;
#[cfg(all(feature = "ui", target_arch = "wasm32"))]
mod shift;
#[cfg(all(feature = "ui", target_arch = "wasm32"))]
mod shrink;
#[cfg(all(feature = "ui", target_arch = "wasm32"))]
mod store;
#[cfg(all(feature = "ui", target_arch = "wasm32"))]
mod strip;
#[cfg(all(feature = "ui", target_arch = "wasm32"))]
mod theme;
#[cfg(all(feature = "ui", target_arch = "wasm32"))]
mod widgets;
#[cfg(all(feature = "ui", target_arch = "wasm32"))]
mod words;

#[cfg(all(feature = "ui", target_arch = "wasm32"))]
pub use app::mount;
