//! Pictures in: files, zip archives, camera frames and rendered sample sets become embeddings.

use crate::shift::scene::world::Order;
use serde::{Deserialize, Serialize};

/// Files travel beside the header as blobs, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Decode and embed each blob. Replies: `Item` per file as progress, then `Done`.
    Import { names: Vec<String> },
    /// Read blob 0 as a zip whose folders are class names, leaving out the first `skip`
    /// pictures (already received before a crash). Replies: `Contents`, then `Item` per
    /// picture as progress (original bytes included), then `Done`.
    ImportZip { skip: usize },
    /// Render a sample set, leaving out the first `skip` pictures (already received before a
    /// crash). Replies: `Item` per picture as progress, as those of a zip whose folders are
    /// the signs' meanings, then `Done`. Without `embed` they come without embeddings, in less than
    /// half the time: floats are empty.
    Render { order: Order, skip: usize, embed: bool },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// What a zip holds, before any picture is read.
    Contents {
        pictures: usize,
    },
    /// One file dealt with.
    Item(Item),
    Done,
}

/// One file dealt with. Payload of an accepted one: floats = the embedding; parts =
/// `[thumbnail JPEG]`, and for zips `[thumbnail JPEG, original bytes]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Position in the request (for a zip: among its pictures).
    pub index: usize,
    /// File name without folders.
    pub name: String,
    /// The folder the file was in, if any: the class it belongs to.
    pub folder: Option<String>,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    Accepted(Picture),
    /// Named and skipped; the reason is a sentence for the person.
    Refused(String),
}

/// What is known of an accepted picture besides its embedding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Pixels, after EXIF orientation.
    pub width: u32,
    pub height: u32,
    /// MIME type of the original bytes.
    pub mime: String,
    /// Difference hash, as two halves (high, low) because JavaScript numbers end at 2^53.
    pub dhash: (u32, u32),
    /// FNV-1a hash of the file's bytes (high, low): equal files are equal pictures.
    pub digest: (u32, u32),
    /// Time in the backbone, milliseconds; `None` if it was not asked.
    pub embed_ms: Option<f32>,
    /// Something worth saying about an accepted picture ("first frame of an animation").
    pub note: Option<String>,
}

/// Joins the halves of a 64-bit hash.
pub fn join(halves: (u32, u32)) -> u64 {
    (u64::from(halves.0) << 32) | u64::from(halves.1)
}

/// Splits a 64-bit hash into (high, low).
pub fn split(hash: u64) -> (u32, u32) {
    ((hash >> 32) as u32, hash as u32)
}
