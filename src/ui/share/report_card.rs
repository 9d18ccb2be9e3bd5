//! What follows from everything found out, and a file of it.

use super::findings::gather;
use super::state::Sharing;
use crate::share::report::{self, advice};
use crate::ui::benches::Bench;
use crate::ui::engine::Link;
use crate::ui::widgets::icon::{Icon, icon};
use crate::web::{files, urls};
use leptos::prelude::*;

#[component]
pub fn ReportCard() -> impl IntoView {
    let sharing = expect_context::<Sharing>();
    let engine = expect_context::<Link>();
    let advice = Memo::new(move |_| {
        let looked_at = sharing.bench.get() == Bench::Share && sharing.learn.data.total.get() > 0;
        if looked_at { advice::advise(&gather(sharing, engine)) } else { Vec::new() }
    });
    let save = move |name: &'static str, mime: &'static str, write: fn(&report::Findings) -> String| {
        let text = write(&untrack(|| gather(sharing, engine)));
        urls::download(name, &files::blob(text.as_bytes(), mime));
    };
    view! {
        <section class="card" aria-labelledby="report-title" data-testid="share-report">
            <h2 id="report-title" class="section-title">"Report"</h2>
            <p class="muted">"Data, curves, what the field and quantizing did, and what to do about it, as one file to hand on."</p>
            <Show when=move || advice.with(|a| !a.is_empty()) fallback=|| view! { <p class="muted placeholder">"With pictures there is something to report."</p> }>
                <ul class="advice" role="list" data-testid="report-advice">
                    {move || advice.get().into_iter().map(|a| view! { <li class=format!("advice-{:?}", a.verdict)><b>{a.verdict.word()}</b><span>{a.text}</span></li> }).collect_view()}
                </ul>
                <div class="knob-row">
                    <button class="button" data-testid="report-html" on:click=move |_| save("fieldtest-report.html", "text/html", report::html::page)>{icon(Icon::Download)}<span>"Report (HTML)"</span></button>
                    <button class="button" data-testid="report-json" on:click=move |_| save("fieldtest-report.json", "application/json", report::json)>{icon(Icon::Download)}<span>"Data (JSON)"</span></button>
                </div>
            </Show>
        </section>
    }
}
