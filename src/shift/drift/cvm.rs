//! Cramer-von Mises for two samples (Anderson 1962), one number of the embedding at a time, with
//! Bonferroni's correction.

use super::{Detail, Detector, FEWEST, Refusal, Sample, Verdict, comparable, varying};
use std::f64::consts::PI;

/// Sum of the squared gaps between the two cumulative distributions, the largest over all
/// dimensions.
pub struct CramerVonMises;

impl Detector for CramerVonMises {
    fn name(&self) -> &'static str {
        "Cramér-von Mises"
    }

    fn explain(&self) -> &'static str {
        "Compares lab and field in one number of the embedding at a time, by all gaps between their cumulative \
         shares together."
    }

    /// The statistic is Anderson's T of the dimension where it is largest; the p-value the
    /// asymptotic one times the number of dimensions that vary at all.
    fn test(&self, lab: &Sample, field: &Sample, _seed: u64) -> Result<Verdict, Refusal> {
        comparable(lab, field, FEWEST)?;
        let (mut largest, mut worst) = (f64::NEG_INFINITY, 0);
        for d in 0..lab.dim() {
            let t = statistic(&lab.sorted_column(d), &field.sorted_column(d));
            if t > largest {
                (largest, worst) = (t, d);
            }
        }
        let p_value = (varying(lab, field) as f64 * asymptotic_p(largest, lab.count(), field.count())).min(1.0);
        Ok(Verdict { statistic: largest, p_value, detail: Detail::Dimension(worst) })
    }
}

/// Anderson's T of two ascending lists, not empty; equal numbers share the average of their ranks.
pub fn statistic(a: &[f32], b: &[f32]) -> f64 {
    let (m, n) = (a.len() as f64, b.len() as f64);
    let (mut i, mut j) = (0, 0);
    // Squared differences between a number's rank among all and among its own.
    let (mut of_a, mut of_b) = (0.0, 0.0);
    while i < a.len() || j < b.len() {
        let value = a.get(i).copied().unwrap_or(f32::INFINITY).min(b.get(j).copied().unwrap_or(f32::INFINITY));
        let equal = |list: &[f32], from: usize| list[from..].iter().take_while(|v| **v <= value).count();
        let (in_a, in_b) = (equal(a, i), equal(b, j));
        let rank = (i + j) as f64 + (in_a + in_b + 1) as f64 / 2.0;
        of_a += (i..i + in_a).map(|at| (rank - (at + 1) as f64).powi(2)).sum::<f64>();
        of_b += (j..j + in_b).map(|at| (rank - (at + 1) as f64).powi(2)).sum::<f64>();
        (i, j) = (i + in_a, j + in_b);
    }
    (m * of_a + n * of_b) / (m * n * (m + n)) - (4.0 * m * n - 1.0) / (6.0 * (m + n))
}

/// Chance of a T at least as large for two samples of `m` and `n` from one continuous
/// distribution, 0..=1: T brought to the mean and variance of its limit (Anderson 1962), then the
/// limit's tail by Smirnov's formula (1936).
pub fn asymptotic_p(t: f64, m: usize, n: usize) -> f64 {
    let (m, n) = (m as f64, n as f64);
    let (product, all) = (m * n, m + n);
    let mean = (1.0 + 1.0 / all) / 6.0;
    let variance = (all + 1.0) * (4.0 * product * all - 3.0 * (m * m + n * n) - 2.0 * product)
        / (45.0 * all * all * 4.0 * product);
    // One against one: both orders have the same T.
    if variance <= 0.0 { 1.0 } else { limit_p(1.0 / 6.0 + (t - mean) / (45.0 * variance).sqrt()) }
}

/// Chance that the limit of T exceeds `x`, by Smirnov's formula (1936):
/// `2/pi sum_k (-1)^(k+1) integral exp(-x u^2 / 2) / sqrt(-u sin u) du` over u from (2k-1) pi to
/// 2k pi. Unlike the series for the chance of staying below, it keeps its digits in the tail.
fn limit_p(x: f64) -> f64 {
    // Below, the chance is 1 to sixteen digits, and the sum would need many terms.
    if x < 0.003 {
        return 1.0;
    }
    // A cosine in place of u takes the poles off both ends; the midpoint rule then converges fast.
    const POINTS: usize = 64;
    let (mut p, mut sign) = (0.0, 1.0);
    for k in 1.. {
        let from = (2 * k - 1) as f64 * PI;
        let mut term = 0.0;
        for point in 0..POINTS {
            let angle = (point as f64 + 0.5) / POINTS as f64 * PI;
            let above = PI * (1.0 - libm::cos(angle)) / 2.0;
            let u = from + above;
            // -sin u = sin above; du = pi / 2 sin(angle) d(angle).
            term += libm::exp(-0.5 * x * u * u) / (u * libm::sin(above)).sqrt() * libm::sin(angle);
        }
        let term = term * PI / POINTS as f64 * PI / 2.0;
        p += sign * term;
        sign = -sign;
        if term <= 1e-12 * p.abs() || k > 60 {
            break;
        }
    }
    (2.0 / PI * p).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::{alarms, normal};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_statistic_is_that_of_the_definition() {
        // a has ranks 1 and 3, b 2 and 4: U = 2 (0 + 1) + 2 (1 + 4) = 12; T = 12/16 - 15/24.
        assert!((statistic(&[1.0, 3.0], &[2.0, 4.0]) - (12.0 / 16.0 - 15.0 / 24.0)).abs() < 1e-12);
    }

    #[test]
    fn the_limit_has_its_tabulated_quantiles() {
        // Anderson and Darling 1952, table 1.
        for (x, p) in [(0.34730, 0.10), (0.46136, 0.05), (0.74346, 0.01), (1.16786, 0.001), (0.11888, 0.5)] {
            assert!((limit_p(x) - p).abs() < 2e-5, "{x}: {}", limit_p(x));
        }
        assert!(limit_p(0.004) > 0.999_999 && limit_p(-1.0) == 1.0);
        assert!(limit_p(20.0) > 0.0 && limit_p(20.0) < 1e-40);
    }

    #[test]
    fn it_rings_falsely_at_most_one_time_in_twenty() {
        let one = alarms(&CramerVonMises, 600, |t| (normal(40, 1, 0.0, 2 * t), normal(37, 1, 0.0, 2 * t + 1)));
        assert!((0.025..=0.08).contains(&one), "{one}");
        let many = alarms(&CramerVonMises, 400, |t| (normal(40, 32, 0.0, 2 * t), normal(40, 32, 0.0, 2 * t + 1)));
        assert!((0.015..=0.085).contains(&many), "{many}");
    }

    #[test]
    fn it_names_the_dimension_that_moved() {
        let mut values = normal(60, 5, 0.0, 1).values().to_vec();
        values.iter_mut().skip(3).step_by(5).for_each(|v| *v += 2.0);
        let verdict = CramerVonMises.test(&normal(60, 5, 0.0, 2), &Sample::new(values, 5).unwrap(), 0).unwrap();
        assert!(verdict.alarm(1e-6) && verdict.detail == Detail::Dimension(3));
    }

    proptest! {
        #[test]
        fn only_the_order_counts(a in prop::collection::vec(-3i8..4, 1..15), b in prop::collection::vec(-3i8..4, 1..15)) {
            let floats = |list: &[i8], f: fn(f32) -> f32| {
                let mut list: Vec<f32> = list.iter().map(|v| f(f32::from(*v))).collect();
                list.sort_unstable_by(f32::total_cmp);
                list
            };
            let t = statistic(&floats(&a, |v| v), &floats(&b, |v| v));
            prop_assert!((t - statistic(&floats(&a, f32::exp), &floats(&b, f32::exp))).abs() < 1e-12);
            prop_assert!((t - statistic(&floats(&b, |v| v), &floats(&a, |v| v))).abs() < 1e-9);
            prop_assert!((0.0..=1.0).contains(&asymptotic_p(t, a.len(), b.len())));
        }

        #[test]
        fn p_falls_with_the_statistic(x in 0.0f64..3.0, more in 0.01f64..1.0) {
            prop_assert!(limit_p(x + more) <= limit_p(x) + 1e-9);
        }
    }
}
