//! The classifier becomes smaller, and is asked beside itself: a calibration or a test picture a step.

use super::{Job, Source, Step, read_all};
use crate::engine::protocol::shrink::{Compared, Layer, Mode as Chosen, Quantized, Range, Recipe, Reply};
use crate::engine::protocol::{Payload, Reply as AnyReply, unpack_u32};
use crate::image::{Rgb8, contract, decode, thumb};
use crate::learn::head::Head;
use crate::model::backbone::Backbone;
use crate::model::onnx::{Message, ModelProto};
use crate::model::{export, probe::Probe};
use crate::shift::drift::Random;
use crate::shrink::observe::Method;
use crate::shrink::{self, Mode, Options, Quantizer};
use web_time::Instant;

/// Most pictures of a request.
const MOST: usize = 2000;
/// Both are asked this often before times count.
const WARM_UP: usize = 2;

pub struct Quantize {
    head: Head,
    labels: Vec<String>,
    recipe: Recipe,
    calibration: usize,
    truths: Vec<u32>,
    files: std::vec::IntoIter<Box<dyn Source>>,
    stage: Stage,
}

enum Stage {
    Start,
    Calibrating { quantizer: Box<Quantizer>, classifier: Vec<u8>, done: usize, ms: f32 },
    Asking { float: Box<Probe>, quantized: Box<Probe>, next: usize },
}

impl Quantize {
    /// # Errors
    /// A sentence: files and classes do not pair up, or a setting is out of range.
    pub fn new(
        head: Head,
        labels: Vec<String>,
        recipe: Recipe,
        calibration: usize,
        payload: Payload,
        files: Vec<Box<dyn Source>>,
    ) -> Result<Self, String> {
        let truths = unpack_u32(payload.parts.first().ok_or("The request came without its classes.")?);
        if files.len() != calibration + truths.len() || files.len() > MOST || recipe.noise.is_some_and(|n| n > MOST) {
            return Err("The request's pictures and classes do not pair up.".into());
        }
        if !(2..=8).contains(&recipe.bits) {
            return Err("Weights have 2 to 8 bits.".into());
        }
        let stage = Stage::Start;
        Ok(Self { head, labels, recipe, calibration, truths, files: files.into_iter(), stage })
    }

    fn options(&self) -> Options {
        let mut options = Options {
            mode: match self.recipe.mode {
                Chosen::Static => Mode::Static,
                Chosen::WeightsOnly => Mode::WeightsOnly,
                Chosen::Half => Mode::Half,
            },
            method: match self.recipe.range {
                Range::MinMax => Method::MinMax,
                Range::Percentile => Method::Percentile(99.99),
                Range::Entropy => Method::Entropy,
                Range::Mse => Method::Mse,
            },
            bias_correction: self.recipe.bias_correction,
            equalize: self.recipe.equalize,
            ..Options::default()
        };
        options.weights.per_channel = self.recipe.per_channel;
        options.weights.bits = self.recipe.bits;
        options
    }

    fn pixels(&mut self) -> Result<Rgb8, String> {
        let mut file = self.files.next().ok_or("A picture is missing.")?;
        let bytes = read_all(&mut *file, decode::MAX_FILE).map_err(|_| "A picture could not be read.")?;
        decode::decode(&bytes).map(|d| d.pixels).map_err(|refusal| refusal.to_string())
    }

    fn step(&mut self, backbone: &Backbone) -> Result<Told, String> {
        let side = backbone.side as u32;
        match std::mem::replace(&mut self.stage, Stage::Start) {
            Stage::Start => {
                self.head.check(backbone.dim)?;
                let classifier = export::classifier(backbone.file(), &self.head, &self.labels)?;
                let quantizer = Box::new(Quantizer::new(&classifier, self.options()).map_err(|r| r.to_string())?);
                self.stage = Stage::Calibrating { quantizer, classifier, done: 0, ms: 0.0 };
                Ok(Told::News(working("Preparing", 0.0), Payload::default()))
            }
            Stage::Calibrating { mut quantizer, classifier, done, ms } => {
                let wanted = if quantizer.needs_images() { self.recipe.noise.unwrap_or(self.calibration) } else { 0 };
                let begun = Instant::now();
                if done < wanted {
                    let planes = match self.recipe.noise {
                        Some(_) => noise(side, done as u64),
                        None => contract::to_planes(&contract::to_square(&self.pixels()?, side)),
                    };
                    quantizer.calibrate(&planes).map_err(|r| r.to_string())?;
                    let ms = ms + begun.elapsed().as_secs_f32() * 1e3;
                    self.stage = Stage::Calibrating { quantizer, classifier, done: done + 1, ms };
                    let share = (done + 1) as f32 / wanted as f32;
                    return Ok(Told::News(working("Calibrating", share / 2.0), Payload::default()));
                }
                // What was not needed for calibration.
                let left = self.files.len().saturating_sub(self.truths.len());
                self.files.by_ref().take(left).for_each(drop);
                let done = quantizer.finish().map_err(|r| r.to_string())?;
                let ms = ms + begun.elapsed().as_secs_f32() * 1e3;
                let float_bytes = classifier.len() + backbone.parameters * 2;
                let said = said(&done, float_bytes, classifier.len(), ms)?;
                let open = |file: &[u8]| -> Result<Box<Probe>, String> {
                    // Both are of our making; reading anybody's model refuses one that is quantized already.
                    let model = ModelProto::decode(file).map_err(|e| e.to_string())?;
                    let shape = [1, 3, backbone.side, backbone.side];
                    Probe::new(&model, &shape, &["probabilities".into()]).map(Box::new).map_err(|r| r.to_string())
                };
                self.stage = Stage::Asking { float: open(&classifier)?, quantized: open(&done.file)?, next: 0 };
                Ok(Told::News(Reply::Quantized(said), Payload::parts(vec![done.file])))
            }
            Stage::Asking { float, quantized, next } => {
                let Some(truth) = self.truths.get(next).copied() else { return Ok(Told::Done) };
                let pixels = self.pixels()?;
                let planes = contract::to_planes(&contract::to_square(&pixels, side));
                if next == 0 {
                    for probe in [&float, &quantized].into_iter().cycle().take(2 * WARM_UP) {
                        ask(probe, &planes)?;
                    }
                }
                // Who goes first takes turns, so that neither finds the caches warmer.
                let ((float_says, float_ms), (quantized_says, quantized_ms)) = if next.is_multiple_of(2) {
                    let first = ask(&float, &planes)?;
                    (first, ask(&quantized, &planes)?)
                } else {
                    let first = ask(&quantized, &planes)?;
                    (ask(&float, &planes)?, first)
                };
                let compared = Compared {
                    index: next as u32,
                    truth,
                    float: float_says,
                    quantized: quantized_says,
                    float_ms,
                    quantized_ms,
                };
                self.stage = Stage::Asking { float, quantized, next: next + 1 };
                Ok(Told::News(Reply::Compared(compared), Payload::parts(vec![thumb::jpeg(&pixels)])))
            }
        }
    }
}

enum Told {
    News(Reply, Payload),
    Done,
}

fn working(stage: &str, fraction: f32) -> Reply {
    Reply::Working { stage: stage.into(), fraction }
}

/// Probabilities of one picture, and the time they took in milliseconds.
fn ask(probe: &Probe, planes: &[f32]) -> Result<(Vec<f32>, f32), String> {
    let begun = Instant::now();
    let mut answer = Vec::new();
    probe.run(planes, |_, _, numbers| answer = numbers.to_vec()).map_err(|r| r.to_string())?;
    Ok((answer, begun.elapsed().as_secs_f32() * 1e3))
}

fn said(done: &shrink::Quantized, float_bytes: usize, shipped_bytes: usize, ms: f32) -> Result<Quantized, String> {
    let report = &done.report;
    let layer = |l: &shrink::LayerReport| Layer {
        name: l.name.clone(),
        op: l.op.clone(),
        sqnr_db: l.weight_sqnr_db,
        parameters: l.parameters,
    };
    Ok(Quantized {
        float_bytes,
        shipped_bytes,
        bytes: done.file.len(),
        layers: report.layers.iter().map(layer).collect(),
        float: report.float.clone(),
        notes: report.notes.clone(),
        images: report.images,
        report: serde_json::to_string_pretty(report).map_err(|e| e.to_string())?,
        ms,
    })
}

/// Planes of even noise over 0..255: what no camera ever takes.
fn noise(side: u32, seed: u64) -> Vec<f32> {
    let mut random = Random::new(seed);
    (0..3 * side * side).map(|_| (random.uniform() * 255.0) as f32).collect()
}

impl Job for Quantize {
    fn step(&mut self, backbone: &Backbone) -> Step {
        match Quantize::step(self, backbone) {
            Ok(Told::News(reply, payload)) => Step::Continue(Some((AnyReply::Shrink(reply), payload))),
            Ok(Told::Done) => Step::Done(AnyReply::Shrink(Reply::Done), Payload::default()),
            Err(reason) => Step::Failed(reason),
        }
    }
}
