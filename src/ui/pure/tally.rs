//! Right answers, counted by place and class as they stream in.

use crate::learn::metrics::{Interval, wilson};
use std::collections::HashSet;

/// Right answers among pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub right: usize,
    pub n: usize,
}

impl Tally {
    pub fn add(&mut self, right: bool) {
        self.right += usize::from(right);
        self.n += 1;
    }

    /// Share that is right with its 95 % interval; `None` without pictures.
    pub fn interval(self) -> Option<Interval> {
        wilson(self.right as f64, self.n)
    }

    /// 0..=1; 0 without pictures.
    pub fn share(self) -> f32 {
        self.right as f32 / self.n.max(1) as f32
    }
}

/// Tallies of several places (worlds, degradations), each by class.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    classes: usize,
    tallies: Vec<Tally>,
    /// Pictures counted: a task that is done again tells them again.
    seen: HashSet<(u32, u32)>,
}

impl Sheet {
    pub fn new(places: usize, classes: usize) -> Self {
        Self { classes, tallies: vec![Tally::default(); places * classes], seen: HashSet::new() }
    }

    /// Counts a picture once.
    pub fn add(&mut self, index: u32, place: u32, class: u32, right: bool) {
        let at = place as usize * self.classes + class as usize;
        if (class as usize) < self.classes && at < self.tallies.len() && self.seen.insert((index, place)) {
            self.tallies[at].add(right);
        }
    }

    pub fn of(&self, place: usize, class: usize) -> Tally {
        self.tallies.get(place * self.classes + class).copied().unwrap_or_default()
    }

    /// All classes together.
    pub fn at(&self, place: usize) -> Tally {
        let all = (0..self.classes).map(|class| self.of(place, class));
        all.fold(Tally::default(), |a, b| Tally { right: a.right + b.right, n: a.n + b.n })
    }

    /// Pictures counted so far, in all places.
    pub fn counted(&self) -> usize {
        self.seen.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_counts_once() {
        let mut sheet = Sheet::new(2, 3);
        sheet.add(7, 1, 2, true);
        sheet.add(7, 1, 2, true);
        sheet.add(8, 1, 0, false);
        sheet.add(9, 5, 0, true);
        sheet.add(9, 0, 9, true);
        assert_eq!((sheet.at(1), sheet.of(1, 2)), (Tally { right: 1, n: 2 }, Tally { right: 1, n: 1 }));
        assert_eq!((sheet.at(0), sheet.counted()), (Tally::default(), 2));
    }
}
