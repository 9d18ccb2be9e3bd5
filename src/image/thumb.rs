//! Small JPEG previews of what the backbone sees.

use super::{Rgb8, contract};
use image::codecs::jpeg::JpegEncoder;

/// Side of a thumbnail in pixels.
pub const SIDE: u32 = 112;

/// The centred square as a JPEG of [`SIDE`] pixels, about 3 kB.
pub fn jpeg(image: &Rgb8) -> Vec<u8> {
    let small = contract::to_square(image, SIDE);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 82)
        .encode(&small.data, SIDE, SIDE, image::ExtendedColorType::Rgb8)
        .expect("writing to memory does not fail");
    bytes
}
