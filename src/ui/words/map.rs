//! A map of words that are near each other in the model's table.

use super::store::{Model, Words};
use crate::ui::pure::format::percent;
use leptos::prelude::*;

const WIDTH: f32 = 560.0;
const HEIGHT: f32 = 420.0;

#[component]
pub fn Map() -> impl IntoView {
    let words = expect_context::<Words>();
    let typed = RwSignal::new("reading".to_owned());
    let look = move || {
        let word = typed.get_untracked().trim().to_owned();
        if !word.is_empty() {
            words.neighbours(&word);
        }
    };
    view! {
        <section class="card" aria-labelledby="words-map-title">
            <h2 id="words-map-title" class="section-title">"A map of words"</h2>
            <p class="muted">"Each word is a row of numbers in the model. Words that stand in the same places got similar numbers, although nobody said what any of them means."</p>
            <form class="knob-row" on:submit=move |event| { event.prevent_default(); look(); }>
                <label class="knob">"Neighbours of"
                    <input type="text" data-testid="near-word" maxlength="40" autocapitalize="off" spellcheck="false"
                        prop:value=move || typed.get() on:input=move |event| typed.set(event_target_value(&event)) />
                </label>
                <button class="button" type="submit" data-testid="near-go" disabled=move || words.int8.get() != Model::Here>"Show"</button>
            </form>
            {move || words.near_trouble.get().map(|reason| view! { <p class="notice bad" role="alert" data-testid="near-trouble">{reason}</p> })}
            {move || words.near.get().map(|near| {
                let list: Vec<_> = near.words.iter().skip(1).take(8).map(|(w, c, _)| format!("{w} ({c:.2})")).collect();
                let label = format!("A map of {} and the words nearest to it: {}", near.word, list.join(", "));
                let spots = place(&near.words);
                view! {
                    <figure class="words-map" data-testid="near-map">
                        <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=label>
                            {spots.into_iter().enumerate().map(|(i, (word, x, y))| {
                                let anchor = if x > WIDTH * 0.72 { "end" } else { "start" };
                                let away = if x > WIDTH * 0.72 { -7.0 } else { 7.0 };
                                view! {
                                    <g class=if i == 0 { "words-spot own" } else { "words-spot" }>
                                        <circle cx=x cy=y r="4"></circle>
                                        <text x=x + away y=y + 5.0 style:text-anchor=anchor>{word}</text>
                                    </g>
                                }
                            }).collect_view()}
                        </svg>
                        <figcaption class="fine">{format!(
                            "Principal components of these words' numbers; the picture shows {} of their spread.", percent(near.shown),
                        )}</figcaption>
                    </figure>
                    <ol class="words-near" data-testid="near-list" aria-label="Nearest words">
                        {near.words.iter().skip(1).map(|(word, cosine, _)| {
                            let (to, shown) = (word.clone(), word.clone());
                            view! {
                                <li><button class="chip" title=format!("cosine {cosine:.2}") on:click=move |_| { typed.set(to.clone()); words.neighbours(&to); }>{shown}</button></li>
                            }
                        }).collect_view()}
                    </ol>
                }
            })}
        </section>
    }
}

/// Points in the picture, moved up or down until names do not lie on each other.
fn place(words: &[(String, f32, (f32, f32))]) -> Vec<(String, f32, f32)> {
    const LINE: f32 = 19.0;
    let mut placed: Vec<(String, f32, f32)> = Vec::new();
    for (word, _, (x, y)) in words {
        let x = WIDTH * (0.07 + 0.43 * (x + 1.0));
        let mut y = HEIGHT * (0.06 + 0.44 * (1.0 - y));
        let clash = |at: f32| placed.iter().any(|(_, px, py)| (px - x).abs() < 96.0 && (py - at).abs() < LINE);
        let wanted = y;
        for step in 1..40u32 {
            if !clash(y) {
                break;
            }
            let by = step.div_ceil(2) as f32 * LINE * 0.5;
            y = if step % 2 == 0 { wanted - by } else { wanted + by }.clamp(LINE, HEIGHT - 8.0);
        }
        placed.push((word.clone(), x, y));
    }
    placed
}
