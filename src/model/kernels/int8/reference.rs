//! Naive oracles: short, slow and right.

use super::elementwise::Scale;
use super::rescale::Rescale;
use super::window::{Pictures, Window};

/// What a real number becomes, by the definition: [`super::rescale::steps`] without its tricks.
pub fn to_steps(x: f32, zero: i8, (low, high): (i8, i8)) -> i8 {
    (x.round_ties_even() + f32::from(zero)).clamp(f32::from(low), f32::from(high)) as i8
}

/// The sums of a convolution with channels last: input `[n, h, w, c]` with its zero point, weights
/// `[out, c / groups, kh, kw]`, output `[n, out_h, out_w, out]`.
pub fn sums(
    given: Pictures,
    window: &Window,
    groups: usize,
    (weights, bias): (&[i16], &[i32]),
    (input, zero): (&[i8], i8),
) -> Vec<i32> {
    let (out_h, out_w) = window.output(given.size);
    let (out, of) = (bias.len(), given.channels / groups);
    let mut sums = Vec::with_capacity(given.count * out_h * out_w * out);
    for n in 0..given.count {
        for y in 0..out_h {
            for x in 0..out_w {
                for o in 0..out {
                    let first = o / (out / groups) * of;
                    let mut sum = bias[o];
                    for ky in 0..window.kernel.0 {
                        for kx in 0..window.kernel.1 {
                            let Some(pixel) = window.under((y, x), (ky, kx), given.size) else { continue };
                            for c in 0..of {
                                let stored = input[(n * given.pixels() + pixel) * given.channels + first + c];
                                let number = i32::from(stored) - i32::from(zero);
                                let weight = weights[((o * of + c) * window.kernel.0 + ky) * window.kernel.1 + kx];
                                sum = sum.wrapping_add(number * i32::from(weight));
                            }
                        }
                    }
                    sums.push(sum);
                }
            }
        }
    }
    sums
}

/// The sums, rescaled.
pub fn conv<R: Rescale>(
    given: Pictures,
    window: &Window,
    groups: usize,
    (weights, bias): (&[i16], &[i32]),
    rescale: &R,
    input: (&[i8], i8),
) -> Vec<R::Out> {
    let sums = sums(given, window, groups, (weights, bias), input);
    sums.iter().enumerate().map(|(at, sum)| rescale.one(at % bias.len(), *sum)).collect()
}

/// `round(a * scale_a + b * scale_b) + zero`.
pub fn add((a, of_a): (i8, Scale), (b, of_b): (i8, Scale), zero: i8, bounds: (i8, i8)) -> i8 {
    let real = |stored: i8, of: Scale| (i32::from(stored) - i32::from(of.zero)) as f32 * of.scale;
    to_steps(real(a, of_a) + real(b, of_b), zero, bounds)
}

/// The largest number under the window, of each channel; padding never wins.
pub fn max_pool(given: Pictures, window: &Window, zero: i8, input: &[i8]) -> Vec<i8> {
    pool(given, window, input, |seen| seen.iter().copied().max().unwrap_or(zero))
}

/// The mean of the numbers under the window times `scale`; padding counts as zeros where `count_pad`.
pub fn average_pool(
    given: Pictures,
    window: &Window,
    count_pad: bool,
    (input, of): (&[i8], Scale),
    zero: i8,
    bounds: (i8, i8),
) -> Vec<i8> {
    pool(given, window, input, |seen| {
        let count = if count_pad { window.taps() } else { seen.len().max(1) };
        let sum: i32 = seen.iter().map(|v| i32::from(*v) - i32::from(of.zero)).sum();
        to_steps(sum as f32 * (of.scale / count as f32), zero, bounds)
    })
}

fn pool(given: Pictures, window: &Window, input: &[i8], of: impl Fn(&[i8]) -> i8) -> Vec<i8> {
    let (out_h, out_w) = window.output(given.size);
    let mut output = Vec::new();
    for n in 0..given.count {
        for y in 0..out_h {
            for x in 0..out_w {
                for c in 0..given.channels {
                    let taps = (0..window.kernel.0).flat_map(|ky| (0..window.kernel.1).map(move |kx| (ky, kx)));
                    let under = taps.filter_map(|tap| window.under((y, x), tap, given.size));
                    let at = |pixel: usize| input[(n * given.pixels() + pixel) * given.channels + c];
                    output.push(of(&under.map(at).collect::<Vec<_>>()));
                }
            }
        }
    }
    output
}
