//! Average thresholded confidence (Garg et al. 2022, "Leveraging Unlabeled Data to Predict
//! Out-of-Distribution Performance").

use super::{Estimator, right, usable};
use crate::shift::drift::{Refusal, Sample, Side};

/// Finds the score below which as many lab pictures lie as the model gets wrong there; the
/// estimate is the share of field pictures above. The score is negative entropy, which the paper
/// found better than the highest probability.
pub struct ThresholdedConfidence;

impl Estimator for ThresholdedConfidence {
    fn name(&self) -> &'static str {
        "Average thresholded confidence"
    }

    fn explain(&self) -> &'static str {
        "Sets a bar that as many lab pictures clear as are right in the lab, and counts the field pictures that clear it."
    }

    fn estimate(&self, lab: &Sample, field: &Sample) -> Result<f64, Refusal> {
        usable(lab, field)?;
        let bar = bar(lab)?;
        let over = scores(field).iter().filter(|score| **score >= bar).count();
        Ok(over as f64 / field.count() as f64)
    }
}

/// The score that just as many lab pictures fall short of as are wrong; infinite where all are.
/// Equal scores at the bar all clear it, so fewer may fall short.
///
/// # Errors
/// [`Refusal::NoProbabilities`] and [`Refusal::NoLabels`] for the lab.
pub fn bar(lab: &Sample) -> Result<f64, Refusal> {
    let wrong = right(lab, Side::Lab)?.iter().filter(|right| !**right).count();
    let mut scores = scores(lab);
    scores.sort_unstable_by(f64::total_cmp);
    Ok(scores.get(wrong).copied().unwrap_or(f64::INFINITY))
}

/// Negative entropy of the model's answer, `[n]`: from -ln(classes), undecided, to 0, certain.
pub fn scores(sample: &Sample) -> Vec<f64> {
    let information = |p: &f32| {
        let p = f64::from(*p);
        if p > 0.0 { p * libm::log(p) } else { 0.0 }
    };
    let answers = sample.probabilities().chunks_exact(sample.classes().max(1));
    answers.map(|p| p.iter().map(information).sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::two_hills;
    use super::super::{ALL, accuracy};
    use super::*;

    fn answered(confidences: &[f32], labels: Vec<u32>) -> Sample {
        let p = confidences.iter().flat_map(|c| [1.0 - c, *c]).collect();
        let sample = Sample::new((0..confidences.len()).map(|i| i as f32).collect(), 1).unwrap();
        sample.with_probabilities(p, 2).unwrap().with_labels(labels).unwrap()
    }

    #[test]
    fn a_small_case_by_hand() {
        // One of four wrong: the least sure falls short, so 0.7 is the bar; 3 of 4 clear it.
        let lab = answered(&[0.6, 0.7, 0.8, 0.9], vec![0, 1, 1, 1]);
        let field = answered(&[0.95, 0.65, 0.7, 0.1], vec![1; 4]);
        assert_eq!(ThresholdedConfidence.estimate(&lab, &field), Ok(0.75));
    }

    #[test]
    fn always_right_and_always_wrong() {
        let field = answered(&[0.55, 0.9], vec![0, 0]);
        let (all, none) = (answered(&[0.6, 0.55], vec![1, 1]), answered(&[0.6, 0.7], vec![0, 0]));
        assert_eq!(ThresholdedConfidence.estimate(&all, &field), Ok(1.0));
        assert_eq!(ThresholdedConfidence.estimate(&none, &field), Ok(0.0));
    }

    #[test]
    fn a_certain_answer_has_no_entropy() {
        let scores = scores(&answered(&[1.0, 0.5], vec![1, 1]));
        assert!(scores[0] == 0.0 && (scores[1] + std::f64::consts::LN_2).abs() < 1e-7);
    }

    #[test]
    fn noise_in_the_field_is_seen_in_part() {
        let (lab, field) = (two_hills(4000, 1.0, 1.0, 1), two_hills(4000, 2.0, 1.0, 2));
        // The noisier field has more confident mistakes: the estimate is too high, as it must be
        // where p(label | picture) changes. This is the lesson, so it is pinned.
        for estimator in ALL {
            let estimate = estimator.estimate(&lab, &field).unwrap();
            assert!(estimate > accuracy(&field, Side::Field).unwrap() + 0.05, "{}", estimator.name());
        }
    }
}
