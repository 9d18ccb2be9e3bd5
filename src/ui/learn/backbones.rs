//! Which twin looks at the pictures, and the passage from one to another: download, switch, embed anew.

use super::data::{Data, Lists};
use super::import::Importer;
use super::training::Trainer;
use crate::engine::client::{Event, Fetch, Job};
use crate::engine::protocol::backbone::Trial;
use crate::engine::protocol::images::{Item, Outcome, Reply as Answer, Request as Ask};
use crate::engine::protocol::{Payload, Reply, Request, Twin};
use crate::learn::dataset::PictureId;
use crate::ui::engine::Link;
use crate::ui::store::Store;
use crate::ui::widgets::toast::Toasts;
use crate::web::files::{self, Blob};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Pictures embedded in one request.
const BATCH: usize = 200;
/// How often embedding may be lost to a crash before the old twin comes back.
const MAX_LOST: u32 = 3;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Passage {
    Over,
    /// The share downloaded, where known.
    Loading(Option<f32>),
    /// Pictures the new twin has seen, and how many there are.
    Embedding {
        done: usize,
        total: usize,
    },
}

/// A backbone that was made of somebody's model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Brought {
    /// Name of the file it was made of.
    pub name: String,
    /// The tensor that is its embedding.
    pub tensor: String,
    pub trial: Trial,
}

/// Copies are the same choice.
pub type Backbones = Store<BackbonesParts>;

/// What [`Backbones`] holds.
pub struct BackbonesParts {
    engine: Link,
    data: Data,
    trainer: Trainer,
    toasts: Toasts,
    /// What the person asked for.
    pub chosen: RwSignal<Twin>,
    pub passage: RwSignal<Passage>,
    /// The last twin that had seen every picture: where cancelling leads back to.
    settled: StoredValue<Twin>,
    /// Fetched, and waiting for pictures that still come in by the old twin.
    fetched: RwSignal<Option<Twin>>,
    /// Held-out accuracy by twin, and the pictures it was measured on.
    measured: RwSignal<Vec<(Twin, f32, Arc<Lists>)>>,
    /// The backbone that was brought.
    pub brought: RwSignal<Option<Arc<Brought>>>,
    file: StoredValue<Option<Blob>, LocalStorage>,
    job: StoredValue<Option<Job>, LocalStorage>,
    lost: StoredValue<u32>,
}

impl Backbones {
    pub fn new(engine: Link, data: Data, importer: Importer, trainer: Trainer, toasts: Toasts) -> Self {
        let backbones = Store::of(BackbonesParts {
            engine,
            data,
            trainer,
            toasts,
            chosen: RwSignal::new(Twin::default()),
            passage: RwSignal::new(Passage::Over),
            settled: StoredValue::new(Twin::default()),
            fetched: RwSignal::new(None),
            measured: RwSignal::new(Vec::new()),
            brought: RwSignal::new(None),
            file: StoredValue::new_local(None),
            job: StoredValue::new_local(None),
            lost: StoredValue::new(0),
        });
        Effect::new(move |_| {
            if let (Some(twin), false) = (backbones.fetched.get(), importer.active.get()) {
                backbones.fetched.set(None);
                backbones.go_over(twin);
            }
        });
        Effect::new(move |_| {
            let accuracy = trainer.trained.with(|t| t.as_ref().and_then(|t| t.report.accuracy));
            if let Some(accuracy) = accuracy {
                let (twin, pictures) = (data.twin.get_untracked(), data.labels().get_untracked());
                backbones.measured.update(|all| {
                    all.retain(|(by, ..)| *by != twin);
                    all.push((twin, accuracy.value, pictures));
                });
            }
        });
        backbones
    }

    /// A twin's held-out accuracy, 0..1, if it was measured on the pictures as they are now.
    pub fn accuracy(self, twin: Twin) -> Option<f32> {
        let now = self.data.labels().get();
        let same = |pictures: &Arc<Lists>| Arc::ptr_eq(pictures, &now);
        self.measured
            .with(|all| all.iter().find(|(by, _, on)| *by == twin && same(on)).map(|(_, accuracy, _)| *accuracy))
    }

    /// Pictures are being looked at anew.
    pub fn busy(self) -> bool {
        self.passage.get() != Passage::Over
    }

    /// Goes over to another twin. The old one stays until the new one has been downloaded.
    pub fn choose(self, twin: Twin) {
        if self.chosen.get_untracked() == twin {
            return;
        }
        self.stop();
        self.lost.set_value(0);
        self.chosen.set(twin);
        self.passage.set(Passage::Loading(None));
        self.fetched.set(None);
        self.engine.fetch(twin, move |news| match news {
            Fetch::Loading(received, total) => {
                self.passage.set(Passage::Loading(total.map(|t| (received as f32 / t.max(1) as f32).min(1.0))));
            }
            Fetch::Here => self.fetched.set(Some(twin)),
            Fetch::Failed(reason) => {
                self.chosen.set(self.data.twin.get_untracked());
                self.passage.set(Passage::Over);
                self.toasts.say(reason);
                self.embed();
            }
        });
    }

    /// A backbone that was brought looks at the pictures from now on.
    pub fn bring(self, brought: Brought, file: Vec<u8>) {
        let before = self.data.twin.get_untracked();
        if before == Twin::Brought || self.chosen.get_untracked() == Twin::Brought {
            // Another one was brought before: back to the start, so that this is a change like any other.
            self.stop();
            self.fetched.set(None);
            self.passage.set(Passage::Over);
            self.trainer.paused.set(true);
            self.trainer.forget();
            self.data.twin.set(Twin::default());
            self.chosen.set(Twin::default());
            self.settled.set_value(Twin::default());
        }
        self.have(Some((brought, file)));
        self.choose(Twin::Brought);
    }

    /// There is another backbone that was brought, or none; it is not put to work.
    pub fn have(self, brought: Option<(Brought, Vec<u8>)>) {
        self.data.forget_embeddings(Twin::Brought);
        self.measured.update(|all| all.retain(|(by, ..)| *by != Twin::Brought));
        let (about, file) = brought.unzip();
        self.file.set_value(file.as_ref().map(|bytes| files::blob(bytes, "application/octet-stream")));
        self.engine.bring(file);
        self.brought.set(about.map(Arc::new));
    }

    /// The file of the backbone that was brought.
    pub fn brought_file(self) -> Option<Blob> {
        self.file.get_value()
    }

    /// Other data came, which this twin looks at; what it has not seen yet it sees first.
    pub fn take_up(self, twin: Twin) {
        let gone = twin == Twin::Brought && self.brought.with_untracked(Option::is_none);
        if gone {
            self.toasts.say("The backbone this was made with is not here: the site\u{2019}s own takes its place. Bring its file again to go on with it.");
        }
        let twin = if gone { Twin::default() } else { twin };
        self.stop();
        self.lost.set_value(0);
        self.fetched.set(None);
        self.passage.set(Passage::Over);
        self.chosen.set(self.data.twin.get_untracked());
        self.settled.set_value(twin);
        if self.data.twin.get_untracked() == twin { self.embed() } else { self.choose(twin) }
    }

    /// Embeds what has no embedding any more, if that is not being done.
    pub fn catch_up(self) {
        if self.passage.get_untracked() == Passage::Over && !self.data.unseen().is_empty() {
            self.trainer.paused.set(true);
            self.trainer.forget();
            self.embed();
        }
    }

    fn go_over(self, twin: Twin) {
        if self.data.twin.get_untracked() != twin {
            self.trainer.paused.set(true);
            self.trainer.forget();
            self.data.twin.set(twin);
            self.engine.run(twin);
        }
        self.embed();
    }

    /// Goes back to the twin there was.
    pub fn cancel(self) {
        self.choose(self.settled.get_value());
    }

    fn stop(self) {
        if let Some(job) = self.job.try_update_value(Option::take).flatten() {
            job.cancel();
        }
    }

    /// Embeds what the twin has not seen, a batch at a time, until there is nothing left.
    fn embed(self) {
        let unseen = self.data.unseen();
        if unseen.is_empty() {
            self.settled.set_value(self.data.twin.get_untracked());
            self.passage.set(Passage::Over);
            self.trainer.paused.set(false);
            return;
        }
        let (done, total) = match self.passage.get_untracked() {
            Passage::Embedding { done, total } => (done, total.max(done + unseen.len())),
            _ => (0, unseen.len()),
        };
        self.passage.set(Passage::Embedding { done, total });
        let batch: Vec<_> =
            unseen.iter().take(BATCH).filter_map(|id| self.data.stored(*id).map(|s| (*id, s))).collect();
        let ids: Vec<PictureId> = batch.iter().map(|(id, _)| *id).collect();
        let names = batch.iter().map(|(_, s)| s.name.to_string()).collect();
        let blobs = batch.into_iter().map(|(_, s)| s.original).collect();
        let request = Request::Images(Ask::Import { names });
        let job = self.engine.submit(request, Payload::default(), blobs, move |event| self.hear(event, &ids));
        self.job.set_value(Some(job));
    }

    fn hear(self, event: Event, ids: &[PictureId]) {
        match event {
            Event::Progress(Reply::Images(Answer::Item(item)), payload) => self.take(item, payload, ids),
            Event::Done(..) => {
                self.job.set_value(None);
                self.embed();
            }
            Event::Lost => {
                self.lost.update_value(|n| *n += 1);
                if self.lost.get_value() < MAX_LOST { self.embed() } else { self.give_up("it stopped the engine") }
            }
            Event::Failed(reason) => self.give_up(&reason),
            Event::Progress(..) | Event::Cancelled => {}
        }
    }

    fn take(self, item: Item, payload: Payload, ids: &[PictureId]) {
        match (item.outcome, ids.get(item.index)) {
            (Outcome::Accepted(_), Some(id)) => {
                self.data.embedded(*id, self.data.twin.get_untracked(), payload.floats);
                self.passage.update(|passage| {
                    if let Passage::Embedding { done, .. } = passage {
                        *done += 1;
                    }
                });
            }
            (Outcome::Refused(reason), _) => self.give_up(&reason),
            _ => {}
        }
    }

    fn give_up(self, reason: &str) {
        self.toasts.say(format!("This backbone could not be used: {reason} The one before is back."));
        self.cancel();
    }
}
