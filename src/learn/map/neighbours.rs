//! The nearest pictures by the cosine of their centred embeddings.

use crate::learn::head::dot;

/// Rows `[n, dim]` with their mean taken away and each scaled to unit length; a row that is the mean stays 0.
pub fn unit_rows(embeddings: &[f32], dim: usize) -> Vec<f32> {
    let n = embeddings.len() / dim.max(1);
    let mut mean = vec![0f64; dim];
    for row in embeddings.chunks_exact(dim.max(1)) {
        mean.iter_mut().zip(row).for_each(|(m, x)| *m += f64::from(*x));
    }
    let mean: Vec<f32> = mean.iter().map(|m| (m / n.max(1) as f64) as f32).collect();
    let mut rows = Vec::with_capacity(embeddings.len());
    for row in embeddings.chunks_exact(dim.max(1)) {
        let centred: Vec<f32> = row.iter().zip(&mean).map(|(x, m)| x - m).collect();
        let length = dot(&centred, &centred).sqrt().max(f32::MIN_POSITIVE);
        rows.extend(centred.iter().map(|x| x / length));
    }
    rows
}

/// The `k` nearest of row `i` among `unit` rows `[n, dim]` that `among` allows, itself left out, nearest first:
/// `(row, cosine)`. Equal cosines go by the row's number.
pub fn nearest(unit: &[f32], dim: usize, i: usize, k: usize, among: impl Fn(usize) -> bool) -> Vec<(usize, f32)> {
    let own = &unit[i * dim..][..dim];
    let mut all: Vec<(usize, f32)> = unit
        .chunks_exact(dim)
        .enumerate()
        .filter(|(j, _)| *j != i && among(*j))
        .map(|(j, row)| (j, dot(own, row)))
        .collect();
    let order = |a: &(usize, f32), b: &(usize, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if k < all.len() {
        all.select_nth_unstable_by(k, order);
        all.truncate(k);
    }
    all.sort_by(order);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_nearest_are_those_of_the_definition(values in prop::collection::vec(-3f32..3.0, 30), k in 0usize..12) {
            let unit = unit_rows(&values, 3);
            let found = nearest(&unit, 3, 4, k, |j| j % 3 != 0);
            let mut all: Vec<usize> = (0..10).filter(|j| *j != 4 && j % 3 != 0).collect();
            prop_assert_eq!(found.len(), k.min(all.len()));
            let cosine = |j: usize| dot(&unit[12..15], &unit[j * 3..][..3]);
            all.sort_by(|a, b| cosine(*b).total_cmp(&cosine(*a)).then(a.cmp(b)));
            prop_assert_eq!(found.iter().map(|f| f.0).collect::<Vec<_>>(), all[..found.len()].to_vec());
        }
    }
}
