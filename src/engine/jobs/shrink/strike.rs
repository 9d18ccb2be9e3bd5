//! Both are asked about pictures gone bad: is the small one more fragile?

use super::subject::{Model, Pair, read_model};
use super::{Files, MOST, Source, Told, Work, truths};
use crate::engine::jobs::read_picture;
use crate::engine::protocol::Payload;
use crate::engine::protocol::shrink::{Reply, Struck, Subject};
use crate::image::Rgb8;
use crate::learn::head::argmax;
use crate::model::backbone::Backbone;
use crate::shift::corruption::Corruption;
use crate::shift::degradation::Degradation;

/// Most ways in one request.
const WAYS: usize = 200;

pub struct Strike {
    subject: Option<Subject>,
    degradations: Vec<Degradation>,
    seed: u64,
    truths: Vec<u32>,
    files: Files,
    opened: Option<Box<(Model, Pair)>>,
    /// The picture being degraded, and what comes next.
    picture: Option<Rgb8>,
    index: usize,
    way: usize,
}

impl Strike {
    /// # Errors
    /// A sentence: files and classes do not pair up, or a severity is out of range.
    pub fn new(
        subject: Subject,
        degradations: Vec<Degradation>,
        seed: u64,
        payload: &Payload,
        files: Vec<Box<dyn Source>>,
    ) -> Result<Self, String> {
        let truths = truths(payload)?;
        let models = 1 + usize::from(matches!(subject, Subject::File(_)));
        if files.len() != truths.len() + models || truths.len() > MOST || degradations.len() > WAYS {
            return Err("The request's pictures and classes do not pair up.".into());
        }
        let wrong = |d: &Degradation| matches!(d, Degradation::Corruption(_, s) if !Corruption::SEVERITIES.contains(s));
        if degradations.iter().any(wrong) {
            return Err("Severities go from 1 to 5.".into());
        }
        Ok(Self {
            subject: Some(subject),
            degradations,
            seed,
            truths,
            files: files.into_iter(),
            opened: None,
            picture: None,
            index: 0,
            way: 0,
        })
    }
}

impl Work for Strike {
    fn step(&mut self, backbone: &Backbone) -> Result<Told, String> {
        let Some(opened) = &self.opened else {
            let subject = self.subject.take().ok_or("The model is gone.")?;
            let model = Model::open(subject, &mut self.files, backbone)?;
            let small = read_model(&mut *self.files.next().ok_or("The request came without the small model.")?)?;
            let pair = model.pair(&small)?.0;
            self.opened = Some(Box::new((model, pair)));
            return Ok(Told::Nothing);
        };
        if self.way >= self.degradations.len() {
            (self.picture, self.way, self.index) = (None, 0, self.index + 1);
        }
        let (Some(truth), Some(degradation)) =
            (self.truths.get(self.index).copied(), self.degradations.get(self.way).copied())
        else {
            return Ok(Told::Done(Reply::Done, Payload::default()));
        };
        if self.picture.is_none() {
            self.picture = Some(read_picture(&mut *self.files.next().ok_or("A picture is missing.")?)?);
        }
        let Some(picture) = &self.picture else { return Ok(Told::Nothing) };
        let (model, pair) = &**opened;
        // The same weather for a picture whatever else is asked.
        let input = model.degraded(picture, degradation, self.seed ^ (self.index as u64) << 16);
        let (float, small) = model.ask_both(pair, &input, self.index)?;
        let struck = Struck {
            index: self.index as u32,
            degradation: self.way as u32,
            truth,
            float: argmax(&float.answer) as u32,
            quantized: argmax(&small.answer) as u32,
        };
        self.way += 1;
        Ok(Told::News(Reply::Struck(struck), Payload::default()))
    }
}
