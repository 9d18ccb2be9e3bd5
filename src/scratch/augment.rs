//! Random changes that leave the class as it is: a shift of a few pixels (crop) and another brightness and
//! contrast. Never mirrored: a road sign, a letter or a hand turns into another one.

use super::{NUMBERS, SIDE};
use crate::learn::random::Random;

/// Pixels a picture is shifted by at most, each way.
const SHIFT: usize = 4;
/// Brightness and contrast change by this much at most.
const LIGHT: f64 = 0.25;

/// A picture as the network takes it: `[3, SIDE, SIDE]`, about -2..2.
pub fn plain(pixels: &[u8]) -> Vec<f32> {
    planes(pixels, 0, 0, 1.0, 0.0)
}

/// The same, changed at random.
pub fn changed(pixels: &[u8], random: &mut Random) -> Vec<f32> {
    let mut shift = || random.below(2 * SHIFT + 1) as isize - SHIFT as isize;
    let (dx, dy) = (shift(), shift());
    let mut light = || (2.0 * random.uniform() - 1.0) * LIGHT;
    planes(pixels, dx, dy, 1.0 + light() as f32, 2.0 * light() as f32)
}

/// `pixels` `[SIDE, SIDE, 3]`; beyond the edge the edge goes on.
fn planes(pixels: &[u8], dx: isize, dy: isize, contrast: f32, brightness: f32) -> Vec<f32> {
    let inside = |at: usize, by: isize| (at as isize + by).clamp(0, SIDE as isize - 1) as usize;
    let mut out = Vec::with_capacity(NUMBERS);
    for channel in 0..3 {
        for y in 0..SIDE {
            let row = inside(y, dy) * SIDE;
            for x in 0..SIDE {
                let value = pixels.get((row + inside(x, dx)) * 3 + channel).copied().unwrap_or(0);
                out.push((f32::from(value) / 64.0 - 2.0) * contrast + brightness);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_keep_every_pixel_and_changes_stay_in_range() {
        let pixels: Vec<u8> = (0..NUMBERS).map(|i| (i % 251) as u8).collect();
        let all = plain(&pixels);
        assert_eq!(all.len(), NUMBERS);
        assert_eq!(all[SIDE * SIDE + 1], f32::from(pixels[4]) / 64.0 - 2.0);
        let mut random = Random::new(1);
        let (a, b) = (changed(&pixels, &mut random), changed(&pixels, &mut random));
        assert_ne!(a, b);
        assert!(a.iter().chain(&b).all(|v| v.abs() < 4.0));
        assert_eq!(plain(&[]).len(), NUMBERS);
    }
}
