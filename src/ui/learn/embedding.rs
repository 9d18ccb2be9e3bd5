//! Pictures that a twin has not seen yet, as tasks for one engine or several, and what comes back of them.

use super::data::Data;
use crate::engine::client::pool::Task;
use crate::engine::protocol::images::{self, Item, Outcome};
use crate::engine::protocol::{Payload, Reply, Request};
use crate::learn::dataset::PictureId;

/// Fewer pictures are done before another engine has started.
pub const WORTH: usize = 200;
/// Pictures of one task: few, so that a crash costs little.
const PER_TASK: usize = 20;

/// What embeds these pictures; those without a file are left out.
pub fn tasks(data: Data, ids: &[PictureId]) -> Vec<Task> {
    let task = |ids: &[PictureId]| {
        // The name comes back with the embedding, so the picture's number serves as one.
        let (names, blobs) = ids.iter().filter_map(|id| Some((id.to_string(), data.stored(*id)?.original))).unzip();
        Task { request: Request::Images(images::Request::Import { names }), payload: Payload::default(), blobs }
    };
    ids.chunks(PER_TASK).map(task).collect()
}

/// What a task tells of a picture: its embedding, or why there is none.
pub fn seen(reply: Reply, payload: Payload) -> Option<(PictureId, Result<Vec<f32>, String>)> {
    let Reply::Images(images::Reply::Item(Item { name, outcome, .. })) = reply else { return None };
    let outcome = match outcome {
        Outcome::Accepted(_) => Ok(payload.floats),
        Outcome::Refused(reason) => Err(reason),
    };
    Some((name.parse().ok()?, outcome))
}
