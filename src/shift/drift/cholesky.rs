//! Cholesky's decomposition of symmetric positive definite matrices.

/// The lower triangle `[n, n]` whose product with its transpose is `a` `[n, n]`; what is above
/// the diagonal is left as it was.
pub fn root(mut a: Vec<f64>, n: usize) -> Vec<f64> {
    for i in 0..n {
        let (above, below) = a.split_at_mut(i * n);
        let row = &mut below[..n];
        for j in 0..i {
            let other = &above[j * n..][..n];
            row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
        }
        // Rounding may leave nothing of a pivot that is tiny.
        row[i] = (row[i] - dot(&row[..i], &row[..i])).max(f64::MIN_POSITIVE).sqrt();
    }
    a
}

/// Solves `root x = b` in place, `[n]`.
pub fn forward(root: &[f64], b: &mut [f64]) {
    let n = b.len();
    for i in 0..n {
        let row = &root[i * n..][..n];
        b[i] = (b[i] - dot(&row[..i], &b[..i])) / row[i];
    }
}

/// The inverse `[n, n]` of the matrix whose [`root`] is given.
pub fn inverse(root: &[f64], n: usize) -> Vec<f64> {
    // Row j: the root's inverse applied to the j-th unit vector, zero before j.
    let mut columns = vec![0.0; n * n];
    for (j, column) in columns.chunks_exact_mut(n.max(1)).enumerate() {
        column[j] = 1.0 / root[j * n + j];
        for i in j + 1..n {
            column[i] = -dot(&root[i * n + j..i * n + i], &column[j..i]) / root[i * n + i];
        }
    }
    let mut inverse = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let product = dot(&columns[i * n + i..(i + 1) * n], &columns[j * n + i..(j + 1) * n]);
            (inverse[i * n + j], inverse[j * n + i]) = (product, product);
        }
    }
    inverse
}

/// Sum of products in eight running sums, for SIMD.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0f64; 8];
    let ((a8, a_rest), (b8, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (x, y) in a8.iter().zip(b8) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn root_inverse_and_solution_agree(b in prop::collection::vec(-1.0f64..1.0, 36)) {
            let a: Vec<f64> = (0..36).map(|at| {
                let (i, j) = (at / 6, at % 6);
                dot(&b[i * 6..][..6], &b[j * 6..][..6]) + if i == j { 0.1 } else { 0.0 }
            }).collect();
            let root = root(a.clone(), 6);
            let inverse = inverse(&root, 6);
            for i in 0..6 {
                let mut solved = a[i * 6..][..6].to_vec();
                forward(&root, &mut solved);
                // Solving for a row of the matrix gives that row of the root, zeros after it.
                let fits = (0..6).all(|j| (solved[j] - if j <= i { root[i * 6 + j] } else { 0.0 }).abs() < 1e-9);
                prop_assert!(fits);
                for j in 0..6 {
                    let one = dot(&a[i * 6..][..6], &inverse[j * 6..][..6]);
                    prop_assert!((one - f64::from(u8::from(i == j))).abs() < 1e-9);
                }
            }
        }
    }
}
