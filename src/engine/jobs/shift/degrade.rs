//! Lab pictures gone bad, judged by heads that have not seen them: a picture and degradation a step.

use super::{MOST, kept, reply, take_lab};
use crate::engine::jobs::{Job, Source, Step, read_picture};
use crate::engine::protocol::Payload;
use crate::engine::protocol::shift::{Keep, Lab as Shape, Reply, Shot};
use crate::image::{Rgb8, thumb};
use crate::learn::head::argmax;
use crate::model::backbone::Backbone;
use crate::shift::degradation::Degradation;
use crate::shift::judges::{Judges, Lab};

pub struct Degrade {
    shape: Shape,
    payload: Payload,
    degradations: Vec<Degradation>,
    which: Vec<u32>,
    files: std::vec::IntoIter<Box<dyn Source>>,
    seed: u64,
    keep: Keep,
    judging: Option<(Lab, Judges, bool)>,
    /// The picture at hand, its place in `which`, and the next degradation.
    current: Option<(Rgb8, usize, usize)>,
    opened: usize,
}

impl Degrade {
    /// # Errors
    /// A sentence: files and rows do not pair up, or there are too many.
    pub fn new(
        shape: Shape,
        payload: Payload,
        degradations: Vec<Degradation>,
        which: Vec<u32>,
        files: Vec<Box<dyn Source>>,
        (seed, keep): (u64, Keep),
    ) -> Result<Self, String> {
        if which.len() != files.len() || which.len() > MOST {
            return Err("The request's pictures and files do not pair up.".into());
        }
        let files = files.into_iter();
        Ok(Self { shape, payload, degradations, which, files, seed, keep, judging: None, current: None, opened: 0 })
    }

    /// Opens the next picture, or fits the next judge before the first: true while there is more to do.
    fn advance(&mut self, backbone: &Backbone) -> Result<Option<Reply>, String> {
        let Some((lab, judges, ready)) = &mut self.judging else {
            let lab = take_lab(self.shape, &mut self.payload, backbone.dim)?;
            if self.which.iter().any(|row| *row as usize >= lab.labels.len()) {
                return Err("The request names a picture that the lab does not have.".into());
            }
            let judges = Judges::new(&lab)?;
            self.judging = Some((lab, judges, false));
            return Ok(None);
        };
        if !*ready {
            *ready = judges.step(lab).map_err(|refusal| refusal.to_string())?;
            return Ok(None);
        }
        let Some(mut file) = self.files.next() else { return Ok(Some(Reply::Done)) };
        let place = self.opened;
        self.opened += 1;
        match read_picture(&mut *file) {
            Ok(pixels) => self.current = Some((pixels, place, 0)),
            Err(reason) => return Ok(Some(Reply::Skipped(reason))),
        }
        Ok(None)
    }

    fn shoot(&mut self, backbone: &Backbone) -> Result<Option<(Shot, Payload)>, String> {
        let (Some((pixels, place, next)), Some((lab, judges, _))) = (&mut self.current, &self.judging) else {
            return Ok(None);
        };
        let Some(degradation) = self.degradations.get(*next) else {
            self.current = None;
            return Ok(None);
        };
        let (row, degraded) = (self.which[*place], *next);
        *next += 1;
        // Its own weather for every picture.
        let seed = self.seed ^ u64::from(row) << 16;
        let side = backbone.side as u32;
        let embedding = backbone.embed_planes(&degradation.planes(pixels, side, seed))?.embedding;
        let Some(answer) = judges.answer(row as usize, &embedding) else { return Ok(None) };
        let best = argmax(&answer);
        let shot = Shot {
            index: row,
            place: degraded as u32,
            truth: lab.labels[row as usize],
            best: best as u32,
            probability: answer[best],
            unknown: false,
        };
        let picture = || {
            let seen = thumb::jpeg(&degradation.seen(pixels, side, seed));
            vec![seen.clone(), seen]
        };
        Ok(Some((shot, kept(self.keep, embedding, &answer, picture))))
    }
}

impl Job for Degrade {
    fn step(&mut self, backbone: &Backbone) -> Step {
        if self.current.is_some() {
            return match self.shoot(backbone) {
                Ok(news) => Step::Continue(news.map(|(shot, payload)| (reply(Reply::Shot(shot)), payload))),
                Err(reason) => Step::Failed(reason),
            };
        }
        match self.advance(backbone) {
            Ok(Some(Reply::Done)) => Step::Done(reply(Reply::Done), Payload::default()),
            Ok(news) => Step::Continue(news.map(|news| (reply(news), Payload::default()))),
            Err(reason) => Step::Failed(reason),
        }
    }
}
