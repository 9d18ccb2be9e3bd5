//! The Learn bench.
//!
//! State, each in one handle that is copied around: [`data`] (classes, pictures, undo),
//! [`selection`], [`import`] (files on their way in), [`backbones`] (which twin looks at them), [`bring`] (one of one's own),
//! [`training`], [`tryout`], [`budget`] (what labels buy, what
//! pictures without labels do, a map).
//! What is seen: [`bench`] puts together [`welcome`], [`add`], [`classes`], [`gallery`],
//! [`camera`], [`results`], [`tryout`] and [`export`].

mod add;
mod backbone_card;
pub mod backbones;
pub mod bench;
pub mod bring;
mod budget;
pub mod camera;
mod class_card;
mod classes;
pub mod data;
mod embedding;
mod export;
mod gallery;
pub mod import;
mod import_panel;
pub mod recipe;
pub mod results;
mod selection;
mod selection_bar;
pub mod training;
mod tryout;
pub mod vault;
mod welcome;

use super::engine::Link;
use super::widgets::toast::Toasts;
use crate::ui::store::Store;
use leptos::prelude::*;

/// Everything the bench's parts share. Copies are the same bench.
pub type Learn = Store<LearnParts>;

/// What [`Learn`] holds.
pub struct LearnParts {
    pub data: data::Data,
    pub selection: selection::Selection,
    pub importer: import::Importer,
    pub trainer: training::Trainer,
    pub backbones: backbones::Backbones,
    pub bring: bring::Bring,
    pub tryout: tryout::Tryout,
    budget: budget::curve::Curve,
    others: budget::others::Others,
    map: budget::map::Map,
    /// The camera recorder is open.
    pub recorder: RwSignal<bool>,
}

impl Learn {
    pub fn new(engine: Link, toasts: Toasts) -> Self {
        let data = data::Data::new(toasts);
        let importer = import::Importer::new(engine, data, toasts);
        let trainer = training::Trainer::new(engine, data, importer);
        let backbones = backbones::Backbones::new(engine, data, importer, trainer, toasts);
        let others = budget::others::Others::new(engine, data, trainer);
        Store::of(LearnParts {
            data,
            selection: selection::Selection::new(data),
            importer,
            trainer,
            backbones,
            bring: bring::Bring::new(engine, data, backbones),
            tryout: tryout::Tryout::new(engine, trainer),
            budget: budget::curve::Curve::new(engine, data, trainer),
            others,
            map: budget::map::Map::new(engine, data, others),
            recorder: RwSignal::new(false),
        })
    }

    /// Opens the camera recorder, on a class or on the one loose pictures go to.
    pub fn open_recorder(self, class: Option<crate::learn::dataset::ClassId>) {
        if self.data.class_ids.with_untracked(Vec::is_empty) {
            let made = self.data.edit("add a class", crate::learn::dataset::Dataset::add_numbered_class);
            made.into_iter().for_each(|id| self.data.set_target(id));
        }
        class.into_iter().for_each(|id| self.data.set_target(id));
        self.recorder.set(true);
    }

    /// Takes a step back. Of pictures that are still being added, the adding ends, too.
    pub fn undo(self) {
        if self.data.undo_label.get_untracked().as_deref() == Some(import::STEP) {
            self.importer.cancel();
            self.importer.dismiss_summary();
        }
        self.data.undo();
    }
}
