//! A modal dialog: the browser's own, with a title and a close button.

use super::icon::{Icon, icon};
use super::toast::{ToastArea, Toasts};
use crate::web::element;
use leptos::html;
use leptos::prelude::*;

/// Shows `children` while `open`. They are made anew each time it opens.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    testid: &'static str,
    #[prop(optional)] wide: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let heading = format!("{testid}-title");
    let labelled = heading.clone();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() { element::show_modal(&dialog) } else { dialog.close() }
    });
    let toasts = expect_context::<Toasts>();
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if now != before.unwrap_or(false) {
            toasts.covered(now);
        }
        now
    });
    on_cleanup(move || {
        if open.try_get_untracked() == Some(true) {
            toasts.covered(false);
        }
    });
    let children = StoredValue::new(children);
    view! {
        <dialog
            node_ref=node
            class="dialog"
            class:wide=wide
            data-testid=testid
            aria-labelledby=labelled
            on:close=move |_| open.set(false)
            on:click=move |event| if element::on_backdrop(&event) { open.set(false) }
        >
            <div class="dialog-inner">
                <header class="dialog-head">
                    <h2 id=heading>{move || title.get()}</h2>
                    <button class="button icon-only quiet" aria-label="Close" data-testid=format!("{testid}-close")
                        on:click=move |_| open.set(false)>{icon(Icon::Close)}</button>
                </header>
                <div class="dialog-body" tabindex="0">
                    <Show when=move || open.get()>{children.with_value(|c| c())}</Show>
                </div>
            </div>
            <Show when=move || open.get()><ToastArea modal=true /></Show>
        </dialog>
    }
}
