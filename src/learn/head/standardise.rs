//! Zero mean and unit variance for every number of the embedding.

/// Pictures' worth of trust in the average variance: with very few pictures a dimension's
/// own variance is mostly noise, so it is shrunk towards the average over dimensions.
const PRIOR: f32 = 10.0;

/// `z = (x - mean) * inv_std`.
#[derive(Debug, Clone, PartialEq)]
pub struct Standardise {
    /// `[dim]`.
    pub mean: Vec<f32>,
    /// `[dim]`, finite and positive.
    pub inv_std: Vec<f32>,
}

impl Standardise {
    /// Fits to rows of embeddings, each `[dim]`.
    pub fn fit<'a>(rows: impl Iterator<Item = &'a [f32]> + Clone, dim: usize) -> Self {
        let mut count = 0f32;
        let mut mean = vec![0.0; dim];
        for row in rows.clone() {
            count += 1.0;
            mean.iter_mut().zip(row).for_each(|(m, x)| *m += x);
        }
        mean.iter_mut().for_each(|m| *m /= count.max(1.0));
        let mut variance = vec![0.0; dim];
        for row in rows {
            for ((v, x), m) in variance.iter_mut().zip(row).zip(&mean) {
                *v += (x - m) * (x - m);
            }
        }
        let average = (variance.iter().sum::<f32>() / (dim as f32 * count.max(1.0))).max(1e-8);
        let inv_std = variance.iter().map(|v| 1.0 / ((v + PRIOR * average) / (count + PRIOR)).sqrt()).collect();
        Self { mean, inv_std }
    }

    pub fn apply(&self, row: &[f32]) -> Vec<f32> {
        row.iter().zip(&self.mean).zip(&self.inv_std).map(|((x, m), s)| (x - m) * s).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_pictures_are_standardised_and_few_are_shrunk() {
        let many: Vec<[f32; 2]> = (0..4000).map(|i| [i as f32 % 2.0 * 6.0 + 1.0, i as f32 % 2.0 * 0.2]).collect();
        let fit = Standardise::fit(many.iter().map(|r| &r[..]), 2);
        assert!((fit.mean[0] - 4.0).abs() < 1e-4 && (fit.mean[1] - 0.1).abs() < 1e-4, "{fit:?}");
        let z = fit.apply(&many[1]);
        assert!((z[0] - 1.0).abs() < 0.01, "{z:?}");
        let one = Standardise::fit(many[..1].iter().map(|r| &r[..]), 2);
        assert!(one.inv_std.iter().all(|s| s.is_finite() && *s > 0.0));
        let none = Standardise::fit(many[..0].iter().map(|r| &r[..]), 2);
        assert!(none.apply(&[1.0, 2.0]).iter().all(|z| z.is_finite()));
    }
}
