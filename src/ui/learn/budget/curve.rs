//! Store: accuracy against labels, for one way of starting after the other.

use super::Way;
use super::basis::{Basis, SEED};
use crate::engine::client::pool::{News, Run};
use crate::engine::client::{Engine, Event, Job};
use crate::engine::protocol::budget::{Reply as Answer, Request as Ask};
use crate::engine::protocol::{Payload, Reply, Request, Twin};
use crate::learn::budget::{Forecast, Point};
use crate::ui::engine::Link;
use crate::ui::learn::data::Data;
use crate::ui::learn::embedding;
use crate::ui::learn::training::Trainer;
use crate::ui::store::Store;
use leptos::prelude::*;
use std::collections::VecDeque;
use std::rc::Rc;

/// Repetitions of each size.
pub const DRAWS: usize = 10;

/// What is known of one way of starting.
#[derive(Debug, Clone, PartialEq)]
pub struct Traced {
    pub way: Way,
    pub points: Vec<Point>,
    pub forecast: Option<Forecast>,
}

/// Copies are the same curve.
pub type Curve = Store<CurveParts>;

/// What [`Curve`] holds.
pub struct CurveParts {
    pub(super) engine: Link,
    pub(super) data: Data,
    trainer: Trainer,
    /// Ways the person wants to see.
    pub wanted: RwSignal<Vec<Way>>,
    pub traced: RwSignal<Vec<Traced>>,
    /// What is being done, and the share of it.
    pub running: RwSignal<Option<(String, f32)>>,
    pub reason: RwSignal<Option<String>>,
    /// Pictures all are measured on.
    pub held_out: RwSignal<usize>,
    pub(super) inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
pub(super) struct Inner {
    queue: VecDeque<Way>,
    basis: Option<Rc<Basis>>,
    run: Option<Run>,
    pub(super) job: Option<Job>,
    /// Pictures embedded in this run.
    seen: usize,
    /// Counts runs, so that a download which outlives its run is dropped.
    turn: u32,
    /// Trains from scratch, while that is what is measured.
    pub(super) scratch: Option<Engine>,
    /// `[n, SIDE, SIDE, 3]`: what it is trained on.
    pub(super) pixels: Vec<u8>,
}

impl Curve {
    pub fn new(engine: Link, data: Data, trainer: Trainer) -> Self {
        let curve = Store::of(CurveParts {
            engine,
            data,
            trainer,
            // From scratch is loaded only if asked for.
            wanted: RwSignal::new(Way::ALL[..3].to_vec()),
            traced: RwSignal::new(Vec::new()),
            running: RwSignal::new(None),
            reason: RwSignal::new(None),
            held_out: RwSignal::new(0),
            inner: StoredValue::new_local(Inner::default()),
        });
        // A curve of other pictures says nothing about these.
        let labels = data.labels();
        Effect::new(move |_| {
            labels.track();
            curve.clear();
        });
        curve
    }

    pub fn cancel(self) {
        let was = self.inner.try_update_value(|i| Inner { turn: i.turn + 1, ..std::mem::take(i) });
        if let Some(was) = was {
            self.inner.update_value(|i| i.turn = was.turn);
            was.job.iter().for_each(Job::cancel);
            was.scratch.iter().for_each(Engine::end);
        }
        if self.running.with_untracked(Option::is_some) {
            self.running.set(None);
        }
    }

    pub fn clear(self) {
        self.cancel();
        self.reason.set(None);
        self.traced.set(Vec::new());
    }

    pub fn measure(self) {
        self.clear();
        let Some(basis) = Basis::now(self.data, self.trainer) else { return };
        let queue = Way::ALL.into_iter().filter(|w| self.wanted.with_untracked(|all| all.contains(w))).collect();
        self.inner.update_value(|i| (i.queue, i.basis) = (queue, Some(Rc::new(basis))));
        self.next();
    }

    fn next(self) {
        let next = self.inner.try_update_value(|i| i.queue.pop_front().zip(i.basis.clone())).flatten();
        match next {
            Some((Way::Backbone(twin), basis)) => self.see(twin, &basis),
            Some((Way::Scratch, basis)) => self.look(&basis),
            None => self.cancel(),
        }
    }

    pub(super) fn say(self, way: Way, doing: &str, share: f32) {
        self.running.set(Some((format!("{}: {doing}", capital(way.name())), share)));
    }

    /// Has every picture seen by a twin: downloads it if need be, and runs it beside the one in use.
    fn see(self, twin: Twin, basis: &Rc<Basis>) {
        let (way, turn) = (Way::Backbone(twin), self.inner.with_value(|i| i.turn));
        let unseen = basis.unseen(self.data, twin);
        if unseen.is_empty() {
            return self.train(way, twin, basis);
        }
        self.say(way, "loading", 0.0);
        let current = move || self.inner.with_value(|i| i.turn) == turn;
        let loading = move |received, total: Option<u64>| {
            if current() {
                self.say(way, "loading", total.map_or(0.0, |t| received as f32 / t.max(1) as f32));
            }
        };
        let basis = basis.clone();
        self.engine.obtain(twin, loading, move |outcome| match outcome {
            Ok(()) if current() => self.embed(way, twin, basis, &unseen),
            Err(reason) if current() => self.failed(reason),
            _ => {}
        });
    }

    fn embed(self, way: Way, twin: Twin, basis: Rc<Basis>, unseen: &[u32]) {
        let total = unseen.len();
        self.inner.update_value(|i| i.seen = 0);
        let hear = move |news| match news {
            News::Progress(reply, payload) => match embedding::seen(reply, payload) {
                Some((id, Ok(embedding))) => {
                    self.data.embedded(id, twin, embedding);
                    self.inner.update_value(|i| i.seen += 1);
                    let seen = self.inner.with_value(|i| i.seen);
                    self.say(way, "looking at your pictures", seen as f32 / total as f32);
                }
                Some((_, Err(reason))) => self.failed(reason),
                None => {}
            },
            News::Done => self.train(way, twin, &basis),
            News::Failed(reason) => self.failed(reason),
        };
        match self.engine.run_by(twin, embedding::tasks(self.data, unseen), Engine::most_workers(), hear) {
            Some(run) => self.inner.update_value(|i| i.run = Some(run)),
            None => self.failed("The engine is not ready yet. Try again in a moment.".into()),
        }
    }

    fn train(self, way: Way, twin: Twin, basis: &Basis) {
        let Some(floats) = self.data.embeddings_by(&basis.rows, twin) else {
            return self.failed("Pictures were missing. Measure again.".into());
        };
        self.say(way, "training", 0.0);
        self.begin(way);
        let request = Ask::Curve { classes: basis.classes, draws: DRAWS, seed: SEED };
        let payload = Payload { floats, parts: basis.parts() };
        let hear = move |event| self.hear(way, event);
        let job = self.engine.submit(Request::Budget(request), payload, Vec::new(), hear);
        self.inner.update_value(|i| (i.run, i.job) = (None, Some(job)));
    }

    pub(super) fn begin(self, way: Way) {
        self.traced.update(|all| all.push(Traced { way, points: Vec::new(), forecast: None }));
    }

    fn update(self, way: Way, change: impl FnOnce(&mut Traced)) {
        self.traced.update(|all| {
            if let Some(traced) = all.iter_mut().find(|t| t.way == way) {
                change(traced);
            }
        });
    }

    pub(super) fn add(self, way: Way, point: Point) {
        self.update(way, |t| t.points.push(point));
    }

    /// A way is measured: on to the next one.
    pub(super) fn finish(self, way: Way, held_out: usize, forecast: Option<Forecast>) {
        self.update(way, |t| t.forecast = forecast);
        self.held_out.set(held_out);
        let scratch = self.inner.try_update_value(|i| {
            (i.job, i.pixels) = (None, Vec::new());
            i.scratch.take()
        });
        scratch.flatten().iter().for_each(Engine::end);
        self.next();
    }

    fn hear(self, way: Way, event: Event) {
        match event {
            Event::Progress(Reply::Budget(Answer::Working { share, .. }), _) => self.say(way, "training", share),
            Event::Progress(Reply::Budget(Answer::Point(point)), _) => self.add(way, point),
            Event::Done(Reply::Budget(Answer::Curve { held_out, forecast }), _) => self.finish(way, held_out, forecast),
            other => self.trouble(other),
        }
    }

    pub(super) fn trouble(self, event: Event) {
        if let Some(reason) = event.trouble("The engine stopped on the way. Measure again.") {
            self.failed(reason);
        }
    }

    pub(super) fn failed(self, reason: String) {
        self.cancel();
        self.reason.set(Some(reason));
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
