//! Store: pictures without labels, brought by the person, and what they turn out to be worth.

use super::basis::{Basis, SEED};
use super::curve::DRAWS;
use crate::engine::client::{Event, Job};
use crate::engine::protocol::budget::{Reply as Answer, Request as Ask, TrialPlan};
use crate::engine::protocol::images::{self, Outcome};
use crate::engine::protocol::{Payload, Reply, Request, Twin};
use crate::learn::budget::held_out::held_out;
use crate::learn::unlabelled::Result as Tried;
use crate::ui::engine::Link;
use crate::ui::learn::data::Data;
use crate::ui::learn::training::Trainer;
use crate::ui::store::Store;
use crate::web::files::{self, Blob, Incoming};
use leptos::prelude::*;
use std::collections::{HashMap, VecDeque};

/// Most pictures without labels.
const MOST: usize = 1000;
/// Files given to the engine at once.
const BATCH: usize = 16;
/// Pictures whose changed copies are looked at, at most.
const PAIRS: usize = 400;

/// One picture without a label.
#[derive(Clone)]
pub struct Other {
    pub name: String,
    pub file: Blob,
    pub thumb: Blob,
    /// By one twin; another one looks again when it is needed.
    embedding: (Twin, Vec<f32>),
}

/// A picture, with a label or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    Labelled(u32),
    Other(usize),
}

/// Copies are the same pictures.
pub type Others = Store<OthersParts>;

/// What [`Others`] holds.
pub struct OthersParts {
    engine: Link,
    data: Data,
    trainer: Trainer,
    /// Pictures here, and those on their way.
    pub count: RwSignal<(usize, usize)>,
    /// Files that were refused, and why.
    pub refused: RwSignal<Vec<String>>,
    pub per_class: RwSignal<usize>,
    /// Labels that are not drawn are hidden, and their pictures used as if nobody had labelled them.
    pub hide: RwSignal<bool>,
    pub running: RwSignal<Option<(String, f32)>>,
    pub reason: RwSignal<Option<String>>,
    pub tried: RwSignal<Vec<Tried>>,
    /// Loss of the adaptation, first and last; pictures measured on.
    pub loss: RwSignal<Option<(f32, f32)>>,
    pub held_out: RwSignal<usize>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    all: Vec<Other>,
    waiting: VecDeque<Incoming>,
    reading: Option<Job>,
    job: Option<Job>,
    /// Embeddings of changed copies `[2, dim]`, by a twin.
    pairs: HashMap<(Which, Twin), Vec<f32>>,
}

impl Others {
    pub fn new(engine: Link, data: Data, trainer: Trainer) -> Self {
        let others = Store::of(OthersParts {
            engine,
            data,
            trainer,
            count: RwSignal::new((0, 0)),
            refused: RwSignal::new(Vec::new()),
            per_class: RwSignal::new(2),
            hide: RwSignal::new(true),
            running: RwSignal::new(None),
            reason: RwSignal::new(None),
            tried: RwSignal::new(Vec::new()),
            loss: RwSignal::new(None),
            held_out: RwSignal::new(0),
            inner: StoredValue::new_local(Inner::default()),
        });
        let labels = data.labels();
        Effect::new(move |_| {
            labels.track();
            data.twin.track();
            others.forget();
        });
        others
    }

    pub fn add(self, incoming: Vec<Incoming>) {
        self.forget();
        self.inner.update_value(|i| i.waiting.extend(incoming.into_iter().filter(|f| !f.is_left_behind())));
        self.next();
    }

    pub fn remove_all(self) {
        self.forget();
        let reading = self.inner.try_update_value(|i| std::mem::take(i).reading).flatten();
        reading.iter().for_each(Job::cancel);
        self.refused.set(Vec::new());
        self.count.set((0, 0));
    }

    pub fn get(self, at: usize) -> Option<Other> {
        self.inner.with_value(|i| i.all.get(at).cloned())
    }

    /// Embeddings by the twin in use, as far as it has seen them.
    pub fn embeddings(self) -> Vec<(usize, Vec<f32>)> {
        let twin = self.data.twin.get_untracked();
        let seen = |(at, o): (usize, &Other)| (o.embedding.0 == twin).then(|| (at, o.embedding.1.clone()));
        self.inner.with_value(|i| i.all.iter().enumerate().filter_map(seen).collect())
    }

    fn next(self) {
        let batch: Vec<Incoming> = self
            .inner
            .try_update_value(|i| {
                if i.all.len() >= MOST && !i.waiting.is_empty() {
                    i.waiting.clear();
                    self.refused
                        .update(|r| r.push(format!("Up to {MOST} pictures without labels; the rest was left out.")));
                }
                let n = if i.reading.is_some() { 0 } else { i.waiting.len().min(BATCH).min(MOST - i.all.len()) };
                i.waiting.drain(..n).collect()
            })
            .unwrap_or_default();
        self.count.set(self.inner.with_value(|i| (i.all.len(), i.waiting.len() + batch.len())));
        if batch.is_empty() {
            return;
        }
        let names = batch.iter().map(|file| file.name.clone()).collect();
        let blobs = batch.iter().map(|file| file.blob.clone()).collect();
        let request = Request::Images(images::Request::Import { names });
        let job = self.engine.submit(request, Payload::default(), blobs, move |event| self.read(event, &batch));
        self.inner.update_value(|i| i.reading = Some(job));
    }

    fn read(self, event: Event, batch: &[Incoming]) {
        match event {
            Event::Progress(Reply::Images(images::Reply::Item(item)), payload) => {
                let Some(file) = batch.get(item.index) else { return };
                match item.outcome {
                    Outcome::Accepted(_) => {
                        let thumb = payload.parts.first().map_or(&[][..], Vec::as_slice);
                        let other = Other {
                            name: file.name.clone(),
                            file: file.blob.clone(),
                            thumb: files::blob(thumb, "image/jpeg"),
                            embedding: (self.data.twin.get_untracked(), payload.floats),
                        };
                        self.inner.update_value(|i| i.all.push(other));
                    }
                    Outcome::Refused(reason) => self.refused.update(|r| r.push(format!("{}: {reason}", item.name))),
                }
                return;
            }
            Event::Progress(..) => return,
            other => {
                if let Some(reason) =
                    other.trouble("The engine stopped while reading these pictures; some were left out.")
                {
                    self.refused.update(|r| r.push(reason));
                }
            }
        }
        self.inner.update_value(|i| i.reading = None);
        self.next();
    }

    pub fn cancel(self) {
        let job = self.inner.try_update_value(|i| i.job.take()).flatten();
        job.iter().for_each(Job::cancel);
        if self.running.with_untracked(Option::is_some) {
            self.running.set(None);
        }
    }

    /// What was measured no longer holds.
    fn forget(self) {
        self.cancel();
        self.reason.set(None);
        self.tried.set(Vec::new());
        self.loss.set(None);
    }

    /// Embeds what is missing, one kind after the other, then compares.
    pub fn compare(self) {
        self.forget();
        self.go_on();
    }

    fn go_on(self) {
        let Some(basis) = Basis::now(self.data, self.trainer) else { return };
        let twin = self.data.twin.get_untracked();
        let unseen: Vec<usize> = self.inner.with_value(|i| {
            i.all.iter().enumerate().filter(|(_, o)| o.embedding.0 != twin).map(|(at, _)| at).collect()
        });
        if !unseen.is_empty() {
            return self.see_again(unseen, twin);
        }
        let wanted = self.whose_copies(&basis);
        let missing: Vec<Which> =
            self.inner.with_value(|i| wanted.iter().copied().filter(|w| !i.pairs.contains_key(&(*w, twin))).collect());
        if missing.is_empty() { self.try_all(&basis, &wanted, twin) } else { self.copy(missing, twin) }
    }

    /// Pictures without labels, then labelled ones that are not held out.
    fn whose_copies(self, basis: &Basis) -> Vec<Which> {
        let held = held_out(&basis.labels, &basis.groups, u64::from(SEED));
        let own = basis.rows.iter().zip(held).filter(|(_, held)| !held).map(|(id, _)| Which::Labelled(*id));
        let own = self.hide.get_untracked().then_some(own);
        let others = (0..self.inner.with_value(|i| i.all.len())).map(Which::Other);
        others.chain(own.into_iter().flatten()).take(PAIRS).collect()
    }

    fn file(self, which: Which) -> Option<Blob> {
        match which {
            Which::Labelled(id) => self.data.stored(id).map(|s| s.original),
            Which::Other(at) => self.get(at).map(|o| o.file),
        }
    }

    fn see_again(self, unseen: Vec<usize>, twin: Twin) {
        let names = unseen.iter().map(ToString::to_string).collect();
        let blobs = unseen.iter().filter_map(|at| self.file(Which::Other(*at))).collect();
        let request = Request::Images(images::Request::Import { names });
        let total = unseen.len();
        self.start(request, blobs, move |event| match event {
            Event::Progress(Reply::Images(images::Reply::Item(item)), payload) => {
                if let Some(at) = unseen.get(item.index).filter(|_| matches!(item.outcome, Outcome::Accepted(_))) {
                    self.inner.update_value(|i| i.all[*at].embedding = (twin, payload.floats));
                }
                self.say("Looking at the pictures again", item.index + 1, total);
            }
            other => self.then(other),
        });
    }

    fn copy(self, missing: Vec<Which>, twin: Twin) {
        let found: Vec<(Which, Blob)> = missing.into_iter().filter_map(|w| Some((w, self.file(w)?))).collect();
        let (missing, blobs): (Vec<Which>, Vec<Blob>) = found.into_iter().unzip();
        let total = missing.len();
        self.start(Request::Budget(Ask::Views { seed: SEED }), blobs, move |event| match event {
            Event::Progress(Reply::Budget(Answer::View { index }), payload) => {
                if let Some(which) = missing.get(index as usize) {
                    self.inner.update_value(|i| drop(i.pairs.insert((*which, twin), payload.floats)));
                }
                self.say("Looking at changed copies", index as usize + 1, total);
            }
            other => self.then(other),
        });
    }

    fn try_all(self, basis: &Basis, wanted: &[Which], twin: Twin) {
        let Some(mut floats) = self.data.embeddings_by(&basis.rows, twin) else { return };
        let numbers = floats.len() / basis.rows.len().max(1);
        self.inner.with_value(|i| {
            i.all.iter().for_each(|o| floats.extend(&o.embedding.1));
            wanted.iter().filter_map(|w| i.pairs.get(&(*w, twin))).for_each(|pair| floats.extend(pair));
        });
        let plan = TrialPlan {
            classes: basis.classes,
            per_class: self.per_class.get_untracked(),
            draws: DRAWS,
            seed: SEED,
            hide: self.hide.get_untracked(),
            others: self.inner.with_value(|i| i.all.len()),
        };
        let request = Request::Budget(Ask::Unlabelled { plan, numbers });
        self.running.set(Some(("Comparing".into(), 0.0)));
        let payload = Payload { floats, parts: basis.parts() };
        let job = self.engine.submit(request, payload, Vec::new(), move |event| match event {
            Event::Progress(Reply::Budget(Answer::Working { stage, share }), _) => {
                self.running.set(Some((stage, share)));
            }
            Event::Done(Reply::Budget(Answer::Unlabelled { results, loss, held_out }), _) => {
                self.tried.set(results);
                self.loss.set(loss);
                self.held_out.set(held_out);
                self.cancel();
            }
            other => self.failed(other),
        });
        self.inner.update_value(|i| i.job = Some(job));
    }

    fn start(self, request: Request, blobs: Vec<Blob>, hear: impl FnMut(Event) + 'static) {
        self.say("Looking at the pictures", 0, 1);
        let job = self.engine.submit(request, Payload::default(), blobs, hear);
        self.inner.update_value(|i| i.job = Some(job));
    }

    fn say(self, what: &str, done: usize, total: usize) {
        self.running.set(Some((what.into(), done as f32 / total.max(1) as f32)));
    }

    /// A step towards the comparison is over.
    fn then(self, event: Event) {
        match event {
            Event::Done(..) => self.go_on(),
            other => self.failed(other),
        }
    }

    fn failed(self, event: Event) {
        if let Some(reason) = event.trouble("The engine stopped on the way. Compare again.") {
            self.cancel();
            self.reason.set(Some(reason));
        }
    }
}
