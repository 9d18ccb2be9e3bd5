//! A large sample set is drawn by several engines at once, a slice each; its pictures still arrive in order,
//! because the same set in the same order is what makes two people's results the same.

use super::queue::Batch;
use crate::engine::client::Engine;
use crate::engine::client::pool::Task;
use crate::engine::protocol::images::{Item, Request};
use crate::engine::protocol::{self, Payload};
use crate::shift::scene::world::Order;
use std::collections::BTreeMap;

/// Fewer pictures are drawn before another engine has started.
const WORTH: usize = 200;
/// Pictures of a slice; an order cannot have fewer.
const SLICE: usize = Order::LEAST;

/// The slices of a batch that is worth sharing, and how many engines there are for it.
pub fn slices(batch: &Batch) -> Option<(Vec<Task>, usize)> {
    let (order, skip) = batch.drawn()?;
    let engines = Engine::most_workers();
    if engines < 2 || order.count.saturating_sub(skip) < WORTH {
        return None;
    }
    let task = |start: usize| {
        // What a picture shows does not depend on how many there are.
        let order = Order { count: (start + SLICE).min(order.count), ..order.clone() };
        let request = protocol::Request::Images(Request::Render { order, skip: start });
        Task { request, payload: Payload::default(), blobs: Vec::new() }
    };
    Some(((skip..order.count).step_by(SLICE).map(task).collect(), engines))
}

/// Holds back what is early. An engine that was lost tells its slice again; once is enough.
#[derive(Debug, Default)]
pub struct InOrder {
    next: usize,
    early: BTreeMap<usize, (Item, Payload)>,
}

impl InOrder {
    pub fn from(next: usize) -> Self {
        Self { next, early: BTreeMap::new() }
    }

    /// What may go on now that this one is here.
    pub fn put(&mut self, item: Item, payload: Payload) -> Vec<(Item, Payload)> {
        if item.index >= self.next {
            self.early.entry(item.index).or_insert((item, payload));
        }
        let mut ready = Vec::new();
        while let Some(next) = self.early.remove(&self.next) {
            self.next += 1;
            ready.push(next);
        }
        ready
    }
}
