//! Road-sign photographs rendered from a seed: a world whose country, season and device can change.
//!
//! * [`world`]: what can be chosen.
//! * [`signs`]: eight meanings as five countries paint them, from [`letters`] and [`paint`].
//! * [`backdrop`], [`camera`]: what stands behind a sign, and what a device makes of it.
//! * [`photograph`]: puts them together. The same order gives the same bytes everywhere.

#[cfg(feature = "engine")]
mod backdrop;
#[cfg(feature = "engine")]
mod camera;
#[cfg(feature = "engine")]
mod canvas;
pub mod ladder;
#[cfg(feature = "engine")]
mod letters;
#[cfg(feature = "engine")]
mod noise;
#[cfg(feature = "engine")]
mod paint;
#[cfg(feature = "engine")]
mod photograph;
#[cfg(feature = "engine")]
mod signs;
pub mod world;

#[cfg(feature = "engine")]
pub use photograph::{Photograph, photograph};
