//! Store: what the detectors say of the field, how far they can be trusted, and how accurate the model
//! still seems to be, all without a label from there.

use super::field::{Field, Source};
use super::lab::Lab;
use crate::engine::client::{Event, Job};
use crate::engine::protocol::shift::{By, Estimate, Finding, Noticed, Reply as Answer, Request as Ask, Trial};
use crate::engine::protocol::{Reply, Request, pack_u32};
use crate::learn::metrics::Interval;
use crate::ui::engine::Link;
use crate::ui::learn::Learn;
use crate::ui::store::Store;
use leptos::prelude::*;

/// Draws from which a detector's rates are measured.
const TRIALS: usize = 100;
/// Level of an alarm.
pub const LEVEL: f64 = 0.05;

/// One detector: its verdict, then how often it rings without a shift and at this one.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub finding: Finding,
    pub false_alarms: Option<Interval>,
    pub power: Option<Interval>,
}

/// Copies are the same store.
pub type Notice = Store<NoticeParts>;

/// What [`Notice`] holds.
pub struct NoticeParts {
    engine: Link,
    learn: Learn,
    pub field: Field,
    /// What the detectors compare.
    pub by: RwSignal<By>,
    /// Pictures a side, at most.
    pub size: RwSignal<usize>,
    pub rows: RwSignal<Vec<Row>>,
    pub estimates: RwSignal<Vec<Estimate>>,
    /// Places among the pictures seen, the least like the lab first, with the share of the lab as far out.
    pub unlike: RwSignal<Vec<(usize, f64)>>,
    pub running: RwSignal<Option<f32>>,
    pub trouble: RwSignal<Option<String>>,
    job: StoredValue<Option<Job>, LocalStorage>,
}

impl Notice {
    pub fn new(engine: Link, learn: Learn, field: Field) -> Self {
        Store::of(NoticeParts {
            engine,
            learn,
            field,
            by: RwSignal::new(By::Embedding),
            size: RwSignal::new(40),
            rows: RwSignal::new(Vec::new()),
            estimates: RwSignal::new(Vec::new()),
            unlike: RwSignal::new(Vec::new()),
            running: RwSignal::new(None),
            trouble: RwSignal::new(None),
            job: StoredValue::new_local(None),
        })
    }

    pub fn cancel(self) {
        if let Some(job) = self.job.try_update_value(Option::take).flatten() {
            job.cancel();
        }
        self.running.set(None);
    }

    pub fn clear(self) {
        self.cancel();
        self.trouble.set(None);
        self.rows.set(Vec::new());
        self.estimates.set(Vec::new());
        self.unlike.set(Vec::new());
    }

    pub fn test(self) {
        self.clear();
        let Some(lab) = Lab::now(self.learn) else { return };
        // A lab picture and its own degraded copy must not be on both sides.
        let made = self.field.source.get_untracked() == Source::Degraded;
        let numbers = self.field.numbers(|s| !made || lab.on_field_side(s.shot.index));
        let rows = 0..lab.labels.len() as u32;
        let reference = rows.filter(|row| !made || !lab.on_field_side(*row)).collect();
        let mut payload = lab.payload();
        payload.floats.extend(numbers.embeddings);
        payload.floats.extend(numbers.probabilities);
        payload.parts.push(pack_u32(numbers.truths));
        let places = numbers.places;
        let by = self.by.get_untracked();
        let trial = Trial { by, size: self.size.get_untracked(), level: LEVEL, trials: TRIALS, seed: 1 };
        let request = Ask::Notice { lab: lab.shape, reference, trial };
        self.running.set(Some(0.0));
        let hear = move |event| self.hear(event, &places);
        let job = self.engine.submit(Request::Shift(request), payload, Vec::new(), hear);
        self.job.set_value(Some(job));
    }

    fn hear(self, event: Event, places: &[usize]) {
        match event {
            Event::Progress(Reply::Shift(Answer::Noticed(news)), _) => self.take(news, places),
            Event::Done(..) => self.running.set(None),
            other => {
                if let Some(reason) = other.trouble("The engine stopped on the way. Test again.") {
                    self.running.set(None);
                    self.trouble.set(Some(reason));
                }
            }
        }
    }

    fn take(self, news: Noticed, places: &[usize]) {
        match news {
            Noticed::Finding(finding) => {
                self.rows.update(|rows| rows.push(Row { finding, false_alarms: None, power: None }));
            }
            Noticed::Rates { detector, false_alarms, power } => {
                let done = false_alarms.or(power).map_or(0, |i| i.n);
                self.running.set(Some(done as f32 / TRIALS as f32));
                self.rows.update(|rows| {
                    if let Some(row) = rows.iter_mut().find(|r| r.finding.detector == detector) {
                        (row.false_alarms, row.power) = (false_alarms, power);
                    }
                });
            }
            Noticed::Estimates(estimates) => self.estimates.set(estimates),
            Noticed::Unlike(ranked) => {
                let place = |(picture, p): (u32, f64)| Some((*places.get(picture as usize)?, p));
                self.unlike.set(ranked.into_iter().filter_map(place).collect());
            }
            Noticed::Refused(reason) => self.trouble.set(Some(reason)),
        }
    }
}
