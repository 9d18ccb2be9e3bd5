//! The projects in this browser.

use super::shelf::Summary;
use super::{Keep, Role};
use crate::ui::pure::format::count;
use crate::ui::share::file::{FileRow, Files};
use crate::ui::widgets::icon::{Icon, icon};
use crate::web::clock;
use crate::web::urls::ObjectUrl;
use leptos::prelude::*;

#[component]
pub fn ProjectsCard() -> impl IntoView {
    let keep = expect_context::<Keep>();
    let files = expect_context::<Files>();
    let name = keep.name;
    view! {
        <section class="card" aria-labelledby="projects-title" data-testid="projects">
            <h2 id="projects-title" class="section-title">"Projects in this browser"</h2>
            <p class="muted">"Pictures, labels and settings are saved as you go, on this device only. Clearing the browser\u{2019}s data deletes them; a project file is the copy you keep."</p>
            <div class="project-now">
                <label for="project-name">"This project"</label>
                <input id="project-name" class="input" data-testid="project-name" maxlength="60" prop:value=move || name.get()
                    disabled=move || keep.role.get() != Role::Writer
                    on:change=move |event| keep.rename(&event_target_value(&event)) />
                <button class="button" data-testid="project-new" on:click=move |_| leptos::task::spawn_local(async move {
                    keep.begin_new(&keep.free_name()).await;
                })>{icon(Icon::Add)}<span>"New project"</span></button>
            </div>
            <FileRow files=files />
            <ul class="projects" data-testid="project-list" role="list">
                <For each=move || keep.shown() key=|s| (s.id, s.changed as u64, s.name.clone()) let(summary)>
                    <Line summary=summary />
                </For>
            </ul>
            <Persist />
        </section>
    }
}

#[component]
fn Line(summary: Summary) -> impl IntoView {
    let keep = expect_context::<Keep>();
    let Summary { id, name, pictures, classes, changed, .. } = summary;
    let urls = StoredValue::new_local(keep.thumbs_of(id).iter().map(ObjectUrl::of).collect::<Vec<_>>());
    let sources: Vec<String> = urls.with_value(|u| u.iter().map(|u| u.as_str().to_owned()).collect());
    let current = move || keep.id.get() == id;
    let held = format!("{}, {}", count(pictures, "picture", "pictures"), count(classes, "class", "classes"));
    let open = format!("Open {name}");
    let delete = format!("Delete {name}");
    view! {
        <li class="project" class:current=current data-testid="project" aria-current=move || current().then_some("true")>
            <div class="project-thumbs" aria-hidden="true">
                {sources.into_iter().map(|url| view! { <img src=url alt="" /> }).collect_view()}
            </div>
            <div class="project-said">
                <b><bdi data-testid="project-title">{name}</bdi></b>
                <span class="muted num">{held}</span>
                <span class="muted">{move || if current() { "Open here".to_owned() } else { clock::date_in_words(changed) }}</span>
            </div>
            <button class="button small" data-testid="project-open" aria-label=open disabled=current
                on:click=move |_| keep.open(id)>"Open"</button>
            <button class="button icon-only quiet" data-testid="project-delete" aria-label=delete
                on:click=move |_| keep.delete(id)>{icon(Icon::Trash)}</button>
        </li>
    }
}

/// Once there is something to lose: will the browser keep it?
#[component]
fn Persist() -> impl IntoView {
    let keep = expect_context::<Keep>();
    let asked = move || keep.persisted.get() == Some(false) && keep.has_saved();
    view! {
        <Show when=asked>
            <div class="notice" data-testid="keep-persist-offer">
                {icon(Icon::Info)}
                <p>"When the device runs short of room, the browser may clear what this page has kept. You can ask it not to."</p>
                <button class="button small" data-testid="keep-persist" on:click=move |_| keep.ask_to_persist()>"Ask the browser"</button>
            </div>
        </Show>
        <Show when=move || keep.persisted.get() == Some(true)>
            <p class="muted" data-testid="keep-persisted">"The browser has agreed to keep your work until you clear it."</p>
        </Show>
    }
}
