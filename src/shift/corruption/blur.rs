//! Blur: light that lands on the wrong pixel. Lengths are in pixels of a 64-pixel picture;
//! `scale` turns them into those of this one.

use super::plane::{Planes, Random};

/// Out of focus: every point becomes a disc, `soft` being the blur of the disc's rim.
pub fn defocus(picture: &Planes, severity: usize, scale: f32) -> Planes {
    let (radius, soft) = [(0.5, 0.6), (1.0, 0.1), (1.5, 0.1), (2.5, 0.01), (3.0, 0.1)][severity];
    let (radius, soft): (f32, f32) = (radius * scale, soft * scale);
    let reach = radius.floor() as isize;
    let inside = |x: isize, y: isize| ((x * x + y * y) as f32) <= radius * radius;
    let disc: Vec<_> =
        (-reach..=reach).flat_map(|y| (-reach..=reach).filter(move |x| inside(*x, y)).map(move |x| (x, y))).collect();
    let weight = 1.0 / disc.len() as f32;
    let taps: Vec<_> = disc.into_iter().map(|(x, y)| (x, y, weight)).collect();
    // The paper blurs the disc in a 3 x 3 window; blurring the picture comes to the same.
    let rim = three_taps(soft.max(1e-3));
    picture.each_ref().map(|plane| plane.convolve(&taps).convolve(&rim))
}

/// A Gaussian of `sigma` pixels on the nine nearest.
fn three_taps(sigma: f32) -> Vec<(isize, isize, f32)> {
    let side = (-0.5 / (sigma * sigma)).exp();
    let line = [side, 1.0, side].map(|w| w / (1.0 + 2.0 * side));
    (0..9).map(|i| (i % 3 - 1, i / 3 - 1, line[i as usize % 3] * line[i as usize / 3])).collect()
}

/// Frosted glass: pixels take the place of neighbours between two light blurs. As in the authors' code,
/// whose swap copies, both then have the neighbour's colour; the border stays.
pub fn glass(picture: &Planes, severity: usize, scale: f32, random: &mut Random) -> Planes {
    let (sigma, reach, rounds) = [(0.1, 1.0, 1), (0.5, 1.0, 1), (0.6, 1.0, 2), (0.7, 2.0, 1), (0.9, 2.0, 2)][severity];
    let reach = (reach * scale).round().max(1.0) as isize;
    let mut planes = picture.each_ref().map(|plane| plane.gaussian(sigma * scale));
    let (width, height) = (planes[0].width as isize, planes[0].height as isize);
    for _ in 0..rounds {
        let inner = |n: isize| (reach + 1..=n - reach).rev();
        for (y, x) in inner(height).flat_map(|y| inner(width).map(move |x| (y, x))) {
            let mut near = |at: isize, n: isize| (at + random.below(2 * reach) - reach).min(n - 1);
            let (x, y) = (x.min(width - 1), y.min(height - 1));
            let (here, there) = ((y * width + x) as usize, (near(y, height) * width + near(x, width)) as usize);
            planes.iter_mut().for_each(|plane| plane.data[here] = plane.data[there]);
        }
    }
    planes.map(|plane| plane.gaussian(sigma * scale))
}

/// The camera moves: one smear at a random angle within 45 degrees of level.
pub fn motion(picture: &Planes, severity: usize, scale: f32, random: &mut Random) -> Planes {
    let (radius, sigma) = [(10.0, 1.0), (10.0, 1.5), (10.0, 2.0), (10.0, 2.5), (12.0, 3.0)][severity];
    let angle = random.range(-45.0, 45.0).to_radians();
    picture.each_ref().map(|plane| plane.motion(radius * scale, sigma * scale, angle))
}

/// The camera approaches: the mean of the picture and of enlargements by 0, 1, 2 ... per cent.
pub fn zoom(picture: &Planes, severity: usize) -> Planes {
    let last = [5, 10, 15, 20, 25][severity];
    picture.each_ref().map(|plane| {
        let mut sum = plane.clone();
        for percent in 0..=last {
            sum = sum.with(&plane.zoom(1.0 + percent as f32 / 100.0), |a, b| a + b);
        }
        sum.map(|v| v / (last + 2) as f32)
    })
}

/// Gaussian blur.
pub fn gaussian(picture: &Planes, severity: usize, scale: f32) -> Planes {
    let sigma = [0.5, 0.75, 1.0, 1.25, 1.5][severity];
    picture.each_ref().map(|plane| plane.gaussian(sigma * scale))
}
