//! What labels buy: the label-budget curve; what pictures without labels buy; a map of all pictures.

use crate::learn::budget::{Forecast, Point};
use crate::learn::unlabelled::Result as Outcome;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Train on ever more labels, `draws` times each. Floats = embeddings `[n, dim]` of any backbone; part 0 =
    /// the class of each (u32), part 1 = its group of near-duplicates (u32). The same labels, groups and seed
    /// give the same draws and the same held-out pictures. Replies: `Working` and `Point` as progress, then
    /// `Curve`.
    Curve { classes: usize, draws: usize, seed: u32 },
    /// Change each blob's picture twice at random and embed it. Replies: `View` per picture as progress, floats =
    /// `[2, dim]`; then `Seen`.
    Views { seed: u32 },
    /// Each blob's centred square at `side` pixels. Replies: `View` per picture as progress, part 0 = RGB
    /// `[side, side, 3]`; then `Seen`.
    Pixels { side: u32 },
    /// Compare ways of using pictures without labels. Floats = embeddings of `numbers` numbers each: the
    /// labelled, then `others` unlabelled ones, then pairs of changed copies of pictures that are not held out;
    /// parts as those of `Curve`. Replies: `Working` as progress, then `Unlabelled`.
    Unlabelled { plan: TrialPlan, numbers: usize },
    /// Lay pictures out on a plane. Floats = embeddings `[n, dim]`. Replies, all with floats = places `[n, 2]`:
    /// `Components` once and `Placed` as progress, then `Placed`.
    Map { dim: usize },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialPlan {
    pub classes: usize,
    /// Labels of each class.
    pub per_class: usize,
    pub draws: usize,
    /// The same as for the curve: the same pictures are held out.
    pub seed: u32,
    /// The labels that were not drawn are hidden, and their pictures count as unlabelled.
    pub hide: bool,
    /// Pictures without labels among the embeddings.
    pub others: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// What is being done, and the share done, 0..1.
    Working { stage: String, share: f32 },
    /// A size on the curve.
    Point(Point),
    /// The curve is complete. No forecast where there are too few sizes.
    Curve { held_out: usize, forecast: Option<Forecast> },
    /// A picture, by its place among the blobs.
    View { index: u32 },
    /// All pictures were looked at.
    Seen,
    /// A line per way; the adaptation's loss at its first and last step.
    Unlabelled { results: Vec<Outcome>, loss: Option<(f32, f32)>, held_out: usize },
    /// The first two principal components, and the share of the variance they explain.
    Components { explained: f32 },
    /// How far t-SNE is, and its divergence, nats.
    Placed { share: f32, divergence: f32 },
}
