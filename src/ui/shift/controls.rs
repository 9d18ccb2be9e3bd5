//! Where the field is: another world, the lab's own pictures gone bad, or pictures brought from there.

use super::field::{COUNTS, Field, Source};
use crate::shift::corruption::{Corruption, Family};
use crate::shift::degradation::Degradation;
use crate::shift::scene::world::{Country, Device, Hour, Season};
use crate::shift::skew::Skew;
use crate::ui::pure::format::{count, list, percent};
use crate::ui::pure::mix::Mix;
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::pick::{PickButton, What};
use crate::web::files::Incoming;
use leptos::prelude::*;

#[component]
pub fn Controls() -> impl IntoView {
    let field = expect_context::<Field>();
    let signs = Memo::new(move |_| field.knows_signs());
    let source = move |which: Source, name: &'static str, testid: &'static str| {
        view! {
            <button aria-pressed=move || (field.source.get() == which).to_string() data-testid=testid
                disabled=move || which == Source::World && !signs.get()
                on:click=move |_| field.source.set(which)>{name}</button>
        }
    };
    view! {
        <div class="segmented" data-testid="shift-sources" role="group" aria-label="Where the field's pictures come from">
            {source(Source::World, "A rendered world", "source-world")}
            {source(Source::Degraded, "My pictures, gone bad", "source-degraded")}
            {source(Source::Collected, "Pictures from there", "source-collected")}
        </div>
        {move || match field.source.get() {
            Source::World => view! { <Worlds /> }.into_any(),
            Source::Degraded => view! { <Degradations /> }.into_any(),
            Source::Collected => view! { <Collect /> }.into_any(),
        }}
        <Show when=move || field.source.get() != Source::Collected><Amounts /></Show>
    }
}

#[component]
fn Worlds() -> impl IntoView {
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

/// Corruptions and mistakes in one list; its values are "c3" and "s1".
#[component]
fn Degradations() -> impl IntoView {
    let field = expect_context::<Field>();
    let severity = move || match field.degradation.get() {
        Degradation::Corruption(_, severity) => Some(severity),
        _ => None,
    };
    let is = move |what: Degradation| match (field.degradation.get(), what) {
        (Degradation::Corruption(now, _), Degradation::Corruption(other, _)) => now == other,
        (now, other) => now == other,
    };
    let option = move |value: String, name: &'static str, what: Degradation| {
        view! { <option value=value selected=move || is(what)>{name}</option> }
    };
    let families = Family::ALL.map(|family| {
        let all = Corruption::ALL.iter().enumerate().filter(|(_, c)| c.family() == family);
        let options =
            all.map(|(i, c)| option(format!("c{i}"), c.name(), Degradation::Corruption(*c, 1))).collect_view();
        view! { <optgroup label=family.name()>{options}</optgroup> }
    });
    let skews = Skew::ALL.iter().enumerate().map(|(i, s)| option(format!("s{i}"), s.name(), Degradation::Skew(*s)));
    let choose = move |value: String| {
        let (kind, at) = value.split_at_checked(1).unwrap_or_default();
        let at: usize = at.parse().unwrap_or_default();
        let severity = untrack(severity).unwrap_or(3);
        let chosen = match kind {
            "c" => Corruption::ALL.get(at).map(|c| Degradation::Corruption(*c, severity)),
            _ => Skew::ALL.get(at).map(|s| Degradation::Skew(*s)),
        };
        chosen.into_iter().for_each(|d| field.degradation.set(d));
    };
    view! {
        <div class="world">
            <label class="knob wide" for="shift-degradation">
                <span>"What goes wrong"</span>
                <select id="shift-degradation" data-testid="shift-degradation" on:change=move |event| choose(event_target_value(&event))>
                    {families}
                    <optgroup label="Mistakes in preparing the picture">{skews.collect_view()}</optgroup>
                </select>
            </label>
            <Show when=move || severity().is_some()>
                <label class="knob" for="shift-severity">
                    <span>"Severity " <span class="muted num">{severity}</span></span>
                    <input id="shift-severity" data-testid="shift-severity" type="range" min="1" max="5" step="1"
                        prop:value=move || severity().unwrap_or(1).to_string()
                        on:input=move |event| if let (Ok(severity), Degradation::Corruption(c, _)) = (event_target_value(&event).parse(), field.degradation.get_untracked()) {
                            field.degradation.set(Degradation::Corruption(c, severity));
                        } />
                </label>
            </Show>
        </div>
        <p class="muted" data-testid="shift-explain">{move || field.degradation.get().explain()}</p>
    }
}

/// How many pictures, and how their classes are mixed.
#[component]
fn Amounts() -> impl IntoView {
    let field = expect_context::<Field>();
    let names = move || field.known();
    let (least, most) = COUNTS;
    view! {
        <details class="more">
            <summary>"Size and class mix"</summary>
            <div class="world">
                <label class="knob" for="shift-size">
                    <span>"Pictures " <span class="muted num">{move || field.count.get()}</span></span>
                    <input id="shift-size" data-testid="shift-size" type="range" min=least max=most step="24"
                        prop:value=move || field.count.get().to_string()
                        on:change=move |event| if let Ok(count) = event_target_value(&event).parse() { field.count.set(count) } />
                </label>
                <label class="knob" for="shift-mix">
                    <span>"Class mix (label shift)"</span>
                    <select id="shift-mix" data-testid="shift-mix" on:change=move |event| {
                        let class = event_target_value(&event).parse().ok();
                        field.mix.set(class.map(|class| Mix { class, share: 0.5 }));
                    }>
                        <option value="" selected=move || field.mix.with(Option::is_none)>"All classes alike"</option>
                        {move || names().into_iter().enumerate().map(|(at, name)| view! {
                            <option value=at.to_string() selected=move || field.mix.with(|m| m.is_some_and(|m| m.class == at))>{format!("More or less of {name}")}</option>
                        }).collect_view()}
                    </select>
                </label>
                {move || field.mix.get().map(|mix| view! {
                    <label class="knob" for="shift-share">
                        <span>"Its share " <span class="muted num">{percent(mix.share)}</span></span>
                        <input id="shift-share" data-testid="shift-share" type="range" min="0" max="1" step="0.05" value=mix.share.to_string()
                            on:change=move |event| if let Ok(share) = event_target_value(&event).parse() { field.mix.set(Some(Mix { share, ..mix })) } />
                    </label>
                })}
            </div>
        </details>
    }
}

#[component]
fn Collect() -> impl IntoView {
    let field = expect_context::<Field>();
    let collection = field.collection;
    let class = RwSignal::new(String::new());
    let names = move || field.known();
    let add = move |files: Vec<Incoming>| collection.add(files, &class.get_untracked());
    let strangers = move || {
        collection.revision.track();
        collection.strangers(&names())
    };
    view! {
        <p class="muted">"Take pictures where the classifier will be used, or choose some from there. They stay on this device. A folder's name is taken for the class of its pictures; without a class, shifts can still be noticed."</p>
        <div class="world">
            <label class="knob" for="collect-class">
                <span>"They show"</span>
                <select id="collect-class" data-testid="collect-class" on:change=move |event| class.set(event_target_value(&event))>
                    <option value="">"I do not know"</option>
                    {move || names().into_iter().map(|name| view! { <option value=name.clone()>{name.clone()}</option> }).collect_view()}
                </select>
            </label>
            <div class="knob-row">
                <PickButton what=What::Pictures testid="collect-files".into() on_files=add>{icon(Icon::Picture)}<span>"Pictures or camera"</span></PickButton>
                <PickButton what=What::Folder testid="collect-folder".into() on_files=add>{icon(Icon::Folder)}<span>"Folder"</span></PickButton>
                <button class="button quiet" data-testid="collect-clear" disabled=move || collection.count.get() == (0, 0)
                    on:click=move |_| collection.clear()>"Clear"</button>
            </div>
        </div>
        <p role="status" data-testid="collect-count">{move || match collection.count.get() {
            (0, 0) => "No pictures from the field yet.".to_owned(),
            (n, 0) => format!("{} from the field.", count(n, "picture", "pictures")),
            (n, waiting) => format!("{} from the field, {waiting} still coming in.", count(n, "picture", "pictures")),
        }}</p>
        {move || (!strangers().is_empty()).then(|| view! {
            <p class="notice care" data-testid="collect-strangers">{format!("The classifier does not know {}: these pictures count as unlabelled.", list(&strangers()))}</p>
        })}
        <ul class="refusals" data-testid="collect-refused">{move || collection.refused.get().into_iter().map(|reason| view! { <li>{reason}</li> }).collect_view()}</ul>
    }
}
