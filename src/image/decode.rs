//! From the bytes of a file to pixels. Every byte is hostile until checked: the kind is
//! told from the content, never the name; sizes are read from the header and refused
//! before anything is allocated.

mod kind;

use super::Rgb8;
use image::codecs::{gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder};
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, Limits, error::LimitErrorKind, metadata::Orientation};
pub use kind::Kind;
use std::io::Cursor;

/// Largest file read, in bytes.
pub const MAX_FILE: u64 = 64 << 20;
/// Most pixels decoded: a 50-megapixel phone photograph fits.
pub const MAX_PIXELS: u64 = 52_000_000;
/// Longest side in pixels.
pub const MAX_SIDE: u32 = 30_000;
/// Most memory a decoder may take, in bytes.
const MAX_ALLOC: u64 = 448 << 20;

/// A picture that could be read.
#[derive(Debug)]
pub struct Decoded {
    /// Upright pixels.
    pub pixels: Rgb8,
    pub kind: Kind,
    /// Something worth saying, as a sentence.
    pub note: Option<&'static str>,
}

/// Why a file was refused. `Display` is a sentence for the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    Empty,
    FileTooLarge {
        bytes: u64,
    },
    /// Not a picture this page reads; the kind says what it looks like.
    NotReadable(Kind),
    TooManyPixels {
        width: u32,
        height: u32,
    },
    NoPixels,
    NeedsTooMuchMemory,
    /// The content ends early or contradicts itself.
    Damaged(Kind),
    /// A valid file that uses a rare variant of its format.
    Unsupported(Kind),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("The file is empty."),
            Self::FileTooLarge { bytes } => {
                write!(f, "The file is too large: {} MB, and at most {} MB are read.", bytes >> 20, MAX_FILE >> 20)
            }
            Self::NotReadable(kind) => f.write_str(kind.advice()),
            Self::TooManyPixels { width, height } => write!(
                f,
                "The picture claims {width} x {height} pixels; at most {} megapixels are read.",
                MAX_PIXELS / 1_000_000
            ),
            Self::NoPixels => f.write_str("The picture has no pixels."),
            Self::NeedsTooMuchMemory => f.write_str("The picture would need too much memory to read."),
            Self::Damaged(kind) => write!(f, "The {kind} file is damaged or incomplete."),
            Self::Unsupported(kind) => {
                write!(f, "This variant of {kind} cannot be read. Save it as an ordinary PNG or JPEG.")
            }
        }
    }
}

/// Decodes a PNG, JPEG, WebP or GIF file: 16-bit, grey, palette and CMYK become 8-bit RGB,
/// transparency is laid on white, the EXIF orientation is applied, and of an animation the
/// first frame is taken.
///
/// # Errors
/// See [`Refusal`]. Nothing is allocated for pixels before the header has been checked.
pub fn decode(bytes: &[u8]) -> Result<Decoded, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    if bytes.len() as u64 > MAX_FILE {
        return Err(Refusal::FileTooLarge { bytes: bytes.len() as u64 });
    }
    let kind = Kind::of(bytes);
    let refuse = |error: ImageError| refusal(&error, kind);
    let source = || Cursor::new(bytes);
    let (image, orientation, animated) = match kind {
        Kind::Png => {
            let decoder = PngDecoder::with_limits(source(), limits()).map_err(refuse)?;
            let animated = decoder.is_apng().map_err(refuse)?;
            read(decoder, kind, animated)?
        }
        Kind::Jpeg => read(JpegDecoder::new(source()).map_err(refuse)?, kind, false)?,
        Kind::WebP => {
            let decoder = WebPDecoder::new(source()).map_err(refuse)?;
            let animated = decoder.has_animation();
            read(decoder, kind, animated)?
        }
        Kind::Gif => {
            let decoder = GifDecoder::new(source()).map_err(refuse)?;
            // The block that makes browsers loop; still pictures do not have it.
            let animated = bytes.windows(11).any(|w| w == b"NETSCAPE2.0");
            read(decoder, kind, animated)?
        }
        other => return Err(Refusal::NotReadable(other)),
    };
    let pixels = upright(flatten(image).ok_or(Refusal::NoPixels)?, orientation);
    let note = animated.then_some("Only the first frame of this animation is used.");
    Ok(Decoded { pixels, kind, note })
}

/// The EXIF orientation that [`decode`] applies, 1 to 8; 1 (upright) where none is stated or the file
/// cannot be read.
pub fn orientation(bytes: &[u8]) -> u8 {
    fn of(decoder: Result<impl ImageDecoder, ImageError>) -> Option<Orientation> {
        decoder.ok()?.orientation().ok()
    }
    let source = || Cursor::new(bytes);
    let orientation = match Kind::of(bytes) {
        Kind::Png => of(PngDecoder::with_limits(source(), limits())),
        Kind::Jpeg => of(JpegDecoder::new(source())),
        Kind::WebP => of(WebPDecoder::new(source())),
        _ => None,
    };
    orientation.map_or(1, Orientation::to_exif)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOC);
    limits
}

fn read(
    mut decoder: impl ImageDecoder,
    kind: Kind,
    animated: bool,
) -> Result<(DynamicImage, Orientation, bool), Refusal> {
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(Refusal::NoPixels);
    }
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Refusal::TooManyPixels { width, height });
    }
    if decoder.total_bytes() > MAX_ALLOC {
        return Err(Refusal::NeedsTooMuchMemory);
    }
    decoder.set_limits(limits()).map_err(|e| refusal(&e, kind))?;
    // A damaged EXIF block is no reason to refuse the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(|e| refusal(&e, kind))?;
    Ok((image, orientation, animated))
}

fn refusal(error: &ImageError, kind: Kind) -> Refusal {
    match error {
        ImageError::Limits(limit) => match limit.kind() {
            LimitErrorKind::DimensionError => Refusal::Damaged(kind),
            _ => Refusal::NeedsTooMuchMemory,
        },
        ImageError::Unsupported(_) => Refusal::Unsupported(kind),
        _ => Refusal::Damaged(kind),
    }
}

fn flatten(image: DynamicImage) -> Option<Rgb8> {
    let (width, height) = (image.width(), image.height());
    if image.color().has_alpha() {
        Rgb8::from_rgba(width, height, &image.into_rgba8())
    } else {
        debug_assert!(matches!(image.color(), ColorType::L8 | ColorType::L16 | ColorType::Rgb8 | ColorType::Rgb16));
        Rgb8::new(width, height, image.into_rgb8().into_raw())
    }
}

/// Turns pixels upright. The crate's own operation, on our type.
fn upright(pixels: Rgb8, orientation: Orientation) -> Rgb8 {
    if orientation == Orientation::NoTransforms {
        return pixels;
    }
    let buffer =
        image::RgbImage::from_raw(pixels.width, pixels.height, pixels.data).expect("an Rgb8 has all its bytes");
    let mut image = DynamicImage::ImageRgb8(buffer);
    image.apply_orientation(orientation);
    let (width, height) = (image.width(), image.height());
    Rgb8 { width, height, data: image.into_rgb8().into_raw() }
}

#[cfg(test)]
mod tests;
