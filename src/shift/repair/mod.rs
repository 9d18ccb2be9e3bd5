//! Repairs of a shift without retraining the backbone.
//!
//! * [`align`]: move the field's features to where the head expects them; no labels needed.
//! * [`select`]: which field pictures to label, at a given budget.
//! * [`eigen`]: the matrix powers that alignment needs.

#[cfg(feature = "engine")]
pub mod align;
#[cfg(feature = "engine")]
pub mod eigen;
#[cfg(feature = "engine")]
pub mod select;

use serde::{Deserialize, Serialize};

/// How to choose the field pictures to label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Strategy {
    Random,
    Uncertain,
    Diverse,
}

impl Strategy {
    pub const ALL: [Self; 3] = [Self::Random, Self::Uncertain, Self::Diverse];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Random => "Random",
            Self::Uncertain => "Most uncertain",
            Self::Diverse => "Most diverse",
        }
    }

    /// One sentence on what it does.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Random => "Labels pictures drawn by lot: what the other strategies must beat.",
            Self::Uncertain => "Labels the pictures whose two likeliest classes are closest.",
            Self::Diverse => "Labels pictures far from one another and from those already labelled.",
        }
    }
}
