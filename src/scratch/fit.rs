//! One training from scratch, a batch a step.

use super::NUMBERS;
#[cfg(test)]
use super::SIDE;
use super::augment;
use super::net::Net;
use crate::learn::random::Random;

const BATCH: usize = 32;
/// Epochs, if these make a sensible number of steps.
const EPOCHS: usize = 40;
/// Fewest and most steps of a training.
const STEPS: (usize, usize) = (150, 1200);
/// The learning rate at the start; it falls to 0 along a cosine (Loshchilov and Hutter 2017).
const RATE: f64 = 4e-3;

/// Pictures as they are trained on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pictures {
    /// `[n, SIDE, SIDE, 3]`, RGB.
    pub pixels: Vec<u8>,
    /// `[n]`, each below `classes`.
    pub labels: Vec<u32>,
    pub classes: usize,
}

impl Pictures {
    /// # Errors
    /// What does not fit together; a sentence.
    pub fn check(&self) -> Result<(), String> {
        let n = self.labels.len();
        let fit = n.checked_mul(NUMBERS) == Some(self.pixels.len());
        if n == 0 || !fit || self.classes == 0 || self.labels.iter().any(|l| *l as usize >= self.classes) {
            return Err("The pictures and their classes do not fit together.".into());
        }
        Ok(())
    }

    fn one(&self, i: usize) -> &[u8] {
        &self.pixels[i * NUMBERS..][..NUMBERS]
    }
}

/// A training under way.
pub struct Fit {
    net: Net,
    rows: Vec<usize>,
    /// The present epoch's order.
    order: Vec<usize>,
    done: usize,
    steps: usize,
    random: Random,
    /// Mean loss of the last epoch that is complete.
    pub loss: f32,
    sum: (f32, usize),
}

impl Fit {
    /// Trains on some of the pictures, at least one.
    ///
    /// # Errors
    /// A sentence.
    pub fn new(pictures: &Pictures, rows: Vec<usize>, seed: u64) -> Result<Self, String> {
        if rows.is_empty() || rows.iter().any(|i| *i >= pictures.labels.len()) {
            return Err("There is nothing to train on.".into());
        }
        let mut random = Random::new(seed);
        let net = Net::new(pictures.classes, &mut random).map_err(|e| e.to_string())?;
        let steps = (rows.len().div_ceil(BATCH) * EPOCHS).clamp(STEPS.0, STEPS.1);
        Ok(Self { net, rows, order: Vec::new(), done: 0, steps, random, loss: f32::NAN, sum: (0.0, 0) })
    }

    /// One batch; true when trained.
    ///
    /// # Errors
    /// A sentence.
    pub fn step(&mut self, pictures: &Pictures) -> Result<bool, String> {
        if self.done >= self.steps {
            return Ok(true);
        }
        if self.order.is_empty() {
            self.order = self.random.choose(self.rows.len(), self.rows.len());
            if self.sum.1 > 0 {
                self.loss = self.sum.0 / self.sum.1 as f32;
            }
            self.sum = (0.0, 0);
        }
        let rest = self.order.len().saturating_sub(BATCH);
        let batch: Vec<usize> = self.order.split_off(rest).iter().map(|i| self.rows[*i]).collect();
        let input = batch.iter().flat_map(|i| augment::changed(pictures.one(*i), &mut self.random)).collect();
        let labels: Vec<u32> = batch.iter().map(|i| pictures.labels[*i]).collect();
        let rate = RATE * 0.5 * (1.0 + libm::cos(std::f64::consts::PI * self.done as f64 / self.steps as f64));
        let loss = self.net.step(input, &labels, rate).map_err(|e| e.to_string())?;
        self.sum = (self.sum.0 + loss, self.sum.1 + 1);
        self.done += 1;
        Ok(self.done >= self.steps)
    }

    /// Epochs begun, and in all.
    pub fn epoch(&self) -> (usize, usize) {
        let each = self.rows.len().div_ceil(BATCH);
        (self.done.div_ceil(each).max(1), self.steps.div_ceil(each))
    }

    /// Share done, 0..=1.
    pub fn share(&self) -> f32 {
        self.done as f32 / self.steps as f32
    }

    /// Whether each picture is recognised.
    ///
    /// # Errors
    /// A sentence.
    pub fn right(&self, pictures: &Pictures, rows: &[usize]) -> Result<Vec<bool>, String> {
        let mut right = Vec::with_capacity(rows.len());
        for rows in rows.chunks(64) {
            let input = rows.iter().flat_map(|i| augment::plain(pictures.one(*i))).collect();
            let answers = self.net.classify(input, rows.len()).map_err(|e| e.to_string())?;
            right.extend(rows.iter().zip(answers).map(|(i, answer)| pictures.labels[*i] == answer));
        }
        Ok(right)
    }
}

/// Pictures of stripes, bars and squares, for tests.
#[cfg(test)]
pub(super) fn shapes(count: usize, seed: u64) -> Pictures {
    let mut random = Random::new(seed);
    let mut pictures = Pictures { classes: 3, ..Pictures::default() };
    for i in 0..count {
        let (class, period, offset) = (i % 3, 4 + random.below(4), random.below(8));
        let (fore, back) = (120 + random.below(130), random.below(100));
        for y in 0..SIDE {
            for x in 0..SIDE {
                let on = match class {
                    0 => ((x + offset) / period).is_multiple_of(2),
                    1 => ((y + offset) / period).is_multiple_of(2),
                    _ => x.abs_diff(10 + offset) < 7 && y.abs_diff(20 - offset) < 7,
                };
                pictures.pixels.extend([if on { fore } else { back } as u8; 3]);
            }
        }
        pictures.labels.push(class as u32);
    }
    pictures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_learned_from_nothing() {
        let pictures = shapes(60, 1);
        let (train, test): (Vec<usize>, Vec<usize>) = (0..60).partition(|i| *i < 30);
        let mut fit = Fit::new(&pictures, train, 7).unwrap();
        let mut first = f32::NAN;
        while !fit.step(&pictures).unwrap() {
            if first.is_nan() {
                first = fit.loss;
            }
        }
        let right = fit.right(&pictures, &test).unwrap().iter().filter(|r| **r).count();
        assert!(right >= 27, "{right} of 30");
        assert!(fit.loss < 0.5 * first, "{first} to {}", fit.loss);
        assert!((fit.share() - 1.0).abs() < 1e-6 && fit.epoch() == (150, 150));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut pictures = shapes(6, 1);
        assert!(Fit::new(&pictures, vec![], 1).is_err() && Fit::new(&pictures, vec![6], 1).is_err());
        pictures.pixels.pop();
        assert!(pictures.check().is_err());
    }
}
