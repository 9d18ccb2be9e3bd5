//! When something is written. Edits are gathered for a moment, then written in rounds, each of
//! them whole: what was edited meanwhile is the next round's.

use super::shelf::{Save, Settings, Summary};
use super::{Keep, Role, Saving};
use crate::learn::dataset::{Dataset, Entry, PictureId};
use crate::web::store::Trouble;
use crate::web::{clock, settings};
use leptos::prelude::*;

/// An edit is written this long after it; what follows meanwhile goes with it.
const GATHER_MS: u32 = 300;
/// After a failure it is tried again by itself.
const AGAIN_MS: u32 = 5000;
/// Most of one round: pictures, bytes of their files, embeddings.
const PICTURES: usize = 64;
const BYTES: f64 = 16e6;
const VECTORS: usize = 2000;
/// Thumbnails in the list of projects.
const THUMBS: usize = 4;
/// Where the last project's number is kept: of this tab, else of this browser.
pub const LAST: &str = "fieldtest.project";

impl Keep {
    /// Something is to be saved.
    pub(super) fn changed(self) {
        if !self.restored.get_untracked() || self.role.get_untracked() != Role::Writer {
            return;
        }
        if matches!(self.saving.get_untracked(), Saving::Off(_)) {
            return;
        }
        self.inner.update_value(|i| i.changes += 1);
        let started = self.inner.with_value(|i| i.stored) || !self.is_blank();
        if !started {
            return;
        }
        if !matches!(self.saving.get_untracked(), Saving::Full | Saving::Failed(_)) {
            self.saving.set(Saving::Busy);
        }
        self.save_in(GATHER_MS);
    }

    /// Nobody has begun anything.
    fn is_blank(self) -> bool {
        self.learn.data.with_untracked(|d| d.classes.is_empty() && d.pictures.is_empty())
    }

    /// Saves in a while, unless that is arranged already.
    fn save_in(self, ms: u32) {
        if self.inner.with_value(|i| i.timer.is_some() || i.running) {
            return;
        }
        let timer = clock::after(ms, move || self.save_now());
        self.inner.update_value(|i| i.timer = Some(timer));
    }

    /// Saves what there is to save, at once.
    pub fn save_now(self) {
        self.inner.update_value(|i| i.timer = None);
        let due = self.inner.with_value(|i| i.changes != i.saved && i.shelf.is_some() && !i.running);
        if due && self.restored.get_untracked() && self.role.get_untracked() == Role::Writer {
            self.inner.update_value(|i| i.running = true);
            leptos::task::spawn_local(async move {
                self.save_all().await;
                self.inner.update_value(|i| i.running = false);
                if matches!(self.saving.get_untracked(), Saving::Full | Saving::Failed(_)) {
                    self.save_in(AGAIN_MS);
                }
            });
        }
    }

    /// Saves everything; `false` if it cannot be.
    pub async fn flush(self) -> bool {
        // A round that is under way is waited for.
        while self.inner.with_value(|i| i.running) {
            clock::pause(20).await;
        }
        let due = self.inner.with_value(|i| i.changes != i.saved && (i.stored || !self.is_blank()));
        if !due || self.role.get_untracked() != Role::Writer {
            return true;
        }
        self.inner.update_value(|i| {
            i.timer = None;
            i.running = true;
        });
        self.save_all().await;
        self.inner.update_value(|i| i.running = false);
        self.saving.get_untracked() == Saving::Saved
    }

    async fn save_all(self) {
        let turn = self.inner.with_value(|i| i.turn);
        loop {
            let changes = self.inner.with_value(|i| i.changes);
            let outcome = self.round(PICTURES).await;
            if self.inner.with_value(|i| i.turn) != turn {
                return;
            }
            match outcome {
                Ok(false) => {}
                Ok(true) => {
                    self.inner.update_value(|i| i.saved = changes);
                    if self.inner.with_value(|i| i.changes) == changes {
                        let refused = self.inner.with_value(|i| i.refused.len());
                        self.saving.set(if refused == 0 { Saving::Saved } else { Saving::Failed(unreadable(refused)) });
                        return;
                    }
                }
                Err(Trouble::Full) => return self.saving.set(Saving::Full),
                Err(trouble) => {
                    // One file that was moved or changed must not keep the others from being saved.
                    if self.one_by_one().await {
                        continue;
                    }
                    return self.saving.set(Saving::Failed(said(&trouble)));
                }
            }
        }
    }

    /// Writes a picture at a time, and leaves out those that cannot be. `false` if nothing can.
    async fn one_by_one(self) -> bool {
        let mut any = false;
        for _ in 0..PICTURES {
            let Some(next) = self.unwritten(1).first().map(|e| e.id) else { return any };
            match self.round(1).await {
                Ok(_) => any = true,
                Err(Trouble::Full) => return any,
                Err(_) if self.round(0).await.is_ok() => {
                    any = true;
                    self.inner.update_value(|i| i.refused.extend([next]));
                }
                Err(_) => return false,
            }
        }
        any
    }

    /// Pictures that are to be written, at most `most`.
    fn unwritten(self, most: usize) -> Vec<Entry> {
        let data = self.learn.data.snapshot();
        self.inner.with_value(|i| {
            let new = |p: &&Entry| !i.written.contains(&p.id) && !i.refused.contains(&p.id);
            let new = |p: &&Entry| new(p) && self.learn.data.stored(p.id).is_some();
            data.pictures.iter().filter(new).take(most).cloned().collect()
        })
    }

    /// One round: a whole state of the data, with at most `most` pictures that are new. Tells whether
    /// everything is written now.
    async fn round(self, most: usize) -> Result<bool, Trouble> {
        let Some(shelf) = self.inner.with_value(|i| i.shelf.clone()) else { return Err(Trouble::Forbidden) };
        let data = self.learn.data.snapshot();
        let (turn, id) = (self.inner.with_value(|i| i.turn), self.id.get_untracked());
        let entries = self.unwritten(most + 1);
        let mut bytes = 0.0;
        let mut pictures = Vec::new();
        for entry in entries.iter().take(most) {
            let Some(stored) = self.learn.data.stored(entry.id) else { continue };
            bytes += stored.original.size();
            if bytes > BYTES && !pictures.is_empty() {
                break;
            }
            pictures.push((entry, stored));
        }
        let (vectors, tags, written, gone) = self.inner.with_value(|i| {
            let there = |p: PictureId| i.written.contains(&p) || pictures.iter().any(|(e, _)| e.id == p);
            let mut vectors = Vec::new();
            for entry in data.pictures.iter().filter(|e| there(e.id)) {
                let Some(stored) = self.learn.data.stored(entry.id) else { continue };
                let new = stored.embeddings().iter().filter(|(twin, _)| !i.vectors.contains(&(entry.id, *twin)));
                vectors.extend(new.map(|(twin, vector)| (entry.id, *twin, vector.clone())));
                if vectors.len() >= VECTORS {
                    break;
                }
            }
            let reachable = self.learn.data.reachable();
            let gone = i.written.iter().copied().filter(|p| !reachable.contains(p)).collect::<Vec<_>>();
            (vectors, i.tags.clone(), i.written.clone(), gone)
        });
        let complete = pictures.len() == entries.len() && vectors.len() < VECTORS;
        let summary = Summary {
            id,
            name: self.name.get_untracked(),
            pictures: data.pictures.len(),
            classes: data.classes.len(),
            changed: clock::date(),
            deleted: None,
        };
        let settings = Settings {
            twin: self.learn.data.twin.get_untracked(),
            recipe: untrack(|| self.sharing.snapshot()),
            drawn: self.learn.importer.drawn.get_untracked(),
        };
        let thumbs = self.thumbs(&data);
        let save = Save { summary, data: &data, settings, tags: &tags, thumbs, pictures, vectors, gone };
        shelf.save(&save, &written).await?;
        if self.inner.with_value(|i| i.turn) != turn {
            return Ok(true);
        }
        self.inner.update_value(|i| {
            i.stored = true;
            i.written.extend(save.pictures.iter().map(|(entry, _)| entry.id));
            i.vectors.extend(save.vectors.iter().map(|(picture, twin, _)| (*picture, *twin)));
            for picture in &save.gone {
                i.written.remove(picture);
                i.vectors.retain(|(p, _)| p != picture);
            }
            i.thumbs.insert(id, save.thumbs.clone());
        });
        settings::set(LAST, Some(&id.to_string()));
        settings::set_of_tab(LAST, &id.to_string());
        self.list_has(save.summary);
        Ok(complete)
    }

    /// The first picture of each of the first classes.
    fn thumbs(self, data: &Dataset) -> Vec<crate::web::files::Blob> {
        let first = data.classes.iter().filter_map(|c| data.of_class(c.id).next());
        first.filter_map(|p| self.learn.data.stored(p.id)).map(|s| s.thumb).take(THUMBS).collect()
    }
}

fn unreadable(count: usize) -> String {
    let said = crate::ui::pure::format::count(count, "picture", "pictures");
    format!(
        "{said} could not be saved: the file was moved or changed since it was added. Save a project file, or add it again."
    )
}

/// Why nothing is kept, as a sentence.
pub(super) fn said(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Forbidden => {
            "This browser does not let the page keep anything, as in some private windows. Save a project file before you leave.".into()
        }
        Trouble::Full => "The browser has no room left for this page.".into(),
        Trouble::Newer => {
            "A newer version of this page has kept work here; it was left untouched. Reload the page to get that version. Save a project file before you leave.".into()
        }
        Trouble::Broken(why) if why.is_empty() => "The browser could not write it down.".into(),
        Trouble::Broken(why) => format!("The browser could not write it down: {why}."),
    }
}
