//! A head fitted at a given strength, without measuring it: what trials, repairs and a year in production
//! fit again and again.

use crate::learn::head::dot;
use crate::learn::head::softmax::{Fit, Rows, softmax};
use crate::learn::head::standardise::Standardise;
use crate::shift::drift::{Refusal, Sample, rows_fit};

/// Where a fit stops (largest entry of the gradient).
const TOLERANCE: f32 = 1e-3;

/// Softmax regression on standardised embeddings.
pub struct Refit {
    standardise: Standardise,
    /// `[classes, dim]` weights, then `[classes]` bias.
    parameters: Vec<f32>,
    dim: usize,
    classes: usize,
}

impl Refit {
    /// Fits to embeddings `[n, dim]` with labels `[n]`, each below `classes`; n at least 1.
    ///
    /// # Errors
    /// [`Refusal::NotFinite`] for embeddings so large that float32 overflows.
    pub fn new(embeddings: &[f32], labels: &[u32], dim: usize, classes: usize, lambda: f32) -> Result<Self, Refusal> {
        let rows = embeddings.chunks_exact(dim);
        let standardise = Standardise::fit(rows.clone(), dim);
        let z: Vec<f32> = rows.flat_map(|row| standardise.apply(row)).collect();
        let rows = Rows { z: &z, labels, dim, classes };
        let mut fit = Fit::new(rows, lambda, vec![0.0; classes * (dim + 1)], TOLERANCE);
        while !fit.step(rows) {}
        let parameters = fit.into_parameters();
        rows_fit(&parameters, dim + 1)?;
        rows_fit(&standardise.mean, dim)?;
        Ok(Self { standardise, parameters, dim, classes })
    }

    /// Softmax for one embedding `[dim]`: `[classes]`.
    pub fn answer(&self, embedding: &[f32]) -> Vec<f32> {
        let (weights, bias) = self.parameters.split_at(self.classes * self.dim);
        let z = self.standardise.apply(embedding);
        let mut answer: Vec<f32> = weights.chunks_exact(self.dim).zip(bias).map(|(w, b)| dot(w, &z) + b).collect();
        softmax(&mut answer);
        answer
    }

    /// The sample with this head's answers.
    ///
    /// # Errors
    /// [`Refusal::NotFinite`] for embeddings so large that float32 overflows.
    pub fn answered(&self, sample: &Sample) -> Result<Sample, Refusal> {
        let probabilities = sample.rows().flat_map(|row| self.answer(row)).collect();
        sample.clone().with_probabilities(probabilities, self.classes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shift::drift::{Side, synthetic};
    use crate::shift::estimate::accuracy;

    #[test]
    fn it_learns_what_can_be_learnt() {
        let (train, test) =
            (synthetic::classified(200, &[0.3, 0.3, 0.4], 1), synthetic::classified(500, &[0.3, 0.3, 0.4], 2));
        let head = Refit::new(train.values(), train.labels().unwrap(), 3, 3, 0.1).unwrap();
        assert!(accuracy(&head.answered(&test).unwrap(), Side::Field).unwrap() > 0.97);
    }

    #[test]
    fn overflow_is_refused() {
        let train = synthetic::classified(20, &[0.5, 0.5], 1);
        let head = Refit::new(train.values(), train.labels().unwrap(), 2, 2, 0.1).unwrap();
        let huge = Sample::new(vec![f32::MAX, -f32::MAX], 2).unwrap();
        // Taken or refused, never NaN.
        assert!(head.answered(&huge).map_or_else(|e| !e.to_string().is_empty(), |s| s.classes() == 2));
        assert!(Refit::new(&[f32::MAX; 8], &[0, 1, 0, 1], 2, 2, 0.1).is_err());
    }
}
