//! Label shift from the model's answers alone: black-box shift estimation (Lipton et al. 2018,
//! "Detecting and Correcting for Label Shift with Black Box Predictors").

use super::{Detail, Detector, FEWEST, Random, Refusal, Sample, Side, Verdict};
use super::{answered, comparable, permutation_p};
use crate::learn::head::argmax;

/// Random relabellings: tables of answers are cheap, so more than the other tests take.
const RELABELLINGS: usize = 999;
/// A pivot below this share of the largest entry: the confusion matrix has no useful inverse.
const SINGULAR: f64 = 1e-3;

/// Does the model answer with another mix of classes? Pearson's chi-square of the answers,
/// permutation p-value; with labels in the lab, also which classes became more frequent.
pub struct LabelShift;

impl Detector for LabelShift {
    fn name(&self) -> &'static str {
        "Label shift"
    }

    fn explain(&self) -> &'static str {
        "Compares how often the model answers each class in the lab and in the field, and works back to the true mix."
    }

    /// The statistic is Pearson's chi-square of the table side by answer. The detail has the
    /// weights of [`weights`] where the lab has labels and they can be worked out.
    fn test(&self, lab: &Sample, field: &Sample, seed: u64) -> Result<Verdict, Refusal> {
        comparable(lab, field, FEWEST)?;
        let classes = answered(lab, field)?;
        let (of_lab, of_field) = (answers(lab), answers(field));
        let mut counts = vec![0; classes];
        of_lab.iter().for_each(|c| counts[*c] += 1);
        let pooled = [of_lab, of_field].concat();
        let mut all = vec![0; classes];
        pooled.iter().for_each(|c| all[*c] += 1);
        let statistic = chi_square(&counts, &all);
        let mut random = Random::new(seed);
        let mut order: Vec<usize> = (0..pooled.len()).collect();
        let permuted = (0..RELABELLINGS).map(|_| {
            random.shuffle_first(&mut order, lab.count());
            let mut counts = vec![0; classes];
            order[..lab.count()].iter().for_each(|i| counts[pooled[*i]] += 1);
            chi_square(&counts, &all)
        });
        let p_value = permutation_p(statistic, permuted);
        let detail = weights(lab, field).map_or(Detail::Nothing, Detail::ClassWeights);
        Ok(Verdict { statistic, p_value, detail })
    }
}

/// The class the model thinks most likely, for each picture.
fn answers(sample: &Sample) -> Vec<usize> {
    sample.probabilities().chunks_exact(sample.classes()).map(argmax).collect()
}

/// Pearson's chi-square of the answers of one side, given those of both together: without a
/// shift about as large as the number of classes in use less one.
fn chi_square(one: &[usize], both: &[usize]) -> f64 {
    let (n, all) = (one.iter().sum::<usize>() as f64, both.iter().sum::<usize>() as f64);
    let share = n / all;
    let of = |(one, both): (&usize, &usize)| {
        // Both cells of the column have the same difference from what is expected.
        let (one, both) = (*one as f64, *both as f64);
        if both > 0.0 { (one - share * both).powi(2) / (both * share * (1.0 - share)) } else { 0.0 }
    };
    one.iter().zip(both).map(of).sum()
}

/// How many times as frequent each class is in the field as in the lab, `[classes]`, each at
/// least 0: the solution w of `C w = m`, with `C[i][j]` the lab's share of pictures answered i
/// that are j, and `m[i]` the field's share of answers i. Right only if the pictures of a class
/// look the same in both; the lab's answers must come from pictures the model was not trained on.
///
/// # Errors
/// [`answered`]; [`Refusal::NoLabels`] for the lab; [`Refusal::Confused`] where a class of the
/// model is missing in the lab or never told apart from others.
pub fn weights(lab: &Sample, field: &Sample) -> Result<Vec<f64>, Refusal> {
    let classes = answered(lab, field)?;
    let labels = lab.labels().ok_or(Refusal::NoLabels { side: Side::Lab })?;
    let mut confusion = vec![vec![0.0; classes + 1]; classes];
    for (answer, label) in answers(lab).into_iter().zip(labels) {
        confusion[answer][*label as usize] += 1.0 / lab.count() as f64;
    }
    for answer in answers(field) {
        confusion[answer][classes] += 1.0 / field.count() as f64;
    }
    // Negative weights are noise (Lipton et al. clip them too).
    Ok(solve(confusion).ok_or(Refusal::Confused)?.into_iter().map(|w| w.max(0.0)).collect())
}

/// The field's share of each class by the weights, `[classes]`, summing to 1.
///
/// # Errors
/// As [`weights`].
pub fn field_shares(lab: &Sample, field: &Sample) -> Result<Vec<f64>, Refusal> {
    let mut shares = weights(lab, field)?;
    let mut of_lab = vec![0.0; shares.len()];
    lab.labels().unwrap_or_default().iter().for_each(|l| of_lab[*l as usize] += 1.0);
    shares.iter_mut().zip(of_lab).for_each(|(w, lab)| *w *= lab);
    let sum: f64 = shares.iter().sum();
    if sum <= 0.0 {
        return Err(Refusal::Confused);
    }
    Ok(shares.into_iter().map(|s| s / sum).collect())
}

/// Solves `[n, n + 1]`, the right side last, by elimination with the largest pivot of the column.
fn solve(mut a: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let n = a.len();
    let largest = a.iter().flat_map(|row| &row[..n]).copied().fold(0.0, f64::max);
    for c in 0..n {
        let pivot = (c..n).max_by(|i, j| a[*i][c].abs().total_cmp(&a[*j][c].abs()))?;
        if a[pivot][c].abs() <= SINGULAR * largest {
            return None;
        }
        a.swap(c, pivot);
        let row = a[c].clone();
        for other in a.iter_mut().skip(c + 1) {
            let factor = other[c] / row[c];
            other.iter_mut().zip(&row).skip(c).for_each(|(o, r)| *o -= factor * r);
        }
    }
    let mut x = vec![0.0; n];
    for c in (0..n).rev() {
        let known: f64 = (c + 1..n).map(|k| a[c][k] * x[k]).sum();
        x[c] = (a[c][n] - known) / a[c][c];
    }
    Some(x)
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::{alarms, classified, normal};
    use super::*;
    use proptest::prelude::*;

    const EVEN: [f64; 4] = [0.25; 4];

    #[test]
    fn chi_square_is_that_of_the_textbook() {
        // Table [[10, 20], [20, 10]]: every cell is 5 off an expected 15.
        assert!((chi_square(&[10, 20], &[30, 30]) - 4.0 * 25.0 / 15.0).abs() < 1e-12);
    }

    #[test]
    fn it_rings_falsely_one_time_in_twenty() {
        let rate = alarms(&LabelShift, 400, |t| (classified(60, &EVEN, 2 * t), classified(50, &EVEN, 2 * t + 1)));
        assert!((0.02..=0.08).contains(&rate), "{rate}");
    }

    #[test]
    fn it_notices_and_measures_another_mix() {
        let mix = [0.55, 0.25, 0.15, 0.05];
        let rate = alarms(&LabelShift, 40, |t| (classified(150, &EVEN, 2 * t), classified(150, &mix, 2 * t + 1)));
        assert!(rate > 0.9, "{rate}");
        let (lab, field) = (classified(4000, &EVEN, 1), classified(4000, &mix, 2));
        let shares = field_shares(&lab, &field).unwrap();
        assert!(shares.iter().zip(mix).all(|(s, m)| (s - m).abs() < 0.03), "{shares:?}");
        let Detail::ClassWeights(weights) = LabelShift.test(&lab, &field, 1).unwrap().detail else { panic!() };
        assert!((weights[0] - 2.2).abs() < 0.15, "{weights:?}");
    }

    #[test]
    fn what_cannot_be_worked_out_is_said() {
        let sample = classified(50, &EVEN, 1);
        let plain = normal(50, 4, 0.0, 1);
        assert_eq!(LabelShift.test(&sample, &plain, 1), Err(Refusal::NoProbabilities { side: Side::Field }));
        let unlabelled = plain.clone().with_probabilities(sample.probabilities().to_vec(), 4).unwrap();
        assert_eq!(weights(&unlabelled, &sample), Err(Refusal::NoLabels { side: Side::Lab }));
        assert_eq!(LabelShift.test(&unlabelled, &sample, 1).unwrap().detail, Detail::Nothing);
        // Always the same answer: no inverse.
        let stuck = plain.with_probabilities([0.7, 0.1, 0.1, 0.1].repeat(50), 4).unwrap();
        let stuck = stuck.with_labels((0..50).map(|i| i % 4).collect()).unwrap();
        assert_eq!(weights(&stuck, &sample), Err(Refusal::Confused));
    }

    proptest! {
        #[test]
        fn solutions_solve(entries in prop::collection::vec(0.0f64..1.0, 20)) {
            let mut a: Vec<Vec<f64>> = entries.chunks(5).map(<[f64]>::to_vec).collect();
            (0..4).for_each(|i| a[i][i] += 2.0);
            let x = solve(a.clone()).unwrap();
            for row in a {
                let sum: f64 = row[..4].iter().zip(&x).map(|(a, x)| a * x).sum();
                prop_assert!((sum - row[4]).abs() < 1e-9);
            }
        }

        #[test]
        fn weights_of_the_lab_itself_are_one(seed: u64) {
            let lab = classified(200, &EVEN, seed);
            let weights = weights(&lab, &lab).unwrap();
            prop_assert!(weights.iter().all(|w| (w - 1.0).abs() < 1e-9), "{:?}", weights);
        }
    }
}
