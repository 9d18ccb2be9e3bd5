//! The panel where the classifier is tried.

use super::Mode;
use super::heatmap::{HeatControls, Heatmap};
use super::live::Live;
use super::outcome::Outcome;
use crate::ui::learn::Learn;
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::pick::{PickButton, What};
use crate::web::drop::{self, Dragged};
use crate::web::element;
use crate::web::files::Incoming;
use leptos::prelude::*;

#[component]
pub fn TryPanel() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let tryout = learn.tryout;
    let trained = Memo::new(move |_| learn.trainer.trained.with(Option::is_some));
    let opacity = RwSignal::new(0.6);
    let said = move || {
        let name = tryout
            .verdict
            .with(|v| v.as_ref().map(|v| (v.prediction.unknown, v.classes.get(v.prediction.best).copied())));
        match (tryout.mode.get(), name) {
            (Mode::Picture, Some((true, _))) => "Prediction: none of these.".to_owned(),
            (Mode::Picture, Some((false, Some(id)))) => {
                learn.data.with(|d| d.class(id).map(|c| format!("Prediction: {}.", c.name)).unwrap_or_default())
            }
            _ => String::new(),
        }
    };
    view! {
        <section class="card try" aria-labelledby="try-title" data-testid="try">
            <header class="card-head">
                <h2 id="try-title" class="section-title"><span class="step">"3"</span>"Try it"</h2>
                <div class="segmented" role="group" aria-label="What to try it on">
                    <ModeButton mode=Mode::Picture text="Picture" testid="try-picture" />
                    <ModeButton mode=Mode::Camera text="Camera" testid="try-camera" />
                </div>
            </header>
            <Show when=move || trained.get() fallback=|| view! {
                <p class="muted placeholder">"As soon as there is a classifier, try it here on any picture or live on the camera."</p>
            }>
                <div class="try-grid">
                    <div class="stage-column">
                        {move || match tryout.mode.get() {
                            Mode::Picture => view! { <PictureStage opacity=opacity /> }.into_any(),
                            Mode::Camera => view! { <Live opacity=opacity /> }.into_any(),
                        }}
                    </div>
                    <div class="try-side">
                        <Outcome />
                        <Show when=move || tryout.verdict.with(Option::is_some)><HeatControls opacity=opacity /></Show>
                    </div>
                </div>
            </Show>
            <div role="alert">
                {move || tryout.trouble.get().map(|reason| view! { <p class="notice bad" data-testid="try-trouble">{reason}</p> })}
            </div>
            <p class="visually-hidden" role="status">{said}</p>
        </section>
    }
}

#[component]
fn ModeButton(mode: Mode, text: &'static str, testid: &'static str) -> impl IntoView {
    let tryout = expect_context::<Learn>().tryout;
    view! {
        <button aria-pressed=move || (tryout.mode.get() == mode).to_string() data-testid=testid
            on:click=move |_| tryout.mode.set(mode)>{text}</button>
    }
}

/// A picture with its heatmap; drop another one onto it.
#[component]
fn PictureStage(opacity: RwSignal<f64>) -> impl IntoView {
    let learn = expect_context::<Learn>();
    let tryout = learn.tryout;
    let over = RwSignal::new(false);
    let take = move |files: Vec<Incoming>| files.into_iter().take(1).for_each(|file| tryout.file(file.name, file.blob));
    let on_drop = move |event: leptos::ev::DragEvent| {
        over.set(false);
        match drop::dragged(&event) {
            Some(Dragged::OwnPictures) => {
                event.prevent_default();
                learn
                    .selection
                    .pictures
                    .get_untracked()
                    .first()
                    .into_iter()
                    .for_each(|id| tryout.picture(learn.data, *id));
            }
            Some(Dragged::Files) => {
                event.prevent_default();
                let dropped = drop::dropped(&event);
                leptos::task::spawn_local(dropped.walk(take));
            }
            None => {}
        }
    };
    view! {
        <div class="stage" class:over=move || over.get() data-testid="try-stage"
            on:dragover=move |event| if drop::dragged(&event).is_some() {
                drop::allow(&event, "copy");
                over.set(true);
            }
            on:dragleave=move |event| if element::left_for_good(&event) { over.set(false) }
            on:drop=on_drop
        >
            {move || match tryout.source() {
                Some(source) => view! {
                    <img src=source alt=move || format!("{}, the centre square the model sees", tryout.name.get().unwrap_or_default()) data-testid="try-image" />
                    <Heatmap opacity=opacity />
                }.into_any(),
                None => view! { <p class="muted">"Drop a picture here, choose one, or select one of yours and press Enter."</p> }.into_any(),
            }}
        </div>
        <div class="stage-row">
            <PickButton what=What::Picture testid="try-pick".into() class="button small" on_files=take>
                {icon(Icon::Picture)}<span>"Choose a picture"</span>
            </PickButton>
            <span class="file-name muted"><bdi>{move || tryout.name.get()}</bdi></span>
        </div>
    }
}
