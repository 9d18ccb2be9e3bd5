//! Shift: what happens to a model when production data are not training data.
//!
//! * [`scene`]: road-sign photographs rendered from a seed, in a world whose country, season and
//!   device can change.
//! * [`corruption`]: nineteen ways a picture goes bad, each with five severities; [`skew`]: mistakes in its
//!   preparation; [`degradation`]: one name for both.
//! * [`judges`]: answers for lab pictures from heads that have not seen them.
//! * [`drift`]: noticing without labels that the field is no longer the lab.
//! * [`estimate`]: how accurate the model still is there, again without labels.
//! * [`repair`]: what to do about it.
//! * [`timeline`]: a year of all that, week by week.

pub mod corruption;
pub mod degradation;
#[cfg(feature = "engine")]
pub mod drift;
#[cfg(feature = "engine")]
pub mod estimate;
#[cfg(feature = "engine")]
pub mod judges;
#[cfg(feature = "engine")]
pub mod refit;
pub mod repair;
pub mod scene;
pub mod skew;
pub mod timeline;
