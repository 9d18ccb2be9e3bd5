//! The download: the classifier as one ONNX file, with a check anyone can run.

use super::{Job, Source, Step, read_all};
use crate::engine::protocol::learn::Reply;
use crate::engine::protocol::{Payload, Reply as AnyReply};
use crate::image::{Rgb8, contract, decode};
use crate::learn::head::Head;
use crate::learn::report::Report;
use crate::model::{backbone::Backbone, export};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use serde::Serialize;
use std::io::{Cursor, Write};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// Most example pictures in a download.
const EXAMPLES: usize = 3;
const VERIFY: &str = include_str!("export/verify.py");
const README: &str = include_str!("export/README.txt");

pub struct Export {
    head: Head,
    labels: Vec<String>,
    report: Report,
    files: Vec<Box<dyn Source>>,
    examples: Vec<Example>,
}

/// One picture, as the model sees it, and what it should answer.
struct Example {
    png: Vec<u8>,
    expected: Expected,
}

/// An entry of `check.json`.
#[derive(Serialize)]
struct Expected {
    /// A PNG of `side x side` pixels beside this file: the resize rule is already applied.
    file: String,
    label: String,
    probabilities: Vec<f32>,
    familiarity: f32,
    none_of_these: bool,
}

/// `check.json`.
#[derive(Serialize)]
struct Check<'a> {
    model: &'a str,
    labels: &'a [String],
    /// Side of the input in pixels.
    side: usize,
    resize_rule: &'a str,
    /// Largest difference allowed in a probability.
    tolerance: f32,
    report: &'a Report,
    examples: Vec<&'a Expected>,
}

impl Export {
    pub fn new(head: Head, labels: Vec<String>, report: Report, mut files: Vec<Box<dyn Source>>) -> Self {
        files.truncate(EXAMPLES);
        Self { head, labels, report, files, examples: Vec::new() }
    }

    fn add_example(&mut self, mut file: Box<dyn Source>, backbone: &Backbone) -> Result<(), String> {
        self.head.check(backbone.dim)?;
        let bytes = read_all(&mut *file, decode::MAX_FILE).map_err(|_| "An example picture could not be read.")?;
        let pixels = decode::decode(&bytes).map_err(|refusal| refusal.to_string())?.pixels;
        let seen = contract::to_square(&pixels, backbone.side as u32);
        let answer = self.head.answer(&backbone.embed_planes(&contract::to_planes(&seen))?.embedding);
        let expected = Expected {
            file: format!("example-{}.png", self.examples.len() + 1),
            label: self.labels.get(answer.best).cloned().unwrap_or_default(),
            probabilities: answer.probabilities,
            familiarity: answer.familiarity,
            none_of_these: answer.unknown,
        };
        self.examples.push(Example { png: png(&seen)?, expected });
        Ok(())
    }

    fn pack(&self, backbone: &Backbone) -> Result<(usize, Vec<u8>), String> {
        let onnx = export::classifier(backbone.file(), &self.head, &self.labels)?;
        let check = Check {
            model: "classifier.onnx",
            labels: &self.labels,
            side: backbone.side,
            resize_rule: export::RESIZE_RULE,
            tolerance: 1e-3,
            report: &self.report,
            examples: self.examples.iter().map(|e| &e.expected).collect(),
        };
        let check = serde_json::to_vec_pretty(&check).map_err(|e| e.to_string())?;
        let mut files: Vec<(&str, &[u8])> = vec![
            ("classifier.onnx", &onnx),
            ("check.json", &check),
            ("verify.py", VERIFY.as_bytes()),
            ("README.txt", README.as_bytes()),
        ];
        files.extend(self.examples.iter().map(|e| (e.expected.file.as_str(), e.png.as_slice())));
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        // Weights hardly compress; storing them keeps this quick.
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        for (name, bytes) in files {
            zip.start_file(name, options).map_err(|e| e.to_string())?;
            zip.write_all(bytes).map_err(|e| e.to_string())?;
        }
        let zip = zip.finish().map_err(|e| e.to_string())?;
        Ok((onnx.len(), zip.into_inner()))
    }
}

impl Job for Export {
    fn step(&mut self, backbone: &Backbone) -> Step {
        if !self.files.is_empty() {
            let file = self.files.remove(0);
            if let Err(reason) = self.add_example(file, backbone) {
                return Step::Failed(reason);
            }
            let fraction = self.examples.len() as f32 / (self.examples.len() + self.files.len() + 1) as f32;
            let reply = Reply::Exporting { fraction, stage: "Computing the examples".into() };
            return Step::Continue(Some((AnyReply::Learn(reply), Payload::default())));
        }
        match self.pack(backbone) {
            Ok((onnx_bytes, zip)) => {
                let reply = Reply::Exported { file_name: "fieldtest-classifier.zip".into(), onnx_bytes };
                Step::Done(AnyReply::Learn(reply), Payload::parts(vec![zip]))
            }
            Err(reason) => Step::Failed(format!("The classifier could not be written: {reason}.")),
        }
    }
}

fn png(image: &Rgb8) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(&image.data, image.width, image.height, ExtendedColorType::Rgb8)
        .map_err(|e| e.to_string())?;
    Ok(bytes)
}
