//! The most probable words of a blank, with bars; choosing one fills it in.

use super::store::Words;
use crate::ui::charts::bars::Bar;
use crate::ui::pure::format::{milliseconds, percent};
use crate::ui::widgets::icon::{Icon, icon};
use leptos::prelude::*;

/// Words shown.
const SHOWN: usize = 8;

#[component]
pub fn Guesses() -> impl IntoView {
    let words = expect_context::<Words>();
    let blanks = Memo::new(move |_| words.said.with(|s| s.as_ref().map_or(0, |s| s.guessed.blanks.len())));
    let at = Memo::new(move |_| words.blank.get().min(blanks.get().saturating_sub(1)));
    // A text that was refused is not waited for.
    let stale = Memo::new(move |_| {
        let other = words.said.with(|s| s.as_ref().is_some_and(|s| words.text.with(|t| *t != s.text)));
        other && words.trouble.with(Option::is_none)
    });
    let top = Memo::new(move |_| {
        let all = words.said.with(|s| s.as_ref().and_then(|s| s.guessed.blanks.get(at.get()).map(|b| b.top.clone())));
        all.unwrap_or_default().into_iter().take(SHOWN).collect::<Vec<_>>()
    });
    let choose = move |i: usize| {
        words.blank.set(i);
        words.why.set(None);
        words.reason(0);
    };
    view! {
        <div class="column" aria-busy=move || stale.get().to_string()>
            <h3>{move || if blanks.get() > 1 { format!("Blank {} of {}", at.get() + 1, blanks.get()) } else { "In the blank".into() }}</h3>
            <Show when=move || { blanks.get() > 1 }>
                <div class="segmented words-blanks" role="group" aria-label="Which blank" data-testid="words-blanks">
                    {move || (0..blanks.get()).map(|i| view! {
                        <button aria-pressed=move || (at.get() == i).to_string() on:click=move |_| choose(i)>{(i + 1).to_string()}</button>
                    }).collect_view()}
                </div>
            </Show>
            <ol class="words-guesses" data-testid="guesses">
                {move || top.get().into_iter().map(|(word, p)| {
                    let (fill, why, name) = (word.clone(), word.clone(), word.clone());
                    view! {
                        <li>
                            <button class="words-guess" data-testid="guess" title="Fill it in" on:click=move |_| words.fill(&fill)>
                                <span class="words-guess-word">{word}</span>
                                <Bar share=Signal::stored(p) />
                                <span class="num">{percent(p)}</span>
                            </button>
                            <button class="button quiet icon-only small" data-testid="guess-why" title="Which words mattered for this?"
                                aria-label=format!("Which words mattered for {name}?") on:click=move |_| words.explain(why.clone())>{icon(Icon::Info)}</button>
                        </li>
                    }
                }).collect_view()}
            </ol>
            <p class="fine num" data-testid="guess-time">{move || words.said.with(|s| s.as_ref().filter(|s| !s.guessed.blanks.is_empty()).map(|s| {
                format!("Answered in {}. Choose a word to fill it in.", milliseconds(s.guessed.ms))
            }))}</p>
        </div>
    }
}
