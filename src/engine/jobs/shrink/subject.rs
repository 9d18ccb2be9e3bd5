//! A model opened so that pictures can be asked about: the classifier, or a file of anyone's.

use super::{Files, Source};
use crate::engine::jobs::{ReadError, read_all};
use crate::engine::protocol::shrink::{Apart, Ran, Subject};
use crate::foreign::fit::{Fit, Pixels};
use crate::foreign::inspect;
use crate::image::{Rgb8, contract};
use crate::learn::head::Head;
use crate::model::backbone::Backbone;
use crate::model::onnx::graph::Graph;
use crate::model::onnx::{self, Message, ModelProto};
use crate::model::{cam, export, probe::Probe};
use crate::shift::degradation::Degradation;
use crate::shrink::culprits::cosine;
use web_time::Instant;

/// Numbers of one answer that are sent where they are features: enough to look at.
const MOST_FEATURES: usize = 4096;

/// A float model as a file, and how pictures fit it.
pub struct Model {
    pub file: Vec<u8>,
    pub fit: Fit,
    /// Bytes with every weight in float32.
    pub float_bytes: usize,
    head: Option<Head>,
}

/// One of the two, ready to be asked.
struct Side {
    probe: Probe,
    /// Tensors it gives: the answer; and for our own classifier its logits and features.
    outputs: usize,
}

/// What one of them says of a picture.
#[derive(Default)]
pub struct Said {
    /// Probabilities, or features.
    pub answer: Vec<f32>,
    /// Logits where there are any, else as the output has it.
    raw: Vec<f32>,
    features: Vec<f32>,
    grid: (usize, usize),
    ms: f32,
}

impl Model {
    /// Takes the model's file off the front of `files` where the subject is one.
    ///
    /// # Errors
    /// A sentence: the file is no model that can be used here, or the head does not fit the backbone.
    pub fn open(subject: Subject, files: &mut Files, backbone: &Backbone) -> Result<Self, String> {
        match subject {
            Subject::Classifier { head, labels } => {
                head.check(backbone.dim)?;
                let file = export::classifier(backbone.file(), &head, &labels)?;
                let fit = Fit {
                    width: backbone.side,
                    height: backbone.side,
                    pixels: Pixels::Bytes,
                    output: "probabilities".into(),
                    classes: true,
                    labels,
                    ..Fit::default()
                };
                let float_bytes = file.len() + backbone.parameters * 2;
                Ok(Self { file, fit, float_bytes, head: Some(head) })
            }
            Subject::File(fit) => {
                let given = read_model(&mut *files.next().ok_or("The request came without its model.")?)?;
                let file = inspect::fixed(&given, &fit)?;
                Ok(Self { float_bytes: file.len(), file, fit, head: None })
            }
        }
    }

    /// Name of the output by which layers are judged: logits rather than what softmax makes of them.
    pub fn judged(&self) -> String {
        if self.head.is_some() { "head.logits".into() } else { self.fit.output.clone() }
    }

    /// Largest side of the input: pictures are made square before they are cropped.
    fn side(&self) -> usize {
        self.fit.width.max(self.fit.height)
    }

    /// A picture as the model takes it.
    pub fn input(&self, pixels: &Rgb8) -> Vec<f32> {
        self.fit_planes(&contract::to_planes(&contract::to_square(pixels, self.side() as u32)))
    }

    /// The same of a picture gone bad.
    pub fn degraded(&self, pixels: &Rgb8, degradation: Degradation, seed: u64) -> Vec<f32> {
        self.fit_planes(&degradation.planes(pixels, self.side() as u32, seed))
    }

    /// Planes of even noise over 0..255: what no camera ever takes.
    pub fn noise(&self, seed: u64) -> Vec<f32> {
        let mut random = crate::shift::drift::Random::new(seed);
        let planes: Vec<f32> = (0..3 * self.side().pow(2)).map(|_| (random.uniform() * 255.0) as f32).collect();
        self.fit_planes(&planes)
    }

    fn fit_planes(&self, planes: &[f32]) -> Vec<f32> {
        let (side, w, h) = (self.side(), self.fit.width, self.fit.height);
        if (w, h) == (side, side) {
            return self.fit.input(planes);
        }
        let (left, top) = ((side - w) / 2, (side - h) / 2);
        let rows = (0..3).flat_map(|c| (0..h).map(move |y| (c * side + top + y) * side + left));
        let cropped: Vec<f32> = rows.flat_map(|at| planes[at..at + w].iter().copied()).collect();
        self.fit.input(&cropped)
    }

    /// Prepares the float model.
    ///
    /// # Errors
    /// It cannot be run here: a sentence that names the node.
    fn float(&self) -> Result<Side, String> {
        // Ours is of our making; anybody's goes through the reader and the sorter.
        let model = match self.head {
            Some(_) => ModelProto::decode(self.file.as_slice()).map_err(|e| e.to_string())?,
            None => Graph::new(onnx::read(&self.file)?)?.to_model(),
        };
        self.prepare(|outputs| Ok(Probe::new(&model, &self.fit.shape(), outputs)?))
    }

    /// Prepares what was made of it, as integers where that is possible, and says where.
    ///
    /// # Errors
    /// As [`Self::float`].
    fn small(&self, file: &[u8]) -> Result<(Side, Ran), String> {
        // Of our making; reading anybody's model refuses one that is quantized already.
        let model = ModelProto::decode(file).map_err(|e| e.to_string())?;
        let mut ran = Ran::default();
        let side = self.prepare(|outputs| {
            let (probe, report) = Probe::quantized(&model, &self.fit.shape(), outputs)?;
            ran = Ran {
                integers: report.integer.into_iter().map(|node| node.name).collect(),
                floats: report.float.into_iter().map(|node| (node.name, node.why)).collect(),
            };
            Ok(probe)
        })?;
        Ok((side, ran))
    }

    /// Both of them; `file` is what was made of the model.
    ///
    /// # Errors
    /// As [`Self::float`].
    pub fn pair(&self, file: &[u8]) -> Result<(Pair, Ran), String> {
        let (small, ran) = self.small(file)?;
        Ok((Pair { float: self.float()?, small }, ran))
    }

    fn prepare(&self, mut open: impl FnMut(&[String]) -> Result<Probe, String>) -> Result<Side, String> {
        let mut outputs = vec![self.fit.output.clone()];
        if self.head.is_some() {
            outputs.extend(["head.logits", "features"].map(str::to_owned));
            // Where a layer has swallowed what we would like to look at, the answer alone will do.
            if let Ok(probe) = open(&outputs) {
                return Ok(Side { probe, outputs: 3 });
            }
            outputs.truncate(1);
        }
        Ok(Side { probe: open(&outputs)?, outputs: 1 })
    }

    /// Asks one of them about an input.
    ///
    /// # Errors
    /// It fails on this input.
    fn ask(&self, side: &Side, input: &[f32]) -> Result<Said, String> {
        let mut said = Said::default();
        let begun = Instant::now();
        side.probe.run(input, |at, shape, numbers| match at {
            0 => said.answer = numbers.to_vec(),
            1 => said.raw = numbers.to_vec(),
            _ => {
                said.features = numbers.to_vec();
                if let &[_, _, h, w] = shape {
                    said.grid = (h, w);
                }
            }
        })?;
        said.ms = begun.elapsed().as_secs_f32() * 1e3;
        if side.outputs == 1 {
            said.raw.clone_from(&said.answer);
        }
        if self.fit.classes {
            softmax(&mut said.answer);
        } else {
            said.answer.truncate(MOST_FEATURES);
        }
        Ok(said)
    }

    /// Asks both in turn; `turn` says who goes first, so that neither always finds the caches warmer.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub fn ask_both(&self, pair: &Pair, input: &[f32], turn: usize) -> Result<(Said, Said), String> {
        if turn.is_multiple_of(2) {
            let first = self.ask(&pair.float, input)?;
            Ok((first, self.ask(&pair.small, input)?))
        } else {
            let first = self.ask(&pair.small, input)?;
            Ok((self.ask(&pair.float, input)?, first))
        }
    }

    /// Class-activation maps, `[classes, h, w]`, where the model is our own classifier.
    pub fn maps(&self, said: &Said) -> Option<Vec<f32>> {
        let head = self.head.as_ref()?;
        let fits = said.grid.0 * said.grid.1 > 0 && said.features.len() == head.dim * said.grid.0 * said.grid.1;
        fits.then(|| cam::class_activation(head, &said.features, said.grid))
    }
}

/// Both of them.
pub struct Pair {
    float: Side,
    small: Side,
}

impl Said {
    pub fn grid(&self) -> (usize, usize) {
        self.grid
    }

    pub fn ms(&self) -> f32 {
        self.ms
    }

    /// How far another answer to the same picture is from this, float's, one.
    pub fn apart(&self, small: &Said) -> Apart {
        let logit = self.raw.iter().zip(&small.raw).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        Apart { logit, cosine: cosine(&self.raw, &small.raw), float_ms: self.ms, quantized_ms: small.ms }
    }
}

/// Logits become probabilities; what is probabilities already is left as it is.
fn softmax(values: &mut [f32]) {
    let sum: f32 = values.iter().sum();
    if (sum - 1.0).abs() < 1e-2 && values.iter().all(|v| (-1e-4..=1.01).contains(v)) {
        return;
    }
    let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    values.iter_mut().for_each(|v| *v = (*v - most).exp());
    let sum: f32 = values.iter().sum();
    values.iter_mut().for_each(|v| *v /= sum.max(f32::MIN_POSITIVE));
}

/// # Errors
/// A sentence.
pub fn read_model(file: &mut dyn Source) -> Result<Vec<u8>, String> {
    let most = onnx::check::MAX_FILE as u64;
    read_all(file, most).map_err(|error| match error {
        ReadError::TooLarge(size) => format!("The file has {} MB; up to {} MB are read.", size >> 20, most >> 20),
        ReadError::Unreadable => "The model\u{2019}s file could not be read.".into(),
    })
}
