//! Plays a year, a week a step, for several policies on the same pictures.

use super::policy::{Policy, Settings, Week};
use crate::shift::drift::{Detector, FEWEST, Random, Refusal, Sample, Side, comparable};
use crate::shift::estimate::{Estimator, accuracy};
use crate::shift::refit::Refit;
use crate::shift::repair::select;

/// Every so many bought labels one is kept from training: the estimate of accuracy must know
/// what confidence is worth on pictures that the head has not seen.
const HELD_BACK: usize = 5;

/// Where every policy starts.
pub struct Start {
    /// What the first head is trained on: embeddings `[n, dim]` with labels.
    pub train: Sample,
    /// Never trained on: lab accuracy is measured on these, estimates lean on them, and the
    /// detector compares the first weeks with them. Likewise with labels.
    pub held_out: Sample,
    /// Number of classes, at least 2.
    pub classes: usize,
    pub settings: Settings,
    pub detector: &'static dyn Detector,
    pub estimator: &'static dyn Estimator,
}

/// A year under way.
pub struct Year {
    start: Start,
    tracks: Vec<Track>,
    week: usize,
}

/// One policy's year.
struct Track {
    policy: Policy,
    head: Refit,
    /// What the detector compares a week with: the lab, then the week last trained for.
    reference: Sample,
    /// Labelled for training, besides the lab.
    bought: Labelled,
    /// Labelled and never trained on, besides the lab.
    held_back: Labelled,
    spent: usize,
    random: Random,
}

/// Embeddings row by row, and their labels.
#[derive(Clone, Default)]
struct Labelled {
    embeddings: Vec<f32>,
    labels: Vec<u32>,
}

impl Year {
    /// Trains the first head, the same for all policies.
    ///
    /// # Errors
    /// [`Refusal::Setting`] for numbers out of range, [`Refusal::NoLabels`],
    /// [`Refusal::UnknownClass`], [`Refusal::OneClass`], and [`comparable`] for the lab's two
    /// sets, of which each needs [`FEWEST`] pictures.
    pub fn new(start: Start, policies: &[Policy]) -> Result<Self, Refusal> {
        let setting = |what| Refusal::Setting { what };
        start.settings.check().map_err(setting)?;
        policies.iter().try_for_each(|policy| policy.check().map_err(setting))?;
        if start.classes < 2 {
            return Err(Refusal::OneClass);
        }
        comparable(&start.train, &start.held_out, FEWEST)?;
        labels_of(&start.train, start.classes, Side::Lab)?;
        labels_of(&start.held_out, start.classes, Side::Lab)?;
        let track = |policy: &Policy| {
            Ok(Track {
                policy: *policy,
                head: start.fit(true, &Labelled::default())?,
                reference: start.held_out.clone(),
                bought: Labelled::default(),
                held_back: Labelled::default(),
                spent: 0,
                random: Random::new(start.settings.seed),
            })
        };
        let tracks = policies.iter().map(track).collect::<Result<_, _>>()?;
        Ok(Self { start, tracks, week: 0 })
    }

    /// Plays the next week: its pictures' embeddings and true labels, of which no policy sees
    /// more than it pays for. Returns a report per policy, in their order. After an error the
    /// year cannot go on.
    ///
    /// # Errors
    /// [`comparable`], [`Refusal::NoLabels`], [`Refusal::UnknownClass`], and what
    /// [`Detector::test`] refuses.
    pub fn play(&mut self, pictures: &Sample) -> Result<Vec<Week>, Refusal> {
        comparable(&self.start.train, pictures, FEWEST)?;
        labels_of(pictures, self.start.classes, Side::Field)?;
        let (start, week) = (&self.start, self.week);
        self.week += 1;
        self.tracks.iter_mut().map(|track| track.play(start, week, pictures)).collect()
    }
}

/// Plays as many weeks, each with the pictures that `provider` gives for it (counted from 0;
/// embeddings with labels). `report` hears of every week as it ends, so that it can be shown.
///
/// # Errors
/// The provider's, or a [`Refusal`] of [`Year::play`] turned into one.
pub fn run<E: From<Refusal>>(
    year: &mut Year,
    weeks: usize,
    mut provider: impl FnMut(usize) -> Result<Sample, E>,
    mut report: impl FnMut(&[Week]),
) -> Result<(), E> {
    for week in 0..weeks {
        report(&year.play(&provider(week)?)?);
    }
    Ok(())
}

impl Start {
    fn fit(&self, with_lab: bool, bought: &Labelled) -> Result<Refit, Refusal> {
        let mut all = bought.clone();
        if with_lab {
            all.embeddings.extend(self.train.values());
            all.labels.extend(self.train.labels().unwrap_or_default());
        }
        Refit::new(&all.embeddings, &all.labels, self.train.dim(), self.classes, self.settings.lambda)
    }
}

impl Track {
    fn play(&mut self, start: &Start, week: usize, pictures: &Sample) -> Result<Week, Refusal> {
        let answered = self.head.answered(pictures)?;
        let field = answered.clone().unlabelled();
        let held_out = self.head.answered(&start.held_out)?;
        let known = self.head.answered(&self.held_back.with(&start.held_out)?)?;
        let reference = self.head.answered(&self.reference)?;
        let verdict = start.detector.test(&reference, &field, self.random.seed())?;
        let alarm = verdict.alarm(start.settings.level);
        let mut report = Week {
            week,
            accuracy: accuracy(&answered, Side::Field)?,
            estimated: start.estimator.estimate(&known, &field)?,
            lab_accuracy: accuracy(&held_out, Side::Lab)?,
            p_value: verdict.p_value,
            alarm,
            labelled: Vec::new(),
            spent: self.spent,
        };
        let affordable = self.policy.each.min(self.policy.budget - self.spent);
        if self.policy.due(week, alarm) && affordable > 0 {
            report.labelled = self.buy(start, &answered, affordable)?;
            self.spent += report.labelled.len();
            report.spent = self.spent;
        }
        Ok(report)
    }

    /// Has pictures labelled, trains again, and takes the week for the new normal.
    fn buy(&mut self, start: &Start, pictures: &Sample, count: usize) -> Result<Vec<usize>, Refusal> {
        let labels = labels_of(pictures, start.classes, Side::Field)?;
        let labelled = self.bought.with(&start.train)?;
        let chosen = select::choose(self.policy.strategy, pictures, Some(&labelled), count, self.random.seed())?;
        for (i, picture) in chosen.iter().enumerate() {
            let label = self.noisy(labels[*picture], start);
            let to = if (i + 1).is_multiple_of(HELD_BACK) { &mut self.held_back } else { &mut self.bought };
            to.embeddings.extend(pictures.row(*picture));
            to.labels.push(label);
        }
        // Without the lab there is nothing to train on before the first label.
        self.head = start.fit(self.policy.keep_lab || self.bought.labels.is_empty(), &self.bought)?;
        self.reference = pictures.clone().unlabelled();
        Ok(chosen)
    }

    /// The label as someone in a hurry gives it: wrong at the set rate, evenly among the others.
    fn noisy(&mut self, label: u32, start: &Start) -> u32 {
        if self.random.uniform() >= start.settings.label_noise {
            return label;
        }
        let other = self.random.below(start.classes - 1) as u32;
        if other < label { other } else { other + 1 }
    }
}

impl Labelled {
    /// These and those of a labelled sample.
    fn with(&self, sample: &Sample) -> Result<Sample, Refusal> {
        let embeddings = [&self.embeddings, sample.values()].concat();
        let labels = [&self.labels, sample.labels().unwrap_or_default()].concat();
        Sample::new(embeddings, sample.dim())?.with_labels(labels)
    }
}

/// Labels, each below `classes`.
fn labels_of(sample: &Sample, classes: usize, side: Side) -> Result<&[u32], Refusal> {
    let labels = sample.labels().ok_or(Refusal::NoLabels { side })?;
    match labels.iter().find(|l| **l as usize >= classes) {
        Some(label) => Err(Refusal::UnknownClass { label: *label, classes }),
        None => Ok(labels),
    }
}

#[cfg(test)]
mod tests;
