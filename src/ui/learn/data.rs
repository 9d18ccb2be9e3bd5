//! The store of classes and pictures: one value with undo, and what is derived from it.

use super::vault::{Stored, Vault};
use crate::engine::protocol::Twin;
use crate::learn::advice::{self, Advice};
use crate::learn::dataset::{Added, ClassId, Dataset, History, PictureId};
use crate::ui::pure::words;
use crate::ui::store::Store;
use crate::ui::widgets::toast::Toasts;
use crate::web::clock;
use crate::web::clock::Timeout;
use leptos::prelude::*;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// How long after an edit what nobody can reach any more is freed.
const TIDY_MS: u32 = 3000;

/// Pictures of every class, in order.
pub type Lists = HashMap<ClassId, Arc<Vec<PictureId>>>;

/// What a class is called, looks like, and how much is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassInfo {
    pub name: String,
    pub color: [u8; 3],
    pub count: usize,
}

/// A picture on its way into the data.
pub struct Arrival {
    pub digest: u64,
    pub dhash: u64,
    /// Frames of one recording share a number; 0 for everything else.
    pub burst: u32,
    pub stored: Stored,
}

/// Copies are the same data.
pub type Data = Store<DataParts>;

/// What [`Data`] holds.
pub struct DataParts {
    history: RwSignal<History, LocalStorage>,
    vault: StoredValue<Vault, LocalStorage>,
    tidying: StoredValue<Option<Timeout>, LocalStorage>,
    /// Counts the person's edits, undo and redo: not arrivals.
    revision: StoredValue<u32>,
    /// Highest number of a recording given out.
    bursts: StoredValue<u32>,
    /// The twin whose embeddings count.
    pub twin: RwSignal<Twin>,
    /// The data may be looked at but not changed: another tab has them.
    pub frozen: RwSignal<bool>,
    toasts: Toasts,
    lists: Memo<Arc<Lists>>,
    pub class_ids: Memo<Vec<ClassId>>,
    pub total: Memo<usize>,
    pub advice: Memo<Vec<(words::Weight, String)>>,
    pub undo_label: Memo<Option<String>>,
    pub redo_label: Memo<Option<String>>,
    /// The class that loose files go to.
    target: RwSignal<Option<ClassId>>,
}

impl Data {
    pub fn new(toasts: Toasts) -> Self {
        let history = RwSignal::new_local(History::default());
        let lists = Memo::new(move |_| history.with(|h| Arc::new(lists(h.now()))));
        let advice = Memo::new(move |_| {
            history.with(|h| {
                let all = advice::advise(h.now());
                all.iter().filter(|a| **a != Advice::NoPictures).map(|a| words::advice(a, h.now())).collect()
            })
        });
        Store::of(DataParts {
            history,
            vault: StoredValue::new_local(Vault::default()),
            tidying: StoredValue::new_local(None),
            revision: StoredValue::new(0),
            bursts: StoredValue::new(0),
            twin: RwSignal::new(Twin::default()),
            frozen: RwSignal::new(false),
            toasts,
            lists,
            class_ids: Memo::new(move |_| history.with(|h| h.now().classes.iter().map(|c| c.id).collect())),
            total: Memo::new(move |_| history.with(|h| h.now().pictures.len())),
            advice,
            undo_label: Memo::new(move |_| history.with(|h| h.undo_label().map(Into::into))),
            redo_label: Memo::new(move |_| history.with(|h| h.redo_label().map(Into::into))),
            target: RwSignal::new(None),
        })
    }

    /// Reads the data and follows their changes.
    pub fn with<T>(self, read: impl FnOnce(&Dataset) -> T) -> T {
        self.history.with(|h| read(h.now()))
    }

    pub fn with_untracked<T>(self, read: impl FnOnce(&Dataset) -> T) -> T {
        self.history.with_untracked(|h| read(h.now()))
    }

    /// One class, as long as there is one.
    pub fn class(self, id: ClassId) -> Memo<Option<ClassInfo>> {
        Memo::new(move |_| {
            let count = self.lists.with(|l| l.get(&id).map_or(0, |p| p.len()));
            self.with(|d| d.class(id).map(|c| ClassInfo { name: c.name.clone(), color: c.color, count }))
        })
    }

    /// Names and colours of all classes, in order.
    pub fn classes(self) -> Memo<Vec<(ClassId, String, [u8; 3])>> {
        Memo::new(move |_| self.with(|d| d.classes.iter().map(|c| (c.id, c.name.clone(), c.color)).collect()))
    }

    /// Pictures of one class.
    pub fn pictures(self, id: ClassId) -> Memo<Arc<Vec<PictureId>>> {
        Memo::new(move |_| self.lists.with(|l| l.get(&id).cloned().unwrap_or_default()))
    }

    /// Every picture's class: changes when what the head is trained on does.
    pub fn labels(self) -> Memo<Arc<Lists>> {
        self.lists
    }

    /// The bulk behind one picture.
    pub fn stored(self, id: PictureId) -> Option<Stored> {
        self.vault.with_value(|v| v.get(id).cloned())
    }

    /// A number no recording has had yet.
    pub fn next_burst(self) -> u32 {
        let next =
            self.with_untracked(|d| d.pictures.iter().map(|p| p.burst).max().unwrap_or(0)).max(self.bursts.get_value())
                + 1;
        self.bursts.set_value(next);
        next
    }

    /// Embeddings of pictures, row by row, by the twin that counts; `None` if it has not seen
    /// them all.
    pub fn embeddings(self, ids: &[PictureId]) -> Option<Vec<f32>> {
        self.embeddings_by(ids, self.twin.get_untracked())
    }

    /// Embeddings of pictures, row by row, by any twin; `None` if it has not seen them all.
    pub fn embeddings_by(self, ids: &[PictureId], twin: Twin) -> Option<Vec<f32>> {
        self.vault.with_value(|v| {
            let mut all = Vec::new();
            for id in ids {
                all.extend_from_slice(v.get(*id)?.embedding(twin)?);
            }
            Some(all)
        })
    }

    /// A twin has seen a picture.
    pub fn embedded(self, id: PictureId, by: Twin, embedding: Vec<f32>) {
        self.vault.update_value(|v| v.embedded(id, by, embedding.into()));
    }

    /// Pictures of the data that the twin that counts has not seen.
    pub fn unseen_now(self) -> Vec<PictureId> {
        let twin = self.twin.get_untracked();
        let unseen = |v: &Vault, id| v.get(id).is_some_and(|s| s.embedding(twin).is_none());
        let all = |d: &Dataset| d.pictures.iter().map(|p| p.id).collect::<Vec<_>>();
        self.vault.with_value(|v| self.with_untracked(all).into_iter().filter(|id| unseen(v, *id)).collect())
    }

    /// Pictures, undone ones too, that the twin that counts has not seen.
    pub fn unseen(self) -> Vec<PictureId> {
        self.vault.with_value(|v| v.unseen(self.twin.get_untracked()))
    }

    /// Where loose files go: the class chosen, or the first one.
    pub fn target(self) -> Option<ClassId> {
        let chosen = self.target.get();
        self.class_ids.with(|ids| chosen.filter(|c| ids.contains(c)).or_else(|| ids.first().copied()))
    }

    pub fn set_target(self, id: ClassId) {
        if self.target.get_untracked() != Some(id) {
            self.target.set(Some(id));
        }
    }

    /// The data as they are.
    pub fn snapshot(self) -> Dataset {
        self.with_untracked(Dataset::clone)
    }

    /// Other data in place of these, without a past.
    pub fn replace(self, data: Dataset, bulk: Vec<(PictureId, Stored)>) {
        self.changed();
        self.bursts.set_value(0);
        self.vault.update_value(|vault| {
            *vault = Vault::default();
            bulk.into_iter().for_each(|(id, stored)| vault.put(id, stored));
        });
        self.target.set(None);
        self.history.set(History::begin(data));
    }

    /// Pictures that are in the data or that undo or redo can bring back.
    pub fn reachable(self) -> HashSet<PictureId> {
        self.history.with_untracked(History::reachable)
    }

    /// What a twin has seen no longer counts: its file is another one.
    pub fn forget_embeddings(self, by: Twin) {
        self.vault.update_value(|v| v.forget(by));
    }

    /// Says so, if the data may not be changed.
    pub fn refuses(self) -> bool {
        let frozen = self.frozen.get_untracked();
        if frozen {
            self.toasts.say("This tab only shows the project. Take it over to change it.");
        }
        frozen
    }

    /// The person changes something, as one step of undo.
    pub fn edit<T>(self, label: &str, edit: impl FnOnce(&mut Dataset) -> T) -> T {
        if self.refuses() {
            return edit(&mut self.snapshot());
        }
        self.changed();
        let mut result = None;
        self.history.update(|h| result = Some(h.edit(label, edit)));
        result.expect("an edit is made at once")
    }

    pub fn undo(self) -> Option<String> {
        if self.refuses() {
            return None;
        }
        self.changed();
        self.history.try_update(History::undo).flatten()
    }

    pub fn redo(self) -> Option<String> {
        if self.refuses() {
            return None;
        }
        self.changed();
        self.history.try_update(History::redo).flatten()
    }

    /// Deletes a class, and offers to bring it back.
    pub fn delete_class(self, id: ClassId) {
        if self.refuses() {
            return;
        }
        let Some(name) = self.with_untracked(|d| d.class(id).map(|c| c.name.clone())) else { return };
        self.edit(&format!("delete {name}"), |d| d.delete_class(id));
        self.offer_undo(format!("Deleted {name}."));
    }

    pub fn delete_pictures(self, ids: &[PictureId]) {
        if self.refuses() {
            return;
        }
        let said = crate::ui::pure::format::count(ids.len(), "picture", "pictures");
        self.leave_out(ids, format!("Deleted {said}."));
    }

    /// Deletes pictures, saying why, and offers to bring them back.
    pub fn leave_out(self, ids: &[PictureId], said: String) {
        if ids.is_empty() || self.refuses() {
            return;
        }
        let pictures = crate::ui::pure::format::count(ids.len(), "picture", "pictures");
        self.edit(&format!("delete {pictures}"), |d| d.delete_pictures(ids));
        self.offer_undo(said);
    }

    pub fn move_pictures(self, ids: &[PictureId], to: ClassId) {
        if self.refuses() {
            return;
        }
        let Some(name) = self.with_untracked(|d| d.class(to).map(|c| c.name.clone())) else { return };
        let said = crate::ui::pure::format::count(ids.len(), "picture", "pictures");
        self.edit(&format!("move {said}"), |d| d.move_pictures(ids, to));
        self.offer_undo(format!("Moved {said} to {name}."));
    }

    /// Where an import stands, for [`Data::stream`].
    pub fn revision(self) -> u32 {
        self.revision.get_value()
    }

    /// Pictures stream in: part of the step of undo that began with the first of them,
    /// unless the person has edited since (`since` tells). Returns the revision to pass next.
    pub fn stream(self, label: &str, since: Option<u32>, apply: impl FnOnce(&mut Dataset)) -> u32 {
        let revision = self.revision();
        if self.refuses() {
            return revision;
        }
        self.history.update(|h| match since {
            Some(since) if since == revision => h.amend(apply),
            _ => h.edit(label, apply),
        });
        revision
    }

    /// Adds one picture to `data` and keeps its bulk.
    pub fn admit(self, data: &mut Dataset, class: ClassId, arrival: Arrival) -> Added {
        let added = data.add_picture(class, &arrival.stored.name, arrival.digest, arrival.dhash, arrival.burst);
        if let Added::New(id) | Added::Conflict { id, .. } = added {
            self.vault.update_value(|v| v.put(id, arrival.stored));
        }
        added
    }

    fn offer_undo(self, said: String) {
        self.toasts.offer(said, "Undo", move || {
            self.undo();
        });
    }

    fn changed(self) {
        self.revision.update_value(|r| *r += 1);
        self.toasts.withdraw_offers();
        let tidy = clock::after(TIDY_MS, move || {
            let reachable = self.history.with_untracked(History::reachable);
            self.vault.update_value(|v| v.keep(&reachable));
        });
        self.tidying.set_value(Some(tidy));
    }
}

fn lists(data: &Dataset) -> Lists {
    let mut lists: HashMap<ClassId, Vec<PictureId>> = data.classes.iter().map(|c| (c.id, Vec::new())).collect();
    for picture in data.pictures.iter() {
        lists.entry(picture.class).or_default().push(picture.id);
    }
    lists.into_iter().map(|(class, ids)| (class, Arc::new(ids))).collect()
}
