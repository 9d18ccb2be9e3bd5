//! A head trained on every draw of every size, as Learn would have trained it on these labels alone.

use super::draws::Plan;
use super::tally::{Tally, by_group};
use super::{Forecast, Point};
use crate::learn::train::{self, Trainer, TrainingSet};

/// Labelled embeddings by one backbone.
#[derive(Debug, Clone)]
pub struct Pictures {
    /// `[n, dim]` row-major.
    pub embeddings: Vec<f32>,
    pub dim: usize,
    /// `[n]`, each below `classes`.
    pub labels: Vec<u32>,
    /// `[n]`: near-duplicates share a number.
    pub groups: Vec<u32>,
    pub classes: usize,
}

impl Pictures {
    /// # Errors
    /// Says what does not fit together; nothing here is believed.
    pub fn check(&self) -> Result<(), String> {
        self.set(&(0..self.labels.len()).collect::<Vec<_>>())?.check()
    }

    /// # Errors
    /// A picture that does not exist.
    pub fn set(&self, rows: &[usize]) -> Result<TrainingSet, String> {
        let n = self.labels.len();
        if n.checked_mul(self.dim) != Some(self.embeddings.len()) || self.groups.len() != n {
            return Err("The pictures and their embeddings do not fit together.".into());
        }
        let whole = |i: usize| self.embeddings.get(i * self.dim..(i + 1) * self.dim);
        let embeddings = rows.iter().map(|i| whole(*i)).collect::<Option<Vec<_>>>().ok_or("A picture is missing.")?;
        Ok(TrainingSet {
            dim: self.dim,
            classes: self.classes,
            embeddings: embeddings.concat(),
            labels: rows.iter().map(|i| self.labels[*i]).collect(),
            dhashes: vec![0; rows.len()],
            bursts: vec![0; rows.len()],
        })
    }

    pub fn row(&self, i: usize) -> &[f32] {
        &self.embeddings[i * self.dim..][..self.dim]
    }
}

/// What a step led to.
#[derive(Debug)]
pub enum Step {
    /// Share done, 0..1.
    Continue(f32),
    /// A size is measured.
    Point(Point),
    Done(Option<Forecast>),
}

pub struct Curve {
    pictures: Pictures,
    plan: Plan,
    draws: usize,
    tally: Tally,
    /// The size and the draw under way.
    at: (usize, usize),
    trainer: Option<Trainer>,
    /// The draw last measured: where the data end, all draws are the same.
    last: Option<(Vec<usize>, Vec<f32>)>,
}

impl Curve {
    /// `draws`: repetitions of every size, at least one.
    ///
    /// # Errors
    /// A sentence: the pictures do not fit together, or there are too few.
    pub fn new(pictures: Pictures, draws: usize, seed: u64) -> Result<Self, String> {
        pictures.check()?;
        let plan = Plan::new(&pictures.labels, &pictures.groups, pictures.classes, seed)?;
        let tally = Tally::new(seed);
        Ok(Self { pictures, plan, draws: draws.clamp(1, 100), tally, at: (0, 0), trainer: None, last: None })
    }

    /// Pictures that every draw is measured on.
    pub fn held_out(&self) -> usize {
        self.plan.held_out.len()
    }

    /// A few milliseconds of work.
    ///
    /// # Errors
    /// Training could not start; a sentence.
    pub fn step(&mut self) -> Result<Step, String> {
        let Some(size) = self.plan.sizes.get(self.at.0).copied() else {
            return Ok(Step::Done(self.tally.forecast(self.pictures.labels.len(), self.pictures.classes)));
        };
        let Some(trainer) = &mut self.trainer else {
            let mut drawn = self.plan.draw(self.at.1, size);
            drawn.sort_unstable();
            if let Some((_, outcome)) = self.last.as_ref().filter(|(rows, _)| *rows == drawn) {
                let outcome = outcome.clone();
                return Ok(self.measured(size, outcome));
            }
            let groups = drawn.iter().map(|i| self.pictures.groups[*i]).collect();
            self.trainer = Some(Trainer::grouped(self.pictures.set(&drawn)?, groups)?);
            self.last = Some((drawn, Vec::new()));
            return Ok(Step::Continue(self.share()));
        };
        match trainer.step() {
            train::Step::Continue(..) => Ok(Step::Continue(self.share())),
            train::Step::Done(head, _) => {
                self.trainer = None;
                let held_out = &self.plan.held_out;
                let right = held_out.iter().map(|i| {
                    let logits = head.logits(self.pictures.row(*i));
                    crate::learn::head::argmax(&logits) == self.pictures.labels[*i] as usize
                });
                let outcome = by_group(held_out.iter().map(|i| self.pictures.groups[*i]), right);
                if let Some(last) = &mut self.last {
                    last.1.clone_from(&outcome);
                }
                Ok(self.measured(size, outcome))
            }
        }
    }

    fn measured(&mut self, size: usize, outcome: Vec<f32>) -> Step {
        self.tally.add(size, outcome);
        self.at.1 += 1;
        if self.at.1 < self.draws {
            return Step::Continue(self.share());
        }
        self.at = (self.at.0 + 1, 0);
        self.tally.point(size).map_or(Step::Continue(self.share()), Step::Point)
    }

    /// Share of the fits that are done.
    fn share(&self) -> f32 {
        let done = self.at.0 * self.draws + self.at.1;
        done as f32 / (self.plan.sizes.len() * self.draws) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::random::Random;

    /// Clouds of which each class has its own centre.
    fn clouds(per_class: usize, classes: usize, dim: usize, spread: f64) -> Pictures {
        let mut random = Random::new(4);
        let labels: Vec<u32> = (0..per_class * classes).map(|i| (i % classes) as u32).collect();
        let embeddings = labels
            .iter()
            .flat_map(|l| {
                (0..dim)
                    .map(|d| (spread * random.normal() + if d % classes == *l as usize { 1.0 } else { 0.0 }) as f32)
                    .collect::<Vec<_>>()
            })
            .collect();
        Pictures { embeddings, dim, groups: (0..labels.len() as u32).collect(), labels, classes }
    }

    #[test]
    fn more_labels_are_worth_more() {
        let mut curve = Curve::new(clouds(40, 3, 12, 0.8), 6, 1).unwrap();
        let (mut points, mut share) = (Vec::new(), 0.0);
        let forecast = loop {
            match curve.step().unwrap() {
                Step::Continue(s) => {
                    assert!(s >= share);
                    share = s;
                }
                Step::Point(point) => points.push(point),
                Step::Done(forecast) => break forecast.unwrap(),
            }
        };
        assert_eq!(points.iter().map(|p| p.per_class).collect::<Vec<_>>(), [1, 2, 5, 10, 20, 24]);
        let (first, last) = (&points[0].accuracy, &points[5].accuracy);
        assert!(first.value + 0.15 < last.value && last.value > 0.8, "{points:?}");
        assert!(points.iter().all(|p| p.draws.len() == 6));
        // Where the data end all draws are one.
        assert!(points[5].draws.iter().all(|d| *d == points[5].draws[0]));
        assert!(forecast.labels == 120 && forecast.gain.low >= 0.0 && forecast.gain.high < 0.2, "{forecast:?}");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut pictures = clouds(10, 2, 4, 1.0);
        pictures.embeddings.pop();
        assert!(Curve::new(pictures, 3, 1).is_err());
        let mut pictures = clouds(10, 2, 4, 1.0);
        pictures.embeddings[3] = f32::NAN;
        assert!(Curve::new(pictures, 3, 1).is_err());
    }
}
