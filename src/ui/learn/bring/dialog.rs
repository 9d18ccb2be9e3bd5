//! The dialog in which a backbone is brought: the file, how pictures fit it, its embedding, what it would see.

use super::offers::Offers;
use super::{Bring, Found, Seen, State};
use crate::foreign::fit::Pixels;
use crate::ui::pure::format::{bytes, count, thousands};
use crate::ui::widgets::dialog::Dialog;
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::pick::{PickButton, What};
use crate::ui::widgets::progress::Progress;
use crate::ui::widgets::select::select;
use crate::web::canvas;
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;

/// Sides a backbone's input may have.
const SIDES: std::ops::RangeInclusive<usize> = 8..=512;

#[component]
pub fn BringDialog(bring: Bring) -> impl IntoView {
    let busy = Memo::new(move |_| matches!(bring.state.get(), State::Busy(..)));
    Effect::new(move |before: Option<bool>| {
        let open = bring.open.get();
        if before == Some(true) && !open {
            bring.stop();
        }
        open
    });
    view! {
        <Dialog open=bring.open title="A backbone of your own" testid="bring" wide=true>
            <p class="muted">"Any ONNX model that looks at pictures: its last decision is left out, and what it has learned is used for yours. The file stays on this device."</p>
            <div class="ways">
                <PickButton what=What::Model testid="bring-file".into() on_files=move |files| bring.take(files)>
                    {icon(Icon::Archive)}<span>"Open an ONNX file"</span></PickButton>
            </div>
            <Offers bring=bring />
            <Working bring=bring />
            {move || bring.found.get().map(|found| view! { <Fitting bring=bring found=found /> })}
            <Show when=move || bring.found.with(Option::is_some)>
                <div class="ways">
                    <button class="button primary" data-testid="bring-use" disabled=move || busy.get() || bring.tensor.with(String::is_empty)
                        on:click=move |_| bring.adopt()>{icon(Icon::Check)}<span>"Use this backbone"</span></button>
                </div>
            </Show>
        </Dialog>
    }
}

#[component]
fn Working(bring: Bring) -> impl IntoView {
    let share = Signal::derive(move || match bring.state.get() {
        State::Busy(_, share) => share,
        _ => None,
    });
    let stage = Signal::derive(move || match bring.state.get() {
        State::Busy(stage, _) => stage.to_owned(),
        _ => String::new(),
    });
    view! {
        <Show when=move || matches!(bring.state.get(), State::Busy(..))>
            <div class="backbone-progress" data-testid="bring-progress" role="status">
                <span class="muted">{move || stage.get()}"\u{2026}"</span>
                <Progress value=share label=stage />
                <button class="button small quiet" data-testid="bring-cancel" on:click=move |_| bring.stop()>"Cancel"</button>
            </div>
        </Show>
        {move || match bring.state.get() {
            State::Failed(reason) => Some(view! { <p class="notice bad" role="alert" data-testid="bring-trouble">{reason}</p> }),
            _ => None,
        }}
    }
}

#[component]
fn Fitting(bring: Bring, found: Arc<Found>) -> impl IntoView {
    let (fit, inspected) = (bring.fit, &found.inspected);
    // The last is about the output, which is left out here.
    let reasons = inspected.why.len().saturating_sub(1);
    let facts = format!(
        "{}, {} with {} learned numbers.",
        bytes(inspected.bytes as u64),
        count(inspected.nodes, "node", "nodes"),
        thousands(inspected.parameters)
    );
    let axis = if inspected.fit.channels_last { 1 } else { 2 };
    let open = inspected.shape.get(axis).copied().flatten().is_none();
    let side = move |event: leptos::ev::Event| {
        if let Some(side) = event_target_value(&event).parse().ok().filter(|s| SIDES.contains(s)) {
            bring.change(|f| (f.width, f.height) = (side, side));
        }
    };
    let layers = found.layers.clone();
    let options = layers.iter().map(|layer| {
        let (own, tensor) = (layer.tensor.clone(), layer.tensor.clone());
        let shape = layer.shape.iter().skip(1).map(ToString::to_string).collect::<Vec<_>>().join(" \u{d7} ");
        let name = format!("{} \u{2013} {} ({shape})", shortened(&layer.tensor), layer.operator);
        view! { <option value=tensor selected=move || bring.tensor.with(|t| *t == own)>{name}</option> }
    });
    let options = options.collect_view();
    let about = move || {
        let tensor = bring.tensor.get();
        let layer = layers.iter().find(|l| l.tensor == tensor)?;
        Some(match layer.grid {
            (1, 1) => format!("{} numbers for a picture. Where it looks cannot be drawn for this layer.", layer.length),
            (h, w) => format!(
                "{} numbers for a picture, the mean over {h} \u{d7} {w} places: where it looks can be drawn.",
                layer.length
            ),
        })
    };
    view! {
        <div class="bring-fit" data-testid="bring-found">
            <div class="bring-choices">
                <h3><bdi>{found.name.clone()}</bdi></h3>
                <p class="fine" data-testid="bring-facts">{facts}</p>
                <label class="knob" for="bring-layer"><span>"Embedding: the layer whose numbers the head learns from"</span>
                    <select id="bring-layer" data-testid="bring-layer" on:change=move |event| bring.tensor.set(event_target_value(&event))>{options}</select></label>
                <p class="fine" data-testid="bring-about">{about}</p>
                <div class="world">
                    <label class="knob" for="bring-side"><span>"Side in pixels"</span>
                        <input id="bring-side" data-testid="bring-side" type="number" min=*SIDES.start() max=*SIDES.end() disabled=!open
                            prop:value=move || fit.with(|f| f.width.to_string()) on:input=side /></label>
                    {select("bring-pixels", "Pixels become", Pixels::ALL.map(|p| (p, p.name())).to_vec(), Signal::derive(move || fit.with(|f| f.pixels)), move |pixels| bring.change(|f| f.pixels = pixels))}
                    {select("bring-order", "Colours", vec![(false, "red, green, blue"), (true, "blue, green, red")], Signal::derive(move || fit.with(|f| f.bgr)), move |bgr| bring.change(|f| f.bgr = bgr))}
                </div>
                <ul class="fine" data-testid="bring-why">{found.inspected.why.iter().take(reasons).map(|why| view! { <li>{why.clone()}</li> }).collect_view()}</ul>
            </div>
            {move || match bring.seen.get() {
                Some(seen) => view! { <Sight seen=seen /> }.into_any(),
                None => view! { <p class="muted">"With a picture in Learn, what the model would see of it is shown here."</p> }.into_any(),
            }}
        </div>
    }
}

/// What would enter the model.
#[component]
fn Sight(seen: Arc<Seen>) -> impl IntoView {
    let node = NodeRef::<html::Canvas>::new();
    let numbers = format!("Numbers from {:.2} to {:.2}, {:.2} on average.", seen.low, seen.high, seen.mean);
    Effect::new(move |_| {
        if let Some(element) = node.get() {
            canvas::paint(&element, seen.side as u32, seen.side as u32, &seen.rgba);
        }
    });
    view! {
        <figure class="bring-sight" data-testid="bring-sight">
            <canvas node_ref=node role="img" aria-label="The picture as the model would see it"></canvas>
            <figcaption class="fine">"Your first picture as the model would see it. Wrong colours mean a wrong order. "{numbers}</figcaption>
        </figure>
    }
}

/// The end of a long name tells more than its beginning.
fn shortened(name: &str) -> String {
    let letters = name.chars().count();
    if letters <= 40 {
        name.to_owned()
    } else {
        format!("\u{2026}{}", name.chars().skip(letters - 38).collect::<String>())
    }
}
