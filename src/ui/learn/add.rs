//! Ways to add pictures, and undo.

use super::Learn;
use super::import::Into;
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::pick::{PickButton, What};
use leptos::prelude::*;

/// The four ways in. `short`: where there is little room.
#[component]
pub fn Ways(#[prop(optional)] short: bool) -> impl IntoView {
    let [images, folder, zip, camera] = if short {
        ["Images", "Folder", "Zip", "Camera"]
    } else {
        ["Choose images", "Choose a folder", "Open a zip", "Use the camera"]
    };
    // On the first page the sample set is the main way in.
    let pictures = if short { "button primary" } else { "button" };
    let learn = expect_context::<Learn>();
    let add = move |files| learn.importer.add(files, Into::Folders);
    view! {
        <PickButton what=What::Pictures testid="pick-images".into() class=pictures on_files=add>
            {icon(Icon::Picture)}<span>{images}</span>
        </PickButton>
        <PickButton what=What::Folder testid="pick-folder".into() on_files=add>
            {icon(Icon::Folder)}<span>{folder}</span>
        </PickButton>
        <PickButton what=What::Zip testid="pick-zip".into() on_files=add>
            {icon(Icon::Archive)}<span>{zip}</span>
        </PickButton>
        <button class="button" data-testid="use-camera" on:click=move |_| learn.open_recorder(None)>
            {icon(Icon::Camera)}<span>{camera}</span>
        </button>
    }
}

/// Over the classes: ways in, where loose pictures go, undo and redo.
#[component]
pub fn AddBar() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let data = learn.data;
    let classes = data.classes();
    let label =
        |what: &'static str, step: Option<String>| step.map_or_else(|| what.to_owned(), |s| format!("{what}: {s}"));
    let undo = move || label("Undo", data.undo_label.get());
    let redo = move || label("Redo", data.redo_label.get());
    view! {
        <div class="add-bar" data-testid="add-bar" role="group" aria-label="Add pictures"><Ways short=true /></div>
        <div class="target" data-testid="target-bar">
            <label for="target-class">"Loose and pasted pictures go to"</label>
            <select id="target-class" data-testid="target-class"
                on:change=move |event| if let Ok(id) = event_target_value(&event).parse() { data.set_target(id) }
                prop:value=move || { classes.track(); data.target().map(|id| id.to_string()) }
            >
                <For each=move || classes.get() key=|c| c.clone() let((id, name, _))>
                    <option value=id.to_string() selected=move || data.target() == Some(id)>{name}</option>
                </For>
            </select>
            <div class="spacer"></div>
            <button class="button icon-only quiet" data-testid="undo" aria-label=undo title=undo
                disabled=move || data.undo_label.with(Option::is_none)
                on:click=move |_| learn.undo()>{icon(Icon::Undo)}</button>
            <button class="button icon-only quiet" data-testid="redo" aria-label=redo title=redo
                disabled=move || data.redo_label.with(Option::is_none)
                on:click=move |_| { data.redo(); }>{icon(Icon::Redo)}</button>
        </div>
    }
}
