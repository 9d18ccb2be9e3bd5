//! Use the unlabelled: bring pictures without labels, and see whether they help.

use super::others::Others;
use crate::learn::unlabelled::Result as Tried;
use crate::ui::charts::bars::Bar;
use crate::ui::learn::Learn;
use crate::ui::pure::budget as words;
use crate::ui::pure::format::{count, percent};
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::pick::{PickButton, What};
use crate::ui::widgets::progress::Progress;
use crate::web::drop;
use leptos::prelude::*;

#[component]
pub fn OthersCard() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let others = learn.others;
    let busy = Memo::new(move |_| others.running.with(Option::is_some));
    let share = Signal::derive(move || others.running.get().map(|(_, share)| share));
    let label = Signal::derive(move || others.running.get().map_or(String::new(), |(what, _)| what));
    let none = move || {
        let (here, coming) = others.count.get();
        learn.trainer.updating() || coming > 0 || (here == 0 && !others.hide.get())
    };
    let tried = Memo::new(move |_| others.tried.with(|t| !t.is_empty()));
    view! {
        <section class="card" aria-labelledby="others-title" data-testid="others"
            on:dragover=move |event| if drop::dragged(&event) == Some(drop::Dragged::Files) { drop::allow(&event, "copy") }
            on:drop=move |event| {
                let dropped = drop::dropped(&event);
                if !dropped.is_empty() {
                    event.prevent_default();
                    leptos::task::spawn_local(dropped.walk(move |found| others.add(found)));
                }
            }>
            <h2 id="others-title" class="section-title">"Use pictures without labels"</h2>
            <p class="muted">"Drop pictures here that nobody has sorted. They go into no class: labels spread to them, or the embedding is adapted on them, and both are measured against labels alone on the same held-out pictures. It does not always help."</p>
            <div class="going">
                <PickButton what=What::Pictures testid="others-files".into() on_files=move |files| others.add(files)>{icon(Icon::Picture)}"Pictures\u{2026}"</PickButton>
                <PickButton what=What::Folder testid="others-folder".into() on_files=move |files| others.add(files)>{icon(Icon::Folder)}"Folder\u{2026}"</PickButton>
                <span class="muted num" data-testid="others-count">{move || {
                    let (here, coming) = others.count.get();
                    let coming = if coming > 0 { format!(", {coming} on their way") } else { String::new() };
                    format!("{} without a label{coming}", count(here, "picture", "pictures"))
                }}</span>
                <Show when=move || others.count.get() != (0, 0)>
                    <button class="button small quiet" data-testid="others-clear" on:click=move |_| others.remove_all()>"Remove all"</button>
                </Show>
            </div>
            <Show when=move || others.refused.with(|r| !r.is_empty())>
                <ul class="refusals" data-testid="others-refused">{move || others.refused.get().into_iter().map(|r| view! { <li>{r}</li> }).collect_view()}</ul>
            </Show>
            <div class="going">
                <label class="inline" for="others-labels">"Labels of each class "
                    <input id="others-labels" data-testid="others-labels" class="short" type="number" min="1" max="1000" inputmode="numeric" disabled=move || busy.get()
                        prop:value=move || others.per_class.get().to_string()
                        on:change=move |event| if let Ok(n) = event_target_value(&event).parse() { others.per_class.set(n) } />
                </label>
                <label class="check"><input type="checkbox" data-testid="others-hide" disabled=move || busy.get()
                    prop:checked=move || others.hide.get() on:change=move |event| others.hide.set(event_target_checked(&event)) />
                    "Hide my other labels, and use their pictures too"</label>
            </div>
            <div class="going">
                <Show when=move || busy.get() fallback=move || view! {
                    <button class="button" data-testid="others-compare" disabled=none on:click=move |_| others.compare()>"See whether they help"</button>
                }>
                    <Progress value=share label=label />
                    <span class="muted" data-testid="others-doing">{move || label.get()}</span>
                    <button class="button small" data-testid="others-cancel" on:click=move |_| others.cancel()>"Stop"</button>
                </Show>
            </div>
            {move || others.reason.get().map(|reason| view! { <p class="notice bad" role="alert" data-testid="others-trouble">{reason}</p> })}
            <Show when=move || tried.get()><Outcome others=others /></Show>
        </section>
    }
}

#[component]
fn Outcome(others: Others) -> impl IntoView {
    view! {
        <p class="verdict-line" data-testid="others-verdict">{move || others.tried.with(|t| words::verdict(t))}</p>
        <div class="scroll-x" tabindex="0" role="region" aria-label="Ways of using pictures without labels">
            <table class="numbers" data-testid="others-table">
                <thead><tr><th scope="col">"Way"</th><th scope="col">"Held-out accuracy"</th><th scope="col">"Against labels alone"</th><th scope="col">"Labels it made"</th></tr></thead>
                <tbody>{move || others.tried.get().into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        <p class="fine">{move || {
            let loss = others.loss.get().map_or_else(String::new, |(first, last)| format!(" The adaptation\u{2019}s loss fell from {first:.1} to {last:.1}, without a label."));
            format!("Means over draws of as many labels, measured on {}; in brackets 95\u{a0}% intervals.{loss}", count(others.held_out.get(), "held-out picture", "held-out pictures"))
        }}</p>
    }
}

fn row(tried: Tried) -> impl IntoView {
    let gain = tried.gain.map_or_else(|| "\u{2013}".to_owned(), |g| words::points(&g, true));
    let right = tried.made_right.map_or_else(String::new, |r| format!(", {} of them right", percent(r)));
    let made = if tried.made > 0.0 { format!("{:.0}{right}", tried.made) } else { "\u{2013}".to_owned() };
    view! {
        <tr><th scope="row">{tried.arm.name()}<span class="muted explain">{tried.arm.explain()}</span></th>
            <td class="tone-lab"><span class="share"><Bar share=Signal::stored(tried.accuracy.value) /><span class="num">{words::band(&tried.accuracy)}</span></span></td>
            <td class="num">{gain}</td><td class="num">{made}</td></tr>
    }
}
