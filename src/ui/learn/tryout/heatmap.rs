//! Where the evidence is, painted over the picture.

use super::Verdict;
use crate::learn::dataset::ClassId;
use crate::ui::learn::Learn;
use crate::ui::pure::heat;
use crate::web::canvas;
use leptos::html;
use leptos::prelude::*;

/// Class whose map is shown: the one chosen if the head knows it, else the predicted one.
fn shown(verdict: &Verdict, chosen: Option<ClassId>) -> usize {
    chosen.and_then(|id| verdict.classes.iter().position(|c| *c == id)).unwrap_or(verdict.prediction.best)
}

/// The overlay.
#[component]
pub fn Heatmap(opacity: RwSignal<f64>) -> impl IntoView {
    let tryout = expect_context::<Learn>().tryout;
    let node = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let chosen = tryout.looking_for.get();
        tryout.verdict.with(|verdict| {
            let Some(verdict) = verdict else { return canvas::paint(&canvas, 1, 1, &[0; 4]) };
            let grid = verdict.prediction.grid;
            let cells = grid.0 * grid.1;
            let class = shown(verdict, chosen);
            let Some(map) = verdict.maps.get(class * cells..(class + 1) * cells) else { return };
            let side = heat::SIDE as u32;
            canvas::paint(&canvas, side, side, &heat::paint(map, grid, heat::scale(&verdict.maps)));
        });
    });
    view! {
        <canvas node_ref=node class="heat" aria-hidden="true" data-testid="heatmap" style:opacity=move || opacity.get().to_string()></canvas>
    }
}

/// Which class's evidence is painted, how strongly, and what the colours mean.
#[component]
pub fn HeatControls(opacity: RwSignal<f64>) -> impl IntoView {
    let learn = expect_context::<Learn>();
    let tryout = learn.tryout;
    let classes = learn.data.classes();
    let name = move || {
        let chosen = tryout.looking_for.get();
        let id = tryout.verdict.with(|v| v.as_ref().and_then(|v| v.classes.get(shown(v, chosen)).copied()));
        id.and_then(|id| classes.with(|c| c.iter().find(|(other, ..)| *other == id).map(|(_, name, _)| name.clone())))
    };
    let set_opacity = move |event| {
        let percent: Result<f64, _> = event_target_value(&event).parse();
        percent.into_iter().for_each(|percent| opacity.set(percent / 100.0));
    };
    view! {
        <div class="heat-controls">
            <label>
                <span>"Show evidence for"</span>
                <select data-testid="heat-class"
                    on:change=move |event| tryout.looking_for.set(event_target_value(&event).parse().ok())
                    prop:value=move || { classes.track(); tryout.looking_for.get().map(|id| id.to_string()).unwrap_or_default() }
                >
                    <option value="">"Prediction"</option>
                    <For each=move || classes.get() key=|c| c.clone() let((id, name, _))>
                        <option value=id.to_string()>{name}</option>
                    </For>
                </select>
            </label>
            <label>
                <span>"Strength"</span>
                <input type="range" min="0" max="100" step="5" data-testid="heat-opacity"
                    prop:value=move || (opacity.get() * 100.0).to_string()
                    on:input=set_opacity />
            </label>
            <p class="fine legend" data-testid="heat-legend">
                {move || name().map(|name| view! {
                    <span class="legend-for"></span>{format!("speaks for {name} ")}
                    <span class="legend-against"></span>"speaks against it"
                })}
            </p>
        </div>
    }
}
