//! Photographs without what they tell of the person: where it was taken (GPS), by which device
//! (serial numbers, maker notes), by whom, and what was written into it.
//!
//! Not a list of what to take away, which would always be incomplete, but of what a picture needs:
//! everything else is left out. Pixels are not touched. How the camera was held is kept, as an EXIF
//! block with that one entry, so that the picture stays upright.

use super::Rgb8;
use super::decode::{self, Kind, Refusal};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

/// A file with the same pixels, the same orientation, and nothing else. A file too unusual to be taken
/// apart becomes a PNG of its pixels.
///
/// # Errors
/// It is no picture that can be read.
pub fn strip(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let orientation = decode::orientation(bytes);
    let stripped = match Kind::of(bytes) {
        Kind::Jpeg => jpeg(bytes, orientation),
        Kind::Png => png(bytes, orientation),
        Kind::WebP => webp(bytes, orientation),
        Kind::Gif => gif(bytes),
        _ => None,
    };
    stripped.map_or_else(|| as_png(&decode::decode(bytes)?.pixels), Ok)
}

fn as_png(pixels: &Rgb8) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(&pixels.data, pixels.width, pixels.height, ExtendedColorType::Rgb8)
        .map_err(|_| Refusal::NeedsTooMuchMemory)?;
    Ok(bytes)
}

/// A TIFF block with one entry, the orientation (Exif 3.0, 4.6.5.1.6).
fn exif(orientation: u8) -> [u8; 26] {
    let mut block = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    block[19] = orientation;
    block
}

/// Segments a decoder needs (ITU-T T.81, B.1.1.3): tables, frames and scans; of the application's own, the
/// JFIF header without its thumbnail, colour profiles and Adobe's colour transform. What follows the end of
/// the image (other pictures, videos) is left out.
fn jpeg(bytes: &[u8], orientation: u8) -> Option<Vec<u8>> {
    const SCAN: u8 = 0xda;
    let mut out = vec![0xff, 0xd8];
    let mut turned = orientation == 1;
    let (mut at, mut scanned) = (2, false);
    loop {
        let Some(marker) = marker_at(bytes, &mut at) else { return scanned.then_some(out) };
        // JFIF comes first where there is one.
        if marker != 0xe0 && !turned {
            let block = exif(orientation);
            out.extend([0xff, 0xe1, 0, (block.len() + 8) as u8]);
            out.extend(b"Exif\0\0");
            out.extend(block);
            turned = true;
        }
        match marker {
            0xd9 => {
                out.extend([0xff, 0xd9]);
                return Some(out);
            }
            0x01 | 0xd0..=0xd7 => out.extend([0xff, marker]),
            0x00 | 0xd8 => return None,
            _ => {
                let length = usize::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
                let body = bytes.get(at + 2..at + length.max(2))?;
                at += length.max(2);
                if let Some(body) = jpeg_segment(marker, body) {
                    out.extend([0xff, marker]);
                    out.extend(((body.len() + 2) as u16).to_be_bytes());
                    out.extend(body);
                }
                if marker == SCAN {
                    scanned = true;
                    let end = at + scan_length(&bytes[at..]);
                    out.extend(&bytes[at..end]);
                    at = end;
                }
            }
        }
    }
}

/// The marker at `at`, which moves behind it; `None` at the end or where there is none.
fn marker_at(bytes: &[u8], at: &mut usize) -> Option<u8> {
    if *bytes.get(*at)? != 0xff {
        return None;
    }
    // Any number of fill bytes may come first.
    while *bytes.get(*at)? == 0xff {
        *at += 1;
    }
    *at += 1;
    bytes.get(*at - 1).copied()
}

/// What is kept of a segment.
fn jpeg_segment(marker: u8, body: &[u8]) -> Option<Vec<u8>> {
    match marker {
        0xe0 if body.starts_with(b"JFIF\0") && body.len() >= 14 => {
            let mut header = body[..14].to_vec();
            header[12..].fill(0);
            Some(header)
        }
        0xe2 if body.starts_with(b"ICC_PROFILE\0") => Some(body.to_vec()),
        0xee if body.starts_with(b"Adobe") => Some(body.to_vec()),
        // Frames, tables, scans, restart intervals.
        0xc0..=0xdf => Some(body.to_vec()),
        _ => None,
    }
}

/// Bytes of entropy-coded data up to the next marker (B.1.1.5: a 0 is stuffed behind each 0xff).
fn scan_length(bytes: &[u8]) -> usize {
    let ends = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7 | 0xff);
    bytes.windows(2).position(ends).unwrap_or(bytes.len())
}

/// Chunks that change how the picture looks or moves (PNG 3, 11.2 and 11.3).
const PNG_KEPT: [&[u8; 4]; 18] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP", b"mDCV",
    b"cLLI", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

fn png(bytes: &[u8], orientation: u8) -> Option<Vec<u8>> {
    let mut out = bytes.get(..8)?.to_vec();
    let (mut at, mut drawn) = (8, false);
    loop {
        let Some(head) = bytes.get(at..at + 8) else { return drawn.then_some(out) };
        let length = u32::from_be_bytes(head[..4].try_into().ok()?) as usize;
        let kind: &[u8; 4] = head[4..].try_into().ok()?;
        let end = at.checked_add(length)?.checked_add(12)?;
        let Some(chunk) = bytes.get(at..end) else { return drawn.then_some(out) };
        at = end;
        if PNG_KEPT.contains(&kind) {
            out.extend(chunk);
        } else if kind[0].is_ascii_uppercase() {
            // Needed by somebody, and not known to us.
            return None;
        }
        drawn |= kind == b"IDAT";
        if kind == b"IHDR" && orientation != 1 {
            let body = [&b"eXIf"[..], &exif(orientation)].concat();
            out.extend(((body.len() - 4) as u32).to_be_bytes());
            out.extend(&body);
            out.extend(crc32(&body).to_be_bytes());
        }
        if kind == b"IEND" {
            return Some(out);
        }
    }
}

/// CRC-32 as PNG uses it (ISO 3309), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
    })
}

/// Chunks of pixels, colour and movement (RFC 9649, 2.7).
const WEBP_KEPT: [&[u8; 4]; 7] = [b"VP8X", b"ICCP", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L"];

fn webp(bytes: &[u8], orientation: u8) -> Option<Vec<u8>> {
    let size = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?) as usize;
    let mut body = b"WEBP".to_vec();
    for (kind, data) in riff(bytes.get(12..bytes.len().min(size.checked_add(8)?))?)? {
        if !WEBP_KEPT.contains(&kind) {
            continue;
        }
        let mut data = data.to_vec();
        if kind == b"VP8X" {
            // Flags say that there is EXIF (8) and XMP (4).
            let flags = data.first_mut()?;
            *flags = *flags & !0x0c | if orientation == 1 { 0 } else { 8 };
        }
        if kind == b"ANMF" {
            let frame = riff(data.get(16..)?)?;
            let mut kept = data[..16].to_vec();
            let frame = frame.into_iter().filter(|(k, _)| [b"ALPH", b"VP8 ", b"VP8L"].contains(k));
            frame.for_each(|(k, d)| put_chunk(&mut kept, k, d));
            data = kept;
        }
        put_chunk(&mut body, kind, &data);
    }
    if orientation != 1 {
        put_chunk(&mut body, b"EXIF", &exif(orientation));
    }
    let size = u32::try_from(body.len()).ok()?.to_le_bytes();
    Some([&b"RIFF"[..], &size, &body].concat())
}

/// Takes a run of RIFF chunks apart; `None` if one ends after the run does.
fn riff(mut bytes: &[u8]) -> Option<Vec<(&[u8; 4], &[u8])>> {
    let mut chunks = Vec::new();
    while bytes.len() >= 8 {
        let (kind, rest) = bytes.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        chunks.push((kind, rest.get(..length)?));
        // Chunks begin at even places; the last one's filling may be missing.
        bytes = rest.get(length + length % 2..).unwrap_or_default();
    }
    Some(chunks)
}

fn put_chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend(kind);
    out.extend((data.len() as u32).to_le_bytes());
    out.extend(data);
    if data.len() % 2 == 1 {
        out.push(0);
    }
}

/// Pictures, their timing and the loop (GIF89a, 20 to 26); comments and other programs' data are left out.
fn gif(bytes: &[u8]) -> Option<Vec<u8>> {
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3usize << ((flags & 7) + 1) };
    let mut at = 13 + table(*bytes.get(10)?);
    let mut out = bytes.get(..at)?.to_vec();
    loop {
        let start = at;
        match bytes.get(at) {
            Some(0x2c) => {
                at += 10 + table(*bytes.get(at + 9)?) + 1;
                at = sub_blocks(bytes, at)?;
                out.extend(bytes.get(start..at)?);
            }
            Some(0x21) => {
                let label = *bytes.get(at + 1)?;
                at = sub_blocks(bytes, at + 2)?;
                let body = bytes.get(start + 2..at)?;
                let loops = body.starts_with(b"\x0bNETSCAPE2.0") || body.starts_with(b"\x0bANIMEXTS1.0");
                if label == 0xf9 || label == 0xff && loops {
                    out.extend(&bytes[start..at]);
                }
            }
            Some(0x3b) | None => {
                out.push(0x3b);
                return Some(out);
            }
            Some(_) => return None,
        }
    }
}

/// The place behind a run of blocks that ends with an empty one.
fn sub_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests;
