//! One's own result code, and a whole class's results on one chart.

use super::scatter::Scatter;
use super::state::Sharing;
use crate::share::codes::{MAX_NAME, Outcome, read_all};
use crate::ui::engine::Link;
use crate::ui::pure::format::{bytes, percent};
use crate::ui::widgets::toast::Toasts;
use crate::web::address;
use leptos::prelude::*;

#[component]
pub fn CodesCard() -> impl IntoView {
    let sharing = expect_context::<Sharing>();
    let engine = expect_context::<Link>();
    let toasts = expect_context::<Toasts>();
    let name = RwSignal::new(String::new());
    let latency = engine.latency();
    let backbone = engine.backbone();
    let own = Memo::new(move |_| {
        let trained = sharing.learn.trainer.trained.get().filter(|t| !t.rows.is_empty())?;
        let tally = sharing.shift.field.tally();
        let score = |share: f32, n: usize| ((share * 1000.0).round() as u32, n as u32);
        let small = sharing.shrink.quantized.with(|q| q.as_ref().map(|q| q.bytes));
        let outcome = Outcome {
            name: name.get(),
            lab: trained.report.accuracy.map(|a| score(a.value, a.n)),
            field: (tally.n > 0).then(|| score(tally.share(), tally.n)),
            latency: latency.get().map(|s| (s.median * 10.0).round() as u32),
            kilobytes: small.or(backbone.get().map(|b| b.file_bytes)).map(|b| (b / 1000) as u32),
            classes: trained.classes.len() as u32,
            pictures: trained.rows.len() as u32,
        };
        Some(outcome.code())
    });
    let pasted = RwSignal::new(String::new());
    let lines = Memo::new(move |_| read_all(&pasted.get()));
    let good = Memo::new(move |_| lines.get().into_iter().filter_map(|l| l.outcome.ok()).collect::<Vec<_>>());
    let bad = move || {
        let bad = lines.get().into_iter().filter_map(|l| l.outcome.err().map(|reason| (l.number, reason)));
        bad.map(|(number, reason)| view! { <li>{format!("Line {number}: {reason}")}</li> }).collect_view()
    };
    view! {
        <section class="card" aria-labelledby="codes-title" data-testid="share-codes">
            <h2 id="codes-title" class="section-title">"Results of a class"</h2>
            <p class="muted">"Everybody sends their line, by chat or on paper; whoever pastes them here sees all results on one chart. No server."</p>
            <div class="world">
                <label class="knob" for="code-name"><span>"Your name (optional)"</span>
                    <input id="code-name" type="text" maxlength=MAX_NAME autocomplete="off" data-testid="code-name" prop:value=move || name.get() on:input=move |event| name.set(event_target_value(&event)) /></label>
            </div>
            {move || match own.get() {
                Some(code) => view! {
                    <p class="link-row"><code class="code-own" data-testid="code-own">{code.clone()}</code>
                        <button class="button" data-testid="code-copy" on:click=move |_| {
                            let code = code.clone();
                            leptos::task::spawn_local(async move {
                                toasts.say(if address::copy(&code).await { "Your code is on the clipboard." } else { "The browser does not let pages copy here: select the code yourself." });
                            });
                        }>"Copy my code"</button></p>
                }.into_any(),
                None => view! { <p class="muted placeholder">"With a trained classifier you get a code here."</p> }.into_any(),
            }}
            <label class="knob" for="codes-in"><span>"Codes of the class, one a line"</span>
                <textarea id="codes-in" rows="4" data-testid="codes-in" placeholder="Ann: FT1-\u{2026}" prop:value=move || pasted.get() on:input=move |event| pasted.set(event_target_value(&event))></textarea></label>
            <ul class="refusals" role="list" data-testid="codes-bad">{bad}</ul>
            <Show when=move || good.with(|g| !g.is_empty())>
                <Scatter all=good />
                <div class="scroll-x" tabindex="0" role="region" aria-label="Results of the class">
                    <table class="numbers" data-testid="codes-table">
                        <thead><tr><th scope="col">"Name"</th><th scope="col">"Lab"</th><th scope="col">"Field"</th><th scope="col">"Time"</th><th scope="col">"Size"</th><th scope="col">"Pictures"</th></tr></thead>
                        <tbody>{move || good.get().into_iter().enumerate().map(|(at, o)| row(at, o)).collect_view()}</tbody>
                    </table>
                </div>
            </Show>
        </section>
    }
}

/// What somebody is called on chart and in table.
pub fn called(at: usize, outcome: &Outcome) -> String {
    if outcome.name.is_empty() { format!("No. {}", at + 1) } else { outcome.name.clone() }
}

fn row(at: usize, outcome: Outcome) -> impl IntoView {
    let nothing = || "\u{2013}".to_owned();
    let score = |s: Option<(u32, u32)>| {
        s.map_or_else(nothing, |(share, n)| format!("{} of {n}", percent(share as f32 / 1000.0)))
    };
    view! {
        <tr><th scope="row"><bdi>{called(at, &outcome)}</bdi></th>
            <td class="num">{score(outcome.lab)}</td><td class="num">{score(outcome.field)}</td>
            <td class="num">{outcome.latency.map_or_else(nothing, |l| format!("{:.1} ms", l as f32 / 10.0))}</td>
            <td class="num">{outcome.kilobytes.map_or_else(nothing, |kb| bytes(u64::from(kb) * 1000))}</td>
            <td class="num">{outcome.pictures}</td></tr>
    }
}
