//! The Shift bench's work.
//!
//! * [`photograph`]: rendered worlds are photographed and classified.
//! * [`degrade`]: lab pictures are degraded and classified.
//! * [`compare`]: one picture in lab and field, with what the head looks at.
//! * [`notice`]: detectors, estimates, the pictures most unlike the lab.
//! * [`repair`]: repairs side by side.
//! * [`year`]: a year in production.

pub mod compare;
pub mod degrade;
pub mod notice;
pub mod photograph;
pub mod repair;
pub mod year;

use crate::engine::protocol::shift::{Keep, Lab as Shape, Reply};
use crate::engine::protocol::{Payload, Reply as AnyReply, unpack_u32};
use crate::shift::judges::Lab;
use crate::shift::scene::world::{Meaning, Order, World};

/// Most pictures of a request: as many as a sample set may have.
const MOST: usize = 2000;

fn reply(reply: Reply) -> AnyReply {
    AnyReply::Shift(reply)
}

/// Any photograph of a world, by its index.
fn order(world: World, seed: u64) -> Order {
    Order { world, count: Order::MOST, seed }
}

/// Which output of a head stands for each of [`Meaning::ALL`], by name.
fn outputs(labels: &[String]) -> [Option<u32>; Meaning::ALL.len()] {
    Meaning::ALL.map(|m| labels.iter().position(|l| l == m.name()).map(|at| at as u32))
}

/// Takes the lab off the front of a payload, `dim` being the backbone's; the rest stays.
///
/// # Errors
/// The parts do not fit together; a sentence.
fn take_lab(shape: Shape, payload: &mut Payload, dim: usize) -> Result<Lab, String> {
    if payload.parts.len() < 2 {
        return Err("The lab's pictures are missing.".into());
    }
    let mut parts = payload.parts.drain(..2).map(|part| unpack_u32(&part));
    let (labels, groups) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    drop(parts);
    let floats = labels.len().checked_mul(dim).filter(|n| *n <= payload.floats.len());
    let embeddings = payload.floats.drain(..floats.ok_or("The lab's embeddings are missing.")?).collect();
    let lab = Lab { embeddings, dim, labels, groups, classes: shape.classes, lambda: shape.lambda };
    lab.check()?;
    Ok(lab)
}

/// A picture's numbers and bytes, as far as they are wanted.
fn kept(keep: Keep, embedding: Vec<f32>, probabilities: &[f32], picture: impl FnOnce() -> Vec<Vec<u8>>) -> Payload {
    let numbers = || embedding.iter().chain(probabilities).copied().collect();
    match keep {
        Keep::Answer => Payload::default(),
        Keep::Numbers => Payload::floats(numbers()),
        Keep::Picture => Payload { floats: numbers(), parts: picture() },
    }
}
