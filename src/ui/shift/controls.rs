//! Where the field is: country, season, time of day, device, fog.

use super::field::Field;
use crate::shift::scene::world::{Country, Device, Hour, Season};
use crate::ui::pure::format::percent;
use leptos::prelude::*;

#[component]
pub fn Controls() -> impl IntoView {
    let field = expect_context::<Field>();
    view! {
        <div class="world" role="group" aria-label="Where the field is">
            {choice("Country", "shift-country", Country::ALL.map(|c| (c, c.name())).into(), field.country)}
            {choice("Season", "shift-season", Season::ALL.map(|s| (s, s.name())).into(), field.season)}
            {choice("Time of day", "shift-hour", Hour::ALL.map(|h| (h, h.name())).into(), field.hour)}
            {choice("Camera", "shift-device", Device::ALL.map(|d| (d, d.name())).into(), field.device)}
            <label class="knob" for="shift-fog">
                <span>"Fog " <span class="muted num">{move || percent(field.fog.get())}</span></span>
                <input id="shift-fog" data-testid="shift-fog" type="range" min="0" max="1" step="0.05"
                    prop:value=move || field.fog.get().to_string()
                    on:input=move |event| if let Ok(fog) = event_target_value(&event).parse() { field.fog.set(fog) } />
            </label>
        </div>
    }
}

/// A list of a few things of which one is chosen.
fn choice<T>(name: &'static str, id: &'static str, all: Vec<(T, &'static str)>, chosen: RwSignal<T>) -> impl IntoView
where
    T: Copy + PartialEq + Send + Sync + 'static,
{
    let options = all.clone().into_iter().enumerate().map(|(index, (value, name))| {
        view! { <option value=index.to_string() selected=move || chosen.get() == value>{name}</option> }
    });
    let options = options.collect_view();
    view! {
        <label class="knob" for=id>
            <span>{name}</span>
            <select id=id data-testid=id on:change=move |event| {
                let index = event_target_value(&event).parse::<usize>().ok();
                if let Some((value, _)) = index.and_then(|i| all.get(i)) {
                    chosen.set(*value);
                }
            }>{options}</select>
        </label>
    }
}
