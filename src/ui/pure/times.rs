//! Times that were measured: median, quartiles, and a histogram that two series share.

/// Median and quartiles, in the unit of what was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Times {
    pub low: f32,
    pub median: f32,
    pub high: f32,
    pub n: usize,
}

impl Times {
    /// `None` without a finite number.
    pub fn of(times: impl IntoIterator<Item = f32>) -> Option<Self> {
        let mut sorted: Vec<f32> = times.into_iter().filter(|t| t.is_finite()).collect();
        sorted.sort_by(f32::total_cmp);
        let at = |share: f32| sorted.get((share * (sorted.len().max(1) - 1) as f32).round() as usize).copied();
        Some(Self { low: at(0.25)?, median: at(0.5)?, high: at(0.75)?, n: sorted.len() })
    }
}

/// Counts of several series in the same `bars` steps. The ends leave out the slowest and fastest hundredth of all, which
/// are counted in the outermost bars: one hiccup must not flatten the rest.
pub fn histogram(series: &[Vec<f32>], bars: usize) -> (f32, f32, Vec<Vec<u64>>) {
    let mut all: Vec<f32> = series.iter().flatten().copied().filter(|t| t.is_finite()).collect();
    all.sort_by(f32::total_cmp);
    let at = |share: f32| all.get((share * (all.len().max(1) - 1) as f32).round() as usize).copied();
    let (Some(low), Some(high)) = (at(0.01), at(0.99)) else { return (0.0, 0.0, vec![vec![0; bars]; series.len()]) };
    let span = (high - low).max(f32::MIN_POSITIVE);
    let counted = series.iter().map(|times| {
        let mut counts = vec![0; bars];
        for t in times.iter().filter(|t| t.is_finite()) {
            let place = ((t - low) / span * bars as f32).max(0.0) as usize;
            counts[place.min(bars - 1)] += 1;
        }
        counts
    });
    (low, high, counted.collect())
}

/// Which of the points `(cost, worth)` no other beats: less or equal cost and more or equal worth, one of them strictly.
pub fn pareto(points: &[(f32, f32)]) -> Vec<bool> {
    let beats = |a: &(f32, f32), b: &(f32, f32)| a.0 <= b.0 && a.1 >= b.1 && (a.0 < b.0 || a.1 > b.1);
    points.iter().map(|p| !points.iter().any(|other| beats(other, p))).collect()
}

/// Difference of two shares right on the same `n` pictures, second minus first, with its 95 % interval: (difference, half
/// width). Paired: only pictures that one alone has right count (Agresti 2002, 10.1).
pub fn paired(only_first: usize, only_second: usize, n: usize) -> Option<(f32, f32)> {
    if n == 0 {
        return None;
    }
    let (b, c, n) = (only_second as f64, only_first as f64, n as f64);
    let variance = (b + c - (b - c).powi(2) / n).max(0.0);
    Some((((b - c) / n) as f32, (1.959_964 * variance.sqrt() / n) as f32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_hiccup_moves_neither_median_nor_axis_much() {
        let mut times: Vec<f32> = (0..200).map(|i| 5.0 + i as f32 / 100.0).collect();
        times.push(900.0);
        let spread = Times::of(times.clone()).unwrap();
        assert!((spread.median - 6.0).abs() < 0.02 && spread.low < 5.6 && spread.high > 6.4);
        let (low, high, counts) = histogram(&[times], 10);
        assert!(low >= 5.0 && high < 8.0);
        assert_eq!(counts[0].iter().sum::<u64>(), 201);
        assert_eq!(Times::of([]), None);
    }

    #[test]
    fn the_front_is_what_nothing_beats() {
        let points = [(1.0, 0.5), (2.0, 0.9), (3.0, 0.8), (1.0, 0.4), (2.0, 0.9)];
        assert_eq!(pareto(&points), [true, true, false, false, true]);
    }

    #[test]
    fn a_paired_difference_knows_its_direction() {
        let (difference, half) = paired(8, 2, 100).unwrap();
        assert!((difference + 0.06).abs() < 1e-6);
        // R: sqrt(10 - 36 / 100) / 100 * 1.96.
        assert!((half - 0.060_855).abs() < 1e-4, "{half}");
        assert_eq!((paired(0, 0, 50), paired(0, 0, 0)), (Some((0.0, 0.0)), None));
    }

    proptest! {
        #[test]
        fn every_time_is_counted(series in prop::collection::vec(prop::collection::vec(0f32..1e4, 0..50), 1..4)) {
            let (_, _, counts) = histogram(&series, 12);
            for (times, counts) in series.iter().zip(counts) {
                prop_assert_eq!(counts.iter().sum::<u64>() as usize, times.len());
            }
        }

        #[test]
        fn something_is_always_on_the_front(points in prop::collection::vec((0f32..10.0, 0f32..1.0), 1..30)) {
            prop_assert!(pareto(&points).contains(&true));
        }
    }
}
