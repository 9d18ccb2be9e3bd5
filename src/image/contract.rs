//! The contract between pictures and backbones.
//!
//! Resize rule, the same everywhere (training, testing, camera, exports):
//!
//! 1. turn upright by the EXIF orientation;
//! 2. crop the largest centred square (one pixel more left or above where the rest is odd);
//! 3. resize it to `side x side` with the triangle filter, widened when shrinking
//!    ("antialiased bilinear": `PIL.Image.resize((side, side), BILINEAR)`).
//!
//! Pixels are RGB in 0..255; any normalisation is inside the model.

use super::Rgb8;
use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};

/// The largest centred square: (left, top, side).
pub fn centre_square(width: u32, height: u32) -> (u32, u32, u32) {
    let side = width.min(height);
    ((width - side) / 2, (height - side) / 2, side)
}

/// Steps 2 and 3 of the resize rule.
///
/// # Panics
/// If `side` is 0, or `image` is not as [`Rgb8`] promises.
pub fn to_square(image: &Rgb8, side: u32) -> Rgb8 {
    let source =
        ImageRef::new(image.width, image.height, &image.data, PixelType::U8x3).expect("an Rgb8 has all its bytes");
    let mut target = Image::new(side, side, PixelType::U8x3);
    let (left, top, crop) = centre_square(image.width, image.height);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).crop(
        f64::from(left),
        f64::from(top),
        f64::from(crop),
        f64::from(crop),
    );
    Resizer::new().resize(&source, &mut target, &options).expect("the crop lies inside the picture");
    Rgb8 { width: side, height: side, data: target.into_vec() }
}

/// Pixels as a backbone takes them: `[3, height, width]`, RGB planes, 0..255.
pub fn to_planes(image: &Rgb8) -> Vec<f32> {
    let (pixels, _) = image.data.as_chunks::<3>();
    (0..3).flat_map(|channel| pixels.iter().map(move |p| f32::from(p[channel]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_picture_of_the_right_size_is_left_as_it_is() {
        let image = Rgb8::new(4, 4, (0..48).collect()).unwrap();
        assert_eq!(to_square(&image, 4), image);
    }

    #[test]
    fn the_middle_of_a_wide_picture_is_seen() {
        // Red, green, blue stripes of 2x2: only green is inside the centred square.
        let row = [[255, 0, 0]; 2].into_iter().chain([[0, 255, 0]; 2]).chain([[0, 0, 255]; 2]);
        let row: Vec<u8> = row.flatten().collect();
        let image = Rgb8::new(6, 2, [row.clone(), row].concat()).unwrap();
        let seen = to_square(&image, 2);
        assert_eq!(seen.data, [0, 255, 0].repeat(4));
    }

    #[test]
    fn planes_are_red_then_green_then_blue() {
        let image = Rgb8::new(2, 1, vec![1, 2, 3, 4, 5, 6]).unwrap();
        assert_eq!(to_planes(&image), [1., 4., 2., 5., 3., 6.]);
    }

    proptest! {
        #[test]
        fn a_plain_picture_stays_plain(w in 1u32..90, h in 1u32..90, side in 1u32..70, color: [u8; 3]) {
            let image = Rgb8::new(w, h, color.repeat((w * h) as usize)).unwrap();
            prop_assert_eq!(to_square(&image, side).data, color.repeat((side * side) as usize));
        }
    }
}
