//! The label-budget curve, an iteration of a fit a step.

use super::{NEWS, labelled, reply};
use crate::engine::jobs::{Job, Step};
use crate::engine::protocol::Payload;
use crate::engine::protocol::budget::Reply;
use crate::learn::budget::curve;
use crate::model::backbone::Backbone;

pub struct Curve {
    curve: curve::Curve,
    told: f32,
}

impl Curve {
    /// # Errors
    /// The pictures do not fit together, or there are too few; a sentence.
    pub fn new(classes: usize, draws: usize, seed: u32, payload: Payload) -> Result<Self, String> {
        let [labels, groups] = payload.parts.as_slice() else { return Err("The pictures are incomplete.".into()) };
        let pictures = labelled(classes, payload.floats, labels, groups)?;
        Ok(Self { curve: curve::Curve::new(pictures, draws, u64::from(seed))?, told: 0.0 })
    }
}

impl Job for Curve {
    fn step(&mut self, _: &Backbone) -> Step {
        let news = match self.curve.step() {
            Err(reason) => return Step::Failed(reason),
            Ok(curve::Step::Done(forecast)) => {
                let held_out = self.curve.held_out();
                return Step::Done(reply(Reply::Curve { held_out, forecast }), Payload::default());
            }
            Ok(curve::Step::Point(point)) => Reply::Point(point),
            Ok(curve::Step::Continue(share)) if share - self.told >= NEWS => {
                self.told = share;
                Reply::Working { stage: "training".into(), share }
            }
            Ok(curve::Step::Continue(_)) => return Step::Continue(None),
        };
        Step::Continue(Some((reply(news), Payload::default())))
    }
}
