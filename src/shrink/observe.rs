//! What is remembered of a tensor while calibration images stream by: a histogram, never
//! the numbers themselves.

use super::scheme::{Activations, QParams};
use serde::{Deserialize, Serialize};
use wide::f32x4;

/// Bins of a histogram over -limit..limit. 64 KiB a tensor.
pub const BINS: usize = 8192;

/// How the range of an activation is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Smallest to largest number seen.
    MinMax,
    /// This share of the numbers, in percent, inside the range; the rest is cut off half at each end.
    Percentile(f32),
    /// Least Kullback-Leibler divergence of what remains (Migacz 2017, TensorRT).
    Entropy,
    /// Least mean squared error.
    Mse,
}

/// Histogram whose limit doubles, bins merging in pairs, when a larger number arrives: one
/// pass is enough, and the order of images does not matter beyond where the limit starts.
#[derive(Debug, Clone)]
pub struct Observer {
    bins: Vec<u64>,
    limit: f32,
    pub min: f32,
    pub max: f32,
    /// Finite numbers seen.
    pub count: u64,
    /// Numbers seen that were NaN or infinite.
    pub not_finite: u64,
    /// Sum per channel, for bias correction; empty where the channels changed between images.
    sums: Vec<f64>,
    per_channel: u64,
}

impl Default for Observer {
    fn default() -> Self {
        Self {
            bins: vec![0; BINS],
            limit: 0.0,
            min: f32::INFINITY,
            max: f32::NEG_INFINITY,
            count: 0,
            not_finite: 0,
            sums: Vec::new(),
            per_channel: 0,
        }
    }
}

impl Observer {
    /// Takes one image's tensor in. Channels are axis 1, or the last axis for fewer than four.
    pub fn add(&mut self, shape: &[usize], values: &[f32]) {
        let (low, high, finite) = extent(values);
        self.not_finite += values.len() as u64 - finite;
        if finite == 0 {
            return;
        }
        self.min = self.min.min(low);
        self.max = self.max.max(high);
        self.count += finite;
        self.grow(low.abs().max(high.abs()));
        self.count_bins(values, finite == values.len() as u64);
        self.add_channels(shape, values);
    }

    /// Every number into its bin. Four lanes count for themselves: after ReLU half of all numbers are zeros, and
    /// one counter would wait for itself at each of them.
    fn count_bins(&mut self, values: &[f32], all_finite: bool) {
        let (half, per_unit) = ((BINS / 2) as f32, (BINS / 2) as f32 / self.limit);
        let (fours, rest) = if all_finite { values.as_chunks::<4>() } else { (&[][..], values) };
        let mut lanes = vec![[0u32; 4]; if fours.is_empty() { 0 } else { BINS }];
        for four in fours {
            let bins = (f32x4::from(*four) * f32x4::splat(per_unit) + f32x4::splat(half)).trunc_int();
            for (lane, bin) in bins.to_array().into_iter().enumerate() {
                lanes[(bin as usize).min(BINS - 1)][lane] += 1;
            }
        }
        for (bin, lanes) in self.bins.iter_mut().zip(&lanes) {
            *bin += lanes.iter().map(|n| u64::from(*n)).sum::<u64>();
        }
        for v in rest.iter().filter(|v| v.is_finite()) {
            self.bins[((v * per_unit + half) as usize).min(BINS - 1)] += 1;
        }
    }

    fn grow(&mut self, largest: f32) {
        let largest = largest.clamp(1e-30, 1e30);
        if self.limit == 0.0 {
            self.limit = largest;
        }
        while self.limit < largest {
            let mut wider = vec![0; BINS];
            for (at, n) in self.bins.iter().enumerate() {
                wider[BINS / 4 + at / 2] += n;
            }
            self.bins = wider;
            self.limit *= 2.0;
        }
    }

    fn add_channels(&mut self, shape: &[usize], values: &[f32]) {
        let axis = if shape.len() >= 4 { 1 } else { shape.len().saturating_sub(1) };
        let Some(&channels) = shape.get(axis) else { return };
        if channels == 0 || channels > 1 << 16 {
            return;
        }
        let inner: usize = shape[axis + 1..].iter().product::<usize>().max(1);
        self.sums.resize(channels, 0.0);
        for (at, run) in values.chunks(inner).enumerate() {
            self.sums[at % channels] += f64::from(sum(run));
        }
        self.per_channel += (values.len() / channels) as u64;
    }

    /// Mean of each channel over everything seen.
    pub fn channel_means(&self) -> Vec<f32> {
        self.sums.iter().map(|s| (s / self.per_channel.max(1) as f64) as f32).collect()
    }

    /// Numbers in bins of `width`: (middle of the bin, count), without the empty ones.
    fn occupied(&self) -> impl Iterator<Item = (f32, u64)> + '_ {
        let width = 2.0 * self.limit / BINS as f32;
        let middle = move |at: usize| (at as f32 + 0.5) * width - self.limit;
        self.bins.iter().enumerate().filter(|(_, n)| **n > 0).map(move |(at, n)| (middle(at), *n))
    }

    /// The histogram in `bins` equal steps of what was seen, from `min` to `max`, for drawing.
    pub fn drawing(&self, bins: usize) -> Vec<u64> {
        let mut out = vec![0; bins.max(1)];
        let span = (self.max - self.min).max(f32::MIN_POSITIVE);
        for (x, n) in self.occupied() {
            let at = ((x - self.min) / span * bins as f32).max(0.0) as usize;
            out[at.min(bins.max(1) - 1)] += n;
        }
        out
    }

    /// The range the method chooses, always inside `min..=max`. (0, 0) where nothing was seen.
    pub fn range(&self, method: Method, kind: Activations) -> (f32, f32) {
        if self.count == 0 {
            return (0.0, 0.0);
        }
        let (low, high) = match method {
            Method::MinMax => (self.min, self.max),
            Method::Percentile(percent) => self.percentile(percent),
            Method::Mse => self.search(kind, |q| self.squared_error(q)),
            Method::Entropy => self.search(kind, |q| self.divergence(q)),
        };
        (low.clamp(self.min, self.max), high.clamp(self.min, self.max))
    }

    fn percentile(&self, percent: f32) -> (f32, f32) {
        let cut = f64::from(1.0 - percent.clamp(50.0, 100.0) / 100.0) / 2.0 * self.count as f64;
        let half_bin = self.limit / BINS as f32;
        let mut seen = 0.0;
        let low = self.occupied().find(|(_, n)| {
            seen += *n as f64;
            seen > cut
        });
        let mut seen = 0.0;
        let high = self.occupied().collect::<Vec<_>>().into_iter().rev().find(|(_, n)| {
            seen += *n as f64;
            seen > cut
        });
        (low.map_or(self.min, |l| l.0 - half_bin), high.map_or(self.max, |h| h.0 + half_bin))
    }

    /// Shrinks the range by a hundred steps, both ends by the same share, and keeps the best.
    fn search(&self, kind: Activations, cost: impl Fn(QParams) -> f64) -> (f32, f32) {
        let candidates = (1..=100u16).rev().map(|step| {
            let share = f32::from(step) / 100.0;
            (self.min * share, self.max * share)
        });
        let costed = candidates.map(|(low, high)| (cost(kind.params(low, high)), low, high));
        costed.min_by(|a, b| a.0.total_cmp(&b.0)).map_or((self.min, self.max), |(_, low, high)| (low, high))
    }

    fn squared_error(&self, q: QParams) -> f64 {
        self.occupied().map(|(x, n)| n as f64 * f64::from(x - q.round_trip(x)).powi(2)).sum()
    }

    /// KL(P || Q): P is the histogram with what lies outside moved to the edge bins, Q spreads each
    /// level's mass evenly over the occupied bins that fall into it. The bin of zero counts as
    /// much as its neighbour: after ReLU it holds half of everything, and costs nothing, for zero
    /// is exact in any range.
    fn divergence(&self, q: QParams) -> f64 {
        let levels = (q.high - q.low + 1) as usize;
        let (low, high) = (q.dequantize(q.low) - q.scale / 2.0, q.dequantize(q.high) + q.scale / 2.0);
        let zero = 2.0 * self.limit / BINS as f32;
        let neighbour = self.bins[BINS / 2 + 1];
        let (mut mass, mut bins) = (vec![0.0f64; levels], vec![0.0f64; levels]);
        let mut inside: Vec<(usize, f64)> = Vec::new();
        let (mut below, mut above) = (0.0, 0.0);
        for (x, n) in self.occupied() {
            let n = if x > 0.0 && x < zero { n.min(neighbour.max(1)) } else { n } as f64;
            if x < low {
                below += n;
            } else if x > high {
                above += n;
            } else {
                let level = (q.quantize(x) - q.low) as usize;
                mass[level] += n;
                bins[level] += 1.0;
                inside.push((level, n));
            }
        }
        let kept: f64 = mass.iter().sum();
        let total = kept + below + above;
        let last = inside.len().saturating_sub(1);
        let terms = inside.iter().enumerate().map(|(at, (level, n))| {
            let moved = if at == 0 { below } else { 0.0 } + if at == last { above } else { 0.0 };
            let (p, q) = ((n + moved) / total, mass[*level] / bins[*level] / kept);
            p * (p / q).ln()
        });
        if kept > 0.0 { terms.sum() } else { f64::INFINITY }
    }
}

/// Smallest and largest finite number, and how many are finite.
fn extent(values: &[f32]) -> (f32, f32, u64) {
    let (fours, rest) = values.as_chunks::<4>();
    let (mut low, mut high) = (f32x4::splat(f32::INFINITY), f32x4::splat(f32::NEG_INFINITY));
    // A number times 0 is 0; what is not finite leaves NaN for good.
    let mut nothing = f32x4::splat(0.0);
    for four in fours.iter().map(|four| f32x4::from(*four)) {
        low = low.fast_min(four);
        high = high.fast_max(four);
        nothing += four * f32x4::splat(0.0);
    }
    let slowly = if nothing.to_array() == [0.0; 4] {
        rest
    } else {
        (low, high) = (f32x4::splat(f32::INFINITY), f32x4::splat(f32::NEG_INFINITY));
        values
    };
    let finite = || slowly.iter().copied().filter(|v| v.is_finite());
    let count = values.len() - slowly.len() + finite().count();
    let low = finite().chain(low.to_array()).fold(f32::INFINITY, f32::min);
    let high = finite().chain(high.to_array()).fold(f32::NEG_INFINITY, f32::max);
    (low, high, count as u64)
}

/// The sum as eight partial ones, in an order that is the same on every machine.
fn sum(values: &[f32]) -> f32 {
    let (eights, rest) = values.as_chunks::<8>();
    let mut lanes = [f32x4::splat(0.0); 2];
    for &[a, b, c, d, e, f, g, h] in eights {
        lanes[0] += f32x4::from([a, b, c, d]);
        lanes[1] += f32x4::from([e, f, g, h]);
    }
    (lanes[0] + lanes[1]).to_array().iter().chain(rest).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seen(values: &[f32]) -> Observer {
        let mut observer = Observer::default();
        values.chunks(7).for_each(|c| observer.add(&[1, c.len()], c));
        observer
    }

    #[test]
    fn an_outlier_widens_min_max_only() {
        let mut values: Vec<f32> = (0..20_000).map(|i| (i as f32 * 0.618).fract()).collect();
        values.push(40.0);
        let observer = seen(&values);
        let high = |method| observer.range(method, Activations::Uint8).1;
        assert_eq!(high(Method::MinMax), 40.0);
        assert!(high(Method::Percentile(99.9)) < 1.1);
        assert!(high(Method::Mse) < 41.0);
        assert!(high(Method::Entropy) < 20.0, "{}", high(Method::Entropy));
    }

    #[test]
    fn four_at_a_time_are_seen_as_one_at_a_time() {
        let mut random = crate::shift::drift::Random::new(3);
        for length in [1, 3, 4, 7, 64, 1000, 1001] {
            for bad in [None, Some(f32::NAN), Some(f32::INFINITY)] {
                let mut values: Vec<f32> =
                    (0..length).map(|_| (random.uniform() as f32 - 0.3).max(0.0) * 7.0).collect();
                values[length / 2] = bad.unwrap_or(values[length / 2]);
                let (mut whole, mut single) = (Observer::default(), Observer::default());
                // The limit is set by what comes first.
                whole.add(&[1, 1], &[8.0]);
                single.add(&[1, 1], &[8.0]);
                whole.add(&[1, length], &values);
                values.iter().for_each(|v| single.add(&[1, 1], &[*v]));
                assert_eq!(whole.bins, single.bins, "{length} {bad:?}");
                assert_eq!((whole.min, whole.max), (single.min, single.max));
                assert_eq!((whole.count, whole.not_finite), (single.count, single.not_finite));
            }
        }
        let run: Vec<f32> = (0..1003u16).map(f32::from).collect();
        assert_eq!(sum(&run), 502_503.0);
    }

    #[test]
    fn means_are_per_channel() {
        let mut observer = Observer::default();
        observer.add(&[1, 2, 1, 2], &[1.0, 3.0, 10.0, 20.0]);
        observer.add(&[1, 2, 1, 2], &[2.0, 2.0, 0.0, 10.0]);
        assert_eq!(observer.channel_means(), [2.0, 10.0]);
    }

    proptest! {
        #[test]
        fn every_method_stays_inside_what_was_seen(values in prop::collection::vec(-1e6f32..1e6, 1..200)) {
            let observer = seen(&values);
            for method in [Method::MinMax, Method::Percentile(99.0), Method::Mse, Method::Entropy] {
                for kind in [Activations::Uint8, Activations::Int8] {
                    let (low, high) = observer.range(method, kind);
                    prop_assert!(observer.min <= low && low <= high && high <= observer.max);
                }
            }
            prop_assert_eq!(observer.drawing(30).iter().sum::<u64>(), values.len() as u64);
        }

        #[test]
        fn anything_may_arrive(values: Vec<f32>) {
            let observer = seen(&values);
            let (low, high) = observer.range(Method::Mse, Activations::Uint8);
            prop_assert!(low.is_finite() && high.is_finite());
        }
    }
}
