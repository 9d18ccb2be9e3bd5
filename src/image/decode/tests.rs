use super::*;
use image::codecs::{jpeg::JpegEncoder, png::PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use proptest::prelude::*;

fn png(width: u32, height: u32, color: ExtendedColorType, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(data, width, height, color).unwrap();
    bytes
}

/// A JPEG of 32x16: left half red, right half blue.
fn jpeg() -> Vec<u8> {
    let row = [[220u8, 20, 20]; 16].into_iter().chain([[20, 20, 220]; 16]).flatten();
    let data: Vec<u8> = row.collect::<Vec<_>>().repeat(16);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 95).encode(&data, 32, 16, ExtendedColorType::Rgb8).unwrap();
    bytes
}

/// Puts a minimal EXIF block with one entry, the orientation, after the start marker.
fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut tiff = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let length = (tiff.len() + 2) as u16;
    [&jpeg[..2], &[0xff, 0xe1], &length.to_be_bytes(), &tiff, &jpeg[2..]].concat()
}

#[test]
fn all_eight_orientations_are_turned_upright() {
    // Where the red half ends up: (red pixel, blue pixel) for each orientation.
    let expected = [
        (1, (32, 16), (4, 8), (28, 8)),
        (2, (32, 16), (28, 8), (4, 8)),
        (3, (32, 16), (28, 8), (4, 8)),
        (4, (32, 16), (4, 8), (28, 8)),
        (5, (16, 32), (8, 4), (8, 28)),
        (6, (16, 32), (8, 4), (8, 28)),
        (7, (16, 32), (8, 28), (8, 4)),
        (8, (16, 32), (8, 28), (8, 4)),
    ];
    for (orientation, size, red, blue) in expected {
        let picture = decode(&with_orientation(&jpeg(), orientation)).unwrap().pixels;
        assert_eq!((picture.width, picture.height), size, "orientation {orientation}");
        let at = |(x, y): (u32, u32)| &picture.data[((y * picture.width + x) * 3) as usize..][..3];
        assert!(at(red)[0] > 150 && at(blue)[2] > 150, "orientation {orientation}");
    }
}

#[test]
fn grey_sixteen_bit_and_transparent_pictures_become_rgb() {
    let grey = decode(&png(2, 1, ExtendedColorType::L8, &[0, 200])).unwrap();
    assert_eq!(grey.pixels.data, [0, 0, 0, 200, 200, 200]);
    let deep = decode(&png(1, 1, ExtendedColorType::Rgb16, &[0xff, 0xff, 0x80, 0x80, 0, 0])).unwrap();
    // Samples are read in the byte order of the machine by the encoder.
    assert_eq!(deep.pixels.data, [255, 128, 0]);
    let clear = decode(&png(1, 1, ExtendedColorType::Rgba8, &[9, 9, 9, 0])).unwrap();
    assert_eq!(clear.pixels.data, [255, 255, 255]);
}

#[test]
fn a_header_that_claims_too_much_is_refused_before_allocating() {
    let mut bytes = png(1, 1, ExtendedColorType::L8, &[0]);
    bytes[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
    // With and without a matching checksum of the header.
    for fix in [false, true] {
        if fix {
            let crc = crc32(&bytes[12..29]).to_be_bytes();
            bytes[29..33].copy_from_slice(&crc);
        }
        let refusal = decode(&bytes).unwrap_err();
        let expected = Refusal::TooManyPixels { width: 100_000, height: 100_000 };
        assert!(refusal == expected || refusal == Refusal::Damaged(Kind::Png), "{refusal:?}");
    }
}

/// CRC-32 as PNG uses it (ISO 3309), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
    })
}

#[test]
fn other_files_are_named_for_what_they_are() {
    let cases: [(&[u8], Refusal); 9] = [
        (b"", Refusal::Empty),
        (b"  <!DOCTYPE html><html>", Refusal::NotReadable(Kind::Html)),
        (b"<svg xmlns='x'/>", Refusal::NotReadable(Kind::Svg)),
        (b"\0\0\0\x18ftypheic\0\0\0\0", Refusal::NotReadable(Kind::Heic)),
        (b"\0\0\0\x18ftypavif\0\0\0\0", Refusal::NotReadable(Kind::Avif)),
        (b"%PDF-1.7", Refusal::NotReadable(Kind::Pdf)),
        (b"PK\x03\x04", Refusal::NotReadable(Kind::Zip)),
        (b"just words", Refusal::NotReadable(Kind::Text)),
        (b"\x00\x01\x02\x03", Refusal::NotReadable(Kind::Unknown)),
    ];
    for (bytes, expected) in cases {
        let refusal = decode(bytes).unwrap_err();
        assert_eq!(refusal, expected);
        assert!(refusal.to_string().ends_with('.'), "{refusal}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_damaged_file_never_panics(which in 0usize..2, at in 0.0f64..1.0, with: u8, cut in 0.0f64..1.2) {
        let mut bytes = if which == 0 { jpeg() } else { png(8, 8, ExtendedColorType::Rgb8, &[77; 192]) };
        let position = (at * bytes.len() as f64) as usize;
        bytes[position.min(191)] = with;
        bytes.truncate((cut * bytes.len() as f64) as usize);
        if let Ok(decoded) = decode(&bytes) {
            prop_assert!(Rgb8::new(decoded.pixels.width, decoded.pixels.height, decoded.pixels.data).is_some());
        }
    }

    #[test]
    fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400), magic in 0usize..5) {
        let magics: [&[u8]; 5] = [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", b"GIF89a"];
        let _ = decode(&[magics[magic], &bytes].concat());
    }
}
