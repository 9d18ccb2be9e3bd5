//! A batch under way. One engine works on it, but a large sample set is drawn by several at once, a slice each; its
//! pictures still arrive in order, because the same set in the same order is what makes two people's results the
//! same. They are shown as soon as they are drawn: the backbone sees them afterwards, all at once.

use super::queue::Batch;
use crate::engine::client::pool::{News, Run, Task};
use crate::engine::client::{Engine, Event, Job};
use crate::engine::protocol::images::{Item, Reply, Request};
use crate::engine::protocol::{self, Payload};
use crate::shift::scene::world::Order;
use crate::ui::engine::Link;
use crate::ui::learn::embedding::WORTH;
use std::collections::BTreeMap;

/// Pictures of a slice; an order cannot have fewer.
const SLICE: usize = Order::LEAST;

/// Dropping a run stops it; a job has to be told.
pub enum Work {
    One(Job),
    Many(#[expect(dead_code, reason = "held until it may stop")] Run, InOrder),
}

impl Work {
    pub fn start(engine: Link, batch: &Batch, listener: impl Fn(Event) + 'static) -> Self {
        if let Some((tasks, engines, first)) = slices(batch) {
            let hear = move |news| {
                listener(match news {
                    News::Progress(reply, payload) => Event::Progress(reply, payload),
                    News::Done => Event::Done(protocol::Reply::Images(Reply::Done), Payload::default()),
                    News::Failed(reason) => Event::Failed(reason),
                })
            };
            return Self::Many(engine.run_all(tasks, engines, hear), InOrder { next: first, ..InOrder::default() });
        }
        let (request, blobs) = batch.request();
        Self::One(engine.submit(protocol::Request::Images(request), Payload::default(), blobs, listener))
    }

    /// A picture has come: those whose turn it is now.
    pub fn put(&mut self, item: Item, payload: Payload) -> Vec<(Item, Payload)> {
        match self {
            Self::One(_) => vec![(item, payload)],
            Self::Many(_, in_order) => in_order.put(item, payload),
        }
    }

    pub fn cancel(self) {
        if let Self::One(job) = self {
            job.cancel();
        }
    }
}

/// The slices of a sample set that is large, how many engines there are for it, and its first picture.
fn slices(batch: &Batch) -> Option<(Vec<Task>, usize, usize)> {
    let (order, skip) = batch.drawn()?;
    if order.count.saturating_sub(skip) < WORTH {
        return None;
    }
    let task = |start: usize| {
        // What a picture shows does not depend on how many there are.
        let order = Order { count: (start + SLICE).min(order.count), ..order.clone() };
        let request = protocol::Request::Images(Request::Render { order, skip: start, embed: false });
        Task { request, payload: Payload::default(), blobs: Vec::new() }
    };
    Some(((skip..order.count).step_by(SLICE).map(task).collect(), Engine::most_workers_awaited(), skip))
}

/// Holds back what is early. An engine that was lost tells its slice again; once is enough.
#[derive(Debug, Default)]
pub struct InOrder {
    next: usize,
    early: BTreeMap<usize, (Item, Payload)>,
}

impl InOrder {
    /// What may go on now that this one is here.
    fn put(&mut self, item: Item, payload: Payload) -> Vec<(Item, Payload)> {
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
