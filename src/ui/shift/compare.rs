//! One picture in lab and field, side by side with what the head looks at.

use super::field::{Field, Source};
use super::lab::Lab;
use crate::engine::client::Event;
use crate::engine::protocol::shift::{Answer, Compared, Reply as Told, Request as Ask, Subject, UNKNOWN};
use crate::engine::protocol::{Payload, Reply, Request};
use crate::shift::scene::world::World;
use crate::ui::engine::Link;
use crate::ui::learn::Learn;
use crate::ui::pure::format::percent;
use crate::ui::pure::heat;
use crate::ui::widgets::dialog::Dialog;
use crate::web::urls::ObjectUrl;
use crate::web::{canvas, files};
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;

/// What is being compared. Copies are the same.
#[derive(Clone, Copy)]
pub struct Comparison {
    pub open: RwSignal<bool>,
    shown: RwSignal<Option<Arc<Shown>>>,
    trouble: RwSignal<Option<String>>,
}

struct Shown {
    compared: Compared,
    maps: Vec<f32>,
    pictures: [ObjectUrl; 2],
    names: Vec<String>,
}

impl Comparison {
    pub fn new() -> Self {
        Self { open: RwSignal::new(false), shown: RwSignal::new(None), trouble: RwSignal::new(None) }
    }

    /// Opens the dialog on a picture that was seen.
    pub fn show(self, engine: Link, learn: Learn, field: Field, index: u32) {
        let Some(lab) = Lab::now(learn) else { return };
        let seed = field.seed();
        let (subject, blobs) = match field.source.get_untracked() {
            Source::World => {
                let there = Box::new(untrack(|| field.world()));
                (Subject::Photograph { lab: Box::new(World::default()), field: there, seed, index }, Vec::new())
            }
            Source::Degraded => {
                let Some(file) = lab.file(index) else { return };
                // The same weather as when it was classified.
                (Subject::File(field.degradation.get_untracked(), seed ^ u64::from(index) << 16), vec![file])
            }
            // No lab picture is the same one; the most alike of its class stands in for it.
            Source::Collected => {
                let seen = field.seen.with_untracked(|seen| seen.get(index as usize).cloned());
                let Some((seen, there)) = seen.zip(field.file(index as usize)) else { return };
                let output = if seen.shot.truth == UNKNOWN { seen.shot.best } else { seen.shot.truth };
                let embedding = &seen.numbers[..seen.numbers.len().saturating_sub(lab.names.len())];
                let Some(here) = lab.nearest(output, embedding).and_then(|row| lab.file(row)) else { return };
                (Subject::Pair, vec![here, there])
            }
        };
        self.shown.set(None);
        self.trouble.set(None);
        self.open.set(true);
        let names = lab.names.clone();
        let request = Request::Shift(Ask::Compare { head: lab.trained.head.clone(), subject });
        engine.submit(request, Payload::default(), blobs, move |event| match event {
            Event::Done(Reply::Shift(Told::Compared(compared)), payload) => {
                let [lab, field] = payload.parts.as_slice() else { return };
                let pictures = [lab, field].map(|part| ObjectUrl::of(&files::blob(part, "image/jpeg")));
                let shown = Shown { compared: *compared, maps: payload.floats, pictures, names: names.clone() };
                self.shown.set(Some(Arc::new(shown)));
            }
            Event::Failed(reason) => self.trouble.set(Some(reason)),
            Event::Lost => self.trouble.set(Some("The engine stopped. Close this and try again.".into())),
            _ => {}
        });
    }
}

#[component]
pub fn CompareDialog(comparison: Comparison) -> impl IntoView {
    let field = expect_context::<Field>();
    let collected = move || field.source.get() == Source::Collected;
    view! {
        <Dialog open=comparison.open title="What does it look at?".to_owned() testid="compare" wide=true>
            <p class="muted">"Orange speaks for the class it named, blue against it."
                {move || collected().then_some(" From the lab: the most alike picture of the same class.")}</p>
            {move || comparison.trouble.get().map(|reason| view! { <p class="notice bad" role="alert">{reason}</p> })}
            {move || comparison.shown.get().map(|shown| view! {
                <div class="pair">
                    <Half shown=shown.clone() field=false />
                    <Half shown=shown field=true />
                </div>
            })}
        </Dialog>
    }
}

#[component]
fn Half(shown: Arc<Shown>, field: bool) -> impl IntoView {
    let node = NodeRef::<html::Canvas>::new();
    let at = usize::from(field);
    let answer: &Answer = if field { &shown.compared.field } else { &shown.compared.lab };
    let name = shown.names.get(answer.best).cloned().unwrap_or_default();
    let sure = answer.probabilities.get(answer.best).copied().unwrap_or(0.0);
    let best = answer.best;
    let source = shown.pictures[at].as_str().to_owned();
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let grid = shown.compared.grid;
        let cells = grid.0 * grid.1;
        let half = shown.maps.len() / 2;
        let Some(map) = shown.maps.get(at * half + best * cells..at * half + (best + 1) * cells) else { return };
        // One scale for both halves, so that they can be compared.
        let side = heat::SIDE as u32;
        canvas::paint(&canvas, side, side, &heat::paint(map, grid, heat::scale(&shown.maps)));
    });
    view! {
        <figure class="compare-half" data-testid=if field { "compare-field" } else { "compare-lab" }>
            <figcaption>{if field { "In the field" } else { "In the lab" }}</figcaption>
            <div class="stage"><img src=source alt=name.clone() /><canvas node_ref=node class="heat" aria-hidden="true" style:opacity="0.6"></canvas></div>
            <p><b><bdi>{name}</bdi></b>" "<span class="num muted">{percent(sure)}</span></p>
        </figure>
    }
}
