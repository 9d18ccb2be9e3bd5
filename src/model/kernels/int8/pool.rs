//! Pooling of quantized pictures with channels last.

use super::rescale::round;
use super::window::{Pictures, Window};

/// The largest number under the window, of each channel; padding never wins, and a window of nothing
/// but padding gives 0.
///
/// # Panics
/// If the lengths do not fit.
pub fn max(given: Pictures, window: &Window, input: &[i16], output: &mut [i16]) {
    slide(given, window, input, output, |seen, to| {
        let mut any = false;
        for from in seen {
            if any {
                to.iter_mut().zip(from).for_each(|(to, v)| *to = (*to).max(*v));
            } else {
                to.copy_from_slice(from);
                any = true;
            }
        }
        if !any {
            to.fill(0);
        }
    });
}

/// The mean under the window times `scale`, input scale over output scale; padding counts as zeros
/// where `count_pad`. A window over the whole picture is the global mean.
///
/// # Panics
/// If the lengths do not fit.
pub fn average(
    given: Pictures,
    window: &Window,
    count_pad: bool,
    scale: f32,
    (low, high): (i16, i16),
    input: &[i16],
    output: &mut [i16],
) {
    let mut sums = vec![0i32; given.channels];
    let (low, high) = (f32::from(low), f32::from(high));
    slide(given, window, input, output, |seen, to| {
        sums.fill(0);
        let mut count = 0;
        for from in seen {
            sums.iter_mut().zip(from).for_each(|(sum, v)| *sum += i32::from(*v));
            count += 1;
        }
        let count = if count_pad { window.taps() } else { count.max(1) };
        let scale = scale / count as f32;
        to.iter_mut().zip(&sums).for_each(|(to, sum)| *to = round((*sum as f32 * scale).max(low).min(high)));
    });
}

/// Hands the pixels under the window, each `[channels]`, with the output pixel to `each`.
fn slide(
    given: Pictures,
    window: &Window,
    input: &[i16],
    output: &mut [i16],
    mut each: impl FnMut(&mut dyn Iterator<Item = &[i16]>, &mut [i16]),
) {
    let (out_h, out_w) = window.output(given.size);
    let channels = given.channels;
    assert_eq!(input.len(), given.numbers());
    assert_eq!(output.len(), given.count * out_h * out_w * channels);
    if output.is_empty() {
        return;
    }
    let across = window.kernel.1;
    for (at, to) in output.chunks_exact_mut(channels).enumerate() {
        let (picture, pixel) = (at / (out_h * out_w), at % (out_h * out_w));
        let first = picture * given.pixels();
        let taps = (0..window.taps()).map(|tap| (tap / across, tap % across));
        let mut under = taps
            .filter_map(|tap| window.under((pixel / out_w, pixel % out_w), tap, given.size))
            .map(|found| &input[(first + found) * channels..][..channels]);
        each(&mut under, to);
    }
}
