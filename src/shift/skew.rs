//! Preprocessing skew: the same picture, prepared for serving in another way than for training.
//!
//! Each skew breaks one promise of [`crate::image::contract`] and keeps the rest, so what it costs is the
//! price of that one mistake. None of them raises an error in production.

#[cfg(feature = "engine")]
mod prepare;

use serde::{Deserialize, Serialize};

/// One mistake on the way from a picture to a backbone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Skew {
    /// Blue, green, red instead of red, green, blue.
    Bgr,
    /// 0..1 where the model wants 0..255.
    UnitRange,
    /// 0..1 where a model normalised for -1..1: half the contrast about too bright a mean.
    HalfRange,
    /// The whole picture squashed into the square instead of its middle cropped.
    Squash,
    /// The nearest pixel instead of the triangle filter.
    Nearest,
    /// The square compressed at quality 10 before it reaches the model.
    Jpeg,
}

impl Skew {
    pub const ALL: [Self; 6] = [Self::Bgr, Self::UnitRange, Self::HalfRange, Self::Squash, Self::Nearest, Self::Jpeg];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bgr => "BGR order",
            Self::UnitRange => "0 to 1 instead of 0 to 255",
            Self::HalfRange => "Wrong normalisation",
            Self::Squash => "Squashed, not cropped",
            Self::Nearest => "Nearest-pixel resize",
            Self::Jpeg => "Heavy JPEG",
        }
    }

    /// One sentence on how it happens.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Bgr => "The server reads pictures with a library that puts blue first.",
            Self::UnitRange => "The server divides by 255, and so does the model: everything is nearly black.",
            Self::HalfRange => {
                "The server scales to 0..1 where training scaled to -1..1: half the contrast, too bright."
            }
            Self::Squash => "The server resizes the whole picture to a square and so changes its proportions.",
            Self::Nearest => "The server shrinks by picking single pixels, which leaves jagged edges.",
            Self::Jpeg => "The app compresses the picture at quality 10 to save bandwidth.",
        }
    }
}
