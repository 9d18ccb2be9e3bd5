//! What the classifier says: a bar for each class, or "none of these".

use super::Verdict;
use crate::ui::charts::bars::Bar;
use crate::ui::learn::Learn;
use crate::ui::learn::results::outputs;
use crate::ui::pure::format::{hex, milliseconds, percent};
use leptos::prelude::*;

#[component]
pub fn Outcome() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let verdict = learn.tryout.verdict;
    let classes = Memo::new(move |_| verdict.with(|v| v.as_ref().map(|v| v.classes.clone()).unwrap_or_default()));
    let names = Memo::new(move |_| classes.with(|c| outputs(learn, c)));
    let unknown = Memo::new(move |_| verdict.with(|v| v.as_ref().is_some_and(|v| v.prediction.unknown)));
    let best = Memo::new(move |_| verdict.with(|v| v.as_ref().map(|v| v.prediction.best)));
    let read = move |get: fn(&Verdict, usize) -> f32, i: usize| verdict.with(|v| v.as_ref().map_or(0.0, |v| get(v, i)));
    let probability = move |i: usize| read(|v, i| v.prediction.probabilities.get(i).copied().unwrap_or(0.0), i);
    let spent = move || verdict.with(|v| v.as_ref().map(|v| milliseconds(v.prediction.total_ms)));
    view! {
        <div class="outcome" class:unknown=move || unknown.get() data-testid="outcome">
            <p class="verdict" data-testid="verdict">
                {move || match best.get() {
                    None => String::new(),
                    Some(_) if unknown.get() => "None of these".to_owned(),
                    Some(i) => names.with(|n| n.get(i).map(|(name, _)| name.clone()).unwrap_or_default()),
                }}
            </p>
            <Show when=move || unknown.get()>
                <p class="muted">"It looks unlike every class it was taught. The bars only compare the classes with each other."</p>
            </Show>
            <ul class="bars" role="list" data-testid="bars">
                {move || names.get().into_iter().enumerate().map(|(i, (name, color))| view! {
                    <li class:best=move || best.get() == Some(i) && !unknown.get()>
                        <span class="bar-name"><span class="dot" style:background=hex(color)></span><bdi>{name}</bdi></span>
                        <Bar share=Signal::derive(move || probability(i)) color=Signal::stored(hex(color)) />
                        <span class="num">{move || percent(probability(i))}</span>
                    </li>
                }).collect_view()}
            </ul>
            <p class="fine num" data-testid="predict-time">{move || spent().map(|t| format!("Answered in {t}."))}</p>
        </div>
    }
}
