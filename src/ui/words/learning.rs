//! What the model learned here, from a text the person pasted.

use crate::engine::client::{Event, Job};
use crate::engine::protocol::Reply;
use crate::engine::protocol::words::{Measured, Reply as Answer};
use crate::ui::store::Store;
use leptos::prelude::*;

/// How it goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Going {
    Idle,
    /// The text is read; share done.
    Reading(f32),
    /// Seconds passed.
    Learning(f32),
}

/// What it learns from and with.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sizes {
    /// Words learned from, and held out.
    pub words: (u32, u32),
    /// Numbers that learn, of all.
    pub numbers: (u32, u32),
}

/// Copies are the same.
pub type Learning = Store<LearningParts>;

/// What [`Learning`] holds.
pub struct LearningParts {
    pub seconds: RwSignal<f32>,
    pub going: RwSignal<Going>,
    pub curve: RwSignal<Vec<(f32, Measured)>>,
    pub sizes: RwSignal<Sizes>,
    pub trouble: RwSignal<Option<String>>,
    /// Guesses are made with what was learned.
    pub used: RwSignal<bool>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    job: Option<Job>,
    learned: Vec<f32>,
}

impl Learning {
    pub fn new() -> Self {
        Store::of(LearningParts {
            seconds: RwSignal::new(30.0),
            going: RwSignal::new(Going::Idle),
            curve: RwSignal::new(Vec::new()),
            sizes: RwSignal::new(Sizes::default()),
            trouble: RwSignal::new(None),
            used: RwSignal::new(false),
            inner: StoredValue::new_local(Inner::default()),
        })
    }

    /// The numbers to guess with; none: as shipped.
    pub fn in_use(self) -> Vec<f32> {
        if self.used.get_untracked() { self.inner.with_value(|i| i.learned.clone()) } else { Vec::new() }
    }

    /// Something was learned.
    pub fn any(self) -> bool {
        self.curve.with(|c| c.len() > 1)
    }

    pub(super) fn begin(self) {
        self.stop();
        self.curve.set(Vec::new());
        self.trouble.set(None);
        self.used.set(false);
        self.inner.update_value(|i| i.learned = Vec::new());
        self.going.set(Going::Reading(0.0));
    }

    pub(super) fn keep(self, job: Job) {
        self.inner.update_value(|i| i.job = Some(job));
    }

    /// Ends it; what was learned until now stays.
    pub fn stop(self) {
        if let Some(job) = self.inner.try_update_value(|i| i.job.take()).flatten() {
            job.cancel();
        }
        self.going.set(Going::Idle);
    }

    /// Returns whether the guesses change by it.
    pub(super) fn hear(self, event: Event) -> bool {
        let last = matches!(event, Event::Done(..));
        match event {
            Event::Progress(Reply::Words(Answer::Read(share)), _) => {
                self.going.set(Going::Reading(share));
                false
            }
            Event::Progress(Reply::Words(Answer::Studied { measured, seconds, words, numbers }), payload)
            | Event::Done(Reply::Words(Answer::Studied { measured, seconds, words, numbers }), payload) => {
                self.sizes.set(Sizes { words, numbers });
                self.curve.update(|curve| curve.push((seconds, measured)));
                self.inner.update_value(|i| i.learned = payload.floats);
                self.used.set(true);
                self.going.set(if last { Going::Idle } else { Going::Learning(seconds) });
                measured.steps > 0
            }
            other => {
                let lost = "The engine stopped on the way. What was learned until then is kept.";
                if let Some(reason) = other.trouble(lost) {
                    self.going.set(Going::Idle);
                    self.trouble.set(Some(reason));
                }
                false
            }
        }
    }
}
