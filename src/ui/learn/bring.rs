//! A backbone of one's own: any model that looks at pictures, without its last decision.
//!
//! A file is opened or fetched from the site's catalogue, looked into, shown what it would see, and made a
//! backbone. Until then the one before stays at work.

pub mod dialog;
mod offers;

use super::backbones::{Backbones, Brought};
use super::data::Data;
use crate::engine::client::{Event, Job};
use crate::engine::protocol::backbone::{Reply as Answer, Request as Ask};
use crate::engine::protocol::{Payload, Reply, Request};
use crate::foreign::catalogue::{self, Entry};
use crate::foreign::fit::{Fit, Inspected, Layer};
use crate::learn::dataset::clean_name;
use crate::ui::engine::Link;
use crate::ui::store::Store;
use crate::web::files::{Blob, Incoming};
use crate::web::{clock, fetched};
use leptos::prelude::*;
use std::sync::Arc;

/// A choice is looked at this long after it was made: sizes are typed digit by digit.
const PAUSE_MS: u32 = 250;

/// What the model would see, as RGBA, and the numbers that enter it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub side: usize,
    pub rgba: Vec<u8>,
    pub low: f32,
    pub high: f32,
    pub mean: f32,
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub name: String,
    pub inspected: Inspected,
    pub layers: Vec<Layer>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum State {
    Idle,
    /// What is being done, and the share that is, where it is known.
    Busy(&'static str, Option<f32>),
    Failed(String),
}

/// Copies are the same.
pub type Bring = Store<BringParts>;

/// What [`Bring`] holds.
pub struct BringParts {
    engine: Link,
    data: Data,
    backbones: Backbones,
    pub open: RwSignal<bool>,
    pub state: RwSignal<State>,
    pub found: RwSignal<Option<Arc<Found>>>,
    pub fit: RwSignal<Fit>,
    /// The tensor that will be the embedding.
    pub tensor: RwSignal<String>,
    pub seen: RwSignal<Option<Arc<Seen>>>,
    /// The site's catalogue, once it was asked for.
    pub offers: RwSignal<Option<Result<Arc<Vec<Entry>>, String>>>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    file: Option<Blob>,
    job: Option<Job>,
    previewing: Option<Job>,
    timer: Option<clock::Timeout>,
    /// Counts downloads, so that one that was overtaken is dropped.
    turn: u32,
}

impl Bring {
    pub fn new(engine: Link, data: Data, backbones: Backbones) -> Self {
        Store::of(BringParts {
            engine,
            data,
            backbones,
            open: RwSignal::new(false),
            state: RwSignal::new(State::Idle),
            found: RwSignal::new(None),
            fit: RwSignal::new(Fit::default()),
            tensor: RwSignal::new(String::new()),
            seen: RwSignal::new(None),
            offers: RwSignal::new(None),
            inner: StoredValue::new_local(Inner::default()),
        })
    }

    /// Opens the dialog, and asks the site what it offers.
    pub fn begin(self) {
        self.open.set(true);
        if self.offers.with_untracked(Option::is_none) {
            leptos::task::spawn_local(async move {
                let read = fetched::text(catalogue::FILE, catalogue::MAX_FILE as u64).await;
                // A site without a catalogue offers nothing, which is no fault.
                let offers = read.map_or(Ok(Vec::new()), |text| catalogue::read(&text));
                self.offers.set(Some(offers.map(Arc::new)));
            });
        }
    }

    /// Takes a file from the picker.
    pub fn take(self, files: Vec<Incoming>) {
        let Some(file) = files.into_iter().next() else { return };
        self.stop();
        self.look(clean_name(&file.name), file.blob, None, None);
    }

    /// Fetches a model of the catalogue; its hash must be the one written down.
    pub fn fetch(self, entry: Entry) {
        self.stop();
        let turn = self.inner.try_update_value(|i| {
            i.turn += 1;
            i.turn
        });
        let current = move || self.inner.with_value(|i| Some(i.turn)) == turn;
        self.state.set(State::Busy("Fetching the model", Some(0.0)));
        leptos::task::spawn_local(async move {
            let total = entry.bytes;
            let progress = move |received: u64| {
                if current() {
                    self.state.set(State::Busy("Fetching the model", Some(received as f32 / total.max(1) as f32)));
                }
            };
            let outcome = fetched::fetch(&entry.url, total, "model", progress).await;
            if !current() {
                return;
            }
            match outcome {
                Ok(file) if hex(&file.sha256) == entry.sha256.to_lowercase() => {
                    let fit = entry.clone();
                    self.look(clean_name(&entry.name), file.blob, Some(fit), entry.layer);
                }
                Ok(_) => self.state.set(State::Failed(format!(
                    "\u{201c}{}\u{201d} is not the file the catalogue promises: its SHA-256 is another. It was not used.",
                    entry.name
                ))),
                Err(reason) => self.state.set(State::Failed(reason)),
            }
        });
    }

    /// Has a file looked into. `entry`: how the catalogue says pictures fit it.
    fn look(self, name: String, blob: Blob, entry: Option<Entry>, layer: Option<String>) {
        self.found.set(None);
        self.seen.set(None);
        self.inner.update_value(|i| i.file = Some(blob));
        self.inspect(name, None, entry, layer);
    }

    fn inspect(self, name: String, fit: Option<Fit>, entry: Option<Entry>, layer: Option<String>) {
        let Some(file) = self.inner.with_value(|i| i.file.clone()) else { return };
        self.state.set(State::Busy("Looking into the model", None));
        let request = Request::Backbone(Ask::Inspect { fit });
        let job = self.engine.submit(request, Payload::default(), vec![file], move |event| match event {
            Event::Done(Reply::Backbone(Answer::Inspected { found, layers, guess }), _) => {
                let mut fit = found.fit.clone();
                // What the catalogue says is better than a guess.
                let resized = entry.as_ref().and_then(|e| e.side).filter(|side| *side != fit.width);
                if let Some(entry) = &entry {
                    (fit.width, fit.height) = resized.map_or((fit.width, fit.height), |side| (side, side));
                    fit.bgr = entry.bgr;
                    fit.pixels = entry.pixels.unwrap_or(fit.pixels);
                }
                if resized.is_some() {
                    return self.inspect(name.clone(), Some(fit), None, layer.clone());
                }
                let kept = self.tensor.get_untracked();
                let known = |t: &String| layers.iter().any(|l| l.tensor == *t);
                let wanted = layer.clone().or(Some(kept)).filter(known);
                let tensor = wanted.or_else(|| layers.get(guess).map(|l| l.tensor.clone()));
                self.tensor.set(tensor.unwrap_or_default());
                self.fit.set(fit);
                self.found.set(Some(Arc::new(Found { name: name.clone(), inspected: *found, layers })));
                self.state.set(State::Idle);
                self.preview();
            }
            other => self.trouble(other, &name),
        });
        self.inner.update_value(|i| i.job = Some(job));
    }

    /// Changes how pictures fit the model; another size has the model looked into again.
    pub fn change(self, change: impl FnOnce(&mut Fit)) {
        let before = self.fit.get_untracked();
        self.fit.update(change);
        let now = self.fit.get_untracked();
        let Some(found) = self.found.get_untracked().filter(|_| before != now) else { return };
        if before.width == now.width {
            return self.preview();
        }
        let timer = clock::after(PAUSE_MS, move || {
            let fit = self.fit.get_untracked();
            self.inspect(found.name.clone(), Some(fit), None, None);
        });
        self.inner.update_value(|i| i.timer = Some(timer));
    }

    /// A picture to show and to try the backbone on.
    fn picture(self) -> Option<Blob> {
        let first = self.data.with_untracked(|d| d.pictures.first().map(|p| p.id))?;
        self.data.stored(first).map(|stored| stored.original)
    }

    fn preview(self) {
        let Some(picture) = self.picture() else { return };
        if let Some(job) = self.inner.try_update_value(|i| i.previewing.take()).flatten() {
            job.cancel();
        }
        let request = Request::Backbone(Ask::Preview { fit: self.fit.get_untracked() });
        let job = self.engine.submit(request, Payload::default(), vec![picture], move |event| {
            if let Event::Done(Reply::Backbone(Answer::Previewed { side, low, high, mean }), payload) = event {
                let rgb = payload.parts.into_iter().next().unwrap_or_default();
                let rgba = rgb.as_chunks::<3>().0.iter().flat_map(|[r, g, b]| [*r, *g, *b, 255]).collect();
                self.seen.set(Some(Arc::new(Seen { side, rgba, low, high, mean })));
            }
        });
        self.inner.update_value(|i| i.previewing = Some(job));
    }

    /// Makes the backbone, tries it, and puts it to work.
    pub fn adopt(self) {
        let Some((file, found)) = self.inner.with_value(|i| i.file.clone()).zip(self.found.get_untracked()) else {
            return;
        };
        self.stop();
        let (fit, tensor) = (self.fit.get_untracked(), self.tensor.get_untracked());
        self.state.set(State::Busy("Trying the backbone", None));
        let request = Request::Backbone(Ask::Adopt { fit, tensor: tensor.clone() });
        let blobs = std::iter::once(file).chain(self.picture()).collect();
        let job = self.engine.submit(request, Payload::default(), blobs, move |event| match event {
            Event::Done(Reply::Backbone(Answer::Adopted(trial)), payload) => {
                let Some(made) = payload.parts.into_iter().next() else { return };
                self.state.set(State::Idle);
                self.open.set(false);
                let brought = Brought { name: found.name.clone(), tensor: tensor.clone(), trial };
                self.backbones.bring(brought, made);
            }
            other => self.trouble(other, &found.name),
        });
        self.inner.update_value(|i| i.job = Some(job));
    }

    fn trouble(self, event: Event, name: &str) {
        if let Some(reason) = event.trouble("The engine stopped at this model. Nothing of yours was lost.") {
            self.state.set(State::Failed(format!("\u{201c}{name}\u{201d}: {reason}")));
        }
    }

    /// Ends what is going on.
    pub fn stop(self) {
        let jobs = self.inner.try_update_value(|i| {
            i.turn += 1;
            i.timer = None;
            [i.job.take(), i.previewing.take()]
        });
        jobs.into_iter().flatten().flatten().for_each(|job| job.cancel());
        self.state.set(State::Idle);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
