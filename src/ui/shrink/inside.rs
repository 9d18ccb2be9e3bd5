//! Look inside: the network in boxes, and a chosen layer's numbers with what eight bits keep of them.

use super::network::Network;
use super::outcome::meaning;
use super::store::Shrink;
use crate::engine::protocol::shrink::Quantized;
use crate::shrink::drawing::Drawing;
use crate::shrink::sheet::short;
use crate::ui::charts::histogram::{Histogram, Series};
use crate::ui::pure::format::percent;
use leptos::prelude::*;

#[component]
pub fn Inside() -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let chosen = RwSignal::new(None::<String>);
    let names = Memo::new(move |_| {
        let named = |q: &std::sync::Arc<Quantized>| q.layers.iter().map(|l| l.name.clone()).collect::<Vec<String>>();
        shrink.quantized.with(|q| q.as_ref().map(named)).unwrap_or_default()
    });
    let current = Memo::new(move |_| {
        let chosen = chosen.get();
        names.with(|n| n.iter().find(|name| Some(*name) == chosen.as_ref()).or(n.first()).cloned())
    });
    let layer = move || {
        let name = current.get()?;
        shrink.quantized.with(|q| q.as_ref()?.layers.iter().find(|l| l.name == name).cloned())
    };
    view! {
        <section class="card" aria-labelledby="inside-title">
            <details class="more" data-testid="inside">
            <summary><span id="inside-title">"Look inside"</span></summary>
            <div class="inside">
                <Network chosen=chosen current=current />
                <div>
                    <label class="knob" for="inside-layer"><span>"Layer"</span>
                        <select id="inside-layer" data-testid="inside-layer" on:change=move |event| chosen.set(Some(event_target_value(&event)))>
                            <For each=move || names.get() key=|n| n.clone() let(name)>
                                <option value=name.clone() selected={ let name = name.clone(); move || current.get().as_ref() == Some(&name) }>{name.clone()}</option>
                            </For></select></label>
                    {move || layer().map(|layer| view! {
                        {layer.weights.map(|d| drawing("Weights", "inside-weights", d))}
                        {layer.outputs.map(|d| drawing("Output, as calibration saw it", "inside-outputs", d))}
                    })}
                    {meaning("Bars show how often a number occurs (their height is the square root, so that tails show); lines mark where eight bits end, and what lies beyond is clipped to them.")}
                </div>
            </div>
            </details>
        </section>
    }
    .into_any()
}

fn drawing(name: &'static str, testid: &'static str, d: Drawing) -> impl IntoView {
    let span = (d.high - d.low).max(f32::MIN_POSITIVE);
    let place = |value: f32| (value - d.low) / span;
    let marks = vec![place(d.kept.0), place(d.kept.1)];
    let step = if d.scales.0 == d.scales.1 {
        format!("a step is {}", short(d.scales.1))
    } else {
        format!("a step is {} to {}, by channel", short(d.scales.0), short(d.scales.1))
    };
    let clipped = d.clipped();
    let cut = if clipped > 0.0 { format!("; about {} clipped", percent(clipped)) } else { String::new() };
    let step = if d.scales.1 > 0.0 { step } else { "stays float".into() };
    let said =
        format!("{} to {}; kept {} to {}; {step}{cut}.", short(d.low), short(d.high), short(d.kept.0), short(d.kept.1));
    let series = vec![Series { name: name.into(), tone: "tone-lab", bars: d.bars }];
    view! {
        <div data-testid=testid><h4>{name}</h4>
            <Histogram series=series ends=(short(d.low), short(d.high)) marks=marks clips=true label=format!("{name}: {said}") />
            <p class="fine num">{said.clone()}</p></div>
    }
}
