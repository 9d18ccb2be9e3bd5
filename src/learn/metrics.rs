//! Accuracy with an interval, the confusion matrix, precision and recall.

use super::report::{ClassScore, HeldOut};
use serde::{Deserialize, Serialize};

/// A proportion with its 95 % interval; all three in 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    pub value: f32,
    pub low: f32,
    pub high: f32,
    /// Sample size the interval rests on.
    pub n: usize,
}

/// Two-sided 95 % quantile of the standard normal distribution.
const Z95: f64 = 1.959_963_984_540_054;

/// Wilson's score interval for `hits` successes in `n` trials (Wilson 1927, JASA 22).
/// `hits` may be fractional: a group of near-duplicates counts as one trial whose outcome
/// is the share of it that is right. `None` without trials.
pub fn wilson(hits: f64, n: usize) -> Option<Interval> {
    if n == 0 {
        return None;
    }
    let trials = n as f64;
    let p = (hits / trials).clamp(0.0, 1.0);
    let z2 = Z95 * Z95;
    let centre = (p + z2 / (2.0 * trials)) / (1.0 + z2 / trials);
    let half = Z95 / (1.0 + z2 / trials) * (p * (1.0 - p) / trials + z2 / (4.0 * trials * trials)).sqrt();
    Some(Interval {
        value: p as f32,
        low: (centre - half).clamp(0.0, p) as f32,
        high: (centre + half).clamp(p, 1.0) as f32,
        n,
    })
}

/// McNemar's exact test of two classifiers on the same pictures: `only_first` were right for the first
/// alone, `only_second` for the second alone. Two-sided p-value, 0..=1: the chance of so uneven a split if
/// both were equally good, by the binomial distribution (McNemar 1947; exact as in Agresti 2002, 10.1).
pub fn mcnemar(only_first: usize, only_second: usize) -> f64 {
    let (n, few) = (only_first + only_second, only_first.min(only_second));
    // n choose k over 2^n, from k to the next, in logarithms: 2^-n is 0 beyond a thousand.
    let mut log = -(n as f64) * std::f64::consts::LN_2;
    let mut tail = 0.0;
    for k in 0..=few {
        tail += log.exp();
        log += ((n - k) as f64).ln() - ((k + 1) as f64).ln();
    }
    (2.0 * tail).min(1.0)
}

/// Held-out accuracy where every group of near-duplicates counts once: its outcome is the
/// share of its pictures that are right, so ten frames of one burst are not ten proofs.
pub fn grouped_accuracy(held_out: &[HeldOut], groups: &[u32]) -> Option<Interval> {
    let mut by_group = std::collections::BTreeMap::<u32, (u32, u32)>::new();
    for h in held_out {
        let (right, all) = by_group.entry(groups[h.index as usize]).or_default();
        *right += u32::from(h.truth == h.predicted);
        *all += 1;
    }
    let hits = by_group.values().map(|(right, all)| f64::from(*right) / f64::from(*all)).sum();
    wilson(hits, by_group.len())
}

/// `confusion[truth][predicted]`, counts of held-out pictures.
pub fn confusion(held_out: &[HeldOut], classes: usize) -> Vec<Vec<u32>> {
    let mut table = vec![vec![0; classes]; classes];
    for h in held_out {
        table[h.truth as usize][h.predicted as usize] += 1;
    }
    table
}

/// Precision and recall of each class from a confusion matrix; `None` for 0/0.
pub fn per_class(confusion: &[Vec<u32>]) -> Vec<ClassScore> {
    let share = |part: u32, whole: u32| (whole > 0).then(|| part as f32 / whole as f32);
    (0..confusion.len())
        .map(|c| {
            let actual: u32 = confusion[c].iter().sum();
            let predicted: u32 = confusion.iter().map(|row| row[c]).sum();
            let hits = confusion[c][c];
            ClassScore { pictures: actual as usize, precision: share(hits, predicted), recall: share(hits, actual) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn held(index: u32, truth: u32, predicted: u32) -> HeldOut {
        HeldOut { index, truth, predicted, confidence: 0.5, unknown: false }
    }

    #[test]
    fn mcnemar_is_the_binomial_test() {
        // Of 10 tosses 1 or fewer heads, two-sided: 2 * 11 / 1024.
        assert!((mcnemar(1, 9) - 22.0 / 1024.0).abs() < 1e-12);
        assert_eq!((mcnemar(0, 0), mcnemar(4, 4)), (1.0, 1.0));
        assert!((mcnemar(0, 6) - 2.0 / 64.0).abs() < 1e-12);
        assert!(mcnemar(900, 1100) < 1e-4 && mcnemar(900, 1100) == mcnemar(1100, 900));
    }

    #[test]
    fn wilson_matches_published_values() {
        // R: prop.test(8, 10, correct = FALSE) and prop.test(0, 10, correct = FALSE).
        let eight = wilson(8.0, 10).unwrap();
        assert!((eight.low - 0.490_162).abs() < 1e-5, "{eight:?}");
        assert!((eight.high - 0.943_317).abs() < 1e-5, "{eight:?}");
        let zero = wilson(0.0, 10).unwrap();
        assert_eq!(zero.low, 0.0);
        assert!((zero.high - 0.277_533).abs() < 1e-5, "{zero:?}");
        assert_eq!(wilson(0.0, 0), None);
    }

    #[test]
    fn a_burst_counts_once() {
        // Nine right frames of one burst and one wrong single picture: 1 of 2, not 9 of 10.
        let held_out: Vec<_> = (0..10).map(|i| held(i, 0, u32::from(i == 9))).collect();
        let groups = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        let accuracy = grouped_accuracy(&held_out, &groups).unwrap();
        assert_eq!((accuracy.value, accuracy.n), (0.5, 2));
    }

    #[test]
    fn precision_and_recall_of_a_small_table() {
        let scores = per_class(&[vec![3, 1, 0], vec![0, 2, 0], vec![0, 0, 0]]);
        assert_eq!(scores[0].precision, Some(1.0));
        assert_eq!(scores[0].recall, Some(0.75));
        assert_eq!(scores[1].precision, Some(2.0 / 3.0));
        assert_eq!(scores[2], ClassScore { pictures: 0, precision: None, recall: None });
    }

    proptest! {
        #[test]
        fn the_interval_contains_the_value_and_shrinks(hits in 0usize..200, extra in 0usize..200) {
            let n = hits + extra;
            prop_assume!(n > 0);
            let one = wilson(hits as f64, n).unwrap();
            prop_assert!(0.0 <= one.low && one.low <= one.value && one.value <= one.high && one.high <= 1.0);
            let more = wilson(hits as f64 * 4.0, n * 4).unwrap();
            prop_assert!(more.high - more.low < one.high - one.low);
        }

        #[test]
        fn the_confusion_matrix_keeps_every_picture(pairs in prop::collection::vec((0u32..4, 0u32..4), 0..60)) {
            let held_out: Vec<_> = pairs.iter().map(|(t, p)| held(0, *t, *p)).collect();
            let table = confusion(&held_out, 4);
            prop_assert_eq!(table.iter().flatten().sum::<u32>() as usize, pairs.len());
            for (c, score) in per_class(&table).iter().enumerate() {
                prop_assert_eq!(score.pictures, pairs.iter().filter(|(t, _)| *t as usize == c).count());
            }
        }
    }
}
