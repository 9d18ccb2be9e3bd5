//! The head: a linear classifier on a frozen embedding, and when to say "none of these".

mod lbfgs;
pub mod prototypes;
pub mod softmax;
pub mod standardise;

use serde::{Deserialize, Serialize};

/// A trained head. Standardisation of the embedding is folded into the weights, so it
/// applies to the backbone's embedding as it comes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// Number of classes C.
    pub classes: usize,
    /// Length D of an embedding.
    pub dim: usize,
    /// `[C, D]` row-major.
    pub weights: Vec<f32>,
    /// `[C]`.
    pub bias: Vec<f32>,
    pub familiarity: Familiarity,
}

/// How like the known classes an embedding is: the highest cosine between its
/// standardised form and a class mean ("prototype"). Below the threshold the answer is
/// "none of these".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Familiarity {
    /// `[D]`, of the training embeddings.
    pub mean: Vec<f32>,
    /// `[D]`, one over the standard deviation.
    pub inv_std: Vec<f32>,
    /// `[C, D]` row-major, each of unit length.
    pub prototypes: Vec<f32>,
    /// -1..1. `None` while there are too few pictures to calibrate it.
    pub threshold: Option<f32>,
}

/// A head's answer for one embedding.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Softmax over the classes, `[C]`.
    pub probabilities: Vec<f32>,
    /// Class of the highest probability.
    pub best: usize,
    /// Cosine to the nearest prototype, -1..1.
    pub familiarity: f32,
    /// The familiarity is below the threshold.
    pub unknown: bool,
}

impl Head {
    /// Checks the lengths and that every number is finite, for heads from outside.
    ///
    /// # Errors
    /// Says which part does not fit.
    pub fn check(&self, dim: usize) -> Result<(), String> {
        let Familiarity { mean, inv_std, prototypes, threshold } = &self.familiarity;
        let expected = [
            ("weights", self.weights.len(), self.classes.saturating_mul(dim)),
            ("bias", self.bias.len(), self.classes),
            ("mean", mean.len(), dim),
            ("deviation", inv_std.len(), dim),
            ("prototypes", prototypes.len(), self.classes.saturating_mul(dim)),
        ];
        if self.classes == 0 || self.dim != dim {
            return Err(format!("the head is for embeddings of {} numbers, not {dim}", self.dim));
        }
        if let Some((what, got, want)) = expected.iter().find(|(_, got, want)| got != want) {
            return Err(format!("the head's {what} has {got} numbers instead of {want}"));
        }
        let finite = [&self.weights, &self.bias, mean, inv_std, prototypes]
            .iter()
            .all(|values| values.iter().all(|v| v.is_finite()))
            && threshold.is_none_or(f32::is_finite);
        if finite { Ok(()) } else { Err("the head contains a number that is not finite".into()) }
    }

    /// `[C]` logits of one embedding `[D]`.
    pub fn logits(&self, embedding: &[f32]) -> Vec<f32> {
        self.weights.chunks_exact(self.dim).zip(&self.bias).map(|(row, bias)| bias + dot(row, embedding)).collect()
    }

    /// Classifies one embedding `[D]`.
    pub fn answer(&self, embedding: &[f32]) -> Answer {
        let mut probabilities = self.logits(embedding);
        softmax::softmax(&mut probabilities);
        let best = argmax(&probabilities);
        let familiarity = self.familiarity.of(embedding);
        let unknown = self.familiarity.threshold.is_some_and(|t| familiarity < t);
        Answer { probabilities, best, familiarity, unknown }
    }
}

impl Familiarity {
    /// Cosine between the standardised embedding and the nearest prototype, -1..1.
    pub fn of(&self, embedding: &[f32]) -> f32 {
        let z: Vec<f32> = embedding
            .iter()
            .zip(&self.mean)
            .zip(&self.inv_std)
            .map(|((x, mean), inv_std)| (x - mean) * inv_std)
            .collect();
        let norm = dot(&z, &z).sqrt().max(f32::MIN_POSITIVE);
        self.prototypes.chunks_exact(z.len().max(1)).map(|prototype| dot(prototype, &z) / norm).fold(-1.0, f32::max)
    }
}

/// Sum of products. Eight running sums let the compiler use SIMD and keep the result
/// the same on every target.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0f32; 8];
    let (a8, a_rest) = a.as_chunks::<8>();
    let (b8, b_rest) = b.as_chunks::<8>();
    for (x, y) in a8.iter().zip(b8) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f32>() + rest
}

/// Index of the largest value; the first one where several are equal, 0 where empty.
pub fn argmax(values: &[f32]) -> usize {
    let mut best = 0;
    for (i, v) in values.iter().enumerate() {
        if *v > values[best] {
            best = i;
        }
    }
    best
}
