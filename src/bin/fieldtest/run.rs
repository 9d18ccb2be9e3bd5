//! `fieldtest run`: what a model says of each picture, and which of its nodes ran as integers.

use super::{files, input, range};
use fieldtest::model::onnx::graph::Graph;
use fieldtest::model::onnx::{self, ModelProto};
use fieldtest::model::probe::Probe;
use fieldtest::model::quantized::Report;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// # Errors
/// A sentence.
pub fn run(words: &[String]) -> Result<(), String> {
    let (mut model, mut images, mut out, mut report) = (None, None, None, None::<PathBuf>);
    let (mut count, mut pixels, mut float) = (usize::MAX, (0.0, 255.0), false);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--images" => images = Some(PathBuf::from(value()?)),
            "--out" => out = Some(PathBuf::from(value()?)),
            "--report" => report = Some(value()?.into()),
            "--count" => count = value()?.parse().map_err(|_| "--count needs a number")?,
            "--range" => pixels = range(value()?)?,
            "--float" => float = true,
            other if other.starts_with('-') => return Err(format!("{other} is not known; see --help")),
            _ => model = Some(PathBuf::from(word)),
        }
    }
    let (model, images) = model.zip(images).ok_or("a model and --images are needed; see --help")?;
    let read = |path: &Path| std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()));
    let (probe, shape, ran) = open(onnx::read_quantized(&read(&model)?)?, float)?;
    let each: usize = shape.iter().product();
    let (mut scores, mut rows) = (Vec::new(), 0);
    for path in files(&images)?.iter().take(count) {
        let numbers = input(path, &read(path)?, &shape, pixels).map_err(|e| format!("{}: {e}", path.display()))?;
        if numbers.is_empty() || numbers.len() % each != 0 {
            return Err(format!("{}: {} numbers are no inputs of {shape:?}", path.display(), numbers.len()));
        }
        for one in numbers.chunks_exact(each) {
            let mut best = (0, f32::NEG_INFINITY);
            probe.run(one, |_, _, said| {
                best = said.iter().copied().enumerate().fold(best, |b, v| if v.1 > b.1 { v } else { b });
                scores.extend_from_slice(said);
            })?;
            rows += 1;
            if out.is_none() {
                println!("{}\t{}\t{}", path.display(), best.0, best.1);
            }
        }
    }
    if let Some(path) = out {
        std::fs::write(&path, npy(rows, &scores)).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    for node in &ran.float {
        eprintln!("float: {} ({}), because {}", node.name, node.op, node.why);
    }
    eprintln!("{} nodes ran as integers, {} as float", ran.integer.len(), ran.float.len());
    if let Some(path) = report {
        let text = serde_json::to_string_pretty(&ran).map_err(|e| e.to_string())?;
        std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}

fn open(model: ModelProto, float: bool) -> Result<(Probe, Vec<usize>, Report), String> {
    let graph = Graph::new(model)?;
    let (shape, outputs) = (graph.shape.clone(), graph.outputs[..1].to_vec());
    let model = graph.to_model();
    let (probe, ran) = if float {
        (Probe::new(&model, &shape, &outputs)?, Report::default())
    } else {
        Probe::quantized(&model, &shape, &outputs)?
    };
    Ok((probe, shape, ran))
}

/// A NumPy file of float32, `[rows, scores / rows]`.
fn npy(rows: usize, scores: &[f32]) -> Vec<u8> {
    let columns = scores.len().checked_div(rows).unwrap_or(0);
    let mut header = String::new();
    let _ = write!(header, "{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    // The whole header is a multiple of 64 bytes and ends in a line break.
    let header = format!("{header:<width$}\n", width = (header.len() + 11).next_multiple_of(64) - 11);
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(scores.iter().flat_map(|s| s.to_le_bytes()));
    file
}
