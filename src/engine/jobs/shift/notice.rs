//! Noticing a shift: every detector's verdict at once, then the estimates, then how far each detector can
//! be trusted, trial by trial.

use super::{reply, take_lab};
use crate::engine::jobs::{Job, Step};
use crate::engine::protocol::shift::{By, Estimate, Finding, Lab as Shape, Noticed, Reply, Trial, UNKNOWN};
use crate::engine::protocol::{Payload, unpack_u32};
use crate::learn::metrics::wilson;
use crate::model::backbone::Backbone;
use crate::shift::drift::power::{Against, Measurement};
use crate::shift::drift::unlike::{self, Measure};
use crate::shift::drift::{self, Random, Refusal, Sample};
use crate::shift::estimate;
use crate::shift::judges::{Judges, Lab};

/// News of a detector's rates come after so many trials.
const ROUND: usize = 10;
/// Neighbour whose distance tells how unlike the lab a picture is.
const NEIGHBOUR: usize = 3;
/// Pictures named as most unlike.
const UNLIKE: usize = 12;

pub struct Notice {
    shape: Shape,
    payload: Payload,
    reference: Vec<u32>,
    trial: Trial,
    stage: Stage,
}

enum Stage {
    Start,
    Judging(Lab, Judges),
    Testing { samples: Samples, next: usize },
    Rating { samples: Samples, tallies: Vec<Tally>, trials: usize },
}

struct Samples {
    /// Reference pictures, with answers of heads that have not seen them, and their classes.
    lab: Sample,
    field: Sample,
    /// The same as the detectors see them.
    compared: [Sample; 2],
}

/// Alarms so far of one detector, and whether it could be tried at all.
#[derive(Default)]
struct Tally {
    alarms: [usize; 2],
    trials: [usize; 2],
}

impl Notice {
    /// # Errors
    /// A sentence: a setting out of range.
    pub fn new(shape: Shape, payload: Payload, reference: Vec<u32>, trial: Trial) -> Result<Self, String> {
        if !(trial.level > 0.0 && trial.level < 1.0) {
            return Err("The level of an alarm lies between 0 and 1.".into());
        }
        Ok(Self { shape, payload, reference, trial, stage: Stage::Start })
    }

    fn start(&mut self, dim: usize) -> Result<(Lab, Judges), String> {
        let lab = take_lab(self.shape, &mut self.payload, dim)?;
        if self.reference.iter().any(|row| *row as usize >= lab.labels.len()) {
            return Err("The request names a picture that the lab does not have.".into());
        }
        let judges = Judges::new(&lab)?;
        Ok((lab, judges))
    }

    fn samples(&mut self, lab: &Lab, judges: &Judges) -> Result<Samples, String> {
        let said = |refusal: Refusal| refusal.to_string();
        let (mut embeddings, mut answers, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        for row in self.reference.iter().map(|row| *row as usize) {
            // A picture that is the only one of its class is in every head's training.
            let Some(answer) = judges.answer(row, lab.row(row)) else { continue };
            embeddings.extend(lab.row(row));
            answers.extend(answer);
            labels.push(lab.labels[row]);
        }
        let reference = Sample::new(embeddings, lab.dim).and_then(|s| s.with_probabilities(answers, lab.classes));
        let reference = reference.and_then(|s| s.with_labels(labels)).map_err(said)?;
        let truths = unpack_u32(self.payload.parts.first().map_or(&[][..], Vec::as_slice));
        let floats = std::mem::take(&mut self.payload.floats);
        let split = truths.len().checked_mul(lab.dim).filter(|n| *n <= floats.len());
        let (embeddings, answers) = floats.split_at(split.ok_or("The field's embeddings are missing.")?);
        let field = Sample::new(embeddings.to_vec(), lab.dim);
        let mut field = field.and_then(|s| s.with_probabilities(answers.to_vec(), lab.classes)).map_err(said)?;
        if !truths.contains(&UNKNOWN) {
            field = field.with_labels(truths).map_err(said)?;
        }
        let compared = [&reference, &field].map(|sample| match self.trial.by {
            By::Embedding => sample.clone(),
            By::Outputs => sample.clone().by_outputs(),
        });
        Ok(Samples { lab: reference, field, compared })
    }

    /// At most `size` pictures of a sample, drawn by lot.
    fn draw(&self, sample: &Sample, seed: u64) -> Result<Sample, Refusal> {
        let size = self.trial.size.min(sample.count());
        sample.select(&Random::new(self.trial.seed ^ seed).choose(sample.count(), size))
    }

    fn test(&self, samples: &Samples, detector: usize) -> Finding {
        let test = drift::ALL[detector];
        let [lab, field] = &samples.compared;
        let verdict = self.draw(lab, 1).and_then(|lab| {
            let field = self.draw(field, 2)?.unlabelled();
            test.test(&lab, &field, self.trial.seed)
        });
        let verdict = verdict.map(|v| (v.statistic, v.p_value)).map_err(|refusal| refusal.to_string());
        Finding { detector, name: test.name().into(), explain: test.explain().into(), verdict }
    }

    fn step(&mut self, backbone: &Backbone) -> Result<Option<Noticed>, String> {
        let stage = std::mem::replace(&mut self.stage, Stage::Start);
        let (stage, news) = match stage {
            Stage::Start => {
                let (lab, judges) = self.start(backbone.dim)?;
                (Stage::Judging(lab, judges), None)
            }
            Stage::Judging(lab, mut judges) => {
                if judges.step(&lab).map_err(|refusal| refusal.to_string())? {
                    let samples = self.samples(&lab, &judges)?;
                    (Stage::Testing { samples, next: 0 }, None)
                } else {
                    (Stage::Judging(lab, judges), None)
                }
            }
            Stage::Testing { samples, next } => {
                let news = match next.checked_sub(drift::ALL.len()) {
                    None => Noticed::Finding(self.test(&samples, next)),
                    Some(0) => Noticed::Estimates(estimates(&samples)),
                    Some(_) => unlike(&samples),
                };
                let stage = if next > drift::ALL.len() {
                    let tallies = drift::ALL.iter().map(|_| Tally::default()).collect();
                    Stage::Rating { samples, tallies, trials: 0 }
                } else {
                    Stage::Testing { samples, next: next + 1 }
                };
                (stage, Some(news))
            }
            Stage::Rating { samples, mut tallies, trials } => {
                let news = self.rate(&samples, &mut tallies, trials);
                (Stage::Rating { samples, tallies, trials: trials + 1 }, news)
            }
        };
        self.stage = stage;
        Ok(news)
    }

    /// One draw for one detector, without the shift and with it.
    fn rate(&self, samples: &Samples, tallies: &mut [Tally], trials: usize) -> Option<Noticed> {
        let detector = trials % drift::ALL.len();
        let turn = trials / drift::ALL.len();
        let tally = &mut tallies[detector];
        let [lab, field] = &samples.compared;
        for (kind, against) in [Against::Lab, Against::Field(field)].into_iter().enumerate() {
            let seed = self.trial.seed.wrapping_add(1 + turn as u64);
            let one = Measurement::new(drift::ALL[detector], lab, against, self.trial.size, self.trial.level, seed);
            let Ok(mut one) = one else { continue };
            if one.step().is_ok() {
                tally.trials[kind] += 1;
                tally.alarms[kind] += usize::from(one.rate().is_some_and(|r| r.value > 0.5));
            }
        }
        let last = turn + 1 == self.trial.trials;
        let [false_alarms, power] = [0, 1].map(|kind| wilson(tally.alarms[kind] as f64, tally.trials[kind]));
        ((turn + 1).is_multiple_of(ROUND) || last).then_some(Noticed::Rates { detector, false_alarms, power })
    }

    fn done(&self) -> bool {
        matches!(self.stage, Stage::Rating { trials, .. } if trials >= self.trial.trials * drift::ALL.len())
    }
}

fn estimates(samples: &Samples) -> Vec<Estimate> {
    let field = samples.field.clone().unlabelled();
    let one = |estimator: &&dyn estimate::Estimator| Estimate {
        name: estimator.name().into(),
        explain: estimator.explain().into(),
        accuracy: estimator.estimate(&samples.lab, &field).map_err(|refusal| refusal.to_string()),
    };
    estimate::ALL.iter().map(one).collect()
}

fn unlike(samples: &Samples) -> Noticed {
    match unlike::rank(&samples.lab, &samples.field, Measure::Nearest(NEIGHBOUR)) {
        Ok(ranked) => Noticed::Unlike(ranked.into_iter().take(UNLIKE).map(|u| (u.picture as u32, u.p_value)).collect()),
        Err(refusal) => Noticed::Refused(refusal.to_string()),
    }
}

impl Job for Notice {
    fn step(&mut self, backbone: &Backbone) -> Step {
        if self.done() {
            return Step::Done(reply(Reply::Done), Payload::default());
        }
        match Notice::step(self, backbone) {
            Ok(news) => Step::Continue(news.map(|news| (reply(Reply::Noticed(news)), Payload::default()))),
            Err(reason) => Step::Failed(reason),
        }
    }
}
