//! Repairs of a shift without retraining the backbone.
//!
//! * [`align`]: move the field's features to where the head expects them; no labels needed.
//! * [`select`]: which field pictures to label, at a given budget.
//! * [`augment`]: which corruptions imitate a shift.
//! * [`trial`]: all of them side by side, measured alike.
//! * [`eigen`]: the matrix powers that alignment needs.

#[cfg(feature = "engine")]
pub mod align;
pub mod augment;
#[cfg(feature = "engine")]
pub mod eigen;
#[cfg(feature = "engine")]
pub mod select;
#[cfg(feature = "engine")]
pub mod trial;

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

/// One way of dealing with a shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Arm {
    AsItIs,
    /// Label some field pictures, chosen so, and train again with them.
    Label(Strategy),
    /// Train again with lab pictures degraded to imitate the shift.
    Augment,
    /// Give the field's embeddings the lab's means and deviations.
    Restandardise,
    /// Give them the lab's covariance as well.
    Coral,
}

impl Arm {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::AsItIs => "As it is",
            Self::Label(Strategy::Random) => "Label at random",
            Self::Label(Strategy::Uncertain) => "Label the most uncertain",
            Self::Label(Strategy::Diverse) => "Label the most diverse",
            Self::Augment => "Augment",
            Self::Restandardise => "Re-standardise",
            Self::Coral => "CORAL",
        }
    }

    /// One sentence on what it does.
    pub fn explain(self) -> &'static str {
        match self {
            Self::AsItIs => "Nothing is done: what the others must beat.",
            Self::Label(strategy) => strategy.explain(),
            Self::Augment => "Trains on copies of the lab's pictures that imitate the shift; no field picture is used.",
            Self::Restandardise => {
                "Gives every number of the field's embeddings the mean and deviation it has in the lab; no labels."
            }
            Self::Coral => "Also gives them the lab's correlations (CORrelation ALignment); no labels.",
        }
    }
}

/// What an arm reached on one split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Right answers among unseen lab pictures, and how many there were.
    pub lab_right: usize,
    pub lab_n: usize,
    /// The same in the field.
    pub field_right: usize,
    pub field_n: usize,
    /// Field pictures labelled for it.
    pub labelled: usize,
}
