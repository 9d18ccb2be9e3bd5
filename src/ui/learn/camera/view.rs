//! A camera picture with a choice of cameras, and a message for each thing that can go wrong.

use crate::web::camera::{self, Camera, Choice, Device, Trouble};
use crate::web::listen;
use leptos::html;
use leptos::prelude::*;

/// What is seen through one view. Copies are the same view.
#[derive(Clone, Copy)]
pub struct View {
    pub video: NodeRef<html::Video>,
    /// There are frames to take.
    pub ready: RwSignal<bool>,
    choice: RwSignal<Choice>,
    devices: RwSignal<Vec<Device>>,
    trouble: RwSignal<Option<Trouble>>,
    mirrored: RwSignal<bool>,
    camera: StoredValue<Option<Camera>, LocalStorage>,
    /// Counts openings, so that a camera that opens too late is closed again.
    opening: StoredValue<u32>,
}

impl View {
    pub fn new() -> Self {
        Self {
            video: NodeRef::new(),
            ready: RwSignal::new(false),
            choice: RwSignal::new(Choice::Front),
            devices: RwSignal::new(Vec::new()),
            trouble: RwSignal::new(None),
            mirrored: RwSignal::new(false),
            camera: StoredValue::new_local(None),
            opening: StoredValue::new(0),
        }
    }

    fn close(self) {
        self.opening.update_value(|n| *n += 1);
        self.ready.set(false);
        self.camera.set_value(None);
    }

    fn open(self) {
        self.close();
        self.trouble.set(None);
        let turn = self.opening.get_value();
        let choice = self.choice.get_untracked();
        leptos::task::spawn_local(async move {
            let unplugged = move || {
                if self.opening.try_get_value() == Some(turn) {
                    self.close();
                    self.trouble.set(Some(Trouble::Unplugged));
                }
            };
            let opened = camera::open(&choice, unplugged).await;
            let devices = if opened.is_ok() { camera::list().await } else { Vec::new() };
            // Closed meanwhile, or its panel is gone: dropping the camera switches it off.
            if self.opening.try_get_value() != Some(turn) {
                return;
            }
            match opened {
                Ok(camera) => {
                    if let Some(video) = self.video.get_untracked() {
                        camera.show(&video);
                    }
                    self.mirrored.set(camera.mirrored);
                    self.devices.set(devices);
                    self.camera.set_value(Some(camera));
                }
                Err(trouble) => self.trouble.set(Some(trouble)),
            }
        });
    }
}

/// The camera runs while this is shown, not `paused`, and the tab is in view.
#[component]
pub fn CameraView(state: View, #[prop(into)] paused: Signal<bool>, children: Children) -> impl IntoView {
    let in_view = RwSignal::new(true);
    StoredValue::new_local(listen::on_visibility(move |shown| in_view.set(shown)));
    Effect::new(move |_| {
        state.choice.track();
        if state.video.get().is_none() {
            return;
        }
        if in_view.get() && !paused.get() { state.open() } else { state.close() }
    });
    let chosen = move || match state.choice.get() {
        Choice::Front => state.camera.with_value(|c| c.as_ref().and_then(|c| c.device.clone())).unwrap_or_default(),
        Choice::Rear => "rear".into(),
        Choice::Device(id) => id,
    };
    let choose = move |value: String| {
        state.choice.set(match value.as_str() {
            "rear" => Choice::Rear,
            _ => Choice::Device(value),
        });
    };
    view! {
        <div class="stage camera" class:mirrored=move || state.mirrored.get() data-testid="camera-view">
            <video node_ref=state.video playsinline muted autoplay prop:muted=true aria-label="Camera picture" data-testid="camera-video"
                on:playing=move |_| state.ready.set(true)
                class:hidden=move || state.trouble.get().is_some()
            ></video>
            {children()}
            <div role="alert" class="stage-message">
                {move || state.trouble.get().map(|trouble| view! {
                    <div data-testid="camera-trouble">
                        <p>{trouble.to_string()}</p>
                        <button class="button small" data-testid="camera-retry" on:click=move |_| state.open()>"Try again"</button>
                    </div>
                })}
            </div>
        </div>
        <Show when=move || state.devices.with(|d| d.len() > 1)>
            <label class="camera-choice">
                <span>"Camera"</span>
                <select data-testid="camera-choice" on:change=move |event| choose(event_target_value(&event)) prop:value=chosen>
                    <option value="rear">"Rear camera"</option>
                    {move || state.devices.get().into_iter().map(|device| view! {
                        <option value=device.id.clone() selected=chosen() == device.id>{device.label}</option>
                    }).collect_view()}
                </select>
            </label>
        </Show>
    }
}
