//! Learn: from a few labelled pictures to a classifier, with honest numbers.
//!
//! * [`dataset`]: classes, pictures and edits with undo.
//! * [`advice`]: what to warn about before trusting a number.
//! * [`duplicates`], [`split`]: near-duplicates never straddle train and held-out.
//! * [`head`]: softmax regression or prototypes on a frozen embedding.
//! * [`train`]: cross-validation, choice of the regularisation, the final fit.
//! * [`words`]: the masked word: text, guesses, and learning without labels.
//! * [`metrics`], [`report`]: accuracy with intervals, confusion, precision and recall.
//! * [`budget`]: what labels buy; [`unlabelled`]: what pictures without labels buy; [`map`]: all of them on a plane.

pub mod advice;
pub mod budget;
pub mod dataset;
pub mod duplicates;
pub mod head;
pub mod map;
pub mod metrics;
#[cfg(feature = "numerics")]
pub mod random;
pub mod report;
pub mod split;
pub mod train;
pub mod unlabelled;
pub mod words;
