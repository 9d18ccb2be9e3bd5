//! Classifier two-sample test (Lopez-Paz and Oquab 2017): train a classifier to tell lab from
//! field; if it can on pictures it has not seen, they differ.
//!
//! The classifier is linear, fitted by regularised least squares to -1 (lab) and +1 (field). Its
//! leave-one-out answers follow from one inverse that does not depend on who is lab and who is
//! field, so a permutation test costs a matrix-vector product per relabelling instead of as many
//! fits as there are pictures. The p-value is exact that way. A binomial one for cross-validated
//! accuracy is not: folds share training pictures, and it rang falsely nearly twice as often as
//! promised.

use super::spread::moments;
use super::{Detail, Detector, FEWEST, PERMUTATIONS, Random, Refusal, Sample, Verdict};
use super::{cholesky, comparable, permutation_p};

/// Most pictures of a side that are used, drawn at random: time grows with the cube.
pub const MOST: usize = 300;
/// Penalty of the squared weights, as a share of the mean squared length of a row: enough where
/// there are more dimensions than pictures, little where there are many pictures.
pub const PENALTY: f64 = 1.0;

/// A linear classifier, leave-one-out accuracy on equally many pictures of each side,
/// permutation p-value.
pub struct Classifier;

impl Detector for Classifier {
    fn name(&self) -> &'static str {
        "Classifier two-sample test"
    }

    fn explain(&self) -> &'static str {
        "Trains a second classifier to tell lab from field; if it can on pictures it has not seen, they differ."
    }

    /// The statistic is the leave-one-out accuracy, 0..=1, chance being 0.5. Where one side has
    /// more pictures, as many as the other has are drawn from it, so that chance is the same for
    /// both.
    fn test(&self, lab: &Sample, field: &Sample, seed: u64) -> Result<Verdict, Refusal> {
        comparable(lab, field, FEWEST)?;
        let mut random = Random::new(seed);
        let each = lab.count().min(field.count()).min(MOST);
        let mut some = |sample: &Sample| match sample.count() {
            n if n > each => sample.select(&random.choose(n, each)),
            _ => Ok(sample.clone()),
        };
        let told = Told::new(&some(lab)?, &some(field)?)?;
        let mut order: Vec<usize> = (0..2 * each).collect();
        let statistic = told.accuracy(&order[each..]);
        let permuted = (0..PERMUTATIONS).map(|_| {
            random.shuffle_first(&mut order, each);
            told.accuracy(&order[each..])
        });
        let p_value = permutation_p(statistic, permuted);
        Ok(Verdict { statistic, p_value, detail: Detail::Nothing })
    }
}

/// Share of pictures that a classifier trained on all others puts on the right side, 0..=1,
/// without the test.
///
/// # Errors
/// [`comparable`] with two pictures a side.
pub fn accuracy(lab: &Sample, field: &Sample) -> Result<f64, Refusal> {
    comparable(lab, field, 2)?;
    let all = lab.count() + field.count();
    let fields: Vec<usize> = (lab.count()..all).collect();
    Ok(Told::new(lab, field)?.accuracy(&fields))
}

/// What leave-one-out answers need, whoever is lab and whoever is field.
struct Told {
    n: usize,
    /// `(Z Z' + penalty)^-1`, `[n, n]`, with Z the standardised pooled rows.
    inverse: Vec<f64>,
}

impl Told {
    fn new(lab: &Sample, field: &Sample) -> Result<Self, Refusal> {
        let pooled = Sample::new([lab.values(), field.values()].concat(), lab.dim())?;
        let (n, dim) = (pooled.count(), pooled.dim());
        let (mean, std) = moments(&pooled);
        // Pooled moments know nothing of the sides; no intercept is needed after centring.
        let standard = |(x, (m, s)): (&f32, (&f64, &f64))| if *s > 0.0 { (f64::from(*x) - m) / s } else { 0.0 };
        let z: Vec<f64> = pooled.rows().flat_map(|row| row.iter().zip(mean.iter().zip(&std)).map(standard)).collect();
        let mut gram = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                gram[i * n + j] = cholesky::dot(&z[i * dim..][..dim], &z[j * dim..][..dim]);
            }
        }
        let penalty = PENALTY * gram.iter().step_by(n + 1).sum::<f64>() / n as f64;
        (0..n).for_each(|i| gram[i * n + i] += penalty);
        Ok(Self { n, inverse: cholesky::inverse(&cholesky::root(gram, n), n) })
    }

    /// With those named as field and all others as lab. The answer to a picture by the fit
    /// without it is `y_i - (G y)_i / G_ii`, G being the inverse (Allen 1974, PRESS).
    fn accuracy(&self, field: &[usize]) -> f64 {
        let mut side = vec![-1.0; self.n];
        field.iter().for_each(|i| side[*i] = 1.0);
        let right = |i: &usize| {
            let row = &self.inverse[i * self.n..][..self.n];
            side[*i] * cholesky::dot(row, &side) < row[*i]
        };
        (0..self.n).filter(right).count() as f64 / self.n as f64
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::{alarms, normal};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sides_far_apart_are_told_apart() {
        let (lab, field) = (normal(30, 5, 0.0, 1), normal(30, 5, 5.0, 2));
        assert_eq!(accuracy(&lab, &field), Ok(1.0));
        assert_eq!(Classifier.test(&lab, &field, 1).unwrap().p_value, 1.0 / (PERMUTATIONS + 1) as f64);
    }

    #[test]
    fn it_rings_falsely_about_one_time_in_twenty() {
        for (n, dim) in [(40, 16), (30, 100)] {
            let pair = |t| (normal(n, dim, 0.0, 2 * t), normal(n, dim, 0.0, 2 * t + 1));
            let rate = alarms(&Classifier, 400, pair);
            println!("{n} x {dim}: {rate}");
            // Accuracy comes in steps, which can only make it more cautious.
            assert!((0.015..=0.08).contains(&rate), "{n} x {dim}: {rate}");
        }
    }

    #[test]
    fn chance_is_one_half() {
        let mean = (0..200).map(|t| accuracy(&normal(30, 20, 0.0, 2 * t), &normal(30, 20, 0.0, 2 * t + 1)).unwrap());
        let mean = mean.sum::<f64>() / 200.0;
        assert!((mean - 0.5).abs() < 0.03, "{mean}");
    }

    #[test]
    fn it_notices_a_move() {
        let rate = alarms(&Classifier, 40, |t| (normal(60, 16, 0.0, 2 * t), normal(60, 16, 0.4, 2 * t + 1)));
        assert!(rate > 0.9, "{rate}");
    }

    #[test]
    fn sides_of_different_size_are_fair() {
        let rate = alarms(&Classifier, 300, |t| (normal(100, 4, 0.0, 2 * t), normal(20, 4, 0.0, 2 * t + 1)));
        assert!(rate <= 0.085, "{rate}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn leaving_one_out_is_fitting_without_it(seed: u64) {
            // Against fits one by one, in one dimension, where they are a division.
            let (lab, field) = (normal(6, 1, 0.0, seed), normal(5, 1, 1.0, seed ^ 1));
            let pooled = Sample::new([lab.values(), field.values()].concat(), 1).unwrap();
            let (mean, std) = moments(&pooled);
            let z: Vec<f64> = pooled.values().iter().map(|x| (f64::from(*x) - mean[0]) / std[0]).collect();
            let penalty = PENALTY * z.iter().map(|z| z * z).sum::<f64>() / 11.0;
            let side = |i: usize| if i < 6 { -1.0 } else { 1.0 };
            let right = (0..11).filter(|i| {
                let others = || (0..11).filter(|j| j != i);
                let weight = others().map(|j| z[j] * side(j)).sum::<f64>()
                    / (others().map(|j| z[j] * z[j]).sum::<f64>() + penalty);
                weight * z[*i] * side(*i) > 0.0
            });
            prop_assert_eq!(accuracy(&lab, &field).unwrap(), right.count() as f64 / 11.0);
        }
    }
}
