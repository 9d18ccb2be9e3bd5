//! Several projects: a list, and the ways from one to another.

use super::shelf::{ProjectId, Summary};
use super::{Keep, Role, Saving, saver::said};
use crate::engine::protocol::Twin;
use crate::learn::dataset::{Dataset, PictureId};
use crate::ui::learn::vault::Stored;
use crate::web::{clock, store};
use leptos::prelude::*;
use std::sync::Arc;

/// A number no project has: two tabs may make one at the same time, so it is drawn at random.
pub fn new_id() -> ProjectId {
    // A third of 2^31 projects would have to exist before this took three tries.
    1 + (clock::random() * f64::from(i32::MAX - 1)) as ProjectId
}

impl Keep {
    /// Those that can be opened, the latest first.
    pub fn shown(self) -> Vec<ProjectId> {
        self.list.with(|list| list.iter().filter(|s| s.deleted.is_none()).map(|s| s.id).collect())
    }

    /// Thumbnails of a project.
    pub fn thumbs_of(self, id: ProjectId) -> Vec<crate::web::files::Blob> {
        self.inner.with_value(|i| i.thumbs.get(&id).cloned().unwrap_or_default())
    }

    pub(super) async fn refresh_list(self) -> Result<(), store::Trouble> {
        let Some(shelf) = self.inner.with_value(|i| i.shelf.clone()) else { return Err(store::Trouble::Forbidden) };
        let all = shelf.projects().await?;
        let list = all.iter().map(|(summary, _)| summary.clone()).collect();
        self.inner.update_value(|i| i.thumbs = all.into_iter().map(|(s, thumbs)| (s.id, thumbs)).collect());
        self.list.set(Arc::new(list));
        Ok(())
    }

    /// A line of the list is new or has changed.
    pub(super) fn list_has(self, summary: Summary) {
        self.list.update(|list| {
            let list = Arc::make_mut(list);
            list.retain(|s| s.id != summary.id);
            list.insert(0, summary);
        });
    }

    /// Saves the present project and shows an empty one. `false`: the present one could not be saved;
    /// then nothing changes.
    pub async fn begin_new(self, name: &str) -> bool {
        let twin = self.learn.data.twin.get_untracked();
        self.adopt(name.to_owned(), Dataset::default(), Vec::new(), twin).await
    }

    /// Saves the present project and shows another one that is not in the database yet, looked at by
    /// `twin`. `false`: as [`Keep::begin_new`].
    pub async fn adopt(self, name: String, data: Dataset, bulk: Vec<(PictureId, Stored)>, twin: Twin) -> bool {
        if !self.leave().await {
            return false;
        }
        let id = new_id();
        let role = self.claim(id).await;
        self.begin(id, name, role);
        self.fill(data, bulk);
        self.reconcile();
        self.learn.backbones.take_up(twin);
        self.changed();
        true
    }

    /// A name no project has.
    pub fn free_name(self) -> String {
        let taken =
            |name: &String| self.list.with_untracked(|l| l.iter().any(|s| s.name == *name && s.deleted.is_none()));
        let numbered = (2..).map(|n| format!("My project {n}"));
        std::iter::once("My project".to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
    }

    /// Opens another project.
    pub fn open(self, id: ProjectId) {
        leptos::task::spawn_local(async move {
            if id == self.id.get_untracked() || !self.leave().await {
                return;
            }
            if let Err(trouble) = self.bring(id).await {
                self.toasts.say(format!("The project could not be opened. {}", said(&trouble)));
                self.claim(self.id.get_untracked()).await;
            }
        });
    }

    /// Nothing of the present project may be lost by leaving it. `false`: it would be.
    pub(super) async fn leave(self) -> bool {
        self.learn.importer.cancel();
        let empty = self.learn.data.with_untracked(|d| d.pictures.is_empty());
        if self.role.get_untracked() == Role::Writer && !self.flush().await && !empty {
            self.toasts.say("This project is not saved yet, so it stays open. Save a project file first.");
            return false;
        }
        self.inner.update_value(|i| i.lock = None);
        true
    }

    /// Gives the present project another name.
    pub fn rename(self, name: &str) {
        let name = crate::learn::dataset::clean_name(name);
        if !name.is_empty() && !self.learn.data.refuses() {
            self.name.set(name);
        }
    }

    /// Deletes a project, and offers to bring it back.
    pub fn delete(self, id: ProjectId) {
        leptos::task::spawn_local(async move {
            let current = id == self.id.get_untracked();
            if current && (self.learn.data.refuses() || !self.begin_new(&self.free_name()).await) {
                return;
            }
            let Some(summary) = self.list.get_untracked().iter().find(|s| s.id == id).cloned() else { return };
            let gone = Summary { deleted: Some(clock::date()), ..summary.clone() };
            if !self.write_line(gone).await {
                return;
            }
            self.toasts.offer(format!("Deleted {}.", summary.name), "Undo", move || {
                let back = Summary { deleted: None, ..summary.clone() };
                leptos::task::spawn_local(async move {
                    self.write_line(back).await;
                });
            });
        });
    }

    async fn write_line(self, summary: Summary) -> bool {
        let Some(shelf) = self.inner.with_value(|i| i.shelf.clone()) else { return false };
        match shelf.retitle(&summary, self.thumbs_of(summary.id)).await {
            Ok(()) => {
                self.list_has(summary);
                true
            }
            Err(trouble) => {
                self.toasts.say(said(&trouble));
                false
            }
        }
    }

    /// Asks the browser not to clear what is kept.
    pub fn ask_to_persist(self) {
        leptos::task::spawn_local(async move {
            let granted = store::persist().await;
            self.persisted.set(granted);
            self.toasts.say(match granted {
                Some(true) => "The browser keeps your work until you clear it yourself.",
                _ => "The browser did not agree. Your work stays as long as there is room; a project file is the safe copy.",
            });
        });
    }

    /// There is something in this browser worth keeping.
    pub fn has_saved(self) -> bool {
        self.saving.get() == Saving::Saved
    }
}
