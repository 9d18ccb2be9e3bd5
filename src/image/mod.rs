//! Pictures: one pixel type, hostile files in, and the contract of what a backbone sees.
//!
//! * [`contract`]: the resize rule, the same for training, testing and every export.
//! * [`decode`]: PNG, JPEG, WebP and GIF bytes, checked before anything is allocated.
//! * [`dhash`]: a perceptual hash for near-duplicates.
//! * [`metadata`]: files without what they tell of the person.
//! * [`thumb`]: small JPEG previews.

#[cfg(feature = "engine")]
pub mod contract;
#[cfg(feature = "engine")]
pub mod decode;
#[cfg(feature = "engine")]
pub mod dhash;
#[cfg(feature = "engine")]
pub mod metadata;
#[cfg(feature = "engine")]
pub mod thumb;

/// 8-bit sRGB pixels, row by row from the top left, three bytes each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rgb8 {
    pub width: u32,
    pub height: u32,
    /// `width * height * 3` bytes.
    pub data: Vec<u8>,
}

impl Rgb8 {
    /// `None` unless `data` has exactly `width * height * 3` bytes and neither side is 0.
    pub fn new(width: u32, height: u32, data: Vec<u8>) -> Option<Self> {
        let bytes = u128::from(width) * u128::from(height) * 3;
        (bytes > 0 && bytes == data.len() as u128).then_some(Self { width, height, data })
    }

    /// Drops the alpha of `width * height * 4` bytes of RGBA after laying it on white.
    pub fn from_rgba(width: u32, height: u32, rgba: &[u8]) -> Option<Self> {
        let over_white = |c: u8, a: u8| {
            let (c, a) = (u32::from(c), u32::from(a));
            ((c * a + 255 * (255 - a) + 127) / 255) as u8
        };
        let (pixels, _) = rgba.as_chunks::<4>();
        let data = pixels.iter().flat_map(|&[r, g, b, a]| [r, g, b].map(|c| over_white(c, a))).collect();
        Self::new(width, height, data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparency_is_laid_on_white() {
        let rgba = [0, 0, 0, 0, 10, 20, 30, 255, 0, 0, 0, 128, 200, 100, 0, 255];
        let rgb = Rgb8::from_rgba(2, 2, &rgba).unwrap();
        assert_eq!(rgb.data, [255, 255, 255, 10, 20, 30, 127, 127, 127, 200, 100, 0]);
    }

    #[test]
    fn a_wrong_length_is_no_picture() {
        assert_eq!(Rgb8::new(2, 2, vec![0; 11]), None);
        assert_eq!(Rgb8::new(0, 2, vec![]), None);
        assert_eq!(Rgb8::new(u32::MAX, u32::MAX, vec![]), None);
        assert_eq!(Rgb8::from_rgba(2, 2, &[0; 15]), None);
    }
}
