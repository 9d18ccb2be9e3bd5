//! Difference of confidences (Guillory et al. 2021, "Predicting with Confidence on Unseen
//! Distributions"), of a calibrated head.

use super::{Estimator, accuracy, temperature, usable};
use crate::shift::drift::{Refusal, Sample, Side};

/// Lab accuracy less what average confidence loses from lab to field. The paper fits a line
/// through many known shifts; with none known, its slope is 1.
pub struct ConfidenceDifference;

impl Estimator for ConfidenceDifference {
    fn name(&self) -> &'static str {
        "Difference of confidences"
    }

    fn explain(&self) -> &'static str {
        "Takes off the lab accuracy as much as the calibrated model is less confident in the field than in the lab."
    }

    fn estimate(&self, lab: &Sample, field: &Sample) -> Result<f64, Refusal> {
        usable(lab, field)?;
        let temperature = temperature::fit(lab)?;
        let lost = confidence(lab, temperature)? - confidence(field, temperature)?;
        Ok((accuracy(lab, Side::Lab)? - lost).clamp(0.0, 1.0))
    }
}

/// Mean highest probability at a temperature (1 for the model as it is), 1/classes..=1.
///
/// # Errors
/// [`Refusal::Setting`] for a temperature that is not positive, [`Refusal::Empty`] without
/// probabilities.
pub fn confidence(sample: &Sample, temperature: f64) -> Result<f64, Refusal> {
    let scaled = temperature::scaled(sample.probabilities(), sample.classes(), temperature)?;
    let highest = scaled.chunks_exact(sample.classes()).map(|p| p.iter().copied().fold(0.0, f64::max));
    Ok(highest.sum::<f64>() / sample.count() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::tests::two_hills;
    use super::*;

    #[test]
    fn lost_confidence_is_lost_accuracy() {
        let lab = two_hills(2000, 1.0, 1.0, 1);
        let field = two_hills(2000, 1.0, 0.3, 2);
        let temperature = temperature::fit(&lab).unwrap();
        let lost = confidence(&lab, temperature).unwrap() - confidence(&field, temperature).unwrap();
        let estimate = ConfidenceDifference.estimate(&lab, &field).unwrap();
        assert!(lost > 0.1 && (accuracy(&lab, Side::Lab).unwrap() - lost - estimate).abs() < 1e-12);
    }

    #[test]
    fn a_calibrated_model_is_as_sure_as_it_is_right() {
        let lab = two_hills(4000, 1.0, 4.0, 1);
        let right = accuracy(&lab, Side::Lab).unwrap();
        let sure = confidence(&lab, temperature::fit(&lab).unwrap()).unwrap();
        assert!((sure - right).abs() < 0.02 && confidence(&lab, 1.0).unwrap() > right + 0.05, "{sure} {right}");
    }

    #[test]
    fn impossible_temperatures_are_refused() {
        let lab = two_hills(10, 1.0, 1.0, 1);
        assert!(confidence(&lab, 0.0).is_err() && confidence(&lab, f64::NAN).is_err());
    }
}
