//! The engine as the page holds it: a handle, its state, and a word when it comes back.

use super::pure::latency::{Latency, Spread};
use super::widgets::toast::Toasts;
use crate::engine::client::pool::{News, Run, Task};
use crate::engine::client::{Engine, Event, Fetch, Job, Status};
use crate::engine::protocol::{BackboneInfo, Payload, Reply, Request, Twin, images, learn};
use crate::web::files::Blob;
use leptos::prelude::*;

/// Copies are the same engine.
#[derive(Clone, Copy)]
pub struct Link {
    engine: StoredValue<Engine, LocalStorage>,
    pub status: RwSignal<Status>,
    latency: RwSignal<Latency>,
}

impl Link {
    pub fn start(toasts: Toasts) -> Self {
        let status = RwSignal::new(Status::Loading { received: 0, total: None });
        let latency = RwSignal::new(Latency::default());
        let engine = Engine::start(move |new| {
            let was = status.get_untracked();
            if matches!(new, Status::Ready(_)) && was == Status::Restarting {
                toasts.say("The engine stopped and was restarted. Nothing was lost.");
            }
            if matches!(new, Status::Ready(_)) {
                latency.update(Latency::restart);
            }
            // Loading reports every chunk; a hundredth more is news enough.
            if !small_step(&was, &new) {
                status.set(new);
            }
        });
        Self { engine: StoredValue::new_local(engine), status, latency }
    }

    pub fn submit(
        self,
        request: Request,
        payload: Payload,
        blobs: Vec<Blob>,
        mut listener: impl FnMut(Event) + 'static,
    ) -> Job {
        let listener = move |event: Event| {
            if let Some(ms) = embed_ms(&event) {
                self.latency.update(|latency| latency.record(ms));
            }
            listener(event);
        };
        self.engine.with_value(|engine| engine.submit(request, payload, blobs, listener))
    }

    /// Works through `tasks` with several engines.
    pub fn run_all(self, tasks: Vec<Task>, workers: usize, hear: impl Fn(News) + 'static) -> Run {
        self.engine.with_value(|engine| engine.run_all(tasks, workers, hear))
    }

    /// Downloads a twin; `listener` hears how that goes.
    pub fn fetch(self, twin: Twin, listener: impl Fn(Fetch) + 'static) {
        self.engine.with_value(|engine| engine.fetch(twin, listener));
    }

    /// Downloads a twin without running it; see [`Engine::obtain`].
    pub fn obtain(
        self,
        twin: Twin,
        progress: impl Fn(u64, Option<u64>) + 'static,
        done: impl FnOnce(Result<(), String>) + 'static,
    ) {
        self.engine.with_value(|engine| engine.obtain(twin, progress, done));
    }

    /// Works through `tasks` with engines of their own that run `twin`.
    pub fn run_by(self, twin: Twin, tasks: Vec<Task>, workers: usize, hear: impl Fn(News) + 'static) -> Option<Run> {
        self.engine.with_value(|engine| engine.run_by(twin, tasks, workers, hear))
    }

    /// From now on the backbone that was brought is this file, or none; see [`Engine::bring`].
    pub fn bring(self, file: Option<Vec<u8>>) {
        self.engine.with_value(|engine| engine.bring(file));
    }

    /// Runs a twin that was fetched.
    pub fn run(self, twin: Twin) {
        self.engine.with_value(|engine| engine.run(twin));
    }

    /// How long an embedding takes here, once there has been enough work to tell.
    pub fn latency(self) -> Memo<Option<Spread>> {
        Memo::new(move |_| self.latency.with(Latency::spread))
    }

    pub fn retry(self) {
        self.engine.with_value(Engine::retry);
    }

    /// The backbone, once it is loaded; after a crash, the one that is coming back.
    pub fn backbone(self) -> Memo<Option<BackboneInfo>> {
        Memo::new(move |last: Option<&Option<BackboneInfo>>| match self.status.get() {
            Status::Ready(ready) => ready.backbone,
            _ => last.cloned().flatten(),
        })
    }
}

/// Time in the backbone, from the replies that tell it.
fn embed_ms(event: &Event) -> Option<f32> {
    match event {
        Event::Progress(Reply::Images(images::Reply::Item(item)), _) => match &item.outcome {
            images::Outcome::Accepted(picture) => picture.embed_ms,
            images::Outcome::Refused(_) => None,
        },
        Event::Done(Reply::Learn(learn::Reply::Predicted(prediction)), _) => Some(prediction.embed_ms),
        _ => None,
    }
}

fn small_step(was: &Status, new: &Status) -> bool {
    let (Status::Loading { received: before, .. }, Status::Loading { received: now, total }) = (was, new) else {
        return false;
    };
    *before > 0 && now - before < total.unwrap_or(10_000_000) / 100 && Some(*now) != *total
}
