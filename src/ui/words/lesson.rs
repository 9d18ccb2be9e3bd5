//! Learn it here: the model goes on learning on a text the person pastes, without any label.

use super::learning::Going;
use super::store::{Model, Words};
use crate::engine::protocol::words::Measured;
use crate::ui::charts::lines::{Line, Lines};
use crate::ui::pure::format::{percent, thousands};
use crate::ui::widgets::progress::Progress;
use leptos::prelude::*;

/// Loss at the top of the chart: what guessing evenly among 12,000 words costs, in nats.
const TOP: f32 = 9.4;

#[component]
pub fn Lesson() -> impl IntoView {
    let words = expect_context::<Words>();
    let learning = words.learning;
    let text = RwSignal::new(String::new());
    let busy = Memo::new(move |_| learning.going.get() != Going::Idle);
    let share = Signal::derive(move || match learning.going.get() {
        Going::Idle => None,
        Going::Reading(share) => Some(share),
        Going::Learning(passed) => Some((passed / learning.seconds.get()).min(1.0)),
    });
    let stage = Signal::derive(move || match learning.going.get() {
        Going::Idle => String::new(),
        Going::Reading(_) => "Reading the text".to_owned(),
        Going::Learning(passed) => format!("Learning, {passed:.0} s"),
    });
    let lines = Signal::derive(move || {
        let curve = learning.curve.get();
        let end = curve.last().map_or(1.0, |(s, _)| s.max(1.0));
        let line = |name: &str, tone, dashed, get: fn(&Measured) -> f32| Line {
            name: name.into(),
            tone,
            dashed,
            points: curve.iter().map(|(s, m)| (s / end, (get(m) / TOP).min(1.0))).collect(),
            band: Vec::new(),
        };
        vec![
            line("words it learns from", "tone-lab", false, |m| m.learned),
            line("words held out", "tone-field", false, |m| m.held),
        ]
    });
    let ticks = Signal::derive(move || {
        let end = learning.curve.with(|c| c.last().map_or(1.0, |(s, _)| *s));
        vec![(0.0, "0 s".to_owned()), (1.0, format!("{end:.0} s"))]
    });
    let verdict = move || {
        learning.curve.with(|curve| {
            let (first, last) = (curve.first()?.1, curve.last().filter(|_| curve.len() > 1)?.1);
            let went = |from: f32, to: f32| format!("{} from {from:.2} to {to:.2}", if to < from { "fell" } else { "rose" });
            Some(format!(
                "After {} steps the loss per word {} on the words it learned from, and {} on the held-out last fifth of the text (first guess right: {} before, {} now).",
                last.steps, went(first.learned, last.learned), went(first.held, last.held),
                percent(first.held_top1), percent(last.held_top1),
            ))
        })
    };
    let sizes = move || {
        let s = learning.sizes.get();
        (s.numbers.1 > 0).then(|| format!(
            "{} words are learned from, {} held out. Only the last layer and a number for each word learn: {} of the model's {} numbers. The two readers stay as they are.",
            thousands(s.words.0 as usize), thousands(s.words.1 as usize), thousands(s.numbers.0 as usize), thousands(s.numbers.1 as usize),
        ))
    };
    view! {
        <section class="card" aria-labelledby="words-lesson-title">
            <h2 id="words-lesson-title" class="section-title">"Learn it here"</h2>
            <p class="muted">"Paste a page of English text. The model goes on learning from it as before: it guesses every word from its surroundings, and the text itself corrects it. No label, nothing leaves your device."</p>
            <textarea class="words-text" rows="5" data-testid="lesson-text" aria-label="Text to learn from" placeholder="Paste a page of text (at least 40 words)"
                prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event))></textarea>
            <div class="going">
                <Show when=move || busy.get() fallback=move || view! {
                    <label class="inline">"for"
                        <select class="inline-select" data-testid="lesson-seconds" on:change=move |event| {
                            if let Ok(seconds) = event_target_value(&event).parse() { learning.seconds.set(seconds); }
                        }>
                            {[10, 30, 60].map(|s| view! { <option value=s.to_string() selected=s == 30>{format!("{s} seconds")}</option> })}
                        </select>
                    </label>
                    <button class="button primary" data-testid="lesson-go"
                        disabled=move || words.int8.get() != Model::Here || text.with(|t| t.trim().is_empty())
                        on:click=move |_| words.study(text.get_untracked())>"Learn"</button>
                }>
                    <Progress value=share label=stage />
                    <span class="muted">{move || stage.get()}</span>
                    <button class="button small" data-testid="lesson-stop" on:click=move |_| learning.stop()>"Stop"</button>
                </Show>
            </div>
            {move || learning.trouble.get().map(|reason| view! { <p class="notice bad" role="alert" data-testid="lesson-trouble">{reason}</p> })}
            <Show when=move || learning.any()>
                <Lines lines=lines ticks=ticks label=Signal::derive(move || verdict().unwrap_or_default()) />
                <p class="fine">{format!("Loss per word in percent of {TOP} nats, which guessing evenly among all words would cost.")}</p>
                <p data-testid="lesson-verdict">{verdict}</p>
                <label class="check">
                    <input type="checkbox" data-testid="lesson-used" prop:checked=move || learning.used.get()
                        on:change=move |event| { learning.used.set(event_target_checked(&event)); words.ask(); } />
                    "Guess with what was learned here"
                </label>
            </Show>
            <p class="fine">{sizes}</p>
        </section>
    }
}
