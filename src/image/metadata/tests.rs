use super::*;
use image::codecs::{gif::GifEncoder, jpeg::JpegEncoder, webp::WebPEncoder};
use proptest::prelude::*;

/// What must not get out: as text, and as a position in an EXIF block.
const SECRET: &[u8] = b"SN-4711-SECRET";
const PLACE: [u8; 24] = *b"\0\0\0\x34\0\0\0\x01\0\0\0\x1f\0\0\0\x01\0\0\0\x07\0\0\0\x01";

/// 32x16: left half red, right half blue, so that every way of turning it can be told.
fn pixels() -> Vec<u8> {
    let row = [[220u8, 20, 20]; 16].into_iter().chain([[20, 20, 220]; 16]).flatten();
    row.collect::<Vec<_>>().repeat(16)
}

fn a_jpeg() -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 95).encode(&pixels(), 32, 16, ExtendedColorType::Rgb8).unwrap();
    bytes
}

fn a_png() -> Vec<u8> {
    as_png(&Rgb8::new(32, 16, pixels()).unwrap()).unwrap()
}

fn a_webp() -> Vec<u8> {
    let mut bytes = Vec::new();
    WebPEncoder::new_lossless(&mut bytes).encode(&pixels(), 32, 16, ExtendedColorType::Rgb8).unwrap();
    bytes
}

fn a_gif() -> Vec<u8> {
    let mut bytes = Vec::new();
    GifEncoder::new(&mut bytes).encode(&pixels(), 32, 16, ExtendedColorType::Rgb8).unwrap();
    bytes
}

/// A TIFF block as cameras write it: orientation, a serial number and a position.
fn telling_exif(orientation: u8, big_endian: bool) -> Vec<u8> {
    let n16 = |v: u16| if big_endian { v.to_be_bytes() } else { v.to_le_bytes() };
    let n32 = |v: u32| if big_endian { v.to_be_bytes() } else { v.to_le_bytes() };
    let mut block = if big_endian { b"MM".to_vec() } else { b"II".to_vec() };
    block.extend(n16(42));
    block.extend(n32(8));
    let entry =
        |tag: u16, kind: u16, count: u32, value: [u8; 4]| [&n16(tag)[..], &n16(kind), &n32(count), &value].concat();
    let short = |v: u8| if big_endian { [0, v, 0, 0] } else { [v, 0, 0, 0] };
    // Three entries end at 8 + 2 + 36 + 4 = 50; the serial number lies there, the GPS directory behind it.
    let gps = 50 + SECRET.len() as u32;
    block.extend(n16(3));
    block.extend(entry(0x0112, 3, 1, short(orientation)));
    block.extend(entry(0x8825, 4, 1, n32(gps)));
    block.extend(entry(0xa431, 2, SECRET.len() as u32, n32(50)));
    block.extend(n32(0));
    block.extend(SECRET);
    block.extend(n16(1));
    block.extend(entry(2, 5, 3, n32(gps + 18)));
    block.extend(n32(0));
    block.extend(PLACE);
    block
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    [&[0xff, marker], &((body.len() + 2) as u16).to_be_bytes()[..], body].concat()
}

/// Puts segments where cameras do: after the start and, if there is one, the JFIF header.
fn jpeg_with(segments: &[Vec<u8>]) -> Vec<u8> {
    let jpeg = a_jpeg();
    let header = if jpeg[3] == 0xe0 { 4 + usize::from(u16::from_be_bytes([jpeg[4], jpeg[5]])) } else { 2 };
    [&jpeg[..header], &segments.concat(), &jpeg[header..]].concat()
}

fn app1(orientation: u8, big_endian: bool) -> Vec<u8> {
    segment(0xe1, &[b"Exif\0\0", &telling_exif(orientation, big_endian)[..]].concat())
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    [&(data.len() as u32).to_be_bytes()[..], &body, &crc32(&body).to_be_bytes()].concat()
}

/// Puts chunks behind the header, or before the end.
fn png_with(chunks: &[Vec<u8>], at_the_end: bool) -> Vec<u8> {
    let png = a_png();
    let at = if at_the_end { png.len() - 12 } else { 33 };
    [&png[..at], &chunks.concat(), &png[at..]].concat()
}

/// An extended WebP with more chunks behind the picture.
fn webp_with(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let simple = a_webp();
    let flag = |kind: &[u8; 4]| match kind {
        b"EXIF" => 8,
        b"XMP " => 4,
        _ => 0u8,
    };
    let flags = chunks.iter().fold(0, |all, (kind, _)| all | flag(kind));
    let mut body = b"WEBP".to_vec();
    put_chunk(&mut body, b"VP8X", &[flags, 0, 0, 0, 31, 0, 0, 15, 0, 0]);
    body.extend(&simple[12..]);
    chunks.iter().for_each(|(kind, data)| put_chunk(&mut body, kind, data));
    [&b"RIFF"[..], &(body.len() as u32).to_le_bytes(), &body].concat()
}

/// An extension block with its data in pieces.
fn extension(label: u8, data: &[u8]) -> Vec<u8> {
    let pieces = data.chunks(255).flat_map(|c| [&[c.len() as u8], c].concat());
    [0x21, label].into_iter().chain(pieces).chain([0]).collect()
}

/// Puts blocks behind the colours.
fn gif_with(blocks: &[Vec<u8>]) -> Vec<u8> {
    let gif = a_gif();
    let at = 13 + if gif[10] & 0x80 == 0 { 0 } else { 3usize << ((gif[10] & 7) + 1) };
    [&gif[..at], &blocks.concat(), &gif[at..]].concat()
}

/// Name, file, orientation.
fn fixtures() -> Vec<(String, Vec<u8>, u8)> {
    let mut all = Vec::new();
    for orientation in 1..=8 {
        for big in [true, false] {
            let order = if big { "big" } else { "little" };
            let block = telling_exif(orientation, big);
            all.push((
                format!("jpeg, {order} endian, {orientation}"),
                jpeg_with(&[app1(orientation, big)]),
                orientation,
            ));
            all.push((
                format!("png, {order} endian, {orientation}"),
                png_with(&[chunk(b"eXIf", &block)], false),
                orientation,
            ));
            all.push((format!("webp, {order} endian, {orientation}"), webp_with(&[(b"EXIF", block)]), orientation));
        }
    }
    let secret = |prefix: &[u8]| [prefix, SECRET, &PLACE].concat();
    let xmp = secret(b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>");
    let mut thumbnail = b"JFIF\0\x01\x01\0\0\x01\0\x01\x02\x07".to_vec();
    thumbnail.extend(secret(b"\0\0\0\0"));
    let mut of_jpeg = |name: &str, segments: &[Vec<u8>]| all.push((format!("jpeg, {name}"), jpeg_with(segments), 1));
    of_jpeg("nothing", &[]);
    of_jpeg("xmp", &[segment(0xe1, &xmp)]);
    of_jpeg("extended xmp", &[segment(0xe1, &secret(b"http://ns.adobe.com/xmp/extension/\0"))]);
    of_jpeg("iptc", &[segment(0xed, &secret(b"Photoshop 3.0\x008BIM\x04\x04"))]);
    of_jpeg("comment", &[segment(0xfe, &secret(b""))]);
    of_jpeg("several pictures", &[segment(0xe2, &secret(b"MPF\0"))]);
    of_jpeg("flashpix", &[segment(0xe2, &secret(b"FPXR\0"))]);
    of_jpeg("maker's own", &[segment(0xe4, &secret(b"QVCI"))]);
    of_jpeg("maker's other", &[segment(0xef, &secret(b"Q"))]);
    of_jpeg("second thumbnail", &[segment(0xe0, &secret(b"JFXX\0\x10"))]);
    of_jpeg("jfif thumbnail", &[segment(0xe0, &thumbnail)]);
    of_jpeg("fill bytes", &[vec![0xff, 0xff], segment(0xfe, &secret(b""))]);
    of_jpeg("everything", &[app1(1, true), segment(0xe1, &xmp), segment(0xed, &secret(b"")), segment(0xfe, SECRET)]);
    all.push(("jpeg, behind the end".into(), [a_jpeg(), secret(b"")].concat(), 1));
    all.push(("jpeg, another behind the end".into(), [a_jpeg(), jpeg_with(&[app1(3, true)])].concat(), 1));
    let mut before_the_scan = a_jpeg();
    let scan = before_the_scan.windows(2).position(|w| w == [0xff, 0xda]).unwrap();
    before_the_scan.splice(scan..scan, segment(0xfe, SECRET));
    all.push(("jpeg, before the scan".into(), before_the_scan, 1));
    for kind in [b"tEXt", b"zTXt", b"iTXt", b"tIME", b"prVt", b"dSIG"] {
        for at_the_end in [false, true] {
            let name = format!("png, {} {at_the_end}", String::from_utf8_lossy(kind));
            all.push((name, png_with(&[chunk(kind, &secret(b"Comment\0"))], at_the_end), 1));
        }
    }
    all.push(("png, behind the end".into(), [a_png(), secret(b"")].concat(), 1));
    all.push(("webp, nothing".into(), a_webp(), 1));
    all.push(("webp, xmp".into(), webp_with(&[(b"XMP ", secret(b""))]), 1));
    all.push(("webp, both".into(), webp_with(&[(b"EXIF", telling_exif(6, true)), (b"XMP ", secret(b""))]), 6));
    all.push(("webp, unknown".into(), webp_with(&[(b"PRIV", secret(b"a"))]), 1));
    all.push(("webp, behind the end".into(), [a_webp(), secret(b"")].concat(), 1));
    all.push(("gif, nothing".into(), a_gif(), 1));
    all.push(("gif, comment".into(), gif_with(&[extension(0xfe, SECRET)]), 1));
    all.push(("gif, xmp".into(), gif_with(&[extension(0xff, &secret(b"XMP DataXMP"))]), 1));
    all.push(("gif, behind the end".into(), [a_gif(), secret(b"")].concat(), 1));
    all
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|w| w == what)
}

#[test]
fn nothing_about_the_person_gets_out_and_pixels_stay() {
    let all = fixtures();
    assert!(all.len() >= 50, "{} fixtures", all.len());
    let (mut telling, mut whole) = (0, 0);
    for (name, file, orientation) in all {
        telling += usize::from(holds(&file, SECRET) || holds(&file, &PLACE));
        assert_eq!(decode::orientation(&file), orientation, "{name}");
        let stripped = strip(&file).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert!(!holds(&stripped, SECRET), "{name}: the serial number is still there");
        assert!(!holds(&stripped, &PLACE), "{name}: the place is still there");
        assert_eq!(decode::orientation(&stripped), orientation, "{name}");
        assert_eq!(Kind::of(&stripped), Kind::of(&file), "{name}");
        // Some of what strangers write, the decoder itself does not take.
        if let Ok(before) = decode::decode(&file) {
            whole += 1;
            let after = decode::decode(&stripped).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
            assert!(before.pixels == after.pixels, "{name}: other pixels");
        }
        assert!(strip(&stripped).unwrap() == stripped, "{name}: a stripped file stays as it is");
    }
    assert!(telling >= 50 && whole >= 70, "{telling} fixtures held a secret, {whole} could be decoded");
}

#[test]
fn all_eight_orientations_stay_upright_in_every_format() {
    // Where the red half ends up.
    let red = [(4, 8), (28, 8), (28, 8), (4, 8), (8, 4), (8, 4), (8, 28), (8, 28)];
    for orientation in 1..=8u8 {
        let block = telling_exif(orientation, orientation % 2 == 0);
        let files = [
            jpeg_with(&[app1(orientation, true)]),
            png_with(&[chunk(b"eXIf", &block)], false),
            webp_with(&[(b"EXIF", block)]),
        ];
        for file in files {
            let picture = decode::decode(&strip(&file).unwrap()).unwrap().pixels;
            let size = if orientation < 5 { (32, 16) } else { (16, 32) };
            assert_eq!((picture.width, picture.height), size, "{orientation}");
            let (x, y) = red[usize::from(orientation) - 1];
            let at = ((y * picture.width + x) * 3) as usize;
            assert!(picture.data[at] > 150 && picture.data[at + 2] < 80, "{orientation}");
        }
    }
}

#[test]
fn what_colours_and_movement_need_is_kept() {
    let profile = segment(0xe2, b"ICC_PROFILE\0\x01\x01profile");
    assert!(holds(&strip(&jpeg_with(std::slice::from_ref(&profile))).unwrap(), &profile));
    let gamma = chunk(b"gAMA", &45455u32.to_be_bytes());
    assert!(holds(&strip(&png_with(std::slice::from_ref(&gamma), false)).unwrap(), &gamma));
    let endless = extension(0xff, b"NETSCAPE2.0");
    assert!(holds(&strip(&gif_with(std::slice::from_ref(&endless))).unwrap(), b"NETSCAPE2.0"));
}

#[test]
fn a_file_that_cannot_be_taken_apart_becomes_its_pixels() {
    // Bytes between segments: decoders pass over them.
    let mut odd = jpeg_with(&[app1(6, true)]);
    odd.splice(2..2, *b"??");
    if let Ok(decoded) = decode::decode(&odd) {
        let stripped = strip(&odd).unwrap();
        assert_eq!(Kind::of(&stripped), Kind::Png);
        assert!(!holds(&stripped, SECRET));
        assert!(decode::decode(&stripped).unwrap().pixels == decoded.pixels);
    }
    assert!(strip(b"not a picture").is_err());
    assert!(strip(b"").is_err());
}

proptest! {
    #[test]
    fn damaged_files_never_panic(which in 0usize..80, at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>()) {
        let all = fixtures();
        let mut file = all[which % all.len()].1.clone();
        let at = at.index(file.len());
        file[at] = byte;
        let _ = strip(&file);
        file.truncate(cut.index(file.len()));
        let _ = strip(&file);
    }
}
