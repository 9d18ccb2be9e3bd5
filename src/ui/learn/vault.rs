//! The bulk behind the pictures: files, thumbnails, embeddings. Never in a signal.

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
    pub embedding: Rc<[f32]>,
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

    /// Frees what no state of the data, past or undone, can reach any more.
    pub fn keep(&mut self, reachable: &HashSet<PictureId>) {
        self.0.retain(|id, _| reachable.contains(id));
    }
}
