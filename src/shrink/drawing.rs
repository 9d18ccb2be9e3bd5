//! What is drawn of a network: histograms small enough to send, with the range that eight bits keep, and boxes.

use serde::{Deserialize, Serialize};

/// Bars of a drawing.
pub const BARS: usize = 48;

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Drawing {
    /// Smallest and largest number seen: the ends of the histogram.
    pub low: f32,
    pub high: f32,
    /// How many numbers, in equal steps from `low` to `high`.
    pub bars: Vec<u64>,
    /// What the integers can say; beyond it numbers are clipped.
    pub kept: (f32, f32),
    /// Width of a step; with a scale for each channel the finest and the coarsest.
    pub scales: (f32, f32),
}

impl Drawing {
    /// A histogram of `values`; what is not finite is left out.
    pub fn of(values: &[f32], kept: (f32, f32), scales: (f32, f32)) -> Self {
        let finite = || values.iter().copied().filter(|v| v.is_finite());
        let (low, high) = finite().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if low > high {
            return Self { kept, scales, ..Self::default() };
        }
        let mut bars = vec![0; BARS];
        // Halves first: the difference of two large numbers may be infinite.
        let half = (high / 2.0 - low / 2.0).max(f32::MIN_POSITIVE);
        for v in finite() {
            let at = ((v / 2.0 - low / 2.0) / half * BARS as f32) as usize;
            bars[at.min(BARS - 1)] += 1;
        }
        Self { low, high, bars, kept, scales }
    }

    /// Share of the numbers in bars that lie wholly outside what is kept, 0..=1.
    pub fn clipped(&self) -> f32 {
        let step = (self.high - self.low) / self.bars.len().max(1) as f32;
        let slack = step * 0.5;
        let outside = |at: usize| {
            let (a, b) = (self.low + step * at as f32, self.low + step * (at + 1) as f32);
            b < self.kept.0 - slack || a > self.kept.1 + slack
        };
        let all: u64 = self.bars.iter().sum();
        let out: u64 = self.bars.iter().enumerate().filter(|(at, _)| outside(*at)).map(|(_, n)| n).sum();
        out as f32 / all.max(1) as f32
    }
}

/// A box in the drawing of the network.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Node {
    pub name: String,
    pub op: String,
    /// Places of the boxes it reads, all before its own.
    pub reads: Vec<usize>,
    /// It computes in integers.
    pub quantized: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_finite_number_is_in_one_bar(values: Vec<f32>) {
            let drawing = Drawing::of(&values, (-1.0, 1.0), (0.1, 0.1));
            let finite = values.iter().filter(|v| v.is_finite()).count() as u64;
            prop_assert_eq!(drawing.bars.iter().sum::<u64>(), finite);
        }
    }

    #[test]
    fn what_is_cut_off_is_counted() {
        let values: Vec<f32> = (0..100).map(|i| i as f32).collect();
        assert_eq!(Drawing::of(&values, (0.0, 99.0), (1.0, 1.0)).clipped(), 0.0);
        let half = Drawing::of(&values, (0.0, 49.0), (1.0, 1.0)).clipped();
        assert!((half - 0.5).abs() < 0.05, "{half}");
    }
}
