//! How long an answer takes here: warm-up, median, quartiles, histogram, rate, and on what.

use super::outcome::meaning;
use super::pairs::Pair;
use super::store::Shrink;
use crate::ui::charts::histogram::{Histogram, Series};
use crate::ui::pure::format::{bytes, count, milliseconds};
use crate::ui::pure::times::{Times, histogram};
use leptos::prelude::*;

const BARS: usize = 24;

/// Milliseconds of float or of the small one, of each picture.
fn times(pairs: &[Pair], float: bool) -> Vec<f32> {
    let of = |p: &Pair| if float { p.compared.apart.float_ms } else { p.compared.apart.quantized_ms };
    pairs.iter().map(of).collect()
}

#[component]
pub fn Latency() -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let of = move |float: bool| shrink.pairs.with(|pairs| Times::of(times(pairs, float)));
    let row = move |float: bool, name: &'static str| {
        let testid = if float { "latency-float" } else { "latency-small" };
        view! {
            <tr><th scope="row">{name}</th>
                <td class="num" data-testid=testid>{move || of(float).map(|t| milliseconds(t.median))}</td>
                <td class="num">{move || of(float).map(|t| format!("{} to {}", milliseconds(t.low), milliseconds(t.high)))}</td>
                <td class="num">{move || of(float).map(|t| format!("{:.0}", 1000.0 / t.median.max(1e-3)))}</td></tr>
        }
    };
    let ratio = move || {
        shrink.pairs.with(|pairs| {
            let ratios = pairs.iter().filter(|p| p.compared.apart.float_ms > 0.0);
            let ratios = ratios.map(|p| p.compared.apart.quantized_ms / p.compared.apart.float_ms);
            Times::of(ratios).map(|t| format!("{:.2}", t.median))
        })
    };
    let warm = move || {
        shrink.warm.with(|w| {
            let (runs, _) = w.as_ref()?;
            let (first, last) = (runs.first()?, runs.last()?);
            Some(format!(
                "Warm-up: {} each, left out. The first took {} and {}, the last {} and {}.",
                count(runs.len(), "run", "runs"),
                milliseconds(first.0),
                milliseconds(first.1),
                milliseconds(last.0),
                milliseconds(last.1)
            ))
        })
    };
    let machine = move || {
        shrink.warm.with(|w| {
            let (_, machine) = w.as_ref()?;
            let memory = machine.memory.map(|m| format!("; the engine\u{2019}s memory is {}", bytes(m as u64)));
            Some(format!("{}{}.", machine.instructions, memory.unwrap_or_default()))
        })
    };
    let drawn = move || {
        // Drawn once all have answered, not for each.
        if shrink.running.with(Option::is_some) {
            return None;
        }
        let both = shrink.pairs.with(|pairs| [times(pairs, true), times(pairs, false)]);
        let (low, high, mut counts) = histogram(&both, BARS);
        let small = counts.pop()?;
        let series = vec![
            Series { name: "float".into(), tone: "tone-lab", bars: counts.pop()? },
            Series { name: "small".into(), tone: "tone-field", bars: small },
        ];
        let label = format!("Times of both, from {} to {}", milliseconds(low), milliseconds(high));
        Some(view! { <Histogram series=series ends=(milliseconds(low), milliseconds(high)) label=label /> })
    };
    view! {
        <section class="card" aria-labelledby="shrink-latency-title">
            <h3 id="shrink-latency-title">"Latency here"</h3>
            <div class="scroll-x" tabindex="0" role="region" aria-label="Latency"><table class="numbers narrow">
                <thead><tr><th scope="col">"Model"</th><th scope="col">"Median"</th><th scope="col">"Half of them"</th><th scope="col">"Pictures a second"</th></tr></thead>
                <tbody>{row(true, "float")}{row(false, "small")}
                    <tr><th scope="row">"small to float"</th><td class="num" data-testid="shrink-ratio">{ratio}</td><td></td><td></td></tr></tbody>
            </table></div>
            {drawn}
            <p class="fine" data-testid="latency-warm">{warm}</p>
            <p class="fine" data-testid="latency-machine">{machine}</p>
            {meaning("Both are asked about each picture, taking turns at going first, in one thread; the median is the time half of the answers were faster than.")}
        </section>
    }
    .into_any()
}
