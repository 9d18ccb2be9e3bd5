//! Files on their way in: a queue on the page, a few at a time to the engine, results into
//! the data in bunches, so that the page stays smooth however many there are.

mod admit;
mod drawing;
mod queue;

use super::data::{Arrival, Data};
use crate::engine::client::Event;
use crate::engine::protocol::images::{self, Item, Outcome};
use crate::engine::protocol::{Payload, Reply};
use crate::learn::dataset::{ClassId, clean_name};
use crate::share::link::expected;
use crate::shift::scene::world::Order;
use crate::ui::engine::Link;
use crate::ui::pure::summary::{Progress, Summary};
use crate::ui::store::Store;
use crate::ui::widgets::toast::Toasts;
use crate::web::clock::Timeout;
use crate::web::files::{self, Incoming};
use crate::web::{clock, drop::Dropped};
use admit::admit;
pub use admit::arrival;
use drawing::Work;
use leptos::prelude::*;
use queue::{Batch, Place, Queue};

/// What undo calls it.
pub const STEP: &str = "add pictures";
/// Results are put into the data this often.
const FLUSH_MS: u32 = 150;

/// Where files go that are in no folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Into {
    /// To this class, folders notwithstanding.
    Class(ClassId),
    /// Folders are classes; loose files go to the class that is the target.
    Folders,
}

/// Copies are the same importer.
pub type Importer = Store<ImporterParts>;

/// What [`Importer`] holds.
pub struct ImporterParts {
    engine: Link,
    data: Data,
    toasts: Toasts,
    state: StoredValue<State, LocalStorage>,
    /// Pictures are on their way.
    pub active: RwSignal<bool>,
    /// `None` when there is nothing to show: idle, or a few camera frames.
    pub progress: RwSignal<Option<Progress>>,
    /// Of the last import that is worth a word.
    pub summary: RwSignal<Option<Summary>>,
    /// The sample set that was drawn into empty data, and the fingerprint of what it gave.
    pub drawn: RwSignal<Option<(Order, u32)>>,
    /// A project file was among what was added: whoever opens projects takes it from here.
    pub dropped_project: RwSignal<Option<Incoming>, LocalStorage>,
}

#[derive(Default)]
struct State {
    queue: Queue,
    running: Option<Running>,
    /// Folders still being walked through.
    walking: usize,
    arrivals: Vec<(Place, Arrival, Option<String>)>,
    flush: Option<Timeout>,
    summary: Summary,
    started: Option<f64>,
    /// The sample set that is being drawn into empty data.
    order: Option<Order>,
    /// Revision of the data at the last flush of this run.
    since: Option<u32>,
    /// Runs are numbered, so that a walk that outlives its run adds nothing to the next.
    run: u32,
}

struct Running {
    work: Work,
    batch: Batch,
}

impl Importer {
    pub fn new(engine: Link, data: Data, toasts: Toasts) -> Self {
        Store::of(ImporterParts {
            engine,
            data,
            toasts,
            state: StoredValue::new_local(State::default()),
            active: RwSignal::new(false),
            progress: RwSignal::new(None),
            summary: RwSignal::new(None),
            drawn: RwSignal::new(None),
            dropped_project: RwSignal::new_local(None),
        })
    }

    /// Adds files; zip archives among them are opened.
    pub fn add(self, files: Vec<Incoming>, into: Into) {
        let files: Vec<Incoming> = files.into_iter().filter(|f| !f.is_left_behind()).collect();
        let (projects, files): (Vec<_>, Vec<_>) = files.into_iter().partition(Incoming::is_project);
        if let Some(project) = projects.into_iter().next() {
            self.dropped_project.set(Some(project));
        }
        if files.is_empty() || self.data.refuses() {
            return;
        }
        self.begin();
        let target = untrack(|| self.data.target());
        self.state.update_value(|s| {
            s.order = None;
            for file in files {
                let place = match (into, &file.folder) {
                    (Into::Class(id), _) => Place::Class(id),
                    // Its own folders are classes.
                    (Into::Folders, _) if file.is_zip() => Place::Anywhere,
                    (Into::Folders, Some(folder)) => Place::Named(folder.clone()),
                    (Into::Folders, None) => target.map_or(Place::Anywhere, Place::Class),
                };
                s.queue.push(file, place);
            }
        });
        self.show();
        self.pump();
    }

    /// Adds a sample set, drawn by the engine.
    pub fn add_rendered(self, order: Order) {
        let alone = !self.active.get_untracked() && self.data.with_untracked(|d| d.pictures.is_empty());
        if self.data.refuses() {
            return;
        }
        self.begin();
        self.state.update_value(|s| {
            s.order = alone.then(|| order.clone());
            s.queue.push_order(order);
        });
        self.show();
        self.pump();
    }

    /// Adds what was dropped, walking through folders.
    pub fn add_dropped(self, dropped: Dropped, into: Into) {
        self.begin();
        self.state.update_value(|s| s.walking += 1);
        let run = self.state.with_value(|s| s.run);
        leptos::task::spawn_local(async move {
            let current = move || self.state.with_value(|s| s.run == run);
            dropped
                .walk(|files| {
                    if current() {
                        self.add(files, into)
                    }
                })
                .await;
            if current() {
                self.state.update_value(|s| s.walking -= 1);
                self.pump();
            }
        });
    }

    /// Adds one camera frame, quietly. Frames of one recording share `burst`.
    pub fn add_frame(self, name: String, blob: files::Blob, class: ClassId, burst: u32) {
        if self.data.refuses() {
            return;
        }
        self.begin();
        self.state.update_value(|s| s.order = None);
        self.state.update_value(|s| s.queue.push_frame(Incoming { name, folder: None, blob }, class, burst));
        self.pump();
    }

    /// Pictures that have not been dealt with.
    pub fn waiting(self) -> usize {
        self.state.with_value(|s| s.queue.remaining() + s.running.as_ref().map_or(0, |r| r.batch.remaining()))
    }

    /// Stops at once. What has arrived stays.
    pub fn cancel(self) {
        if !self.active.get_untracked() {
            return;
        }
        let work = self.state.try_update_value(|s| {
            let running = s.running.take();
            let unfinished = running.as_ref().map_or(0, |r| r.batch.remaining());
            s.summary.cancelled = s.queue.remaining() + unfinished;
            s.order = None;
            s.queue = Queue::default();
            s.walking = 0;
            running.map(|r| r.work)
        });
        if let Some(work) = work.flatten() {
            work.cancel();
        }
        self.finish();
    }

    pub fn dismiss_summary(self) {
        self.summary.set(None);
    }

    fn begin(self) {
        if self.active.get_untracked() {
            return;
        }
        self.state.update_value(|s| {
            s.summary = Summary::default();
            s.started = None;
            s.since = None;
            s.order = None;
            s.queue = Queue::default();
            s.walking = 0;
            s.run += 1;
        });
        self.active.set(true);
    }

    /// Gives the engine its next batch, or ends the run.
    fn pump(self) {
        let next = self.state.try_update_value(|s| if s.running.is_some() { None } else { s.queue.next() }).flatten();
        if let Some(batch) = next {
            return self.submit(batch);
        }
        let over = self.state.with_value(|s| s.running.is_none() && s.walking == 0 && s.queue.is_empty());
        if over && self.active.get_untracked() {
            self.finish();
        }
    }

    fn submit(self, batch: Batch) {
        let started = clock::now();
        self.state.update_value(|s| {
            s.started.get_or_insert(started);
        });
        let run = self.state.with_value(|s| s.run);
        let listener = move |event| {
            if self.state.with_value(|s| s.run == run) {
                self.hear(event)
            }
        };
        let work = Work::start(self.engine, &batch, listener);
        self.state.update_value(|s| s.running = Some(Running { work, batch }));
    }

    fn hear(self, event: Event) {
        match event {
            Event::Progress(Reply::Images(images::Reply::Contents { pictures }), _) => {
                self.state.update_value(|s| {
                    if let Some(running) = &mut s.running {
                        s.queue.given += running.batch.contents(pictures);
                    }
                });
            }
            Event::Progress(Reply::Images(images::Reply::Item(item)), payload) => return self.arrive(item, payload),
            Event::Progress(..) => {}
            Event::Done(..) | Event::Cancelled => {
                self.state.update_value(|s| s.running = None);
                self.pump();
            }
            Event::Failed(reason) => {
                self.state.update_value(|s| {
                    if let Some(running) = s.running.take() {
                        s.summary
                            .refused
                            .extend(running.batch.unfinished().into_iter().map(|name| (name, reason.clone())));
                    }
                });
                self.pump();
            }
            Event::Lost => {
                self.state.update_value(|s| {
                    if let Some(running) = s.running.take()
                        && let Some(culprit) = s.queue.retry(running.batch)
                    {
                        s.summary
                            .refused
                            .push((culprit, "This file stopped the image decoder; it was left out.".into()));
                    }
                });
                self.pump();
            }
        }
        self.show();
    }

    fn arrive(self, item: Item, payload: Payload) {
        let ready =
            self.state.try_update_value(|s| s.running.as_mut().map_or(Vec::new(), |r| r.work.put(item, payload)));
        for (item, payload) in ready.into_iter().flatten() {
            self.take(item, payload);
        }
    }

    fn take(self, item: Item, payload: Payload) {
        let Item { name, folder, outcome, .. } = item;
        let name = Some(clean_name(&name)).filter(|n| !n.is_empty()).unwrap_or_else(|| "a file without a name".into());
        let by = self.data.twin.get_untracked();
        self.state.update_value(|s| {
            let Some(running) = &mut s.running else { return };
            let Some((place, burst, original)) = running.batch.item_done(folder) else { return };
            match outcome {
                Outcome::Refused(reason) => s.summary.refused.push((name, reason)),
                Outcome::Accepted(picture) => match arrival(&name, &picture, by, payload, burst, original) {
                    Some(arrival) => s.arrivals.push((place, arrival, picture.note)),
                    None => s.summary.refused.push((name, "The engine's answer was incomplete.".into())),
                },
            }
            if s.flush.is_none() {
                s.flush = Some(clock::after(FLUSH_MS, move || self.flush()));
            }
        });
    }

    /// Puts what has arrived into the data.
    fn flush(self) {
        let taken = self.state.try_update_value(|s| {
            s.flush = None;
            (std::mem::take(&mut s.arrivals), std::mem::take(&mut s.summary), s.since)
        });
        let Some((arrivals, mut summary, since)) = taken else { return };
        let mut since = since;
        if !arrivals.is_empty() {
            let target = untrack(|| self.data.target());
            since = Some(self.data.stream(STEP, since, |data| {
                for (place, arrival, note) in arrivals {
                    admit(self.data, data, target, place, arrival, note, &mut summary);
                }
            }));
        }
        self.state.update_value(|s| {
            s.summary = summary;
            s.since = since;
        });
        self.show();
    }

    fn show(self) {
        if !self.active.get_untracked() {
            return;
        }
        let progress = self.state.with_value(|s| {
            let in_batch = s.running.as_ref().map_or(0, |r| r.batch.remaining());
            let left = s.queue.remaining() + in_batch;
            let elapsed = s.started.map_or(0.0, |at| clock::now() - at);
            (!s.queue.quiet).then_some(Progress {
                done: s.queue.given.saturating_sub(left),
                total: s.queue.given,
                elapsed,
            })
        });
        self.progress.set(progress);
    }

    fn finish(self) {
        self.state.update_value(|s| s.flush = None);
        self.flush();
        let (summary, quiet) = self
            .state
            .try_update_value(|s| {
                s.run += 1;
                s.running = None;
                if let Some(order) = s.order.take() {
                    self.drawn.set(Some((order, self.data.with_untracked(expected::fingerprint))));
                }
                (std::mem::take(&mut s.summary), s.queue.quiet)
            })
            .unwrap_or_default();
        self.active.set(false);
        self.progress.set(None);
        if quiet && summary.is_plain() {
            return;
        }
        if summary.is_plain() {
            self.toasts.say(summary.headline());
            self.summary.set(None);
        } else if !summary.is_empty() {
            self.summary.set(Some(summary));
        }
    }
}
