//! The masked word in float and in int8, asked about every word of a text: size, accuracy, latency, and the very
//! words whose guess changes.

use super::outcome::{both, meaning};
use super::pairs::Sum;
use crate::engine::protocol::words::{Hidden, Precision, Twins as Told};
use crate::ui::charts::bars::Bar;
use crate::ui::pure::format::{bytes, count, milliseconds, percent};
use crate::ui::pure::times::Times;
use crate::ui::widgets::progress::Progress;
use crate::ui::words::bench::Fetching;
use crate::ui::words::store::{Model, Words};
use crate::ui::words::twins::Answered;
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn Twins() -> impl IntoView {
    let words = expect_context::<Words>();
    [Precision::Int8, Precision::Float].into_iter().for_each(|p| words.load(p));
    let twins = words.twins;
    let here = Memo::new(move |_| words.int8.get() == Model::Here && words.float.get() == Model::Here);
    let busy = Memo::new(move |_| twins.going.with(Option::is_some));
    let share = Signal::derive(move || twins.going.get());
    view! {
        <section class="card" aria-labelledby="twins-title">
            <h3 id="twins-title">"The masked word, in float and in int8"</h3>
            <p class="muted">"Its weights were rounded to 8-bit integers when it was made. Every word of this text that it knows is hidden in turn, and both guess it."</p>
            <Fetching precision=Precision::Int8 /><Fetching precision=Precision::Float />
            <textarea class="words-text" rows="7" data-testid="twins-text" aria-label="Text whose words are hidden"
                prop:value=move || twins.text.get() on:input=move |event| twins.text.set(event_target_value(&event))></textarea>
            <div class="going">
                <Show when=move || busy.get() fallback=move || view! {
                    <button class="button primary" data-testid="twins-go" disabled=move || !here.get() || twins.text.with(|t| t.trim().is_empty())
                        on:click=move |_| words.ask_twins(twins.text.get_untracked())>"Ask both"</button>
                }>
                    <Progress value=share label="Asking both" />
                    <span class="muted">"Asking both"</span>
                    <button class="button small" data-testid="twins-stop" on:click=move |_| twins.stop()>"Stop"</button>
                </Show>
            </div>
            {move || twins.trouble.get().map(|reason| view! { <p class="notice bad" role="alert" data-testid="twins-trouble">{reason}</p> })}
        </section>
        {move || twins.told.get().map(|answered| view! { <Outcome answered=answered /> })}
    }
    .into_any()
}

/// What both said, added up.
fn sum(told: &Told) -> Sum {
    let mut sum = Sum::default();
    for word in &told.words {
        let right = (word.float.word == word.word, word.int8.word == word.word);
        sum.add(word.float.word == word.int8.word, Some(right));
    }
    sum
}

#[component]
fn Outcome(answered: Arc<Answered>) -> impl IntoView {
    let told = &answered.told;
    let most = told.bytes.0.max(told.bytes.1).max(1) as f32;
    let size = |name: &'static str, testid: &'static str, size: u32| {
        view! { <tr><th scope="row">{name}</th><td><span class="share"><Bar share=Signal::stored(size as f32 / most) /><span class="num" data-testid=testid>{bytes(size.into())}</span></span></td></tr> }
    };
    let sum = sum(told);
    let flips: Vec<_> = told.words.iter().filter(|w| w.float.word != w.int8.word).map(|w| flip(&answered, w)).collect();
    let headline = match flips.len() {
        0 => format!("No guess of {} changed", sum.n),
        n => format!("{} of {} changed", count(n, "guess", "guesses"), sum.n),
    };
    view! {
        <section class="card" aria-labelledby="twins-size-title">
            <h3 id="twins-size-title">"Size of the file"</h3>
            <table class="per-class"><tbody>
                {size("float16", "twins-float-bytes", told.bytes.0)}
                {size("int8", "twins-int8-bytes", told.bytes.1)}
            </tbody></table>
        </section>
        <section class="card" aria-labelledby="twins-accuracy-title">
            <h3 id="twins-accuracy-title">"Float and small, side by side"</h3>
            {both(Memo::new(move |_| sum), ("word", "words"), ["twins-float", "twins-small", "twins-verdict"])}
        </section>
        <Latency passes=told.passes.clone() />
        <section class="card" aria-labelledby="twins-flips-title">
            <h3 id="twins-flips-title" data-testid="twins-flips-count">{headline}</h3>
            <ul class="twins-flips" role="list" data-testid="twins-flips">{flips}</ul>
        </section>
    }
    .into_any()
}

#[component]
fn Latency(passes: Vec<(f32, f32)>) -> impl IntoView {
    let row = |name: &'static str, testid: &'static str, times: Option<Times>| {
        times.map(|t| {
            view! {
                <tr><th scope="row">{name}</th><td class="num" data-testid=testid>{milliseconds(t.median)}</td>
                    <td class="num">{format!("{} to {}", milliseconds(t.low), milliseconds(t.high))}</td></tr>
            }
        })
    };
    let float = Times::of(passes.iter().map(|p| p.0));
    let int8 = Times::of(passes.iter().map(|p| p.1));
    let ratio = Times::of(passes.iter().filter(|p| p.0 > 0.0).map(|p| p.1 / p.0)).map(|t| format!("{:.2}", t.median));
    view! {
        <section class="card" aria-labelledby="twins-latency-title">
            <h3 id="twins-latency-title">"Latency here"</h3>
            <table class="numbers narrow">
                <thead><tr><th scope="col">"Model"</th><th scope="col">"Median"</th><th scope="col">"Half of them"</th></tr></thead>
                <tbody>{row("float", "twins-float-ms", float)}{row("int8", "twins-int8-ms", int8)}
                    <tr><th scope="row">"int8 to float"</th><td class="num" data-testid="twins-ratio">{ratio}</td><td></td></tr></tbody>
            </table>
            <p class="fine">{format!("{} of up to 64 words each, after a warm-up, taking turns at going first.", count(passes.len(), "pass", "passes"))}</p>
            {meaning("Only the weights are integers here, and they become floats again before they are used: that saves download, not time. The pictures\u{2019} models on this bench run in integers.")}
        </section>
    }
    .into_any()
}

/// A word whose guess changed, in its place.
fn flip(answered: &Answered, hidden: &Hidden) -> impl IntoView + use<> {
    let (before, after) = answered.around(hidden);
    let who = match (hidden.float.word == hidden.word, hidden.int8.word == hidden.word) {
        (true, _) => "float was right",
        (_, true) => "int8 is right",
        _ => "both are wrong",
    };
    view! {
        <li class:wrong=who == "float was right">
            <p><span class="muted">{format!("\u{2026}{before}")}</span><mark>{hidden.word.clone()}</mark><span class="muted">{format!("{after}\u{2026}")}</span></p>
            <p>{format!("{} {} \u{2192} {} {}", hidden.float.word, percent(hidden.float.sure), hidden.int8.word, percent(hidden.int8.sure))}
                <span class="muted fine">{format!(" {who}; the hidden word had {} and has {}", percent(hidden.float.truth), percent(hidden.int8.truth))}</span></p>
        </li>
    }
}
