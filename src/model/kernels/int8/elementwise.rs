//! Numbers of quantized tensors one by one.

use super::lanes;
use super::rescale::{steps, steps8};
use wide::{f32x4, i16x8};

/// How a tensor stores real numbers: `real = scale * (stored - zero)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    pub scale: f32,
    pub zero: i8,
}

/// A real number to steps: `round(x / scale) + zero`, ties to even, within the bounds; NaN becomes the lower.
#[inline]
pub fn quantize(x: f32, of: Scale, (low, high): (i8, i8)) -> i8 {
    if x.is_nan() { low } else { steps(x / of.scale, of.zero, (low, high)) }
}

/// The same for many.
///
/// # Panics
/// If the lengths differ.
pub fn quantize_all(x: &[f32], of: Scale, bounds: (i8, i8), output: &mut [i8]) {
    assert_eq!(x.len(), output.len());
    let ((x, last_x), (to, last)) = (x.as_chunks::<8>(), output.as_chunks_mut::<8>());
    for (to, x) in to.iter_mut().zip(x) {
        if x.iter().any(|x| x.is_nan()) {
            *to = x.map(|x| quantize(x, of, bounds));
            continue;
        }
        let [a, b, c, d, e, f, g, h] = *x;
        let halves = [f32x4::from([a, b, c, d]), f32x4::from([e, f, g, h])];
        *to = steps8(halves.map(|half| half / f32x4::splat(of.scale)), of.zero, bounds);
    }
    last.iter_mut().zip(last_x).for_each(|(to, x)| *to = quantize(*x, of, bounds));
}

/// `round(a * scale_a + b * scale_b) + zero`, where `a` and `b` are taken from their zero points and the
/// scales are theirs over that of the output.
///
/// # Panics
/// If the lengths differ.
pub fn add((a, of_a): (&[i8], Scale), (b, of_b): (&[i8], Scale), zero: i8, bounds: (i8, i8), output: &mut [i8]) {
    assert!(a.len() == b.len() && a.len() == output.len());
    let eight = |a: &[i8; 8], b: &[i8; 8]| {
        let (a, b) = (real(a, of_a), real(b, of_b));
        steps8([a[0] + b[0], a[1] + b[1]], zero, bounds)
    };
    let ((a, last_a), (b, last_b)) = (a.as_chunks(), b.as_chunks());
    let (to, last) = output.as_chunks_mut();
    to.iter_mut().zip(a.iter().zip(b)).for_each(|(to, (a, b))| *to = eight(a, b));
    last.copy_from_slice(&eight(&fill(last_a), &fill(last_b))[..last.len()]);
}

/// `round(a * scale) + zero`: the same real numbers in other steps; the scale is that of `a` over that of
/// the output.
///
/// # Panics
/// If the lengths differ.
pub fn requantize(a: &[i8], of: Scale, zero: i8, bounds: (i8, i8), output: &mut [i8]) {
    assert_eq!(a.len(), output.len());
    let eight = |a: &[i8; 8]| steps8(real(a, of), zero, bounds);
    let ((a, last_a), (to, last)) = (a.as_chunks(), output.as_chunks_mut());
    to.iter_mut().zip(a).for_each(|(to, a)| *to = eight(a));
    last.copy_from_slice(&eight(&fill(last_a))[..last.len()]);
}

/// Eight stored numbers, from the zero point, times the scale.
#[inline(always)]
fn real(stored: &[i8; 8], of: Scale) -> [f32x4; 2] {
    let from_zero = lanes::halves(lanes::widen(stored) - i16x8::splat(i16::from(of.zero)));
    from_zero.map(|v| v.round_float() * f32x4::splat(of.scale))
}

fn fill(few: &[i8]) -> [i8; 8] {
    std::array::from_fn(|i| few.get(i).copied().unwrap_or(0))
}
