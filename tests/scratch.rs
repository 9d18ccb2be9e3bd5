//! Training from scratch as it happens in the browser: in wasm, in Node (`scripts/test.sh wasm`). The unit tests
//! beside the code run natively with `cargo test --no-default-features --features scratch`.
#![cfg(all(target_arch = "wasm32", feature = "scratch"))]

use fieldtest::scratch::SIDE;
use fieldtest::scratch::curve::{Curve, Step};
use fieldtest::scratch::fit::{Fit, Pictures};
use wasm_bindgen_test::wasm_bindgen_test;

/// Upright bars, lying bars and squares, of varied place and light.
fn shapes(count: usize) -> Pictures {
    let mut state = 7u64;
    let mut below = move |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % n) as usize
    };
    let mut pictures = Pictures { classes: 3, ..Pictures::default() };
    for i in 0..count {
        let (period, offset, fore, back) = (4 + below(4), below(8), 120 + below(130), below(100));
        for y in 0..SIDE {
            for x in 0..SIDE {
                let on = match i % 3 {
                    0 => ((x + offset) / period).is_multiple_of(2),
                    1 => ((y + offset) / period).is_multiple_of(2),
                    _ => x.abs_diff(10 + offset) < 7 && y.abs_diff(20 - offset) < 7,
                };
                pictures.pixels.extend([if on { fore } else { back } as u8; 3]);
            }
        }
        pictures.labels.push((i % 3) as u32);
    }
    pictures
}

#[wasm_bindgen_test]
fn shapes_are_learned_from_nothing() {
    let pictures = shapes(60);
    let (train, test): (Vec<usize>, Vec<usize>) = (0..60).partition(|i| *i < 30);
    let mut fit = Fit::new(&pictures, train, 7).unwrap();
    while !fit.step(&pictures).unwrap() {}
    let right = fit.right(&pictures, &test).unwrap().iter().filter(|r| **r).count();
    assert!(right >= 26, "{right} of 30");
    assert!(fit.loss < 0.5, "{}", fit.loss);
}

#[wasm_bindgen_test]
fn a_curve_rises_and_says_how_far_it_is() {
    let mut curve = Curve::new(shapes(30), (0..30).collect(), 1, 5).unwrap();
    let (mut points, mut share) = (Vec::new(), 0.0);
    loop {
        match curve.step().unwrap() {
            Step::Continue(at) => {
                assert!(at.share >= share && at.share <= 1.0 && at.epoch.0 <= at.epoch.1);
                share = at.share;
            }
            Step::Point(point) => points.push(point),
            Step::Done(forecast) => {
                assert!(forecast.is_some());
                break;
            }
        }
    }
    assert_eq!(points.iter().map(|p| p.per_class).collect::<Vec<_>>(), [1, 2, 5, 6]);
    assert!(points[3].accuracy.value >= points[0].accuracy.value, "{points:?}");
    assert!(Curve::new(shapes(3), vec![0, 1, 2], 1, 5).is_err());
}
