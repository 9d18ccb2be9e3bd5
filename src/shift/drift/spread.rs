//! Means, deviations and covariances of a sample.

use super::Sample;

/// Mean and standard deviation (over n, not n - 1) of every dimension, `[dim]` each.
pub fn moments(sample: &Sample) -> (Vec<f64>, Vec<f64>) {
    let n = sample.count() as f64;
    let mut mean = vec![0.0; sample.dim()];
    for row in sample.rows() {
        mean.iter_mut().zip(row).for_each(|(m, x)| *m += f64::from(*x) / n);
    }
    let mut variance = vec![0.0; sample.dim()];
    for row in sample.rows() {
        variance.iter_mut().zip(row.iter().zip(&mean)).for_each(|(v, (x, m))| *v += (f64::from(*x) - m).powi(2) / n);
    }
    (mean, variance.iter().map(|v| v.sqrt()).collect())
}

/// Covariance `[dim, dim]` (over n), shrunk towards a multiple of the identity by as much as the
/// number of pictures asks for: oracle approximating shrinkage (Chen et al. 2010, "Shrinkage
/// algorithms for MMSE covariance estimation", equation 23; scikit-learn's `OAS` uses the same).
/// With fewer pictures than dimensions the plain covariance has no inverse; this one has, unless
/// all rows are the same.
pub fn shrunk_covariance(sample: &Sample) -> Vec<f64> {
    let (n, dim) = (sample.count() as f64, sample.dim());
    let mean = moments(sample).0;
    let mut covariance = vec![0.0; dim * dim];
    let mut centred = vec![0.0; dim];
    for row in sample.rows() {
        centred.iter_mut().zip(row.iter().zip(&mean)).for_each(|(c, (x, m))| *c = f64::from(*x) - m);
        for (i, a) in centred.iter().enumerate() {
            let a = a / n;
            covariance[i * dim..=i * dim + i].iter_mut().zip(&centred).for_each(|(c, b)| *c += a * b);
        }
    }
    for i in 0..dim {
        for j in 0..i {
            covariance[j * dim + i] = covariance[i * dim + j];
        }
    }
    let share = shrinkage(&covariance, n, dim);
    let average = trace(&covariance, dim) / dim as f64;
    covariance.iter_mut().for_each(|c| *c *= 1.0 - share);
    (0..dim).for_each(|i| covariance[i * dim + i] += share * average);
    covariance
}

/// How much of the average variance to mix in, 0..=1.
fn shrinkage(covariance: &[f64], n: f64, dim: usize) -> f64 {
    let p = dim as f64;
    let average = trace(covariance, dim) / p;
    let squares = covariance.iter().map(|c| c * c).sum::<f64>() / (p * p);
    let above = squares + average * average;
    let below = (n + 1.0) * (squares - average * average / p);
    if below <= above { 1.0 } else { above / below }
}

fn trace(matrix: &[f64], dim: usize) -> f64 {
    matrix.iter().step_by(dim + 1).sum()
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::normal;
    use super::*;

    #[test]
    fn moments_are_those_of_the_definition() {
        let sample = Sample::new(vec![1.0, 5.0, 3.0, 5.0], 2).unwrap();
        assert_eq!(moments(&sample), (vec![2.0, 5.0], vec![1.0, 0.0]));
    }

    #[test]
    fn few_pictures_are_shrunk_much_and_many_little() {
        let off = |n| shrunk_covariance(&normal(n, 30, 0.0, 1))[1].abs();
        assert!(off(5) < 0.1, "{}", off(5));
        let mut stretched = normal(5000, 2, 0.0, 1).values().to_vec();
        stretched.chunks_exact_mut(2).for_each(|row| row[1] += 3.0 * row[0]);
        let covariance = shrunk_covariance(&Sample::new(stretched, 2).unwrap());
        assert!((covariance[1] - 3.0).abs() < 0.2 && (covariance[3] - 10.0).abs() < 0.5, "{covariance:?}");
        assert_eq!(covariance[1], covariance[2]);
    }
}
