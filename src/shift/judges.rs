//! Heads that judge lab pictures they have not seen.
//!
//! A head is at home with the pictures it was trained on, even when they are noisy or blurred, so it
//! must not be the one to say what a degradation costs on them. As when the lab accuracy is measured, the
//! pictures are dealt into folds; each is judged by a head fitted to the other folds.

use super::drift::Refusal;
use super::refit::Refit;
use crate::learn::split;

/// Labelled lab pictures, as numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Lab {
    /// `[n, dim]`, row by row.
    pub embeddings: Vec<f32>,
    /// Numbers in an embedding, at least 1.
    pub dim: usize,
    /// `[n]`, each below `classes`.
    pub labels: Vec<u32>,
    /// `[n]`: equal numbers are near-duplicates and stay together.
    pub groups: Vec<u32>,
    /// At least 2.
    pub classes: usize,
    /// L2 of the heads, positive.
    pub lambda: f32,
}

/// Deals the same pictures into the same folds everywhere.
const SEED: u64 = 1;

impl Lab {
    /// # Errors
    /// A sentence: the parts do not fit together, or a number is out of range.
    pub fn check(&self) -> Result<(), String> {
        let n = self.labels.len();
        if n == 0 || self.classes < 2 {
            return Err("This needs lab pictures of at least two classes.".into());
        }
        if self.dim == 0 || n.checked_mul(self.dim) != Some(self.embeddings.len()) || self.groups.len() != n {
            return Err("The lab's pictures, labels and groups do not fit together.".into());
        }
        if let Some(label) = self.labels.iter().find(|l| **l as usize >= self.classes) {
            return Err(Refusal::UnknownClass { label: *label, classes: self.classes }.to_string());
        }
        if let Some(at) = self.embeddings.iter().position(|v| !v.is_finite()) {
            return Err(Refusal::NotFinite { row: at / self.dim }.to_string());
        }
        if self.lambda > 0.0 && self.lambda.is_finite() {
            Ok(())
        } else {
            Err("The regularisation is a positive number.".into())
        }
    }

    /// Embedding of picture `i`, `[dim]`.
    pub fn row(&self, i: usize) -> &[f32] {
        &self.embeddings[i * self.dim..][..self.dim]
    }

    /// A head fitted to the pictures named and to `more` embeddings with labels.
    ///
    /// # Errors
    /// [`Refit::new`]; [`Refusal::Empty`] without pictures.
    pub fn fit(&self, which: impl Iterator<Item = usize>, more: (&[f32], &[u32])) -> Result<Refit, Refusal> {
        let (mut embeddings, mut labels) = (more.0.to_vec(), more.1.to_vec());
        for i in which {
            embeddings.extend(self.row(i));
            labels.push(self.labels[i]);
        }
        if labels.is_empty() {
            return Err(Refusal::Empty);
        }
        Refit::new(&embeddings, &labels, self.dim, self.classes, self.lambda)
    }
}

/// A head for each fold, fitted one a step.
pub struct Judges {
    /// Fold of each picture; `None` for one that cannot be held out.
    fold: Vec<Option<usize>>,
    folds: usize,
    heads: Vec<Refit>,
}

impl Judges {
    /// # Errors
    /// A sentence: no class has two different pictures, so none can be held out.
    pub fn new(lab: &Lab) -> Result<Self, String> {
        let (folds, fold) = split::folds(&lab.labels, &lab.groups, SEED);
        if folds == 0 {
            return Err("There are too few different pictures to hold any out. Add at least two to each class.".into());
        }
        Ok(Self { fold, folds, heads: Vec::new() })
    }

    /// Fits one head more; true once all are there.
    ///
    /// # Errors
    /// [`Lab::fit`].
    pub fn step(&mut self, lab: &Lab) -> Result<bool, Refusal> {
        let next = self.heads.len();
        if next < self.folds {
            let others = (0..self.fold.len()).filter(|i| self.fold[*i] != Some(next));
            self.heads.push(lab.fit(others, (&[], &[]))?);
        }
        Ok(self.heads.len() == self.folds)
    }

    /// Softmax `[classes]` for an embedding `[dim]` of picture `i`, as it is or degraded, by a head that
    /// has not seen it; `None` for a picture that cannot be held out.
    pub fn answer(&self, i: usize, embedding: &[f32]) -> Option<Vec<f32>> {
        Some(self.heads.get((*self.fold.get(i)?)?)?.answer(embedding))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::learn::head::argmax;
    use crate::shift::drift::{Sample, synthetic};

    pub fn lab(sample: &Sample, classes: usize) -> Lab {
        let n = sample.count() as u32;
        Lab {
            embeddings: sample.values().to_vec(),
            dim: sample.dim(),
            labels: sample.labels().unwrap().to_vec(),
            groups: (0..n).collect(),
            classes,
            lambda: 0.1,
        }
    }

    fn judges(lab: &Lab) -> Judges {
        let mut judges = Judges::new(lab).unwrap();
        while !judges.step(lab).unwrap() {}
        judges
    }

    #[test]
    fn a_judge_has_not_seen_what_it_judges() {
        // Labels drawn by lot can be learned by heart, not guessed.
        let noise = synthetic::normal(80, 60, 0.0, 1);
        let labels = (0..80).map(|i| (i * 7 % 11 % 2) as u32).collect();
        let lab = Lab { lambda: 1e-4, ..lab(&noise.with_labels(labels).unwrap(), 2) };
        let judges = judges(&lab);
        let all = lab.fit(0..80, (&[], &[])).unwrap();
        let right = |answer: &dyn Fn(usize) -> Vec<f32>| {
            (0..80).filter(|i| argmax(&answer(*i)) == lab.labels[*i] as usize).count()
        };
        assert_eq!(right(&|i| all.answer(lab.row(i))), 80);
        assert!(right(&|i| judges.answer(i, lab.row(i)).unwrap()) < 60);
    }

    #[test]
    fn near_duplicates_are_judged_together() {
        let mut lab = lab(&synthetic::classified(40, &[0.5, 0.5], 1), 2);
        lab.groups = (0..40).map(|i| i / 2).collect();
        lab.labels = (0..40).map(|i| i / 2 % 2).collect();
        let judges = judges(&lab);
        assert!((0..20).all(|pair| judges.fold[2 * pair] == judges.fold[2 * pair + 1]));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let fine = lab(&synthetic::classified(20, &[0.5, 0.5], 1), 2);
        assert_eq!(fine.check(), Ok(()));
        for bad in [
            Lab { classes: 1, ..fine.clone() },
            Lab { groups: vec![0], ..fine.clone() },
            Lab { labels: vec![7; 20], ..fine.clone() },
            Lab { embeddings: vec![f32::NAN; fine.embeddings.len()], ..fine.clone() },
            Lab { lambda: 0.0, ..fine.clone() },
            Lab { labels: vec![], ..fine.clone() },
        ] {
            assert!(bad.check().is_err_and(|reason| reason.ends_with('.')));
        }
        let single = Lab { groups: vec![3; 20], ..fine };
        assert!(Judges::new(&single).is_err());
    }
}
