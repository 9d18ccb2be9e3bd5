//! The masked word, a part of Learn: meaning learned without any label.
//!
//! [`store`] keeps the sentence and what the model says of it, [`learning`] what it learned here, [`twins`] what its
//! two forms make of one text. [`bench`] puts together [`sentence`], [`guesses`], [`context`], [`compare`], [`map`] and
//! [`lesson`].

pub mod bench;
mod compare;
mod context;
mod guesses;
pub mod learning;
mod lesson;
mod map;
mod sentence;
pub mod store;
pub mod twins;
