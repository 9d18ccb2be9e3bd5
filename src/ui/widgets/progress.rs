//! A progress bar with a name.

use leptos::prelude::*;

/// `value` is 0..1; `None` while nobody knows.
#[component]
pub fn Progress(#[prop(into)] value: Signal<Option<f32>>, #[prop(into)] label: Signal<String>) -> impl IntoView {
    view! {
        <progress class="progress" max="1" aria-label=move || label.get()
            value=move || value.get().map(|v| v.to_string())
        ></progress>
    }
}
