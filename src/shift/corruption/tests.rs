//! What every corruption promises.

use super::*;
use crate::image::Rgb8;
use proptest::prelude::*;

/// Coarse shapes, fine texture and some colour.
fn textured(width: u32, height: u32) -> Rgb8 {
    let value = |x: u32, y: u32, c: u32| {
        let (fx, fy) = (x as f32, y as f32);
        let shape = if (x / 13 + y / 11 + c).is_multiple_of(3) { 60.0 } else { 0.0 };
        let waves = 25.0 * (fx * 0.9 + c as f32).sin() + 25.0 * (fy * 0.5 + fx * 0.2).cos();
        (95.0 + shape + waves).clamp(0.0, 255.0) as u8
    };
    let data = (0..width * height * 3).map(|i| value(i / 3 % width, i / 3 / width, i % 3)).collect();
    Rgb8::new(width, height, data).unwrap()
}

fn distance(a: &Rgb8, b: &Rgb8) -> f64 {
    let sum: u64 = a.data.iter().zip(&b.data).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.data.len() as f64
}

/// Mean distance to the original over a few seeds, by severity.
fn distances(corruption: Corruption, picture: &Rgb8) -> Vec<f64> {
    let at =
        |severity| (0..6).map(|seed| distance(picture, &corruption.apply(picture, severity, seed))).sum::<f64>() / 6.0;
    Corruption::SEVERITIES.map(at).collect()
}

#[test]
fn the_list_is_complete_and_in_families() {
    let names: std::collections::BTreeSet<_> = Corruption::ALL.iter().map(|c| c.name()).collect();
    assert_eq!(names.len(), 19);
    assert!(Corruption::ALL.is_sorted_by_key(|c| c.family()));
    assert!(Corruption::ALL.iter().all(|c| c.explain().ends_with('.')));
}

#[test]
fn the_seed_decides() {
    let picture = textured(64, 64);
    for corruption in Corruption::ALL {
        for severity in Corruption::SEVERITIES {
            let once = corruption.apply(&picture, severity, 7);
            assert_eq!((once.width, once.height), (64, 64));
            assert_eq!(once, corruption.apply(&picture, severity, 7), "{corruption:?}");
            assert_ne!(once, picture, "{corruption:?} {severity}");
            let other = corruption.apply(&picture, severity, 8);
            assert_eq!(once != other, corruption.is_random(), "{corruption:?} {severity}");
        }
    }
}

#[test]
fn a_higher_severity_is_farther_from_the_original() {
    let picture = textured(64, 64);
    let mut wrong = Vec::new();
    for corruption in Corruption::ALL {
        let far = distances(corruption, &picture);
        // The paper's severities are not everywhere an order of pixel distances.
        let runs: &[&[f64]] = match corruption {
            // First less colour, then more.
            Saturate => &[&far[..2], &far[2..]],
            // First the whole moves, then its parts.
            Elastic => &[],
            // Ice lightens and the picture behind it darkens: the two cancel. See the next test.
            Frost => &[],
            // The mildest hardly blurs, so its displaced pixels show; the fourth takes one round where the third has two.
            GlassBlur => &[&[far[1], far[2], far[4]]],
            // Water, then mud.
            Spatter => &[&far[..3], &far[3..]],
            _ => &[&far],
        };
        // Colours that are full cannot get fuller.
        let grows = runs.iter().all(|run| run.is_sorted_by(|a, b| a < b || corruption == Saturate && a == b));
        if !grows || !far.iter().all(|d| (0.3..120.0).contains(d)) {
            wrong.push(format!("{corruption:?}: {far:.2?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn frost_hides_more_and_more() {
    // Correlation of bytes, which ignores lightening and darkening as a whole.
    let likeness = |a: &Rgb8, b: &Rgb8| {
        let centred = |p: &Rgb8| {
            let mean = p.data.iter().map(|v| f64::from(*v)).sum::<f64>() / p.data.len() as f64;
            p.data.iter().map(|v| f64::from(*v) - mean).collect::<Vec<_>>()
        };
        let (a, b) = (centred(a), centred(b));
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt()
    };
    let picture = textured(64, 64);
    let like =
        |severity| (0..6).map(|seed| likeness(&picture, &Frost.apply(&picture, severity, seed))).sum::<f64>() / 6.0;
    let like: Vec<f64> = Corruption::SEVERITIES.map(like).collect();
    assert!(like.is_sorted_by(|a, b| a > b), "{like:.3?}");
}

#[test]
fn a_larger_picture_goes_as_bad() {
    let enlarge = |p: &Rgb8, n: u32| {
        let at = |x: u32, y: u32| (y / n * p.width + x / n) as usize * 3;
        let (width, height) = (p.width * n, p.height * n);
        let data = (0..width * height).flat_map(|i| p.data[at(i % width, i / width)..][..3].to_vec()).collect();
        Rgb8::new(width, height, data).unwrap()
    };
    let small = textured(64, 64);
    let large = enlarge(&small, 2);
    for corruption in [DefocusBlur, MotionBlur, ZoomBlur, GaussianBlur, Snow, Frost, Spatter, Elastic] {
        let far = |p| (0..4).map(|seed| distance(p, &corruption.apply(p, 4, seed))).sum::<f64>() / 4.0;
        let (a, b) = (far(&small), far(&large));
        assert!((0.7..1.4).contains(&(a / b)), "{corruption:?}: {a:.1} at 64 pixels, {b:.1} at 128");
    }
}

#[test]
fn a_black_or_a_plain_picture_stays_finite() {
    for color in [[0, 0, 0], [255, 255, 255], [200, 200, 200]] {
        let picture = Rgb8::new(16, 16, color.repeat(256)).unwrap();
        for corruption in Corruption::ALL {
            corruption.apply(&picture, 5, 1);
        }
        for corruption in [DefocusBlur, GlassBlur, MotionBlur, ZoomBlur, GaussianBlur, Contrast, Elastic, Pixelate] {
            assert!(distance(&picture, &corruption.apply(&picture, 5, 1)) < 1.0, "{corruption:?}");
        }
    }
}

#[test]
fn a_severity_outside_counts_as_the_nearest() {
    let picture = textured(20, 20);
    assert_eq!(Fog.apply(&picture, 0, 1), Fog.apply(&picture, 1, 1));
    assert_eq!(Fog.apply(&picture, 9, 1), Fog.apply(&picture, 5, 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_size_keeps_its_size(width in 1u32..40, height in 1u32..40, severity in 1u8..=5, seed: u64) {
        let picture = textured(width, height);
        for corruption in Corruption::ALL {
            let out = corruption.apply(&picture, severity, seed);
            prop_assert_eq!((out.width, out.height, out.data.len()), (width, height, picture.data.len()));
        }
    }

    #[test]
    fn tiny_pictures_do_not_panic(width in 1u32..4, height in 1u32..4, severity in 1u8..=5, seed: u64) {
        let picture = textured(width, height);
        for corruption in Corruption::ALL {
            prop_assert_eq!(corruption.apply(&picture, severity, seed).data.len(), picture.data.len());
        }
    }
}
