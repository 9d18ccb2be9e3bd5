//! Which pictures are held out: the same ones for everything that is compared, page and engines alike.

use crate::learn::split;
use std::collections::{BTreeMap, BTreeSet};

/// Share of the pictures that is held out, of those that can be.
const SHARE: f64 = 0.4;
/// From this many groups of the smallest class on, a smaller share is enough.
const PLENTY: usize = 50;
const SHARE_OF_PLENTY: f64 = 0.2;

/// For every picture whether it is held out, given its class and its group of near-duplicates (`[n]` each):
/// whole folds of [`split::folds`], so no group is on both sides and every class keeps a group to train on.
pub fn held_out(labels: &[u32], groups: &[u32], seed: u64) -> Vec<bool> {
    let mut by_class = BTreeMap::<u32, BTreeSet<u32>>::new();
    labels.iter().zip(groups).for_each(|(label, group)| {
        by_class.entry(*label).or_default().insert(*group);
    });
    let smallest = by_class.values().map(BTreeSet::len).min().unwrap_or(0);
    let share = if smallest >= PLENTY { SHARE_OF_PLENTY } else { SHARE };
    let (folds, fold_of) = split::folds(labels, groups, seed);
    let held = ((folds as f64 * share).round() as usize).max(1);
    fold_of.into_iter().map(|fold| fold.is_some_and(|f| f < held)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_fifths_of_few_and_one_fifth_of_many() {
        let held = |each: u32| {
            let labels: Vec<u32> = (0..2 * each).map(|i| i % 2).collect();
            let groups: Vec<u32> = (0..2 * each).collect();
            held_out(&labels, &groups, 3).iter().filter(|h| **h).count()
        };
        assert_eq!((held(15), held(60), held(2)), (12, 24, 2));
        assert_eq!(held_out(&[0, 1], &[0, 1], 3), [false, false]);
    }
}
