//! Every kernel against its oracle, bit by bit.

use super::rescale::{Rescale, ToReal, ToSteps};
use super::window::{Pictures, Window};
use super::{conv::Conv, depthwise::Depthwise, elementwise, pool, reference};
use proptest::prelude::*;

/// Numbers of one test, from a seed: the whole range, with its ends more often than chance.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn steps(&mut self, count: usize, most: i16) -> Vec<i16> {
        let mut one = || match self.next() % 8 {
            0 => most,
            1 => -most,
            _ => (self.next() % (2 * most as u64 + 1)) as i16 - most,
        };
        (0..count).map(|_| one()).collect()
    }

    fn sums(&mut self, count: usize) -> Vec<i32> {
        (0..count).map(|_| (self.next() % 200_001) as i32 - 100_000).collect()
    }

    fn scales(&mut self, count: usize) -> Vec<f32> {
        // Halves and quarters make ties.
        (0..count).map(|_| [0.5, 0.25, 1e-3, 3.7e-4, 0.011, 1.0][(self.next() % 6) as usize]).collect()
    }
}

/// Runs a kernel and its oracle on one case: to steps within tight and wide bounds, and to real numbers.
macro_rules! agrees {
    ($given:expr, $window:expr, $groups:expr, $out:expr, $seed:expr, $kernel:expr) => {{
        let (given, window, groups, out): (Pictures, Window, usize, usize) = ($given, $window, $groups, $out);
        let mut random = Random($seed | 1);
        let weights = random.steps(out * given.channels / groups * window.taps(), 255);
        let bias = random.sums(out);
        let input = random.steps(given.numbers(), 255);
        let scales = random.scales(if $seed % 2 == 0 { 1 } else { out });
        let kernel = $kernel(&weights, &bias);
        let (h, w) = window.output(given.size);
        for bounds in [(-128, 127), (0, 255), (-255, 0), (-3, 90)] {
            let rescale = ToSteps::new(&scales, out, bounds);
            let expected = reference::conv(given, &window, groups, (&weights, &bias), &rescale, &input);
            let sums = reference::sums(given, &window, groups, &weights, &bias, &input);
            for (at, (sum, got)) in sums.iter().zip(&expected).enumerate() {
                let by_definition = reference::to_steps(*sum, scales[at % out % scales.len()], bounds);
                prop_assert_eq!(*got, by_definition, "rounding of {}", sum);
            }
            let mut output = vec![i16::MAX; given.count * h * w * out];
            kernel.run(given, &input, &rescale, &mut output);
            prop_assert_eq!(&output, &expected, "{:?} {:?}", given, window);
        }
        let real = ToReal::new(&scales, out, (0.0, f32::INFINITY));
        let expected = reference::conv(given, &window, groups, (&weights, &bias), &real, &input);
        let mut output = vec![f32::NAN; given.count * h * w * out];
        kernel.run(given, &input, &real, &mut output);
        prop_assert_eq!(&output, &expected, "{:?} {:?}", given, window);
    }};
}

prop_compose! {
    fn windows()(
        kernel in (1usize..6, 1usize..6), stride in (1usize..4, 1usize..4), dilation in (1usize..3, 1usize..3),
        pad in (0usize..3, 0usize..3), pad_end in (0usize..3, 0usize..3),
    ) -> Window {
        Window { kernel, stride, dilation, pad, pad_end }
    }
}

const POINT: Window = Window { kernel: (1, 1), stride: (1, 1), dilation: (1, 1), pad: (0, 0), pad_end: (0, 0) };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn convolutions(
        window in windows(), size in (1usize..12, 1usize..12), count in 1usize..3,
        groups in 1usize..4, of in 1usize..7, each in 1usize..12, seed: u64,
    ) {
        prop_assume!(window.output(size).0 * window.output(size).1 > 0);
        let given = Pictures { count, size, channels: of * groups };
        agrees!(given, window, groups, each * groups, seed,
            |w: &[i16], b: &[i32]| Conv::new(window, groups, of * groups, w, b));
    }

    #[test]
    fn points(size in (1usize..9, 1usize..9), channels in 1usize..40, out in 1usize..40, seed: u64) {
        let given = Pictures { count: 1, size, channels };
        agrees!(given, POINT, 1, out, seed, |w: &[i16], b: &[i32]| Conv::new(POINT, 1, channels, w, b));
    }

    #[test]
    fn depthwise(
        window in windows(), square in 0usize..3, size in (1usize..12, 1usize..12), count in 1usize..3,
        channels in 1usize..28, seed: u64,
    ) {
        // The two common windows have code of their own.
        let window = match square {
            0 => Window { kernel: (3, 3), ..window },
            1 => Window { kernel: (5, 5), ..window },
            _ => window,
        };
        prop_assume!(window.output(size).0 * window.output(size).1 > 0);
        let given = Pictures { count, size, channels };
        agrees!(given, window, channels, channels, seed, |w: &[i16], b: &[i32]| Depthwise::new(window, w, b));
    }

    #[test]
    fn pools(
        window in windows(), size in (1usize..9, 1usize..9), channels in 1usize..10, count_pad: bool, seed: u64,
    ) {
        prop_assume!(window.output(size).0 * window.output(size).1 > 0);
        let given = Pictures { count: 2, size, channels };
        let input = Random(seed).steps(given.numbers(), 255);
        let (h, w) = window.output(size);
        let mut output = vec![9; 2 * h * w * channels];
        pool::max(given, &window, &input, &mut output);
        prop_assert_eq!(&output, &reference::max_pool(given, &window, &input));
        for (scale, bounds) in [(1.0, (-128, 127)), (0.37, (0, 255)), (9.0, (-7, 31))] {
            pool::average(given, &window, count_pad, scale, bounds, &input, &mut output);
            let expected = reference::average_pool(given, &window, count_pad, scale, bounds, &input);
            prop_assert_eq!(&output, &expected);
        }
    }

    #[test]
    fn additions(seed: u64, scales in (1e-4f32..4.0, 1e-4f32..4.0), low in -255i16..=0, span in 0i16..=255) {
        let mut random = Random(seed);
        let (a, b) = (random.steps(100, 255), random.steps(100, 255));
        let bounds = (low, low + span);
        for scales in [scales, (0.5, 0.5), (1.0, 0.25)] {
            let mut output = vec![0; 100];
            elementwise::add(&a, &b, scales, bounds, &mut output);
            for ((a, b), got) in a.iter().zip(&b).zip(&output) {
                prop_assert_eq!(*got, reference::add(*a, *b, scales, bounds));
            }
            elementwise::requantize(&a, scales.0, bounds, &mut output);
            for (a, got) in a.iter().zip(&output) {
                prop_assert_eq!(*got, reference::to_steps(i32::from(*a), scales.0, bounds));
            }
        }
    }

    #[test]
    fn any_sum_and_scale(sum: i32, scale in 1e-12f32..1e6, low in -255i16..=0, span in 0i16..=255) {
        let bounds = (low, low + span);
        prop_assert_eq!(ToSteps::new(&[scale], 1, bounds).one(0, sum), reference::to_steps(sum, scale, bounds));
    }

    #[test]
    fn real_numbers_to_steps(x: f32, scale in 1e-12f32..1e6) {
        let expected = (x / scale).clamp(-128.0, 127.0).round_ties_even() as i16;
        let expected = if x.is_nan() { -128 } else { expected };
        prop_assert_eq!(elementwise::quantize(x, scale, (-128, 127)), expected);
    }
}

#[test]
fn ties_go_to_the_even_neighbour() {
    let half = ToSteps::new(&[0.5], 1, (-255, 255));
    let expected = [(-5, -2), (-3, -2), (-1, 0), (1, 0), (3, 2), (5, 2), (7, 4)];
    for (sum, steps) in expected {
        assert_eq!(half.one(0, sum), steps);
        assert_eq!(half.four(0, wide::i32x4::splat(sum)), [steps; 4]);
    }
}

#[test]
fn sums_wrap_and_do_not_saturate() {
    let rescale = ToReal::new(&[1.0], 1, (f32::NEG_INFINITY, f32::INFINITY));
    let given = Pictures { count: 1, size: (1, 1), channels: 2 };
    let mut output = [0.0];
    Conv::new(POINT, 1, 2, &[255, 255], &[i32::MAX]).run(given, &[255, 255], &rescale, &mut output);
    assert_eq!(output[0], i32::MAX.wrapping_add(2 * 255 * 255) as f32);
}
