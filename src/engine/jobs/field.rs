//! A head in the field: photographs of the rendered world are classified, one a step.

use super::{Job, Step};
use crate::engine::protocol::shift::{Reply, Shot};
use crate::engine::protocol::{Payload, Reply as AnyReply};
use crate::image::thumb;
use crate::learn::head::Head;
use crate::model::backbone::Backbone;
use crate::shift::scene::photograph;
use crate::shift::scene::world::{Meaning, Order};

pub struct Field {
    head: Head,
    /// Output of each of [`Meaning::ALL`], if the head knows it.
    outputs: Vec<Option<usize>>,
    order: Order,
    next: usize,
}

impl Field {
    /// # Errors
    /// A sentence: an order that cannot be drawn, or a head that knows no road sign.
    pub fn new(head: Head, labels: &[String], order: Order) -> Result<Self, String> {
        order.check()?;
        if labels.len() != head.classes {
            return Err("The classifier's classes and their names do not pair up.".into());
        }
        let outputs: Vec<_> = Meaning::ALL.iter().map(|m| labels.iter().position(|l| l == m.name())).collect();
        if outputs.iter().all(Option::is_none) {
            return Err("The classifier knows none of the road signs.".into());
        }
        Ok(Self { head, outputs, order, next: 0 })
    }

    fn shoot(&self, index: usize, truth: usize, backbone: &Backbone) -> Result<(Shot, Payload), String> {
        self.head.check(backbone.dim)?;
        // What the device saved is what is seen, compression included.
        let pixels = photograph(&self.order, index).saved();
        let answer = self.head.answer(&backbone.embed(&pixels)?.embedding);
        let shot = Shot {
            index,
            truth,
            best: answer.best,
            probability: answer.probabilities[answer.best],
            unknown: answer.unknown,
        };
        Ok((shot, Payload::parts(vec![thumb::jpeg(&pixels)])))
    }
}

impl Job for Field {
    fn step(&mut self, backbone: &Backbone) -> Step {
        let index = self.next;
        if index >= self.order.count {
            return Step::Done(AnyReply::Shift(Reply::Done), Payload::default());
        }
        self.next += 1;
        let Some(truth) = self.outputs[index % Meaning::ALL.len()] else { return Step::Continue(None) };
        match self.shoot(index, truth, backbone) {
            Ok((shot, payload)) => Step::Continue(Some((AnyReply::Shift(Reply::Shot(shot)), payload))),
            Err(reason) => Step::Failed(reason),
        }
    }
}
