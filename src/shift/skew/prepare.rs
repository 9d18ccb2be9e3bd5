//! The mistakes themselves.

use super::Skew;
use crate::image::{Rgb8, contract};
use crate::shift::corruption::through_jpeg;
use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};

/// Quality of [`Skew::Jpeg`].
const QUALITY: u8 = 10;

impl Skew {
    /// What the backbone is fed instead of [`contract::to_planes`] of [`contract::to_square`]:
    /// `[3, side, side]`, meant to be RGB planes of 0..255. [`Self::Squash`] changes nothing in
    /// a square picture, and [`Self::Nearest`] nothing in one that already has the size.
    ///
    /// # Panics
    /// If `side` is 0.
    pub fn apply_planes(self, image: &Rgb8, side: u32) -> Vec<f32> {
        match self {
            Self::UnitRange => planes_of(image, side, |v| v / 255.0),
            Self::HalfRange => planes_of(image, side, |v| (v + 255.0) / 2.0),
            Self::Bgr | Self::Squash | Self::Nearest | Self::Jpeg => contract::to_planes(&self.apply(image, side)),
        }
    }

    /// [`Self::apply_planes`] as a picture of `side` pixels, to look at: values are rounded.
    ///
    /// # Panics
    /// If `side` is 0.
    pub fn apply(self, image: &Rgb8, side: u32) -> Rgb8 {
        match self {
            Self::Bgr => {
                let mut seen = contract::to_square(image, side);
                seen.data.as_chunks_mut::<3>().0.iter_mut().for_each(|pixel| pixel.reverse());
                seen
            }
            Self::UnitRange | Self::HalfRange => {
                let planes = self.apply_planes(image, side);
                let area = (side * side) as usize;
                let data = (0..area * 3).map(|i| planes[i % 3 * area + i / 3].round() as u8).collect();
                Rgb8 { width: side, height: side, data }
            }
            Self::Squash => {
                let whole = (0, 0, image.width, image.height);
                resize(image, whole, side, ResizeAlg::Convolution(FilterType::Bilinear))
            }
            Self::Nearest => {
                let (left, top, crop) = contract::centre_square(image.width, image.height);
                resize(image, (left, top, crop, crop), side, ResizeAlg::Nearest)
            }
            Self::Jpeg => through_jpeg(&contract::to_square(image, side), QUALITY),
        }
    }
}

fn planes_of(image: &Rgb8, side: u32, change: impl Fn(f32) -> f32) -> Vec<f32> {
    contract::to_planes(&contract::to_square(image, side)).into_iter().map(change).collect()
}

/// The part (left, top, width, height) of a picture as a square of `side` pixels.
fn resize(image: &Rgb8, part: (u32, u32, u32, u32), side: u32, how: ResizeAlg) -> Rgb8 {
    let source =
        ImageRef::new(image.width, image.height, &image.data, PixelType::U8x3).expect("an Rgb8 has all its bytes");
    let mut target = Image::new(side, side, PixelType::U8x3);
    let (left, top, width, height) = (f64::from(part.0), f64::from(part.1), f64::from(part.2), f64::from(part.3));
    let options = ResizeOptions::new().resize_alg(how).crop(left, top, width, height);
    Resizer::new().resize(&source, &mut target, &options).expect("the part lies inside the picture");
    Rgb8 { width: side, height: side, data: target.into_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn noisy(width: u32, height: u32) -> Rgb8 {
        let data = (0..width * height * 3).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        Rgb8::new(width, height, data).unwrap()
    }

    #[test]
    fn every_skew_changes_a_wide_picture() {
        let picture = noisy(90, 60);
        let right = contract::to_planes(&contract::to_square(&picture, 32));
        for skew in Skew::ALL {
            assert_ne!(skew.apply_planes(&picture, 32), right, "{skew:?}");
            assert!(!skew.name().is_empty() && skew.explain().ends_with('.'));
        }
    }

    #[test]
    fn channels_are_swapped_and_values_scaled() {
        let picture = Rgb8::new(1, 1, vec![255, 51, 0]).unwrap();
        assert_eq!(Skew::Bgr.apply_planes(&picture, 1), [0.0, 51.0, 255.0]);
        assert_eq!(Skew::UnitRange.apply_planes(&picture, 1), [1.0, 0.2, 0.0]);
        assert_eq!(Skew::HalfRange.apply_planes(&picture, 1), [255.0, 153.0, 127.5]);
    }

    #[test]
    fn a_squashed_picture_keeps_its_sides() {
        // Red, green, blue stripes of 2x2: the contract sees green alone, the skew all three.
        let row = [[255, 0, 0], [255, 0, 0], [0, 255, 0], [0, 255, 0], [0, 0, 255], [0, 0, 255]].concat();
        let picture = Rgb8::new(6, 2, row.repeat(2)).unwrap();
        let seen = Skew::Squash.apply(&picture, 2);
        assert!(seen.data[0] > 150 && seen.data[5] > 150, "{:?}", seen.data);
    }

    #[test]
    fn harmless_where_there_is_nothing_to_break() {
        let square = noisy(32, 32);
        assert_eq!(Skew::Squash.apply(&square, 16), contract::to_square(&square, 16));
        assert_eq!(Skew::Nearest.apply(&square, 32), square);
    }

    proptest! {
        #[test]
        fn any_size_gives_the_square(width in 1u32..50, height in 1u32..50, side in 1u32..40) {
            let picture = noisy(width, height);
            for skew in Skew::ALL {
                let planes = skew.apply_planes(&picture, side);
                prop_assert_eq!(planes.len(), (side * side * 3) as usize);
                prop_assert!(planes.iter().all(|v| (0.0..=255.0).contains(v)));
                prop_assert_eq!(skew.apply(&picture, side).data.len(), planes.len());
            }
        }
    }
}
