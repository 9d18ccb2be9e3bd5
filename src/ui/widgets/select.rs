//! A list to choose from, with its name.

use leptos::prelude::*;

/// A list to choose from; values need no text of their own.
pub fn select<T: Copy + PartialEq + Send + Sync + 'static>(
    id: &'static str,
    name: &'static str,
    all: Vec<(T, &'static str)>,
    chosen: Signal<T>,
    choose: impl Fn(T) + 'static,
) -> impl IntoView {
    let options = all.clone().into_iter().enumerate().map(|(at, (value, name))| {
        view! { <option value=at.to_string() selected=move || chosen.get() == value>{name}</option> }
    });
    let options = options.collect_view();
    view! {
        <label class="knob" for=id><span>{name}</span>
            <select id=id data-testid=id on:change=move |event| {
                let at = event_target_value(&event).parse::<usize>().ok();
                if let Some((value, _)) = at.and_then(|at| all.get(at)) { choose(*value) }
            }>{options}</select></label>
    }
}
