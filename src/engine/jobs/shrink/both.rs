//! One picture, both models, and what they look at: for a click, and for every frame of a camera.

use super::subject::{Model, Pair, read_model};
use super::{Source, Told, Work};
use crate::engine::jobs::read_picture;
use crate::engine::protocol::Payload;
use crate::engine::protocol::shrink::{Both as Answer, Reply, Subject};
use crate::image::Rgb8;
use crate::model::backbone::Backbone;
use std::cell::RefCell;
use std::rc::Rc;

/// A model and both of what answers for it.
type Opened = Rc<(Model, Pair)>;

thread_local! {
    /// The pair asked about last. Only a shortcut: every request brings what is needed to make it anew.
    static LAST: RefCell<Option<(u32, Opened)>> = const { RefCell::new(None) };
}

pub struct Both {
    subject: Option<Subject>,
    ticket: u32,
    frame: Option<(u32, u32)>,
    payload: Payload,
    files: Vec<Box<dyn Source>>,
}

impl Both {
    pub fn new(
        subject: Subject,
        ticket: u32,
        frame: Option<(u32, u32)>,
        payload: Payload,
        files: Vec<Box<dyn Source>>,
    ) -> Self {
        Self { subject: Some(subject), ticket, frame, payload, files }
    }

    fn pixels(&mut self) -> Result<Rgb8, String> {
        match self.frame {
            Some((width, height)) => {
                let rgba = self.payload.parts.first().ok_or("The camera frame is missing.")?;
                Rgb8::from_rgba(width, height, rgba).ok_or_else(|| "The camera frame is incomplete.".into())
            }
            None => read_picture(&mut **self.files.last_mut().ok_or("The picture is missing.")?),
        }
    }

    fn opened(&mut self, backbone: &Backbone) -> Result<Opened, String> {
        let ticket = self.ticket;
        let kept = LAST.with_borrow(|last| last.as_ref().filter(|l| l.0 == ticket).map(|l| l.1.clone()));
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let mut files = std::mem::take(&mut self.files).into_iter();
        let model = Model::open(self.subject.take().ok_or("The model is gone.")?, &mut files, backbone)?;
        let small = read_model(&mut *files.next().ok_or("The request came without the small model.")?)?;
        let pair = model.pair(&small)?.0;
        let opened = Rc::new((model, pair));
        LAST.set(Some((ticket, opened.clone())));
        Ok(opened)
    }
}

impl Work for Both {
    fn step(&mut self, backbone: &Backbone) -> Result<Told, String> {
        let pixels = self.pixels()?;
        let opened = self.opened(backbone)?;
        let (model, pair) = &*opened;
        let (float, small) = model.ask_both(pair, &model.input(&pixels), self.ticket as usize)?;
        let maps = model.maps(&float).zip(model.maps(&small));
        let answer = Answer {
            width: float.answer.len(),
            apart: float.apart(&small),
            grid: maps.is_some().then(|| float.grid()),
        };
        let mut floats = [float.answer, small.answer].concat();
        maps.into_iter().for_each(|(a, b)| {
            floats.extend(a);
            floats.extend(b);
        });
        Ok(Told::Done(Reply::Both(answer), Payload::floats(floats)))
    }
}
