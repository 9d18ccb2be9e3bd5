//! What can be done with the pictures that are selected.

use super::Learn;
use crate::learn::dataset::ClassId;
use crate::ui::pure::format::count;
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::menu::{Menu, MenuItem};
use leptos::prelude::*;

#[component]
pub fn SelectionBar() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let chosen = learn.selection.pictures;
    let any = Memo::new(move |_| chosen.with(|c| !c.is_empty()));
    let said = move || count(chosen.with(Vec::len), "picture selected", "pictures selected");
    view! {
        <p class="visually-hidden" role="status">{move || if any.get() { said() } else { String::new() }}</p>
        <Show when=move || any.get()>
            <div class="selection-bar" role="group" aria-label="Selected pictures" data-testid="selection-bar">
                <span class="num">{said}</span>
                <div class="spacer"></div>
                <Menu label="Move to" testid="move-to" class="button small primary"
                    face=ViewFn::from(|| view! { {icon(Icon::Move)}<span>"Move to"</span> })>
                    <MoveItems pick=Callback::new(move |to| {
                        learn.data.move_pictures(&chosen.get_untracked(), to);
                        learn.selection.clear();
                    }) />
                </Menu>
                <Show when=move || chosen.with(|c| c.len() == 1)>
                    <button class="button small" data-testid="try-selected"
                        on:click=move |_| chosen.get_untracked().into_iter().for_each(|id| learn.tryout.picture(learn.data, id))
                    >"Try this"</button>
                </Show>
                <button class="button small" data-testid="delete-selected" on:click=move |_| {
                    learn.data.delete_pictures(&chosen.get_untracked());
                    learn.selection.clear();
                }>{icon(Icon::Trash)}<span>"Delete"</span></button>
                <button class="button small icon-only quiet" data-testid="clear-selection" aria-label="Clear the selection"
                    on:click=move |_| learn.selection.clear()>{icon(Icon::Close)}</button>
            </div>
        </Show>
    }
}

/// A menu item for every class.
#[component]
pub fn MoveItems(pick: Callback<ClassId>, #[prop(optional)] except: Option<ClassId>) -> impl IntoView {
    let learn = expect_context::<Learn>();
    let classes = learn.data.classes().get_untracked();
    classes
        .into_iter()
        .filter(|(id, ..)| Some(*id) != except)
        .map(|(id, name, color)| {
            view! {
                <MenuItem testid="move-to-class" on_pick=move || pick.run(id)>
                    <span class="dot" style:background=crate::ui::pure::format::hex(color)></span><bdi>{name}</bdi>
                </MenuItem>
            }
        })
        .collect_view()
}
