//! Weather, brightness and dirt on the lens. Lengths are in pixels of a 64-pixel picture.

use super::plane::{Plane, Planes, Random, luma, plasma, through_hsv};

/// A layer drawn for a 64-pixel picture, stretched to this one: flakes and drops grow with it.
fn layer(like: &Plane, scale: f32, draw: impl FnOnce(usize, usize) -> Plane) -> Plane {
    let side = |n: usize| (n as f32 / scale).ceil().max(1.0) as usize;
    let small = draw(side(like.width), side(like.height));
    Plane::from_fn(like.width, like.height, |x, y| small.between(x as f32 / scale, y as f32 / scale))
}

/// Snow: flakes smeared as they fall, over a picture paled towards white.
pub fn snow(picture: &Planes, severity: usize, scale: f32, random: &mut Random) -> Planes {
    let (mean, deviation, zoom, least, radius, sigma, keep) = [
        (0.1, 0.2, 1.0, 0.6, 8.0, 3.0, 0.8),
        (0.1, 0.2, 1.0, 0.5, 10.0, 4.0, 0.8),
        (0.15, 0.3, 1.75, 0.55, 10.0, 4.0, 0.7),
        (0.25, 0.3, 2.25, 0.6, 12.0, 6.0, 0.65),
        (0.3, 0.3, 1.25, 0.65, 14.0, 12.0, 0.6),
    ][severity];
    let flakes = layer(&picture[0], scale, |width, height| {
        let noise = Plane::from_fn(width, height, |_, _| mean + deviation * random.normal());
        let flakes = noise.zoom(zoom).map(|v| if v < least { 0.0 } else { v.min(1.0) });
        flakes.motion(radius, sigma, random.range(-135.0, -45.0).to_radians())
    });
    let grey = luma(picture);
    let last = flakes.data.len() - 1;
    picture.each_ref().map(|plane| {
        let mut out = plane.with(&grey, |v, y| keep * v + (1.0 - keep) * v.max(y * 1.5 + 0.5));
        // The same flakes again, turned by half a turn, fill the sky for one drawing.
        out.data.iter_mut().enumerate().for_each(|(i, v)| *v += flakes.data[i] + flakes.data[last - i]);
        out
    })
}

/// Frost on the window. The paper lays photographs of frost over the picture at these weights;
/// here the frost is grown: clouds, bright ridges where a cloud crosses its middle, and needles.
/// Its errors are therefore not comparable with published ones.
pub fn frost(picture: &Planes, severity: usize, scale: f32, random: &mut Random) -> Planes {
    let (keep, weight) = [(1.0, 0.3), (0.9, 0.4), (0.8, 0.45), (0.75, 0.5), (0.7, 0.55)][severity];
    let ice = layer(&picture[0], scale, |width, height| {
        let ridges = plasma(width, height, 1.7, random).map(|v| (1.0 - (2.0 * v - 1.0).abs()).powi(6));
        let mut ice = plasma(width, height, 2.0, random).with(&ridges, |cloud, ridge| 0.2 + 0.4 * cloud + 0.4 * ridge);
        for _ in 0..3 {
            let seeds = Plane::from_fn(width, height, |_, _| f32::from(u8::from(random.uniform() > 0.985)));
            let needles = seeds.motion(9.0, 5.0, random.range(0.0, 360.0).to_radians());
            ice = ice.with(&needles, |a, b| a + 2.0 * b);
        }
        ice.map(|v| v.min(1.0))
    });
    // Ice is a little blue.
    let mut tint = [0.86, 0.94, 1.0].into_iter();
    picture.each_ref().map(|plane| {
        let tint = tint.next().unwrap_or(1.0);
        plane.with(&ice, |v, ice| keep * v + weight * tint * ice)
    })
}

/// Fog: diamond-square clouds added, the brightest value kept.
pub fn fog(picture: &Planes, severity: usize, random: &mut Random) -> Planes {
    let (depth, decay) = [(0.4, 3.0), (0.7, 3.0), (1.0, 2.5), (1.5, 2.0), (2.0, 1.75)][severity];
    let clouds = plasma(picture[0].width, picture[0].height, decay, random);
    let brightest = picture.iter().map(Plane::max).fold(0.0, f32::max);
    picture.each_ref().map(|plane| plane.with(&clouds, |v, c| (v + depth * c) * brightest / (brightest + depth)))
}

/// Too much light: a constant added to the value of hue, saturation, value.
pub fn brightness(picture: &Planes, severity: usize) -> Planes {
    let more = [0.1, 0.2, 0.3, 0.4, 0.5][severity];
    through_hsv(picture, |[h, s, v]| [h, s, (v + more).min(1.0)])
}

/// Drops on the lens: water up to severity 3, mud above.
pub fn spatter(picture: &Planes, severity: usize, scale: f32, random: &mut Random) -> Planes {
    let (mean, deviation, sigma, least, strength) = [
        (0.62, 0.1, 0.7, 0.7, 0.6),
        (0.65, 0.1, 0.8, 0.7, 0.6),
        (0.65, 0.3, 1.0, 0.69, 0.6),
        (0.65, 0.1, 0.7, 0.68, 0.6),
        (0.65, 0.1, 0.5, 0.67, 0.6),
    ][severity];
    let mud = severity >= 3;
    let cover = layer(&picture[0], scale, |width, height| {
        let noise = Plane::from_fn(width, height, |_, _| mean + deviation * random.normal());
        let drops = noise.gaussian(sigma).map(|v| f32::from(u8::from(v > least)));
        if mud {
            drops.gaussian(strength).map(|v| if v < 0.8 { 0.0 } else { v })
        } else {
            lit(&drops).map(|v| v * strength)
        }
    });
    // Mud hides what is behind it, water adds its light.
    let color = if mud { [63.0, 42.0, 20.0] } else { [175.0, 238.0, 238.0] };
    let mut color = color.map(|c| c / 255.0).into_iter();
    picture.each_ref().map(|plane| {
        let color = color.next().unwrap_or(0.0);
        plane.with(&cover, |v, m| if mud { v * (1.0 - m) + color * m } else { v + color * m })
    })
}

/// Drops of water, brighter at the edge that faces the light (top left), 0..1. Stands in for
/// the paper's chain of edge detection, distance transform and embossing.
fn lit(drops: &Plane) -> Plane {
    let round = drops.gaussian(1.0);
    let slope = round.convolve(&[(-1, -1, -1.0), (1, 1, 1.0)]);
    drops.with(&slope, |drop, slope| drop * (0.6 + slope).clamp(0.0, 1.0))
}
