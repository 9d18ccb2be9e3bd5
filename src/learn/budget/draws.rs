//! Which pictures are labelled in each repetition.
//!
//! Everything follows from the labels, the groups of near-duplicates and a seed, so that engines that know
//! nothing of each other measure on the same pictures.

use super::held_out;
use crate::learn::random::Random;
use std::collections::BTreeMap;

/// Labelled pictures of each class, as far as the data go.
const SIZES: [usize; 13] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];
/// The last size is where the data end, unless it would crowd the one before.
const CROWDED: f64 = 1.2;

/// A division of the pictures, the same for everything that is measured on them.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Pictures never trained on, in order.
    pub held_out: Vec<usize>,
    /// Sizes: labelled pictures of each class, ascending, at least two.
    pub sizes: Vec<usize>,
    /// `[class][group][picture]`: what may be trained on.
    pool: Vec<Vec<Vec<usize>>>,
    seed: u64,
}

impl Plan {
    /// `labels` and `groups` `[n]`: the class of each picture, below `classes`, and its group of near-duplicates.
    ///
    /// # Errors
    /// A sentence: the numbers do not fit together, or there is too little to hold anything out.
    pub fn new(labels: &[u32], groups: &[u32], classes: usize, seed: u64) -> Result<Self, String> {
        if labels.len() != groups.len() || labels.iter().any(|l| *l as usize >= classes) {
            return Err("The pictures and their classes do not fit together.".into());
        }
        if classes < 2 {
            return Err("A curve needs at least two classes with pictures.".into());
        }
        let mut pool = vec![BTreeMap::<u32, Vec<usize>>::new(); classes];
        let mut held_out = Vec::new();
        for (picture, held) in held_out::held_out(labels, groups, seed).into_iter().enumerate() {
            if held {
                held_out.push(picture);
            } else {
                pool[labels[picture] as usize].entry(groups[picture]).or_default().push(picture);
            }
        }
        let pool: Vec<Vec<Vec<usize>>> = pool.into_iter().map(|groups| groups.into_values().collect()).collect();
        let most = pool.iter().map(|groups| groups.iter().map(Vec::len).sum::<usize>()).min().unwrap_or(0);
        if held_out.is_empty() || most < 2 {
            return Err("A curve needs at least four different pictures of every class: some are held out, and the \
                        others are labelled one after the other. Recordings count once."
                .into());
        }
        let mut sizes: Vec<usize> = SIZES.into_iter().filter(|k| *k <= most).collect();
        if sizes.last().is_some_and(|k| most as f64 >= *k as f64 * CROWDED) {
            sizes.push(most);
        }
        Ok(Self { held_out, sizes, pool, seed })
    }

    /// The pictures labelled in repetition `draw`: `per_class` of each class, as unlike as can be (one of
    /// every group of near-duplicates before a second of any). A larger draw holds the smaller ones of its
    /// repetition, so that what differs between two sizes is the pictures added.
    pub fn draw(&self, draw: usize, per_class: usize) -> Vec<usize> {
        let mut chosen = Vec::with_capacity(per_class * self.pool.len());
        for (class, groups) in self.pool.iter().enumerate() {
            let mut random = Random::new(self.seed ^ (draw as u64 + 1) << 20 ^ class as u64);
            let order = random.choose(groups.len(), groups.len());
            let shuffled: Vec<Vec<usize>> = order
                .iter()
                .map(|group| {
                    random
                        .choose(groups[*group].len(), groups[*group].len())
                        .iter()
                        .map(|i| groups[*group][*i])
                        .collect()
                })
                .collect();
            let most = shuffled.iter().map(Vec::len).max().unwrap_or(0);
            let in_turn = (0..most).flat_map(|turn| shuffled.iter().filter_map(move |group| group.get(turn)));
            chosen.extend(in_turn.take(per_class).copied());
        }
        chosen
    }

    /// Everything that may be trained on, labelled or not.
    pub fn pool(&self) -> impl Iterator<Item = usize> + '_ {
        self.pool.iter().flatten().flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_go_as_far_as_the_data() {
        let labels: Vec<u32> = (0..120).map(|i| i % 8).collect();
        let groups: Vec<u32> = (0..120).collect();
        let plan = Plan::new(&labels, &groups, 8, 1).unwrap();
        assert_eq!((plan.sizes.as_slice(), plan.held_out.len()), (&[1, 2, 5, 9][..], 48));
        assert_eq!(plan.pool().count(), 72);
    }

    #[test]
    fn too_little_is_refused_in_words() {
        for (labels, groups, classes) in [
            (vec![], vec![], 2),
            (vec![0, 1], vec![0, 1], 2),
            (vec![0; 9], (0..9).collect(), 1),
            (vec![0, 1], vec![0], 2),
            (vec![0, 9], vec![0, 1], 2),
        ] {
            assert!(Plan::new(&labels, &groups, classes, 1).unwrap_err().ends_with('.'));
        }
        // One recording a class cannot be divided.
        assert!(Plan::new(&[0, 0, 0, 1, 1, 1], &[0, 0, 0, 1, 1, 1], 2, 1).is_err());
    }

    proptest! {
        #[test]
        fn draws_are_balanced_nested_and_leak_no_group(
            pictures in prop::collection::vec((0u32..3, 0u32..3), 24..120), seed: u64, draw in 0usize..10,
        ) {
            let labels: Vec<u32> = pictures.iter().map(|p| p.0).collect();
            let mut last = [0u32; 3];
            let mut next = 0;
            let groups: Vec<u32> = pictures.iter().map(|(class, joins)| {
                if *joins > 0 || last[*class as usize] == 0 { next += 1; last[*class as usize] = next; }
                last[*class as usize]
            }).collect();
            let Ok(plan) = Plan::new(&labels, &groups, 3, seed) else { return Ok(()) };
            let mut before = Vec::new();
            for size in &plan.sizes {
                let chosen = plan.draw(draw, *size);
                prop_assert_eq!(&chosen, &plan.draw(draw, *size));
                for class in 0..3 {
                    prop_assert_eq!(chosen.iter().filter(|i| labels[**i] == class).count(), *size);
                }
                let mut distinct = chosen.clone();
                distinct.sort_unstable();
                distinct.dedup();
                prop_assert_eq!(distinct.len(), chosen.len());
                for held in &plan.held_out {
                    prop_assert!(chosen.iter().all(|i| groups[*i] != groups[*held]));
                }
                prop_assert!(before.iter().all(|i| chosen.contains(i)));
                before = chosen;
            }
        }
    }
}
