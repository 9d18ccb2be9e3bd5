//! Why a sample cannot be tested, estimated from or repaired, in sentences a person can act on.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Which of the two sets of pictures is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    Lab,
    Field,
}

/// What is wrong with the numbers; `Display` gives the sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// No rows, or rows without numbers.
    Empty,
    /// `numbers` is not a multiple of the length of a row.
    Ragged {
        numbers: usize,
        row: usize,
    },
    /// A picture's embedding or probability is NaN or infinite.
    NotFinite {
        row: usize,
    },
    /// A picture's probabilities lie outside 0..1 or do not sum to 1.
    NotProbabilities {
        row: usize,
    },
    /// A list has another length than there are pictures.
    Unmatched {
        what: String,
        have: usize,
        pictures: usize,
    },
    /// A label names a class the model does not have.
    UnknownClass {
        label: u32,
        classes: usize,
    },
    TooFew {
        side: Side,
        have: usize,
        need: usize,
    },
    /// Every row is the same: one picture, not a sample.
    Identical {
        side: Side,
    },
    DifferentLengths {
        lab: usize,
        field: usize,
    },
    DifferentClasses {
        lab: usize,
        field: usize,
    },
    NoProbabilities {
        side: Side,
    },
    NoLabels {
        side: Side,
    },
    /// With one class there is nothing to get wrong.
    OneClass,
    /// The lab's confusion matrix has no inverse.
    Confused,
    /// A setting is outside its range.
    Setting {
        what: String,
    },
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Lab => "lab",
            Self::Field => "field",
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "There are no pictures to work with."),
            Self::Ragged { numbers, row } => {
                write!(f, "{numbers} numbers do not divide into rows of {row}: the data do not fit together.")
            }
            Self::NotFinite { row } => {
                write!(f, "The model gave a number that is not finite for picture {}: it cannot be compared.", row + 1)
            }
            Self::NotProbabilities { row } => {
                write!(f, "The class probabilities of picture {} do not sum to 1.", row + 1)
            }
            Self::Unmatched { what, have, pictures } => write!(f, "There are {have} {what} for {pictures} pictures."),
            Self::UnknownClass { label, classes } => {
                write!(f, "A picture is of class {}, but the model knows only {classes} classes.", label + 1)
            }
            Self::TooFew { side, have, need } => {
                write!(f, "The {side} set has {have} pictures; this needs at least {need}.")
            }
            Self::Identical { side } => {
                write!(f, "All {side} pictures look identical to the model: that is one picture, not a sample.")
            }
            Self::DifferentLengths { lab, field } => write!(
                f,
                "Lab embeddings have {lab} numbers and field embeddings {field}: they come from different models."
            ),
            Self::DifferentClasses { lab, field } => {
                write!(f, "The lab's model has {lab} classes and the field's {field}: they are different models.")
            }
            Self::NoProbabilities { side } => write!(f, "This needs the model's answers for the {side} pictures."),
            Self::NoLabels { side } => write!(f, "This needs the true classes of the {side} pictures."),
            Self::OneClass => write!(f, "With fewer than two classes there is nothing to be wrong about."),
            Self::Confused => write!(
                f,
                "The model mixes up its classes so much in the lab that the field's mix of classes cannot be worked out."
            ),
            Self::Setting { what } => write!(f, "{what}"),
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_a_sentence() {
        let all = [
            Refusal::Empty,
            Refusal::Ragged { numbers: 7, row: 3 },
            Refusal::NotFinite { row: 0 },
            Refusal::NotProbabilities { row: 1 },
            Refusal::Unmatched { what: "labels".into(), have: 2, pictures: 3 },
            Refusal::UnknownClass { label: 9, classes: 8 },
            Refusal::TooFew { side: Side::Field, have: 1, need: 2 },
            Refusal::Identical { side: Side::Lab },
            Refusal::DifferentLengths { lab: 2, field: 3 },
            Refusal::DifferentClasses { lab: 2, field: 3 },
            Refusal::NoProbabilities { side: Side::Lab },
            Refusal::NoLabels { side: Side::Field },
            Refusal::OneClass,
            Refusal::Confused,
            Refusal::Setting { what: "The level lies between 0 and 1.".into() },
        ];
        for refusal in all {
            let said = refusal.to_string();
            assert!(said.ends_with('.') && said.len() > 20 && said.chars().next().is_some_and(|c| !c.is_lowercase()));
        }
        assert!(Refusal::TooFew { side: Side::Field, have: 1, need: 2 }.to_string().contains("field set has 1"));
    }
}
