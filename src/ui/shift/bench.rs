//! The bench as laid out: where the field is on one side, what happened there on the other.

use super::controls::Controls;
use super::field::Field;
use super::outcome::Outcome;
use crate::shift::scene::world::Order;
use crate::ui::learn::Learn;
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::progress::Progress;
use leptos::prelude::*;

/// `shown`: the person looks at this bench.
#[component]
pub fn ShiftBench(shown: Signal<bool>) -> impl IntoView {
    let field = expect_context::<Field>();
    let learn = expect_context::<Learn>();
    let possible = Memo::new(move |_| field.possible());
    // Going there is an effect on the outside world: it happens when the bench is looked at.
    Effect::new(move |_| {
        learn.trainer.trained.track();
        field.country.track();
        field.season.track();
        field.hour.track();
        field.device.track();
        field.fog.track();
        if shown.get() && possible.get() {
            field.visit_soon();
        }
    });
    view! {
        <div class="bench shift" data-testid="shift">
            <Show when=move || possible.get() fallback=Nothing>
                <section class="card" aria-labelledby="shift-title">
                    <h2 id="shift-title" class="section-title">"Take the classifier to the field"</h2>
                    <p class="muted">"It learned in the lab. Move it to another country, season or camera, and see what becomes of its accuracy. Every photograph is new."</p>
                    <Controls />
                    <div class="going" data-testid="shift-progress">
                        <Show when=move || field.running.with(Option::is_some)>
                            <Progress value=field.running label="Photographing the field" />
                            <button class="button small" data-testid="shift-cancel" on:click=move |_| field.cancel()>"Stop"</button>
                        </Show>
                    </div>
                    {move || field.trouble.get().map(|reason| view! { <p class="notice bad" role="alert" data-testid="shift-trouble">{reason}</p> })}
                </section>
                <Outcome />
            </Show>
        </div>
    }
}

/// No classifier of road signs yet.
#[component]
fn Nothing() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let busy = move || learn.importer.active.get() || learn.trainer.updating();
    view! {
        <section class="card empty" data-testid="shift-empty">
            <h2>"No classifier to take to the field yet"</h2>
            <p class="muted">"The field is a rendered world of road signs, so it takes a classifier that knows some of them."</p>
            <button class="button primary" data-testid="shift-sample" disabled=busy
                on:click=move |_| learn.importer.add_rendered(Order::first_visit())
            >{icon(Icon::Sample)}<span>{move || if busy() { "One moment \u{2026}" } else { "Train one on road signs" }}</span></button>
        </section>
    }
}
