//! The law of a learning curve: error falls as a power of the number of labels towards a floor.
//!
//! `error(n) = floor + scale * n^-rate` describes most learning curves well (Cortes et al. 1994, "Learning
//! curves: asymptotic values and rate of convergence"; Hestness et al. 2017; the review by Viering and Loog
//! 2021 also says where it fails). Few points never pin the floor down, which is why a forecast comes with
//! an interval: the law is fitted again to every bootstrap replicate of the curve ([`super::tally`]).

use super::PowerLaw;

/// Rates that are tried: slower, and the floor means nothing; faster, and the curve is a step.
const RATES: (f64, f64) = (0.05, 2.0);
/// Rates of the coarse search, evenly spaced in their logarithm.
const COARSE: usize = 40;
/// Halvings of the fine search, by golden section.
const FINE: usize = 30;

/// A measured point: labelled pictures of each class, error 0..=1, weight above 0 (one over its variance).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    pub per_class: f64,
    pub error: f64,
    pub weight: f64,
}

/// Least squares with `floor` and `scale` not negative. For a given rate that is linear, so only the rate is
/// searched. `None` for fewer than three sizes: two points fit any law.
pub fn fit(points: &[Measured]) -> Option<PowerLaw> {
    if points.len() < 3 {
        return None;
    }
    let at = |log_rate: f64| linear(points, libm::exp(log_rate));
    let (low, high) = (libm::log(RATES.0), libm::log(RATES.1));
    let step = (high - low) / (COARSE - 1) as f64;
    let coarse = (0..COARSE).map(|i| low + i as f64 * step);
    let best = coarse.min_by(|a, b| at(*a).1.total_cmp(&at(*b).1))?;
    let (mut a, mut b) = ((best - step).max(low), (best + step).min(high));
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    for _ in 0..FINE {
        let (c, d) = (b - golden * (b - a), a + golden * (b - a));
        if at(c).1 <= at(d).1 { b = d } else { a = c }
    }
    let (fine, coarse) = (at((a + b) / 2.0), at(best));
    Some(if fine.1 <= coarse.1 { fine.0 } else { coarse.0 })
}

/// The best floor and scale for a rate, and the weighted sum of squares that remains.
fn linear(points: &[Measured], rate: f64) -> (PowerLaw, f64) {
    let [mut w, mut wx, mut wxx, mut we, mut wxe] = [0.0; 5];
    for p in points {
        let x = libm::pow(p.per_class, -rate);
        w += p.weight;
        wx += p.weight * x;
        wxx += p.weight * x * x;
        we += p.weight * p.error;
        wxe += p.weight * x * p.error;
    }
    let determinant = w * wxx - wx * wx;
    let mut scale = if determinant > 1e-12 * w * wxx { (w * wxe - wx * we) / determinant } else { 0.0 };
    let mut floor = (we - scale * wx) / w;
    if floor < 0.0 {
        (floor, scale) = (0.0, wxe / wxx);
    }
    if scale < 0.0 {
        // It got worse with more labels: the law that comes nearest is a constant.
        (floor, scale) = (we / w, 0.0);
    }
    let law = PowerLaw { floor, scale, rate };
    let rest = points.iter().map(|p| p.weight * (p.error - law.error(p.per_class)).powi(2)).sum();
    (law, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points(law: PowerLaw, sizes: &[f64]) -> Vec<Measured> {
        sizes.iter().map(|n| Measured { per_class: *n, error: law.error(*n), weight: 1.0 }).collect()
    }

    #[test]
    fn two_points_are_no_law_and_getting_worse_is_a_constant() {
        let law = PowerLaw { floor: 0.1, scale: 0.5, rate: 0.5 };
        assert_eq!(fit(&points(law, &[1.0, 2.0])), None);
        let worse = [(1.0, 0.1), (2.0, 0.2), (5.0, 0.3)];
        let worse = worse.map(|(per_class, error)| Measured { per_class, error, weight: 1.0 });
        let flat = fit(&worse).unwrap();
        assert!(flat.scale == 0.0 && (flat.floor - 0.2).abs() < 1e-9, "{flat:?}");
    }

    proptest! {
        #[test]
        fn a_known_law_is_recovered(floor in 0.0f64..0.3, scale in 0.05f64..0.6, rate in 0.15f64..1.5) {
            let law = PowerLaw { floor, scale, rate };
            let fitted = fit(&points(law, &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0])).unwrap();
            prop_assert!((fitted.rate - rate).abs() < 1e-3 * rate.max(0.5), "{:?} for {:?}", fitted, law);
            for n in [1.0, 7.0, 60.0, 200.0] {
                prop_assert!((fitted.error(n) - law.error(n)).abs() < 1e-3, "{:?} for {:?}", fitted, law);
            }
        }

        #[test]
        fn anything_gives_a_law_that_falls(errors in prop::collection::vec(0.0f64..1.0, 3..8)) {
            let sizes = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];
            let measured: Vec<_> = errors.iter().zip(sizes).map(|(e, n)| Measured { per_class: n, error: *e, weight: 2.0 }).collect();
            let law = fit(&measured).unwrap();
            prop_assert!((0.0..=1.0).contains(&law.floor) && law.scale >= 0.0 && law.scale.is_finite());
            prop_assert!(law.error(30.0) <= law.error(20.0) && law.error(20.0) >= 0.0);
        }
    }
}
