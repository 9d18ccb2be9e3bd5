//! The engine as the page holds it: a handle, its state, and a word when it comes back.

use super::widgets::toast::Toasts;
use crate::engine::client::{Engine, Event, Job, Status};
use crate::engine::protocol::{BackboneInfo, Payload, Request};
use leptos::prelude::*;
use crate::web::files::Blob;

/// Copies are the same engine.
#[derive(Clone, Copy)]
pub struct Link {
    engine: StoredValue<Engine, LocalStorage>,
    pub status: RwSignal<Status>,
}

impl Link {
    pub fn start(toasts: Toasts) -> Self {
        let status = RwSignal::new(Status::Loading { received: 0, total: None });
        let engine = Engine::start(move |new| {
            let was = status.get_untracked();
            if matches!(new, Status::Ready(_)) && was == Status::Restarting {
                toasts.say("The engine stopped and was restarted. Nothing was lost.");
            }
            // Loading reports every chunk; a hundredth more is news enough.
            if !small_step(&was, &new) {
                status.set(new);
            }
        });
        Self { engine: StoredValue::new_local(engine), status }
    }

    pub fn submit(self, request: Request, payload: Payload, blobs: Vec<Blob>, listener: impl FnMut(Event) + 'static) -> Job {
        self.engine.with_value(|engine| engine.submit(request, payload, blobs, listener))
    }

    pub fn retry(self) {
        self.engine.with_value(Engine::retry);
    }

    /// The backbone, once it is loaded; after a crash, the one that is coming back.
    pub fn backbone(self) -> Memo<Option<BackboneInfo>> {
        Memo::new(move |last: Option<&Option<BackboneInfo>>| match self.status.get() {
            Status::Ready(ready) => Some(ready.backbone),
            _ => last.cloned().flatten(),
        })
    }
}

fn small_step(was: &Status, new: &Status) -> bool {
    let (Status::Loading { received: before, .. }, Status::Loading { received: now, total }) = (was, new) else { return false };
    *before > 0 && now - before < total.unwrap_or(10_000_000) / 100 && Some(*now) != *total
}
