//! The flip browser: exactly the pictures whose answer changes, and who was right.

use super::store::{Pair, Shrink};
use crate::ui::pure::format::{count, percent};
use leptos::prelude::*;

#[component]
pub fn Flips() -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let flipped = move || shrink.pairs.with(|pairs| pairs.iter().filter(|p| p.flipped()).cloned().collect::<Vec<_>>());
    let asked = Memo::new(move |_| shrink.pairs.with(Vec::len));
    let headline = move || match flipped().len() {
        0 => format!("No answer of {} changed", asked.get()),
        n => format!("{} of {} changed", count(n, "answer", "answers"), asked.get()),
    };
    view! {
        <section class="card" aria-labelledby="flips-title">
            <h3 id="flips-title" data-testid="flips-count">{headline}</h3>
            <ul class="shots flips" role="list" data-testid="flips">
                <For each=flipped key=|p| p.compared.index let(pair)>{tile(pair, shrink)}</For>
            </ul>
        </section>
    }
}

fn tile(pair: Pair, shrink: Shrink) -> impl IntoView {
    let name = |at: usize| shrink.labels.with_untracked(|l| l.get(at).cloned().unwrap_or_default());
    let (float, small) = (pair.float(), pair.quantized());
    let who = match pair.right() {
        Some((true, false)) => "float was right",
        Some((false, true)) => "the small one is right",
        Some(_) => "both are wrong",
        None => "nobody knows",
    };
    let sure = |values: &[f32], at: usize| percent(values.get(at).copied().unwrap_or(0.0));
    let gap = pair.compared.float.iter().zip(&pair.compared.quantized).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    let lost = matches!(pair.right(), Some((true, false)));
    view! {
        <li class="shot" class:wrong=lost>
            <img src=pair.thumb.as_str().to_owned() alt=format!("float says {}, small says {}", name(float), name(small)) width="112" height="112" decoding="async" />
            <span class="shot-said">{format!("{} {}", name(float), sure(&pair.compared.float, float))}</span>
            <span class="shot-said">{format!("\u{2192} {} {}", name(small), sure(&pair.compared.quantized, small))}</span>
            <span class="muted fine">{format!("{who}; largest change {}", percent(gap))}</span>
        </li>
    }
}
