//! When to spend labels, and what came of it. Plain data: the page names it.

use crate::shift::repair::Strategy;
use serde::{Deserialize, Serialize};

/// When field pictures are labelled and the head is trained again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum When {
    Never,
    /// Every so many weeks, at least 1.
    Every(usize),
    /// In weeks in which the detector rings.
    OnAlarm,
}

/// What is done about a changing world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub when: When,
    /// Pictures labelled each time.
    pub each: usize,
    /// Pictures labelled in the year at most.
    pub budget: usize,
    pub strategy: Strategy,
    /// Train on the lab's pictures again each time. Without them the head forgets the lab.
    pub keep_lab: bool,
}

/// What all policies share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Chance that a bought label is wrong, 0..=1.
    pub label_noise: f64,
    /// Level at which the detector rings, between 0 and 1. A permutation test can say no less
    /// than one over its permutations and one, so below 0.005 most never ring.
    pub level: f64,
    /// L2 of the head, positive; the lab's own choice is a good one.
    pub lambda: f32,
    pub seed: u64,
}

/// One policy's week. All figures are of the head that was in use during the week, before it was
/// trained again at its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Week {
    /// From 0.
    pub week: usize,
    /// Share of the week's pictures classified rightly, 0..=1: what only the simulator knows.
    pub accuracy: f64,
    /// The same, estimated without the week's labels.
    pub estimated: f64,
    /// Share of the lab's held-out pictures classified rightly, 0..=1: falls when the head forgets.
    pub lab_accuracy: f64,
    /// The detector's p-value for the week against what the head was last trained for.
    pub p_value: f64,
    pub alarm: bool,
    /// Pictures of the week that were labelled, for the next week's head; empty where it stays.
    pub labelled: Vec<usize>,
    /// Labels spent so far, this week's included.
    pub spent: usize,
}

impl Settings {
    /// # Errors
    /// A sentence: a number out of range.
    pub fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.label_noise) {
            return Err("The share of wrong labels lies between 0 and 1.".into());
        }
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err("The level of an alarm lies between 0 and 1.".into());
        }
        if self.lambda > 0.0 && self.lambda.is_finite() {
            Ok(())
        } else {
            Err("The regularisation is a positive number.".into())
        }
    }
}

impl Policy {
    /// # Errors
    /// A sentence: every zero weeks.
    pub fn check(&self) -> Result<(), String> {
        match self.when {
            When::Every(0) => Err("The shortest interval for training again is one week.".into()),
            _ => Ok(()),
        }
    }

    /// Is a week's end, counted from 0, one at which to label?
    pub fn due(&self, week: usize, alarm: bool) -> bool {
        match self.when {
            When::Never => false,
            When::Every(weeks) => (week + 1).is_multiple_of(weeks.max(1)),
            When::OnAlarm => alarm,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy =
        Policy { when: When::Every(4), each: 20, budget: 100, strategy: Strategy::Random, keep_lab: true };

    #[test]
    fn policies_know_their_weeks() {
        let due: Vec<usize> = (0..12).filter(|week| POLICY.due(*week, true)).collect();
        assert_eq!(due, [3, 7, 11]);
        assert!(!Policy { when: When::Never, ..POLICY }.due(3, true));
        let on_alarm = Policy { when: When::OnAlarm, ..POLICY };
        assert!(on_alarm.due(0, true) && !on_alarm.due(3, false));
    }

    #[test]
    fn impossible_numbers_are_refused() {
        assert!(POLICY.check().is_ok() && Policy { when: When::Every(0), ..POLICY }.check().is_err());
        let fine = Settings { label_noise: 0.1, level: 0.05, lambda: 0.1, seed: 1 };
        assert!(fine.check().is_ok());
        for bad in [
            Settings { label_noise: -0.1, ..fine },
            Settings { label_noise: f64::NAN, ..fine },
            Settings { level: 0.0, ..fine },
            Settings { lambda: 0.0, ..fine },
            Settings { lambda: f32::INFINITY, ..fine },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
