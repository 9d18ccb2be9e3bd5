//! Harmful or harmless? Accuracy in the field, estimated without field labels.
//!
//! Both estimators learn on labelled lab pictures, which the model must not have been trained
//! on, what its confidence is worth, and read off the field's confidences what that makes there.
//! Both fail where the model is confidently wrong, which no one can see without labels: the
//! bench shows the estimate beside the truth it knows.
//!
//! * [`atc`]: average thresholded confidence.
//! * [`doc`]: difference of confidences.
//! * [`temperature`]: the calibration that the second needs.

pub mod atc;
pub mod doc;
pub mod temperature;

use crate::learn::head::argmax;
use crate::shift::drift::{Refusal, Sample, Side, answered};

/// An estimate of accuracy without labels.
pub trait Estimator: Sync {
    /// For people, a few words.
    fn name(&self) -> &'static str;

    /// One sentence on how it works.
    fn explain(&self) -> &'static str;

    /// Accuracy in the field, 0..=1. The lab needs labels and both sides the model's answers.
    ///
    /// # Errors
    /// [`answered`]; [`Refusal::NoLabels`] for the lab; [`Refusal::TooFew`] with fewer than two
    /// lab pictures.
    fn estimate(&self, lab: &Sample, field: &Sample) -> Result<f64, Refusal>;
}

/// Every estimator, in the order in which to show them.
pub static ALL: [&dyn Estimator; 2] = [&atc::ThresholdedConfidence, &doc::ConfidenceDifference];

/// Share of pictures whose likeliest class is the true one, 0..=1.
///
/// # Errors
/// [`Refusal::NoProbabilities`], [`Refusal::NoLabels`], which name `side`.
pub fn accuracy(sample: &Sample, side: Side) -> Result<f64, Refusal> {
    let right = right(sample, side)?;
    Ok(right.iter().filter(|r| **r).count() as f64 / right.len() as f64)
}

/// Whether the likeliest class is the true one, `[n]`.
fn right(sample: &Sample, side: Side) -> Result<Vec<bool>, Refusal> {
    if sample.classes() == 0 {
        return Err(Refusal::NoProbabilities { side });
    }
    let labels = sample.labels().ok_or(Refusal::NoLabels { side })?;
    let answers = sample.probabilities().chunks_exact(sample.classes()).map(argmax);
    Ok(answers.zip(labels).map(|(answer, label)| answer == *label as usize).collect())
}

/// What both estimators ask of their samples.
fn usable(lab: &Sample, field: &Sample) -> Result<(), Refusal> {
    answered(lab, field)?;
    if lab.labels().is_none() {
        return Err(Refusal::NoLabels { side: Side::Lab });
    }
    match lab.count() {
        have if have < 2 => Err(Refusal::TooFew { side: Side::Lab, have, need: 2 }),
        _ => Ok(()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::shift::drift::Random;
    use crate::shift::drift::synthetic::{gauss, normal};
    use proptest::prelude::*;

    /// Two classes at -1 and +1 on a line under normal noise of deviation `noise`; the model
    /// answers as is right for noise 1, its logits stretched by `boast`.
    pub fn two_hills(n: usize, noise: f32, boast: f32, seed: u64) -> Sample {
        let mut random = Random::new(seed);
        let (mut x, mut p, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..n {
            let label = random.below(2) as u32;
            let at = noise * gauss(&mut random) + 2.0 * label as f32 - 1.0;
            let one = 1.0 / (1.0 + (-2.0 * boast * at).exp());
            x.push(at);
            p.extend([1.0 - one, one]);
            labels.push(label);
        }
        Sample::new(x, 1).unwrap().with_probabilities(p, 2).unwrap().with_labels(labels).unwrap()
    }

    #[test]
    fn without_a_shift_the_estimate_is_right() {
        let (lab, field) = (two_hills(4000, 1.0, 1.0, 1), two_hills(4000, 1.0, 1.0, 2));
        for estimator in ALL {
            let (estimate, truth) = (estimator.estimate(&lab, &field).unwrap(), accuracy(&field, Side::Field).unwrap());
            assert!((estimate - truth).abs() < 0.02, "{}: {estimate} {truth}", estimator.name());
        }
    }

    #[test]
    fn a_boastful_model_does_not_fool_them() {
        let (lab, field) = (two_hills(4000, 1.0, 5.0, 1), two_hills(4000, 1.0, 5.0, 2));
        for estimator in ALL {
            let (estimate, truth) = (estimator.estimate(&lab, &field).unwrap(), accuracy(&field, Side::Field).unwrap());
            assert!((estimate - truth).abs() < 0.02, "{}: {estimate} {truth}", estimator.name());
        }
    }

    #[test]
    fn the_lab_itself_gets_its_own_accuracy() {
        let lab = two_hills(500, 1.0, 1.0, 1);
        for estimator in ALL {
            let difference = estimator.estimate(&lab, &lab).unwrap() - accuracy(&lab, Side::Lab).unwrap();
            assert!(difference.abs() < 1e-9, "{}: {difference}", estimator.name());
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        let lab = two_hills(50, 1.0, 1.0, 1);
        let bare = normal(50, 1, 0.0, 1);
        for estimator in ALL {
            let refused = |lab: &Sample, field: &Sample| estimator.estimate(lab, field).unwrap_err();
            assert_eq!(refused(&lab, &bare), Refusal::NoProbabilities { side: Side::Field });
            let unlabelled = bare.clone().with_probabilities(lab.probabilities().to_vec(), 2).unwrap();
            assert_eq!(refused(&unlabelled, &lab), Refusal::NoLabels { side: Side::Lab });
            let one = lab.select(&[0]).unwrap();
            assert_eq!(refused(&one, &lab), Refusal::TooFew { side: Side::Lab, have: 1, need: 2 });
            assert!(estimator.estimate(&lab, &one).is_ok());
        }
        assert_eq!(accuracy(&bare, Side::Field), Err(Refusal::NoProbabilities { side: Side::Field }));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn estimates_are_shares(n in 2usize..40, m in 1usize..40, boast in 0.0f32..60.0, seed: u64) {
            let (lab, field) = (two_hills(n, 1.0, boast, seed), two_hills(m, 2.0, boast, seed ^ 1));
            for estimator in ALL {
                let estimate = estimator.estimate(&lab, &field).unwrap();
                prop_assert!((0.0..=1.0).contains(&estimate), "{} {}", estimator.name(), estimate);
            }
        }
    }
}
