//! The network in boxes, in the order of computation: skip connections as arcs, noise as bars.

use super::store::Shrink;
use leptos::prelude::*;

const ROW: f32 = 24.0;
const BOX: f32 = 118.0;
const BARS: f32 = 250.0;
const WIDTH: f32 = 330.0;

#[component]
pub fn Network(chosen: RwSignal<Option<String>>, current: Memo<Option<String>>) -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let drawn = move || {
        let q = shrink.quantized.get()?;
        let noise = |name: &str| q.layers.iter().find(|l| l.name == name).and_then(|l| l.sqnr_db);
        let best = q.layers.iter().filter_map(|l| l.sqnr_db).fold(1.0f32, f32::max);
        let y = |at: usize| 2.0 + at as f32 * ROW;
        let arcs = q.nodes.iter().enumerate().flat_map(|(at, node)| node.reads.iter().map(move |from| (*from, at)));
        let arcs = arcs.map(|(from, at)| {
            let (a, b) = (y(from) + 17.0, y(at));
            let path = if at == from + 1 {
                format!("M {} {a} V {b}", BOX / 2.0)
            } else {
                // Farther connections swing wider.
                let out = BOX + (8.0 + 6.0 * (at - from) as f32).min(60.0);
                format!("M {BOX} {} C {out} {} {out} {} {BOX} {}", a - 8.0, a - 8.0, b + 8.0, b + 8.0)
            };
            view! { <path class="wire" d=path></path> }
        });
        let arcs = arcs.collect_view();
        let boxes = q.nodes.iter().enumerate().map(|(at, node)| {
            let (name, own) = (node.name.clone(), node.name.clone());
            let float = !node.quantized;
            let long = noise(&node.name).map(|db| (db / best).clamp(0.02, 1.0) * (WIDTH - BARS - 4.0));
            let said = noise(&node.name).map(|db| format!("{db:.0} dB")).unwrap_or_default();
            view! {
                <g class="box" class:float=float class:chosen=move || current.get().as_ref() == Some(&own)
                    on:click=move |_| if !float { chosen.set(Some(name.clone())) }>
                    <rect x="1" y=y(at) width=BOX - 2.0 height="17" rx="4"></rect>
                    <text x=BOX / 2.0 y=y(at) + 12.5>{node.op.chars().take(17).collect::<String>()}</text>
                    <text class="db" x=BARS - 6.0 y=y(at) + 12.5>{said}</text>
                    {long.map(|long| view! { <rect class="noise" x=BARS y=y(at) + 4.0 width=long height="9"></rect> })}
                </g>
            }
        });
        let boxes = boxes.collect_view();
        let height = 4.0 + q.nodes.len() as f32 * ROW;
        let quantized = q.nodes.iter().filter(|n| n.quantized).count();
        let label = format!(
            "The network: {} boxes in the order of computation, {quantized} of them quantized. The list beside it chooses a layer.",
            q.nodes.len()
        );
        Some(view! { <svg viewBox=format!("0 0 {WIDTH} {height}") role="img" aria-label=label>{arcs}{boxes}</svg> })
    };
    view! {
        <div class="network" tabindex="0" role="region" aria-label="The network" data-testid="network">{drawn}</div>
    }
    .into_any()
}
