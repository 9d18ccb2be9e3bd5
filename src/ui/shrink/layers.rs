//! Layer by layer: noise, what each does alone, and which stay float.

use super::hunt::{Hunt, PICTURES};
use super::outcome::meaning;
use super::store::Shrink;
use crate::engine::protocol::shrink::{Layer, Mode, Quantized};
use crate::ui::charts::bars::Bar;
use crate::ui::pure::format::{count, list, percent};
use crate::ui::widgets::progress::Progress;
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn Layers(hunt: Hunt) -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let is_static = move || shrink.recipe.with(|r| r.mode == Mode::Static);
    let share = Signal::derive(move || hunt.running.get());
    let changed = move || shrink.recipe.with(|r| r.exclude.len());
    let best = move || shrink.layers.with(|all| all.iter().filter_map(|l| l.sqnr_db).fold(1.0f32, f32::max));
    let set_limit = move |text: &str| {
        let limit: Option<f32> = text.parse().ok();
        limit.into_iter().for_each(|limit| hunt.limit.set(limit.clamp(0.0, 100.0)));
    };
    view! {
        <section class="card" aria-labelledby="shrink-layers-title">
            <h3 id="shrink-layers-title">"Layer by layer"</h3>
            <Show when=is_static>
                <div class="going">
                    <label class="inline">"Find the layers to leave float so that at most "
                        <input type="number" class="short" data-testid="culprits-limit" min="0" max="50" step="0.5" prop:value=move || hunt.limit.get().to_string()
                            on:change=move |event| set_limit(&event_target_value(&event)) />
                        " % of the answers change"</label>
                    <Show when=move || hunt.running.with(Option::is_some) fallback=move || view! {
                        <button class="button" data-testid="culprits-go" on:click=move |_| hunt.start()>"Find the culprits"</button>
                    }>
                        <Progress value=share label="Measuring layers".to_owned() />
                        <span class="muted">{move || count(hunt.alone.with(Vec::len), "layer measured", "layers measured")}</span>
                        <button class="button small" data-testid="culprits-cancel" on:click=move |_| hunt.cancel()>"Stop"</button>
                    </Show>
                </div>
            </Show>
            {move || hunt.trouble.get().map(|reason| view! { <p class="notice bad" role="alert">{reason}</p> })}
            <Proposal hunt=hunt />
            <Show when=move || { changed() > 0 }>
                <p class="notice care"><span>{move || format!("{} chosen to stay float; quantize again to see what that does.", count(changed(), "layer is", "layers are"))}</span>
                    <button class="button small" data-testid="exclude-none" on:click=move |_| shrink.recipe.update(|r| r.exclude.clear())>"Choose none"</button></p>
            </Show>
            <details class="more" data-testid="shrink-layers">
                <summary>{move || count(shrink.layers.with(Vec::len), "layer", "layers")}</summary>
                <div class="scroll-x" tabindex="0" role="region" aria-label="Layers"><table class="numbers" data-testid="layers-table">
                    <thead><tr><th scope="col">"Stays float"</th><th scope="col">"Layer"</th><th scope="col">"Signal to noise of its weights"</th>
                        <th scope="col">"Answers changed by it alone"</th><th scope="col">"Noise at its output"</th></tr></thead>
                    <tbody><For each=move || shrink.layers.get() key=|l| l.name.clone() let(layer)>{row(layer, shrink, hunt, best())}</For></tbody>
                </table></div>
                {meaning("Signal to quantization noise says how loud a number is beside what rounding does to it; each 6 dB is one bit, and low ones are where rounding hurts first.")}
                {move || shrink.quantized.get().map(|q| view! { <Ran quantized=q /> })}
            </details>
        </section>
    }
    .into_any()
}

fn row(layer: Layer, shrink: Shrink, hunt: Hunt, best: f32) -> impl IntoView {
    let name = StoredValue::new(layer.name.clone());
    let float = move || shrink.recipe.with(|r| name.with_value(|n| r.exclude.contains(n)));
    let choose = move |event| {
        let on = event_target_checked(&event);
        shrink.recipe.update(|r| {
            r.exclude.retain(|n| name.with_value(|own| n != own));
            r.exclude.extend(on.then(|| name.get_value()));
        });
    };
    let said = layer.sqnr_db.map_or_else(|| "\u{2013}".to_owned(), |db| format!("{db:.0} dB"));
    let share = layer.sqnr_db.map_or(0.0, |db| db / best);
    let alone =
        Memo::new(move |_| hunt.alone.with(|all| all.iter().find(|a| name.with_value(|n| a.name == *n)).cloned()));
    let changed = move || {
        alone.with(|a| {
            a.as_ref().map(|a| {
                let lost = a.lost.filter(|l| *l != 0.0).map(|l| format!(", accuracy {:+.1} points", -l * 100.0));
                format!("{}{}", percent(a.changed), lost.unwrap_or_default())
            })
        })
    };
    let noise = move || alone.with(|a| a.as_ref().and_then(|a| a.sqnr_db).map(|db| format!("{db:.0} dB")));
    let label = format!("{} stays float", layer.name);
    view! {
        <tr><td><input type="checkbox" data-testid="exclude" aria-label=label prop:checked=float on:change=choose /></td>
            <th scope="row"><bdi>{layer.name.clone()}</bdi><span class="muted explain">{format!("{}, {}", layer.op, count(layer.parameters, "weight", "weights"))}</span></th>
            <td><span class="share"><Bar share=Signal::stored(share) /><span class="num">{said}</span></span></td>
            <td class="num">{changed}</td><td class="num">{noise}</td></tr>
    }
}

/// What stays float in the file, and what this engine computes as float.
#[component]
fn Ran(quantized: Arc<Quantized>) -> impl IntoView {
    let ran = &quantized.ran;
    let computed = count(ran.integers.len(), "node runs as integers", "nodes run as integers");
    let floats = ran.floats.iter().map(|(name, why)| view! { <li><bdi>{name.clone()}</bdi>{format!(": {why}.")}</li> });
    let (some, floats) = (!ran.floats.is_empty(), floats.collect_view());
    let said = format!("Here {computed}, {}.", count(ran.floats.len(), "as float", "as float"));
    view! {
        <p class="fine">{format!("{} float.", count(quantized.float.len(), "node stays", "nodes stay"))}</p>
        <p class="fine" data-testid="shrink-ran">{said}</p>
        {some.then(|| view! { <details><summary>"Which run as float, and why"</summary><ul class="fine">{floats}</ul></details> })}
    }
    .into_any()
}

/// What the hunt ended with.
#[component]
fn Proposal(hunt: Hunt) -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let shown = move || {
        let p = hunt.proposed.get()?;
        let unit = if shrink.classes.get_untracked() { "of the answers change" } else { "of the cosine is lost" };
        let on = count(p.pictures, "picture", "pictures");
        let more = if p.pictures == PICTURES { " (the first of them)" } else { "" };
        let all = format!("With every layer quantized {} {unit}, on {on}{more}.", percent(p.all));
        if p.exclude.is_empty() {
            return Some(view! { <p class="notice" data-testid="culprits-proposal">{format!("{all} No layer needs to stay float.")}</p> }.into_any());
        }
        let names = p.exclude.clone();
        let shortened: Vec<String> = names.iter().take(6).cloned().collect();
        let rest = names.len().saturating_sub(6);
        let named = if rest > 0 { format!("{} and {rest} more", shortened.join(", ")) } else { list(&shortened) };
        let said = format!(
            "{all} Leaving {} float brings it to {}: {named}. It is the smallest set this search found: worst first, then each taken back that was not needed.",
            count(names.len(), "layer", "layers"),
            percent(p.left)
        );
        Some(
            view! {
                <div class="notice needed" data-testid="culprits-proposal"><p>{said}</p>
                    <button class="button small" data-testid="culprits-apply" on:click=move |_| {
                        shrink.recipe.update(|r| r.exclude.clone_from(&names));
                        shrink.quantize();
                    }>"Leave them float and quantize"</button></div>
            }
            .into_any(),
        )
    };
    view! { <div role="status">{shown}</div> }
}
