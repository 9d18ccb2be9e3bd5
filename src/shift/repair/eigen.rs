//! Powers of symmetric positive definite matrices by one-sided Jacobi rotations (Hestenes 1958).

use crate::shift::drift::cholesky::dot;

/// Most passes over all pairs of rows; convergence is quadratic and takes six to ten.
const SWEEPS: usize = 30;
/// Cosine of two rows below which they count as perpendicular.
const PERPENDICULAR: f64 = 1e-14;
/// Eigenvalues below this share of the largest count as that: their directions are rounding.
const FLOOR: f64 = 1e-10;

/// `a^exponent` for a symmetric positive definite `a` `[n, n]`, symmetric too. Eigenvalues below
/// 1e-10 of the largest count as that. Zeros stay zeros.
pub fn power(a: &[f64], n: usize, exponent: f64) -> Vec<f64> {
    let rows = perpendicular(a.to_vec(), n);
    let values: Vec<f64> = rows.chunks_exact(n.max(1)).map(length).collect();
    let floor = values.iter().copied().fold(0.0, f64::max) * FLOOR;
    let mut result = vec![0.0; n * n];
    for (value, row) in values.iter().zip(rows.chunks_exact(n.max(1))).filter(|(v, _)| **v > 0.0) {
        // The row is the eigenvector times its value.
        let scale = libm::pow(value.max(floor), exponent) / (value * value);
        for (to, v) in result.chunks_exact_mut(n).zip(row) {
            let factor = scale * v;
            to.iter_mut().zip(row).for_each(|(r, w)| *r += factor * w);
        }
    }
    result
}

/// `a b`, all `[n, n]`.
pub fn product(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    let mut result = vec![0.0; n * n];
    for (row, a) in result.chunks_exact_mut(n.max(1)).zip(a.chunks_exact(n.max(1))) {
        for (a, b) in a.iter().zip(b.chunks_exact(n)) {
            row.iter_mut().zip(b).for_each(|(r, b)| *r += a * b);
        }
    }
    result
}

/// Rotates pairs of rows until all are perpendicular: each is then an eigenvector of `a` times
/// its eigenvalue. Only whole rows are touched, so the work runs along memory.
fn perpendicular(mut a: Vec<f64>, n: usize) -> Vec<f64> {
    for _ in 0..SWEEPS {
        let mut turned = false;
        for p in 0..n {
            for q in p + 1..n {
                let (above, below) = a.split_at_mut(q * n);
                turned |= turn(&mut above[p * n..][..n], &mut below[..n]);
            }
        }
        if !turned {
            break;
        }
    }
    a
}

/// Rotates two rows so that they are perpendicular; false where they were.
fn turn(x: &mut [f64], y: &mut [f64]) -> bool {
    let (xx, yy, xy) = (dot(x, x), dot(y, y), dot(x, y));
    if xy.abs() <= PERPENDICULAR * (xx * yy).sqrt() {
        return false;
    }
    // The smaller of the two angles that do it.
    let cotangent = (yy - xx) / (2.0 * xy);
    let tangent = cotangent.signum() / (cotangent.abs() + libm::hypot(cotangent, 1.0));
    let cosine = 1.0 / libm::hypot(tangent, 1.0);
    let sine = cosine * tangent;
    for (x, y) in x.iter_mut().zip(y) {
        (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
    }
    true
}

fn length(row: &[f64]) -> f64 {
    dot(row, row).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_root_of_a_small_matrix() {
        // [[2, 1], [1, 2]] squared is [[5, 4], [4, 5]].
        let root = power(&[5.0, 4.0, 4.0, 5.0], 2, 0.5);
        assert!(root.iter().zip([2.0, 1.0, 1.0, 2.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{root:?}");
    }

    #[test]
    fn nothing_and_zeros_have_powers() {
        assert!(power(&[], 0, -0.5).is_empty());
        assert_eq!(power(&[0.0; 4], 2, -0.5), [0.0; 4]);
        // Equal eigenvalues have no directions of their own.
        let inverse = power(&[4.0, 0.0, 0.0, 4.0], 2, -0.5);
        assert!(inverse.iter().zip([0.5, 0.0, 0.0, 0.5]).all(|(a, b)| (a - b).abs() < 1e-15));
    }

    proptest! {
        #[test]
        fn roots_and_inverse_roots_multiply_to_the_identity(b in prop::collection::vec(-1.0f64..1.0, 36)) {
            // b b' + 0.1 is positive definite.
            let a: Vec<f64> = (0..36).map(|at| {
                let (i, j) = (at / 6, at % 6);
                (0..6).map(|k| b[i * 6 + k] * b[j * 6 + k]).sum::<f64>() + if i == j { 0.1 } else { 0.0 }
            }).collect();
            let root = power(&a, 6, 0.5);
            let again = product(&root, &root, 6);
            prop_assert!(a.iter().zip(&again).all(|(x, y)| (x - y).abs() < 1e-9));
            let one = product(&root, &power(&a, 6, -0.5), 6);
            prop_assert!((0..36).all(|i| (one[i] - f64::from(u8::from(i % 7 == 0))).abs() < 1e-9));
        }
    }
}
