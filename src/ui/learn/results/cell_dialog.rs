//! The pictures of one cell of the confusion matrix, to look at and to put right.

use super::{Cell, outputs};
use crate::learn::dataset::{ClassId, PictureId};
use crate::ui::learn::Learn;
use crate::ui::learn::selection_bar::MoveItems;
use crate::ui::learn::training::Trained;
use crate::ui::pure::format::{count, percent};
use crate::ui::widgets::dialog::Dialog;
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::menu::Menu;
use crate::web::urls::ObjectUrl;
use leptos::prelude::*;
use std::sync::Arc;

/// Pictures shown at first, and more at each request.
const PAGE: usize = 48;

/// One held-out picture.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    id: PictureId,
    confidence: f32,
    unknown: bool,
    class: ClassId,
}

#[component]
pub fn CellDialog(open: RwSignal<bool>, cell: RwSignal<Option<Cell>>) -> impl IntoView {
    let learn = expect_context::<Learn>();
    // The head it was opened on: it stays while pictures are moved and a new one is trained.
    let basis = Memo::new(move |_| {
        open.track();
        cell.track();
        learn.trainer.trained.get_untracked()
    });
    let title =
        Signal::derive(move || basis.get().zip(cell.get()).map(|(t, c)| heading(learn, &t, c)).unwrap_or_default());
    view! {
        <Dialog open=open title=title testid="cell-dialog" wide=true>
            <Pictures basis=basis cell=cell />
        </Dialog>
    }
}

fn heading(learn: Learn, trained: &Trained, cell: Cell) -> String {
    let names = outputs(learn, &trained.classes);
    let name = |i: usize| names.get(i).map(|(n, _)| format!("\u{201c}{n}\u{201d}")).unwrap_or_default();
    if cell.truth == cell.predicted {
        format!("{} recognised", name(cell.truth))
    } else {
        format!("{} taken for {}", name(cell.truth), name(cell.predicted))
    }
}

fn pictures(trained: &Trained, cell: Cell) -> Vec<Shown> {
    let held_out = trained.report.held_out.iter();
    let here = held_out.filter(|h| h.truth as usize == cell.truth && h.predicted as usize == cell.predicted);
    let class = trained.classes.get(cell.truth).copied().unwrap_or_default();
    let mut shown: Vec<Shown> = here
        .filter_map(|h| {
            Some(Shown {
                id: *trained.rows.get(h.index as usize)?,
                confidence: h.confidence,
                unknown: h.unknown,
                class,
            })
        })
        .collect();
    // Mistakes it was surest of first; for what was right, the shakiest first.
    let sign = if cell.truth == cell.predicted { 1.0 } else { -1.0 };
    shown.sort_by(|a, b| (sign * a.confidence).total_cmp(&(sign * b.confidence)));
    shown
}

#[component]
fn Pictures(basis: Memo<Option<Arc<Trained>>>, cell: RwSignal<Option<Cell>>) -> impl IntoView {
    let all = Memo::new(move |_| basis.get().zip(cell.get()).map(|(t, c)| pictures(&t, c)).unwrap_or_default());
    let limit = RwSignal::new(PAGE);
    let total = move || all.with(Vec::len);
    view! {
        <p class="muted">{move || {
            let order = match cell.get() {
                Some(c) if c.truth == c.predicted => "the least certain first",
                _ => "the most certain first",
            };
            format!("{}, {order}. Something in the wrong class? Move it.", count(total(), "picture", "pictures"))
        }}</p>
        <ul class="cell-pictures" role="list">
            <For each=move || all.with(|a| a.iter().take(limit.get()).cloned().collect::<Vec<_>>()) key=|s| s.id let(shown)>
                <Picture shown=shown />
            </For>
        </ul>
        <Show when=move || { total() > limit.get() }>
            <button class="button" data-testid="cell-more" on:click=move |_| limit.update(|l| *l += PAGE)>"Show more"</button>
        </Show>
    }
}

#[component]
fn Picture(shown: Shown) -> impl IntoView {
    let learn = expect_context::<Learn>();
    let Shown { id, confidence, unknown, class } = shown;
    let stored = learn.data.stored(id);
    let name = stored.as_ref().map(|s| s.name.to_string()).unwrap_or_default();
    let url = StoredValue::new_local(stored.map(|s| ObjectUrl::of(&s.thumb)));
    let source = url.with_value(|u| u.as_ref().map(|u| u.as_str().to_owned()));
    // Where it is now, should it have been moved or deleted.
    let now = Memo::new(move |_| {
        learn.data.with(|d| {
            d.pictures.iter().find(|p| p.id == id).and_then(|p| d.class(p.class)).map(|c| (c.id, c.name.clone()))
        })
    });
    let said = move || match now.get() {
        None => "deleted".to_owned(),
        Some((now, name)) if now != class => format!("moved to {name}"),
        Some(_) if unknown => format!("{} sure, yet \u{201c}none of these\u{201d}", percent(confidence)),
        Some(_) => format!("{} sure", percent(confidence)),
    };
    let label = format!("Move to another class: {name}");
    view! {
        <li class="cell-picture" data-testid="cell-picture">
            <img src=source alt=name.clone() width="112" height="112" />
            <bdi class="file-name" title=name.clone()>{name.clone()}</bdi>
            <span class="muted num">{said}</span>
            <Show when=move || now.with(Option::is_some)>
                <Menu label=label.clone() testid="cell-move" class="button small"
                    face=ViewFn::from(|| view! { {icon(Icon::Move)}<span>"Move to"</span> })>
                    <MoveItems pick=Callback::new(move |to| learn.data.move_pictures(&[id], to)) />
                </Menu>
            </Show>
        </li>
    }
}
