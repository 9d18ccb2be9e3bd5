//! The store: where the field is, and what the classifier made of it.

use crate::engine::client::{Event, Job};
use crate::engine::protocol::shift::{Reply as Answer, Request as Ask, Shot};
use crate::engine::protocol::{Payload, Reply, Request};
use crate::learn::metrics::{Interval, wilson};
use crate::shift::scene::world::{Country, Device, Hour, Meaning, Order, Season, World};
use crate::ui::engine::Link;
use crate::ui::learn::{Learn, results};
use crate::web::clock::{self, Timeout};
use crate::web::files;
use crate::web::urls::ObjectUrl;
use leptos::prelude::*;
use std::sync::Arc;

/// Photographs of a visit to the field: twelve of each sign.
const COUNT: usize = 96;
/// Other photographs than those of any sample set.
const SEED: u64 = 0xf1e1d;
/// A slider that moves is left alone this long first.
const DEBOUNCE_MS: u32 = 200;

/// One photograph and its answer.
#[derive(Clone)]
pub struct Seen {
    pub shot: Shot,
    pub thumb: Arc<ObjectUrl>,
}

/// Right answers among pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    pub right: usize,
    pub n: usize,
}

impl Tally {
    pub fn interval(self) -> Option<Interval> {
        wilson(self.right as f64, self.n)
    }
}

/// Copies are the same field.
#[derive(Clone, Copy)]
pub struct Field {
    engine: Link,
    learn: Learn,
    pub country: RwSignal<Country>,
    pub season: RwSignal<Season>,
    pub hour: RwSignal<Hour>,
    pub device: RwSignal<Device>,
    /// 0..1.
    pub fog: RwSignal<f32>,
    /// Share done, while photographs come in.
    pub running: RwSignal<Option<f32>>,
    pub trouble: RwSignal<Option<String>>,
    pub seen: RwSignal<Vec<Seen>, LocalStorage>,
    /// Names of the head's outputs when the photographs were taken.
    pub labels: RwSignal<Vec<String>>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    job: Option<Job>,
    timer: Option<Timeout>,
}

impl Field {
    pub fn new(engine: Link, learn: Learn) -> Self {
        Self {
            engine,
            learn,
            country: RwSignal::new(Country::Germany),
            season: RwSignal::new(Season::Winter),
            hour: RwSignal::new(Hour::Day),
            device: RwSignal::new(Device::Phone),
            fog: RwSignal::new(0.0),
            running: RwSignal::new(None),
            trouble: RwSignal::new(None),
            seen: RwSignal::new_local(Vec::new()),
            labels: RwSignal::new(Vec::new()),
            inner: StoredValue::new_local(Inner::default()),
        }
    }

    /// The head knows at least two signs: there is a field it can be taken to.
    pub fn possible(self) -> bool {
        let known = self.learn.trainer.trained.with(|t| t.as_ref().map(|t| t.classes.clone())).unwrap_or_default();
        let names = results::outputs(self.learn, &known);
        names.iter().filter(|(name, _)| Meaning::ALL.iter().any(|m| m.name() == name)).count() > 1
    }

    /// Accuracy in the field so far.
    pub fn tally(self) -> Tally {
        self.seen.with(|seen| Tally { right: seen.iter().filter(|s| right(s)).count(), n: seen.len() })
    }

    /// The same for one class.
    pub fn tally_of(self, class: usize) -> Tally {
        self.seen.with(|seen| {
            let mine = || seen.iter().filter(|s| s.shot.truth == class);
            Tally { right: mine().filter(|s| right(s)).count(), n: mine().count() }
        })
    }

    /// Goes there once the controls have been left alone.
    pub fn visit_soon(self) {
        let timer = clock::after(DEBOUNCE_MS, move || self.visit());
        self.inner.update_value(|i| i.timer = Some(timer));
    }

    /// Stops at once; what was seen stays.
    pub fn cancel(self) {
        let job = self.inner.try_update_value(|i| {
            i.timer = None;
            i.job.take()
        });
        if let Some(job) = job.flatten() {
            job.cancel();
        }
        self.running.set(None);
    }

    fn visit(self) {
        self.cancel();
        self.seen.set(Vec::new());
        self.trouble.set(None);
        let Some(trained) = self.learn.trainer.trained.get_untracked() else { return };
        let labels = results::names(self.learn, &trained.classes);
        self.labels.set(labels.clone());
        let world = World {
            countries: vec![self.country.get_untracked()],
            seasons: vec![self.season.get_untracked()],
            hours: vec![self.hour.get_untracked()],
            devices: vec![self.device.get_untracked()],
            fog: self.fog.get_untracked(),
        };
        let order = Order { world, count: COUNT, seed: SEED };
        let request = Request::Shift(Ask::Field { head: trained.head.clone(), labels, order });
        self.running.set(Some(0.0));
        let job = self.engine.submit(request, Payload::default(), Vec::new(), move |event| self.hear(event));
        self.inner.update_value(|i| i.job = Some(job));
    }

    fn hear(self, event: Event) {
        match event {
            Event::Progress(Reply::Shift(Answer::Shot(shot)), payload) => {
                let Some(thumb) = payload.parts.first() else { return };
                let thumb = Arc::new(ObjectUrl::of(&files::blob(thumb, "image/jpeg")));
                self.running.set(Some((shot.index + 1) as f32 / COUNT as f32));
                self.seen.update(|seen| seen.push(Seen { shot, thumb }));
            }
            Event::Done(..) => self.running.set(None),
            Event::Failed(reason) => {
                self.running.set(None);
                self.trouble.set(Some(reason));
            }
            Event::Lost => {
                self.running.set(None);
                self.trouble.set(Some("The engine stopped on the way. Change a control to go again.".into()));
            }
            // One that was overtaken; the next has set `running` itself.
            Event::Cancelled | Event::Progress(..) => {}
        }
    }
}

/// The class is right, whether or not the head was sure of it.
pub fn right(seen: &Seen) -> bool {
    seen.shot.best == seen.shot.truth
}
