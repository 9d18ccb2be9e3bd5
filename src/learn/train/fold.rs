//! One split into training and held-out pictures, with what is fitted to the former only.

use super::TrainingSet;
use crate::learn::head::softmax::Rows;
use crate::learn::head::standardise::Standardise;
use crate::learn::head::{Familiarity, dot, prototypes};

pub struct Fold {
    /// Pictures trained on.
    pub train: Vec<usize>,
    /// Pictures held out.
    pub test: Vec<usize>,
    /// Held-out labels.
    pub truth: Vec<u32>,
    labels: Vec<u32>,
    /// `[train, dim]`, standardised by the training pictures.
    z: Vec<f32>,
    /// `[test, dim]`, likewise.
    test_z: Vec<f32>,
    dim: usize,
    classes: usize,
}

impl Fold {
    /// Holds out those of `pictures` that are in fold `held`.
    pub fn new(set: &TrainingSet, pictures: &[usize], fold_of: &[Option<usize>], held: usize) -> Self {
        let (test, train): (Vec<usize>, Vec<usize>) = pictures.iter().partition(|&&i| fold_of[i] == Some(held));
        let standardise = Standardise::fit(train.iter().map(|&i| set.row(i)), set.dim);
        let standardised = |which: &[usize]| which.iter().flat_map(|&i| standardise.apply(set.row(i))).collect();
        let label = |which: &[usize]| which.iter().map(|&i| set.labels[i]).collect();
        Self {
            z: standardised(&train),
            test_z: standardised(&test),
            labels: label(&train),
            truth: label(&test),
            train,
            test,
            dim: set.dim,
            classes: set.classes,
        }
    }

    pub fn usable(&self) -> bool {
        !self.test.is_empty() && !self.train.is_empty()
    }

    /// The training pictures.
    pub fn rows(&self) -> Rows<'_> {
        Rows { z: &self.z, labels: &self.labels, dim: self.dim, classes: self.classes }
    }

    /// Logits of the held-out pictures, `[test, classes]`.
    pub fn logits(&self, parameters: &[f32]) -> Vec<f32> {
        let (weights, bias) = parameters.split_at(self.classes * self.dim);
        let of_row = |z| weights.chunks_exact(self.dim).zip(bias).map(move |(w, b)| dot(w, z) + b);
        self.test_z.chunks_exact(self.dim).flat_map(of_row).collect()
    }

    /// Familiarity of the held-out pictures with the training ones.
    pub fn familiarity(&self) -> Vec<f32> {
        let standard = Familiarity {
            mean: vec![0.0; self.dim],
            inv_std: vec![1.0; self.dim],
            prototypes: prototypes::unit_means(self.rows()),
            threshold: None,
        };
        self.test_z.chunks_exact(self.dim).map(|z| standard.of(z)).collect()
    }
}
