//! Training a head and measuring it, as a step machine.
//!
//! 1. Group near-duplicates, so that no group is on both sides of a split.
//! 2. With a class of one or two pictures: prototypes. Otherwise softmax regression, its
//!    regularisation chosen by cross-validated log loss along a path from strong to weak.
//! 3. Measure on pictures held out: all of them, fold by fold, when there are few; one fold
//!    when there are many.
//! 4. Calibrate "none of these" on the same held-out pictures.
//! 5. Fit the final head to everything.

mod fold;
mod select;

use super::duplicates::Grouping;
use super::head::softmax::{Fit, Rows};
use super::head::standardise::Standardise;
use super::head::{Familiarity, Head, argmax, prototypes};
use super::report::{HeldOut, Method, Protocol, Report};
use super::{metrics, split};
use fold::Fold;
use select::Selection;
use web_time::Instant;

/// A class with at most this many pictures calls for prototypes.
pub const TOO_FEW_TO_FIT: usize = 2;
/// With more pictures than this, one fold is held out instead of every picture in turn.
pub const MANY: usize = 2000;
/// Pictures used to choose the regularisation when there are many.
const ENOUGH_TO_SELECT: usize = 1000;
/// Share of pictures of the known classes that "none of these" may turn away.
const TURNED_AWAY: f64 = 0.05;
/// Regularisation where nothing can be held out to choose it.
const DEFAULT_LAMBDA: f32 = 1.0;
/// Convergence of the final fit (largest entry of the gradient).
const TIGHT: f32 = 1e-5;
const SEED: u64 = 0;

/// Labelled embeddings.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingSet {
    pub dim: usize,
    pub classes: usize,
    /// `[n, dim]` row-major.
    pub embeddings: Vec<f32>,
    /// `[n]`, each below `classes`.
    pub labels: Vec<u32>,
    /// `[n]`.
    pub dhashes: Vec<u64>,
    /// `[n]`; frames of one recording share a number, 0 for none.
    pub bursts: Vec<u32>,
}

impl TrainingSet {
    /// # Errors
    /// Says what does not fit together; nothing here is believed.
    pub fn check(&self) -> Result<(), String> {
        let n = self.labels.len();
        if n == 0 || self.dim == 0 {
            return Err("There is nothing to train on.".into());
        }
        if n.checked_mul(self.dim) != Some(self.embeddings.len()) || self.dhashes.len() != n || self.bursts.len() != n {
            return Err("The training data do not fit together.".into());
        }
        if self.labels.iter().any(|l| *l as usize >= self.classes) {
            return Err("A label names a class that does not exist.".into());
        }
        if self.embeddings.iter().any(|v| !v.is_finite()) {
            return Err("An embedding contains a number that is not finite.".into());
        }
        Ok(())
    }

    fn row(&self, i: usize) -> &[f32] {
        &self.embeddings[i * self.dim..][..self.dim]
    }
}

/// What a step led to.
#[derive(Debug)]
pub enum Step {
    /// Share done, 0..1, and what is being done.
    Continue(f32, &'static str),
    Done(Head, Box<Report>),
}

pub struct Trainer {
    set: TrainingSet,
    stage: Stage,
    groups: Vec<u32>,
    measured: Measured,
    started: Instant,
}

enum Stage {
    Grouping(Grouping),
    Selecting(Selection, After),
    /// Many pictures: fit without the held-out fold, at the chosen strength.
    Measuring(Box<Fold>, Fit, f32),
    Fitting(Final),
}

/// What to do with the selection's held-out predictions.
enum After {
    /// They are the measurement.
    Report(Protocol),
    /// They only chose the strength; measure on this fold.
    Measure(Box<Fold>),
}

/// The last fit, to everything.
struct Final {
    standardise: Standardise,
    z: Vec<f32>,
    fit: Option<Fit>,
    method: Method,
}

/// Held-out predictions and how they were made.
struct Measured {
    protocol: Protocol,
    held_out: Vec<HeldOut>,
    /// Familiarity of each held-out picture, in the same order.
    familiarity: Vec<f32>,
}

impl Trainer {
    /// # Errors
    /// The data do not fit together; see [`TrainingSet::check`].
    pub fn new(set: TrainingSet) -> Result<Self, String> {
        set.check()?;
        let stage = Stage::Grouping(Grouping::new(&set.bursts));
        let measured = Measured { protocol: Protocol::NotMeasured, held_out: Vec::new(), familiarity: Vec::new() };
        Ok(Self { set, stage, groups: Vec::new(), measured, started: Instant::now() })
    }

    /// With groups of near-duplicates `[n]` that are known already.
    ///
    /// # Errors
    /// As [`Trainer::new`]; or there are not as many groups as pictures.
    pub fn grouped(set: TrainingSet, groups: Vec<u32>) -> Result<Self, String> {
        let mut trainer = Self::new(set)?;
        if groups.len() != trainer.set.labels.len() {
            return Err("The training data do not fit together.".into());
        }
        // Numbered from 0 on, as ours are.
        let mut numbers = std::collections::HashMap::new();
        trainer.groups = groups
            .into_iter()
            .map(|group| {
                let next = numbers.len() as u32;
                *numbers.entry(group).or_insert(next)
            })
            .collect();
        trainer.stage = trainer.plan();
        Ok(trainer)
    }

    /// Does a few milliseconds of work (tens, with tens of thousands of pictures).
    pub fn step(&mut self) -> Step {
        let set = &self.set;
        match &mut self.stage {
            Stage::Grouping(grouping) => {
                if grouping.step(&set.dhashes, &set.embeddings, set.dim) {
                    self.groups = std::mem::replace(grouping, Grouping::new(&[])).groups();
                    self.stage = self.plan();
                }
                Step::Continue(0.02, "Looking for near-duplicates")
            }
            Stage::Selecting(selection, _) => {
                let fraction = selection.step();
                if selection.done() {
                    self.selected();
                }
                Step::Continue(0.05 + 0.75 * fraction, "Choosing the regularisation")
            }
            Stage::Measuring(fold, fit, lambda) => {
                if fit.step(fold.rows()) {
                    self.measured = Measured::by(std::slice::from_ref(&**fold), Protocol::HeldOut, set, |_| {
                        fit.parameters().to_vec()
                    });
                    self.stage = Stage::Fitting(Final::softmax(set, *lambda));
                }
                Step::Continue(0.85, "Measuring on held-out pictures")
            }
            Stage::Fitting(last) => {
                let rows = Rows { z: &last.z, labels: &set.labels, dim: set.dim, classes: set.classes };
                if last.fit.as_mut().is_none_or(|fit| fit.step(rows)) {
                    let (head, report) = self.finish();
                    return Step::Done(head, Box::new(report));
                }
                Step::Continue(0.9, "Fitting the head")
            }
        }
    }

    /// Decides how to train and measure, once the groups are known.
    fn plan(&mut self) -> Stage {
        let set = &self.set;
        let mut counts = vec![0; set.classes];
        set.labels.iter().for_each(|l| counts[*l as usize] += 1);
        let smallest = counts.iter().copied().min().unwrap_or(0);
        let everything: Vec<usize> = (0..set.labels.len()).collect();
        let (count, fold_of) = split::folds(&set.labels, &self.groups, SEED);
        let many = everything.len() > MANY;
        let protocol = match (count, many) {
            (0, _) => Protocol::NotMeasured,
            (_, true) => Protocol::HeldOut,
            (folds, false) => Protocol::CrossValidated { folds },
        };

        if smallest <= TOO_FEW_TO_FIT || set.classes < 2 {
            let kept = if many { count.min(1) } else { count };
            let folds: Vec<Fold> = (0..kept).map(|f| Fold::new(set, &everything, &fold_of, f)).collect();
            self.measured = Measured::by(&folds, protocol, set, |fold| prototypes::fit(fold.rows()));
            return Stage::Fitting(Final::prototypes(set));
        }
        match protocol {
            Protocol::NotMeasured => Stage::Fitting(Final::softmax(set, DEFAULT_LAMBDA)),
            Protocol::CrossValidated { folds } => {
                let folds = (0..folds).map(|f| Fold::new(set, &everything, &fold_of, f)).collect();
                Stage::Selecting(Selection::new(folds), After::Report(protocol))
            }
            Protocol::HeldOut => {
                let test = Box::new(Fold::new(set, &everything, &fold_of, 0));
                // Every k-th of the training pictures, to choose the strength on.
                let stride = test.train.len().div_ceil(ENOUGH_TO_SELECT).max(1);
                let some: Vec<usize> = test.train.iter().copied().step_by(stride).collect();
                let folds = (1..count).map(|f| Fold::new(set, &some, &fold_of, f)).filter(Fold::usable).collect();
                Stage::Selecting(Selection::new(folds), After::Measure(test))
            }
        }
    }

    fn selected(&mut self) {
        let set = &self.set;
        let fitting = Stage::Fitting(Final::softmax(set, DEFAULT_LAMBDA));
        let Stage::Selecting(selection, after) = std::mem::replace(&mut self.stage, fitting) else { return };
        let lambda = selection.lambda();
        self.stage = match after {
            After::Report(protocol) => {
                self.measured = selection.measured(protocol, set);
                Stage::Fitting(Final::softmax(set, lambda))
            }
            After::Measure(fold) => {
                let start = vec![0.0; set.classes * (set.dim + 1)];
                let fit = Fit::new(fold.rows(), lambda, start, TIGHT);
                Stage::Measuring(fold, fit, lambda)
            }
        };
    }

    fn finish(&mut self) -> (Head, Report) {
        let set = &self.set;
        let Stage::Fitting(last) = &self.stage else { unreachable!("finish follows the final fit") };
        let rows = Rows { z: &last.z, labels: &set.labels, dim: set.dim, classes: set.classes };
        let parameters = match &last.fit {
            Some(fit) => fit.parameters().to_vec(),
            None => prototypes::fit(rows),
        };
        let threshold = conformal_threshold(&self.measured.familiarity, TURNED_AWAY);
        let head = fold_in(&parameters, &last.standardise, rows, threshold);

        let mut held_out = std::mem::take(&mut self.measured.held_out);
        for (picture, familiarity) in held_out.iter_mut().zip(&self.measured.familiarity) {
            picture.unknown = threshold.is_some_and(|t| *familiarity < t);
        }
        held_out.sort_by_key(|h| h.index);
        let confusion = metrics::confusion(&held_out, set.classes);
        let away = held_out.iter().filter(|h| h.unknown).count();
        let distinct = self.groups.iter().max().map_or(0, |g| *g as usize + 1);
        let report = Report {
            protocol: self.measured.protocol,
            method: last.method,
            accuracy: metrics::grouped_accuracy(&held_out, &self.groups),
            per_class: metrics::per_class(&confusion),
            confusion,
            turned_away: threshold.map(|_| away as f32 / held_out.len() as f32),
            held_out,
            pictures: set.labels.len(),
            near_duplicates: set.labels.len() - distinct,
            groups: std::mem::take(&mut self.groups),
            train_ms: self.started.elapsed().as_secs_f32() * 1e3,
        };
        (head, report)
    }
}

impl Final {
    fn new(set: &TrainingSet, method: Method) -> Self {
        let rows = (0..set.labels.len()).map(|i| set.row(i));
        let standardise = Standardise::fit(rows.clone(), set.dim);
        let z = rows.flat_map(|row| standardise.apply(row)).collect();
        Self { standardise, z, fit: None, method }
    }

    fn prototypes(set: &TrainingSet) -> Self {
        Self::new(set, Method::Prototypes)
    }

    fn softmax(set: &TrainingSet, lambda: f32) -> Self {
        let mut last = Self::new(set, Method::Softmax { lambda });
        let rows = Rows { z: &last.z, labels: &set.labels, dim: set.dim, classes: set.classes };
        last.fit = Some(Fit::new(rows, lambda, vec![0.0; set.classes * (set.dim + 1)], TIGHT));
        last
    }
}

impl Measured {
    /// Predicts every fold's held-out pictures with the parameters fitted without them.
    fn by(folds: &[Fold], protocol: Protocol, set: &TrainingSet, parameters: impl Fn(&Fold) -> Vec<f32>) -> Self {
        let mut measured = Self { protocol, held_out: Vec::new(), familiarity: Vec::new() };
        for fold in folds {
            let logits = fold.logits(&parameters(fold));
            measured.add(fold, &logits, set);
        }
        measured
    }

    /// Adds a fold's held-out pictures, given their logits `[pictures, classes]`.
    fn add(&mut self, fold: &Fold, logits: &[f32], set: &TrainingSet) {
        for (&index, logits) in fold.test.iter().zip(logits.chunks_exact(set.classes)) {
            let mut probabilities = logits.to_vec();
            super::head::softmax::softmax(&mut probabilities);
            let predicted = argmax(&probabilities);
            self.held_out.push(HeldOut {
                index: index as u32,
                truth: set.labels[index],
                predicted: predicted as u32,
                confidence: probabilities[predicted],
                unknown: false,
            });
        }
        self.familiarity.extend(fold.familiarity());
    }
}

/// The familiarity below which at most `share` of pictures of the known classes fall: the
/// split-conformal quantile (Vovk et al. 2005) of held-out scores. `None` with too few
/// scores to promise that.
fn conformal_threshold(scores: &[f32], share: f64) -> Option<f32> {
    let rank = (share * (scores.len() + 1) as f64).floor() as usize;
    let mut sorted = scores.to_vec();
    sorted.sort_by(f32::total_cmp);
    rank.checked_sub(1).and_then(|at| sorted.get(at).copied())
}

/// Folds the standardisation into the weights: the head then takes embeddings as they come.
fn fold_in(parameters: &[f32], standardise: &Standardise, rows: Rows, threshold: Option<f32>) -> Head {
    let Rows { dim, classes, .. } = rows;
    let (weights, bias) = parameters.split_at(classes * dim);
    let mut head = Head {
        classes,
        dim,
        weights: Vec::with_capacity(weights.len()),
        bias: bias.to_vec(),
        familiarity: Familiarity {
            mean: standardise.mean.clone(),
            inv_std: standardise.inv_std.clone(),
            prototypes: prototypes::unit_means(rows),
            threshold,
        },
    };
    for (row, bias) in weights.chunks_exact(dim).zip(&mut head.bias) {
        let scaled: Vec<f32> = row.iter().zip(&standardise.inv_std).map(|(w, s)| w * s).collect();
        *bias -= super::head::dot(&scaled, &standardise.mean);
        head.weights.extend(scaled);
    }
    head
}

#[cfg(test)]
mod tests;
