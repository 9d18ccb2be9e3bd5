//! The labelled pictures that everything here is measured on: those the head was trained on.

use crate::engine::protocol::{Twin, pack_u32};
use crate::learn::dataset::PictureId;
use crate::ui::learn::data::Data;
use crate::ui::learn::training::Trainer;
use leptos::prelude::*;

/// The same division into held-out and labelled for all that is measured.
pub const SEED: u32 = 8;

pub struct Basis {
    pub rows: Vec<PictureId>,
    pub classes: usize,
    /// Class of each row.
    pub labels: Vec<u32>,
    /// Near-duplicates share a number.
    pub groups: Vec<u32>,
}

impl Basis {
    /// `None` while there is no classifier, or its pictures are being changed.
    pub fn now(data: Data, trainer: Trainer) -> Option<Self> {
        let trained = trainer.trained.get_untracked()?;
        let labels = data.with_untracked(|d| {
            let classes: std::collections::HashMap<_, _> = d.pictures.iter().map(|p| (p.id, p.class)).collect();
            let output = |id| trained.classes.iter().position(|c| Some(c) == classes.get(id)).map(|at| at as u32);
            trained.rows.iter().map(output).collect::<Option<Vec<u32>>>()
        })?;
        let groups = trained.report.groups.clone();
        Some(Self { rows: trained.rows.clone(), classes: trained.classes.len(), labels, groups })
    }

    /// Classes and groups, as requests carry them.
    pub fn parts(&self) -> Vec<Vec<u8>> {
        vec![pack_u32(self.labels.iter().copied()), pack_u32(self.groups.iter().copied())]
    }

    /// Pictures a twin has not seen.
    pub fn unseen(&self, data: Data, by: Twin) -> Vec<PictureId> {
        self.rows.iter().copied().filter(|id| data.stored(*id).is_some_and(|s| s.embedding(by).is_none())).collect()
    }
}
