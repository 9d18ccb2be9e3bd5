//! One class: colour, name, count, ways to add to it, its pictures.

use super::Learn;
use super::gallery::Gallery;
use super::import::Into;
use crate::learn::dataset::ClassId;
use crate::ui::pure::format::{count, hex, parse_hex};
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::menu::{Menu, MenuItem};
use crate::ui::widgets::pick::{PickButton, What};
use crate::web::drop::{self, Dragged};
use crate::web::element;
use leptos::ev::DragEvent;
use leptos::html;
use leptos::prelude::*;

#[component]
pub fn ClassCard(id: ClassId) -> impl IntoView {
    let learn = expect_context::<Learn>();
    let class = learn.data.class(id);
    let name = Memo::new(move |_| class.with(|c| c.as_ref().map(|c| c.name.clone()).unwrap_or_default()));
    let color = Memo::new(move |_| class.with(|c| c.as_ref().map(|c| hex(c.color)).unwrap_or_default()));
    let size = Memo::new(move |_| class.with(|c| c.as_ref().map_or(0, |c| c.count)));
    let over = RwSignal::new(false);
    let on_drop = move |event: DragEvent| {
        over.set(false);
        match drop::dragged(&event) {
            Some(Dragged::OwnPictures) => {
                event.prevent_default();
                let selected = learn.selection.pictures.get_untracked();
                learn.data.move_pictures(&selected, id);
                learn.selection.clear();
            }
            Some(Dragged::Files) => {
                event.prevent_default();
                let dropped = drop::dropped(&event);
                if !dropped.is_empty() {
                    learn.importer.add_dropped(dropped, Into::Class(id));
                }
            }
            None => {}
        }
    };
    view! {
        <section class="card class-card" class:over=move || over.get() data-testid="class" aria-label=move || name.get()
            style:--class-color=move || color.get()
            on:dragover=move |event| if let Some(kind) = drop::dragged(&event) {
                drop::allow(&event, if kind == Dragged::Files { "copy" } else { "move" });
                over.set(true);
            }
            on:dragleave=move |event| if element::left_for_good(&event) { over.set(false) }
            on:drop=on_drop
            on:focusin=move |_| learn.data.set_target(id)
        >
            <header class="class-head">
                <input type="color" class="swatch" data-testid="class-color" title="Colour"
                    aria-label=move || format!("Colour of {}", name.get())
                    prop:value=move || color.get()
                    on:change=move |event| if let Some(color) = parse_hex(&event_target_value(&event)) {
                        learn.data.edit("change a colour", |d| d.recolor_class(id, color));
                    }
                />
                <Name id=id name=name />
                <span class="count num" data-testid="class-count" title=move || count(size.get(), "picture", "pictures")>{move || size.get()}</span>
                <PickButton what=What::Pictures testid="class-add".into() class="button icon-only quiet"
                    label=Signal::derive(move || format!("Add images to {}", name.get()))
                    on_files=move |files| learn.importer.add(files, Into::Class(id))
                >{icon(Icon::Add)}</PickButton>
                <button class="button icon-only quiet" data-testid="class-camera"
                    aria-label=move || format!("Record {} with the camera", name.get())
                    title=move || format!("Record {} with the camera", name.get())
                    on:click=move |_| learn.open_recorder(Some(id))
                >{icon(Icon::Camera)}</button>
                <Menu label=Signal::derive(move || format!("More for {}", name.get())) face=ViewFn::from(|| icon(Icon::More)) testid="class-menu">
                    <MenuItem testid="class-select-all" on_pick=move || {
                        let all = learn.data.pictures(id).get_untracked();
                        learn.selection.add(&all);
                    }>{icon(Icon::Check)}"Select all pictures"</MenuItem>
                    <MenuItem testid="class-delete" on_pick=move || learn.data.delete_class(id)>{icon(Icon::Trash)}"Delete class"</MenuItem>
                </Menu>
            </header>
            <Show when=move || { size.get() > 0 } fallback=|| view! {
                <p class="empty-class">"Drop pictures here, or add them with the buttons above."</p>
            }>
                <Gallery id=id name=name />
            </Show>
        </section>
    }
}

/// The class's name, changed in place.
#[component]
fn Name(id: ClassId, name: Memo<String>) -> impl IntoView {
    let learn = expect_context::<Learn>();
    let field = NodeRef::<html::Input>::new();
    let trouble = RwSignal::new(String::new());
    let commit = move || {
        let Some(input) = field.get_untracked() else { return };
        let typed = input.value();
        if typed == name.get_untracked() {
            return trouble.set(String::new());
        }
        match learn.data.edit("rename a class", |d| d.rename_class(id, &typed)) {
            Ok(()) => trouble.set(String::new()),
            Err(refusal) => trouble.set(format!("{refusal} It is still called {}.", name.get_untracked())),
        }
        input.set_value(&name.get_untracked());
    };
    view! {
        <span class="class-name">
            <input node_ref=field type="text" dir="auto" autocomplete="off" spellcheck="false" maxlength="200" data-testid="class-name"
                aria-label=move || format!("Name of {}", name.get())
                prop:value=move || name.get()
                on:change=move |_| commit()
                on:keydown=move |event| match event.key().as_str() {
                    "Enter" => if let Some(input) = field.get_untracked() { let _ = input.blur(); },
                    "Escape" => if let Some(input) = field.get_untracked() {
                        input.set_value(&name.get_untracked());
                        let _ = input.blur();
                    },
                    _ => {}
                }
            />
            <span class="trouble" role="alert">{move || trouble.get()}</span>
        </span>
    }
}
