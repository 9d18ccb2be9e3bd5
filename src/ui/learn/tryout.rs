//! Try the classifier on a picture or on the camera: one state, shown by [`panel`].

pub mod heatmap;
mod live;
mod outcome;
pub mod panel;

use super::data::Data;
use super::training::{Trained, Trainer};
use crate::engine::client::{Event, Job};
use crate::engine::protocol::learn::{Prediction, Reply as Answer, Request as Ask};
use crate::engine::protocol::{Payload, Reply, Request};
use crate::learn::dataset::{ClassId, PictureId};
use crate::ui::engine::Link;
use crate::ui::store::Store;
use crate::web::files::Blob;
use crate::web::urls::ObjectUrl;
use leptos::prelude::*;
use std::sync::Arc;

/// What the panel looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Picture,
    Camera,
}

/// What the head said about one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    pub prediction: Prediction,
    /// Class-activation maps of all classes, one after the other.
    pub maps: Arc<Vec<f32>>,
    /// Class of each output.
    pub classes: Vec<ClassId>,
}

/// The picture being tried.
struct Subject {
    blob: Blob,
    url: ObjectUrl,
}

/// Copies are the same state.
pub type Tryout = Store<TryoutParts>;

/// What [`Tryout`] holds.
pub struct TryoutParts {
    engine: Link,
    trainer: Trainer,
    pub mode: RwSignal<Mode>,
    /// Name of the picture, when there is one.
    pub name: RwSignal<Option<String>>,
    pub verdict: RwSignal<Option<Verdict>>,
    pub trouble: RwSignal<Option<String>>,
    /// Class whose evidence is painted; `None` follows the prediction.
    pub looking_for: RwSignal<Option<ClassId>>,
    subject: StoredValue<Option<Subject>, LocalStorage>,
    job: StoredValue<Option<Job>, LocalStorage>,
}

impl Tryout {
    pub fn new(engine: Link, trainer: Trainer) -> Self {
        let tryout = Store::of(TryoutParts {
            engine,
            trainer,
            mode: RwSignal::new(Mode::Picture),
            name: RwSignal::new(None),
            verdict: RwSignal::new(None),
            trouble: RwSignal::new(None),
            looking_for: RwSignal::new(None),
            subject: StoredValue::new_local(None),
            job: StoredValue::new_local(None),
        });
        // A new head looks at the same picture again.
        Effect::new(move |_| {
            trainer.trained.track();
            if tryout.mode.get() == Mode::Picture {
                tryout.predict();
            }
        });
        tryout
    }

    /// Tries a picture of the data.
    pub fn picture(self, data: Data, id: PictureId) {
        if let Some(stored) = data.stored(id) {
            self.file(stored.name.to_string(), stored.original);
        }
    }

    /// Tries any file.
    pub fn file(self, name: String, blob: Blob) {
        self.subject.set_value(Some(Subject { url: ObjectUrl::of(&blob), blob }));
        self.verdict.set(None);
        self.name.set(Some(crate::learn::dataset::clean_name(&name)));
        if self.mode.get_untracked() == Mode::Picture { self.predict() } else { self.mode.set(Mode::Picture) }
    }

    /// Where the picture can be shown from.
    pub fn source(self) -> Option<String> {
        self.name.track();
        self.subject.with_value(|s| s.as_ref().map(|s| s.url.as_str().to_owned()))
    }

    fn predict(self) {
        if let Some(job) = self.job.try_update_value(Option::take).flatten() {
            job.cancel();
        }
        let blob = self.subject.with_value(|s| s.as_ref().map(|s| s.blob.clone()));
        let (Some(blob), Some(trained)) = (blob, self.trainer.trained.get_untracked()) else {
            return self.verdict.set(None);
        };
        let request = Request::Learn(Ask::PredictFile { head: trained.head.clone() });
        let listener = move |event| {
            if matches!(event, Event::Lost) {
                self.predict();
            } else {
                self.hear(event, &trained);
            }
        };
        let job = self.engine.submit(request, Payload::default(), vec![blob], listener);
        self.job.set_value(Some(job));
    }

    /// Takes the answer to a prediction; true if it was one.
    fn hear(self, event: Event, trained: &Trained) -> bool {
        match event {
            Event::Done(Reply::Learn(Answer::Predicted(prediction)), payload) => {
                self.trouble.set(None);
                let maps = Arc::new(payload.floats);
                self.verdict.set(Some(Verdict { prediction, maps, classes: trained.classes.clone() }));
                true
            }
            Event::Failed(reason) => {
                self.verdict.set(None);
                self.trouble.set(Some(reason));
                false
            }
            _ => false,
        }
    }
}
