//! The bulk behind the pictures: files, thumbnails, embeddings. Never in a signal.

use crate::engine::protocol::Twin;
use crate::learn::dataset::PictureId;
use crate::web::files::Blob;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// What is kept of one picture.
#[derive(Clone)]
pub struct Stored {
    pub name: Rc<str>,
    /// The file as it came.
    pub original: Blob,
    pub thumb: Blob,
    /// By the twins that have seen it.
    embeddings: Vec<(Twin, Rc<[f32]>)>,
}

impl Stored {
    pub fn new(name: Rc<str>, original: Blob, thumb: Blob) -> Self {
        Self { name, original, thumb, embeddings: Vec::new() }
    }

    pub fn embedding(&self, twin: Twin) -> Option<&Rc<[f32]>> {
        self.embeddings.iter().find(|(by, _)| *by == twin).map(|(_, embedding)| embedding)
    }

    /// Every twin's.
    pub fn embeddings(&self) -> &[(Twin, Rc<[f32]>)] {
        &self.embeddings
    }

    pub fn embedded(&mut self, by: Twin, embedding: Rc<[f32]>) {
        self.embeddings.retain(|(twin, _)| *twin != by);
        self.embeddings.push((by, embedding));
    }
}

#[derive(Default)]
pub struct Vault(HashMap<PictureId, Stored>);

impl Vault {
    pub fn put(&mut self, id: PictureId, stored: Stored) {
        self.0.insert(id, stored);
    }

    pub fn get(&self, id: PictureId) -> Option<&Stored> {
        self.0.get(&id)
    }

    /// A twin has seen a picture.
    pub fn embedded(&mut self, id: PictureId, by: Twin, embedding: Rc<[f32]>) {
        self.0.entry(id).and_modify(|stored| stored.embedded(by, embedding));
    }

    /// What a twin has seen no longer counts.
    pub fn forget(&mut self, by: Twin) {
        self.0.values_mut().for_each(|stored| stored.embeddings.retain(|(twin, _)| *twin != by));
    }

    /// Pictures a twin has not seen yet, in order.
    pub fn unseen(&self, by: Twin) -> Vec<PictureId> {
        let mut ids: Vec<_> = self.0.iter().filter(|(_, s)| s.embedding(by).is_none()).map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids
    }

    /// Frees what no state of the data, past or undone, can reach any more.
    pub fn keep(&mut self, reachable: &HashSet<PictureId>) {
        self.0.retain(|id, _| reachable.contains(id));
    }
}
