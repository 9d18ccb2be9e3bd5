//! A field collected for real: pictures the person brings from there, with or without their classes.

use super::field::Seen;
use crate::engine::client::{Event, Job};
use crate::engine::protocol::images::{self, Item, Outcome};
use crate::engine::protocol::shift::{Shot, UNKNOWN};
use crate::engine::protocol::{Payload, Reply, Request, Twin};
use crate::learn::head::Head;
use crate::ui::engine::Link;
use crate::ui::learn::Learn;
use crate::ui::store::Store;
use crate::web::files::{self, Blob, Incoming};
use crate::web::urls::ObjectUrl;
use leptos::prelude::*;
use std::collections::VecDeque;
use std::sync::Arc;

/// Most pictures of a collection.
const MOST: usize = 500;
/// Files given to the engine at once.
const BATCH: usize = 16;

/// One picture as it was brought.
struct Brought {
    /// The class it was put in or the folder it was in; empty if nobody knows.
    class: String,
    embedding: Vec<f32>,
    twin: Twin,
    thumb: Arc<ObjectUrl>,
    file: Blob,
}

/// Copies are the same collection.
pub type Collection = Store<CollectionParts>;

/// What [`Collection`] holds.
pub struct CollectionParts {
    engine: Link,
    learn: Learn,
    inner: StoredValue<Inner, LocalStorage>,
    /// Grows with every change.
    pub revision: RwSignal<u32>,
    /// Pictures brought, and those still on their way.
    pub count: RwSignal<(usize, usize)>,
    /// Files that were refused, and why.
    pub refused: RwSignal<Vec<String>>,
}

#[derive(Default)]
struct Inner {
    brought: Vec<Brought>,
    waiting: VecDeque<(Incoming, String)>,
    job: Option<Job>,
}

impl Collection {
    pub fn new(engine: Link, learn: Learn) -> Self {
        Store::of(CollectionParts {
            engine,
            learn,
            inner: StoredValue::new_local(Inner::default()),
            revision: RwSignal::new(0),
            count: RwSignal::new((0, 0)),
            refused: RwSignal::new(Vec::new()),
        })
    }

    /// Adds files. Those of a folder belong to the class of its name, the others to `class` (empty for
    /// pictures whose class nobody knows).
    pub fn add(self, incoming: Vec<Incoming>, class: &str) {
        self.inner.update_value(|i| {
            for file in incoming.into_iter().filter(|f| !f.is_left_behind()) {
                let class = file.folder.clone().unwrap_or_else(|| class.to_owned());
                i.waiting.push_back((file, class));
            }
        });
        self.next();
    }

    pub fn clear(self) {
        let job = self.inner.try_update_value(|i| std::mem::take(i).job).flatten();
        if let Some(job) = job {
            job.cancel();
        }
        self.refused.set(Vec::new());
        self.changed();
    }

    fn changed(self) {
        self.count.set(self.inner.with_value(|i| (i.brought.len(), i.waiting.len())));
        self.revision.update(|r| *r += 1);
    }

    /// Hands the next few files to the engine.
    fn next(self) {
        let batch: Vec<(Incoming, String)> = self
            .inner
            .try_update_value(|i| {
                let busy = i.job.is_some() || i.brought.len() >= MOST;
                let n = if busy { 0 } else { i.waiting.len().min(BATCH) };
                i.waiting.drain(..n).collect()
            })
            .unwrap_or_default();
        let full = self.inner.with_value(|i| i.brought.len() >= MOST && !i.waiting.is_empty());
        if full {
            self.inner.update_value(|i| i.waiting.clear());
            self.refused.update(|r| r.push(format!("A collection holds {MOST} pictures; the rest was left out.")));
        }
        self.changed();
        if batch.is_empty() {
            return;
        }
        let names = batch.iter().map(|(file, _)| file.name.clone()).collect();
        let blobs = batch.iter().map(|(file, _)| file.blob.clone()).collect();
        let request = Request::Images(images::Request::Import { names });
        let job = self.engine.submit(request, Payload::default(), blobs, move |event| self.hear(event, &batch));
        self.inner.update_value(|i| i.job = Some(job));
    }

    fn hear(self, event: Event, batch: &[(Incoming, String)]) {
        match event {
            Event::Progress(Reply::Images(images::Reply::Item(item)), payload) => self.take(item, payload, batch),
            Event::Progress(..) => return,
            Event::Done(..) | Event::Cancelled => {}
            Event::Failed(reason) => self.refused.update(|r| r.push(reason)),
            Event::Lost => self.refused.update(|r| {
                r.push("The engine stopped while reading these pictures; the rest of them was left out.".into());
            }),
        }
        self.inner.update_value(|i| i.job = None);
        self.next();
    }

    fn take(self, item: Item, payload: Payload, batch: &[(Incoming, String)]) {
        let Some((file, class)) = batch.get(item.index) else { return };
        match item.outcome {
            Outcome::Accepted(_) => {
                let thumb = payload.parts.first().map_or(&[][..], Vec::as_slice);
                let brought = Brought {
                    class: class.clone(),
                    embedding: payload.floats,
                    twin: self.learn.data.twin.get_untracked(),
                    thumb: Arc::new(ObjectUrl::of(&files::blob(thumb, "image/jpeg"))),
                    file: file.blob.clone(),
                };
                self.inner.update_value(|i| i.brought.push(brought));
            }
            Outcome::Refused(reason) => self.refused.update(|r| r.push(format!("{}: {reason}", item.name))),
        }
    }

    /// The head's answers to all pictures that the present backbone has seen, with their files.
    pub fn answered(self, head: &Head, names: &[String]) -> Vec<(Seen, Blob)> {
        let twin = self.learn.data.twin.get_untracked();
        self.inner.with_value(|i| {
            let fits = |b: &&Brought| b.twin == twin && b.embedding.len() == head.dim;
            let one = |(index, brought): (usize, &Brought)| {
                let answer = head.answer(&brought.embedding);
                let truth = names.iter().position(|n| *n == brought.class).map_or(UNKNOWN, |at| at as u32);
                let shot = Shot {
                    index: index as u32,
                    place: 1,
                    truth,
                    best: answer.best as u32,
                    probability: answer.probabilities[answer.best],
                    unknown: answer.unknown,
                };
                let numbers = brought.embedding.iter().chain(&answer.probabilities).copied().collect();
                (Seen { shot, in_lab: None, numbers, thumb: brought.thumb.clone() }, brought.file.clone())
            };
            i.brought.iter().filter(fits).enumerate().map(one).collect()
        })
    }

    /// Folders whose name is no class of the classifier.
    pub fn strangers(self, names: &[String]) -> Vec<String> {
        self.inner.with_value(|i| {
            let mut all: Vec<String> =
                i.brought.iter().map(|b| b.class.clone()).filter(|c| !c.is_empty() && !names.contains(c)).collect();
            all.sort();
            all.dedup();
            all
        })
    }
}
