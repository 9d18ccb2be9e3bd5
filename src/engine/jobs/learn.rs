//! Train a head; predict with one.

use super::{Job, Source, Step, read_picture};
use crate::engine::protocol::learn::{Prediction, Reply};
use crate::engine::protocol::{Payload, Reply as AnyReply, unpack_u32, unpack_u64};
use crate::image::Rgb8;
use crate::learn::head::Head;
use crate::learn::train::{self, Trainer, TrainingSet};
use crate::model::{backbone::Backbone, cam};
use web_time::Instant;

/// Progress is told once it has grown by this much.
const NEWS: f32 = 0.02;

pub struct Train {
    classes: usize,
    payload: Payload,
    trainer: Option<Trainer>,
    told: f32,
}

impl Train {
    /// # Errors
    /// The payload does not have its three parts.
    pub fn new(classes: usize, payload: Payload) -> Result<Self, String> {
        if payload.parts.len() != 3 {
            return Err("The training data are incomplete.".into());
        }
        Ok(Self { classes, payload, trainer: None, told: -1.0 })
    }

    fn start(&mut self, dim: usize) -> Result<Trainer, String> {
        let payload = std::mem::take(&mut self.payload);
        Trainer::new(TrainingSet {
            dim,
            classes: self.classes,
            embeddings: payload.floats,
            labels: unpack_u32(&payload.parts[0]),
            dhashes: unpack_u64(&payload.parts[1]),
            bursts: unpack_u32(&payload.parts[2]),
        })
    }
}

impl Job for Train {
    fn step(&mut self, backbone: &Backbone) -> Step {
        if self.trainer.is_none() {
            match self.start(backbone.dim) {
                Ok(trainer) => self.trainer = Some(trainer),
                Err(reason) => return Step::Failed(reason),
            }
        }
        let Some(trainer) = &mut self.trainer else { return Step::Failed("Training did not start.".into()) };
        match trainer.step() {
            train::Step::Continue(fraction, stage) => {
                let news = fraction - self.told >= NEWS;
                if news {
                    self.told = fraction;
                }
                let reply = || AnyReply::Learn(Reply::Training { fraction, stage: stage.into() });
                Step::Continue(news.then(|| (reply(), Payload::default())))
            }
            train::Step::Done(head, report) => {
                Step::Done(AnyReply::Learn(Reply::Trained { head, report }), Payload::default())
            }
        }
    }
}

/// One prediction, in one step.
pub struct Predict {
    head: Head,
    input: Input,
}

enum Input {
    File(Box<dyn Source>),
    Frame { width: u32, height: u32, rgba: Vec<u8> },
}

impl Predict {
    pub fn file(head: Head, file: Box<dyn Source>) -> Self {
        Self { head, input: Input::File(file) }
    }

    /// # Errors
    /// There is no frame in the payload.
    pub fn frame(head: Head, width: u32, height: u32, payload: Payload) -> Result<Self, String> {
        let rgba = payload.parts.into_iter().next().ok_or("The camera frame is missing.")?;
        Ok(Self { head, input: Input::Frame { width, height, rgba } })
    }

    fn pixels(&mut self) -> Result<Rgb8, String> {
        match &mut self.input {
            Input::File(file) => read_picture(&mut **file),
            Input::Frame { width, height, rgba } => {
                Rgb8::from_rgba(*width, *height, rgba).ok_or_else(|| "The camera frame is incomplete.".into())
            }
        }
    }

    fn predict(&mut self, backbone: &Backbone) -> Result<(Prediction, Payload), String> {
        let start = Instant::now();
        self.head.check(backbone.dim)?;
        let pixels = self.pixels()?;
        let before = Instant::now();
        let embedded = backbone.embed(&pixels)?;
        let embed_ms = before.elapsed().as_secs_f32() * 1e3;
        let answer = self.head.answer(&embedded.embedding);
        let maps = cam::class_activation(&self.head, &embedded.features, backbone.grid);
        let prediction = Prediction {
            probabilities: answer.probabilities,
            best: answer.best,
            familiarity: answer.familiarity,
            unknown: answer.unknown,
            grid: backbone.grid,
            embed_ms,
            total_ms: start.elapsed().as_secs_f32() * 1e3,
        };
        Ok((prediction, Payload::floats(maps)))
    }
}

impl Job for Predict {
    fn step(&mut self, backbone: &Backbone) -> Step {
        match self.predict(backbone) {
            Ok((prediction, maps)) => Step::Done(AnyReply::Learn(Reply::Predicted(prediction)), maps),
            Err(reason) => Step::Failed(reason),
        }
    }

    fn urgent(&self) -> bool {
        true
    }
}
