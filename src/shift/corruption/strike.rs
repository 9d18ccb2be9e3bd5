//! From a corruption's name to its arithmetic.

use super::Corruption::{self, *};
use super::plane::{Planes, Random, from_rgb8, to_rgb8};
use super::{blur, digital, noise, weather};
use crate::image::Rgb8;

impl Corruption {
    /// The picture gone bad: same size, and the same for the same seed. A severity outside
    /// [`Self::SEVERITIES`] counts as the nearest inside.
    pub fn apply(self, image: &Rgb8, severity: u8, seed: u64) -> Rgb8 {
        let level = usize::from(severity.clamp(*Self::SEVERITIES.start(), *Self::SEVERITIES.end()) - 1);
        match self {
            Pixelate => digital::pixelate(image, level),
            Jpeg => digital::jpeg(image, level),
            _ => to_rgb8(&self.apply_planes(&from_rgb8(image), level, &mut Random::new(seed))),
        }
    }

    fn apply_planes(self, x: &Planes, level: usize, random: &mut Random) -> Planes {
        // Below 8 pixels there is nothing left to scale, and layers drawn for 64 would be huge.
        let scale = (x[0].width.min(x[0].height) as f32 / 64.0).max(0.125);
        match self {
            GaussianNoise => noise::gaussian(x, level, random),
            ShotNoise => noise::shot(x, level, random),
            ImpulseNoise => noise::impulse(x, level, random),
            SpeckleNoise => noise::speckle(x, level, random),
            DefocusBlur => blur::defocus(x, level, scale),
            GlassBlur => blur::glass(x, level, scale, random),
            MotionBlur => blur::motion(x, level, scale, random),
            ZoomBlur => blur::zoom(x, level),
            GaussianBlur => blur::gaussian(x, level, scale),
            Snow => weather::snow(x, level, scale, random),
            Frost => weather::frost(x, level, scale, random),
            Fog => weather::fog(x, level, random),
            Brightness => weather::brightness(x, level),
            Spatter => weather::spatter(x, level, scale, random),
            Contrast => digital::contrast(x, level),
            Elastic => digital::elastic(x, level, scale, random),
            Saturate => digital::saturate(x, level),
            // These two work on bytes.
            Pixelate | Jpeg => x.clone(),
        }
    }
}
