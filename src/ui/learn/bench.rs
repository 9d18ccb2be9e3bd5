//! The bench as laid out: pictures on one side, what was learned on the other; before
//! there is anything, a welcome.

use super::Learn;
use super::add::AddBar;
use super::backbone_card::BackboneCard;
use super::budget::curve_card::CurveCard;
use super::budget::map_card::MapCard;
use super::budget::others_card::OthersCard;
use super::camera::recorder::Recorder;
use super::classes::Classes;
use super::export::ExportCard;
use super::import::Into;
use super::import_panel::ImportPanel;
use super::results::Results;
use super::selection_bar::SelectionBar;
use super::tryout::panel::TryPanel;
use super::welcome::Welcome;
use crate::ui::chunks::{self, Chunk};
use crate::web::drop::{self, Dragged};
use crate::web::{files, listen};
use leptos::prelude::*;

#[component]
pub fn LearnBench() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let over = RwSignal::new(false);
    StoredValue::new_local(page_listeners(learn, over));
    let started = Memo::new(move |_| learn.data.class_ids.with(|c| !c.is_empty()));
    let importer = learn.importer;
    let busy = Signal::derive(move || {
        started.get()
            || learn.recorder.get()
            || importer.progress.with(Option::is_some)
            || importer.summary.with(Option::is_some)
    });
    view! {
        <div class="bench" data-testid="learn">
            <Chunk shown=busy load=chunks::load_workbench from=chunks::workbench />
            <Show when=move || !started.get()><Welcome /></Show>
            <DropHint over=over />
        </div>
    }
    .into_any()
}

/// The bench at work: pictures come in, and once there is a class to fill, all the rest.
#[component]
pub fn Workbench() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let started = Memo::new(move |_| learn.data.class_ids.with(|c| !c.is_empty()));
    view! {
        <ImportPanel />
        <Show when=move || started.get()>
            <div class="columns">
                <section class="column" aria-labelledby="pictures-title">
                    <h2 id="pictures-title" class="section-title"><span class="step">"1"</span>"Pictures"</h2>
                    <AddBar />
                    <Classes />
                    <SelectionBar />
                </section>
                <div class="column">
                    <BackboneCard />
                    <Results />
                    <TryPanel />
                    <ExportCard />
                </div>
            </div>
            <Show when=move || learn.trainer.trained.with(Option::is_some)><CurveCard /><OthersCard /><MapCard /></Show>
        </Show>
        <Recorder />
    }
}

/// Said over the whole page while files are dragged over it.
#[component]
fn DropHint(over: RwSignal<bool>) -> impl IntoView {
    let learn = expect_context::<Learn>();
    let target = move || {
        let id = learn.data.target()?;
        learn.data.with(|d| d.class(id).map(|c| c.name.clone()))
    };
    view! {
        <Show when=move || over.get()>
            <div class="drop-hint" aria-hidden="true">
                <p>"Drop to add. Folders become classes"
                    {move || target().map(|name| format!("; loose pictures go to \u{201c}{name}\u{201d}"))}"."</p>
            </div>
        </Show>
    }
}

/// Drop, paste and the keys that work anywhere.
fn page_listeners(learn: Learn, over: RwSignal<bool>) -> Vec<listen::Listener> {
    let is_files = |event: &_| drop::dragged(event) == Some(Dragged::Files);
    vec![
        listen::on_drag("dragover", move |event| {
            if is_files(event) && !event.default_prevented() {
                drop::allow(event, "copy");
                if !over.get_untracked() {
                    over.set(true);
                }
            }
        }),
        listen::on_drag("dragleave", move |event| {
            if event.related_target().is_none() {
                over.set(false);
            }
        }),
        listen::on_drag("drop", move |event| {
            over.set(false);
            if is_files(event) && !event.default_prevented() {
                event.prevent_default();
                let dropped = drop::dropped(event);
                if !dropped.is_empty() {
                    learn.importer.add_dropped(dropped, Into::Folders);
                }
            }
        }),
        listen::on_paste(move |event| {
            let pasted = files::pasted(event);
            if !pasted.is_empty() && !listen::in_text_field(event) {
                event.prevent_default();
                learn.importer.add(pasted, Into::Folders);
            }
        }),
        listen::on_key(move |event| {
            let command = (event.ctrl_key() || event.meta_key()) && !event.alt_key();
            if !command || listen::in_text_field(event) {
                return;
            }
            match (event.key().to_lowercase().as_str(), event.shift_key()) {
                ("z", false) => learn.undo(),
                ("z", true) | ("y", false) => {
                    learn.data.redo();
                }
                _ => return,
            }
            event.prevent_default();
        }),
    ]
}
