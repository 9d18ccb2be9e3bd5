//! The classes, one card each, and a field to add another.

use super::Learn;
use super::class_card::ClassCard;
use crate::ui::widgets::icon::{Icon, icon};
use leptos::html;
use leptos::prelude::*;

#[component]
pub fn Classes() -> impl IntoView {
    let learn = expect_context::<Learn>();
    view! {
        <div class="classes" data-testid="classes">
            <For each=move || learn.data.class_ids.get() key=|id| *id let(id)>
                <ClassCard id=id />
            </For>
            <AddClass />
        </div>
    }
}

#[component]
fn AddClass() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let field = NodeRef::<html::Input>::new();
    let trouble = RwSignal::new(String::new());
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(input) = field.get_untracked() else { return };
        let name = input.value();
        let made = learn
            .data
            .edit("add a class", |d| if name.trim().is_empty() { d.add_numbered_class() } else { d.add_class(&name) });
        match made {
            Ok(id) => {
                input.set_value("");
                trouble.set(String::new());
                learn.data.set_target(id);
            }
            Err(refusal) => trouble.set(refusal.to_string()),
        }
    };
    view! {
        <form class="add-class" data-testid="add-class-form" on:submit=add>
            <label class="visually-hidden" for="new-class">"Name of a new class"</label>
            <input node_ref=field id="new-class" type="text" placeholder="Name of a new class" maxlength="200" autocomplete="off"
                data-testid="new-class-name" aria-describedby="new-class-trouble" />
            <button class="button" type="submit" data-testid="add-class">{icon(Icon::Add)}<span>"Add class"</span></button>
            <p id="new-class-trouble" class="trouble" role="alert" data-testid="class-trouble">{move || trouble.get()}</p>
        </form>
    }
}
