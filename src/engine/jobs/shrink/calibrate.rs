//! Pictures stream through a model, a picture a step, and a smaller file comes out.

use super::subject::Model;
use super::{Files, MOST, Source, truths};
use crate::engine::jobs::read_picture;
use crate::engine::protocol::Payload;
use crate::engine::protocol::shrink::{Mode as Chosen, Range, Recipe, Subject};
use crate::image::Rgb8;
use crate::model::backbone::Backbone;
use crate::shrink::observe::Method;
use crate::shrink::{Mode, Options, Quantized, Quantizer};
use web_time::Instant;

pub struct Calibrate {
    subject: Option<Subject>,
    recipe: Recipe,
    calibration: usize,
    /// Classes of the pictures that both are asked about.
    pub truths: Vec<u32>,
    files: Files,
    stage: Option<(Model, Box<Quantizer>, usize)>,
    /// Time spent so far, milliseconds.
    pub ms: f32,
}

/// What a step led to.
pub enum Calibrated {
    /// Share done, 0..1.
    Working(f32),
    Done(Box<(Model, Quantized)>),
}

impl Calibrate {
    /// # Errors
    /// A sentence: files and classes do not pair up, or a setting is out of range.
    pub fn new(
        subject: Subject,
        recipe: Recipe,
        calibration: usize,
        payload: &Payload,
        files: Vec<Box<dyn Source>>,
    ) -> Result<Self, String> {
        let truths = truths(payload)?;
        let model = usize::from(matches!(subject, Subject::File(_)));
        let pictures = files.len().saturating_sub(model);
        if pictures != calibration + truths.len() || pictures > MOST || recipe.noise.is_some_and(|n| n > MOST) {
            return Err("The request's pictures and classes do not pair up.".into());
        }
        if !(2..=8).contains(&recipe.bits) {
            return Err("Weights have 2 to 8 bits.".into());
        }
        let files = files.into_iter();
        Ok(Self { subject: Some(subject), recipe, calibration, truths, files, stage: None, ms: 0.0 })
    }

    pub fn is_static(&self) -> bool {
        self.recipe.mode == Chosen::Static
    }

    /// The next picture of the request.
    ///
    /// # Errors
    /// It is missing or cannot be read.
    pub fn pixels(&mut self) -> Result<Rgb8, String> {
        read_picture(&mut *self.files.next().ok_or("A picture is missing.")?)
    }

    /// # Errors
    /// A sentence that names node and reason.
    pub fn step(&mut self, backbone: &Backbone) -> Result<Calibrated, String> {
        let begun = Instant::now();
        let Some((model, mut quantizer, done)) = self.stage.take() else {
            let subject = self.subject.take().ok_or("The model is gone.")?;
            let model = Model::open(subject, &mut self.files, backbone)?;
            let quantizer = Box::new(Quantizer::new(&model.file, options(&self.recipe))?);
            self.stage = Some((model, quantizer, 0));
            self.ms += begun.elapsed().as_secs_f32() * 1e3;
            return Ok(Calibrated::Working(0.0));
        };
        let wanted = if quantizer.needs_images() { self.recipe.noise.unwrap_or(self.calibration) } else { 0 };
        if done < wanted {
            let input = match self.recipe.noise {
                Some(_) => model.noise(done as u64),
                None => model.input(&self.pixels()?),
            };
            quantizer.calibrate(&input)?;
            self.stage = Some((model, quantizer, done + 1));
            self.ms += begun.elapsed().as_secs_f32() * 1e3;
            return Ok(Calibrated::Working((done + 1) as f32 / wanted as f32));
        }
        // What was not needed for calibration.
        let left = self.files.len().saturating_sub(self.truths.len());
        self.files.by_ref().take(left).for_each(drop);
        let quantized = quantizer.finish()?;
        self.ms += begun.elapsed().as_secs_f32() * 1e3;
        Ok(Calibrated::Done(Box::new((model, quantized))))
    }
}

fn options(recipe: &Recipe) -> Options {
    let mut options = Options {
        mode: match recipe.mode {
            Chosen::Static => Mode::Static,
            Chosen::WeightsOnly => Mode::WeightsOnly,
            Chosen::Half => Mode::Half,
        },
        method: match recipe.range {
            Range::MinMax => Method::MinMax,
            Range::Percentile => Method::Percentile(99.99),
            Range::Entropy => Method::Entropy,
            Range::Mse => Method::Mse,
        },
        exclude: recipe.exclude.clone(),
        bias_correction: recipe.bias_correction,
        equalize: recipe.equalize,
        ..Options::default()
    };
    options.weights.per_channel = recipe.per_channel;
    options.weights.bits = recipe.bits;
    options
}
