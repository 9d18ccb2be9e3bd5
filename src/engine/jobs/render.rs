//! A sample set of the rendered world becomes pictures, with embeddings or without, one a step.

use super::import::describe;
use super::{Job, Step};
use crate::engine::protocol::images::{Item, Reply};
use crate::engine::protocol::{Payload, Reply as AnyReply};
use crate::model::backbone::Backbone;
use crate::shift::scene::photograph;
use crate::shift::scene::world::Order;

pub struct Render {
    order: Order,
    /// Next picture.
    next: usize,
    embed: bool,
}

impl Render {
    /// `skip`: pictures already dealt with by an engine that crashed.
    ///
    /// # Errors
    /// The order is not one that can be drawn; a sentence.
    pub fn new(order: Order, skip: usize, embed: bool) -> Result<Self, String> {
        order.check()?;
        Ok(Self { order, next: skip, embed })
    }
}

impl Job for Render {
    fn step(&mut self, backbone: &Backbone) -> Step {
        if self.next >= self.order.count {
            return Step::Done(AnyReply::Images(Reply::Done), Payload::default());
        }
        let shot = photograph(&self.order, self.next);
        // Through the same door as anybody's files: what a device saved is what is seen.
        let (outcome, mut payload) = describe(&shot.file, self.embed.then_some(backbone));
        let item =
            Item { index: self.next, name: shot.name(self.next), folder: Some(shot.meaning.name().into()), outcome };
        payload.parts.push(shot.file);
        self.next += 1;
        Step::Continue(Some((AnyReply::Images(Reply::Item(item)), payload)))
    }
}
