//! Naive oracles: short, slow and right.

use super::rescale::Rescale;
use super::window::{Pictures, Window};

/// What a sum becomes, by the definition: `one` of a [`Rescale`], without its tricks.
pub fn to_steps(sum: i32, scale: f32, (low, high): (i16, i16)) -> i16 {
    (sum as f32 * scale).clamp(f32::from(low), f32::from(high)).round_ties_even() as i16
}

/// The sums of a convolution with channels last: input `[n, h, w, c]`, weights `[out, c / groups, kh, kw]`,
/// output `[n, out_h, out_w, out]`.
pub fn sums(given: Pictures, window: &Window, groups: usize, weights: &[i16], bias: &[i32], input: &[i16]) -> Vec<i32> {
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
                                let number = input[(n * given.pixels() + pixel) * given.channels + first + c];
                                let weight = weights[((o * of + c) * window.kernel.0 + ky) * window.kernel.1 + kx];
                                sum = sum.wrapping_add(i32::from(number) * i32::from(weight));
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
    input: &[i16],
) -> Vec<R::Out> {
    let sums = sums(given, window, groups, weights, bias, input);
    sums.iter().enumerate().map(|(at, sum)| rescale.one(at % bias.len(), *sum)).collect()
}

/// `round(a * scale_a + b * scale_b)`.
pub fn add(a: i16, b: i16, (scale_a, scale_b): (f32, f32), (low, high): (i16, i16)) -> i16 {
    let sum = f32::from(a) * scale_a + f32::from(b) * scale_b;
    sum.clamp(f32::from(low), f32::from(high)).round_ties_even() as i16
}

/// The largest number under the window, of each channel; padding never wins.
pub fn max_pool(given: Pictures, window: &Window, input: &[i16]) -> Vec<i16> {
    pool(given, window, input, |seen| seen.iter().copied().max().unwrap_or(0))
}

/// The mean of the numbers under the window times `scale`; padding counts as zeros where `count_pad`.
pub fn average_pool(
    given: Pictures,
    window: &Window,
    count_pad: bool,
    scale: f32,
    bounds: (i16, i16),
    input: &[i16],
) -> Vec<i16> {
    pool(given, window, input, |seen| {
        let count = if count_pad { window.taps() } else { seen.len().max(1) };
        to_steps(seen.iter().map(|v| i32::from(*v)).sum(), scale / count as f32, bounds)
    })
}

fn pool(given: Pictures, window: &Window, input: &[i16], of: impl Fn(&[i16]) -> i16) -> Vec<i16> {
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
