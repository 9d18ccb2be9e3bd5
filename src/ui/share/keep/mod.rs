//! Work that survives: every edit is written to the browser's database within moments.
//!
//! * `shelf`: what the database holds and how it is read and written.
//! * `saver`: when something is written, and what if it cannot be.
//! * `restore`: what is brought back, and from where.
//! * `projects`: several projects; `tabs`: one writer.
//! * `banner`, `card`, `mark`: what is seen of it.

pub mod banner;
pub mod card;
pub mod mark;
mod projects;
mod restore;
mod saver;
pub mod shelf;
mod tabs;

use crate::engine::client::Status;
use crate::engine::protocol::Twin;
use crate::learn::dataset::PictureId;
use crate::ui::engine::Link;
use crate::ui::learn::Learn;
use crate::ui::share::state::Sharing;
use crate::ui::store::Store;
use crate::ui::widgets::toast::Toasts;
use crate::web::clock::Timeout;
use crate::web::files::Blob;
use crate::web::{listen, tabs as web};
use leptos::prelude::*;
use saver::said;
use shelf::{ProjectId, Shelf, Summary};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// How saving stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Saving {
    /// There is nothing to save.
    Nothing,
    Saved,
    /// Something is to be written, or being written.
    Busy,
    /// There is no room for what is not saved yet.
    Full,
    /// The sentence says why.
    Failed(String),
    /// Nothing can be kept in this browser; the sentence says why.
    Off(String),
}

/// What this tab may do with the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Writer,
    /// Another tab had the project first.
    Reader,
    /// Another tab has taken it over.
    Ousted,
}

/// Copies are the same.
pub type Keep = Store<KeepParts>;

/// What [`Keep`] holds.
pub struct KeepParts {
    learn: Learn,
    sharing: Sharing,
    toasts: Toasts,
    /// What was kept has been brought back, or there was nothing.
    pub restored: RwSignal<bool>,
    /// Pictures read and pictures there are, while a project is opened.
    pub opening: RwSignal<Option<(usize, usize)>>,
    pub saving: RwSignal<Saving>,
    pub role: RwSignal<Role>,
    pub name: RwSignal<String>,
    pub id: RwSignal<ProjectId>,
    pub list: RwSignal<Arc<Vec<Summary>>>,
    /// What had to be said about what was brought back.
    pub mended: RwSignal<Option<String>>,
    /// The browser has promised not to clear what is kept; `None` until that is known.
    pub persisted: RwSignal<Option<bool>>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    shelf: Option<Shelf>,
    lock: Option<web::Lock>,
    channel: Option<web::Channel>,
    /// The project is in the database.
    stored: bool,
    /// Its pictures that are there, and those that cannot be written.
    written: HashSet<PictureId>,
    refused: HashSet<PictureId>,
    vectors: HashSet<(PictureId, Twin)>,
    /// Which file made the embeddings, by twin; and which file runs in this visit.
    tags: HashMap<Twin, String>,
    running_tags: HashMap<Twin, String>,
    /// Thumbnails for the list, by project.
    thumbs: HashMap<ProjectId, Vec<Blob>>,
    timer: Option<Timeout>,
    /// A round of saving is under way.
    running: bool,
    /// Counts changes; and the count that was last saved.
    changes: u32,
    saved: u32,
    /// What goes on belongs to the project opened this many times ago.
    turn: u32,
    _listeners: Vec<listen::Listener>,
}

impl Keep {
    pub fn new(engine: Link, sharing: Sharing, toasts: Toasts) -> Self {
        let keep = Store::of(KeepParts {
            learn: sharing.learn,
            sharing,
            toasts,
            restored: RwSignal::new(false),
            opening: RwSignal::new(None),
            saving: RwSignal::new(Saving::Nothing),
            role: RwSignal::new(Role::Writer),
            name: RwSignal::new("My project".into()),
            id: RwSignal::new(projects::new_id()),
            list: RwSignal::default(),
            mended: RwSignal::new(None),
            persisted: RwSignal::new(None),
            inner: StoredValue::new_local(Inner::default()),
        });
        keep.watch(engine);
        leptos::task::spawn_local(keep.start());
        keep
    }

    /// Follows everything that is to be saved.
    fn watch(self, engine: Link) {
        let (data, trainer) = (self.learn.data, self.learn.trainer);
        let settings = Memo::new(move |_| self.sharing.snapshot());
        Effect::new(move |last: Option<()>| {
            data.with(|_| ());
            data.twin.track();
            self.name.track();
            settings.track();
            self.learn.importer.drawn.track();
            // Another twin has seen everything: its embeddings are worth keeping.
            trainer.paused.track();
            if last.is_some() {
                self.changed();
            }
        });
        Effect::new(move |_| {
            let Status::Ready(ready) = engine.status.get() else { return };
            if let Some(backbone) = ready.backbone {
                self.engine_is(backbone.twin, format!("{} {}", ready.build, backbone.digest));
            }
        });
        let backbones = self.learn.backbones;
        Effect::new(move |_| {
            let writes = self.restored.get() && self.role.get() == Role::Writer;
            let (id, about) = (self.id.get(), backbones.brought.get());
            let shelf = self.inner.with_value(|i| i.shelf.clone());
            if let (true, Some(about), Some(file), Some(shelf)) = (writes, about, backbones.brought_file(), shelf) {
                leptos::task::spawn_local(async move {
                    if let Err(trouble) = shelf.keep_backbone(id, &about, file).await {
                        self.toasts.say(format!("The backbone you brought could not be kept. {}", said(&trouble)));
                    }
                });
            }
        });
        let role = self.role;
        Effect::new(move |_| data.frozen.set(role.get() != Role::Writer));
        let leaving = listen::before_leaving(move || {
            data.total.get_untracked() > 0
                && self.role.get_untracked() == Role::Writer
                && self.saving.get_untracked() != Saving::Saved
        });
        // A tab that is hidden may be closed without another word.
        let hiding = listen::on_visibility(move |shown| {
            if !shown {
                self.save_now()
            }
        });
        self.inner.update_value(|i| i._listeners = [leaving].into_iter().chain(hiding).collect());
    }

    /// The engine runs a twin's file, which made everything it says from now on.
    fn engine_is(self, twin: Twin, tag: String) {
        self.inner.update_value(|i| drop(i.running_tags.insert(twin, tag)));
        self.reconcile();
        self.learn.backbones.catch_up();
    }

    /// Embeddings that another file made than the one that runs now do not count.
    fn reconcile(self) {
        let stale = self.inner.try_update_value(|i| {
            let mut stale = Vec::new();
            for (twin, tag) in &i.running_tags {
                let before = i.tags.insert(*twin, tag.clone());
                if before.is_some_and(|before| before != *tag) {
                    stale.push(*twin);
                }
            }
            i.vectors.retain(|(_, by)| !stale.contains(by));
            stale
        });
        stale.into_iter().flatten().for_each(|twin| self.learn.backbones.renew(twin));
    }
}
