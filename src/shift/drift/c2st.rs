//! Classifier two-sample test (Lopez-Paz and Oquab 2017): train a classifier to tell lab from
//! field; if it can on pictures it has not seen, they differ.

use super::{Detail, Detector, FEWEST, Random, Refusal, Sample, Verdict, comparable};
use crate::learn::head::softmax::{Fit, Rows};
use crate::learn::head::standardise::Standardise;
use crate::learn::split;

/// Most pictures of a side that are used, drawn at random: an interactive test must answer soon.
pub const MOST: usize = 500;
/// L2 of the logistic regression. Strong, because there may be fewer pictures than dimensions
/// and the accuracy of so small a fit barely depends on it.
const LAMBDA: f32 = 1.0;
/// Where the fit stops (largest entry of the gradient): finer changes no answer that matters.
const TOLERANCE: f32 = 1e-3;

/// Logistic regression, cross-validated on equally many pictures of each side; binomial p-value.
pub struct Classifier;

impl Detector for Classifier {
    fn name(&self) -> &'static str {
        "Classifier two-sample test"
    }

    fn explain(&self) -> &'static str {
        "Trains a second classifier to tell lab from field; if it can on pictures it has not seen, they differ."
    }

    /// The statistic is the held-out accuracy, 0..=1, chance being 0.5; the p-value the chance of
    /// at least as many right answers by coin tosses. Where one side has more pictures, as many
    /// as the other has are drawn from it, so that chance is the same for both.
    fn test(&self, lab: &Sample, field: &Sample, seed: u64) -> Result<Verdict, Refusal> {
        comparable(lab, field, FEWEST)?;
        let mut random = Random::new(seed);
        let each = lab.count().min(field.count()).min(MOST);
        let lab = lab.select(&random.choose(lab.count(), each))?;
        let field = field.select(&random.choose(field.count(), each))?;
        let right = told_apart(&lab, &field, random.seed());
        let p_value = at_least(right, 2 * each);
        Ok(Verdict { statistic: right as f64 / (2 * each) as f64, p_value, detail: Detail::Nothing })
    }
}

/// Pictures put on the right side by a classifier trained on the other folds.
fn told_apart(lab: &Sample, field: &Sample, seed: u64) -> usize {
    let rows: Vec<&[f32]> = lab.rows().chain(field.rows()).collect();
    let side: Vec<u32> = (0..rows.len()).map(|i| u32::from(i >= lab.count())).collect();
    // Every picture is a group of its own.
    let groups: Vec<u32> = (0..rows.len() as u32).collect();
    let (folds, fold_of) = split::folds(&side, &groups, seed);
    let mut right = 0;
    for fold in 0..folds {
        let train: Vec<usize> = (0..rows.len()).filter(|i| fold_of[*i] != Some(fold)).collect();
        let standardise = Standardise::fit(train.iter().map(|i| rows[*i]), lab.dim());
        let z: Vec<f32> = train.iter().flat_map(|i| standardise.apply(rows[*i])).collect();
        let labels: Vec<u32> = train.iter().map(|i| side[*i]).collect();
        let data = Rows { z: &z, labels: &labels, dim: lab.dim(), classes: 2 };
        let mut fit = Fit::new(data, LAMBDA, vec![0.0; 2 * (lab.dim() + 1)], TOLERANCE);
        while !fit.step(data) {}
        let (weights, bias) = fit.parameters().split_at(2 * lab.dim());
        let (lab_weights, field_weights) = weights.split_at(lab.dim());
        for i in (0..rows.len()).filter(|i| fold_of[*i] == Some(fold)) {
            let z = standardise.apply(rows[i]);
            let towards_field: f32 =
                z.iter().zip(lab_weights.iter().zip(field_weights)).map(|(z, (l, f))| z * (f - l)).sum();
            right += usize::from(u32::from(towards_field + bias[1] - bias[0] > 0.0) == side[i]);
        }
    }
    right
}

/// Chance of at least `right` heads in `n` tosses of a fair coin, 0..=1.
pub fn at_least(right: usize, n: usize) -> f64 {
    let of = |k: usize| libm::lgamma(k as f64 + 1.0);
    let all = of(n) - n as f64 * std::f64::consts::LN_2;
    (right..=n).map(|k| (all - of(k) - of(n - k)).exp()).sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::{alarms, normal};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn coins_fall_as_they_do() {
        assert!((at_least(2, 3) - 0.5).abs() < 1e-12);
        assert!((at_least(10, 10) - 1.0 / 1024.0).abs() < 1e-12);
        assert!((at_least(0, 50) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn it_rings_falsely_about_one_time_in_twenty() {
        let rate = alarms(&Classifier, 400, |t| (normal(40, 16, 0.0, 2 * t), normal(40, 16, 0.0, 2 * t + 1)));
        assert!((0.015..=0.10).contains(&rate), "{rate}");
    }

    #[test]
    fn it_notices_a_move() {
        let rate = alarms(&Classifier, 30, |t| (normal(60, 16, 0.0, 2 * t), normal(60, 16, 0.5, 2 * t + 1)));
        assert!(rate > 0.9, "{rate}");
    }

    #[test]
    fn sides_of_different_size_are_fair() {
        let rate = alarms(&Classifier, 100, |t| (normal(200, 4, 0.0, 2 * t), normal(20, 4, 0.0, 2 * t + 1)));
        assert!(rate <= 0.13, "{rate}");
    }

    proptest! {
        #[test]
        fn more_right_answers_are_less_likely(n in 1usize..300, right in 0usize..300) {
            prop_assume!(right < n);
            let (less, more) = (at_least(right, n), at_least(right + 1, n));
            prop_assert!(more <= less && (0.0..=1.0).contains(&more));
        }
    }
}
