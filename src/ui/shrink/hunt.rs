//! The hunt for culprits: what each layer does alone, and what should stay float.

use super::store::Shrink;
use crate::engine::client::{Event, Job};
use crate::engine::protocol::Reply;
use crate::engine::protocol::Request;
use crate::engine::protocol::shrink::{Alone, Proposed, Reply as Answer, Request as Ask};
use crate::ui::store::Store;
use leptos::prelude::*;

/// Pictures that layers are measured with.
pub const PICTURES: usize = 60;

/// Copies are the same.
pub type Hunt = Store<HuntParts>;

/// What [`Hunt`] holds.
pub struct HuntParts {
    shrink: Shrink,
    /// Answers that may change, in percent.
    pub limit: RwSignal<f32>,
    pub alone: RwSignal<Vec<Alone>>,
    pub proposed: RwSignal<Option<Proposed>>,
    pub running: RwSignal<Option<f32>>,
    pub trouble: RwSignal<Option<String>>,
    job: StoredValue<Option<Job>, LocalStorage>,
}

impl Hunt {
    pub fn new(shrink: Shrink) -> Self {
        Store::of(HuntParts {
            shrink,
            limit: RwSignal::new(1.0),
            alone: RwSignal::new(Vec::new()),
            proposed: RwSignal::new(None),
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
        self.alone.set(Vec::new());
        self.proposed.set(None);
        self.trouble.set(None);
    }

    pub fn start(self) {
        self.clear();
        let Some(asked) = self.shrink.asked() else { return };
        let exam = self.shrink.exam_pictures(PICTURES);
        if exam.is_empty() {
            return self.trouble.set(Some("There are no pictures to ask about.".into()));
        }
        let mut recipe = self.shrink.recipe_now();
        // Everything is measured, whatever is left float now.
        recipe.exclude.clear();
        let (payload, blobs, calibration) = self.shrink.bring(&asked, &exam);
        let limit = self.limit.get_untracked() / 100.0;
        let request = Request::Shrink(Ask::Culprits { subject: asked.subject, recipe, calibration, limit });
        self.running.set(Some(0.0));
        let job = self.shrink.engine.submit(request, payload, blobs, move |event| self.hear(event));
        self.job.set_value(Some(job));
    }

    fn hear(self, event: Event) {
        match event {
            Event::Progress(Reply::Shrink(Answer::Working { fraction, .. }), _) => self.running.set(Some(fraction)),
            Event::Progress(Reply::Shrink(Answer::Alone(alone)), _) => self.alone.update(|all| all.push(alone)),
            Event::Done(Reply::Shrink(Answer::Proposed(proposed)), _) => {
                self.running.set(None);
                self.proposed.set(Some(proposed));
            }
            other => {
                if let Some(reason) = other.trouble("The engine stopped while measuring layers. Try again.") {
                    self.running.set(None);
                    self.trouble.set(Some(reason));
                }
            }
        }
    }
}
