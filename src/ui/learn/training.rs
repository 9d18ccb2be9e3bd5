//! The head retrains by itself whenever the data change.

use super::data::Data;
use super::import::Importer;
use crate::engine::client::{Event, Job};
use crate::engine::protocol::learn::{Reply as Answer, Request as Ask};
use crate::engine::protocol::{Payload, Reply, Request, Twin, pack_u32, pack_u64};
use crate::learn::dataset::{ClassId, PictureId};
use crate::learn::head::Head;
use crate::learn::report::Report;
use crate::ui::engine::Link;
use crate::ui::store::Store;
use crate::web::clock;
use crate::web::clock::Timeout;
use leptos::prelude::*;
use std::sync::Arc;

/// How long the data must be left alone before training begins.
const DEBOUNCE_MS: u32 = 250;
/// How often training the same data may be lost to a crash.
const MAX_LOST: u32 = 3;

#[derive(Debug, Clone, PartialEq)]
pub enum Training {
    Idle,
    /// For pictures that still come in, for the engine, or for the data to be left alone.
    Waiting,
    Running {
        fraction: f32,
        stage: String,
    },
    Failed(String),
}

/// A trained head and what it was trained on.
#[derive(Debug, PartialEq)]
pub struct Trained {
    pub head: Head,
    pub report: Report,
    /// Class of each output.
    pub classes: Vec<ClassId>,
    /// Picture of each row.
    pub rows: Vec<PictureId>,
}

/// Copies are the same trainer.
pub type Trainer = Store<TrainerParts>;

/// What [`Trainer`] holds.
pub struct TrainerParts {
    engine: Link,
    data: Data,
    importer: Importer,
    pub state: RwSignal<Training>,
    /// The pictures are being embedded anew: training waits.
    pub paused: RwSignal<bool>,
    pub trained: RwSignal<Option<Arc<Trained>>>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    job: Option<Job>,
    timer: Option<Timeout>,
    lost: u32,
    /// A head that came without pictures, and the twin it is for.
    adopted: Option<(Twin, Arc<Trained>)>,
}

impl Trainer {
    pub fn new(engine: Link, data: Data, importer: Importer) -> Self {
        let trainer = Store::of(TrainerParts {
            engine,
            data,
            importer,
            state: RwSignal::new(Training::Idle),
            paused: RwSignal::new(false),
            trained: RwSignal::new(None),
            inner: StoredValue::new_local(Inner::default()),
        });
        let labels = data.labels();
        Effect::new(move |_| {
            labels.track();
            importer.active.track();
            trainer.paused.track();
            trainer.inner.update_value(|i| i.lost = 0);
            trainer.schedule();
        });
        trainer
    }

    /// What is shown will be replaced shortly.
    pub fn updating(self) -> bool {
        self.state.with(|s| matches!(s, Training::Waiting | Training::Running { .. }))
    }

    /// Another backbone: what was learned on the last one is of no use.
    pub fn forget(self) {
        self.stop();
        self.trained.set(None);
    }

    /// Trains again after a failure.
    pub fn retry(self) {
        self.inner.update_value(|i| i.lost = 0);
        self.schedule();
    }

    /// Uses a head that was trained elsewhere, on embeddings of `twin`, until there are pictures to train one
    /// on. Its `rows` are empty.
    pub fn adopt(self, twin: Twin, trained: Trained) {
        self.inner.update_value(|i| i.adopted = Some((twin, Arc::new(trained))));
        self.schedule();
    }

    /// Other data: a head that came without pictures belonged to the last.
    pub fn disown(self) {
        self.inner.update_value(|i| i.adopted = None);
    }

    /// The head that came without pictures, while it can be used: its classes are there, and its twin is.
    pub fn adopted(self) -> Option<Arc<Trained>> {
        let (twin, trained) = self.inner.with_value(|i| i.adopted.clone())?;
        let whole = self.data.with_untracked(|d| trained.classes.iter().all(|id| d.class(*id).is_some()));
        (whole && self.data.twin.get_untracked() == twin).then_some(trained)
    }

    fn schedule(self) {
        self.stop();
        if self.data.with_untracked(|d| d.filled().len()) < 2 {
            self.trained.set(self.adopted());
            self.state.set(Training::Idle);
            return;
        }
        self.state.set(Training::Waiting);
        if !self.importer.active.get_untracked() && !self.paused.get_untracked() {
            let timer = clock::after(DEBOUNCE_MS, move || self.start());
            self.inner.update_value(|i| i.timer = Some(timer));
        }
    }

    fn stop(self) {
        let job = self.inner.try_update_value(|i| {
            i.timer = None;
            i.job.take()
        });
        if let Some(job) = job.flatten() {
            job.cancel();
        }
    }

    fn start(self) {
        let (classes, rows, labels, dhashes, bursts) = self.data.with_untracked(|d| {
            let classes = d.filled();
            let label = |class| classes.iter().position(|c| *c == class).unwrap_or(0) as u32;
            let rows: Vec<PictureId> = d.pictures.iter().map(|p| p.id).collect();
            let labels = pack_u32(d.pictures.iter().map(|p| label(p.class)));
            let dhashes = pack_u64(d.pictures.iter().map(|p| p.dhash));
            let bursts = pack_u32(d.pictures.iter().map(|p| p.burst));
            (classes, rows, labels, dhashes, bursts)
        });
        // Pictures an undo brought back while embeddings were missing: the next pass brings them.
        let Some(floats) = self.data.embeddings(&rows) else { return };
        let request = Request::Learn(Ask::Train { classes: classes.len() });
        let payload = Payload { floats, parts: vec![labels, dhashes, bursts] };
        let mut basis = Some((classes, rows));
        let listener = move |event| self.hear(event, &mut basis);
        let job = self.engine.submit(request, payload, Vec::new(), listener);
        self.inner.update_value(|i| i.job = Some(job));
    }

    fn hear(self, event: Event, basis: &mut Option<(Vec<ClassId>, Vec<PictureId>)>) {
        match event {
            Event::Progress(Reply::Learn(Answer::Training { fraction, stage }), _) => {
                self.state.set(Training::Running { fraction, stage });
            }
            Event::Done(Reply::Learn(Answer::Trained { head, report }), _) => {
                let Some((classes, rows)) = basis.take() else { return };
                self.inner.update_value(|i| i.job = None);
                self.trained.set(Some(Arc::new(Trained { head, report: *report, classes, rows })));
                self.state.set(Training::Idle);
            }
            Event::Failed(reason) => self.state.set(Training::Failed(reason)),
            Event::Lost => {
                let lost = self.inner.try_update_value(|i| {
                    i.job = None;
                    i.lost += 1;
                    i.lost
                });
                if lost.is_some_and(|n| n >= MAX_LOST) {
                    self.state.set(Training::Failed(
                        "Training stopped the engine several times. Nothing of yours is lost.".into(),
                    ));
                } else {
                    self.schedule();
                }
            }
            Event::Cancelled | Event::Progress(..) | Event::Done(..) => {}
        }
    }
}
