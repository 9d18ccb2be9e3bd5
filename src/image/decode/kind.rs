//! What a file is, from its first bytes. The name is never believed.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Png,
    Jpeg,
    WebP,
    Gif,
    Heic,
    Avif,
    Svg,
    Bmp,
    Tiff,
    JpegXl,
    Pdf,
    Html,
    Zip,
    Video,
    Text,
    Unknown,
}

impl Kind {
    pub fn of(bytes: &[u8]) -> Self {
        let starts = |magic: &[u8]| bytes.starts_with(magic);
        let at = |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
        if starts(b"\x89PNG\r\n\x1a\n") {
            Self::Png
        } else if starts(b"\xff\xd8\xff") {
            Self::Jpeg
        } else if starts(b"RIFF") && at(8, b"WEBP") {
            Self::WebP
        } else if starts(b"GIF87a") || starts(b"GIF89a") {
            Self::Gif
        } else if at(4, b"ftyp") {
            Self::of_brand(bytes.get(8..12).unwrap_or_default())
        } else if starts(b"BM") && bytes.len() > 26 {
            Self::Bmp
        } else if starts(b"II*\0") || starts(b"MM\0*") {
            Self::Tiff
        } else if starts(b"\xff\x0a") || starts(b"\0\0\0\x0cJXL ") {
            Self::JpegXl
        } else if starts(b"%PDF-") {
            Self::Pdf
        } else if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
            Self::Zip
        } else if starts(b"\x1a\x45\xdf\xa3") {
            Self::Video
        } else {
            Self::of_text(&bytes[..bytes.len().min(1024)])
        }
    }

    /// ISO base media files tell their kind in the major brand (ISO/IEC 14496-12).
    fn of_brand(brand: &[u8]) -> Self {
        match brand {
            b"avif" | b"avis" => Self::Avif,
            b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" | b"mif1" | b"msf1" => Self::Heic,
            _ => Self::Video,
        }
    }

    fn of_text(head: &[u8]) -> Self {
        let text = String::from_utf8_lossy(head).to_ascii_lowercase();
        let text = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
        if text.starts_with("<!doctype html") || text.starts_with("<html") {
            Self::Html
        } else if text.starts_with("<svg") || (text.starts_with("<?xml") && text.contains("<svg")) {
            Self::Svg
        } else if !head.is_empty() && head.iter().all(|b| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..)) {
            Self::Text
        } else {
            Self::Unknown
        }
    }

    /// `None` for what this page does not read.
    pub fn mime(self) -> Option<&'static str> {
        match self {
            Self::Png => Some("image/png"),
            Self::Jpeg => Some("image/jpeg"),
            Self::WebP => Some("image/webp"),
            Self::Gif => Some("image/gif"),
            _ => None,
        }
    }

    /// Why it is refused and what to do, as a sentence.
    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::Heic => {
                "HEIC photos cannot be read. On an iPhone choose Settings, Camera, Formats, Most Compatible, or export the photo as JPEG."
            }
            Self::Avif => "AVIF pictures cannot be read. Save it as PNG, JPEG or WebP.",
            Self::Svg => "SVG drawings cannot be read. Export it as PNG.",
            Self::Bmp => "BMP pictures cannot be read. Save it as PNG.",
            Self::Tiff => "TIFF pictures cannot be read. Save it as PNG or JPEG.",
            Self::JpegXl => "JPEG XL pictures cannot be read. Save it as PNG, JPEG or WebP.",
            Self::Pdf => "This is a PDF document, not a picture.",
            Self::Html => "This is a web page, not a picture. Perhaps the download failed.",
            Self::Zip => "This is a zip archive, not a picture. Open it by itself to read the pictures inside.",
            Self::Video => "This is a video or sound file, not a picture.",
            Self::Text => "This is a text file, not a picture.",
            _ => "This is not a picture that can be read. PNG, JPEG, WebP and GIF can.",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            _ => "picture",
        })
    }
}
