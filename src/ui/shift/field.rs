//! The store: where the field is, and what the classifier made of it.

use super::collect::Collection;
use super::lab::Lab;
use crate::engine::client::{Event, Job};
use crate::engine::protocol::shift::{Keep, Reply as Answer, Request as Ask, Shot, UNKNOWN};
use crate::engine::protocol::{Payload, Reply, Request, pack_u32};
use crate::shift::corruption::Corruption;
use crate::shift::degradation::Degradation;
use crate::shift::scene::world::{Country, Device, Hour, Meaning, Order, Season, World};
use crate::ui::engine::Link;
use crate::ui::learn::training::Trained;
use crate::ui::learn::{Learn, results};
use crate::ui::pure::mix::{self, Mix};
use crate::ui::pure::tally::Tally;
use crate::ui::store::Store;
use crate::web::clock::{self, Timeout};
use crate::web::files::{self, Blob};
use crate::web::urls::ObjectUrl;
use leptos::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// Photographs a first visit to the field brings: twelve of each sign.
const COUNT: usize = 96;
/// Fewest and most pictures of the field.
pub const COUNTS: (usize, usize) = (24, 480);
/// Other photographs than those of any sample set.
const SEED: u64 = 0xf1e1d;
/// A slider that moves is left alone this long first.
const DEBOUNCE_MS: u32 = 250;

/// Where the field's pictures come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The rendered world.
    World,
    /// The lab's own pictures, degraded.
    Degraded,
    /// Pictures the person brought.
    Collected,
}

/// One picture and its answer.
#[derive(Clone)]
pub struct Seen {
    pub shot: Shot,
    /// Whether the same was recognised in the lab; `None` where it has no counterpart there.
    pub in_lab: Option<bool>,
    /// Embedding, then probabilities.
    pub numbers: Arc<[f32]>,
    pub thumb: Arc<ObjectUrl>,
}

impl Seen {
    pub fn right(&self) -> Option<bool> {
        self.shot.right()
    }

    /// Right in the lab, wrong here.
    pub fn flipped(&self) -> bool {
        self.in_lab == Some(true) && self.right() == Some(false)
    }
}

/// Copies are the same field.
pub type Field = Store<FieldParts>;

/// What [`Field`] holds.
pub struct FieldParts {
    engine: Link,
    learn: Learn,
    pub collection: Collection,
    pub source: RwSignal<Source>,
    pub country: RwSignal<Country>,
    pub season: RwSignal<Season>,
    pub hour: RwSignal<Hour>,
    pub device: RwSignal<Device>,
    /// 0..1.
    pub fog: RwSignal<f32>,
    pub degradation: RwSignal<Degradation>,
    /// Pictures to take.
    pub count: RwSignal<usize>,
    pub mix: RwSignal<Option<Mix>>,
    /// Counts the field's photographs that became lab pictures: the next ones must be others.
    generation: RwSignal<u64>,
    /// The head that saw the pictures.
    pub head: RwSignal<Option<Arc<Trained>>>,
    /// Share done, while pictures come in.
    pub running: RwSignal<Option<f32>>,
    pub trouble: RwSignal<Option<String>>,
    pub seen: RwSignal<Vec<Seen>, LocalStorage>,
    /// Names of the head's outputs when the pictures were taken.
    pub labels: RwSignal<Vec<String>>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    job: Option<Job>,
    timer: Option<Timeout>,
    /// Of each picture: was it right in the lab?
    in_lab: HashMap<u32, bool>,
    /// Files of the pictures seen, in order.
    files: Vec<Blob>,
    expected: usize,
}

impl Field {
    pub fn new(engine: Link, learn: Learn) -> Self {
        Store::of(FieldParts {
            engine,
            learn,
            collection: Collection::new(engine, learn),
            source: RwSignal::new(Source::World),
            country: RwSignal::new(Country::Germany),
            season: RwSignal::new(Season::Winter),
            hour: RwSignal::new(Hour::Day),
            device: RwSignal::new(Device::Phone),
            fog: RwSignal::new(0.0),
            degradation: RwSignal::new(Degradation::Corruption(Corruption::Snow, 3)),
            count: RwSignal::new(COUNT),
            mix: RwSignal::new(None),
            generation: RwSignal::new(0),
            head: RwSignal::new(None),
            running: RwSignal::new(None),
            trouble: RwSignal::new(None),
            seen: RwSignal::new_local(Vec::new()),
            labels: RwSignal::new(Vec::new()),
            inner: StoredValue::new_local(Inner::default()),
        })
    }

    /// The head knows at least two signs, so there is a rendered field it can be taken to.
    pub fn knows_signs(self) -> bool {
        self.known().iter().filter(|name| Meaning::ALL.iter().any(|m| m.name() == *name)).count() > 1
    }

    /// Names of the head's outputs as they are now; empty while there is no head.
    pub fn known(self) -> Vec<String> {
        let classes = self.learn.trainer.trained.with(|t| t.as_ref().map(|t| t.classes.clone())).unwrap_or_default();
        results::outputs(self.learn, &classes).into_iter().map(|(name, _)| name).collect()
    }

    /// The rendered field.
    pub fn world(self) -> World {
        World {
            countries: vec![self.country.get()],
            seasons: vec![self.season.get()],
            hours: vec![self.hour.get()],
            devices: vec![self.device.get()],
            fog: self.fog.get(),
        }
    }

    pub fn seed(self) -> u64 {
        SEED + self.generation.get_untracked()
    }

    /// Everything that a change of makes another field. Tracked.
    pub fn follow(self) {
        self.source.track();
        self.world();
        self.degradation.track();
        self.count.track();
        self.mix.track();
        self.generation.track();
        self.collection.revision.track();
    }

    /// Accuracy in the field so far, of the pictures whose class is known.
    pub fn tally(self) -> Tally {
        self.tally_where(|_| true)
    }

    /// The same for one class.
    pub fn tally_of(self, class: usize) -> Tally {
        self.tally_where(|s| s.shot.truth as usize == class)
    }

    fn tally_where(self, which: impl Fn(&Seen) -> bool) -> Tally {
        let mut tally = Tally::default();
        self.seen.with(|seen| seen.iter().filter(|s| which(s)).filter_map(Seen::right).for_each(|r| tally.add(r)));
        tally
    }

    /// The file of a picture seen.
    pub fn file(self, at: usize) -> Option<Blob> {
        self.inner.with_value(|i| i.files.get(at).cloned())
    }

    /// The photographs at hand have become lab pictures: takes others from now on.
    pub fn move_on(self) {
        self.generation.update(|g| *g += 1);
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

    /// Forgets what was seen.
    pub fn leave(self) {
        self.cancel();
        self.seen.set(Vec::new());
        self.head.set(None);
    }

    fn visit(self) {
        self.leave();
        self.trouble.set(None);
        self.inner.update_value(|i| *i = Inner::default());
        let Some(lab) = Lab::now(self.learn) else { return };
        self.labels.set(lab.names.clone());
        self.head.set(Some(lab.trained.clone()));
        match self.source.get_untracked() {
            Source::World => self.photograph(&lab),
            Source::Degraded => self.degrade(&lab),
            Source::Collected => self.look(&lab),
        }
    }

    fn photograph(self, lab: &Lab) {
        if !untrack(|| self.knows_signs()) {
            return;
        }
        let every = Meaning::ALL.len() as u32;
        let meaning = |name: &String| Meaning::ALL.iter().position(|m| m.name() == name);
        let of = |at: usize| (0..Order::MOST as u32 / every).map(|k| at as u32 + k * every).collect();
        let supply: Vec<Vec<u32>> = lab.names.iter().map(|name| meaning(name).map(of).unwrap_or_default()).collect();
        let indices = mix::draw(&supply, self.count.get_untracked(), self.mix.get_untracked());
        let request = Ask::Photograph {
            head: lab.trained.head.clone(),
            labels: lab.names.clone(),
            worlds: vec![World::default(), untrack(|| self.world())],
            seed: self.seed(),
            keep: Keep::Picture,
        };
        self.submit(request, Payload::parts(vec![pack_u32(indices.iter().copied())]), Vec::new(), indices.len());
    }

    fn degrade(self, lab: &Lab) {
        let rows = mix::draw(&lab.by_class(), self.count.get_untracked(), self.mix.get_untracked());
        let with_files: Vec<(u32, Blob)> = rows.iter().filter_map(|row| Some((*row, lab.file(*row)?))).collect();
        let (which, blobs): (Vec<u32>, Vec<Blob>) = with_files.into_iter().unzip();
        let count = which.len();
        let request = Ask::Degrade {
            lab: lab.shape,
            degradations: vec![Degradation::None, self.degradation.get_untracked()],
            which,
            seed: self.seed(),
            keep: Keep::Picture,
        };
        self.submit(request, lab.payload(), blobs, count);
    }

    /// Pictures that were collected have been embedded already.
    fn look(self, lab: &Lab) {
        let seen = self.collection.answered(&lab.trained.head, &lab.names);
        self.inner.update_value(|i| i.files = seen.iter().map(|(_, file)| file.clone()).collect());
        self.seen.set(seen.into_iter().map(|(seen, _)| seen).collect());
    }

    fn submit(self, request: Ask, payload: Payload, blobs: Vec<Blob>, count: usize) {
        self.running.set(Some(0.0));
        let job = self.engine.submit(Request::Shift(request), payload, blobs, move |event| self.hear(event));
        self.inner.update_value(|i| {
            i.job = Some(job);
            i.expected = count;
        });
    }

    fn hear(self, event: Event) {
        match event {
            Event::Progress(Reply::Shift(Answer::Shot(shot)), payload) => self.take(shot, payload),
            Event::Progress(Reply::Shift(Answer::Skipped(reason)), _) => {
                self.trouble.set(Some(format!("One picture was left out. {reason}")));
            }
            Event::Done(..) => self.running.set(None),
            // One that was cancelled was overtaken; the next has set `running` itself.
            other => {
                if let Some(reason) = other.trouble("The engine stopped on the way. Change a control to go again.") {
                    self.running.set(None);
                    self.trouble.set(Some(reason));
                }
            }
        }
    }

    fn take(self, shot: Shot, payload: Payload) {
        // The counterpart in the lab comes first.
        if shot.place == 0 {
            self.inner.update_value(|i| {
                i.in_lab.insert(shot.index, shot.right() == Some(true));
            });
            return;
        }
        let mut parts = payload.parts.into_iter();
        let (Some(thumb), Some(file)) = (parts.next(), parts.next()) else { return };
        let thumb = Arc::new(ObjectUrl::of(&files::blob(&thumb, "image/jpeg")));
        let told = self.inner.try_update_value(|i| {
            i.files.push(files::blob(&file, "image/jpeg"));
            (i.in_lab.get(&shot.index).copied(), i.files.len() as f32 / i.expected.max(1) as f32)
        });
        let Some((in_lab, share)) = told else { return };
        self.running.set(Some(share.min(1.0)));
        self.seen.update(|seen| seen.push(Seen { shot, in_lab, numbers: payload.floats.into(), thumb }));
    }

    /// Everything known of the field's pictures, as tests and repairs take it: embeddings `[m, dim]`,
    /// probabilities `[m, classes]`, classes, and the lab row each was made from.
    pub fn numbers(self, which: impl Fn(&Seen) -> bool) -> Numbers {
        let classes = self.labels.with_untracked(Vec::len);
        let made = self.source.get_untracked() == Source::Degraded;
        self.seen.with_untracked(|seen| {
            let mut all = Numbers::default();
            for (at, one) in seen.iter().enumerate().filter(|(_, s)| which(s)) {
                let (embedding, answer) = one.numbers.split_at(one.numbers.len().saturating_sub(classes));
                all.embeddings.extend(embedding);
                all.probabilities.extend(answer);
                all.truths.push(one.shot.truth);
                all.origins.push(if made { one.shot.index } else { UNKNOWN });
                all.places.push(at);
            }
            all
        })
    }
}

/// See [`Field::numbers`].
#[derive(Default)]
pub struct Numbers {
    pub embeddings: Vec<f32>,
    pub probabilities: Vec<f32>,
    pub truths: Vec<u32>,
    pub origins: Vec<u32>,
    /// Where each is among the pictures seen.
    pub places: Vec<usize>,
}
