//! Every kernel against its oracle, bit by bit.

use super::conv::{Conv, Path};
use super::elementwise::{self, Scale};
use super::rescale::{Rescale, ToReal, ToSteps, steps};
use super::window::{Pictures, Window};
use super::{depthwise::Depthwise, pool, reference};
use proptest::prelude::*;

/// Numbers of one test, from a seed: the whole range, with its ends more often than chance.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn weights(&mut self, count: usize, (low, high): (i16, i16)) -> Vec<i16> {
        let span = (high - low + 1) as u64;
        let mut one = || match self.next() % 8 {
            0 => high,
            1 => low,
            _ => (self.next() % span) as i16 + low,
        };
        (0..count).map(|_| one()).collect()
    }

    fn stored(&mut self, count: usize) -> Vec<i8> {
        self.weights(count, (-128, 127)).iter().map(|v| *v as i8).collect()
    }

    fn sums(&mut self, count: usize) -> Vec<i32> {
        (0..count).map(|_| (self.next() % 200_001) as i32 - 100_000).collect()
    }

    fn scales(&mut self, count: usize) -> Vec<f32> {
        // Halves and quarters make ties.
        (0..count).map(|_| [0.5, 0.25, 1e-3, 3.7e-4, 0.011, 1.0][(self.next() % 6) as usize]).collect()
    }
}

/// Weights of every width, and one that the relaxed path runs.
const SEVEN_BITS: (i16, i16) = (-64, 63);
const WIDTHS: [(i16, i16); 3] = [(-255, 255), (-128, 127), SEVEN_BITS];

/// Runs a kernel and its oracle on one case: to steps within tight and wide bounds, and to real numbers.
macro_rules! agrees {
    ($given:expr, $window:expr, $groups:expr, $out:expr, $width:expr, $seed:expr, $kernel:expr) => {{
        let (given, window, groups, out): (Pictures, Window, usize, usize) = ($given, $window, $groups, $out);
        let mut random = Random($seed | 1);
        let weights = random.weights(out * given.channels / groups * window.taps(), $width);
        let bias = random.sums(out);
        let input = random.stored(given.numbers());
        let scales = random.scales(if $seed % 2 == 0 { 1 } else { out });
        let zero = *random.stored(1).first().expect("one");
        let kernel = $kernel(&weights, &bias, zero);
        let (h, w) = window.output(given.size);
        for (bounds, to) in [((-128, 127), 0), ((-128, 127), -128), ((-128, 90), -128), ((-3, 90), 5), ((17, 17), 17)] {
            let rescale = ToSteps::new(&scales, out, bounds, to);
            let expected = reference::conv(given, &window, groups, (&weights, &bias), &rescale, (&input, zero));
            let sums = reference::sums(given, &window, groups, (&weights, &bias), (&input, zero));
            for (at, (sum, got)) in sums.iter().zip(&expected).enumerate() {
                let by_definition = reference::to_steps(*sum as f32 * scales[at % out % scales.len()], to, bounds);
                prop_assert_eq!(*got, by_definition, "rounding of {}", sum);
            }
            let mut output = vec![99; given.count * h * w * out];
            kernel.run(given, &input, &rescale, &mut output);
            prop_assert_eq!(&output, &expected, "{:?} {:?}", given, window);
        }
        let real = ToReal::new(&scales, out, (0.0, f32::INFINITY));
        let expected = reference::conv(given, &window, groups, (&weights, &bias), &real, (&input, zero));
        let mut output = vec![f32::NAN; given.count * h * w * out];
        kernel.run(given, &input, &real, &mut output);
        prop_assert_eq!(&output, &expected, "{:?} {:?}", given, window);
    }};
}

/// Both paths of a convolution, as far as the weights fit them.
macro_rules! both_paths_agree {
    ($given:expr, $window:expr, $groups:expr, $out:expr, $seed:expr) => {
        for (width, path) in WIDTHS.map(|w| (w, Path::Pairs)).into_iter().chain([(SEVEN_BITS, Path::Quads)]) {
            let make = |w: &[i16], b: &[i32], zero| Conv::by_path(path, $window, $groups, $given.channels, w, b, zero);
            agrees!($given, $window, $groups, $out, width, $seed, make);
        }
    };
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

prop_compose! {
    fn scales()(scale in prop_oneof![1e-4f32..4.0, Just(0.5), Just(1.0)], zero: i8) -> Scale {
        Scale { scale, zero }
    }
}

prop_compose! {
    fn bounds()(a: i8, b: i8) -> (i8, i8) {
        (a.min(b), a.max(b))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn convolutions(
        window in windows(), size in (1usize..12, 1usize..12), count in 1usize..3,
        groups in 1usize..4, of in 1usize..7, each in 1usize..12, seed: u64,
    ) {
        prop_assume!(window.output(size).0 * window.output(size).1 > 0);
        let given = Pictures { count, size, channels: of * groups };
        both_paths_agree!(given, window, groups, each * groups, seed);
    }

    #[test]
    fn points(
        size in (1usize..9, 1usize..9), stride in 1usize..3, channels in 1usize..60, out in 1usize..40, seed: u64,
    ) {
        let given = Pictures { count: 1, size, channels };
        let window = Window { stride: (stride, stride), ..POINT };
        both_paths_agree!(given, window, 1, out, seed);
    }

    #[test]
    fn depthwise(
        window in windows(), square in 0usize..3, size in (1usize..12, 1usize..12), count in 1usize..3,
        channels in 1usize..28, width in 0usize..3, seed: u64,
    ) {
        // The two common windows have code of their own.
        let window = match square {
            0 => Window { kernel: (3, 3), ..window },
            1 => Window { kernel: (5, 5), ..window },
            _ => window,
        };
        prop_assume!(window.output(size).0 * window.output(size).1 > 0);
        let given = Pictures { count, size, channels };
        agrees!(given, window, channels, channels, WIDTHS[width], seed,
            |w: &[i16], b: &[i32], zero| Depthwise::new(window, w, b, zero));
    }

    #[test]
    fn pools(
        window in windows(), size in (1usize..9, 1usize..9), channels in 1usize..10, count_pad: bool,
        zeros: (i8, i8), bounds in bounds(), seed: u64,
    ) {
        prop_assume!(window.output(size).0 * window.output(size).1 > 0);
        let given = Pictures { count: 2, size, channels };
        let input = Random(seed).stored(given.numbers());
        let (h, w) = window.output(size);
        let mut output = vec![9; 2 * h * w * channels];
        pool::max(given, &window, zeros.0, &input, &mut output);
        prop_assert_eq!(&output, &reference::max_pool(given, &window, zeros.0, &input));
        for (scale, bounds) in [(1.0, (-128, 127)), (0.37, bounds), (9.0, (-7, 31))] {
            let from = (input.as_slice(), Scale { scale, zero: zeros.0 });
            pool::average(given, &window, count_pad, from, zeros.1, bounds, &mut output);
            let expected = reference::average_pool(given, &window, count_pad, from, zeros.1, bounds);
            prop_assert_eq!(&output, &expected);
        }
    }

    #[test]
    fn additions(seed: u64, of_a in scales(), of_b in scales(), count in 1usize..40, zero: i8, bounds in bounds()) {
        let mut random = Random(seed);
        let (a, b) = (random.stored(count), random.stored(count));
        let mut output = vec![0; count];
        elementwise::add((&a, of_a), (&b, of_b), zero, bounds, &mut output);
        for ((a, b), got) in a.iter().zip(&b).zip(&output) {
            prop_assert_eq!(*got, reference::add((*a, of_a), (*b, of_b), zero, bounds));
        }
        elementwise::requantize(&a, of_a, zero, bounds, &mut output);
        for (a, got) in a.iter().zip(&output) {
            prop_assert_eq!(*got, reference::add((*a, of_a), (0, Scale { scale: 0.0, zero: 0 }), zero, bounds));
        }
    }

    #[test]
    fn any_sum_and_scale(sum: i32, scale in 1e-12f32..1e6, zero: i8, bounds in bounds()) {
        let rescale = ToSteps::new(&[scale], 1, bounds, zero);
        prop_assert_eq!(rescale.one(0, sum), reference::to_steps(sum as f32 * scale, zero, bounds));
    }

    #[test]
    fn real_numbers_to_steps(x: f32, scale in 1e-12f32..1e6, zero: i8) {
        let bounds = (-128, 127);
        let expected = if x.is_nan() { -128 } else { reference::to_steps(x / scale, zero, bounds) };
        prop_assert_eq!(elementwise::quantize(x, Scale { scale, zero }, bounds), expected);
    }
}

#[test]
fn many_are_quantized_as_one_is() {
    let mut random = Random(3);
    let of = Scale { scale: 0.03, zero: -7 };
    let mut x: Vec<f32> = (0..99).map(|_| random.next() as f32 / 1e8 - 10.0).collect();
    (x[5], x[40], x[98]) = (f32::NAN, -f32::NAN, f32::NEG_INFINITY);
    let mut output = vec![0; x.len()];
    elementwise::quantize_all(&x, of, (-120, 99), &mut output);
    let expected: Vec<i8> = x.iter().map(|x| elementwise::quantize(*x, of, (-120, 99))).collect();
    assert_eq!(output, expected);
    assert_eq!((output[5], output[40], output[98]), (-120, -120, -120));
}

#[test]
fn ties_go_to_the_even_neighbour() {
    for (sum, to) in [(-5, -2), (-3, -2), (-1, 0), (1, 0), (3, 2), (5, 2), (7, 4)] {
        assert_eq!(steps(sum as f32 / 2.0, 0, (-128, 127)), to);
        // Before the zero point is added, or an odd one would turn them around.
        assert_eq!(steps(sum as f32 / 2.0, 7, (-128, 127)), to + 7);
    }
    for x in [f32::INFINITY, 1e30] {
        assert_eq!((steps(x, -5, (-100, 99)), steps(-x, -5, (-100, 99))), (99, -100));
    }
}

#[test]
fn sums_wrap_and_do_not_saturate() {
    let rescale = ToReal::new(&[1.0], 1, (f32::NEG_INFINITY, f32::INFINITY));
    let given = Pictures { count: 1, size: (1, 1), channels: 2 };
    for (path, weight) in [(Path::Pairs, 255), (Path::Quads, 63)] {
        let mut output = [0.0];
        let conv = Conv::by_path(path, POINT, 1, 2, &[weight; 2], &[i32::MAX], -128);
        conv.run(given, &[127, 127], &rescale, &mut output);
        assert_eq!(output[0], i32::MAX.wrapping_add(2 * 255 * i32::from(weight)) as f32);
    }
}
