//! Which pictures are selected. Pictures that are gone drop out by themselves.

use super::data::Data;
use crate::learn::dataset::PictureId;
use leptos::prelude::*;
use std::collections::HashSet;

/// Copies are the same selection.
#[derive(Clone, Copy)]
pub struct Selection {
    chosen: RwSignal<HashSet<PictureId>>,
    /// Pictures selected that exist, in the order of the data.
    pub pictures: Memo<Vec<PictureId>>,
}

impl Selection {
    pub fn new(data: Data) -> Self {
        let chosen = RwSignal::new(HashSet::new());
        let pictures = Memo::new(move |_| {
            chosen.with(|chosen: &HashSet<PictureId>| {
                if chosen.is_empty() {
                    return Vec::new();
                }
                data.with(|d| d.pictures.iter().map(|p| p.id).filter(|id| chosen.contains(id)).collect())
            })
        });
        Self { chosen, pictures }
    }

    pub fn has(self, id: PictureId) -> bool {
        self.chosen.with(|c| c.contains(&id))
    }

    pub fn has_untracked(self, id: PictureId) -> bool {
        self.chosen.with_untracked(|c| c.contains(&id))
    }

    pub fn toggle(self, id: PictureId) {
        self.chosen.update(|c| {
            if !c.remove(&id) {
                c.insert(id);
            }
        });
    }

    pub fn add(self, ids: &[PictureId]) {
        self.chosen.update(|c| c.extend(ids));
    }

    pub fn only(self, ids: &[PictureId]) {
        self.chosen.set(ids.iter().copied().collect());
    }

    pub fn clear(self) {
        if self.chosen.with_untracked(|c| !c.is_empty()) {
            self.chosen.set(HashSet::new());
        }
    }
}
