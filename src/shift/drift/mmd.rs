//! Maximum mean discrepancy: how far apart two distributions are in the space of a kernel
//! (Gretton et al. 2012, "A Kernel Two-Sample Test").

use super::{Detail, Detector, FEWEST, PERMUTATIONS, Random, Refusal, Sample, Verdict};
use super::{comparable, permutation_p, square_distance};

/// Most pictures of a side that are compared, drawn at random: time and memory grow with the
/// square of their number.
pub const MOST: usize = 500;

/// Kernel `exp(-|x - y|^2 / 2 s^2)`, `s` the median distance of all pairs, unbiased statistic,
/// permutation test.
pub struct Mmd;

impl Detector for Mmd {
    fn name(&self) -> &'static str {
        "Maximum mean discrepancy"
    }

    fn explain(&self) -> &'static str {
        "Compares how alike pictures are within the lab and within the field with how alike they are across."
    }

    fn test(&self, lab: &Sample, field: &Sample, seed: u64) -> Result<Verdict, Refusal> {
        comparable(lab, field, FEWEST)?;
        let mut random = Random::new(seed);
        let mut some = |sample: &Sample| match sample.count() {
            n if n > MOST => sample.select(&random.choose(n, MOST)),
            _ => Ok(sample.clone()),
        };
        let (lab, field) = (some(lab)?, some(field)?);
        let kernel = Kernel::new(&lab, &field);
        let mut order: Vec<usize> = (0..kernel.n).collect();
        let statistic = kernel.discrepancy(&order[..lab.count()]);
        let permuted = (0..PERMUTATIONS).map(|_| {
            random.shuffle_first(&mut order, lab.count());
            kernel.discrepancy(&order[..lab.count()])
        });
        let p_value = permutation_p(statistic, permuted);
        Ok(Verdict { statistic, p_value, detail: Detail::Nothing })
    }
}

/// The unbiased squared discrepancy of two samples, without the test; around 0 for the same
/// distribution (and then often negative), at most 2.
///
/// # Errors
/// [`comparable`] with two pictures a side.
pub fn discrepancy(lab: &Sample, field: &Sample) -> Result<f64, Refusal> {
    comparable(lab, field, 2)?;
    let first: Vec<usize> = (0..lab.count()).collect();
    Ok(Kernel::new(lab, field).discrepancy(&first))
}

/// Likeness of all pairs of the pooled pictures.
struct Kernel {
    n: usize,
    /// `[n, n]`, symmetric, 0 on the diagonal: the unbiased statistic leaves self-likeness out.
    likeness: Vec<f64>,
    /// `[n]`, sums of its rows.
    sums: Vec<f64>,
    total: f64,
}

impl Kernel {
    fn new(lab: &Sample, field: &Sample) -> Self {
        let rows: Vec<&[f32]> = lab.rows().chain(field.rows()).collect();
        let n = rows.len();
        let mut likeness = vec![0.0; n * n];
        let mut distances = Vec::with_capacity(n * (n - 1) / 2);
        for i in 0..n {
            for j in 0..i {
                let square = square_distance(rows[i], rows[j]);
                likeness[i * n + j] = square;
                distances.push(square.sqrt());
            }
        }
        let width = median(&mut distances);
        let scale = -0.5 / (width * width);
        for i in 0..n {
            for j in 0..i {
                let k = libm::exp(likeness[i * n + j] * scale);
                (likeness[i * n + j], likeness[j * n + i]) = (k, k);
            }
        }
        let sums: Vec<f64> = likeness.chunks_exact(n).map(|row| row.iter().sum()).collect();
        let total = sums.iter().sum();
        Self { n, likeness, sums, total }
    }

    /// Of those named against all others. Only the block of those named is summed; the other
    /// two follow from the sums of rows, which no relabelling changes.
    fn discrepancy(&self, named: &[usize]) -> f64 {
        let within: f64 = named
            .iter()
            .map(|i| {
                let row = &self.likeness[i * self.n..][..self.n];
                named.iter().map(|j| row[*j]).sum::<f64>()
            })
            .sum();
        let across = named.iter().map(|i| self.sums[*i]).sum::<f64>() - within;
        let others = self.total - within - 2.0 * across;
        let (a, b) = (named.len() as f64, (self.n - named.len()) as f64);
        within / (a * (a - 1.0)) + others / (b * (b - 1.0)) - 2.0 * across / (a * b)
    }
}

/// The median distance; where most pairs are copies and it is 0, the mean.
fn median(distances: &mut [f64]) -> f64 {
    let n = distances.len();
    let (below, middle, _) = distances.select_nth_unstable_by(n / 2, f64::total_cmp);
    let upper = *middle;
    let median = if n.is_multiple_of(2) {
        let lower = below.iter().copied().fold(0.0, f64::max);
        f64::midpoint(lower, upper)
    } else {
        upper
    };
    if median > 0.0 { median } else { distances.iter().sum::<f64>() / n as f64 }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::{alarms, normal};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_statistic_is_that_of_the_definition() {
        // Distances 1 (within), 1 (within), 3, 2, 4, 3 (across): median 2.5.
        let (lab, field) = (Sample::new(vec![0.0, 1.0], 1).unwrap(), Sample::new(vec![3.0, 4.0], 1).unwrap());
        let k = |d: f64| (-d * d / (2.0 * 2.5 * 2.5)).exp();
        let expected = k(1.0) + k(1.0) - 2.0 * (k(3.0) + k(2.0) + k(4.0) + k(3.0)) / 4.0;
        assert!((discrepancy(&lab, &field).unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn it_rings_falsely_one_time_in_twenty() {
        let rate = alarms(&Mmd, 400, |t| (normal(25, 8, 0.0, 2 * t), normal(25, 8, 0.0, 2 * t + 1)));
        assert!((0.025..=0.085).contains(&rate), "{rate}");
    }

    #[test]
    fn it_notices_a_move() {
        let rate = alarms(&Mmd, 40, |t| (normal(40, 16, 0.0, 2 * t), normal(40, 16, 0.5, 2 * t + 1)));
        assert!(rate > 0.9, "{rate}");
    }

    #[test]
    fn large_sets_are_thinned_out() {
        let (lab, field) = (normal(MOST + 200, 2, 0.0, 1), normal(20, 2, 3.0, 2));
        assert!(Mmd.test(&lab, &field, 1).unwrap().alarm(0.05));
    }

    #[test]
    fn copies_do_not_divide_by_zero() {
        let mostly = Sample::new([vec![0.0; 20], vec![1.0]].concat(), 1).unwrap();
        let verdict = Mmd.test(&mostly, &mostly, 1).unwrap();
        assert!(verdict.statistic.is_finite() && verdict.p_value > 0.05);
    }

    proptest! {
        #[test]
        fn neither_order_nor_scale_nor_sides_matter(seed: u64, stretch in 0.1f32..10.0) {
            let (lab, field) = (normal(9, 3, 0.0, seed), normal(7, 3, 1.0, seed ^ 1));
            let one = discrepancy(&lab, &field).unwrap();
            let scaled = |s: &Sample| Sample::new(s.values().iter().map(|v| v * stretch).collect(), 3).unwrap();
            prop_assert!((one - discrepancy(&field, &lab).unwrap()).abs() < 1e-12);
            prop_assert!((one - discrepancy(&scaled(&lab), &scaled(&field)).unwrap()).abs() < 1e-5);
            let turned = lab.select(&[8, 7, 6, 5, 4, 3, 2, 1, 0]).unwrap();
            prop_assert!((one - discrepancy(&turned, &field).unwrap()).abs() < 1e-12);
        }
    }
}
