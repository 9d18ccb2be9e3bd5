//! The page as a whole: the strip, the bench, messages.

use super::engine::Link;
use super::learn::Learn;
use super::learn::bench::LearnBench;
use super::strip::Strip;
use super::widgets::toast::{ToastArea, Toasts};
use leptos::prelude::*;

/// Puts the page into the document.
pub fn mount() {
    crate::web::element::remove_shell();
    leptos::mount::mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let toasts = Toasts::new();
    provide_context(toasts);
    let engine = Link::start(toasts);
    provide_context(engine);
    provide_context(Learn::new(engine, toasts));
    view! {
        <a class="skip" href="#main">"Skip to the bench"</a>
        <Strip />
        <main id="main" tabindex="-1">
            <LearnBench />
        </main>
        <ToastArea />
    }
}
