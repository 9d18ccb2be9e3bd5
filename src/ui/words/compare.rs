//! The same model in float and in int8: size, and how far the probabilities are apart.

use super::bench::Fetching;
use super::context::beside;
use super::store::{Model, Words};
use crate::engine::protocol::words::Precision;
use crate::ui::pure::format::bytes;
use leptos::prelude::*;

/// Words beside each other.
const SHOWN: usize = 5;

#[derive(Clone, PartialEq)]
struct Both {
    /// Word, in float, in int8.
    rows: Vec<(String, f32, f32)>,
    bytes: (u32, u32),
    most: f32,
    agree: bool,
    learned: bool,
}

#[component]
pub fn Compare() -> impl IntoView {
    let words = expect_context::<Words>();
    let both = Memo::new(move |_| {
        let (small, float) = (words.said.get()?, words.float_said.get()?);
        let at = words.blank.get().min(small.guessed.blanks.len().saturating_sub(1));
        let (s, f) = (small.guessed.blanks.get(at)?, float.guessed.blanks.get(at)?);
        if small.text != float.text {
            return None;
        }
        let find = |word: &str| s.top.iter().find(|(w, _)| w == word).map_or(0.0, |(_, p)| *p);
        let all: Vec<_> = f.top.iter().map(|(word, p)| (word.clone(), *p, find(word))).collect();
        let most = all.iter().take(SHOWN).fold(0.0f32, |m, (_, a, b)| m.max((a - b).abs()));
        let agree = f.top.first().map(|t| &t.0) == s.top.first().map(|t| &t.0);
        let bytes = (float.guessed.bytes, small.guessed.bytes);
        let learned = words.learning.used.get();
        Some(Both { rows: all.into_iter().take(SHOWN).collect(), bytes, most, agree, learned })
    });
    view! {
        <section class="card" aria-labelledby="words-compare-title">
            <h2 id="words-compare-title" class="section-title">"Float and int8 side by side"</h2>
            <p class="muted">"The same trained numbers, once as half-precision floats, once rounded to 8-bit integers. The arithmetic is float in both."</p>
            <Show when=move || words.float.get() == Model::Absent>
                <button class="button" data-testid="words-load-float" disabled=move || words.int8.get() != Model::Here
                    on:click=move |_| words.load(Precision::Float)>"Load the float model, too"</button>
            </Show>
            <Fetching precision=Precision::Float />
            {move || both.get().map(|b| view! {
                <table class="words-table" data-testid="words-compare">
                    <thead><tr>
                        <th scope="col">"Word"</th>
                        <th scope="col">{format!("float, {}", bytes(b.bytes.0.into()))}</th>
                        <th scope="col">{format!("int8, {}", bytes(b.bytes.1.into()))}</th>
                    </tr></thead>
                    <tbody>{b.rows.into_iter().map(|(word, float, small)| {
                        let (float, small) = beside(float, small);
                        view! { <tr><th scope="row">{word}</th><td class="num">{float}</td><td class="num">{small}</td></tr> }
                    }).collect_view()}</tbody>
                </table>
                <p data-testid="words-compare-verdict">{format!(
                    "{} The probabilities of these words are at most {:.1} percentage points apart.",
                    if b.agree { "Both guess the same word first." } else { "They guess different words first." }, b.most * 100.0,
                )}</p>
                <Show when=move || b.learned><p class="notice care">"The int8 side has gone on learning from your text; the float side has not."</p></Show>
            })}
        </section>
    }
}
