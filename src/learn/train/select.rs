//! Choosing the strength of the L2 penalty by cross-validated log loss.

use super::{Fold, Measured, TrainingSet};
use crate::learn::head::softmax::{Fit, softmax};
use crate::learn::report::Protocol;

/// Strengths tried, strong to weak, each fit starting where the last one ended.
const LAMBDAS: [f32; 10] = [30.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];
/// The path ends after this many strengths in a row worse than the best.
const PATIENCE: usize = 2;
/// Convergence that suffices to compare strengths (largest entry of the gradient).
const LOOSE: f32 = 2e-3;

pub struct Selection {
    folds: Vec<Fold>,
    /// Fit in progress, of fold `at`.
    fit: Option<Fit>,
    at: usize,
    /// Where the next fit of each fold starts.
    warm: Vec<Vec<f32>>,
    /// `logits[lambda][fold]`: held-out logits, `[pictures, classes]`.
    logits: Vec<Vec<Vec<f32>>>,
    /// `losses[lambda][fold]`: summed log loss of the held-out pictures.
    losses: Vec<Vec<f64>>,
}

impl Selection {
    pub fn new(folds: Vec<Fold>) -> Self {
        let warm = folds.iter().map(|f| vec![0.0; f.rows().classes * (f.rows().dim + 1)]).collect();
        Self { folds, fit: None, at: 0, warm, logits: vec![Vec::new()], losses: vec![Vec::new()] }
    }

    /// One iteration of one fit; returns the share done, 0..1.
    pub fn step(&mut self) -> f32 {
        let lambda = LAMBDAS[self.losses.len() - 1];
        let Some(fold) = self.folds.get(self.at) else { return 1.0 };
        let fit = self
            .fit
            .get_or_insert_with(|| Fit::new(fold.rows(), lambda, std::mem::take(&mut self.warm[self.at]), LOOSE));
        if fit.step(fold.rows()) {
            let parameters = self.fit.take().map(Fit::into_parameters).unwrap_or_default();
            let logits = fold.logits(&parameters);
            self.losses.last_mut().expect("never empty").push(log_loss(&logits, &fold.truth, fold.rows().classes));
            self.logits.last_mut().expect("never empty").push(logits);
            self.warm[self.at] = parameters;
            self.at += 1;
            if self.at == self.folds.len() && !self.exhausted() {
                self.at = 0;
                self.losses.push(Vec::new());
                self.logits.push(Vec::new());
            }
        }
        let fits = self.folds.len() as f32 * LAMBDAS.len() as f32;
        (((self.losses.len() - 1) * self.folds.len() + self.at) as f32 / fits).min(1.0)
    }

    pub fn done(&self) -> bool {
        self.at >= self.folds.len()
    }

    /// The strength that is best over all folds.
    pub fn lambda(&self) -> f32 {
        LAMBDAS[self.best(None)]
    }

    /// Held-out predictions. Each fold's come from the strength that is best on the *other*
    /// folds, so that the choice does not flatter the number.
    pub fn measured(&self, protocol: Protocol, set: &TrainingSet) -> Measured {
        let mut measured = Measured { protocol, held_out: Vec::new(), familiarity: Vec::new() };
        for (at, fold) in self.folds.iter().enumerate() {
            measured.add(fold, &self.logits[self.best(Some(at))][at], set);
        }
        measured
    }

    /// Index of the strength with the least loss, leaving one fold out of the sum.
    fn best(&self, without: Option<usize>) -> usize {
        let total = |losses: &Vec<f64>| -> f64 {
            losses.iter().enumerate().filter(|(f, _)| Some(*f) != without).map(|(_, loss)| loss).sum()
        };
        let complete = self.losses.iter().take_while(|l| l.len() == self.folds.len());
        complete.enumerate().min_by(|a, b| total(a.1).total_cmp(&total(b.1))).map_or(3, |(at, _)| at)
    }

    fn exhausted(&self) -> bool {
        let tried = self.losses.len();
        tried == LAMBDAS.len() || tried - 1 - self.best(None) >= PATIENCE
    }
}

/// Summed negative log probability of the true classes.
fn log_loss(logits: &[f32], truth: &[u32], classes: usize) -> f64 {
    let of_row = |(logits, truth): (&[f32], &u32)| {
        let mut p = logits.to_vec();
        softmax(&mut p);
        -f64::from(p[*truth as usize].max(1e-12)).ln()
    };
    logits.chunks_exact(classes).zip(truth).map(of_row).sum()
}
