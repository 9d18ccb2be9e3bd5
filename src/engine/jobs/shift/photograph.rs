//! A head in the rendered world: photographs are classified, one a step.

use super::{MOST, kept, order, outputs, reply};
use crate::engine::jobs::{Job, Step};
use crate::engine::protocol::Payload;
use crate::engine::protocol::shift::{Keep, Reply, Shot};
use crate::image::thumb;
use crate::learn::head::Head;
use crate::model::backbone::Backbone;
use crate::shift::scene::photograph;
use crate::shift::scene::world::{Meaning, Order, World};

pub struct Photograph {
    head: Head,
    outputs: [Option<u32>; Meaning::ALL.len()],
    orders: Vec<Order>,
    indices: Vec<u32>,
    keep: Keep,
    next: usize,
}

impl Photograph {
    /// # Errors
    /// A sentence: a world that cannot be drawn, too many photographs, or a head that knows no road sign.
    pub fn new(
        head: Head,
        labels: &[String],
        worlds: Vec<World>,
        seed: u64,
        keep: Keep,
        indices: Vec<u32>,
    ) -> Result<Self, String> {
        if indices.len() > MOST || worlds.len() > MOST {
            return Err(format!("At most {MOST} photographs can be taken at once."));
        }
        let orders: Vec<Order> = worlds.into_iter().map(|world| order(world, seed)).collect();
        orders.iter().try_for_each(Order::check)?;
        if labels.len() != head.classes {
            return Err("The classifier's classes and their names do not pair up.".into());
        }
        let outputs = outputs(labels);
        if outputs.iter().all(Option::is_none) {
            return Err("The classifier knows none of the road signs.".into());
        }
        Ok(Self { head, outputs, orders, indices, keep, next: 0 })
    }

    fn shoot(&self, index: u32, place: usize, truth: u32, backbone: &Backbone) -> Result<(Shot, Payload), String> {
        self.head.check(backbone.dim)?;
        // What the device saved is what is seen, compression included.
        let photograph = photograph(&self.orders[place], index as usize);
        let pixels = photograph.saved();
        let embedding = backbone.embed(&pixels)?.embedding;
        let answer = self.head.answer(&embedding);
        let shot = Shot {
            index,
            place: place as u32,
            truth,
            best: answer.best as u32,
            probability: answer.probabilities[answer.best],
            unknown: answer.unknown,
        };
        let picture = || vec![thumb::jpeg(&pixels), photograph.file];
        Ok((shot, kept(self.keep, embedding, &answer.probabilities, picture)))
    }
}

impl Job for Photograph {
    fn step(&mut self, backbone: &Backbone) -> Step {
        // World by world for each photograph, so that every world has news from the first second.
        let (at, place) = (self.next / self.orders.len().max(1), self.next % self.orders.len().max(1));
        self.next += 1;
        let Some(index) = self.indices.get(at).copied().filter(|_| !self.orders.is_empty()) else {
            return Step::Done(reply(Reply::Done), Payload::default());
        };
        let Some(truth) = self.outputs[index as usize % Meaning::ALL.len()] else { return Step::Continue(None) };
        match self.shoot(index, place, truth, backbone) {
            Ok((shot, payload)) => Step::Continue(Some((reply(Reply::Shot(shot)), payload))),
            Err(reason) => Step::Failed(reason),
        }
    }
}
