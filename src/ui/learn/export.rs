//! Take the classifier home: one ONNX file, and what is needed to check it elsewhere.

use super::Learn;
use super::training::Trained;
use crate::engine::client::Event;
use crate::engine::protocol::learn::{Reply as Answer, Request as Ask};
use crate::engine::protocol::{Payload, Reply, Request};
use crate::ui::engine::Link;
use crate::ui::pure::format::{bytes, percent};
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::progress::Progress;
use crate::web::files::{self, Blob};
use crate::web::urls;
use leptos::prelude::*;

/// Pictures whose expected outputs go into the download.
const EXAMPLES: usize = 3;

#[derive(Debug, Clone, PartialEq)]
enum State {
    Idle,
    Busy(f32, String),
    Done(String),
    Failed(String),
}

#[component]
pub fn ExportCard() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let engine = expect_context::<Link>();
    let state = RwSignal::new(State::Idle);
    let ready = Memo::new(move |_| learn.trainer.trained.with(Option::is_some) && !learn.trainer.updating());
    let busy = Memo::new(move |_| matches!(state.get(), State::Busy(..)));
    let share = Signal::derive(move || match state.get() {
        State::Busy(fraction, _) => Some(fraction),
        _ => Some(0.0),
    });
    let said = move || match state.get() {
        State::Idle => String::new(),
        State::Busy(fraction, stage) => format!("{stage}\u{2026} {}", percent(fraction)),
        State::Done(text) | State::Failed(text) => text,
    };
    view! {
        <section class="card" aria-labelledby="export-title" data-testid="export">
            <header class="card-head"><h2 id="export-title" class="section-title"><span class="step">"4"</span>"Take it home"</h2></header>
            <p class="muted">
                "A zip with the whole classifier as one ONNX file that takes raw pixels, its labels inside, and a short Python script that proves it predicts the same on your machine."
            </p>
            <div class="export-row">
                <button class="button primary" data-testid="export-button" disabled=move || !ready.get() || busy.get()
                    on:click=move |_| if let Some(trained) = learn.trainer.trained.get_untracked() { export(learn, engine, state, &trained) }
                >{icon(Icon::Download)}<span>"Download classifier"</span></button>
                <Show when=move || busy.get()><Progress value=share label="Building the download" /></Show>
            </div>
            <p class="muted" role="status" data-testid="export-state">{said}</p>
        </section>
    }
}

fn export(learn: Learn, engine: Link, state: RwSignal<State>, trained: &Trained) {
    let labels = super::results::names(learn, &trained.classes);
    let request = Ask::Export { head: trained.head.clone(), labels, report: Box::new(trained.report.clone()) };
    state.set(State::Busy(0.0, "Preparing".into()));
    let again = learn.trainer;
    engine.submit(Request::Learn(request), Payload::default(), examples(learn, trained), move |event| match event {
        Event::Progress(Reply::Learn(Answer::Exporting { fraction, stage }), _) => {
            state.set(State::Busy(fraction, stage))
        }
        Event::Done(Reply::Learn(Answer::Exported { file_name, onnx_bytes }), payload) => {
            let Some(zip) = payload.parts.first() else {
                return state.set(State::Failed("The engine's answer was incomplete.".into()));
            };
            urls::download(&file_name, &files::blob(zip, "application/zip"));
            state.set(State::Done(format!(
                "{file_name} is ready: the ONNX file in it has {}.",
                bytes(onnx_bytes as u64)
            )));
        }
        Event::Failed(reason) => state.set(State::Failed(reason)),
        Event::Lost => match again.trained.get_untracked() {
            Some(_) => state.set(State::Failed("The engine stopped during the download. Please try again.".into())),
            None => state.set(State::Idle),
        },
        Event::Cancelled => state.set(State::Idle),
        Event::Progress(..) | Event::Done(..) => {}
    });
}

/// One picture of each of the first few classes.
fn examples(learn: Learn, trained: &Trained) -> Vec<Blob> {
    learn.data.with_untracked(|d| {
        let first = trained.classes.iter().filter_map(|class| d.of_class(*class).next());
        first.filter_map(|picture| learn.data.stored(picture.id)).map(|s| s.original).take(EXAMPLES).collect()
    })
}
