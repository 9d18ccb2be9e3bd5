//! The work behind the protocol, as step machines: native tests loop over them, the worker
//! yields between steps, and progress and cancelling fall out of that shape.
//!
//! * [`backbone`]: anyone's model becomes a backbone.
//! * [`import`]: files and zip archives become pictures with embeddings.
//! * [`learn`]: train, predict, export.
//! * [`shift`]: a head is taken to the field, and what follows from that.
//! * [`project`]: project files, written and read.
//! * [`render`]: a sample set is drawn and embedded.
//! * [`shrink`]: a model is quantized, and asked beside itself.
//! * [`twins`]: the word model in float and in int8, asked about the same words.
//! * [`words`]: words are guessed, explained, compared and learned.
//! * [`budget`]: what labels buy.
//! * [`scheduler`]: several jobs take turns.

pub mod backbone;
pub mod budget;
pub mod export;
pub mod import;
pub mod learn;
pub mod project;
pub mod render;
pub mod scheduler;
pub mod shift;
pub mod shrink;
pub mod twins;
pub mod words;
pub mod zip;

use super::protocol::{Payload, Reply, Request, images, learn as protocol, share, shift as field, unpack_u32};
use crate::image::{Rgb8, decode};
use crate::model::backbone::Backbone;
use std::io::{Read, Seek};

/// A file beside a request. In the browser a blob, read in pieces; natively anything.
pub trait Source: Read + Seek {}
impl<T: Read + Seek> Source for T {}

/// What a step led to.
#[derive(Debug)]
pub enum Step {
    /// More to do. Perhaps something to tell.
    Continue(Option<(Reply, Payload)>),
    Done(Reply, Payload),
    /// Ended without a result; the sentence is for the person.
    Failed(String),
}

pub trait Job {
    /// Does a bounded amount of work: at most a picture, or an iteration of a fit.
    fn step(&mut self, backbone: &Backbone) -> Step;

    /// Goes before other jobs: a person is waiting for this one answer.
    fn urgent(&self) -> bool {
        false
    }
}

/// Turns a request into the job that answers it.
///
/// # Errors
/// The request contradicts itself or its payload; a sentence.
pub fn job(request: Request, payload: Payload, files: Vec<Box<dyn Source>>) -> Result<Box<dyn Job>, String> {
    let mut files = files.into_iter();
    let mut one_file = || files.next().ok_or("The request came without its file.");
    Ok(match request {
        Request::Images(images::Request::Import { names }) => Box::new(import::Import::new(names, files.collect())?),
        Request::Images(images::Request::ImportZip { skip }) => Box::new(zip::ImportZip::new(one_file()?, skip)),
        Request::Images(images::Request::Render { order, skip, embed }) => {
            Box::new(render::Render::new(order, skip, embed)?)
        }
        Request::Shrink(request) => shrink::job(request, payload, files.collect())?,
        Request::Twins(request) => Box::new(twins::Twins::new(request.text, one_file()?, one_file()?)),
        Request::Words(request) => Box::new(words::Words::new(request, payload, one_file()?)?),
        Request::Scratch(_) => return Err("This engine does not train from scratch.".into()),
        Request::Backbone(request) => Box::new(backbone::Bring::new(request, files.collect())?),
        Request::Budget(request) => budget::job(request, payload, files.collect())?,
        Request::Share(share::Request::Pack { project, head }) => {
            Box::new(project::Pack::new(*project, head, files.collect())?)
        }
        Request::Share(share::Request::Unpack { skip }) => Box::new(project::Unpack::new(one_file()?, skip)),
        Request::Shift(request) => shift_job(request, payload, files.collect())?,
        Request::Learn(protocol::Request::Train { classes }) => Box::new(learn::Train::new(classes, payload)?),
        Request::Learn(protocol::Request::PredictFile { head }) => Box::new(learn::Predict::file(head, one_file()?)),
        Request::Learn(protocol::Request::PredictFrame { head, width, height }) => {
            Box::new(learn::Predict::frame(head, width, height, payload)?)
        }
        Request::Learn(protocol::Request::Export { head, labels, report }) => {
            Box::new(export::Export::new(head, labels, *report, files.collect()))
        }
    })
}

fn shift_job(request: field::Request, payload: Payload, files: Vec<Box<dyn Source>>) -> Result<Box<dyn Job>, String> {
    use field::Request::*;
    Ok(match request {
        Photograph { head, labels, worlds, seed, keep } => {
            let indices = unpack_u32(payload.parts.first().ok_or("The request does not say which photographs.")?);
            Box::new(shift::photograph::Photograph::new(head, &labels, worlds, seed, keep, indices)?)
        }
        Degrade { lab, degradations, which, seed, keep } => {
            Box::new(shift::degrade::Degrade::new(lab, payload, degradations, which, files, (seed, keep))?)
        }
        Compare { head, subject } => Box::new(shift::compare::Compare::new(head, subject, files)?),
        Notice { lab, reference, trial } => Box::new(shift::notice::Notice::new(lab, payload, reference, trial)?),
        Repair { lab, budget, seed } => Box::new(shift::repair::Repair::new(lab, payload, budget, seed)),
        Year { lab, labels, calendar, policies, settings, pictures } => {
            Box::new(shift::year::Year::new((lab, payload), &labels, calendar, (policies, settings), pictures)?)
        }
    })
}

/// Reads a whole file, but no more than `limit` bytes of it: `Err` says how large it is.
fn read_all(file: &mut dyn Source, limit: u64) -> Result<Vec<u8>, ReadError> {
    let size = file.seek(std::io::SeekFrom::End(0)).map_err(|_| ReadError::Unreadable)?;
    if size > limit {
        return Err(ReadError::TooLarge(size));
    }
    file.rewind().map_err(|_| ReadError::Unreadable)?;
    let mut bytes = Vec::with_capacity(size as usize);
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|_| ReadError::Unreadable)?;
    Ok(bytes)
}

/// Reads and decodes a picture.
fn read_picture(file: &mut dyn Source) -> Result<Rgb8, String> {
    let bytes = read_all(file, decode::MAX_FILE).map_err(|_| "The picture could not be read.")?;
    decode::decode(&bytes).map(|d| d.pixels).map_err(|refusal| refusal.to_string())
}

/// Why a file could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReadError {
    TooLarge(u64),
    Unreadable,
}
