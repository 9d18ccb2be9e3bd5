//! A button that opens a list of actions, with the keys people expect.

use crate::web::{clock, element};
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// `children` are [`MenuItem`]s, made when the menu opens.
#[component]
pub fn Menu(
    /// What the button is called.
    #[prop(into)]
    label: Signal<String>,
    /// What the button shows.
    face: ViewFn,
    #[prop(into)] testid: String,
    #[prop(default = "button quiet icon-only")] class: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let id = format!("menu-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let button = NodeRef::<html::Button>::new();
    let list = NodeRef::<html::Div>::new();
    let open = RwSignal::new(false);
    let close = move || {
        if let Some(list) = list.get_untracked() {
            element::close_popover(&list);
        }
    };
    let show = move || {
        open.set(true);
        // Its items must be there before it is measured.
        clock::after(0, move || {
            if let (Some(list), Some(button)) = (list.get_untracked(), button.get_untracked()) {
                element::open_popover(&list, &button);
                element::move_focus(&list, "[role=menuitem]", 1);
            }
        })
        .forget();
    };
    let on_key = move |event: KeyboardEvent| {
        let Some(list) = list.get_untracked() else { return };
        let step = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => -1,
            "Tab" => return close(),
            _ => return,
        };
        event.prevent_default();
        element::move_focus(&list, "[role=menuitem]", step);
    };
    let children = StoredValue::new(children);
    view! {
        <button
            node_ref=button
            class=class
            aria-haspopup="menu"
            aria-expanded=move || open.get().to_string()
            aria-controls=id.clone()
            aria-label=move || label.get()
            title=move || label.get()
            data-testid=testid
            on:click=move |_| if open.get_untracked() { close() } else { show() }
        >{face.run()}</button>
        <div node_ref=list id=id class="menu" popover="auto" role="menu" aria-label=move || label.get()
            on:keydown=on_key
            on:click=move |_| close()
            on:toggle=move |_| if let Some(list) = list.get_untracked() {
                open.set(list.matches(":popover-open").unwrap_or(false));
            }
        >
            <Show when=move || open.get()>{children.with_value(|c| c())}</Show>
        </div>
    }
}

#[component]
pub fn MenuItem(on_pick: impl Fn() + 'static, #[prop(into)] testid: String, children: Children) -> impl IntoView {
    view! {
        <button class="menu-item" role="menuitem" tabindex="-1" data-testid=testid on:click=move |_| on_pick()>{children()}</button>
    }
}
