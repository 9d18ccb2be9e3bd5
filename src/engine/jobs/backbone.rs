//! Anyone's model is looked into, shown what it would see, and made a backbone.

use super::shrink::subject::read_model;
use super::{Job, Source, Step, read_picture};
use crate::engine::protocol::backbone::{Reply as Answer, Request, Trial};
use crate::engine::protocol::{Payload, Reply};
use crate::foreign::fit::Fit;
use crate::foreign::{adapt, inspect, layers};
use crate::image::{Rgb8, contract};
use crate::model::backbone::Backbone;

use web_time::Instant;

/// Timed runs; the median is told.
const RUNS: usize = 5;
/// Side of a picture of one colour, for where no picture is at hand.
const PLAIN: u32 = 64;

/// A job of one long step: a model is one thing to the runtime.
pub struct Bring {
    request: Request,
    files: Vec<Box<dyn Source>>,
}

impl Bring {
    /// # Errors
    /// There is no file.
    pub fn new(request: Request, files: Vec<Box<dyn Source>>) -> Result<Self, String> {
        if files.is_empty() {
            return Err("The request came without its file.".into());
        }
        Ok(Self { request, files })
    }

    fn answer(&mut self) -> Result<(Answer, Payload), String> {
        let mut files = self.files.iter_mut();
        let file = &mut **files.next().ok_or("The request came without its file.")?;
        match &self.request {
            Request::Inspect { fit } => look(&read_model(file)?, fit.clone()),
            Request::Preview { fit } => preview(&read_picture(file)?, fit),
            Request::Adopt { fit, tensor } => {
                let made = adapt::adapt(&read_model(file)?, fit, tensor)?;
                let picture = match files.next() {
                    Some(file) => read_picture(&mut **file)?,
                    // Something of every colour.
                    None => plain(|i| (i * 37 % 256) as u8),
                };
                let trial = attempt(made.clone(), &picture)?;
                Ok((Answer::Adopted(trial), Payload::parts(vec![made])))
            }
        }
    }
}

impl Job for Bring {
    fn step(&mut self, _: &Backbone) -> Step {
        match self.answer() {
            Ok((answer, payload)) => Step::Done(Reply::Backbone(answer), payload),
            Err(reason) => Step::Failed(reason),
        }
    }
}

fn look(file: &[u8], fit: Option<Fit>) -> Result<(Answer, Payload), String> {
    let mut found = inspect::inspect(file)?;
    if let Some(fit) = fit {
        found.fit = fit;
    } else if found.fit.width != found.fit.height && found.shape.contains(&None) {
        // One side is open: pictures are square.
        let side = found.shape.iter().skip(2).flatten().copied().find(|s| *s > 3).unwrap_or(found.fit.width);
        (found.fit.width, found.fit.height) = (side, side);
    }
    let graph = adapt::open(file, &found.fit)?;
    let (layers, guess) = layers::layers(&graph, &found.fit)?;
    Ok((Answer::Inspected { found: Box::new(found), layers, guess }, Payload::default()))
}

fn preview(picture: &Rgb8, fit: &Fit) -> Result<(Answer, Payload), String> {
    let side = fit.width;
    if fit.height != side || !adapt::SIDES.contains(&side) {
        return Err("A backbone takes square pictures.".into());
    }
    let planes = contract::to_planes(&contract::to_square(picture, side as u32));
    // The order of channels is what is to be seen; where they stand in memory is not.
    let seen = Fit { channels_last: true, ..fit.clone() }.input(&planes);
    let (low, high) = seen.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    let mean = seen.iter().sum::<f32>() / seen.len() as f32;
    let width = (high - low).max(f32::MIN_POSITIVE);
    let bytes = seen.iter().map(|v| ((v - low) / width * 255.0).round() as u8).collect();
    Ok((Answer::Previewed { side, low, high, mean }, Payload::parts(vec![bytes])))
}

/// Loads what was made and lets it look.
fn attempt(file: Vec<u8>, picture: &Rgb8) -> Result<Trial, String> {
    let bytes = file.len();
    let backbone = Backbone::load(file)?;
    let grey = backbone.embed(&plain(|_| 127))?.embedding;
    let mut seen = Vec::new();
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        seen = backbone.embed(picture)?.embedding;
        times.push(begun.elapsed().as_secs_f32() * 1e3);
    }
    times.sort_by(f32::total_cmp);
    let alive = seen.iter().zip(&grey).filter(|(a, b)| (**a - **b).abs() > 1e-6 * b.abs().max(1.0)).count();
    if alive == 0 {
        return Err("This layer gives the same numbers for every picture: another one may do.".into());
    }
    Ok(Trial {
        length: backbone.dim,
        grid: backbone.grid,
        parameters: backbone.parameters,
        bytes,
        ms: times[RUNS / 2],
        alive: alive as f32 / seen.len() as f32,
    })
}

fn plain(of: impl Fn(usize) -> u8) -> Rgb8 {
    let data = (0..(PLAIN * PLAIN * 3) as usize).map(of).collect();
    Rgb8 { width: PLAIN, height: PLAIN, data }
}
