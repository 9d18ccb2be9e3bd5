//! The bench as laid out: which model, the recipe, then what became of it.

use super::browser::Browser;
use super::controls::Controls;
use super::fragile::{Fragile, Fragility};
use super::hunt::Hunt;
use super::inside::Inside;
use super::latency::Latency;
use super::layers::Layers;
use super::live::Camera;
use super::opened::Subject;
use super::outcome::{Accuracy, Size};
use super::pairs::Sum;
use super::store::Shrink;
use super::subject::Which;
use super::tried::AllTried;
use super::twins::Twins;
use crate::shift::scene::world::Order;
use crate::ui::learn::Learn;
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::progress::Progress;
use crate::web::drop::{self, Dragged};
use leptos::prelude::*;

/// `shown`: the bench is in view.
#[component]
pub fn ShrinkBench(#[prop(into)] shown: Signal<bool>) -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let learn = expect_context::<Learn>();
    let opened = shrink.opened;
    let classifier = Memo::new(move |_| learn.trainer.trained.with(Option::is_some));
    let possible = Memo::new(move |_| match opened.subject.get() {
        Subject::Classifier => classifier.get(),
        Subject::File => opened.found.with(Option::is_some),
        Subject::Words => false,
    });
    let words = Memo::new(move |_| opened.subject.get() == Subject::Words);
    let (hunt, fragile) = (Hunt::new(shrink), Fragile::new(shrink));
    // What was found out about another model no longer holds.
    Effect::new(move |_| {
        if !opened.is_file() {
            learn.trainer.trained.track();
        }
        opened.found.track();
        opened.fit.track();
        shrink.clear();
        hunt.clear();
        fragile.clear();
    });
    // Layers were measured with another recipe, or the small model is another.
    Effect::new(move |_| {
        shrink.ticket.track();
        fragile.clear();
    });
    let busy = Memo::new(move |_| shrink.running.with(Option::is_some));
    let share = Signal::derive(move || shrink.running.with(|r| r.as_ref().map(|(_, share)| *share)));
    let stage =
        Signal::derive(move || shrink.running.with(|r| r.as_ref().map(|(stage, _)| stage.clone()).unwrap_or_default()));
    let over = RwSignal::new(false);
    let is_files = |event: &_| drop::dragged(event) == Some(Dragged::Files);
    view! {
        // What is dropped here is meant for this bench, not for the classes of Learn.
        <div class="bench shrink" data-testid="shrink" class:over=move || over.get()
            on:dragover=move |event| if is_files(&event) { drop::allow(&event, "copy"); event.stop_propagation(); over.set(true) }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event| if is_files(&event) {
                event.prevent_default();
                event.stop_propagation();
                over.set(false);
                opened.take_dropped(drop::dropped(&event));
            }>
            <section class="card" aria-labelledby="shrink-title">
                <h2 id="shrink-title" class="section-title">"Make a model smaller"</h2>
                <p class="muted">"It becomes integers, here in the browser. Then float and small answer side by side."</p>
                <Which />
                <Show when=move || possible.get()>
                    <div data-testid="shrink-controls"><Controls /></div>
                    <div class="going">
                        <Show when=move || busy.get() fallback=move || view! {
                            <button class="button primary" data-testid="shrink-go" on:click=move |_| { hunt.clear(); shrink.quantize() }>"Quantize"</button>
                        }>
                            <Progress value=share label=stage />
                            <span class="muted">{move || stage.get()}</span>
                            <button class="button small" data-testid="shrink-cancel" on:click=move |_| shrink.cancel()>"Stop"</button>
                        </Show>
                    </div>
                    {move || shrink.trouble.get().map(|reason| view! { <p class="notice bad" role="alert" data-testid="shrink-trouble">{reason}</p> })}
                </Show>
            </section>
            <Show when=move || words.get()><Twins /></Show>
            <Show when=move || possible.get() fallback=move || view! { <Show when=move || !words.get()><Nothing /></Show> }>
                <Outcome hunt=hunt fragile=fragile shown=shown />
            </Show>
        </div>
    }
    .into_any()
}

#[component]
fn Outcome(hunt: Hunt, fragile: Fragile, shown: Signal<bool>) -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let sum = Memo::new(move |_| shrink.pairs.with(|pairs| Sum::of(pairs)));
    let asked = Memo::new(move |_| shrink.pairs.with(|p| !p.is_empty()));
    let made = Memo::new(move |_| shrink.quantized.with(Option::is_some));
    let ready = Memo::new(move |_| made.get() && shrink.running.with(Option::is_none));
    view! {
        {move || shrink.quantized.get().map(|q| view! { <Size quantized=q /> })}
        <Show when=move || asked.get()><Accuracy sum=sum /><Latency /><Browser /></Show>
        <Show when=move || shrink.tried.with(|t| !t.is_empty())><AllTried /></Show>
        <Show when=move || shrink.layers.with(|l| !l.is_empty())><Layers hunt=hunt /></Show>
        <Show when=move || made.get()><Inside /></Show>
        <Show when=move || ready.get() && shrink.classes.get()><Fragility fragile=fragile /></Show>
        <Show when=move || ready.get() && shown.get()><Camera /></Show>
    }
    .into_any()
}

/// No model yet.
#[component]
fn Nothing() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let busy = move || learn.importer.active.get() || learn.trainer.updating();
    view! {
        <section class="card empty" data-testid="shrink-empty">
            <h2>"No model to make smaller yet"</h2>
            <p class="muted">"Train a classifier on your own pictures in Learn, or on rendered road signs; or open an ONNX file above."</p>
            <button class="button primary" data-testid="shrink-sample" disabled=busy
                on:click=move |_| learn.importer.add_rendered(Order::first_visit())
            >{icon(Icon::Sample)}<span>{move || if busy() { "One moment \u{2026}" } else { "Train one on road signs" }}</span></button>
        </section>
    }
    .into_any()
}
