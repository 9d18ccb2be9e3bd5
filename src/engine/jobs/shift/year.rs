//! A year in production, a photograph a step, a week at a time.

use super::{order, outputs, reply, take_lab};
use crate::engine::jobs::{Job, Step};
use crate::engine::protocol::Payload;
use crate::engine::protocol::shift::{Lab as Shape, Reply};
use crate::image::thumb;
use crate::learn::split;
use crate::model::backbone::Backbone;
use crate::shift::drift::{Sample, mmd::Mmd};
use crate::shift::estimate::doc::ConfidenceDifference;
use crate::shift::judges::Lab;
use crate::shift::scene::photograph;
use crate::shift::scene::world::Meaning;
use crate::shift::timeline::year::{Start, Year as Play};
use crate::shift::timeline::{Calendar, Policy, Settings, WEEKS};

/// Most pictures of a week.
pub const MOST: usize = 200;

pub struct Year {
    shape: Shape,
    payload: Payload,
    outputs: [Option<u32>; Meaning::ALL.len()],
    calendar: Calendar,
    policies: Vec<Policy>,
    settings: Settings,
    pictures: usize,
    play: Option<Play>,
    week: usize,
    /// Of the week under way: the next photograph, what was seen so far.
    next: usize,
    embeddings: Vec<f32>,
    labels: Vec<u32>,
    thumbs: Vec<Vec<u8>>,
}

impl Year {
    /// # Errors
    /// A sentence: a calendar or size out of range, or a head that knows fewer than two road signs.
    pub fn new(
        (shape, payload): (Shape, Payload),
        labels: &[String],
        calendar: Calendar,
        (policies, settings): (Vec<Policy>, Settings),
        pictures: usize,
    ) -> Result<Self, String> {
        calendar.check()?;
        if !(8..=MOST).contains(&pictures) {
            return Err(format!("A week has 8 to {MOST} pictures."));
        }
        let outputs = outputs(labels);
        if outputs.iter().flatten().count() < 2 {
            return Err("The classifier knows fewer than two road signs.".into());
        }
        Ok(Self {
            shape,
            payload,
            outputs,
            calendar,
            policies,
            settings,
            pictures,
            play: None,
            week: 0,
            next: 0,
            embeddings: Vec::new(),
            labels: Vec::new(),
            thumbs: Vec::new(),
        })
    }

    fn start(&mut self, dim: usize) -> Result<Play, String> {
        let lab = take_lab(self.shape, &mut self.payload, dim)?;
        let (train, held_out) = halves(&lab)?;
        let start = Start {
            train,
            held_out,
            classes: lab.classes,
            settings: self.settings,
            detector: &Mmd,
            estimator: &ConfidenceDifference,
        };
        Play::new(start, &self.policies).map_err(|refusal| refusal.to_string())
    }

    fn shoot(&mut self, backbone: &Backbone) -> Result<(), String> {
        let index = self.next;
        self.next += 1;
        let Some(label) = self.outputs[index % Meaning::ALL.len()] else { return Ok(()) };
        // Other places every week.
        let seed = self.settings.seed.wrapping_add(1 + self.week as u64);
        let order = order(self.calendar.world(self.week), seed);
        let pixels = photograph(&order, index).saved();
        self.embeddings.extend(backbone.embed(&pixels)?.embedding);
        self.labels.push(label);
        self.thumbs.push(thumb::jpeg(&pixels));
        Ok(())
    }

    fn end_of_week(&mut self, dim: usize) -> Result<(Reply, Payload), String> {
        let pictures = Sample::new(std::mem::take(&mut self.embeddings), dim);
        let pictures = pictures.and_then(|s| s.with_labels(std::mem::take(&mut self.labels)));
        let play = self.play.as_mut().ok_or("The year has not begun.")?;
        let weeks = pictures.and_then(|pictures| play.play(&pictures)).map_err(|refusal| refusal.to_string())?;
        self.week += 1;
        self.next = 0;
        Ok((Reply::Weeks(weeks), Payload::parts(std::mem::take(&mut self.thumbs))))
    }
}

/// The lab's pictures for training and for measuring, apart by groups.
fn halves(lab: &Lab) -> Result<(Sample, Sample), String> {
    let (folds, fold) = split::folds(&lab.labels, &lab.groups, 1);
    let tests = |i: &usize| fold[*i].is_some_and(|f| f < (folds / 2).max(1));
    let (held_out, train): (Vec<usize>, Vec<usize>) = (0..fold.len()).partition(tests);
    let sample = |rows: Vec<usize>| {
        let embeddings = rows.iter().flat_map(|i| lab.row(*i)).copied().collect();
        Sample::new(embeddings, lab.dim)?.with_labels(rows.iter().map(|i| lab.labels[*i]).collect())
    };
    let said = |refusal: crate::shift::drift::Refusal| refusal.to_string();
    Ok((sample(train).map_err(said)?, sample(held_out).map_err(said)?))
}

impl Job for Year {
    fn step(&mut self, backbone: &Backbone) -> Step {
        if self.play.is_none() {
            match self.start(backbone.dim) {
                Ok(play) => self.play = Some(play),
                Err(reason) => return Step::Failed(reason),
            }
        }
        if self.week == WEEKS {
            return Step::Done(reply(Reply::Done), Payload::default());
        }
        let done = if self.next < self.pictures {
            self.shoot(backbone).map(|()| None)
        } else {
            self.end_of_week(backbone.dim).map(|(weeks, payload)| Some((reply(weeks), payload)))
        };
        done.map_or_else(Step::Failed, Step::Continue)
    }
}
