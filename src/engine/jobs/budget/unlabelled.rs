//! Ways of using pictures without labels, compared, an iteration of a fit a step.

use super::{NEWS, labelled, reply};
use crate::engine::jobs::{Job, Step};
use crate::engine::protocol::Payload;
use crate::engine::protocol::budget::{Reply, TrialPlan};
use crate::learn::unlabelled::trial::{self, Trial};
use crate::model::backbone::Backbone;

pub struct Unlabelled {
    trial: Trial,
    told: f32,
}

impl Unlabelled {
    /// # Errors
    /// The pictures do not fit together, or there are too few; a sentence.
    pub fn new(plan: TrialPlan, numbers: usize, payload: Payload) -> Result<Self, String> {
        let Payload { mut floats, parts } = payload;
        let [labels, groups] = parts.as_slice() else { return Err("The pictures are incomplete.".into()) };
        let own = (labels.len() / 4).checked_mul(numbers).filter(|n| *n <= floats.len());
        let mut rest = floats.split_off(own.ok_or("Embeddings are missing.")?);
        let others = plan.others.checked_mul(numbers).filter(|n| *n <= rest.len());
        let pairs = rest.split_off(others.ok_or("Embeddings of the unlabelled are missing.")?);
        let pictures = labelled(plan.classes, floats, labels, groups)?;
        let unlabelled = trial::Unlabelled { embeddings: rest, pairs };
        let trial = Trial::new(pictures, unlabelled, plan.per_class, plan.draws, plan.hide, u64::from(plan.seed))?;
        Ok(Self { trial, told: 0.0 })
    }
}

impl Job for Unlabelled {
    fn step(&mut self, _: &Backbone) -> Step {
        match self.trial.step() {
            Err(reason) => Step::Failed(reason),
            Ok(trial::Step::Done(results)) => {
                let loss = self.trial.loss.map(|(first, last)| (first.total(), last.total()));
                let held_out = self.trial.held_out();
                Step::Done(reply(Reply::Unlabelled { results, loss, held_out }), Payload::default())
            }
            Ok(trial::Step::Continue(stage, share)) => {
                let news = share - self.told >= NEWS;
                if news {
                    self.told = share;
                }
                let working = || reply(Reply::Working { stage: stage.into(), share });
                Step::Continue(news.then(|| (working(), Payload::default())))
            }
        }
    }
}
