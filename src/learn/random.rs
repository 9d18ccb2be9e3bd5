//! Seeded chance for draws, permutations and starts: the same on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

pub struct Random(ChaCha8Rng);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Uniform in 0..1, 1 excluded.
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number below `n`, every one as likely as another up to one in 2^32 (multiply and
    /// shift, Lemire 2019, without the correction).
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// From the standard normal distribution (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(1.0 - self.uniform())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// A seed for something that draws for itself.
    pub fn seed(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Puts the first `count` places in random order, drawn from all (Fisher and Yates 1938,
    /// stopped early); the rest is what was not drawn.
    pub fn shuffle_first(&mut self, items: &mut [usize], count: usize) {
        for i in 0..count.min(items.len()) {
            let j = i + self.below(items.len() - i);
            items.swap(i, j);
        }
    }

    /// `count` different numbers below `n` (all of them where there are fewer), in random order.
    pub fn choose(&mut self, n: usize, count: usize) -> Vec<usize> {
        let mut items: Vec<usize> = (0..n).collect();
        self.shuffle_first(&mut items, count);
        items.truncate(count);
        items
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_number_comes_as_often() {
        let mut random = Random::new(1);
        let mut counts = [0; 6];
        (0..60_000).for_each(|_| counts[random.below(6)] += 1);
        assert!(counts.iter().all(|c: &i32| (c - 10_000).abs() < 400), "{counts:?}");
        let mean = (0..10_000).map(|_| random.uniform()).sum::<f64>() / 1e4;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
        let normal: Vec<f64> = (0..10_000).map(|_| random.normal()).collect();
        let square = normal.iter().map(|x| x * x).sum::<f64>() / 1e4;
        assert!((normal.iter().sum::<f64>() / 1e4).abs() < 0.04 && (square - 1.0).abs() < 0.06, "{square}");
    }

    proptest! {
        #[test]
        fn a_choice_has_no_repeats(n in 0usize..50, count in 0usize..60, seed: u64) {
            let mut chosen = Random::new(seed).choose(n, count);
            prop_assert_eq!(chosen.len(), count.min(n));
            chosen.sort_unstable();
            chosen.dedup();
            prop_assert!(chosen.len() == count.min(n) && chosen.iter().all(|i| *i < n));
        }
    }
}
