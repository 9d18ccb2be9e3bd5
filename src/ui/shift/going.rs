//! A survey's buttons, progress, speed and troubles.

use super::severity::Survey;
use crate::engine::client::Engine;
use crate::ui::pure::format::count;
use crate::ui::widgets::progress::Progress;
use leptos::prelude::*;

#[component]
pub fn Going(survey: Survey, testid: &'static str, children: ChildrenFn) -> impl IntoView {
    let busy = Memo::new(move |_| survey.running.with(Option::is_some));
    let cores = Engine::most_workers() + 1;
    let id = format!("{testid}-workers");
    let children = StoredValue::new(children);
    view! {
        <div class="going">
            <Show when=move || busy.get() fallback=move || children.with_value(|c| c())>
                <Progress value=survey.running label="Measuring" />
                <button class="button small" data-testid=format!("{testid}-cancel") on:click=move |_| survey.cancel()>"Stop"</button>
            </Show>
            <label class="inline" for=id.clone()>"Engines "
                <select id=id.clone() data-testid=id.clone() disabled=move || busy.get()
                    on:change=move |event| if let Ok(n) = event_target_value(&event).parse() { survey.workers.set(n) }>
                    {(1..=cores).map(|n| view! { <option value=n.to_string() selected=move || survey.workers.get() == n>{n}</option> }).collect_view()}
                </select>
            </label>
            <span class="muted num" data-testid=format!("{testid}-speed")>{move || survey.speed.get().map(|(speed, workers)| {
                format!("{speed:.0} pictures a second with {}", count(workers, "engine", "engines"))
            })}</span>
        </div>
        {move || survey.trouble.get().map(|reason| view! { <p class="notice bad" role="alert">{reason}</p> })}
    }
}
