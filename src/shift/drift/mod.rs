//! Noticing a shift without labels: is the field still what the lab was?
//!
//! Every detector is a two-sample test behind [`Detector`]: it takes a lab and a field [`Sample`]
//! and returns a [`Verdict`] whose p-value is the chance of a difference at least as large if
//! nothing had changed.
//!
//! * [`mmd`]: distance of the embeddings' distributions, by permutation.
//! * [`ks`], [`cvm`]: every number of the embedding by itself, with Bonferroni's correction.
//! * [`c2st`]: can a classifier tell lab from field?
//! * [`bbse`]: does the model answer with another mix of classes?
//! * [`power`]: how often each of them rings when it should not, and when it should.
//! * [`unlike`]: which pictures are least like the lab.

pub(in crate::shift) mod cholesky;
mod refusal;
mod sample;
#[cfg(test)]
pub(crate) mod synthetic;

pub mod bbse;
pub mod c2st;
pub mod cvm;
pub mod ks;
pub mod mmd;
pub mod power;
pub mod spread;
pub mod unlike;

pub use crate::learn::random::Random;
pub use refusal::{Refusal, Side};
pub use sample::{Sample, answered, comparable, rows_fit, square_distance};

use serde::{Deserialize, Serialize};

/// Fewest pictures a side for any test: below, no permutation could reach 5 %.
pub const FEWEST: usize = 5;
/// Random relabellings of a permutation test; the smallest p-value is one over one more.
pub const PERMUTATIONS: usize = 199;

/// A test for a difference between two sets of pictures.
pub trait Detector: Sync {
    /// For people, a few words.
    fn name(&self) -> &'static str;

    /// One sentence on what it looks at.
    fn explain(&self) -> &'static str;

    /// Tests whether both samples come from the same distribution. The same seed gives the same
    /// verdict on every machine.
    ///
    /// # Errors
    /// Samples that cannot be compared: [`comparable`], and [`answered`] for tests of the
    /// model's answers. At least [`FEWEST`] pictures a side are needed.
    fn test(&self, lab: &Sample, field: &Sample, seed: u64) -> Result<Verdict, Refusal>;
}

/// What a detector found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The test's own scale; larger is more different.
    pub statistic: f64,
    /// Chance of such a statistic without a shift, 0..=1.
    pub p_value: f64,
    pub detail: Detail,
}

/// What else a test can tell about the shift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Detail {
    Nothing,
    /// The number of the embedding that differs most, counted from 0.
    Dimension(usize),
    /// How many times as frequent each class is in the field as in the lab, `[classes]`.
    ClassWeights(Vec<f64>),
}

impl Verdict {
    /// Does it ring at this level (0..1; 0.05 by custom)?
    pub fn alarm(&self, level: f64) -> bool {
        self.p_value <= level
    }
}

/// Every detector, in the order in which to show them.
pub static ALL: [&dyn Detector; 5] =
    [&mmd::Mmd, &ks::KolmogorovSmirnov, &cvm::CramerVonMises, &c2st::Classifier, &bbse::LabelShift];

/// p-value of a permutation test: the share of relabellings at least as extreme, the observed
/// one included, so that it is never 0 (Phipson and Smyth 2010).
fn permutation_p(observed: f64, permuted: impl Iterator<Item = f64>) -> f64 {
    // Equal splits must count as equal however they were summed.
    let slack = 1e-12 * observed.abs().max(1e-3);
    let (mut extreme, mut all) = (1, 1);
    for statistic in permuted {
        extreme += usize::from(statistic >= observed - slack);
        all += 1;
    }
    extreme as f64 / all as f64
}

/// Dimensions in which not all pooled pictures are the same (at least 1): only those can differ,
/// so only those are corrected for. Relabelling pictures does not change their number, which
/// keeps the correction valid.
fn varying(lab: &Sample, field: &Sample) -> usize {
    let first = lab.row(0);
    let mut varies = vec![false; lab.dim()];
    for row in lab.rows().chain(field.rows()) {
        varies.iter_mut().zip(row.iter().zip(first)).for_each(|(v, (a, b))| *v |= a != b);
    }
    varies.into_iter().filter(|v| *v).count().max(1)
}

#[cfg(test)]
mod tests;
