//! Numbers of quantized tensors one by one.

use super::rescale::round;

/// Real numbers to steps: `round(x / scale)`, ties to even, within `low..=high`; NaN becomes `low`.
#[inline]
pub fn quantize(x: f32, scale: f32, (low, high): (i16, i16)) -> i16 {
    round((x / scale).max(f32::from(low)).min(f32::from(high)))
}

/// `round(a * scale_a + b * scale_b)`, where the scales are those of the operands over that of the output.
///
/// # Panics
/// If the lengths differ.
pub fn add(a: &[i16], b: &[i16], (scale_a, scale_b): (f32, f32), (low, high): (i16, i16), output: &mut [i16]) {
    assert!(a.len() == b.len() && a.len() == output.len());
    let (low, high) = (f32::from(low), f32::from(high));
    for ((to, a), b) in output.iter_mut().zip(a).zip(b) {
        *to = round((f32::from(*a) * scale_a + f32::from(*b) * scale_b).max(low).min(high));
    }
}

/// `round(a * scale)`: the same real numbers in other steps.
///
/// # Panics
/// If the lengths differ.
pub fn requantize(a: &[i16], scale: f32, (low, high): (i16, i16), output: &mut [i16]) {
    assert_eq!(a.len(), output.len());
    let (low, high) = (f32::from(low), f32::from(high));
    for (to, a) in output.iter_mut().zip(a) {
        *to = round((f32::from(*a) * scale).max(low).min(high));
    }
}
