//! The label-budget curve from scratch: the same draws and the same held-out pictures as for the backbones.

use super::fit::{Fit, Pictures};
use crate::learn::budget::draws::Plan;
use crate::learn::budget::tally::{Tally, by_group};
use crate::learn::budget::{Forecast, Point};

/// What a step led to.
#[derive(Debug)]
pub enum Step {
    Continue(Where),
    /// A size is measured.
    Point(Point),
    Done(Option<Forecast>),
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Where {
    /// Share of everything, 0..1.
    pub share: f32,
    pub per_class: usize,
    /// Counted from 1, and how many there are.
    pub draw: (usize, usize),
    pub epoch: (usize, usize),
    /// Mean loss of the last complete epoch, if there was one.
    pub loss: Option<f32>,
}

pub struct Curve {
    pictures: Pictures,
    groups: Vec<u32>,
    plan: Plan,
    draws: usize,
    tally: Tally,
    at: (usize, usize),
    fit: Option<Fit>,
    seed: u64,
}

impl Curve {
    /// `groups` `[n]`: near-duplicates share a number.
    ///
    /// # Errors
    /// A sentence: the pictures do not fit together, or there are too few.
    pub fn new(pictures: Pictures, groups: Vec<u32>, draws: usize, seed: u64) -> Result<Self, String> {
        pictures.check()?;
        let plan = Plan::new(&pictures.labels, &groups, pictures.classes, seed)?;
        Ok(Self {
            pictures,
            groups,
            plan,
            draws: draws.clamp(1, 100),
            tally: Tally::new(seed),
            at: (0, 0),
            fit: None,
            seed,
        })
    }

    pub fn held_out(&self) -> usize {
        self.plan.held_out.len()
    }

    /// One batch.
    ///
    /// # Errors
    /// A sentence.
    pub fn step(&mut self) -> Result<Step, String> {
        let (size_at, draw) = self.at;
        let Some(size) = self.plan.sizes.get(size_at).copied() else {
            return Ok(Step::Done(self.tally.forecast(self.pictures.labels.len(), self.pictures.classes)));
        };
        if self.fit.is_none() {
            let rows = self.plan.draw(draw, size);
            self.fit = Some(Fit::new(&self.pictures, rows, self.seed ^ (draw as u64 + 1) << 8)?);
        }
        let Some(fit) = &mut self.fit else { return Err("Training did not start.".into()) };
        if !fit.step(&self.pictures)? {
            // A size takes about as many steps as it has pictures, so its share of the work is not its place.
            let before: usize = self.plan.sizes[..size_at].iter().sum();
            let all: usize = self.plan.sizes.iter().sum();
            let within = (draw as f32 + fit.share()) / self.draws as f32;
            return Ok(Step::Continue(Where {
                share: (before as f32 + within * size as f32) / all as f32,
                per_class: size,
                draw: (draw + 1, self.draws),
                epoch: fit.epoch(),
                loss: fit.loss.is_finite().then_some(fit.loss),
            }));
        }
        let right = fit.right(&self.pictures, &self.plan.held_out)?;
        self.fit = None;
        let groups = self.plan.held_out.iter().map(|i| self.groups[*i]);
        self.tally.add(size, by_group(groups, right.into_iter()));
        self.at = if draw + 1 < self.draws { (size_at, draw + 1) } else { (size_at + 1, 0) };
        if self.at.1 > 0 {
            return self.step();
        }
        self.tally.point(size).map(Step::Point).ok_or_else(|| "Nothing was measured.".into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fit::shapes;
    use super::*;

    #[test]
    fn a_curve_from_scratch_rises() {
        let pictures = shapes(45, 2);
        let groups = (0..45).collect();
        let mut curve = Curve::new(pictures, groups, 1, 5).unwrap();
        let (mut points, mut share) = (Vec::new(), 0.0);
        loop {
            match curve.step().unwrap() {
                Step::Continue(at) => {
                    assert!(at.share >= share && at.share <= 1.0 && at.epoch.0 <= at.epoch.1);
                    share = at.share;
                }
                Step::Point(point) => points.push(point),
                Step::Done(_) => break,
            }
        }
        assert_eq!(points.iter().map(|p| p.per_class).collect::<Vec<_>>(), [1, 2, 5, 9]);
        assert!(points[3].accuracy.value > 0.8 && points[3].accuracy.value >= points[0].accuracy.value, "{points:?}");
    }
}
