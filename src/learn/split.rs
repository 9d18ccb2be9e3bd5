//! Folds that respect classes and near-duplicates.

use std::collections::BTreeMap;

/// Most folds used.
pub const MAX_FOLDS: usize = 5;

/// Deals groups of near-duplicates into folds, class by class, largest groups first, each
/// to the fold that has least of the class: no group is split, and every fold has its share
/// of every class. Returns the number of folds and the fold of each picture.
///
/// A class with a single group is never held out (`None`): without it in training, nothing
/// could be right. There are no folds (0) if no class has two groups.
pub fn folds(labels: &[u32], groups: &[u32], seed: u64) -> (usize, Vec<Option<usize>>) {
    let mut members = BTreeMap::<u32, Vec<usize>>::new();
    for (i, group) in groups.iter().enumerate() {
        members.entry(*group).or_default().push(i);
    }
    // A group that spans classes (the same picture under two names) goes by its first.
    let mut by_class = BTreeMap::<u32, Vec<&Vec<usize>>>::new();
    for pictures in members.values() {
        by_class.entry(labels[pictures[0]]).or_default().push(pictures);
    }
    let most = by_class.values().map(Vec::len).max().unwrap_or(0);
    let count = if most < 2 { 0 } else { most.min(MAX_FOLDS) };
    let mut fold = vec![None; labels.len()];
    let mut total = vec![0usize; count];
    for (class, mut groups) in by_class {
        if groups.len() < 2 || count == 0 {
            continue;
        }
        groups.sort_by_key(|g| (std::cmp::Reverse(g.len()), mix(seed ^ u64::from(class) << 32 ^ g[0] as u64)));
        let mut of_class = vec![0usize; count];
        for pictures in groups {
            let least = (0..count).min_by_key(|f| (of_class[*f], total[*f])).unwrap_or(0);
            of_class[least] += pictures.len();
            total[least] += pictures.len();
            pictures.iter().for_each(|p| fold[*p] = Some(least));
        }
    }
    (count, fold)
}

/// SplitMix64's finaliser (Steele et al. 2014): shuffles without keeping state.
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn single_groups_stay_in_training() {
        let (count, fold) = folds(&[0, 0, 1, 1], &[0, 1, 2, 2], 1);
        assert_eq!(count, 2);
        assert!(fold[0].is_some() && fold[1].is_some() && fold[0] != fold[1]);
        assert_eq!(fold[2..], [None, None]);
        assert_eq!(folds(&[0, 1], &[0, 1], 1).0, 0);
        assert_eq!(folds(&[], &[], 1), (0, vec![]));
    }

    proptest! {
        #[test]
        fn groups_stay_whole_and_classes_are_spread(
            pictures in prop::collection::vec((0u32..4, 0u32..3), 1..120), seed: u64,
        ) {
            let labels: Vec<u32> = pictures.iter().map(|p| p.0).collect();
            // Consecutive pictures of a class sometimes share a group.
            let mut next = 0;
            let mut last = BTreeMap::new();
            let groups: Vec<u32> = pictures.iter().map(|(class, joins)| {
                if *joins > 0 || !last.contains_key(class) { next += 1; last.insert(*class, next); }
                last[class]
            }).collect();
            let (count, fold) = folds(&labels, &groups, seed);
            for i in 0..labels.len() {
                prop_assert!(fold[i].is_none_or(|f| f < count));
                for j in 0..labels.len() {
                    if groups[i] == groups[j] { prop_assert_eq!(fold[i], fold[j]); }
                }
            }
            // Whatever fold is held out, every class is still in training.
            for f in 0..count {
                for class in &labels {
                    prop_assert!((0..labels.len()).any(|i| labels[i] == *class && fold[i] != Some(f)));
                }
            }
        }
    }
}
