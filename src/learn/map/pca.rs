//! Principal components by orthogonal iteration on the covariance (Golub and Van Loan 2013, 8.2.4): only the
//! few directions that are wanted are computed.

use crate::learn::random::Random;

/// Iterations at most; each multiplies the error by the ratio of the first eigenvalue left out to the last kept.
const ITERATIONS: usize = 300;
/// A component counts as found when it turns by less than this (one minus the cosine).
const STILL: f64 = 1e-12;
/// Directions carried along besides those wanted, so that the last wanted one converges as fast.
const SPARE: usize = 8;

/// Scores on the first components, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Pca {
    /// `[n, components]`.
    pub scores: Vec<f32>,
    pub components: usize,
    /// `[components, dim]`, each of unit length.
    pub directions: Vec<f32>,
    /// `[dim]`.
    pub mean: Vec<f32>,
    /// Variance along each component, descending.
    pub variances: Vec<f64>,
    /// Variance in all directions together.
    pub total: f64,
}

impl Pca {
    /// At most `components` of rows `[n, dim]`, n at least 1; fewer where there are fewer dimensions or rows. The
    /// sign of a component is such that its largest loading is positive.
    pub fn fit(rows: &[f32], dim: usize, components: usize) -> Self {
        let n = rows.len() / dim.max(1);
        let wanted = components.min(dim).min(n);
        let mean = mean(rows, dim);
        let covariance = covariance(rows, dim, &mean);
        let total = (0..dim).map(|d| covariance[d * dim + d]).sum();
        let carried = (wanted + SPARE).min(dim);
        let mut random = Random::new(0);
        let mut basis: Vec<f64> = (0..carried * dim).map(|_| random.normal()).collect();
        orthonormalise(&mut basis, dim);
        for _ in 0..ITERATIONS {
            let mut next = vec![0.0; carried * dim];
            for (to, from) in next.chunks_exact_mut(dim).zip(basis.chunks_exact(dim)) {
                for (x, row) in from.iter().zip(covariance.chunks_exact(dim)) {
                    to.iter_mut().zip(row).for_each(|(t, c)| *t += x * c);
                }
            }
            orthonormalise(&mut next, dim);
            let turned = next
                .chunks_exact(dim)
                .zip(basis.chunks_exact(dim))
                .take(wanted)
                .any(|(a, b)| 1.0 - dot(a, b).abs() > STILL);
            basis = next;
            if !turned {
                break;
            }
        }
        for direction in basis.chunks_exact_mut(dim.max(1)) {
            let largest = direction.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0);
            if largest < 0.0 {
                direction.iter_mut().for_each(|v| *v = -*v);
            }
        }
        let mut scores = Vec::with_capacity(n * wanted);
        for row in rows.chunks_exact(dim.max(1)) {
            let centred: Vec<f64> = row.iter().zip(&mean).map(|(x, m)| f64::from(*x) - m).collect();
            scores.extend(basis.chunks_exact(dim).take(wanted).map(|direction| dot(direction, &centred) as f32));
        }
        let spread =
            |c: usize| scores.iter().skip(c).step_by(wanted.max(1)).map(|s| f64::from(*s).powi(2)).sum::<f64>();
        let variances = (0..wanted).map(|c| spread(c) / (n.max(2) - 1) as f64).collect();
        let directions = basis[..wanted * dim].iter().map(|v| *v as f32).collect();
        let mean = mean.into_iter().map(|m| m as f32).collect();
        Self { scores, components: wanted, directions, mean, variances, total }
    }
}

fn mean(rows: &[f32], dim: usize) -> Vec<f64> {
    let mut mean = vec![0.0; dim];
    for row in rows.chunks_exact(dim.max(1)) {
        mean.iter_mut().zip(row).for_each(|(m, x)| *m += f64::from(*x));
    }
    let n = (rows.len() / dim.max(1)).max(1) as f64;
    mean.iter_mut().for_each(|m| *m /= n);
    mean
}

/// `[dim, dim]`, with n - 1 below.
fn covariance(rows: &[f32], dim: usize, mean: &[f64]) -> Vec<f64> {
    let mut all = vec![0.0; dim * dim];
    for row in rows.chunks_exact(dim.max(1)) {
        let centred: Vec<f64> = row.iter().zip(mean).map(|(x, m)| f64::from(*x) - m).collect();
        for (x, to) in centred.iter().zip(all.chunks_exact_mut(dim)) {
            to.iter_mut().zip(&centred).for_each(|(t, y)| *t += x * y);
        }
    }
    let below = ((rows.len() / dim.max(1)).max(2) - 1) as f64;
    all.iter_mut().for_each(|v| *v /= below);
    all
}

/// Modified Gram-Schmidt on rows, in order. What depends on the rows before becomes 0.
fn orthonormalise(rows: &mut [f64], dim: usize) {
    let count = rows.len() / dim.max(1);
    for i in 0..count {
        let (before, rest) = rows.split_at_mut(i * dim);
        let row = &mut rest[..dim];
        let scale = dot(row, row).sqrt();
        for other in before.chunks_exact(dim) {
            let along = dot(row, other);
            row.iter_mut().zip(other).for_each(|(r, o)| *r -= along * o);
        }
        let length = dot(row, row).sqrt();
        let by = if length > 1e-13 * scale { 1.0 / length } else { 0.0 };
        row.iter_mut().for_each(|r| *r *= by);
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_stretched_cloud_lies_along_its_axes() {
        let mut random = Random::new(2);
        // Deviations 5, 2 and 0.1 along (1, 1, 0), (1, -1, 0) and (0, 0, 1).
        let rows: Vec<f32> = (0..2000)
            .flat_map(|_| {
                let (a, b, c) = (5.0 * random.normal(), 2.0 * random.normal(), 0.1 * random.normal());
                let h = 0.5f64.sqrt();
                [(a + b) * h + 7.0, (a - b) * h, c].map(|v| v as f32)
            })
            .collect();
        let pca = Pca::fit(&rows, 3, 2);
        assert!(
            (pca.variances[0].sqrt() - 5.0).abs() < 0.3 && (pca.variances[1].sqrt() - 2.0).abs() < 0.1,
            "{:?}",
            pca.variances
        );
        assert!((pca.variances.iter().sum::<f64>() / pca.total - 1.0).abs() < 0.01);
    }

    #[test]
    fn nothing_to_see_is_no_panic() {
        let same = Pca::fit(&[1.0; 12], 4, 2);
        assert!(same.scores.iter().all(|s| *s == 0.0) && same.scores.len() == 6);
        assert_eq!(Pca::fit(&[1.0, 2.0, 3.0], 3, 2).components, 1);
    }

    proptest! {
        #[test]
        fn scores_are_centred_uncorrelated_and_descending(values in prop::collection::vec(-5f32..5.0, 60)) {
            let pca = Pca::fit(&values, 6, 3);
            let column = |c: usize| pca.scores.iter().skip(c).step_by(3).map(|s| f64::from(*s)).collect::<Vec<_>>();
            for a in 0..3 {
                prop_assert!(column(a).iter().sum::<f64>().abs() < 1e-3);
                for b in 0..a {
                    let scale = (pca.variances[a] * pca.variances[b]).sqrt() * 9.0 + 1e-3;
                    prop_assert!(dot(&column(a), &column(b)).abs() < 0.05 * scale, "{:?}", pca.variances);
                }
            }
            prop_assert!(pca.variances.windows(2).all(|w| w[0] >= w[1] * 0.999));
        }
    }
}
