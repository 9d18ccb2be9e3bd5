//! A model becomes smaller, and is asked beside itself.
//!
//! * [`subject`]: the classifier or a file of anyone's, opened so that pictures can be asked about.
//! * [`calibrate`]: pictures stream through, and a smaller file comes out.
//! * [`quantize`]: that, then both are asked; [`culprits`]: that, then layer by layer.
//! * [`both`]: one picture with what both look at; [`strike`]: degraded pictures; [`inspect`]: a file is read.

mod both;
mod calibrate;
mod culprits;
mod inspect;
mod quantize;
mod strike;
pub(super) mod subject;

use super::{Job, Source, Step};
use crate::engine::protocol::shrink::{Reply, Request};
use crate::engine::protocol::{Payload, Reply as AnyReply, unpack_u32};
use crate::model::backbone::Backbone;

/// Most pictures of a request.
const MOST: usize = 2000;

/// Files of a request, in order.
type Files = std::vec::IntoIter<Box<dyn Source>>;

/// Turns a request into the job that answers it.
///
/// # Errors
/// A sentence: files and classes do not pair up, or a setting is out of range.
pub fn job(request: Request, payload: Payload, files: Vec<Box<dyn Source>>) -> Result<Box<dyn Job>, String> {
    Ok(match request {
        Request::Inspect => Box::new(Steps(inspect::Inspect::new(files)?)),
        Request::Quantize { subject, recipe, calibration } => Box::new(Steps(quantize::Quantize::new(
            calibrate::Calibrate::new(subject, recipe, calibration, &payload, files)?,
        ))),
        Request::Culprits { subject, recipe, calibration, limit } => Box::new(Steps(culprits::Culprits::new(
            calibrate::Calibrate::new(subject, recipe, calibration, &payload, files)?,
            limit,
        ))),
        Request::Both { subject, ticket, frame } => {
            Box::new(Urgent(Steps(both::Both::new(subject, ticket, frame, payload, files))))
        }
        Request::Strike { subject, degradations, seed } => {
            Box::new(Steps(strike::Strike::new(subject, degradations, seed, &payload, files)?))
        }
    })
}

/// What a step tells.
enum Told {
    Nothing,
    News(Reply, Payload),
    Done(Reply, Payload),
}

/// A job of this bench: the same as [`Job`], with errors as `Err`.
trait Work {
    fn step(&mut self, backbone: &Backbone) -> Result<Told, String>;
}

struct Steps<W>(W);

impl<W: Work> Job for Steps<W> {
    fn step(&mut self, backbone: &Backbone) -> Step {
        match self.0.step(backbone) {
            Ok(Told::Nothing) => Step::Continue(None),
            Ok(Told::News(reply, payload)) => Step::Continue(Some((AnyReply::Shrink(reply), payload))),
            Ok(Told::Done(reply, payload)) => Step::Done(AnyReply::Shrink(reply), payload),
            Err(reason) => Step::Failed(reason),
        }
    }
}

/// A person waits for this one answer.
struct Urgent<J>(J);

impl<J: Job> Job for Urgent<J> {
    fn step(&mut self, backbone: &Backbone) -> Step {
        self.0.step(backbone)
    }

    fn urgent(&self) -> bool {
        true
    }
}

/// Part 0: the class of each picture asked about.
fn truths(payload: &Payload) -> Result<Vec<u32>, String> {
    Ok(unpack_u32(payload.parts.first().ok_or("The request came without its classes.")?))
}

fn working(stage: &str, fraction: f32) -> Told {
    Told::News(Reply::Working { stage: stage.into(), fraction }, Payload::default())
}
