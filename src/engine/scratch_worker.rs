//! The side of the wire that trains from scratch: one curve at a time.

use super::protocol::scratch::{Reply, Request as Ask, Working};
use super::protocol::{JobId, PROTOCOL, Payload, Ready, Reply as AnyReply, Request, State, unpack_u32};
use super::pump::{self, Host, post};
use super::wire::{Kind, Message};
use crate::scratch::curve::{Curve, Step};
use crate::scratch::fit::Pictures;
use web_time::{Duration, Instant};

/// Progress is told this often at most.
const TELL: Duration = Duration::from_millis(100);

#[derive(Default)]
struct Worker {
    job: Option<(JobId, Curve)>,
    told: Option<Instant>,
}

/// Answers messages for as long as the worker lives.
pub fn serve() {
    pump::serve(Worker::default());
}

impl Host for Worker {
    fn hear(&mut self, message: Message) {
        match message.kind {
            Kind::Init => {
                let ready = Ready { protocol: PROTOCOL, build: env!("CARGO_PKG_VERSION").into(), backbone: None };
                post(Kind::Ready, 0, &ready, &Payload::default());
            }
            Kind::Start => {
                let id = message.id;
                match start(message) {
                    Ok(curve) => self.job = Some((id, curve)),
                    Err(reason) => tell(id, &State::Failed(reason)),
                }
            }
            Kind::Cancel if self.job.as_ref().is_some_and(|(id, _)| *id == message.id) => {
                self.job = None;
                tell(message.id, &State::Cancelled);
            }
            Kind::Cancel | Kind::Ready | Kind::State | Kind::Broken => {}
        }
    }

    fn busy(&self) -> bool {
        self.job.is_some()
    }

    fn step(&mut self) {
        let Some((id, curve)) = &mut self.job else { return };
        let id = *id;
        let state = match curve.step() {
            Ok(Step::Continue(at)) => {
                if self.told.is_some_and(|t| t.elapsed() < TELL) {
                    return;
                }
                self.told = Some(Instant::now());
                let working =
                    Working { share: at.share, per_class: at.per_class, draw: at.draw, epoch: at.epoch, loss: at.loss };
                State::Progress(AnyReply::Scratch(Reply::Working(working)))
            }
            Ok(Step::Point(point)) => State::Progress(AnyReply::Scratch(Reply::Point(point))),
            Ok(Step::Done(forecast)) => {
                State::Done(AnyReply::Scratch(Reply::Curve { held_out: curve.held_out(), forecast }))
            }
            Err(reason) => State::Failed(reason),
        };
        if !matches!(state, State::Progress(_)) {
            self.job = None;
        }
        tell(id, &state);
    }
}

fn start(message: Message) -> Result<Curve, String> {
    let Request::Scratch(Ask::Curve { classes, draws, seed }) = message.body::<Request>()? else {
        return Err("This worker only trains from scratch.".into());
    };
    let Ok([pixels, labels, groups]) = <[Vec<u8>; 3]>::try_from(message.payload.parts) else {
        return Err("The pictures are incomplete.".into());
    };
    let pictures = Pictures { pixels, labels: unpack_u32(&labels), classes };
    Curve::new(pictures, unpack_u32(&groups), draws, u64::from(seed))
}

fn tell(id: JobId, state: &State) {
    post(Kind::State, id, state, &Payload::default());
}
