//! Repairs compared, one fit a step.

use super::{reply, take_lab};
use crate::engine::jobs::{Job, Step};
use crate::engine::protocol::shift::{Lab as Shape, Reply, UNKNOWN};
use crate::engine::protocol::{Payload, unpack_u32};
use crate::model::backbone::Backbone;
use crate::shift::repair::trial::{Augmented, Field, Trial};

pub struct Repair {
    shape: Shape,
    payload: Payload,
    budget: usize,
    seed: u64,
    trial: Option<Trial>,
}

impl Repair {
    pub fn new(shape: Shape, payload: Payload, budget: usize, seed: u64) -> Self {
        Self { shape, payload, budget, seed, trial: None }
    }

    fn start(&mut self, dim: usize) -> Result<Trial, String> {
        let lab = take_lab(self.shape, &mut self.payload, dim)?;
        let [labels, origins, copies] = self.payload.parts.as_slice() else {
            return Err("The field's pictures are missing.".into());
        };
        let (labels, origins, copies) = (unpack_u32(labels), unpack_u32(origins), unpack_u32(copies));
        if labels.contains(&UNKNOWN) {
            return Err("Repairs can only be compared on field pictures whose class is known: label them all.".into());
        }
        let mut floats = std::mem::take(&mut self.payload.floats);
        let split = labels.len().checked_mul(dim).filter(|n| *n <= floats.len());
        let augmented = floats.split_off(split.ok_or("The field's embeddings are missing.")?);
        let origins = origins.into_iter().map(|origin| (origin != UNKNOWN).then_some(origin)).collect();
        let field = Field { embeddings: floats, labels, origins };
        Trial::new(lab, field, Augmented { embeddings: augmented, origins: copies }, self.budget, self.seed)
    }
}

impl Job for Repair {
    fn step(&mut self, backbone: &Backbone) -> Step {
        let Some(trial) = &mut self.trial else {
            return match self.start(backbone.dim) {
                Ok(trial) => {
                    self.trial = Some(trial);
                    Step::Continue(None)
                }
                Err(reason) => Step::Failed(reason),
            };
        };
        match trial.step() {
            Ok(false) => Step::Continue(Some((reply(Reply::Repairing(trial.fraction())), Payload::default()))),
            Ok(true) => {
                let scores = trial.scores().map(|(arm, scores)| (arm, scores.to_vec())).collect();
                Step::Done(reply(Reply::Repaired(scores)), Payload::default())
            }
            Err(refusal) => Step::Failed(refusal.to_string()),
        }
    }
}
