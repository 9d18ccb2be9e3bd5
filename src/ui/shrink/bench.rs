//! The bench as laid out: the recipe, then what became of it.

use super::controls::Controls;
use super::flips::Flips;
use super::outcome::Outcome;
use super::store::Shrink;
use super::tried::AllTried;
use crate::shift::scene::world::Order;
use crate::ui::learn::Learn;
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::progress::Progress;
use leptos::prelude::*;

#[component]
pub fn ShrinkBench() -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let learn = expect_context::<Learn>();
    let possible = Memo::new(move |_| learn.trainer.trained.with(Option::is_some));
    // What was found out about another head no longer holds.
    Effect::new(move |_| {
        learn.trainer.trained.track();
        shrink.clear();
    });
    let busy = Memo::new(move |_| shrink.running.with(Option::is_some));
    let share = Signal::derive(move || shrink.running.with(|r| r.as_ref().map(|(_, share)| *share)));
    let stage =
        Signal::derive(move || shrink.running.with(|r| r.as_ref().map(|(stage, _)| stage.clone()).unwrap_or_default()));
    view! {
        <div class="bench shrink" data-testid="shrink">
            <Show when=move || possible.get() fallback=Nothing>
                <section class="card" aria-labelledby="shrink-title">
                    <h2 id="shrink-title" class="section-title">"Make the classifier smaller"</h2>
                    <p class="muted">"Backbone and head become integers, here in the browser. Then float and small answer side by side."</p>
                    <Controls />
                    <div class="going">
                        <Show when=move || busy.get() fallback=move || view! {
                            <button class="button primary" data-testid="shrink-go" on:click=move |_| shrink.quantize()>"Quantize"</button>
                        }>
                            <Progress value=share label=stage />
                            <span class="muted">{move || stage.get()}</span>
                            <button class="button small" data-testid="shrink-cancel" on:click=move |_| shrink.cancel()>"Stop"</button>
                        </Show>
                    </div>
                    {move || shrink.trouble.get().map(|reason| view! { <p class="notice bad" role="alert" data-testid="shrink-trouble">{reason}</p> })}
                </section>
                <Outcome />
                <Show when=move || shrink.pairs.with(|p| !p.is_empty())><Flips /></Show>
                <Show when=move || shrink.tried.with(|t| !t.is_empty())><AllTried /></Show>
            </Show>
        </div>
    }
}

/// No classifier yet.
#[component]
fn Nothing() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let busy = move || learn.importer.active.get() || learn.trainer.updating();
    view! {
        <section class="card empty" data-testid="shrink-empty">
            <h2>"No classifier to make smaller yet"</h2>
            <p class="muted">"Train one on your own pictures in Learn, or on rendered road signs."</p>
            <button class="button primary" data-testid="shrink-sample" disabled=busy
                on:click=move |_| learn.importer.add_rendered(Order::first_visit())
            >{icon(Icon::Sample)}<span>{move || if busy() { "One moment \u{2026}" } else { "Train one on road signs" }}</span></button>
        </section>
    }
}
