//! Temperature scaling (Guo et al. 2017, "On Calibration of Modern Neural Networks"): one number
//! that makes a model as confident as it is right.

use crate::shift::drift::{Refusal, Sample, Side, rows_fit};

/// The range searched. A model that is never wrong asks for 0, one that guesses for infinity.
pub const RANGE: std::ops::RangeInclusive<f64> = 0.02..=50.0;

/// The temperature at which the labels are likeliest, in [`RANGE`].
///
/// The log loss is convex in 1 / temperature, so halving the range where its slope changes sign
/// finds the minimum. The logarithms of the probabilities serve as logits: they differ from the
/// model's by a constant per picture, which softmax takes out again.
///
/// # Errors
/// [`Refusal::NoProbabilities`] and [`Refusal::NoLabels`] for the lab.
pub fn fit(lab: &Sample) -> Result<f64, Refusal> {
    let classes = lab.classes();
    if classes == 0 {
        return Err(Refusal::NoProbabilities { side: Side::Lab });
    }
    let labels = lab.labels().ok_or(Refusal::NoLabels { side: Side::Lab })?;
    let logits: Vec<f64> = lab.probabilities().iter().map(logit).collect();
    // Slope of the log loss in 1 / temperature: expected logit less that of the truth.
    let slope = |inverse: f64| {
        let of = |(logits, label): (&[f64], &u32)| {
            let expected: f64 = softmax(logits, inverse).iter().zip(logits).map(|(p, l)| p * l).sum();
            expected - logits[*label as usize]
        };
        logits.chunks_exact(classes).zip(labels).map(of).sum::<f64>()
    };
    let (mut low, mut high) = (1.0 / RANGE.end(), 1.0 / RANGE.start());
    for _ in 0..60 {
        // Temperatures are ratios: halve in proportion.
        let middle = (low * high).sqrt();
        if slope(middle) < 0.0 { low = middle } else { high = middle }
    }
    Ok(1.0 / (low * high).sqrt())
}

/// Probabilities `[n, classes]` at another temperature: above 1 less sure, below 1 surer.
///
/// # Errors
/// [`Refusal::Setting`] unless the temperature is positive and finite, and those of [`rows_fit`].
pub fn scaled(probabilities: &[f32], classes: usize, temperature: f64) -> Result<Vec<f64>, Refusal> {
    rows_fit(probabilities, classes)?;
    if !(temperature > 0.0 && temperature.is_finite()) {
        return Err(Refusal::Setting { what: "A temperature is a positive number.".into() });
    }
    let logits: Vec<f64> = probabilities.iter().map(logit).collect();
    Ok(logits.chunks_exact(classes).flat_map(|row| softmax(row, 1.0 / temperature)).collect())
}

/// Zero has no logarithm; what float32 rounded to zero was below its smallest normal number.
fn logit(p: &f32) -> f64 {
    libm::log(f64::from(p.max(f32::MIN_POSITIVE)))
}

fn softmax(logits: &[f64], inverse: f64) -> Vec<f64> {
    let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = logits.iter().map(|l| libm::exp((l - largest) * inverse)).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|p| p / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::two_hills;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn boasting_is_undone() {
        for boast in [0.5f32, 1.0, 4.0] {
            let found = fit(&two_hills(20_000, 1.0, boast, 1)).unwrap();
            assert!((found / f64::from(boast) - 1.0).abs() < 0.05, "{boast}: {found}");
        }
    }

    #[test]
    fn extremes_stay_in_range() {
        let lab = |label: u32| {
            let sample = Sample::new(vec![0.0, 1.0], 1).unwrap().with_probabilities(vec![0.4, 0.6, 0.3, 0.7], 2);
            sample.unwrap().with_labels(vec![label; 2]).unwrap()
        };
        assert!((fit(&lab(1)).unwrap() / RANGE.start() - 1.0).abs() < 1e-6);
        assert!((fit(&lab(0)).unwrap() / RANGE.end() - 1.0).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn scaling_keeps_shares_and_their_order(raw in prop::collection::vec(0.01f32..1.0, 6), t in 0.1f64..10.0) {
            let sums: Vec<f32> = raw.chunks(3).map(|r| r.iter().sum()).collect();
            let p: Vec<f32> = raw.iter().enumerate().map(|(i, r)| r / sums[i / 3]).collect();
            let scaled = scaled(&p, 3, t).unwrap();
            for (row, was) in scaled.chunks(3).zip(p.chunks(3)) {
                prop_assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9);
                for i in 0..3 {
                    for j in 0..3 {
                        prop_assert!(was[i] <= was[j] || row[i] >= row[j]);
                    }
                }
            }
        }
    }
}
