//! Other people's models: what a file takes and gives, how pictures fit it, and how it becomes a backbone.
//!
//! * [`fit`]: size, order and range of the input; plain data, which the page names too.
//! * [`inspect`]: a file is looked into, and the fit guessed.
//! * [`layers`]: tensors inside it that could serve as an embedding, found by running it once.
//! * [`adapt`]: normalisation in front, embedding and features behind: a file with the contract of our backbones.
//! * [`catalogue`]: models a site's owner offers, with their hashes; plain data, which the page names too.

#[cfg(feature = "engine")]
pub mod adapt;
pub mod catalogue;
pub mod fit;
#[cfg(feature = "engine")]
pub mod inspect;
#[cfg(feature = "engine")]
pub mod layers;
