//! A scale of powers of ten.

/// From a power of ten to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decades {
    low: i32,
    high: i32,
}

impl Decades {
    /// The narrowest that holds all positive values; 1 to 10 for none.
    pub fn of(values: impl Iterator<Item = f32>) -> Self {
        let logs: Vec<f32> = values.filter(|v| *v > 0.0 && v.is_finite()).map(f32::log10).collect();
        if logs.is_empty() {
            return Self { low: 0, high: 1 };
        }
        let low = logs.iter().copied().fold(f32::MAX, f32::min).floor() as i32;
        let high = logs.iter().copied().fold(f32::MIN, f32::max).ceil() as i32;
        Self { low, high: high.max(low + 1) }
    }

    /// Where a value is, 0..=1.
    pub fn at(self, value: f32) -> f32 {
        let log = value.max(f32::MIN_POSITIVE).log10();
        ((log - self.low as f32) / (self.high - self.low) as f32).clamp(0.0, 1.0)
    }

    /// Powers of ten on it.
    pub fn ticks(self) -> Vec<f32> {
        (self.low..=self.high).map(|power| 10f32.powi(power)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_it_was_made_for() {
        let scale = Decades::of([3.0, 250.0].into_iter());
        assert_eq!(scale.ticks(), [1.0, 10.0, 100.0, 1000.0]);
        assert!((scale.at(10.0) - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!((scale.at(0.0), scale.at(1e9)), (0.0, 1.0));
        assert_eq!(Decades::of([10.0].into_iter()).ticks(), [10.0, 100.0]);
        assert_eq!(Decades::of([0.0, -1.0].into_iter()).ticks(), [1.0, 10.0]);
    }
}
