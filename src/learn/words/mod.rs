//! The masked word: text becomes word numbers, states become guesses, and the last layer can go on learning.
//!
//! * [`text`]: the tokeniser, equal to `training/words/text.py`.
//! * [`reading`]: which words the model sees of a text, for each blank.
//! * [`readout`]: from a state to a probability for every word, and its gradient.
//! * [`study`]: the last layer goes on learning on a text.
//! * [`map`]: words that are near each other, and a picture of them.

pub mod map;
pub mod reading;
pub mod readout;
pub mod study;
pub mod text;
