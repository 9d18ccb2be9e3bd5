//! Learn: from a few labelled pictures to a classifier, with honest numbers.
//!
//! * [`dataset`]: classes, pictures and edits with undo.
//! * [`advice`]: what to warn about before trusting a number.
//! * [`duplicates`], [`split`]: near-duplicates never straddle train and held-out.
//! * [`head`]: softmax regression or prototypes on a frozen embedding.
//! * [`train`]: cross-validation, choice of the regularisation, the final fit.
//! * [`metrics`], [`report`]: accuracy with intervals, confusion, precision and recall.

pub mod advice;
pub mod dataset;
pub mod duplicates;
pub mod head;
pub mod metrics;
pub mod report;
pub mod split;
pub mod train;
