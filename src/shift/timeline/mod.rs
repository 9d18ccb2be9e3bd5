//! A year in production: the world changes week by week, and policies decide when to spend
//! labels on training again.
//!
//! * [`calendar`]: which world each week photographs.
//! * [`policy`]: when to label and train again, and what a week's report holds.
//! * [`year`]: plays the weeks, for all policies on the same pictures.
//!
//! Nothing here makes a picture: the caller embeds a week's photographs and hands them over.

pub mod calendar;
pub mod policy;
#[cfg(feature = "engine")]
pub mod year;

pub use calendar::{Calendar, Launch, WEEKS};
pub use policy::{Policy, Settings, Week, When};
