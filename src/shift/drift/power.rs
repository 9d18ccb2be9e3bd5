//! How far a detector can be trusted with so many pictures: how often it rings without a shift
//! (false alarms) and at the shift at hand (power), measured by drawing samples again and again.

use super::{Detector, Random, Refusal, Sample, Side};
use crate::learn::metrics::{self, Interval};

/// What is drawn against the lab's draw.
#[derive(Debug, Clone, Copy)]
pub enum Against<'a> {
    /// Other pictures of the lab: every alarm is false.
    Lab,
    /// Pictures of this field: every alarm is right.
    Field(&'a Sample),
}

/// A measurement under way, a trial a step, so that it can be shown growing and be cancelled.
pub struct Measurement<'a> {
    detector: &'a dyn Detector,
    lab: &'a Sample,
    against: Against<'a>,
    size: usize,
    level: f64,
    random: Random,
    alarms: usize,
    trials: usize,
}

impl<'a> Measurement<'a> {
    /// Trials draw `size` pictures a side without repetition and count alarms at `level` (0..1,
    /// by custom 0.05). [`Against::Lab`] splits the draw of `2 * size` lab pictures in two.
    ///
    /// # Errors
    /// [`Refusal::TooFew`] where there are not so many pictures, [`Refusal::Setting`] for a level
    /// outside 0..1.
    pub fn new(
        detector: &'a dyn Detector,
        lab: &'a Sample,
        against: Against<'a>,
        size: usize,
        level: f64,
        seed: u64,
    ) -> Result<Self, Refusal> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Refusal::Setting { what: "The level of an alarm lies between 0 and 1.".into() });
        }
        let enough = |side, sample: &Sample, need| match sample.count() {
            have if have < need => Err(Refusal::TooFew { side, have, need }),
            _ => Ok(()),
        };
        match against {
            Against::Lab => enough(Side::Lab, lab, 2 * size)?,
            Against::Field(field) => {
                enough(Side::Lab, lab, size)?;
                enough(Side::Field, field, size)?;
            }
        }
        Ok(Self { detector, lab, against, size, level, random: Random::new(seed), alarms: 0, trials: 0 })
    }

    /// One trial.
    ///
    /// # Errors
    /// What [`Detector::test`] refuses.
    pub fn step(&mut self) -> Result<(), Refusal> {
        let (lab, field) = match self.against {
            Against::Lab => {
                let drawn = self.random.choose(self.lab.count(), 2 * self.size);
                let (one, other) = drawn.split_at(self.size);
                (self.lab.select(one)?, self.lab.select(other)?)
            }
            Against::Field(field) => (
                self.lab.select(&self.random.choose(self.lab.count(), self.size))?,
                field.select(&self.random.choose(field.count(), self.size))?,
            ),
        };
        let verdict = self.detector.test(&lab, &field, self.random.seed())?;
        self.alarms += usize::from(verdict.alarm(self.level));
        self.trials += 1;
        Ok(())
    }

    /// Share of trials with an alarm, 0..=1, with Wilson's 95 % interval for the number of
    /// trials; `None` before the first.
    pub fn rate(&self) -> Option<Interval> {
        metrics::wilson(self.alarms as f64, self.trials)
    }
}

/// Share of `trials` (at least 1) in which two halves of a draw of `2 * size` lab pictures ring
/// the alarm: what the level promises, if the detector keeps its promise.
///
/// # Errors
/// [`Measurement::new`], [`Measurement::step`]; [`Refusal::Setting`] without trials.
pub fn false_alarms(
    detector: &dyn Detector,
    lab: &Sample,
    size: usize,
    trials: usize,
    level: f64,
    seed: u64,
) -> Result<Interval, Refusal> {
    measure(Measurement::new(detector, lab, Against::Lab, size, level, seed)?, trials)
}

/// Share of `trials` (at least 1) in which `size` pictures a side are enough to notice the shift
/// between `lab` and `field`.
///
/// # Errors
/// [`Measurement::new`], [`Measurement::step`]; [`Refusal::Setting`] without trials.
pub fn power(
    detector: &dyn Detector,
    lab: &Sample,
    field: &Sample,
    size: usize,
    trials: usize,
    level: f64,
    seed: u64,
) -> Result<Interval, Refusal> {
    measure(Measurement::new(detector, lab, Against::Field(field), size, level, seed)?, trials)
}

fn measure(mut measurement: Measurement, trials: usize) -> Result<Interval, Refusal> {
    (0..trials).try_for_each(|_| measurement.step())?;
    measurement.rate().ok_or_else(|| Refusal::Setting { what: "A rate needs at least one trial.".into() })
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::{classified, normal};
    use super::super::{ALL, mmd::Mmd};
    use super::*;

    #[test]
    fn every_detector_keeps_its_promise() {
        let lab = classified(400, &[0.2; 5], 3);
        for detector in ALL {
            let rate = false_alarms(detector, &lab, 40, 300, 0.05, 1).unwrap();
            println!("{}: {:.3}", detector.name(), rate.value);
            assert!(rate.value <= 0.095, "{}: {rate:?}", detector.name());
        }
    }

    #[test]
    fn power_grows_with_shift_and_size() {
        let lab = normal(200, 8, 0.0, 1);
        let at = |shift, size| power(&Mmd, &lab, &normal(200, 8, shift, 2), size, 60, 0.05, 1).unwrap().value;
        assert!(at(0.2, 20) + 0.2 < at(0.6, 20));
        assert!(at(0.3, 15) + 0.2 < at(0.3, 80));
    }

    #[test]
    fn impossible_draws_are_refused() {
        let lab = normal(20, 2, 0.0, 1);
        let refused = false_alarms(&Mmd, &lab, 11, 5, 0.05, 1);
        assert_eq!(refused, Err(Refusal::TooFew { side: Side::Lab, have: 20, need: 22 }));
        assert!(matches!(power(&Mmd, &lab, &lab, 21, 5, 0.05, 1), Err(Refusal::TooFew { .. })));
        assert!(matches!(false_alarms(&Mmd, &lab, 10, 0, 0.05, 1), Err(Refusal::Setting { .. })));
        assert!(matches!(false_alarms(&Mmd, &lab, 10, 5, f64::NAN, 1), Err(Refusal::Setting { .. })));
        assert!(matches!(false_alarms(&Mmd, &lab, 2, 5, 0.05, 1), Err(Refusal::TooFew { need: 5, .. })));
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        let lab = normal(60, 3, 0.0, 1);
        let once = || false_alarms(&Mmd, &lab, 20, 30, 0.3, 9).unwrap();
        assert_eq!(once(), once());
    }
}
