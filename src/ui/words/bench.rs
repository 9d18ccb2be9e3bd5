//! The masked word as laid out: a sentence and its guesses, then what can be found out about them.

use super::compare::Compare;
use super::context::Context;
use super::guesses::Guesses;
use super::lesson::Lesson;
use super::map::Map;
use super::sentence::Sentence;
use super::store::{Model, Words};
use crate::engine::protocol::words::Precision;
use crate::ui::widgets::progress::Progress;
use leptos::prelude::*;

/// `shown`: the person looks at it; the model is fetched the first time.
#[component]
pub fn WordsBench(shown: Signal<bool>) -> impl IntoView {
    let words = expect_context::<Words>();
    Effect::new(move |_| {
        if shown.get() && words.int8.get_untracked() == Model::Absent {
            words.load(Precision::Int8);
        }
    });
    view! {
        <div class="bench words" data-testid="words">
            <section class="card" aria-labelledby="words-title">
                <h2 id="words-title" class="section-title">"The masked word"</h2>
                <p class="muted">
                    "Nobody labelled anything here. The model read old books with words hidden and guessed each from its surroundings; the "
                    "hidden word itself says whether the guess was right. So unlabelled text, of which there is plenty, teaches it grammar and meaning."
                </p>
                <Fetching precision=Precision::Int8 />
                <div class="words-columns">
                    <div class="column"><Sentence /><Context /></div>
                    <Guesses />
                </div>
            </section>
            <div class="words-columns">
                <Map />
                <div class="column"><Lesson /><Compare /></div>
            </div>
        </div>
    }
    .into_any()
}

/// A file of the model on its way, or why it is not here.
#[component]
pub fn Fetching(precision: Precision) -> impl IntoView {
    let words = expect_context::<Words>();
    let model = words.model(precision);
    let share = Signal::derive(move || match model.get() {
        Model::Loading(share) => share,
        _ => None,
    });
    let failed = move || match model.get() {
        Model::Failed(reason) => Some(reason),
        _ => None,
    };
    let said = format!("words-{}", precision.name());
    view! {
        <Show when=move || matches!(model.get(), Model::Loading(_))>
            <div class="going"><Progress value=share label="Loading the word model" /><span class="muted">"The word model is loading."</span></div>
        </Show>
        {move || failed().map(|reason| view! {
            <div class="notice bad" role="alert" data-testid=format!("{said}-failed")>
                <p>{reason}</p>
                <button class="button small" on:click=move |_| words.load(precision)>"Try again"</button>
            </div>
        })}
    }
}
