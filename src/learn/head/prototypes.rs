//! Nearest class mean (Snell et al. 2017, "Prototypical Networks"), for classes with too
//! few pictures to fit anything more.

use super::dot;
use super::softmax::Rows;

/// Means of each class, `[classes, dim]`; zeros for a class without rows.
pub fn means(rows: Rows) -> Vec<f32> {
    let mut means = vec![0.0; rows.classes * rows.dim];
    let mut counts = vec![0f32; rows.classes];
    for (row, label) in rows.z.chunks_exact(rows.dim).zip(rows.labels) {
        counts[*label as usize] += 1.0;
        let mean = &mut means[*label as usize * rows.dim..][..rows.dim];
        mean.iter_mut().zip(row).for_each(|(m, x)| *m += x);
    }
    for (mean, count) in means.chunks_exact_mut(rows.dim).zip(counts) {
        mean.iter_mut().for_each(|m| *m /= count.max(1.0));
    }
    means
}

/// The class means scaled to unit length, for cosines.
pub fn unit_means(rows: Rows) -> Vec<f32> {
    let mut means = means(rows);
    for mean in means.chunks_exact_mut(rows.dim) {
        let norm = dot(mean, mean).sqrt().max(1e-12);
        mean.iter_mut().for_each(|m| *m /= norm);
    }
    means
}

/// A linear head whose logits are minus half the squared distance to each class mean over
/// `temperature` (up to a term common to all classes): `[classes, dim]` weights, then
/// `[classes]` bias. A class without rows never wins.
///
/// The temperature is an eighth of the embedding's length: distances between standardised
/// embeddings grow with their length, and few pictures do not support confident answers.
pub fn fit(rows: Rows) -> Vec<f32> {
    let temperature = rows.dim as f32 / 8.0;
    let means = means(rows);
    let bias = means.chunks_exact(rows.dim).enumerate().map(|(class, mean)| {
        let empty = rows.labels.iter().all(|l| *l as usize != class);
        if empty { -1e4 } else { -0.5 * dot(mean, mean) / temperature }
    });
    let bias: Vec<f32> = bias.collect();
    means.iter().map(|m| m / temperature).chain(bias).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mean_wins_and_an_empty_class_never_does() {
        let rows = Rows { z: &[0.0, 0.0, 4.0, 0.0, 4.0, 2.0], labels: &[0, 1, 1], dim: 2, classes: 3 };
        assert_eq!(means(rows), [0.0, 0.0, 4.0, 1.0, 0.0, 0.0]);
        let p = fit(rows);
        let logits = |x: &[f32]| -> Vec<f32> { (0..3).map(|c| dot(&p[c * 2..][..2], x) + p[6 + c]).collect() };
        assert_eq!(super::super::argmax(&logits(&[1.0, 0.5])), 0);
        assert_eq!(super::super::argmax(&logits(&[3.0, 0.5])), 1);
    }
}
