//! Both models on the camera: a frame at a time, the next one when the last is answered.

use super::duo::{Duo, DuoView, Shown};
use super::store::Shrink;
use crate::engine::protocol::Payload;
use crate::ui::learn::Learn;
use crate::ui::learn::camera::view::{CameraView, View};
use crate::ui::widgets::icon::{Icon, icon};
use crate::web::camera::Lens;
use crate::web::clock::{self, Timeout};
use leptos::prelude::*;
use std::sync::Arc;

/// Pause between frames: the page paints in between.
const PAUSE_MS: u32 = 30;
/// Pause while there is nothing to ask or nobody to ask.
const IDLE_MS: u32 = 300;

#[derive(Clone, Copy)]
struct Loop {
    duo: Duo,
    view: View,
    lens: StoredValue<Option<Lens>, LocalStorage>,
    timer: StoredValue<Option<Timeout>, LocalStorage>,
}

impl Loop {
    fn again(self, ms: u32) {
        // Gone with its panel: nothing to do any more.
        let timer = clock::after(ms, move || self.look());
        self.timer.try_update_value(|t| *t = Some(timer));
    }

    fn look(self) {
        let frame = self.view.ready.try_get_untracked().unwrap_or(false).then(|| {
            let video = self.view.video.get_untracked()?;
            self.lens.try_with_value(|lens| lens.as_ref()?.pixels(&video)).flatten()
        });
        let Some((side, rgba)) = frame.flatten() else { return self.again(IDLE_MS) };
        let shown = Shown::Frame(side, Arc::new(rgba.clone()));
        let payload = Payload::parts(vec![rgba]);
        let then = move |answered| self.again(if answered { PAUSE_MS } else { IDLE_MS });
        if !self.duo.ask(Some((side, side)), payload, None, shown, then) {
            self.again(IDLE_MS);
        }
    }
}

#[component]
pub fn Camera() -> impl IntoView {
    let on = RwSignal::new(false);
    view! {
        <section class="card" aria-labelledby="shrink-live-title">
            <header class="card-head"><h3 id="shrink-live-title">"Both on the camera"</h3>
                <button class="button" data-testid="shrink-camera" aria-pressed=move || on.get().to_string() on:click=move |_| on.update(|on| *on = !*on)>
                    {icon(Icon::Camera)}<span>{move || if on.get() { "Camera off" } else { "Camera on" }}</span></button>
            </header>
            <Show when=move || on.get()><Live /></Show>
        </section>
    }
    .into_any()
}

#[component]
fn Live() -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let learn = expect_context::<Learn>();
    let view = View::new();
    let duo = Duo::new(shrink);
    let looking = Loop { duo, view, lens: StoredValue::new_local(Lens::new()), timer: StoredValue::new_local(None) };
    looking.again(0);
    let paused = Signal::derive(move || learn.recorder.get());
    view! {
        <div class="live-both">
            <div class="live-small"><CameraView state=view paused=paused><span></span></CameraView></div>
            <div data-testid="live-both"><DuoView duo=duo /></div>
        </div>
    }
    .into_any()
}
