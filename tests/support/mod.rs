//! Pictures and archives that tests make themselves.
#![allow(dead_code, reason = "each test crate uses its own part of this")]

use fieldtest::engine::jobs::{Job, Source, Step};
use fieldtest::engine::protocol::{Payload, Reply};
use fieldtest::image::Rgb8;
use fieldtest::model::backbone::Backbone;
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use std::io::{Cursor, Write};
use std::sync::OnceLock;

/// The backbone the product ships.
pub fn backbone() -> &'static Backbone {
    static BACKBONE: OnceLock<Backbone> = OnceLock::new();
    BACKBONE.get_or_init(|| {
        // Built in, because a test in wasm has no files.
        let file = include_bytes!("../../assets/models/backbone-supervised.onnx");
        Backbone::load(file.to_vec()).expect("the backbone loads")
    })
}

/// A picture of a class: discs, stripes or checks, of varied colour, place and size.
pub fn draw(class: u32, variant: u32) -> Rgb8 {
    let mut state = (u64::from(class) << 32 | u64::from(variant)) + 1;
    let mut random = |n: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as u32 % n
    };
    let (size, cx, cy, r) = (96, 30 + random(36) as i32, 30 + random(36) as i32, 14 + random(14) as i32);
    let (fore, back) = ([random(256), random(256), 200 + random(56)], [random(90), random(90), random(90)]);
    let period = 6 + random(8) as i32;
    let pixel = |x: i32, y: i32| {
        let inside = match class % 3 {
            0 => (x - cx).pow(2) + (y - cy).pow(2) < r * r,
            1 => (x + y * (variant as i32 % 3)) / period % 2 == 0,
            _ => (x / period + y / period) % 2 == 0 && (x - cx).abs() < 2 * r && (y - cy).abs() < 2 * r,
        };
        (if inside { fore } else { back }).map(|c| c as u8)
    };
    let data = (0..size).flat_map(|y| (0..size).flat_map(move |x| pixel(x, y))).collect();
    Rgb8::new(size as u32, size as u32, data).expect("as many bytes as pixels")
}

pub fn encode_png(image: &Rgb8) -> Vec<u8> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(&image.data, image.width, image.height, ExtendedColorType::Rgb8)
        .expect("encoding to memory");
    bytes
}

pub fn zip_of(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).expect("a new entry");
        zip.write_all(bytes).expect("writing to memory");
    }
    zip.finish().expect("writing to memory").into_inner()
}

pub fn boxed(bytes: Vec<u8>) -> Box<dyn Source> {
    Box::new(Cursor::new(bytes))
}

/// Steps a job to its end, as the worker does.
pub fn finish(mut job: Box<dyn Job>, mut hear: impl FnMut(Reply, Payload)) -> Result<(Reply, Payload), String> {
    loop {
        match job.step(backbone()) {
            Step::Continue(Some((reply, payload))) => hear(reply, payload),
            Step::Continue(None) => {}
            Step::Done(reply, payload) => return Ok((reply, payload)),
            Step::Failed(reason) => return Err(reason),
        }
    }
}
