//! Live prediction: a frame at a time, the next one when the last is answered.

use super::heatmap::Heatmap;
use super::{Ask, Event, Payload, Request};
use crate::ui::engine::Link;
use crate::ui::learn::Learn;
use crate::ui::learn::camera::view::{CameraView, View};
use crate::ui::pure::format::milliseconds;
use crate::web::camera::Lens;
use crate::web::clock::{self, Timeout};
use leptos::prelude::*;

/// Pause between frames: the page paints in between.
const PAUSE_MS: u32 = 15;
/// Pause while there is nothing to ask or nobody to ask.
const IDLE_MS: u32 = 300;
/// Weight of the newest frame in the running rate.
const NEWEST: f64 = 0.15;

#[derive(Clone, Copy)]
struct Loop {
    learn: Learn,
    engine: Link,
    view: View,
    lens: StoredValue<Option<Lens>, LocalStorage>,
    timer: StoredValue<Option<Timeout>, LocalStorage>,
    /// Frames a second and milliseconds from frame to answer.
    rate: RwSignal<Option<(f64, f64)>>,
    last: StoredValue<f64>,
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
        let trained = self.learn.trainer.trained.get_untracked();
        let (Some((side, rgba)), Some(trained)) = (frame.flatten(), trained) else { return self.again(IDLE_MS) };
        let asked = clock::now();
        let request = Ask::PredictFrame { head: trained.head.clone(), width: side, height: side };
        let payload = Payload::parts(vec![rgba]);
        self.engine.submit(Request::Learn(request), payload, Vec::new(), move |event| {
            if self.last.try_get_value().is_none() || matches!(event, Event::Progress(..)) {
                return;
            }
            let lost = matches!(event, Event::Lost | Event::Failed(_));
            if self.learn.tryout.hear(event, &trained) {
                self.count(asked);
            }
            self.again(if lost { IDLE_MS } else { PAUSE_MS });
        });
    }

    fn count(self, asked: f64) {
        let now = clock::now();
        let since = now - self.last.get_value();
        self.last.set_value(now);
        let fresh = (1000.0 / since.max(1.0), now - asked);
        let blended = match self.rate.get_untracked() {
            Some((fps, ms)) if since < 2000.0 => (fps + NEWEST * (fresh.0 - fps), ms + NEWEST * (fresh.1 - ms)),
            _ => fresh,
        };
        self.rate.set(Some(blended));
    }
}

#[component]
pub fn Live(opacity: RwSignal<f64>) -> impl IntoView {
    let learn = expect_context::<Learn>();
    let engine = expect_context::<Link>();
    let camera = View::new();
    let looking = Loop {
        learn,
        engine,
        view: camera,
        lens: StoredValue::new_local(Lens::new()),
        timer: StoredValue::new_local(None),
        rate: RwSignal::new(None),
        last: StoredValue::new(0.0),
    };
    learn.tryout.verdict.set(None);
    looking.again(0);
    let paused = Signal::derive(move || learn.recorder.get());
    view! {
        <CameraView state=camera paused=paused>
            <Heatmap opacity=opacity />
        </CameraView>
        <p class="fine num" data-testid="live-rate">
            {move || looking.rate.get().map(|(fps, ms)| format!("{fps:.0} pictures per second, {} from camera to answer", milliseconds(ms as f32)))}
        </p>
    }
}
