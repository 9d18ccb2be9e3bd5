//! What the page computes and says, without a browser: compiled and tested natively.
//!
//! * [`budget`]: what labels buy.
//! * [`format`]: numbers as people read them.
//! * [`words`]: sentences for advice, measurements and the backbone.
//! * [`phrases`]: what the page says, in another language.
//! * [`places`]: points on a plane.
//! * [`summary`]: what became of the files that were added.
//! * [`window`]: which thumbnails of a long list are in view.
//! * [`heat`]: a class-activation map becomes colours.
//! * [`latency`]: how long an embedding takes here, from real work.
//! * [`times`]: medians, histograms, the Pareto front, paired differences.

pub mod budget;
pub mod format;
pub mod heat;
pub mod latency;
pub mod mix;
pub mod phrases;
pub mod places;
pub mod scale;
pub mod summary;
pub mod tally;
pub mod times;
pub mod window;
pub mod words;
