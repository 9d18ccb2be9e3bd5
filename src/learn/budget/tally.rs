//! Means over draws with 95 % bands, and the forecast.
//!
//! Two things are left to chance: which pictures were labelled, and which were held out. The band covers
//! both by the pigeonhole bootstrap (Owen 2007): draws and held-out groups are resampled independently,
//! each with replacement, and the band is the 2.5th to 97.5th percentile of the replicates' means. The same
//! resampled draws and groups are used at every size, as the real ones are, so a forecast's replicates keep
//! what the sizes have in common.

use super::power_law::{self, Measured};
use super::{Band, Forecast, NEXT, Point};
use crate::learn::random::Random;

/// Bootstrap replicates.
const REPLICATES: usize = 400;
/// Standard error added to every point of a fit: no law holds more exactly.
const DOUBT: f64 = 0.01;

/// Outcomes of one way of starting: for each size, of each draw, the share right of each held-out group.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    sizes: Vec<(usize, Vec<Vec<f32>>)>,
    seed: u64,
}

impl Tally {
    pub fn new(seed: u64) -> Self {
        Self { sizes: Vec::new(), seed }
    }

    /// Adds a draw's outcomes: the share right of each held-out group, the same groups each time.
    pub fn add(&mut self, per_class: usize, outcome: Vec<f32>) {
        match self.sizes.iter_mut().find(|(size, _)| *size == per_class) {
            Some((_, draws)) => draws.push(outcome),
            None => self.sizes.push((per_class, vec![outcome])),
        }
    }

    /// The point of a size; `None` before its first draw.
    pub fn point(&self, per_class: usize) -> Option<Point> {
        let (_, outcomes) = self.sizes.iter().find(|(size, _)| *size == per_class)?;
        let mut random = Random::new(self.seed);
        let means = (0..REPLICATES).map(|_| Weights::draw(&mut random, outcomes).mean(outcomes)).collect();
        let value = Weights::all(outcomes).mean(outcomes);
        let draws = outcomes.iter().map(|outcome| mean(outcome)).collect();
        Some(Point { per_class, accuracy: band(value, means), draws })
    }

    /// What the next [`NEXT`] labels, spread evenly over `classes`, should add to the `labels` there are.
    /// `None` with fewer than three sizes.
    pub fn forecast(&self, labels: usize, classes: usize) -> Option<Forecast> {
        if self.sizes.len() < 3 || labels == 0 || classes == 0 {
            return None;
        }
        let mut random = Random::new(self.seed ^ 0xf0);
        let replicates: Vec<Vec<f64>> = (0..REPLICATES)
            .map(|_| {
                let weights = Weights::draw(&mut random, &self.sizes[0].1);
                self.sizes.iter().map(|(_, outcomes)| weights.mean(outcomes)).collect()
            })
            .collect();
        let weights: Vec<f64> = (0..self.sizes.len())
            .map(|at| {
                let centre = replicates.iter().map(|r| r[at]).sum::<f64>() / REPLICATES as f64;
                let variance = replicates.iter().map(|r| (r[at] - centre).powi(2)).sum::<f64>() / REPLICATES as f64;
                1.0 / (variance + DOUBT * DOUBT)
            })
            .collect();
        let law = |accuracies: &[f64]| {
            let points: Vec<Measured> = self
                .sizes
                .iter()
                .zip(accuracies)
                .zip(&weights)
                .map(|(((size, _), accuracy), weight)| Measured {
                    per_class: *size as f64,
                    error: 1.0 - accuracy,
                    weight: *weight,
                })
                .collect();
            power_law::fit(&points)
        };
        let (now, then) = (labels as f64 / classes as f64, (labels + NEXT) as f64 / classes as f64);
        let gain = |law: &super::PowerLaw| law.error(now) - law.error(then);
        let measured: Vec<f64> = self.sizes.iter().map(|(_, o)| Weights::all(o).mean(o)).collect();
        let best = law(&measured)?;
        let gains = replicates.iter().filter_map(|r| law(r)).map(|l| gain(&l)).collect();
        Some(Forecast { labels, now: (1.0 - best.error(now)) as f32, gain: band(gain(&best), gains), law: best })
    }
}

/// How often each draw and each held-out group counts.
struct Weights {
    draws: Vec<u32>,
    groups: Vec<u32>,
}

impl Weights {
    fn all(outcomes: &[Vec<f32>]) -> Self {
        Self { draws: vec![1; outcomes.len()], groups: vec![1; outcomes.first().map_or(0, Vec::len)] }
    }

    fn draw(random: &mut Random, outcomes: &[Vec<f32>]) -> Self {
        let mut resample = |n: usize| {
            let mut counts = vec![0; n];
            (0..n).for_each(|_| counts[random.below(n)] += 1);
            counts
        };
        let (draws, groups) = (outcomes.len(), outcomes.first().map_or(0, Vec::len));
        Self { draws: resample(draws), groups: resample(groups) }
    }

    fn mean(&self, outcomes: &[Vec<f32>]) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for (outcome, twice) in outcomes.iter().zip(&self.draws).filter(|(_, w)| **w > 0) {
            for (right, often) in outcome.iter().zip(&self.groups) {
                sum += f64::from(*right) * f64::from(twice * often);
                count += f64::from(twice * often);
            }
        }
        if count > 0.0 { sum / count } else { 0.0 }
    }
}

/// A mean with the middle 95 % of its replicates, which it is never outside of.
pub fn band(value: f64, mut replicates: Vec<f64>) -> Band {
    replicates.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = (share * replicates.len().saturating_sub(1) as f64).round() as usize;
        replicates.get(place).copied().unwrap_or(value)
    };
    Band { value: value as f32, low: at(0.025).min(value) as f32, high: at(0.975).max(value) as f32 }
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

/// The share right of every group of held-out pictures, in the order groups first appear.
pub fn by_group(groups: impl Iterator<Item = u32>, right: impl Iterator<Item = bool>) -> Vec<f32> {
    let mut order = std::collections::HashMap::new();
    let mut sums: Vec<(f32, f32)> = Vec::new();
    for (group, right) in groups.zip(right) {
        let at = *order.entry(group).or_insert(sums.len());
        if at == sums.len() {
            sums.push((0.0, 0.0));
        }
        sums[at].0 += f32::from(u8::from(right));
        sums[at].1 += 1.0;
    }
    sums.into_iter().map(|(right, all)| right / all).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Outcomes of a law: every draw and group is right with the law's probability.
    fn simulate(error: impl Fn(f64) -> f64, sizes: &[usize], draws: usize, groups: usize, seed: u64) -> Tally {
        let mut random = Random::new(seed);
        let mut tally = Tally::new(seed);
        for size in sizes {
            for _ in 0..draws {
                let p = error(*size as f64);
                tally.add(*size, (0..groups).map(|_| f32::from(u8::from(random.uniform() >= p))).collect());
            }
        }
        tally
    }

    #[test]
    fn bands_hold_the_truth_about_as_often_as_they_say() {
        // 200 curves whose truth is known: the band misses it in 5 % of them, more or less.
        let missed = (0..200)
            .filter(|seed| {
                let point = simulate(|_| 0.3, &[5], 10, 40, *seed).point(5).unwrap();
                !(point.accuracy.low..=point.accuracy.high).contains(&0.7)
            })
            .count();
        assert!(missed <= 20, "{missed} of 200 bands missed");
    }

    #[test]
    fn a_forecast_finds_the_gain_of_a_known_law() {
        let error = |n: f64| 0.05 + 0.6 * n.powf(-0.6);
        let tally = simulate(error, &[1, 2, 5, 10, 20], 20, 400, 3);
        let forecast = tally.forecast(160, 8).unwrap();
        let truth = (error(20.0) - error(22.5)) as f32;
        assert!((forecast.gain.value - truth).abs() < 0.004, "{forecast:?} for {truth}");
        assert!(forecast.gain.low <= truth && truth <= forecast.gain.high, "{forecast:?} for {truth}");
        assert!((f64::from(forecast.now) - (1.0 - error(20.0))).abs() < 0.02);
        assert!(simulate(error, &[1, 2], 5, 40, 3).forecast(16, 8).is_none());
    }

    #[test]
    fn near_duplicates_count_once() {
        let shares = by_group([7, 7, 3, 7].into_iter(), [true, false, true, true].into_iter());
        assert_eq!(shares, [2.0 / 3.0, 1.0]);
    }

    proptest! {
        #[test]
        fn bands_surround_their_mean(outcomes in prop::collection::vec(prop::collection::vec(0u8..2, 6), 1..6)) {
            let mut tally = Tally::new(1);
            outcomes.iter().for_each(|o| tally.add(2, o.iter().map(|v| f32::from(*v)).collect()));
            let Point { accuracy: Band { value, low, high }, draws, .. } = tally.point(2).unwrap();
            prop_assert!(0.0 <= low && low <= value && value <= high && high <= 1.0);
            prop_assert_eq!(draws.len(), outcomes.len());
        }
    }
}
