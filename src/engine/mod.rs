//! The engine: everything heavy, behind a message protocol, in a Web Worker.
//!
//! * [`protocol`]: what the page and the engine say to each other, a file per feature.
//! * [`jobs`]: the work, as step machines that run natively too.
//! * `worker`: the engine's side of the wire; `scratch_worker`: that of training from scratch; `pump`: what both
//!   do with messages (wasm).
//! * `client`: the page's side: start, restart after a crash, progress, cancel (wasm).

#[cfg(all(feature = "ui", target_arch = "wasm32"))]
pub mod client;
#[cfg(feature = "engine")]
pub mod jobs;
pub mod protocol;
#[cfg(all(any(feature = "engine", feature = "scratch"), target_arch = "wasm32"))]
mod pump;
#[cfg(all(feature = "scratch", target_arch = "wasm32"))]
pub mod scratch_worker;
#[cfg(target_arch = "wasm32")]
mod wire;
#[cfg(all(feature = "engine", target_arch = "wasm32"))]
pub mod worker;
