//! Short messages at the edge of the page, read out politely, some with one action.

use super::icon::{Icon, icon};
use crate::web::clock;
use leptos::prelude::*;
use std::sync::Arc;

/// How long a message stays, and one that offers something.
const STAY_MS: u32 = 5000;
const OFFER_MS: u32 = 10_000;

/// Not a `Callback`: it must outlive whatever part of the page offered it.
type Action = Arc<dyn Fn() + Send + Sync>;

#[derive(Clone)]
struct Toast {
    id: u32,
    text: String,
    /// What the action's button says, and what it does.
    action: Option<(&'static str, Action)>,
}

/// Handle to the messages. Copies are the same.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
    /// Modal dialogs that are open: they cover the page's own messages, so they show them themselves.
    modals: RwSignal<usize>,
}

impl Toasts {
    pub fn new() -> Self {
        Self { list: RwSignal::new(Vec::new()), next: StoredValue::new(0), modals: RwSignal::new(0) }
    }

    pub fn say(self, text: impl Into<String>) {
        self.show(text.into(), None);
    }

    /// A message that can be taken back for as long as it stays.
    pub fn offer(self, text: impl Into<String>, label: &'static str, action: impl Fn() + Send + Sync + 'static) {
        self.show(text.into(), Some((label, Arc::new(action))));
    }

    /// Takes away offers that later events have overtaken.
    pub fn withdraw_offers(self) {
        if self.list.with_untracked(|list| list.iter().any(|t| t.action.is_some())) {
            self.list.update(|list| list.retain(|t| t.action.is_none()));
        }
    }

    /// A modal dialog opens or closes.
    pub fn covered(self, by_one_more: bool) {
        self.modals.update(|n| *n = if by_one_more { *n + 1 } else { n.saturating_sub(1) });
    }

    fn show(self, text: String, action: Option<(&'static str, Action)>) {
        let stay = if action.is_some() { OFFER_MS } else { STAY_MS };
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.list.update(|list| {
            // Of messages that only inform, the latest is enough.
            list.retain(|t| t.action.is_some() && t.text != text);
            list.push(Toast { id, text, action });
        });
        clock::after(stay, move || self.dismiss(id)).forget();
    }

    fn dismiss(self, id: u32) {
        self.list.update(|list| list.retain(|t| t.id != id));
    }
}

/// The messages, once for the page and once in each open dialog (`modal`).
#[component]
pub fn ToastArea(#[prop(optional)] modal: bool) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let here = Memo::new(move |_| (toasts.modals.get() > 0) == modal);
    view! {
        <Show when=move || here.get()><Messages toasts=toasts /></Show>
    }
}

#[component]
fn Messages(toasts: Toasts) -> impl IntoView {
    view! {
        <div class="toasts" role="status" aria-live="polite" data-testid="toasts">
            <For each=move || toasts.list.get() key=|t| t.id let(toast)>
                <div class="toast">
                    <p>{toast.text}</p>
                    {toast.action.map(|(label, action)| view! {
                        <button class="button small" data-testid="toast-action" on:click=move |_| {
                            toasts.dismiss(toast.id);
                            action();
                        }>{label}</button>
                    })}
                    <button class="button icon-only quiet" aria-label="Dismiss message" on:click=move |_| toasts.dismiss(toast.id)>
                        {icon(Icon::Close)}
                    </button>
                </div>
            </For>
        </div>
    }
}
