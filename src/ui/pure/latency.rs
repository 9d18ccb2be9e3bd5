//! How long an embedding takes on this device: from real work, after a warm-up.

use std::collections::VecDeque;

/// Embeddings left out after the engine starts, while the browser still optimises its code.
const WARM_UP: usize = 12;
/// Embeddings remembered.
const KEPT: usize = 64;

/// Times of the last embeddings.
#[derive(Debug, Clone, Default)]
pub struct Latency {
    seen: usize,
    times: VecDeque<f32>,
}

/// What the times say, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    pub median: f32,
    /// A quarter of the embeddings were faster than the first, a quarter slower than the second.
    pub quartiles: (f32, f32),
    /// Embeddings the numbers rest on.
    pub n: usize,
}

impl Latency {
    /// Takes note of one embedding.
    pub fn record(&mut self, ms: f32) {
        self.seen += 1;
        if self.seen > WARM_UP && ms.is_finite() {
            self.times.push_back(ms);
            let excess = self.times.len().saturating_sub(KEPT);
            self.times.drain(..excess);
        }
    }

    /// A new engine has to warm up again.
    pub fn restart(&mut self) {
        self.seen = 0;
    }

    /// `None` until the warm-up is over.
    pub fn spread(&self) -> Option<Spread> {
        let mut sorted: Vec<f32> = self.times.iter().copied().collect();
        sorted.sort_by(f32::total_cmp);
        let at = |share: f32| sorted.get((share * (sorted.len().max(1) - 1) as f32).round() as usize).copied();
        Some(Spread { median: at(0.5)?, quartiles: (at(0.25)?, at(0.75)?), n: sorted.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slow_start_is_left_out_and_old_times_are_forgotten() {
        let mut latency = Latency::default();
        (0..WARM_UP).for_each(|_| latency.record(500.0));
        assert_eq!(latency.spread(), None);
        (1..=5).for_each(|ms| latency.record(ms as f32));
        assert_eq!(latency.spread(), Some(Spread { median: 3.0, quartiles: (2.0, 4.0), n: 5 }));
        latency.restart();
        (0..WARM_UP).for_each(|_| latency.record(500.0));
        (0..2 * KEPT).for_each(|_| latency.record(7.0));
        assert_eq!(latency.spread(), Some(Spread { median: 7.0, quartiles: (7.0, 7.0), n: KEPT }));
    }
}
