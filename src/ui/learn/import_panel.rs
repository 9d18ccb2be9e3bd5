//! How an import is going and how far the backbone has looked at it, and afterwards what became of every file.

use super::Learn;
use crate::ui::pure::format::thousands;
use crate::ui::pure::summary::Summary;
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::progress::Progress;
use leptos::prelude::*;

#[component]
pub fn ImportPanel() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let importer = learn.importer;
    let running = Memo::new(move |_| importer.progress.with(Option::is_some));
    let looking = Memo::new(move |_| !running.get() && learn.backbones.looking().is_some());
    view! {
        <Show when=move || running.get()><Running /></Show>
        <Show when=move || looking.get()><Looking /></Show>
        <div role="status" aria-live="polite">
            {move || importer.summary.get().map(|summary| view! { <Outcome summary=summary /> })}
        </div>
    }
}

#[component]
fn Running() -> impl IntoView {
    let importer = expect_context::<Learn>().importer;
    let done = Signal::derive(move || importer.progress.get().map(|p| (p.done, p.total)));
    let pace = Signal::derive(move || importer.progress.get().map(|p| p.pace()));
    view! { <Going what="Reading pictures" testid="import" done pace cancel=move || importer.cancel() /> }
}

#[component]
fn Looking() -> impl IntoView {
    let backbones = expect_context::<Learn>().backbones;
    let done = Signal::derive(move || backbones.looking());
    view! { <Going what="Looking at the pictures" testid="backbone" done pace=None.into() cancel=move || backbones.cancel() /> }
}

/// `what` is under way, with how many are `done` of how many, and a way to stop it. Tests find it by `testid`.
#[component]
fn Going(
    what: &'static str,
    testid: &'static str,
    done: Signal<Option<(usize, usize)>>,
    pace: Signal<Option<String>>,
    cancel: impl Fn() + 'static,
) -> impl IntoView {
    let share = Signal::derive(move || done.get().filter(|(_, all)| *all > 0).map(|(n, all)| n as f32 / all as f32));
    let counted = move || done.get().map(|(n, all)| format!("{} of {}", thousands(n), thousands(all)));
    view! {
        <section class="card import running" aria-label=what data-testid=format!("{testid}-progress")>
            <div class="import-row">
                <p><b>{what}" "</b><span class="num" data-testid=format!("{testid}-count")>{counted}</span></p>
                {move || pace.get().map(|pace| view! { <p class="muted num">{pace}</p> })}
                <button class="button small" data-testid=format!("{testid}-cancel") on:click=move |_| cancel()>"Cancel"</button>
            </div>
            <Progress value=share label=what />
        </section>
    }
}

/// Files listed before the rest is only counted.
const LISTED: usize = 200;

#[component]
fn Outcome(summary: Summary) -> impl IntoView {
    let importer = expect_context::<Learn>().importer;
    let bad = !summary.refused.is_empty();
    view! {
        <section class="card import" class:care=bad aria-label="Pictures added" data-testid="import-summary">
            <div class="import-row">
                <p><b data-testid="import-headline">{summary.headline()}</b></p>
                <button class="button icon-only quiet" aria-label="Dismiss summary" data-testid="import-dismiss"
                    on:click=move |_| importer.dismiss_summary()>{icon(Icon::Close)}</button>
            </div>
            <FileList title="Left out, and why" testid="import-refused" files=summary.refused open=true />
            <FileList title="Added, with a note" testid="import-notes" files=summary.notes open=false />
        </section>
    }
}

#[component]
fn FileList(title: &'static str, testid: &'static str, files: Vec<(String, String)>, open: bool) -> impl IntoView {
    let more = files.len().saturating_sub(LISTED);
    (!files.is_empty()).then(|| {
        view! {
            <details open=open data-testid=testid>
                <summary>{format!("{title} ({})", thousands(files.len()))}</summary>
                <ul class="file-list" tabindex="0" role="list" aria-label=title>
                    {files.into_iter().take(LISTED).map(|(name, reason)| view! {
                        <li><bdi class="file-name">{name}</bdi><span>{reason}</span></li>
                    }).collect_view()}
                    {(more > 0).then(|| view! { <li>{format!("and {} more.", thousands(more))}</li> })}
                </ul>
            </details>
        }
    })
}
