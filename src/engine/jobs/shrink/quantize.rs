//! Quantize, then ask both about each test picture, in turns.

use super::calibrate::{Calibrate, Calibrated};
use super::subject::{Model, Pair};
use super::{Told, Work, working};
use crate::engine::protocol::Payload;
use crate::engine::protocol::shrink::{Compared, Layer, Machine, Quantized, Ran, Reply};
use crate::image::thumb;
use crate::model::backbone::Backbone;
use crate::shrink;
use std::io::{Cursor, Write};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Both are asked this often before times count.
const WARM_UP: usize = 5;

pub struct Quantize {
    calibrate: Calibrate,
    stage: Stage,
}

enum Stage {
    Calibrating,
    Made(Box<(Model, shrink::Quantized)>),
    Asking { model: Box<Model>, pair: Box<Pair>, next: usize, warm: bool },
}

impl Quantize {
    pub fn new(calibrate: Calibrate) -> Self {
        Self { calibrate, stage: Stage::Calibrating }
    }
}

impl Work for Quantize {
    fn step(&mut self, backbone: &Backbone) -> Result<Told, String> {
        match std::mem::replace(&mut self.stage, Stage::Calibrating) {
            Stage::Calibrating => match self.calibrate.step(backbone)? {
                Calibrated::Working(share) => Ok(working("Calibrating", share / 2.0)),
                Calibrated::Done(made) => {
                    self.stage = Stage::Made(made);
                    Ok(working("Writing", 0.5))
                }
            },
            Stage::Made(made) => {
                let (model, quantized) = *made;
                let (pair, ran) = model.pair(&quantized.file)?;
                let said = said(&quantized, &model, self.calibrate.ms, ran)?;
                let pair = Box::new(pair);
                self.stage = Stage::Asking { model: Box::new(model), pair, next: 0, warm: false };
                Ok(Told::News(Reply::Quantized(Box::new(said)), Payload::parts(vec![quantized.file])))
            }
            Stage::Asking { model, pair, next, warm: false } => {
                // What is asked does not change how long it takes.
                let input = model.noise(0);
                let mut runs = Vec::new();
                for turn in 0..WARM_UP {
                    let (float, small) = model.ask_both(&pair, &input, turn)?;
                    runs.push((float.ms(), small.ms()));
                }
                self.stage = Stage::Asking { model, pair, next, warm: true };
                Ok(Told::News(Reply::Warm { runs, machine: machine() }, Payload::default()))
            }
            Stage::Asking { model, pair, next, warm } => {
                let Some(truth) = self.calibrate.truths.get(next).copied() else {
                    return Ok(Told::Done(Reply::Done, Payload::default()));
                };
                let pixels = self.calibrate.pixels()?;
                let (float, small) = model.ask_both(&pair, &model.input(&pixels), next)?;
                let compared = Compared { index: next as u32, truth, apart: float.apart(&small) };
                let payload =
                    Payload { floats: [float.answer, small.answer].concat(), parts: vec![thumb::jpeg(&pixels)] };
                self.stage = Stage::Asking { model, pair, next: next + 1, warm };
                Ok(Told::News(Reply::Compared(compared), payload))
            }
        }
    }
}

/// The instruction set this engine was built for, and the memory it has taken.
fn machine() -> Machine {
    let instructions = if cfg!(not(target_arch = "wasm32")) {
        "native".to_owned()
    } else if cfg!(feature = "relaxed") {
        "WebAssembly with SIMD128 and relaxed SIMD, one thread".to_owned()
    } else if cfg!(target_feature = "simd128") {
        "WebAssembly with SIMD128, one thread".to_owned()
    } else {
        "WebAssembly without SIMD, one thread".to_owned()
    };
    #[cfg(target_arch = "wasm32")]
    let memory = Some(core::arch::wasm32::memory_size(0) << 16);
    #[cfg(not(target_arch = "wasm32"))]
    let memory = None;
    Machine { instructions, memory }
}

fn said(done: &shrink::Quantized, model: &Model, ms: f32, ran: Ran) -> Result<Quantized, String> {
    let report = &done.report;
    let layer = |l: &shrink::LayerReport| Layer {
        name: l.name.clone(),
        op: l.op.clone(),
        sqnr_db: l.weight_sqnr_db,
        parameters: l.parameters,
        weights: l.weights.clone(),
        outputs: l.outputs.clone(),
    };
    Ok(Quantized {
        float_bytes: model.float_bytes,
        shipped_bytes: model.file.len(),
        bytes: done.file.len(),
        shipped_packed: packed(&model.file)?,
        packed: packed(&done.file)?,
        layers: report.layers.iter().map(layer).collect(),
        nodes: report.nodes.clone(),
        float: report.float.clone(),
        notes: report.notes.clone(),
        images: report.images,
        report: serde_json::to_string_pretty(report).map_err(|e| e.to_string())?,
        ms,
        ran,
    })
}

/// Bytes after deflate, in a zip of one file.
fn packed(bytes: &[u8]) -> Result<usize, String> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("model.onnx", SimpleFileOptions::default()).map_err(|e| e.to_string())?;
    zip.write_all(bytes).map_err(|e| e.to_string())?;
    Ok(zip.finish().map_err(|e| e.to_string())?.into_inner().len())
}
