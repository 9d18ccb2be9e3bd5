//! How good the classifier is, and what to be careful about.

mod accuracy;
mod cell_dialog;
mod confusion;
mod per_class;

use super::Learn;
use super::training::{Trained, Training};
use crate::learn::dataset::ClassId;
use crate::ui::pure::words::{self, Weight};
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::progress::Progress;
use accuracy::Accuracy;
use cell_dialog::CellDialog;
use confusion::Confusion;
use leptos::prelude::*;
use per_class::PerClass;
use std::sync::Arc;

/// A cell of the confusion matrix: what it was, what it was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    pub truth: usize,
    pub predicted: usize,
}

/// Name and colour of each output of a head, as they are now.
pub fn outputs(learn: Learn, classes: &[ClassId]) -> Vec<(String, [u8; 3])> {
    learn.data.with(|d| {
        let of = |id: &ClassId| {
            d.class(*id).map_or_else(|| ("(deleted)".to_owned(), [128; 3]), |c| (c.name.clone(), c.color))
        };
        classes.iter().map(of).collect()
    })
}

/// Name of each output of a head, as they are now.
pub fn names(learn: Learn, classes: &[ClassId]) -> Vec<String> {
    untrack(|| outputs(learn, classes)).into_iter().map(|(name, _)| name).collect()
}

#[component]
pub fn Results() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let trained = learn.trainer.trained;
    let cell = RwSignal::new(None::<Cell>);
    let open = RwSignal::new(false);
    let updating = Memo::new(move |_| learn.trainer.updating());
    let show = move |chosen: Cell| {
        cell.set(Some(chosen));
        open.set(true);
    };
    view! {
        <section class="card results" aria-labelledby="results-title" aria-busy=move || updating.get().to_string() data-testid="results">
            <header class="card-head">
                <h2 id="results-title" class="section-title"><span class="step">"2"</span>"How good is it?"</h2>
                <State />
            </header>
            <Warnings />
            <div class="results-body" class:updating=move || updating.get()>
                {move || match trained.get() {
                    Some(trained) if trained.rows.is_empty() => view! { <Received /> }.into_any(),
                    Some(trained) => view! { <Measured trained=trained show=show /> }.into_any(),
                    None => view! { <Nothing /> }.into_any(),
                }}
            </div>
            <p class="visually-hidden" role="status" data-testid="results-said">{move || said(learn)}</p>
        </section>
        <CellDialog open=open cell=cell />
    }
}

/// What is read out once training is over.
fn said(learn: Learn) -> String {
    if learn.trainer.updating() {
        return String::new();
    }
    match learn.trainer.trained.get() {
        Some(t) => match t.report.accuracy {
            Some(a) => format!(
                "Trained. Held-out accuracy {}, {}.",
                crate::ui::pure::format::percent(a.value),
                words::interval(&a)
            ),
            None => "Trained. The accuracy could not be measured.".into(),
        },
        None => String::new(),
    }
}

/// Training, waiting, failed: always in the same place, so that nothing jumps.
#[component]
fn State() -> impl IntoView {
    let trainer = expect_context::<Learn>().trainer;
    let text = move || match trainer.state.get() {
        Training::Waiting => "Updating\u{2026}".to_owned(),
        Training::Running { stage, .. } => format!("{stage}\u{2026}"),
        Training::Idle | Training::Failed(_) => String::new(),
    };
    let share = Signal::derive(move || match trainer.state.get() {
        Training::Running { fraction, .. } => Some(fraction),
        _ => Some(0.0),
    });
    let failed = Memo::new(move |_| match trainer.state.get() {
        Training::Failed(reason) => Some(reason),
        _ => None,
    });
    let busy = Memo::new(move |_| trainer.updating());
    view! {
        <span class="training-state" class:busy=move || busy.get() data-testid="training-state">
            <span class="muted">{text}</span>
            <Show when=move || busy.get()><Progress value=share label="Training" /></Show>
        </span>
        {move || failed.get().map(|reason| view! {
            <div class="notice bad" role="alert" data-testid="training-failed">
                <p>{reason}</p>
                <button class="button small" data-testid="training-retry" on:click=move |_| trainer.retry()>"Try again"</button>
            </div>
        })}
    }
}

#[component]
fn Warnings() -> impl IntoView {
    let advice = expect_context::<Learn>().data.advice;
    view! {
        <ul class="warnings" role="list" data-testid="warnings">
            {move || advice.get().into_iter().map(|(weight, text)| view! {
                <li class="notice" class:care=weight == Weight::Care class:needed=weight == Weight::Needed data-testid="warning">
                    {icon(if weight == Weight::Care { Icon::Alert } else { Icon::Info })}<span>{text}</span>
                </li>
            }).collect_view()}
        </ul>
    }
}

#[component]
fn Nothing() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let text = move || match learn.trainer.state.get() {
        Training::Waiting | Training::Running { .. } => "The classifier is being trained.",
        _ => "With pictures in two classes, a classifier is trained at once and measured on pictures it has not seen.",
    };
    view! { <p class="muted placeholder" data-testid="results-empty">{text}</p> }
}

/// The head came without pictures: there is nothing to measure it on.
#[component]
fn Received() -> impl IntoView {
    view! { <p class="muted placeholder" data-testid="results-received">"This classifier was trained elsewhere and came without its pictures. Try it below; with pictures in two classes, your own takes its place."</p> }
}

#[component]
fn Measured(trained: Arc<Trained>, show: impl Fn(Cell) + Copy + Send + Sync + 'static) -> impl IntoView {
    let report = &trained.report;
    let details = [words::method(report.method), words::turned_away(report.turned_away)];
    let duplicates = words::near_duplicates(report.near_duplicates);
    let measured = report.accuracy.is_some();
    view! {
        <Accuracy trained=trained.clone() />
        {duplicates.map(|text| view! { <p class="notice plain" data-testid="near-duplicates">{icon(Icon::Info)}<span>{text}</span></p> })}
        {measured.then(|| view! {
            <Confusion trained=trained.clone() show=show />
            <PerClass trained=trained.clone() />
        })}
        <details class="more" data-testid="training-details">
            <summary>"How it was trained"</summary>
            {details.map(|text| view! { <p>{text}</p> })}
        </details>
    }
}
