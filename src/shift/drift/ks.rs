//! Kolmogorov-Smirnov, one number of the embedding at a time, with Bonferroni's correction
//! (Rabanser et al. 2019 found that combination hard to beat).

use super::{Detail, Detector, FEWEST, Refusal, Sample, Verdict, comparable, varying};

/// Largest gap between the two cumulative distributions, over all dimensions.
pub struct KolmogorovSmirnov;

impl Detector for KolmogorovSmirnov {
    fn name(&self) -> &'static str {
        "Kolmogorov-Smirnov"
    }

    fn explain(&self) -> &'static str {
        "Compares lab and field in one number of the embedding at a time, by the largest gap between their \
         cumulative shares."
    }

    /// The statistic is the largest gap of any dimension, 0..=1; the p-value its exact one times
    /// the number of dimensions that vary at all.
    fn test(&self, lab: &Sample, field: &Sample, _seed: u64) -> Result<Verdict, Refusal> {
        comparable(lab, field, FEWEST)?;
        let (m, n) = (lab.count(), field.count());
        let (mut largest, mut worst) = (0, 0);
        for d in 0..lab.dim() {
            let gap = gap(&lab.sorted_column(d), &field.sorted_column(d));
            if gap > largest {
                (largest, worst) = (gap, d);
            }
        }
        let p_value = (varying(lab, field) as f64 * exact_p(largest, m, n)).min(1.0);
        let statistic = largest as f64 / (m * n) as f64;
        Ok(Verdict { statistic, p_value, detail: Detail::Dimension(worst) })
    }
}

/// Largest gap between the cumulative shares of two ascending lists, not empty, times the product
/// of their lengths: a whole number, so that no rounding blurs ties.
pub fn gap(a: &[f32], b: &[f32]) -> usize {
    let (mut i, mut j, mut largest) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        let value = a[i].min(b[j]);
        while i < a.len() && a[i] <= value {
            i += 1;
        }
        while j < b.len() && b[j] <= value {
            j += 1;
        }
        largest = largest.max((i * b.len()).abs_diff(j * a.len()));
    }
    largest
}

/// Chance that two samples of `m` and `n` from one continuous distribution have a gap of at
/// least `gap` (as [`gap`] counts it), 0..=1; with ties in the data, an upper bound.
///
/// Every order of the pooled sample is as likely as another: a path from (0, 0) to (m, n). The
/// chance that it leaves the band is summed up directly (Hodges 1958), not as one minus the
/// chance of staying, so tiny p-values are exact too.
pub fn exact_p(gap: usize, m: usize, n: usize) -> f64 {
    // Chance of having left the band on the way to (i, j), for one i and all j.
    let mut left = vec![0.0; n + 1];
    for i in 0..=m {
        for j in 0..=n {
            left[j] = if (i * n).abs_diff(j * m) >= gap {
                1.0
            } else {
                // The last step came from (i - 1, j) in i of i + j cases.
                let (from_a, from_b) = (left[j], if j > 0 { left[j - 1] } else { 0.0 });
                (i as f64 * from_a + j as f64 * from_b) / (i + j).max(1) as f64
            };
        }
    }
    left[n]
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::{alarms, normal};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_gap_counts_ties_once() {
        assert_eq!(gap(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]), 0);
        assert_eq!(gap(&[1.0, 2.0], &[3.0, 4.0, 5.0]), 6);
        assert_eq!(gap(&[-0.0, 1.0], &[0.0, 1.0]), 0);
        // Shares at 1: 2/3 against 0 of 2.
        assert_eq!(gap(&[1.0, 1.0, 2.0], &[2.0, 2.0]), 4);
    }

    #[test]
    fn p_values_are_those_one_can_count() {
        // Two and two: 2 of the 6 orders are fully apart.
        assert!((exact_p(4, 2, 2) - 2.0 / 6.0).abs() < 1e-15);
        assert_eq!(exact_p(0, 3, 4), 1.0);
        // Fully apart: 2 of all orders of 30 and 30.
        let orders: f64 = (1..=30).map(|k| f64::from(30 + k) / f64::from(k)).product();
        assert!((exact_p(900, 30, 30) * orders / 2.0 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn it_rings_falsely_at_most_one_time_in_twenty() {
        // Bonferroni and the steps of the gap make it cautious, never rash.
        let one = alarms(&KolmogorovSmirnov, 600, |t| (normal(40, 1, 0.0, 2 * t), normal(37, 1, 0.0, 2 * t + 1)));
        assert!((0.02..=0.075).contains(&one), "{one}");
        let many = alarms(&KolmogorovSmirnov, 400, |t| (normal(40, 32, 0.0, 2 * t), normal(40, 32, 0.0, 2 * t + 1)));
        assert!((0.01..=0.08).contains(&many), "{many}");
    }

    #[test]
    fn it_names_the_dimension_that_moved() {
        let mut values = normal(60, 5, 0.0, 1).values().to_vec();
        values.iter_mut().skip(3).step_by(5).for_each(|v| *v += 2.0);
        let verdict = KolmogorovSmirnov.test(&normal(60, 5, 0.0, 2), &Sample::new(values, 5).unwrap(), 0).unwrap();
        assert!(verdict.alarm(1e-6) && verdict.detail == Detail::Dimension(3));
    }

    proptest! {
        #[test]
        fn the_gap_is_the_largest_difference_of_shares(
            mut a in prop::collection::vec(-3i8..4, 1..20), mut b in prop::collection::vec(-3i8..4, 1..20),
        ) {
            a.sort_unstable();
            b.sort_unstable();
            let share = |list: &[i8], x: i8| list.iter().filter(|v| **v <= x).count();
            let naive = (-3..4).map(|x| (share(&a, x) * b.len()).abs_diff(share(&b, x) * a.len())).max().unwrap();
            let floats = |list: &[i8]| list.iter().map(|v| f32::from(*v)).collect::<Vec<_>>();
            prop_assert_eq!(gap(&floats(&a), &floats(&b)), naive);
        }

        #[test]
        fn p_falls_with_the_gap(m in 1usize..12, n in 1usize..12) {
            let p: Vec<f64> = (0..=m * n).map(|gap| exact_p(gap, m, n)).collect();
            prop_assert!(p.is_sorted_by(|a, b| a >= b) && p.iter().all(|p| (0.0..=1.0).contains(p)));
            prop_assert!((exact_p(m * n / 2, m, n) - exact_p(m * n / 2, n, m)).abs() < 1e-12);
        }
    }
}
