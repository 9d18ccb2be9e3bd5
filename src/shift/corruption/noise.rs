//! Noise: every pixel on its own.

use super::plane::{Planes, Random};

/// Adds normal noise, the same everywhere: a sensor in low light.
pub fn gaussian(picture: &Planes, severity: usize, random: &mut Random) -> Planes {
    let deviation = [0.04, 0.08, 0.12, 0.15, 0.18][severity];
    each(picture, |v| v + deviation * random.normal())
}

/// Counts photons: a pixel of value `v` is a Poisson draw of mean `v * photons`.
pub fn shot(picture: &Planes, severity: usize, random: &mut Random) -> Planes {
    let photons = [250.0, 100.0, 50.0, 30.0, 15.0][severity];
    each(picture, |v| random.poisson(v * photons) / photons)
}

/// Salt and pepper: a share of the values goes to 0 or 1.
pub fn impulse(picture: &Planes, severity: usize, random: &mut Random) -> Planes {
    let share = [0.01, 0.02, 0.05, 0.08, 0.14][severity];
    each(picture, |v| {
        let (hit, salt) = (random.uniform() < share, random.uniform() < 0.5);
        if hit { f32::from(u8::from(salt)) } else { v }
    })
}

/// Normal noise in proportion to the value.
pub fn speckle(picture: &Planes, severity: usize, random: &mut Random) -> Planes {
    let deviation = [0.15, 0.2, 0.25, 0.3, 0.35][severity];
    each(picture, |v| v + v * deviation * random.normal())
}

fn each(picture: &Planes, mut change: impl FnMut(f32) -> f32) -> Planes {
    [0, 1, 2].map(|c: usize| picture[c].map(&mut change))
}
