//! Hold a button to record pictures into a class.

use super::view::{CameraView, View};
use crate::learn::dataset::{ClassId, Dataset};
use crate::ui::learn::Learn;
use crate::ui::pure::format::{count, hex};
use crate::ui::widgets::dialog::Dialog;
use crate::ui::widgets::icon::{Icon, icon};
use crate::web::camera::Lens;
use crate::web::clock::{self, Interval};
use crate::web::element;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

/// A frame this often while the button is held: about eight a second.
const FRAME_MS: u32 = 125;
/// Most frames waiting to be read before recording pauses.
const MOST_WAITING: usize = 64;

#[component]
pub fn Recorder() -> impl IntoView {
    let open = expect_context::<Learn>().recorder;
    view! { <Dialog open=open title="Record with the camera" testid="recorder" wide=true><Recording /></Dialog> }
}

/// One opening of the recorder.
#[derive(Clone, Copy)]
struct Roll {
    learn: Learn,
    view: View,
    lens: StoredValue<Option<Lens>, LocalStorage>,
    timer: StoredValue<Option<Interval>, LocalStorage>,
    /// The recording held right now; 0 for none.
    burst: RwSignal<u32>,
    taken: RwSignal<usize>,
}

impl Roll {
    fn start(self) {
        if self.burst.get_untracked() != 0 || !self.view.ready.get_untracked() {
            return;
        }
        let Some(class) = untrack(|| self.learn.data.target()) else { return };
        let burst = self.learn.data.next_burst();
        self.burst.set(burst);
        self.taken.set(0);
        self.take(class, burst);
        self.timer.set_value(Some(clock::every(FRAME_MS, move || self.take(class, burst))));
    }

    fn stop(self) {
        self.timer.try_update_value(|t| *t = None);
        self.burst.try_set(0);
    }

    fn take(self, class: ClassId, burst: u32) {
        if self.learn.importer.waiting() > MOST_WAITING {
            return;
        }
        leptos::task::spawn_local(async move {
            let Some(video) = self.view.video.try_get_untracked().flatten() else { return };
            let Some(lens) = self.lens.try_update_value(Option::take).flatten() else { return };
            let frame = lens.jpeg(&video).await;
            self.lens.try_update_value(|l| *l = Some(lens));
            if let Some(blob) = frame {
                let number = self.taken.try_update(|n| {
                    *n += 1;
                    *n
                });
                let name = format!("camera {burst}-{}.jpg", number.unwrap_or(0));
                self.learn.importer.add_frame(name, blob, class, burst);
            }
        });
    }
}

#[component]
fn Recording() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let view = View::new();
    let roll = Roll {
        learn,
        view,
        lens: StoredValue::new_local(Lens::new()),
        timer: StoredValue::new_local(None),
        burst: RwSignal::new(0),
        taken: RwSignal::new(0),
    };
    let recording = move || roll.burst.get() != 0;
    let held = |event: &KeyboardEvent| event.key() == " " || event.key() == "Enter";
    let name = move || {
        let id = learn.data.target()?;
        learn.data.with(|d| d.class(id).map(|c| c.name.clone()))
    };
    let said = move || match (recording(), roll.taken.get()) {
        (true, n) => format!("Recording: {}", count(n, "picture", "pictures")),
        (false, 0) => "Hold the button and move the thing around: many angles make a better classifier.".into(),
        (false, n) => format!(
            "{} recorded. They count as one recording when the accuracy is measured.",
            count(n, "picture", "pictures")
        ),
    };
    view! {
        <div class="recorder-grid">
            <div class="stage-column" class:recording=recording>
                <CameraView state=view paused=Signal::stored(false)><span class="rec" aria-hidden="true"></span></CameraView>
            </div>
            <div class="recorder-side">
                <h3>"Into which class?"</h3>
                <ClassChips />
                <button class="button primary record" data-testid="record" class:recording=recording
                    disabled=move || !view.ready.get()
                    on:pointerdown=move |event| {
                        element::capture_pointer(&event);
                        roll.start();
                    }
                    on:pointerup=move |_| roll.stop()
                    on:pointercancel=move |_| roll.stop()
                    on:lostpointercapture=move |_| roll.stop()
                    on:contextmenu=move |event| event.prevent_default()
                    on:keydown=move |event| if held(&event) {
                        event.prevent_default();
                        roll.start();
                    }
                    on:keyup=move |event| if held(&event) {
                        event.prevent_default();
                        roll.stop();
                    }
                    on:blur=move |_| roll.stop()
                >
                    {icon(Icon::Camera)}<span>"Hold to record "<bdi>{name}</bdi></span>
                </button>
                <p class="muted num" role="status" data-testid="record-state">{said}</p>
            </div>
        </div>
    }
}

/// The classes to record into, and one more.
#[component]
fn ClassChips() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let data = learn.data;
    let chip = move |id: ClassId| {
        let class = data.class(id);
        let read = move || class.get().map(|c| (c.name, hex(c.color), c.count)).unwrap_or_default();
        view! {
            <button class="chip" data-testid="record-class" aria-pressed=move || (data.target() == Some(id)).to_string()
                on:click=move |_| data.set_target(id)>
                <span class="dot" style:background=move || read().1></span><bdi>{move || read().0}</bdi>
                <span class="num muted">{move || read().2}</span>
            </button>
        }
    };
    view! {
        <div class="chips" role="group" aria-label="Class to record into">
            <For each=move || data.class_ids.get() key=|id| *id children=chip />
            <button class="chip" data-testid="record-new-class" on:click=move |_| {
                data.edit("add a class", Dataset::add_numbered_class).into_iter().for_each(|id| data.set_target(id));
            }>{icon(Icon::Add)}"New class"</button>
        </div>
    }
}
