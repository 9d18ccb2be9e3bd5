//! What pictures without labels buy: labels spread to them, or an embedding adapted on them, measured on the
//! same held-out pictures as labels alone.
//!
//! * [`propagate`]: labels spread along a graph of neighbours.
//! * [`vicreg`]: an embedding learns what stays the same when a picture is changed.
//! * [`trial`]: each way tried on several draws of labels, as a step machine.

#[cfg(feature = "engine")]
pub mod propagate;
#[cfg(feature = "engine")]
pub mod trial;
#[cfg(feature = "engine")]
pub mod vicreg;

use super::budget::Band;
use serde::{Deserialize, Serialize};

/// A way of using pictures without labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Arm {
    LabelsAlone,
    /// The head's own confident answers become labels.
    PseudoLabels,
    /// Labels spread along the graph of neighbours.
    Propagation,
    /// The embedding is adapted without labels; the labels train a head on it.
    Adaptation,
    /// Both: labels spread in the adapted embedding.
    AdaptedPropagation,
}

impl Arm {
    pub const ALL: [Self; 5] =
        [Self::LabelsAlone, Self::PseudoLabels, Self::Propagation, Self::Adaptation, Self::AdaptedPropagation];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::LabelsAlone => "Labels alone",
            Self::PseudoLabels => "Pseudo-labels",
            Self::Propagation => "Labels spread to neighbours",
            Self::Adaptation => "Adapted embedding",
            Self::AdaptedPropagation => "Adapted, then spread",
        }
    }

    /// One sentence on what it does.
    pub fn explain(self) -> &'static str {
        match self {
            Self::LabelsAlone => "Pictures without labels are left out.",
            Self::PseudoLabels => "What the head is surest of among the unlabelled counts as labelled (Lee 2013).",
            Self::Propagation => {
                "Labels flow along a graph of nearest neighbours; the surest half counts as labelled (Zhou et al. 2004)."
            }
            Self::Adaptation => {
                "A projection learns on changed copies of the unlabelled what does not matter (VICReg, Bardes et al. 2022)."
            }
            Self::AdaptedPropagation => "Labels flow among neighbours of the adapted embedding.",
        }
    }
}

/// What became of an arm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Result {
    pub arm: Arm,
    /// Held-out accuracy, 0..=1.
    pub accuracy: Band,
    /// Against labels alone, on the same draws and pictures; negative where it hurts.
    pub gain: Option<Band>,
    /// Labels it made for itself, a mean over the draws.
    pub made: f32,
    /// The share of these that is right, where the truth is known.
    pub made_right: Option<f32>,
}
