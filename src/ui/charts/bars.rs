//! A bar for a share.

use crate::ui::pure::format::width;
use leptos::prelude::*;

/// The number beside it says the same, so the bar itself is decoration.
#[component]
pub fn Bar(#[prop(into)] share: Signal<f32>, #[prop(optional, into)] color: Option<Signal<String>>) -> impl IntoView {
    view! {
        <span class="bar" aria-hidden="true">
            <span class="bar-fill" style:width=move || width(share.get()) style:background=move || color.map(|c| c.get())></span>
        </span>
    }
}
