//! The curve's last way of starting: from scratch, by a worker that is loaded for it.

use super::Way;
use super::basis::{Basis, SEED};
use super::curve::Curve;
use crate::engine::client::{Engine, Event, Status};
use crate::engine::protocol::budget::{Reply as Seen, Request as Look};
use crate::engine::protocol::scratch::{Reply as Answer, Request as Ask, SIDE};
use crate::engine::protocol::{Payload, Reply, Request};
use leptos::prelude::*;
use std::rc::Rc;

/// Repetitions of each size: fewer than for the others, because each is a training of a whole network.
pub const DRAWS: usize = 3;
/// Bytes of one picture.
const BYTES: usize = (3 * SIDE * SIDE) as usize;

impl Curve {
    /// Has the engine make the pictures small, as the network sees them.
    pub(super) fn look(self, basis: &Rc<Basis>) {
        let blobs: Vec<_> = basis.rows.iter().filter_map(|id| self.data.stored(*id)).map(|s| s.original).collect();
        let total = basis.rows.len();
        if blobs.len() != total {
            return self.failed("Pictures were missing. Measure again.".into());
        }
        self.say(Way::Scratch, "making the pictures small", 0.0);
        self.inner.update_value(|i| i.pixels = vec![0; total * BYTES]);
        let basis = basis.clone();
        let request = Request::Budget(Look::Pixels { side: SIDE });
        let job = self.engine.submit(request, Payload::default(), blobs, move |event| match event {
            Event::Progress(Reply::Budget(Seen::View { index }), payload) => {
                let at = index as usize * BYTES;
                self.inner.update_value(|i| {
                    if let (Some(to), Some(from)) = (i.pixels.get_mut(at..at + BYTES), payload.parts.first())
                        && to.len() == from.len()
                    {
                        to.copy_from_slice(from);
                    }
                });
                self.say(Way::Scratch, "making the pictures small", (index + 1) as f32 / total as f32);
            }
            Event::Done(..) => self.train_from_scratch(&basis),
            other => self.trouble(other),
        });
        self.inner.update_value(|i| i.job = Some(job));
    }

    fn train_from_scratch(self, basis: &Basis) {
        self.say(Way::Scratch, "loading", 0.0);
        let engine = Engine::start_scratch(move |status| match status {
            Status::Loading { received, total } => {
                let share = total.map_or(0.0, |t| received as f32 / t.max(1) as f32);
                self.say(Way::Scratch, "loading", share);
            }
            Status::Failed(reason) => self.failed(reason),
            Status::Starting | Status::Ready(_) | Status::Restarting => {}
        });
        self.begin(Way::Scratch);
        let pixels = self.inner.try_update_value(|i| std::mem::take(&mut i.pixels)).unwrap_or_default();
        let parts = std::iter::once(pixels).chain(basis.parts()).collect();
        let request = Request::Scratch(Ask::Curve { classes: basis.classes, draws: DRAWS, seed: SEED });
        let job = engine.submit(request, Payload::parts(parts), Vec::new(), move |event| self.hear_scratch(event));
        self.inner.update_value(|i| (i.job, i.scratch) = (Some(job), Some(engine)));
    }

    fn hear_scratch(self, event: Event) {
        match event {
            Event::Progress(Reply::Scratch(Answer::Working(w)), _) => {
                let loss = w.loss.map_or_else(String::new, |l| format!(", loss {l:.2}"));
                let doing = format!(
                    "{} of each class, draw {} of {}, epoch {} of {}{loss}",
                    w.per_class, w.draw.0, w.draw.1, w.epoch.0, w.epoch.1
                );
                self.say(Way::Scratch, &doing, w.share);
            }
            Event::Progress(Reply::Scratch(Answer::Point(point)), _) => self.add(Way::Scratch, point),
            Event::Done(Reply::Scratch(Answer::Curve { held_out, forecast }), _) => {
                self.finish(Way::Scratch, held_out, forecast);
            }
            other => self.trouble(other),
        }
    }
}
