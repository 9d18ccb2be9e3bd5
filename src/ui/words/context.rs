//! The sentence with the words that mattered for a guess marked, by hiding each in turn (occlusion).

use super::store::{Mattered, Said, Words};
use crate::ui::pure::format::percent;
use leptos::prelude::*;
use std::sync::Arc;

/// Tokens around the blank that are shown, on each side.
const AROUND: usize = 40;

/// A piece of the text: as written, how much it mattered (-1..1 of the most), whether it is the blank, whether
/// the model knows the very word.
#[derive(Clone, PartialEq)]
struct Piece {
    text: String,
    share: f32,
    blank: bool,
    known: bool,
    /// How many times more probable the word is with it.
    times: f32,
}

#[component]
pub fn Context() -> impl IntoView {
    let words = expect_context::<Words>();
    let shown = Memo::new(move |_| {
        let mattered = words.mattered.get()?;
        let said = words.said.get().filter(|said| said.text == mattered.text)?;
        Some((mattered.word.clone(), pieces(&said, &mattered)))
    });
    view! {
        {move || shown.get().map(|(word, pieces)| {
            let most = pieces.iter().filter(|p| p.share > 0.0).max_by(|a, b| a.times.total_cmp(&b.times)).cloned();
            view! {
                <section class="words-context" aria-label="Words that mattered" data-testid="mattered">
                    <h3>"What mattered for "<q translate="no">{word.clone()}</q></h3>
                    <p class="words-marked">
                        {pieces.into_iter().map(|p| {
                            let strength = format!("{:.0}%", p.share.abs() * 40.0);
                            let class = match p.share {
                                _ if p.blank => "words-here",
                                s if s > 0.03 => "words-for",
                                s if s < -0.03 => "words-against",
                                _ => "",
                            };
                            let title = match class {
                                "words-for" => Some(format!("{:.1} times as probable with it", p.times)),
                                "words-against" => Some(format!("{:.1} times as probable without it", 1.0 / p.times)),
                                _ => None,
                            };
                            view! { <span class=class class:unknown=!p.known title=title style:--strength=strength>{p.text}</span>" " }
                        }).collect_view()}
                    </p>
                    <p class="fine">
                        {most.map(|m| format!("Hiding \u{201c}{}\u{201d} would cost most: with it the guess is {:.1} times as probable. ", m.text, m.times))}
                        "Each word was hidden in turn. Teal words speak for the guess, orange ones against it; dotted ones the model does not know and only sees by kind (a name, a rare word)."
                    </p>
                </section>
            }
        })}
    }
}

fn pieces(said: &Arc<Said>, mattered: &Mattered) -> Vec<Piece> {
    let most = mattered.words.iter().fold(0.5f32, |m, (_, by)| m.max(by.abs()));
    let blank = mattered.blank as usize;
    let from = blank.saturating_sub(AROUND);
    let piece = |(at, token): (usize, &crate::engine::protocol::words::Token)| {
        let by = mattered.words.iter().find(|(t, _)| *t as usize == at).map_or(0.0, |(_, by)| *by);
        Piece {
            text: said
                .text
                .get(token.start as usize..token.end as usize)
                .unwrap_or_default()
                .chars()
                .take(40)
                .collect(),
            share: by / most,
            blank: at == blank,
            known: token.known,
            times: by.exp(),
        }
    };
    said.guessed.tokens.iter().enumerate().skip(from).take(blank - from + AROUND + 1).map(piece).collect()
}

/// "12 %" beside "9 %", for two models.
pub fn beside(a: f32, b: f32) -> (String, String) {
    (percent(a), percent(b))
}
