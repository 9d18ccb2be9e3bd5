//! What the families share: float pictures and maps, and the seeded random numbers.

use crate::image::Rgb8;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::f32::consts::TAU;

/// One map of `width * height` numbers, row by row; nominally 0..1, unclipped.
#[derive(Debug, Clone)]
pub struct Plane {
    pub width: usize,
    pub height: usize,
    pub data: Vec<f32>,
}

/// A picture as three maps: red, green, blue.
pub type Planes = [Plane; 3];

/// Bytes to 0..1.
pub fn from_rgb8(image: &Rgb8) -> Planes {
    let (width, height) = (image.width as usize, image.height as usize);
    let (pixels, _) = image.data.as_chunks::<3>();
    [0, 1, 2].map(|c| Plane { width, height, data: pixels.iter().map(|p| f32::from(p[c]) / 255.0).collect() })
}

/// 0..1 to the nearest bytes; what lies outside is clipped.
pub fn to_rgb8([r, g, b]: &Planes) -> Rgb8 {
    let byte = |v: f32| (v * 255.0).round().clamp(0.0, 255.0) as u8;
    let data = (0..r.data.len()).flat_map(|i| [r.data[i], g.data[i], b.data[i]].map(byte)).collect();
    Rgb8 { width: r.width as u32, height: r.height as u32, data }
}

impl Plane {
    pub fn from_fn(width: usize, height: usize, mut value: impl FnMut(usize, usize) -> f32) -> Self {
        let data = (0..width * height).map(|i| value(i % width, i / width)).collect();
        Self { width, height, data }
    }

    /// The value at a pixel; beyond the border, that of the nearest pixel.
    pub fn at(&self, x: isize, y: isize) -> f32 {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.data[y * self.width + x]
    }

    /// The value between pixels (bilinear; pixel centres at whole numbers, border repeated).
    pub fn between(&self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = (x - left, y - top);
        let (left, top) = (left as isize, top as isize);
        let row = |y| self.at(left, y) * (1.0 - fx) + self.at(left + 1, y) * fx;
        row(top) * (1.0 - fy) + row(top + 1) * fy
    }

    pub fn map(&self, mut f: impl FnMut(f32) -> f32) -> Self {
        Self { data: self.data.iter().map(|v| f(*v)).collect(), ..*self }
    }

    /// Pixel by pixel with another map of the same size.
    pub fn with(&self, other: &Self, mut f: impl FnMut(f32, f32) -> f32) -> Self {
        Self { data: self.data.iter().zip(&other.data).map(|(a, b)| f(*a, *b)).collect(), ..*self }
    }

    pub fn max(&self) -> f32 {
        self.data.iter().copied().fold(f32::MIN, f32::max)
    }

    /// Weighted sum over taps `(dx, dy, weight)`, border repeated.
    pub fn convolve(&self, taps: &[(isize, isize, f32)]) -> Self {
        Self::from_fn(self.width, self.height, |x, y| {
            taps.iter().map(|(dx, dy, w)| w * self.at(x as isize + dx, y as isize + dy)).sum()
        })
    }

    /// Gaussian blur of standard deviation `sigma` pixels, cut at four of them as scikit-image
    /// does, border repeated.
    pub fn gaussian(&self, sigma: f32) -> Self {
        let taps = gaussian_taps(sigma);
        let row: Vec<_> = taps.iter().map(|(d, w)| (*d, 0, *w)).collect();
        let column: Vec<_> = taps.iter().map(|(d, w)| (0, *d, *w)).collect();
        self.convolve(&row).convolve(&column)
    }

    /// The middle, enlarged `factor` times (at least 1) to the same size. As in the authors' code the
    /// middle is of whole pixels (rounded up) and its corners stay in the corners (SciPy's `zoom`).
    pub fn zoom(&self, factor: f32) -> Self {
        let side = |n: usize| {
            // Factors come as decimals: what is a whole number there must not be rounded up here.
            let middle = ((n as f32 / factor - 1e-3).ceil() as usize).clamp(1, n);
            let enlarged = (middle as f32 * factor).round().max(1.0);
            let step = if enlarged > 1.0 { (middle - 1) as f32 / (enlarged - 1.0) } else { 0.0 };
            (((n - middle) / 2) as f32, step)
        };
        let ((left, across), (top, down)) = (side(self.width), side(self.height));
        Self::from_fn(self.width, self.height, |x, y| self.between(left + x as f32 * across, top + y as f32 * down))
    }

    /// Smeared to one side, as ImageMagick's motion blur: half a Gaussian of `sigma` pixels,
    /// cut at `radius`, in the direction `angle` (radians).
    pub fn motion(&self, radius: f32, sigma: f32, angle: f32) -> Self {
        let (sin, cos) = angle.sin_cos();
        let weights: Vec<f32> = (0..=radius.ceil() as usize).map(|i| bell(i as f32, sigma)).collect();
        let sum: f32 = weights.iter().sum();
        Self::from_fn(self.width, self.height, |x, y| {
            let step = |(i, w): (usize, &f32)| w * self.between(x as f32 + i as f32 * cos, y as f32 + i as f32 * sin);
            weights.iter().enumerate().map(step).sum::<f32>() / sum
        })
    }
}

fn bell(d: f32, sigma: f32) -> f32 {
    (-d * d / (2.0 * sigma * sigma)).exp()
}

/// `(offset, weight)`, the weights summing to 1.
fn gaussian_taps(sigma: f32) -> Vec<(isize, f32)> {
    let reach = (4.0 * sigma + 0.5) as isize;
    let sum: f32 = (-reach..=reach).map(|d| bell(d as f32, sigma)).sum();
    (-reach..=reach).map(|d| (d, bell(d as f32, sigma) / sum)).collect()
}

/// Brightness as the eye weighs it (ITU-R BT.601), pixel by pixel.
pub fn luma([r, g, b]: &Planes) -> Plane {
    r.map(|r| 0.299 * r).with(g, |y, g| y + 0.587 * g).with(b, |y, b| y + 0.114 * b)
}

/// Every pixel through a change of its hue, saturation and value, each in 0..1.
pub fn through_hsv(picture: &Planes, change: impl Fn([f32; 3]) -> [f32; 3]) -> Planes {
    let [r, g, b] = picture;
    let mut out = picture.clone();
    for i in 0..r.data.len() {
        let pixel = hsv_to_rgb(change(rgb_to_hsv([r.data[i], g.data[i], b.data[i]])));
        out.iter_mut().zip(pixel).for_each(|(plane, v)| plane.data[i] = v);
    }
    out
}

/// Hue, saturation and value (Smith 1978), all in 0..1; greys have hue 0.
pub fn rgb_to_hsv([r, g, b]: [f32; 3]) -> [f32; 3] {
    let value = r.max(g).max(b);
    let chroma = value - r.min(g).min(b);
    if chroma <= 0.0 {
        return [0.0, 0.0, value];
    }
    let sixth = if value == r {
        (g - b) / chroma
    } else if value == g {
        2.0 + (b - r) / chroma
    } else {
        4.0 + (r - g) / chroma
    };
    [(sixth / 6.0).rem_euclid(1.0), chroma / value, value]
}

/// The way back from [`rgb_to_hsv`].
pub fn hsv_to_rgb([hue, saturation, value]: [f32; 3]) -> [f32; 3] {
    [5.0f32, 3.0, 1.0].map(|n| {
        let k = (n + hue * 6.0).rem_euclid(6.0);
        value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0)
    })
}

/// Random numbers from a seed.
pub struct Random(ChaCha8Rng);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Uniform in 0..1, 1 excluded: 24 bits are every step a float32 has there.
    pub fn uniform(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / (1 << 24) as f32
    }

    /// Uniform in `low..high`.
    pub fn range(&mut self, low: f32, high: f32) -> f32 {
        low + self.uniform() * (high - low)
    }

    /// A whole number in `0..most`.
    pub fn below(&mut self, most: isize) -> isize {
        (self.uniform() * most as f32) as isize
    }

    /// Standard normal (Box and Muller 1958).
    pub fn normal(&mut self) -> f32 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (TAU * self.uniform()).cos()
    }

    /// Poisson with a mean up to a few hundred (Knuth 1969: products of uniforms, in f64).
    pub fn poisson(&mut self, mean: f32) -> f32 {
        let limit = (-f64::from(mean)).exp();
        let (mut product, mut count) = (f64::from(1.0 - self.uniform()), 0.0);
        while product > limit {
            product *= f64::from(1.0 - self.uniform());
            count += 1.0;
        }
        count
    }
}

/// Diamond-square clouds (Fournier et al. 1982) stretched to 0..1; each halving of the step
/// divides the roughness by `decay`: 3 is smooth, 1.75 is rugged.
pub fn plasma(width: usize, height: usize, decay: f32, random: &mut Random) -> Plane {
    let side = width.max(height).next_power_of_two();
    let mut map = vec![0.0f32; side * side];
    // Wraps around, so that every point has four neighbours.
    let at = |map: &[f32], x: usize, y: usize| map[y % side * side + x % side];
    let (mut step, mut wobble) = (side, 1.0f32);
    while step >= 2 {
        let half = step / 2;
        for (y, x) in grid(side, step) {
            let sum = at(&map, x, y) + at(&map, x + step, y) + at(&map, x, y + step) + at(&map, x + step, y + step);
            map[(y + half) * side + x + half] = sum / 4.0 + wobble * random.range(-1.0, 1.0);
        }
        for (y, x) in grid(side, step) {
            for (x, y) in [(x + half, y), (x, y + half)] {
                let across = at(&map, x + side - half, y) + at(&map, x + half, y);
                let down = at(&map, x, y + side - half) + at(&map, x, y + half);
                map[y * side + x] = (across + down) / 4.0 + wobble * random.range(-1.0, 1.0);
            }
        }
        step = half;
        wobble /= decay;
    }
    let low = map.iter().copied().fold(f32::MAX, f32::min);
    let span = (map.iter().copied().fold(f32::MIN, f32::max) - low).max(f32::MIN_POSITIVE);
    Plane::from_fn(width, height, |x, y| (map[y * side + x] - low) / span)
}

fn grid(side: usize, step: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..side).step_by(step).flat_map(move |y| (0..side).step_by(step).map(move |x| (y, x)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blurs_keep_a_plain_map_plain() {
        let plain = Plane::from_fn(7, 5, |_, _| 0.25);
        for blurred in [plain.gaussian(1.5), plain.motion(10.0, 3.0, 1.0), plain.zoom(1.3)] {
            assert!(blurred.data.iter().all(|v| (v - 0.25).abs() < 1e-5));
        }
    }

    #[test]
    fn random_numbers_have_the_moments_they_should() {
        let mut random = Random::new(1);
        let n = 20_000;
        let moments = |draws: Vec<f32>| {
            let mean = draws.iter().sum::<f32>() / n as f32;
            (mean, draws.iter().map(|d| (d - mean).powi(2)).sum::<f32>() / n as f32)
        };
        let (mean, variance) = moments((0..n).map(|_| random.normal()).collect());
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
        let (mean, variance) = moments((0..n).map(|_| random.poisson(15.0)).collect());
        assert!((mean - 15.0).abs() < 0.15 && (variance - 15.0).abs() < 0.8, "{mean} {variance}");
    }

    #[test]
    fn clouds_fill_the_range() {
        let clouds = plasma(64, 64, 2.0, &mut Random::new(3));
        assert_eq!(clouds.max(), 1.0);
        assert_eq!(clouds.data.iter().copied().fold(1.0, f32::min), 0.0);
    }

    proptest! {
        #[test]
        fn hsv_goes_there_and_back(rgb: [u8; 3]) {
            let rgb = rgb.map(|c| f32::from(c) / 255.0);
            let back = hsv_to_rgb(rgb_to_hsv(rgb));
            prop_assert!(rgb.iter().zip(back).all(|(a, b)| (a - b).abs() < 1e-4), "{:?} {:?}", rgb, back);
        }
    }
}
