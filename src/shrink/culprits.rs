//! Find the culprits: each layer is quantized alone, and the fewest are sought that must stay float.
//!
//! The measure is the share of answers that differ from float's; accuracy cannot lose more than that. Where
//! outputs are features it is one minus their cosine. The search excludes the worst layers first, as many as
//! are needed (doubled, then halved), then takes back each that turns out not to be needed. That is the
//! smallest set this order finds, not a proof that there is none smaller.

use super::Refusal;
use super::plan::Plan;
use super::qdq::{self, Style};
use crate::learn::head::argmax;
use crate::model::probe::Probe;
use std::collections::HashSet;

/// What one layer does alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Alone {
    pub name: String,
    pub op: String,
    /// 0..=1: answers changed, or one minus cosine.
    pub changed: f32,
    /// Right answers lost, in shares of the pictures whose class is known; negative where some are won.
    pub lost: Option<f32>,
    /// Signal to quantization noise at the layer's own output and at the model's, dB; `None` without noise.
    pub sqnr_db: Option<f32>,
    pub output_sqnr_db: Option<f32>,
}

/// What should stay float.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Proposal {
    pub exclude: Vec<String>,
    /// Changed with everything quantized, and with the exclusions.
    pub all: f32,
    pub left: f32,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Share done, 0..1.
    Working(f32),
    Alone(Alone),
    Done(Proposal),
}

/// A step machine: a step runs one picture, or prepares one model.
pub struct Hunt {
    plan: Plan,
    output: String,
    classes: bool,
    limit: f32,
    inputs: Vec<Vec<f32>>,
    truths: Vec<Option<usize>>,
    /// Float's outputs, a picture each.
    float: Vec<Vec<f32>>,
    candidates: Vec<String>,
    alone: Vec<Alone>,
    /// Changed with everything quantized, once it is known.
    base: f32,
    stage: Stage,
}

enum Stage {
    Reference(Option<Probe>),
    One { layer: usize, run: Option<Box<Pair>> },
    Set(Search, Option<Box<Trial>>),
}

/// A layer's own probes and what they gave so far.
struct Pair {
    rounded: Probe,
    /// Float up to the layer's output; `None` where that is the model's.
    prefix: Option<Probe>,
    at: usize,
    tally: Tally,
}

#[derive(Default)]
struct Tally {
    changed: f32,
    lost: (i32, usize),
    inner: (f64, f64),
    outer: (f64, f64),
}

/// Which set is being tried, and what is known.
#[derive(Debug, Clone)]
enum Search {
    Base,
    /// Excluding `tried` of the worst; `fails` are too few, `holds` are enough and leave this much changed.
    Count {
        tried: usize,
        fails: usize,
        holds: Option<(usize, f32)>,
    },
    /// Taking back candidate `next` of the set.
    TakeBack {
        set: Vec<String>,
        next: usize,
        left: f32,
    },
}

struct Trial {
    probe: Probe,
    at: usize,
    changed: f32,
}

impl Hunt {
    /// `output`: the model's output that counts, `classes` whether its numbers are one a class; `inputs`: as
    /// the model takes them; `truths`: their classes where known; `limit`: 0..=1, what may change at most.
    ///
    /// # Errors
    /// No inputs, or a plan without layers.
    pub fn new(
        plan: Plan,
        output: String,
        classes: bool,
        inputs: Vec<Vec<f32>>,
        truths: Vec<Option<usize>>,
        limit: f32,
    ) -> Result<Self, Refusal> {
        if inputs.is_empty() || truths.len() != inputs.len() {
            return Err(Refusal::Asked("There are no pictures to measure layers with.".into()));
        }
        let candidates: Vec<String> = plan.layers.iter().filter(|l| !l.moves).map(|l| l.name.clone()).collect();
        if candidates.is_empty() {
            return Err(Refusal::Asked("No layer is quantized.".into()));
        }
        let stage = Stage::Reference(None);
        Ok(Self {
            plan,
            output,
            classes,
            limit: limit.clamp(0.0, 1.0),
            inputs,
            truths,
            float: Vec::new(),
            candidates,
            alone: Vec::new(),
            base: 0.0,
            stage,
        })
    }

    /// # Errors
    /// The model does not run.
    pub fn step(&mut self) -> Result<Step, Refusal> {
        match std::mem::replace(&mut self.stage, Stage::Reference(None)) {
            Stage::Reference(probe) => self.reference(probe),
            Stage::One { layer, run } => self.one(layer, run),
            Stage::Set(search, trial) => self.set(search, trial),
        }
    }

    fn probe(&self, only: Option<&HashSet<String>>, outputs: &[String]) -> Result<Probe, Refusal> {
        let model = match only {
            Some(only) => qdq::write(&self.plan, Style::Simulated, Some(only)).to_model(),
            None => self.plan.graph.to_model(),
        };
        Probe::new(&model, &self.plan.graph.shape, outputs)
    }

    fn done(&self) -> f32 {
        // Layers are most of the work; the search after them is short.
        0.9 * self.alone.len() as f32 / self.candidates.len() as f32
    }

    fn reference(&mut self, probe: Option<Probe>) -> Result<Step, Refusal> {
        let probe = match probe {
            Some(probe) => probe,
            None => self.probe(None, std::slice::from_ref(&self.output))?,
        };
        let mut said = Vec::new();
        probe.run(&self.inputs[self.float.len()], |_, _, numbers| said = numbers.to_vec())?;
        self.float.push(said);
        let all = self.float.len() == self.inputs.len();
        self.stage = if all { Stage::One { layer: 0, run: None } } else { Stage::Reference(Some(probe)) };
        Ok(Step::Working(0.0))
    }

    fn one(&mut self, layer: usize, run: Option<Box<Pair>>) -> Result<Step, Refusal> {
        let Some(name) = self.candidates.get(layer).cloned() else {
            self.alone.sort_by(|a, b| b.changed.total_cmp(&a.changed).then(noise(a).total_cmp(&noise(b))));
            self.stage = Stage::Set(Search::Base, None);
            return Ok(Step::Working(self.done()));
        };
        let Some(quantized) = self.plan.layers.iter().find(|l| l.name == name) else {
            return Err(Refusal::Asked(format!("There is no layer called \u{201c}{name}\u{201d}.")));
        };
        let (op, inner) = (quantized.op.clone(), quantized.output.clone());
        let own = inner != self.output;
        let Some(mut pair) = run else {
            let mut outputs = vec![self.output.clone()];
            outputs.extend(own.then(|| inner.clone()));
            let rounded = self.probe(Some(&HashSet::from([name])), &outputs)?;
            let prefix = if own { Some(self.probe(None, &[inner])?) } else { None };
            let pair = Pair { rounded, prefix, at: 0, tally: Tally::default() };
            self.stage = Stage::One { layer, run: Some(Box::new(pair)) };
            return Ok(Step::Working(self.done()));
        };
        let at = pair.at;
        let mut said = [Vec::new(), Vec::new()];
        pair.rounded.run(&self.inputs[at], |slot, _, numbers| said[slot] = numbers.to_vec())?;
        let [outer, inside] = said;
        let float = &self.float[at];
        pair.tally.changed += self.change(float, &outer);
        if let Some(truth) = self.truths[at].filter(|_| self.classes) {
            pair.tally.lost.0 += i32::from(argmax(float) == truth) - i32::from(argmax(&outer) == truth);
            pair.tally.lost.1 += 1;
        }
        power(&mut pair.tally.outer, float, &outer);
        match &pair.prefix {
            Some(prefix) => {
                let tally = &mut pair.tally;
                prefix.run(&self.inputs[at], |_, _, numbers| power(&mut tally.inner, numbers, &inside))?;
            }
            None => pair.tally.inner = pair.tally.outer,
        }
        pair.at += 1;
        if pair.at < self.inputs.len() {
            self.stage = Stage::One { layer, run: Some(pair) };
            return Ok(Step::Working(self.done()));
        }
        let tally = &pair.tally;
        let alone = Alone {
            name,
            op,
            changed: tally.changed / self.inputs.len() as f32,
            lost: (tally.lost.1 > 0).then(|| tally.lost.0 as f32 / tally.lost.1 as f32),
            sqnr_db: decibels(tally.inner),
            output_sqnr_db: decibels(tally.outer),
        };
        self.alone.push(alone.clone());
        self.stage = Stage::One { layer: layer + 1, run: None };
        Ok(Step::Alone(alone))
    }

    /// 0..=1.
    fn change(&self, float: &[f32], rounded: &[f32]) -> f32 {
        if self.classes { f32::from(argmax(float) != argmax(rounded)) } else { 1.0 - cosine(float, rounded).max(0.0) }
    }

    fn excluded(&self, search: &Search) -> Vec<String> {
        match search {
            Search::Base => Vec::new(),
            Search::Count { tried, .. } => self.alone.iter().take(*tried).map(|a| a.name.clone()).collect(),
            Search::TakeBack { set, next, .. } => {
                set.iter().enumerate().filter(|(at, _)| at != next).map(|(_, name)| name.clone()).collect()
            }
        }
    }

    fn set(&mut self, search: Search, trial: Option<Box<Trial>>) -> Result<Step, Refusal> {
        let Some(mut trial) = trial else {
            let out: HashSet<String> = self.excluded(&search).into_iter().collect();
            let only = self.plan.layers.iter().map(|l| l.name.clone()).filter(|n| !out.contains(n)).collect();
            let probe = self.probe(Some(&only), std::slice::from_ref(&self.output))?;
            self.stage = Stage::Set(search, Some(Box::new(Trial { probe, at: 0, changed: 0.0 })));
            return Ok(Step::Working(self.done()));
        };
        let mut said = Vec::new();
        trial.probe.run(&self.inputs[trial.at], |_, _, numbers| said = numbers.to_vec())?;
        trial.changed += self.change(&self.float[trial.at], &said);
        trial.at += 1;
        if trial.at < self.inputs.len() {
            self.stage = Stage::Set(search, Some(trial));
            return Ok(Step::Working(self.done()));
        }
        Ok(self.decide(search, trial.changed / self.inputs.len() as f32))
    }

    /// What a set's outcome leads to.
    fn decide(&mut self, search: Search, changed: f32) -> Step {
        // A cosine of 1 is seldom exactly 1.
        let enough_now = changed <= self.limit + 1e-6;
        let all = self.alone.len();
        let next = match search {
            Search::Base => {
                self.base = changed;
                if enough_now {
                    return self.found(Vec::new(), changed);
                }
                Search::Count { tried: 1, fails: 0, holds: None }
            }
            Search::Count { tried, fails, holds } => {
                let (fails, holds) = if enough_now { (fails, Some((tried, changed))) } else { (tried, holds) };
                match holds {
                    Some((enough, left)) if enough - fails <= 1 => {
                        let set = self.alone.iter().take(enough).map(|a| a.name.clone()).collect();
                        Search::TakeBack { set, next: 0, left }
                    }
                    Some((enough, _)) => Search::Count { tried: fails.midpoint(enough), fails, holds },
                    None if tried >= all => {
                        return self.found(self.alone.iter().map(|a| a.name.clone()).collect(), changed);
                    }
                    None => Search::Count { tried: (tried * 2).min(all), fails, holds },
                }
            }
            Search::TakeBack { mut set, next, left } => {
                let (next, left) = if enough_now {
                    set.remove(next);
                    (next, changed)
                } else {
                    (next + 1, left)
                };
                if next >= set.len() {
                    return self.found(set, left);
                }
                Search::TakeBack { set, next, left }
            }
        };
        self.stage = Stage::Set(next, None);
        Step::Working(self.done())
    }

    fn found(&self, exclude: Vec<String>, left: f32) -> Step {
        Step::Done(Proposal { exclude, all: self.base, left })
    }
}

/// How much noise a layer makes at the model's output; the larger, the worse.
fn noise(alone: &Alone) -> f32 {
    alone.output_sqnr_db.map_or(f32::NEG_INFINITY, |db| -db)
}

/// Adds the power of the signal and of the noise.
fn power(sums: &mut (f64, f64), float: &[f32], rounded: &[f32]) {
    for (a, b) in float.iter().zip(rounded) {
        sums.0 += f64::from(*a).powi(2);
        sums.1 += f64::from(a - b).powi(2);
    }
}

/// `None` where there is no signal or no noise.
fn decibels((signal, noise): (f64, f64)) -> Option<f32> {
    (signal > 0.0 && noise > 0.0).then(|| (10.0 * (signal / noise).log10()) as f32)
}

/// 1 for the same direction, and for two vectors of nothing; -1..=1.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let sum = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
    let (aa, bb) = (sum(a, a), sum(b, b));
    if aa == 0.0 && bb == 0.0 {
        return 1.0;
    }
    (sum(a, b) / (aa * bb).sqrt().max(f64::MIN_POSITIVE)).clamp(-1.0, 1.0) as f32
}
