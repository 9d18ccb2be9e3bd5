//! What it cost and what it saved: size, accuracy of both, agreement, latency, layers.

use super::store::{Exam, Shrink, Sum};
use crate::engine::protocol::shrink::Quantized;
use crate::ui::charts::bars::Bar;
use crate::ui::pure::format::{bytes, count, milliseconds, percent};
use crate::ui::pure::tally::Tally;
use crate::ui::pure::words;
use crate::ui::widgets::icon::{Icon, icon};
use crate::web::{files, urls};
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn Outcome() -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let sum = Memo::new(move |_| shrink.pairs.with(|pairs| Sum::of(pairs)));
    view! {
        {move || shrink.quantized.get().map(|q| view! { <Size quantized=q /> })}
        <Show when=move || { sum.get().n > 0 }>
            <Accuracy sum=sum />
            <Latency />
        </Show>
        {move || shrink.quantized.get().map(|q| view! { <Layers quantized=q /> })}
    }
}

#[component]
fn Size(quantized: Arc<Quantized>) -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let most = quantized.float_bytes.max(1) as f32;
    let row = |name: &'static str, testid: &'static str, size: usize| {
        view! { <tr><th scope="row">{name}</th><td><span class="share"><Bar share=Signal::stored(size as f32 / most) /><span class="num" data-testid=testid>{bytes(size as u64)}</span></span></td></tr> }
    };
    let report = quantized.report.clone();
    view! {
        <section class="card" aria-labelledby="shrink-size-title">
            <header class="card-head"><h3 id="shrink-size-title">"Size of the file"</h3>
                <div class="knob-row">
                    <button class="button" data-testid="shrink-download" on:click=move |_| if let Some(file) = shrink.file() { urls::download("classifier-small.onnx", &file) }>{icon(Icon::Download)}<span>"Download ONNX"</span></button>
                    <button class="button quiet" data-testid="shrink-report" on:click=move |_| urls::download("classifier-small.json", &files::blob(report.as_bytes(), "application/json"))>"Report"</button>
                </div>
            </header>
            <table class="per-class"><tbody>
                {row("float32", "shrink-float-bytes", quantized.float_bytes)}
                {row("As shipped (float16 weights)", "shrink-shipped-bytes", quantized.shipped_bytes)}
                {row("Now", "shrink-bytes", quantized.bytes)}
            </tbody></table>
            <p class="fine">{format!("Written in {}, from {}. Standard ONNX with its labels inside.", milliseconds(quantized.ms), count(quantized.images, "calibration picture", "calibration pictures"))}</p>
            <ul class="fine">{quantized.notes.iter().map(|note| view! { <li>{note.clone()}</li> }).collect_view()}</ul>
        </section>
    }
}

#[component]
fn Accuracy(sum: Memo<Sum>) -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let number = move |name: &'static str, testid: &'static str, of: fn(&Sum) -> Tally| {
        let interval = move || of(&sum.get()).interval();
        view! {
            <div class="pair-side"><p class="accuracy-line">
                <span class="accuracy-number num" data-testid=testid>{move || interval().map_or_else(|| "\u{2013}".to_owned(), |a| percent(a.value))}</span>
                <span class="accuracy-label">{name}<span class="muted">{move || interval().map(|a| format!("{} ({})", words::interval(&a), words::sample(&a, 0)))}</span></span>
            </p></div>
        }
    };
    let verdict = move || {
        let sum = sum.get();
        let alone = format!("{} only float has right, {} only the small one", sum.only_float, sum.only_quantized);
        let p = sum.p_value();
        let meaning =
            if p <= 0.05 { "more than chance explains" } else { "no difference that this many pictures could prove" };
        format!("{} of {} answers agree. {alone}: {meaning} (McNemar\u{2019}s exact p {p:.2}).", sum.agree, sum.n)
    };
    view! {
        <section class="card" aria-labelledby="shrink-accuracy-title">
            <h3 id="shrink-accuracy-title">"Float and small, side by side"</h3>
            <div class="pair">{number("float", "shrink-float", |s| s.float)}{number("small", "shrink-small", |s| s.quantized)}</div>
            <p class="verdict-line" role="status" data-testid="shrink-verdict">{verdict}</p>
            <Show when=move || shrink.exam.get() == Exam::Lab><p class="fine">"Asked about pictures it was trained on: read the agreement, not the accuracy. Ask about the field for pictures it has not seen."</p></Show>
        </section>
    }
}

/// Median and quartiles.
fn quartiles(mut times: Vec<f32>) -> Option<(f32, f32, f32)> {
    times.sort_by(f32::total_cmp);
    let at = |share: f32| times.get(((times.len() - 1) as f32 * share).round() as usize).copied();
    if times.is_empty() { None } else { Some((at(0.25)?, at(0.5)?, at(0.75)?)) }
}

#[component]
fn Latency() -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let of = move |float: bool| {
        let time = |p: &super::store::Pair| if float { p.compared.float_ms } else { p.compared.quantized_ms };
        shrink.pairs.with(|pairs| quartiles(pairs.iter().map(time).collect()))
    };
    let said = move |float: bool| {
        of(float).map(|(low, median, high)| {
            format!("{} (half of them {} to {})", milliseconds(median), milliseconds(low), milliseconds(high))
        })
    };
    let ratio = move || {
        shrink.pairs.with(|pairs| {
            let ratios = pairs
                .iter()
                .filter(|p| p.compared.float_ms > 0.0)
                .map(|p| p.compared.quantized_ms / p.compared.float_ms);
            quartiles(ratios.collect()).map(|(_, median, _)| format!("{median:.2}"))
        })
    };
    view! {
        <section class="card" aria-labelledby="shrink-latency-title">
            <h3 id="shrink-latency-title">"Latency here"</h3>
            <table class="per-class"><tbody>
                <tr><th scope="row">"float"</th><td class="num">{move || said(true)}</td></tr>
                <tr><th scope="row">"small"</th><td class="num">{move || said(false)}</td></tr>
                <tr><th scope="row">"small to float"</th><td class="num" data-testid="shrink-ratio">{ratio}</td></tr>
            </tbody></table>
            <p class="fine">"Medians, after warm-up, both asked in turn about each picture. This engine still computes the small model\u{2019}s integers in float, so it is smaller here, not faster."</p>
        </section>
    }
}

#[component]
fn Layers(quantized: Arc<Quantized>) -> impl IntoView {
    let best = quantized.layers.iter().filter_map(|l| l.sqnr_db).fold(1.0f32, f32::max);
    let row = move |l: &crate::engine::protocol::shrink::Layer| {
        let said = l.sqnr_db.map_or_else(|| "\u{2013}".to_owned(), |db| format!("{db:.0} dB"));
        let share = l.sqnr_db.map_or(0.0, |db| db / best);
        view! { <tr><th scope="row"><bdi>{l.name.clone()}</bdi><span class="muted explain">{format!("{}, {}", l.op, count(l.parameters, "weight", "weights"))}</span></th>
        <td><span class="share"><Bar share=Signal::stored(share) /><span class="num">{said}</span></span></td></tr> }
    };
    let rows = quantized.layers.iter().filter(|l| l.parameters > 0).map(row).collect_view();
    view! {
        <section class="card" aria-labelledby="shrink-layers-title">
            <details class="more" data-testid="shrink-layers">
                <summary><span id="shrink-layers-title">"Layer by layer"</span></summary>
                <p>"Signal to quantization noise of the weights: each 6 dB is one bit. Low ones are where rounding hurts first."</p>
                <div class="scroll-x" tabindex="0" role="region" aria-label="Layers"><table class="numbers"><tbody>{rows}</tbody></table></div>
                <p class="fine">{format!("{} float.", count(quantized.float.len(), "node stays", "nodes stay"))}</p>
            </details>
        </section>
    }
}
