//! Pooling of quantized pictures with channels last.

use super::elementwise::Scale;
use super::rescale::steps;
use super::window::{Pictures, Window};

/// The largest number under the window, of each channel; padding never wins, and a window of nothing
/// but padding gives `zero`, the zero point.
///
/// # Panics
/// If the lengths do not fit.
pub fn max(given: Pictures, window: &Window, zero: i8, input: &[i8], output: &mut [i8]) {
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
            to.fill(zero);
        }
    });
}

/// The mean under the window, taken from its zero point, times the scale, which is that of the input over
/// that of the output, to the output's zero point; padding counts as zeros where `count_pad`. A window
/// over the whole picture is the global mean.
///
/// # Panics
/// If the lengths do not fit.
pub fn average(
    given: Pictures,
    window: &Window,
    count_pad: bool,
    (input, of): (&[i8], Scale),
    zero: i8,
    bounds: (i8, i8),
    output: &mut [i8],
) {
    let mut sums = vec![0i32; given.channels];
    slide(given, window, input, output, |seen, to| {
        sums.fill(0);
        let mut count = 0i32;
        for from in seen {
            sums.iter_mut().zip(from).for_each(|(sum, v)| *sum += i32::from(*v));
            count += 1;
        }
        let offset = count * i32::from(of.zero);
        let count = if count_pad { window.taps() } else { count.max(1) as usize };
        let scale = of.scale / count as f32;
        to.iter_mut().zip(&sums).for_each(|(to, sum)| *to = steps((*sum - offset) as f32 * scale, zero, bounds));
    });
}

/// Hands the pixels under the window, each `[channels]`, with the output pixel to `each`.
fn slide(
    given: Pictures,
    window: &Window,
    input: &[i8],
    output: &mut [i8],
    mut each: impl FnMut(&mut dyn Iterator<Item = &[i8]>, &mut [i8]),
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
