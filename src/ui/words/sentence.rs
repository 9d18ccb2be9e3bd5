//! The sentence: typed, with blanks; which side of them is read.

use super::store::{BLANK, FIRST, Words};
use crate::engine::protocol::words::Side;
use crate::ui::widgets::icon::{Icon, icon};
use leptos::prelude::*;

/// Sentences to try, each for something else.
const TRY: [&str; 4] = [
    FIRST,
    "He opened the ____ and went in.",
    "She gave ____ brother a book, and he thanked ____ for it.",
    "The ____ were very old, and the old man was ____ of them.",
];

const SIDES: [(Side, &str, &str); 3] = [
    (Side::Both, "Both sides", "side-both"),
    (Side::Left, "Only what is before", "side-left"),
    (Side::Right, "Only what is after", "side-right"),
];

#[component]
pub fn Sentence() -> impl IntoView {
    let words = expect_context::<Words>();
    let has_blank = Memo::new(move |_| words.text.with(|t| t.contains("__")));
    let add = move |_| {
        let text = words.text.get_untracked();
        let gap = if text.is_empty() || text.ends_with(char::is_whitespace) { "" } else { " " };
        words.replace(format!("{text}{gap}{BLANK}"));
    };
    view! {
        <div class="column">
            <label class="words-label" for="words-text">"A sentence with one or more blanks (four underscores each)"</label>
            <textarea id="words-text" class="words-text" rows="3" data-testid="words-text" spellcheck="false" autocapitalize="off"
                prop:value=move || words.text.get()
                on:input=move |event| words.type_text(event_target_value(&event))
            ></textarea>
            <div class="knob-row">
                <button class="button small" data-testid="words-blank" on:click=add>{icon(Icon::Add)}<span>"Add a blank"</span></button>
                <button class="button small" data-testid="words-undo" disabled=move || words.past.with(Vec::is_empty)
                    on:click=move |_| words.undo()>{icon(Icon::Undo)}<span>"Undo"</span></button>
                <label class="inline">"Try"
                    <select class="inline-select words-try" data-testid="words-try" on:change=move |event| {
                        if let Some(text) = event_target_value(&event).parse::<usize>().ok().and_then(|i| TRY.get(i)) {
                            words.replace((*text).into());
                        }
                    }>
                        {TRY.iter().enumerate().map(|(i, text)| view! { <option value=i.to_string()>{*text}</option> }).collect_view()}
                    </select>
                </label>
            </div>
            <div class="segmented" role="group" aria-label="What the model reads">
                {SIDES.map(|(side, name, testid)| view! {
                    <button data-testid=testid aria-pressed=move || (words.side.get() == side).to_string()
                        on:click=move |_| words.read_side(side)>{name}</button>
                })}
            </div>
            <p class="fine">{move || match words.side.get() {
                Side::Both => "It reads what comes before a blank and what comes after it. Hide one side to see what the other is worth.",
                Side::Left => "It reads only what comes before, as a model does that writes word by word: what follows cannot help.",
                Side::Right => "It reads only what comes after the blank.",
            }}</p>
            <Show when=move || !has_blank.get()>
                <p class="notice needed" data-testid="words-no-blank">"There is no blank. Type four underscores (____) where a word is to be guessed."</p>
            </Show>
            {move || words.trouble.get().map(|reason| view! { <p class="notice bad" role="alert" data-testid="words-trouble">{reason}</p> })}
        </div>
    }
}
