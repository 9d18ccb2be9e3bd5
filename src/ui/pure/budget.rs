//! What labels buy, in words and places.

use super::format::{count, percent};
use crate::learn::budget::{Band, Forecast, NEXT};
use crate::learn::unlabelled::Result as Tried;

/// Places of sizes on a logarithmic axis, 0..=1 from the smallest to the largest.
pub fn places(sizes: &[usize]) -> Vec<f32> {
    let log = |n: &usize| (*n as f32).max(1.0).ln();
    let (low, high) = (sizes.first().map_or(0.0, log), sizes.last().map_or(1.0, log));
    sizes.iter().map(|n| if high > low { (log(n) - low) / (high - low) } else { 0.5 }).collect()
}

/// "62 % (57 % to 68 %)"
pub fn band(band: &Band) -> String {
    format!("{} ({} to {})", percent(band.value), percent(band.low), percent(band.high))
}

/// "1.3 points (0.4 to 2.9)"; signs where it may be a loss.
pub fn points(gain: &Band, signed: bool) -> String {
    let say = |share: f32| {
        let points = (f64::from(share) * 1000.0).round() / 10.0;
        // No "-0.0".
        let points = if points == 0.0 { 0.0 } else { points };
        if signed { format!("{points:+.1}") } else { format!("{points:.1}") }
    };
    format!("{} points ({} to {})", say(gain.value), say(gain.low), say(gain.high))
}

/// The forecast as a sentence about a way of starting.
pub fn forecast(way: &str, forecast: &Forecast) -> String {
    format!(
        "With the {} there are, the next {NEXT} should buy about {} with the {way}.",
        count(forecast.labels, "label", "labels"),
        points(&forecast.gain, false)
    )
}

/// Whether pictures without labels helped: the best way and whether its interval is clear of nothing.
pub fn verdict(tried: &[Tried]) -> String {
    let gains = tried.iter().filter_map(|t| Some((t.arm.name(), t.gain?)));
    let Some((name, gain)) = gains.max_by(|a, b| a.1.value.total_cmp(&b.1.value)) else { return String::new() };
    let name = name.to_lowercase();
    if gain.low > 0.0 {
        format!("They help: \u{201c}{name}\u{201d} is worth {}.", points(&gain, true))
    } else if gain.value > 0.0 {
        format!(
            "Perhaps they help a little: \u{201c}{name}\u{201d} is worth {}, which may be nothing.",
            points(&gain, true)
        )
    } else {
        "They do not help here: no way is better than the labels alone.".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::budget::PowerLaw;

    #[test]
    fn an_axis_of_labels_is_logarithmic() {
        assert_eq!(places(&[1, 10, 100]), [0.0, 0.5, 1.0]);
        assert_eq!(places(&[7]), [0.5]);
        assert!(places(&[]).is_empty());
    }

    #[test]
    fn a_verdict_does_not_flatter() {
        use crate::learn::unlabelled::Arm;
        let of = |arm, gain: Option<(f32, f32, f32)>| Tried {
            arm,
            accuracy: Band { value: 0.5, low: 0.4, high: 0.6 },
            gain: gain.map(|(value, low, high)| Band { value, low, high }),
            made: 0.0,
            made_right: None,
        };
        let alone = of(Arm::LabelsAlone, None);
        let said =
            |gain| verdict(&[alone, of(Arm::PseudoLabels, Some((-0.1, -0.2, 0.0))), of(Arm::Propagation, Some(gain))]);
        assert_eq!(
            said((0.05, 0.01, 0.08)),
            "They help: \u{201c}labels spread to neighbours\u{201d} is worth +5.0 points (+1.0 to +8.0)."
        );
        assert!(said((0.02, -0.01, 0.05)).contains("may be nothing"));
        assert!(said((0.0, -0.01, 0.05)).starts_with("They do not help"));
        assert_eq!(verdict(&[]), "");
    }

    #[test]
    fn forecasts_are_sentences() {
        let gain = Band { value: 0.0132, low: 0.0, high: 0.029 };
        let law = PowerLaw { floor: 0.1, scale: 0.4, rate: 0.5 };
        let said = forecast("supervised backbone", &Forecast { labels: 120, now: 0.8, gain, law });
        assert_eq!(
            said,
            "With the 120 labels there are, the next 20 should buy about 1.3 points (0.0 to 2.9) with the supervised backbone."
        );
        let loss = Band { value: -0.0001, low: -0.02, high: 0.01 };
        assert_eq!(points(&loss, true), "+0.0 points (-2.0 to +1.0)");
        assert_eq!(band(&Band { value: 0.5, low: 0.25, high: 0.75 }), "50\u{a0}% (25\u{a0}% to 75\u{a0}%)");
    }
}
