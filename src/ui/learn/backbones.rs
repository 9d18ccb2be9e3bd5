//! Which twin looks at the pictures, and the passage from one to another: download, switch, embed anew. What came in
//! without embeddings is seen here too.

use super::data::{Data, Lists};
use super::embedding::{self, WORTH};
use super::import::Importer;
use super::training::Trainer;
use crate::engine::client::pool::{News, Run};
use crate::engine::client::{Engine, Fetch};
use crate::engine::protocol::backbone::Trial;
use crate::engine::protocol::{Payload, Reply, Twin};
use crate::learn::dataset::PictureId;
use crate::ui::engine::Link;
use crate::ui::pure::format::count;
use crate::ui::store::Store;
use crate::ui::widgets::toast::Toasts;
use crate::web::files::{self, Blob};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Passage {
    Over,
    /// The share downloaded, where known.
    Loading(Option<f32>),
    /// Pictures the twin has seen, and how many there are.
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
    run: StoredValue<Option<Run>, LocalStorage>,
    /// Pictures seen in this passage.
    seen: StoredValue<usize>,
    /// Those whose files cannot be read any more.
    unreadable: StoredValue<Vec<PictureId>>,
    /// What was seen must be seen anew, because another file has taken the place of the one that did.
    renewed: StoredValue<bool>,
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
            run: StoredValue::new_local(None),
            seen: StoredValue::new(0),
            unreadable: StoredValue::new(Vec::new()),
            renewed: StoredValue::new(false),
        });
        Effect::new(move |_| {
            if let (Some(twin), false) = (backbones.fetched.get(), importer.active.get()) {
                backbones.fetched.set(None);
                backbones.go_over(twin);
            }
        });
        let pictures = data.labels();
        Effect::new(move |_| {
            pictures.track();
            if !importer.active.get() {
                backbones.catch_up();
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

    /// They are being looked at by another twin than before.
    fn changing(self) -> bool {
        let chosen = self.chosen.get();
        chosen != self.settled.get_value() || chosen != self.data.twin.get()
    }

    /// Pictures seen and all there are, while the twin there was looks at those that are new.
    pub fn looking(self) -> Option<(usize, usize)> {
        match self.passage.get() {
            Passage::Embedding { done, total } if !self.changing() => Some((done, total)),
            _ => None,
        }
    }

    /// Goes over to another twin. The old one stays until the new one has been downloaded.
    pub fn choose(self, twin: Twin) {
        if self.chosen.get_untracked() == twin {
            return;
        }
        self.stop();
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

    /// A newer file is behind this name now: what the one before saw does not count.
    pub fn renew(self, twin: Twin) {
        self.data.forget_embeddings(twin);
        self.measured.update(|all| all.retain(|(by, ..)| *by != twin));
        if twin == self.data.twin.get_untracked() {
            self.trainer.forget();
            self.renewed.set_value(true);
        }
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
        self.fetched.set(None);
        self.passage.set(Passage::Over);
        self.chosen.set(self.data.twin.get_untracked());
        self.settled.set_value(twin);
        if self.data.twin.get_untracked() == twin { self.embed() } else { self.choose(twin) }
    }

    /// Embeds what has no embedding yet, or none any more, if that is not being done.
    pub fn catch_up(self) {
        if self.passage.get_untracked() == Passage::Over && !self.data.unseen_now().is_empty() {
            self.trainer.paused.set(true);
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

    /// Goes back to the twin there was; if there is no other, to the pictures it has seen, or to waiting.
    pub fn cancel(self) {
        if untrack(|| self.changing()) {
            return self.choose(self.settled.get_value());
        }
        self.stop();
        if self.renewed.get_value() {
            // Nobody added these just now, so nobody means to leave them out.
            self.passage.set(Passage::Over);
            let said = "The pictures wait until the newer backbone has seen them.";
            return self.toasts.offer(said, "Go on", move || self.catch_up());
        }
        let unseen = self.data.unseen_now();
        let said =
            format!("Left out {} that the backbone had not seen yet.", count(unseen.len(), "picture", "pictures"));
        self.data.leave_out(&unseen, said);
        self.settle();
    }

    fn stop(self) {
        self.run.set_value(None);
        self.unreadable.set_value(Vec::new());
    }

    fn settle(self) {
        self.settled.set_value(self.data.twin.get_untracked());
        self.renewed.set_value(false);
        self.passage.set(Passage::Over);
        self.trainer.paused.set(false);
    }

    /// Embeds what the twin has not seen, until there is nothing left.
    fn embed(self) {
        let unreadable = self.unreadable.get_value();
        let mut unseen = self.data.unseen();
        unseen.retain(|id| !unreadable.contains(id));
        if unseen.is_empty() {
            self.stop();
            if !unreadable.is_empty() {
                let said = count(unreadable.len(), "picture", "pictures");
                self.data.leave_out(
                    &unreadable,
                    format!("Left out {said}: the file was moved or changed since it was added."),
                );
            }
            return self.settle();
        }
        let done = match self.passage.get_untracked() {
            Passage::Embedding { .. } => self.seen.get_value(),
            _ => 0,
        };
        self.seen.set_value(done);
        self.passage.set(Passage::Embedding { done, total: done + unseen.len() });
        // A few are done before another engine has started.
        let engines = if unseen.len() < WORTH { 1 } else { Engine::most_workers_awaited() };
        let run = self.engine.run_all(embedding::tasks(self.data, &unseen), engines, move |news| self.hear(news));
        self.run.set_value(Some(run));
    }

    fn hear(self, news: News) {
        match news {
            News::Progress(reply, payload) => self.take(reply, payload),
            News::Done => self.embed(),
            News::Failed(reason) => self.give_up(&reason),
        }
    }

    fn take(self, reply: Reply, payload: Payload) {
        let twin = self.data.twin.get_untracked();
        match embedding::seen(reply, payload) {
            // A task that was given out twice tells twice.
            Some((id, Ok(_))) if self.data.stored(id).is_none_or(|s| s.embedding(twin).is_some()) => {}
            Some((id, Ok(embedding))) => {
                self.data.embedded(id, twin, embedding);
                self.count();
            }
            // Going back is better than losing a picture, where there is something to go back to.
            Some((_, Err(reason))) if untrack(|| self.changing()) => self.give_up(&reason),
            Some((id, Err(_))) => self.unreadable.update_value(|all| all.push(id)),
            None => {}
        }
    }

    /// One more was seen. That is told a hundred times on the way, because every time is a repaint.
    fn count(self) {
        let seen = self.seen.try_update_value(|seen| {
            *seen += 1;
            *seen
        });
        let (Some(seen), Passage::Embedding { total, .. }) = (seen, self.passage.get_untracked()) else { return };
        if seen % total.div_ceil(100) == 0 {
            self.passage.set(Passage::Embedding { done: seen, total });
        }
    }

    fn give_up(self, reason: &str) {
        if untrack(|| self.changing()) {
            self.toasts.say(format!("This backbone could not be used: {reason} The one before is back."));
            return self.cancel();
        }
        // There is nothing to go back to, and nobody asked to leave pictures out: they wait.
        self.stop();
        self.passage.set(Passage::Over);
        self.toasts.offer(reason, "Try again", move || self.catch_up());
    }
}
