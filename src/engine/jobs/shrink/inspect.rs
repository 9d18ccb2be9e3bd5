//! A file is read, and what it is is told.

use super::subject::read_model;
use super::{Source, Told, Work};
use crate::engine::protocol::Payload;
use crate::engine::protocol::shrink::Reply;
use crate::foreign::inspect;
use crate::model::backbone::Backbone;

pub struct Inspect(Box<dyn Source>);

impl Inspect {
    /// # Errors
    /// There is no file.
    pub fn new(files: Vec<Box<dyn Source>>) -> Result<Self, String> {
        Ok(Self(files.into_iter().next().ok_or("The request came without its file.")?))
    }
}

impl Work for Inspect {
    fn step(&mut self, _: &Backbone) -> Result<Told, String> {
        let found = inspect::inspect(&read_model(&mut *self.0)?)?;
        Ok(Told::Done(Reply::Inspected(Box::new(found)), Payload::default()))
    }
}
