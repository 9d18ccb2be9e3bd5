//! Digital: what cameras, editors and codecs do.

use super::plane::{Plane, Planes, Random, through_hsv};
use crate::image::Rgb8;
use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder};

/// Too little contrast: every channel is drawn towards its mean.
pub fn contrast(picture: &Planes, severity: usize) -> Planes {
    let keep = [0.4, 0.3, 0.2, 0.1, 0.05][severity];
    picture.each_ref().map(|plane| {
        let mean = plane.data.iter().sum::<f32>() / plane.data.len() as f32;
        plane.map(|v| (v - mean) * keep + mean)
    })
}

/// Stretched and wobbled: three corners of the middle are moved at random, then every pixel by
/// a smooth random field. Low severities move the whole far, high ones tear its parts, so the
/// mean distance to the original need not grow. One resampling where the paper has two.
pub fn elastic(picture: &Planes, severity: usize, scale: f32, random: &mut Random) -> Planes {
    // Strength and smoothness of the field, reach of the corners, in shares of 64 pixels.
    let (strength, sigma, reach) =
        [(0.0, 0.0, 0.08), (0.05, 0.3, 0.06), (0.1, 0.08, 0.06), (0.1, 0.03, 0.03), (0.16, 0.03, 0.02)][severity];
    let (width, height) = (picture[0].width, picture[0].height);
    let [strength, sigma, reach] = [strength, sigma, reach].map(|share: f32| share * 64.0 * scale);
    let (cx, cy) = ((width / 2) as f32, (height / 2) as f32);
    let arm = (width.min(height) as f32 / 3.0).max(1.0);
    // One affine and one free displacement a direction. The corners are (+, +), (+, -), (-, -).
    let mut displacement = || {
        let [a, b, c] = [0; 3].map(|_| random.range(-reach, reach));
        let field = Plane::from_fn(width, height, |_, _| random.range(-1.0, 1.0));
        let field = if sigma > 0.0 { field.gaussian(sigma) } else { field };
        Plane::from_fn(width, height, |x, y| {
            let (u, v) = ((x as f32 - cx) / arm, (y as f32 - cy) / arm);
            let affine = b + (a - b) * (v + 1.0) / 2.0 + (c - b) * (1.0 - u) / 2.0;
            affine + strength * field.data[y * width + x]
        })
    };
    let (dx, dy) = (displacement(), displacement());
    picture.each_ref().map(|plane| {
        Plane::from_fn(width, height, |x, y| {
            let i = y * width + x;
            plane.between(reflect(x as f32 + dx.data[i], width), reflect(y as f32 + dy.data[i], height))
        })
    })
}

/// Beyond the border lies the mirror image.
fn reflect(at: f32, length: usize) -> f32 {
    let last = (length - 1) as f32;
    if last == 0.0 {
        return 0.0;
    }
    let folded = at.rem_euclid(2.0 * last);
    folded.min(2.0 * last - folded)
}

/// Enlarged from fewer pixels, without smoothing.
pub fn pixelate(picture: &Rgb8, severity: usize) -> Rgb8 {
    let share = [0.9, 0.8, 0.7, 0.6, 0.5][severity];
    let fewer = |n: u32| ((n as f32 * share) as u32).max(1);
    let small = box_resize(picture, fewer(picture.width), fewer(picture.height));
    box_resize(&small, picture.width, picture.height)
}

fn box_resize(picture: &Rgb8, width: u32, height: u32) -> Rgb8 {
    let source = ImageRef::new(picture.width, picture.height, &picture.data, PixelType::U8x3);
    let source = source.expect("an Rgb8 has all its bytes");
    let mut target = Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Box));
    Resizer::new().resize(&source, &mut target, &options).expect("both pictures have pixels of one type");
    Rgb8 { width, height, data: target.into_vec() }
}

/// Compressed hard.
pub fn jpeg(picture: &Rgb8, severity: usize) -> Rgb8 {
    through_jpeg(picture, [65, 58, 50, 40, 25][severity])
}

/// Encoded as a JPEG of `quality` 1..=100 and decoded again, with colours at half the resolution below
/// quality 90, as libjpeg does. A picture with a side no JPEG can have (over 65535) is left as it is.
pub fn through_jpeg(picture: &Rgb8, quality: u8) -> Rgb8 {
    let mut bytes = Vec::new();
    let sides = u16::try_from(picture.width).ok().zip(u16::try_from(picture.height).ok());
    sides
        .and_then(|(width, height)| {
            let mut encoder = Encoder::new(&mut bytes, quality);
            encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
            encoder.encode(&picture.data, width, height, ColorType::Rgb).ok()
        })
        .and_then(|()| image::load_from_memory_with_format(&bytes, image::ImageFormat::Jpeg).ok())
        .and_then(|decoded| Rgb8::new(picture.width, picture.height, decoded.into_rgb8().into_raw()))
        .unwrap_or_else(|| picture.clone())
}

/// Too little colour (severities 1 and 2) or too much (3 to 5).
pub fn saturate(picture: &Planes, severity: usize) -> Planes {
    let (times, more) = [(0.3, 0.0), (0.1, 0.0), (2.0, 0.0), (5.0, 0.1), (30.0, 0.2)][severity];
    through_hsv(picture, |[h, s, v]| [h, (s * times + more).min(1.0), v])
}
