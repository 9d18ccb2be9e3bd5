//! How to quantize, on what to calibrate, what to ask about.

use super::pictures::{Exam, Source};
use super::store::Shrink;
use crate::engine::protocol::shrink::{Mode, Range, Recipe};
use crate::ui::widgets::select::select;
use leptos::prelude::*;

#[component]
pub fn Controls() -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let recipe = shrink.recipe;
    let is_static = Memo::new(move |_| recipe.with(|r| r.mode == Mode::Static));
    let integers = Memo::new(move |_| recipe.with(|r| r.mode != Mode::Half));
    let ready = Memo::new(move |_| {
        shrink.has(shrink.exam.get()) && (!is_static.get() || shrink.has_source(shrink.source.get()))
    });
    view! {
        <div class="world">
            {select("shrink-mode", "What becomes smaller", Mode::ALL.map(|m| (m, m.name())).to_vec(), Signal::derive(move || recipe.with(|r| r.mode)), move |mode| recipe.update(|r| r.mode = mode))}
            <Show when=move || is_static.get()>
                {select("shrink-range", "Range of activations", Range::ALL.map(|m| (m, m.name())).to_vec(), Signal::derive(move || recipe.with(|r| r.range)), move |range| recipe.update(|r| r.range = range))}
                {select("shrink-source", "Calibrate on", Source::ALL.map(|s| (s, s.name())).to_vec(), shrink.source.into(), move |source| shrink.source.set(source))}
            </Show>
            {select("shrink-exam", "Ask both about", Exam::ALL.map(|e| (e, e.name())).to_vec(), shrink.exam.into(), move |exam| shrink.exam.set(exam))}
            <Show when=move || integers.get()>
                <label class="knob" for="shrink-bits"><span>"Bits of a weight "<span class="muted num">{move || recipe.with(|r| r.bits)}</span></span>
                    <input id="shrink-bits" data-testid="shrink-bits" type="range" min="2" max="8" step="1" prop:value=move || recipe.with(|r| r.bits.to_string())
                        on:input=move |event| if let Ok(bits) = event_target_value(&event).parse() { recipe.update(|r| r.bits = bits) } /></label>
            </Show>
        </div>
        <p class="muted" data-testid="shrink-explain">{move || recipe.with(|r| if r.mode == Mode::Static { format!("{} {}", r.mode.explain(), r.range.explain()) } else { r.mode.explain().to_owned() })}</p>
        <Show when=move || integers.get()>
            <div class="checks">
                {switch("shrink-per-channel", "A scale for each channel", recipe, |r| r.per_channel, |r, on| r.per_channel = on)}
                {switch("shrink-bias", "Bias correction (the mean error of rounded weights goes into the bias)", recipe, |r| r.bias_correction, |r, on| r.bias_correction = on)}
                {switch("shrink-equalize", "Cross-layer equalisation (evens out channel ranges between layers)", recipe, |r| r.equalize, |r, on| r.equalize = on)}
            </div>
        </Show>
        <Show when=move || !ready.get()>
            <p class="notice care">"Some of these pictures are not there yet: take the classifier to the field in Shift, add pictures in Learn, or open pictures here."</p>
        </Show>
    }
    .into_any()
}

fn switch(
    id: &'static str,
    name: &'static str,
    recipe: RwSignal<Recipe>,
    get: fn(&Recipe) -> bool,
    set: fn(&mut Recipe, bool),
) -> impl IntoView {
    view! {
        <label class="check"><input type="checkbox" data-testid=id prop:checked=move || recipe.with(get)
            on:change=move |event| recipe.update(|r| set(r, event_target_checked(&event))) />{name}</label>
    }
}
