//! The Shift bench: the classifier from Learn is taken to the field.
//!
//! [`field`] keeps where the field is and what was seen there; [`bench`] puts together
//! [`controls`] and [`outcome`].

pub mod bench;
mod controls;
pub mod field;
mod outcome;
