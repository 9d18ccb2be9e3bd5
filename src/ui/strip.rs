//! The strip that never leaves the screen: what there is, how good, how big, how fast.

use super::engine::Link;
use super::language::LanguageChoice;
use super::learn::Learn;
use super::learn::training::Training;
use super::pure::format::{bytes, count, milliseconds, percent, thousands};
use super::share::keep::mark::Kept;
use super::shift::field::Field;
use super::theme::ThemeButton;
use super::widgets::progress::Progress;
use crate::engine::client::Status;
use crate::learn::metrics::Interval;
use leptos::prelude::*;

#[component]
pub fn Strip() -> impl IntoView {
    view! {
        <header class="strip">
            <div class="brand">
                <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
                    <path class="brand-ground" d="M4 20h24v8H4z"></path>
                    <path class="brand-ground-light" d="M4 20h8v8H4zm16 0h8v8h-8z"></path>
                    <path class="brand-pole" d="M10 22V4"></path>
                    <path class="brand-flag" d="M11 4.5c4-2 7 2 14 0v9c-7 2-10-2-14 0z"></path>
                </svg>
                <h1>"Fieldtest"</h1>
            </div>
            <div class="strip-scroll" data-testid="strip-overview" tabindex="0" role="region" aria-label="Overview">
                <dl class="strip-items">
                    <Kept /><Data /><Backbone /><Head /><Accuracy /><InField /><Size /><Latency />
                </dl>
            </div>
            <LanguageChoice />
            <ThemeButton />
            <EngineLine />
        </header>
        <EngineNotice />
    }
    .into_any()
}

/// One item: a name, a value, and something smaller.
#[component]
pub fn Item(
    name: &'static str,
    testid: &'static str,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] detail: Signal<String>,
    #[prop(optional)] class: &'static str,
) -> impl IntoView {
    view! {
        <div class=format!("strip-item {class}")>
            <dt>{name}</dt>
            <dd data-testid=testid>
                <span class="strip-value">{move || value.get()}</span>
                <span class="strip-detail">{move || detail.get()}</span>
            </dd>
        </div>
    }
}

const NOTHING: &str = "\u{2013}";

#[component]
fn Data() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let value = Signal::derive(move || count(learn.data.total.get(), "picture", "pictures"));
    let detail = Signal::derive(move || count(learn.data.class_ids.with(|c| c.len()), "class", "classes"));
    view! { <Item name="Data" testid="strip-data" value=value detail=detail /> }
}

#[component]
fn Backbone() -> impl IntoView {
    let engine = expect_context::<Link>();
    let info = engine.backbone();
    let value = Signal::derive(move || match engine.status.get() {
        Status::Loading { .. } => "Loading".to_owned(),
        Status::Starting => "Starting".into(),
        Status::Ready(_) => "Ready".into(),
        Status::Restarting => "Restarting".into(),
        Status::Failed(_) => "Stopped".into(),
    });
    let detail = Signal::derive(move || match (engine.status.get(), info.get()) {
        (Status::Loading { received, total: Some(total) }, _) => {
            percent((received as f32 / total.max(1) as f32).min(1.0))
        }
        (Status::Loading { received, .. }, _) => bytes(received),
        (_, Some(info)) => format!("{0}\u{d7}{0}, {1} parameters", info.side, millions(info.parameters)),
        _ => String::new(),
    });
    view! { <Item name="Backbone" testid="strip-backbone" value=value detail=detail /> }
}

fn millions(n: usize) -> String {
    if n >= 1_000_000 { format!("{:.1} M", n as f64 / 1e6) } else { thousands(n) }
}

#[component]
fn Head() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let value = Signal::derive(move || match learn.trainer.state.get() {
        Training::Idle if learn.trainer.trained.with(Option::is_some) => "Trained".to_owned(),
        Training::Idle => NOTHING.into(),
        Training::Waiting => "Waiting".into(),
        Training::Running { fraction, .. } => format!("Training {}", percent(fraction)),
        Training::Failed(_) => "Failed".into(),
    });
    let detail = Signal::derive(move || {
        learn
            .trainer
            .trained
            .with(|t| t.as_ref().map(|t| format!("in {}", milliseconds(t.report.train_ms))))
            .unwrap_or_default()
    });
    view! { <Item name="Head" testid="strip-head" value=value detail=detail /> }
}

#[component]
fn Accuracy() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let accuracy = move || learn.trainer.trained.with(|t| t.as_ref().and_then(|t| t.report.accuracy));
    let value = Signal::derive(move || accuracy().map_or_else(|| NOTHING.into(), |a| percent(a.value)));
    let detail = Signal::derive(move || accuracy().map(|a| span(&a)).unwrap_or_default());
    view! { <Item name="Lab accuracy" testid="strip-accuracy" value=value detail=detail class="lab" /> }
}

/// Accuracy where the classifier was last taken to.
#[component]
fn InField() -> impl IntoView {
    let field = expect_context::<Field>();
    let accuracy = Memo::new(move |_| field.tally().interval());
    let value = Signal::derive(move || accuracy.get().map_or_else(|| NOTHING.into(), |a| percent(a.value)));
    let detail = Signal::derive(move || accuracy.get().map(|a| span(&a)).unwrap_or_default());
    view! { <Item name="Field accuracy" testid="strip-field" value=value detail=detail class="field" /> }
}

/// "84–96 %"
fn span(a: &Interval) -> String {
    format!("{}\u{2013}{}", percent(a.low).trim_end_matches("\u{a0}%"), percent(a.high))
}

#[component]
fn Size() -> impl IntoView {
    let info = expect_context::<Link>().backbone();
    let value = Signal::derive(move || info.get().map_or_else(|| NOTHING.into(), |i| bytes(i.file_bytes as u64)));
    let detail = Signal::derive(move || {
        info.get().map(|i| format!("{} in memory", bytes(i.weight_bytes as u64))).unwrap_or_default()
    });
    view! { <Item name="Size" testid="strip-size" value=value detail=detail /> }
}

#[component]
fn Latency() -> impl IntoView {
    let spread = expect_context::<Link>().latency();
    let value = Signal::derive(move || spread.get().map_or_else(|| NOTHING.into(), |s| milliseconds(s.median)));
    let detail = Signal::derive(move || match spread.get() {
        Some(s) => format!("{:.0}\u{2013}{:.0} ms, last {}", s.quartiles.0, s.quartiles.1, s.n),
        None => String::new(),
    });
    view! { <Item name="Latency" testid="strip-latency" value=value detail=detail /> }
}

/// A thin line at the strip's lower edge while the engine is not simply ready.
#[component]
fn EngineLine() -> impl IntoView {
    let engine = expect_context::<Link>();
    let share = Signal::derive(move || match engine.status.get() {
        Status::Loading { received, total: Some(total) } => Some((received as f32 / total.max(1) as f32).min(1.0)),
        Status::Ready(_) | Status::Failed(_) => Some(1.0),
        _ => None,
    });
    let busy = move || !matches!(engine.status.get(), Status::Ready(_) | Status::Failed(_));
    view! {
        <div class="engine-line" class:busy=busy data-testid="engine-progress">
            <Show when=busy><Progress value=share label="Loading the engine" /></Show>
        </div>
    }
}

/// What there is to say of the engine: quietly while it loads, plainly when it stopped.
#[component]
fn EngineNotice() -> impl IntoView {
    let engine = expect_context::<Link>();
    let failed = Memo::new(move |_| match engine.status.get() {
        Status::Failed(reason) => Some(reason),
        _ => None,
    });
    let said = move || match engine.status.get() {
        Status::Loading { .. } => "The engine is loading.",
        Status::Starting => "The engine is starting.",
        Status::Ready(_) => "The engine is ready.",
        Status::Restarting => "The engine stopped and is being restarted. Your pictures and labels are safe.",
        Status::Failed(_) => "",
    };
    let restarting = Memo::new(move |_| engine.status.get() == Status::Restarting);
    view! {
        <section aria-label="Engine">
            <p class="visually-hidden" role="status" data-testid="engine-status">{said}</p>
            <Show when=move || restarting.get()>
                <p class="notice care" data-testid="engine-restarting">"The engine stopped and is being restarted. Your pictures and labels are safe."</p>
            </Show>
            <div role="alert">
                {move || failed.get().map(|reason| view! {
                    <div class="notice bad" data-testid="engine-failed">
                        <p>{reason}</p>
                        <button class="button small" data-testid="engine-retry" on:click=move |_| engine.retry()>"Try again"</button>
                    </div>
                })}
            </div>
        </section>
    }
}
