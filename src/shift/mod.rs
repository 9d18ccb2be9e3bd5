//! Shift: what happens to a model when production data are not training data.
//!
//! * [`scene`]: road-sign photographs rendered from a seed, in a world whose country, season and
//!   device can change.
//! * [`corruption`]: nineteen ways a picture goes bad, each with five severities.

#[cfg(feature = "engine")]
pub mod corruption;
pub mod scene;
#[cfg(feature = "engine")]
pub mod skew;
