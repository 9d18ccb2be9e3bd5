//! What is brought back when the page opens, and when a project is opened.

use super::saver::{LAST, said};
use super::shelf::{Mended, Opened, ProjectId, Shelf};
use super::{Keep, Role, Saving};
use crate::learn::dataset::{Dataset, PictureId};
use crate::ui::learn::vault::Stored;
use crate::ui::pure::format::count;
use crate::web::{clock, settings, store};
use leptos::prelude::*;
use std::collections::HashSet;

/// A deleted project can be had back for this long, in milliseconds.
const GRACE_MS: f64 = 60_000.0;

impl Keep {
    /// Opens the database and the project of this tab, else the latest one.
    pub(super) async fn start(self) {
        match Shelf::open().await {
            Ok(shelf) => {
                self.inner.update_value(|i| i.shelf = Some(shelf.clone()));
                self.listen();
                match self.refresh_list().await {
                    Ok(()) => self.start_with(shelf).await,
                    Err(trouble) => self.saving.set(Saving::Off(said(&trouble))),
                }
            }
            Err(trouble) => self.saving.set(Saving::Off(said(&trouble))),
        }
        self.opening.set(None);
        if self.inner.with_value(|i| i.lock.is_none()) {
            self.claim(self.id.get_untracked()).await;
        }
        self.restored.set(true);
        // What the person has done in the first moments.
        if self.learn.data.with_untracked(|d| !d.classes.is_empty()) && !self.inner.with_value(|i| i.stored) {
            self.changed();
        }
        self.persisted.set(store::persisted().await);
    }

    async fn start_with(self, shelf: Shelf) {
        self.clear_deleted(&shelf).await;
        let wanted = settings::get_of_tab(LAST).or_else(|| settings::get(LAST)).and_then(|id| id.parse().ok());
        let list = self.list.get_untracked();
        let known = |id: &ProjectId| list.iter().any(|s| s.id == *id);
        let Some(id) = wanted.filter(known).or_else(|| list.first().map(|s| s.id)) else { return };
        // The person was faster: theirs is a project of its own.
        if self.learn.data.with_untracked(|d| !d.classes.is_empty()) || self.learn.importer.active.get_untracked() {
            self.toasts.say("Your earlier work is in the list of projects, under Share.");
            return;
        }
        if let Err(trouble) = self.bring(id).await {
            self.mended.set(Some(format!("Your last project could not be opened. {}", said(&trouble))));
        }
    }

    /// Reads a project and shows it, for writing if no other tab has it.
    ///
    /// # Errors
    /// It could not be read; then what is shown stays.
    pub(super) async fn bring(self, id: ProjectId) -> Result<(), store::Trouble> {
        let role = self.claim(id).await;
        self.read_again(id, role).await
    }

    /// Reads a project and shows it in a role this tab has already.
    ///
    /// # Errors
    /// As [`Keep::bring`].
    pub(super) async fn read_again(self, id: ProjectId, role: Role) -> Result<(), store::Trouble> {
        let Some(shelf) = self.inner.with_value(|i| i.shelf.clone()) else { return Err(store::Trouble::Forbidden) };
        self.learn.data.frozen.set(true);
        let opened = shelf.read(id, |done, total| self.opening.set(Some((done, total)))).await;
        self.opening.set(None);
        self.learn.data.frozen.set(self.role.get_untracked() != Role::Writer);
        let Some(opened) = opened? else { return Ok(()) };
        let there = shelf.pictures(id).await.unwrap_or_default();
        self.show(id, opened, there, role);
        Ok(())
    }

    fn show(self, id: ProjectId, opened: Opened, there: HashSet<PictureId>, role: Role) {
        let Opened { name, data, bulk, settings: kept, tags, brought, missing, mended } = opened;
        let total = data.pictures.len();
        let seen = bulk.iter().flat_map(|(id, stored)| stored.embeddings().iter().map(|(twin, _)| (*id, *twin)));
        let vectors = seen.collect();
        self.begin(id, name, role);
        self.inner.update_value(|i| {
            i.stored = true;
            // What no manifest names was written by a round that was cut off, or nothing can reach it any
            // more: the next round takes it away.
            i.written = there;
            i.vectors = vectors;
            i.tags = tags;
        });
        self.learn.backbones.have(brought);
        self.fill(data, bulk);
        self.reconcile();
        self.learn.importer.drawn.set(kept.drawn);
        self.learn.backbones.take_up(kept.twin);
        if !kept.recipe.is_empty() {
            self.sharing.restore(&kept.recipe);
        }
        self.saving.set(if role == Role::Writer { Saving::Saved } else { Saving::Nothing });
        settings::set_of_tab(LAST, &id.to_string());
        self.mended.set(report(missing, total, mended));
    }

    /// From here on everything is about another project, of which nothing is written yet.
    pub(super) fn begin(self, id: ProjectId, name: String, role: Role) {
        self.inner.update_value(|i| {
            i.turn += 1;
            i.stored = false;
            i.written.clear();
            i.refused.clear();
            i.vectors.clear();
            i.tags.clear();
            i.timer = None;
            i.saved = i.changes;
        });
        self.id.set(id);
        self.name.set(name);
        self.role.set(role);
        self.mended.set(None);
        self.saving.set(Saving::Nothing);
    }

    /// Shows other data. The head waits until a backbone has seen them.
    pub(super) fn fill(self, data: Dataset, bulk: Vec<(PictureId, Stored)>) {
        let learn = self.learn;
        learn.importer.cancel();
        learn.importer.dismiss_summary();
        learn.importer.drawn.set(None);
        learn.trainer.paused.set(true);
        learn.trainer.forget();
        learn.trainer.disown();
        learn.data.replace(data, bulk);
    }

    /// Projects whose time to be had back is over are cleared away.
    async fn clear_deleted(self, shelf: &Shelf) {
        let now = clock::date();
        let all = shelf.projects().await.unwrap_or_default();
        for (summary, _) in all.iter().filter(|(s, _)| s.deleted.is_some_and(|at| now - at > GRACE_MS)) {
            let _ = shelf.clear(summary.id).await;
        }
    }
}

/// What there is to say of a project that could not be read whole.
fn report(missing: usize, total: usize, mended: Option<Mended>) -> Option<String> {
    let lost = (missing > 0).then(|| format!("{} could not be read.", count(missing, "picture", "pictures")));
    let mended = mended.map(|m| match m {
        Mended::Earlier => "The last state was damaged; this is the one saved just before.".to_owned(),
        Mended::PicturesOnly => {
            "The record of this project was damaged. Its pictures are in the classes they came with.".to_owned()
        }
    });
    if lost.is_none() && mended.is_none() {
        return None;
    }
    let rest = format!("Recovered: {}.", count(total, "picture", "pictures"));
    Some(
        ["The browser\u{2019}s storage was damaged.".to_owned()]
            .into_iter()
            .chain(mended)
            .chain(lost)
            .chain([rest])
            .collect::<Vec<_>>()
            .join(" "),
    )
}
