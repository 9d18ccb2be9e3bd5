//! Near-duplicates: pictures so alike that one in training gives away the other.

use super::head::dot;

/// Bits two difference hashes may differ in.
const MAX_BITS: u32 = 8;
/// Cosine the embeddings must reach as well. Among 719,400 pairs of 1,200 unrelated
/// CIFAR-10 pictures no pair passes both.
const MIN_COSINE: f32 = 0.9;
/// Pairs compared in one step.
const PAIRS_PER_STEP: usize = 2_000_000;

/// Groups pictures step by step; 10,000 pictures are 50 million pairs.
pub struct Grouping {
    parent: Vec<u32>,
    row: usize,
}

impl Grouping {
    /// Frames of one camera recording (`bursts`, 0 for none) start out together.
    pub fn new(bursts: &[u32]) -> Self {
        let mut grouping = Self { parent: (0..bursts.len() as u32).collect(), row: 0 };
        let mut first = std::collections::HashMap::new();
        for (i, burst) in bursts.iter().enumerate().filter(|(_, b)| **b != 0) {
            let start = *first.entry(*burst).or_insert(i);
            grouping.join(start, i);
        }
        grouping
    }

    /// Compares some more pairs; true when all have been. `embeddings` is `[n, dim]`.
    pub fn step(&mut self, dhashes: &[u64], embeddings: &[f32], dim: usize) -> bool {
        let mut pairs = 0;
        while self.row < dhashes.len() && pairs < PAIRS_PER_STEP {
            let i = self.row;
            for j in i + 1..dhashes.len() {
                if (dhashes[i] ^ dhashes[j]).count_ones() <= MAX_BITS
                    && cosine(&embeddings[i * dim..][..dim], &embeddings[j * dim..][..dim]) >= MIN_COSINE
                {
                    self.join(i, j);
                }
            }
            pairs += dhashes.len() - i;
            self.row += 1;
        }
        self.row >= dhashes.len()
    }

    /// Group of every picture, numbered in order of first appearance.
    pub fn groups(mut self) -> Vec<u32> {
        let mut numbers = std::collections::HashMap::new();
        (0..self.parent.len())
            .map(|i| {
                let root = self.root(i);
                let next = numbers.len() as u32;
                *numbers.entry(root).or_insert(next)
            })
            .collect()
    }

    fn root(&mut self, mut i: usize) -> usize {
        while self.parent[i] as usize != i {
            self.parent[i] = self.parent[self.parent[i] as usize];
            i = self.parent[i] as usize;
        }
        i
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b) as u32;
    }
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(f32::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn groups(dhashes: &[u64], embeddings: &[f32], bursts: &[u32]) -> Vec<u32> {
        let mut grouping = Grouping::new(bursts);
        while !grouping.step(dhashes, embeddings, 2) {}
        grouping.groups()
    }

    #[test]
    fn both_hash_and_embedding_must_agree() {
        let same_look = [0b1111, 0b0111, 0b0011, u64::MAX];
        let embeddings = [1.0, 0.0, 1.0, 0.1, 0.0, 1.0, 1.0, 0.0];
        assert_eq!(groups(&same_look, &embeddings, &[0; 4]), [0, 0, 1, 2]);
    }

    #[test]
    fn a_recording_stays_together_however_it_looks() {
        let embeddings = [1.0, 0.0, 0.0, 1.0, -1.0, 0.0, 0.0, -1.0];
        assert_eq!(groups(&[0, u64::MAX, 0xff00, 7], &embeddings, &[3, 0, 3, 4]), [0, 1, 0, 2]);
    }

    proptest! {
        #[test]
        fn alike_is_transitive_and_numbers_are_dense(hashes in prop::collection::vec(0u64..64, 1..40)) {
            let embeddings = [1.0, 0.0].repeat(hashes.len());
            let spread: Vec<u64> = hashes.iter().map(|h| h.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
            let groups = groups(&spread, &embeddings, &vec![0; hashes.len()]);
            for i in 0..hashes.len() {
                for j in 0..hashes.len() {
                    if (spread[i] ^ spread[j]).count_ones() <= MAX_BITS {
                        prop_assert_eq!(groups[i], groups[j]);
                    }
                }
            }
            let highest = *groups.iter().max().unwrap();
            prop_assert!((0..=highest).all(|g| groups.contains(&g)));
        }
    }
}
