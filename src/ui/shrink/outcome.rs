//! What it cost and what it saved: size, accuracy of both, agreement.

use super::pairs::Sum;
use super::pictures::Exam;
use super::report;
use super::store::Shrink;
use crate::engine::protocol::shrink::Quantized;
use crate::ui::charts::bars::Bar;
use crate::ui::pure::format::{bytes, count, milliseconds, percent};
use crate::ui::pure::tally::Tally;
use crate::ui::pure::times::paired;
use crate::ui::pure::words;
use crate::ui::widgets::icon::{Icon, icon};
use crate::web::{files, urls};
use leptos::prelude::*;
use std::sync::Arc;

/// A number's meaning, in one sentence that opens.
pub fn meaning(text: &'static str) -> impl IntoView {
    view! { <details class="meaning"><summary>"What is this?"</summary><p>{text}</p></details> }
}

#[component]
pub fn Size(quantized: Arc<Quantized>) -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let most = quantized.float_bytes.max(1) as f32;
    let row = |name: &'static str, testid: &'static str, size: usize| {
        view! { <tr><th scope="row">{name}</th><td><span class="share"><Bar share=Signal::stored(size as f32 / most) /><span class="num" data-testid=testid>{bytes(size as u64)}</span></span></td></tr> }
    };
    let came =
        if quantized.shipped_bytes < quantized.float_bytes { "As shipped (float16 weights)" } else { "As it came" };
    view! {
        <section class="card" aria-labelledby="shrink-size-title">
            <header class="card-head"><h3 id="shrink-size-title">"Size of the file"</h3>
                <div class="knob-row">
                    <button class="button" data-testid="shrink-download" on:click=move |_| if let Some(file) = shrink.file() { urls::download(&format!("{}.onnx", shrink.name()), &file) }>{icon(Icon::Download)}<span>"Download ONNX"</span></button>
                    <button class="button quiet" data-testid="shrink-report" on:click=move |_| urls::download(&format!("{}.json", shrink.name()), &files::blob(report::json(shrink).as_bytes(), "application/json"))>"Report (JSON)"</button>
                    <button class="button quiet" data-testid="shrink-html" on:click=move |_| urls::download(&format!("{}.html", shrink.name()), &files::blob(report::html(shrink).as_bytes(), "text/html"))>"Report (HTML)"</button>
                </div>
            </header>
            <table class="per-class"><tbody>
                {row("float32", "shrink-float-bytes", quantized.float_bytes)}
                {row(came, "shrink-shipped-bytes", quantized.shipped_bytes)}
                {row("Now", "shrink-bytes", quantized.bytes)}
                {row("As it came, zipped", "shrink-shipped-packed", quantized.shipped_packed)}
                {row("Now, zipped", "shrink-packed", quantized.packed)}
            </tbody></table>
            {meaning("Zipped is the file after deflate, about what a host sends; weights in integers still compress a little, floats hardly.")}
            <p class="fine">{format!("Written in {}, from {}. Standard ONNX with its labels inside.", milliseconds(quantized.ms), count(quantized.images, "calibration picture", "calibration pictures"))}</p>
            <ul class="fine">{quantized.notes.iter().map(|note| view! { <li>{note.clone()}</li> }).collect_view()}</ul>
        </section>
    }
    .into_any()
}

#[component]
pub fn Accuracy(sum: Memo<Sum>) -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    view! {
        <section class="card" aria-labelledby="shrink-accuracy-title">
            <h3 id="shrink-accuracy-title">"Float and small, side by side"</h3>
            <Show when=move || shrink.classes.get() fallback=move || view! { <Features sum=sum /> }><Classes sum=sum /></Show>
        </section>
    }
    .into_any()
}

#[component]
fn Classes(sum: Memo<Sum>) -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let seen = move || shrink.exam.get() == Exam::Lab && !shrink.opened.is_file();
    view! {
        {both(sum, ("picture", "pictures"), ["shrink-float", "shrink-small", "shrink-verdict"])}
        <Show when=seen><p class="fine">"Asked about pictures it was trained on: read the agreement, not the accuracy. Ask about the field for pictures it has not seen."</p></Show>
    }
    .into_any()
}

/// Accuracy of float and of the small one with intervals, and what their difference means. `what`: what they were
/// asked about, one and many.
pub fn both(
    sum: Memo<Sum>,
    what: (&'static str, &'static str),
    [float, small, verdict]: [&'static str; 3],
) -> impl IntoView {
    let number = move |name: &'static str, testid: &'static str, of: fn(&Sum) -> Tally| {
        let interval = move || of(&sum.get()).interval();
        view! {
            <div class="pair-side"><p class="accuracy-line">
                <span class="accuracy-number num" data-testid=testid>{move || interval().map_or_else(|| "\u{2013}".to_owned(), |a| percent(a.value))}</span>
                <span class="accuracy-label">{name}<span class="muted">{move || interval().map(|a| format!("{} ({})", words::interval(&a), count(a.n, what.0, what.1)))}</span></span>
            </p></div>
        }
    };
    let said = move || {
        let sum = sum.get();
        let agree = format!("{} of {} answers agree.", sum.agree, sum.n);
        let Some((difference, half)) = paired(sum.only_float, sum.only_small, sum.small.n) else {
            return format!("{agree} Nobody knows the classes of these {}.", what.1);
        };
        let p = sum.p_value();
        let meaning = if p <= 0.05 {
            "more than chance explains".to_owned()
        } else {
            format!("no difference that this many {} could prove", what.1)
        };
        format!(
            "{agree} {} only float has right, {} only the small one: {:+.1} \u{b1} {:.1} points, {meaning} (McNemar\u{2019}s exact p {p:.2}).",
            sum.only_float,
            sum.only_small,
            difference * 100.0,
            half * 100.0
        )
    };
    view! {
        <div class="pair">{number("float", float, |s| s.float)}{number("small", small, |s| s.small)}</div>
        <p class="verdict-line" role="status" data-testid=verdict>{said}</p>
        {meaning("Both were asked the same, so only what one alone has right can tell them apart; McNemar\u{2019}s test asks whether that split could be chance.")}
    }
    .into_any()
}

#[component]
fn Features(sum: Memo<Sum>) -> impl IntoView {
    view! {
        <p class="accuracy-line"><span class="accuracy-number num" data-testid="shrink-cosine">{move || format!("{:.4}", sum.get().cosine.0)}</span>
            <span class="accuracy-label">"mean cosine of the features"<span class="muted">{move || { let s = sum.get(); format!("the worst of {} has {:.4}", count(s.n, "picture", "pictures"), s.cosine.1) }}</span></span></p>
        {meaning("The cosine of two feature vectors is 1 where they point the same way: a classifier on top of them sees hardly a difference above 0.99.")}
    }
    .into_any()
}
