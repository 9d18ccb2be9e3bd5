//! What the page and the engine say to each other.
//!
//! One outer enum, a variant per feature, each wrapping that feature's own enum. A
//! message is a small serialisable header with a [`Payload`] of bulk data beside it.
//! Every request is complete in itself: the engine keeps nothing between requests but
//! the loaded backbone, so a fresh engine can answer where a crashed one left off.

pub mod backbone;
pub mod budget;
pub mod images;
pub mod learn;
pub mod scratch;
pub mod share;
pub mod shift;
pub mod shrink;
pub mod words;

pub use backbone::{BackboneInfo, Twin};
use serde::{Deserialize, Serialize};

/// Raised whenever a message changes shape. The page refuses an engine of another version.
pub const PROTOCOL: u32 = 10;

/// Names one request and every reply to it. Unique for the lifetime of the page.
pub type JobId = u32;

/// Bulk data beside a header: moved, not serialised.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Payload {
    /// Embeddings, probabilities, heatmaps: row-major.
    pub floats: Vec<f32>,
    /// Encoded images, packed integers, files to download.
    pub parts: Vec<Vec<u8>>,
}

impl Payload {
    pub fn floats(floats: Vec<f32>) -> Self {
        Self { floats, parts: Vec::new() }
    }

    pub fn parts(parts: Vec<Vec<u8>>) -> Self {
        Self { floats: Vec::new(), parts }
    }
}

/// From the page to the engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Decode, check and embed pictures.
    Images(images::Request),
    /// Train, predict, export.
    Learn(learn::Request),
    /// Take a head to the field.
    Shift(shift::Request),
    /// Make the classifier smaller.
    Shrink(shrink::Request),
    /// Guess words.
    Words(words::Request),
    /// Guess words in both precisions.
    Twins(words::Compare),
    /// What labels buy.
    Budget(budget::Request),
    /// Train from scratch: for the worker that does.
    Scratch(scratch::Request),
    /// Write and read project files.
    Share(share::Request),
    /// Make a backbone of anyone's model.
    Backbone(backbone::Request),
}

/// From the engine to the page, about one job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    Images(images::Reply),
    Learn(learn::Reply),
    Shift(shift::Reply),
    Shrink(shrink::Reply),
    Words(words::Reply),
    Budget(budget::Reply),
    Scratch(scratch::Reply),
    Share(share::Reply),
    Backbone(backbone::Reply),
}

/// The life of a job as the page sees it. `Progress` may come any number of times;
/// one of the others ends the job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum State {
    Progress(Reply),
    Done(Reply),
    /// The job ended without a result. The message is for the person, not for a log.
    Failed(String),
    Cancelled,
}

/// The first message of a worker that is ready to work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ready {
    pub protocol: u32,
    /// Version of the crate that built the engine.
    pub build: String,
    /// The backbone it has loaded; a worker that trains from scratch has none.
    pub backbone: Option<BackboneInfo>,
}

/// Packs integers little-endian for a [`Payload`] part.
pub fn pack_u32(values: impl IntoIterator<Item = u32>) -> Vec<u8> {
    values.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// Reads what [`pack_u32`] wrote; trailing bytes that fill no integer are ignored.
pub fn unpack_u32(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect()
}

/// Packs 64-bit hashes little-endian for a [`Payload`] part.
pub fn pack_u64(values: impl IntoIterator<Item = u64>) -> Vec<u8> {
    values.into_iter().flat_map(u64::to_le_bytes).collect()
}

/// Reads what [`pack_u64`] wrote; trailing bytes that fill no integer are ignored.
pub fn unpack_u64(bytes: &[u8]) -> Vec<u64> {
    bytes.as_chunks::<8>().0.iter().map(|b| u64::from_le_bytes(*b)).collect()
}
