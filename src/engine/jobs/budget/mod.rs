//! What labels buy, and what pictures without labels do.
//!
//! * [`curve`]: the label-budget curve.
//! * [`views`]: pictures changed and embedded, or as plain pixels.
//! * [`unlabelled`]: ways of using pictures without labels, compared.
//! * [`map`]: all pictures on a plane.

pub mod curve;
pub mod map;
pub mod unlabelled;
pub mod views;

use super::{Job, Source};
use crate::engine::protocol::budget::{Reply, Request};
use crate::engine::protocol::{Payload, Reply as AnyReply, unpack_u32};
use crate::learn::budget::curve::Pictures;

/// Progress is told once it has grown by this much.
const NEWS: f32 = 0.01;

/// Turns a request into its job.
///
/// # Errors
/// The request contradicts itself or its payload; a sentence.
pub fn job(request: Request, payload: Payload, files: Vec<Box<dyn Source>>) -> Result<Box<dyn Job>, String> {
    Ok(match request {
        Request::Curve { classes, draws, seed } => Box::new(curve::Curve::new(classes, draws, seed, payload)?),
        Request::Views { seed } => Box::new(views::Views::new(views::Want::Pairs { seed }, files)),
        Request::Pixels { side } => Box::new(views::Views::new(views::Want::pixels(side)?, files)),
        Request::Unlabelled { plan, numbers } => Box::new(unlabelled::Unlabelled::new(plan, numbers, payload)?),
        Request::Map { dim } => Box::new(map::Map::new(dim, payload)?),
    })
}

fn reply(reply: Reply) -> AnyReply {
    AnyReply::Budget(reply)
}

/// Embeddings `[n, dim]` with their classes and groups.
fn labelled(classes: usize, embeddings: Vec<f32>, labels: &[u8], groups: &[u8]) -> Result<Pictures, String> {
    let (labels, groups) = (unpack_u32(labels), unpack_u32(groups));
    let dim = embeddings.len().checked_div(labels.len()).ok_or("There are no pictures.")?;
    Ok(Pictures { embeddings, dim, labels, groups, classes })
}
