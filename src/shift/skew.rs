//! Preprocessing skew: the same picture, prepared for serving in another way than for training.
//!
//! Each skew breaks one promise of [`contract`] and keeps the rest, so what it costs is the
//! price of that one mistake. None of them raises an error in production.

use super::corruption::through_jpeg;
use crate::image::{Rgb8, contract};
use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use serde::{Deserialize, Serialize};

/// Quality of [`Skew::Jpeg`].
const QUALITY: u8 = 10;

/// One mistake on the way from a picture to a backbone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Skew {
    /// Blue, green, red instead of red, green, blue.
    Bgr,
    /// 0..1 where the model wants 0..255.
    UnitRange,
    /// 0..1 where a model normalised for -1..1: half the contrast about too bright a mean.
    HalfRange,
    /// The whole picture squashed into the square instead of its middle cropped.
    Squash,
    /// The nearest pixel instead of the triangle filter.
    Nearest,
    /// The square compressed at quality 10 before it reaches the model.
    Jpeg,
}

impl Skew {
    pub const ALL: [Self; 6] = [Self::Bgr, Self::UnitRange, Self::HalfRange, Self::Squash, Self::Nearest, Self::Jpeg];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bgr => "BGR order",
            Self::UnitRange => "0 to 1 instead of 0 to 255",
            Self::HalfRange => "Wrong normalisation",
            Self::Squash => "Squashed, not cropped",
            Self::Nearest => "Nearest-pixel resize",
            Self::Jpeg => "Heavy JPEG",
        }
    }

    /// One sentence on how it happens.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Bgr => "The server reads pictures with a library that puts blue first.",
            Self::UnitRange => "The server divides by 255, and so does the model: everything is nearly black.",
            Self::HalfRange => {
                "The server scales to 0..1 where training scaled to -1..1: half the contrast, too bright."
            }
            Self::Squash => "The server resizes the whole picture to a square and so changes its proportions.",
            Self::Nearest => "The server shrinks by picking single pixels, which leaves jagged edges.",
            Self::Jpeg => "The app compresses the picture at quality 10 to save bandwidth.",
        }
    }

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
