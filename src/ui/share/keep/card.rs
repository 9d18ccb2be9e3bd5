//! The projects in this browser.

use super::shelf::ProjectId;
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
                <input id="project-name" type="text" data-testid="project-name" maxlength="60" prop:value=move || name.get()
                    disabled=move || keep.role.get() != Role::Writer
                    on:change=move |event| keep.rename(&event_target_value(&event)) />
                <button class="button" data-testid="project-new" on:click=move |_| leptos::task::spawn_local(async move {
                    keep.begin_new(&keep.free_name()).await;
                })>{icon(Icon::Add)}<span>"New project"</span></button>
            </div>
            <FileRow files=files />
            <ul class="projects" data-testid="project-list" role="list">
                <For each=move || keep.shown() key=|id| *id let(id)>
                    <Line id=id />
                </For>
            </ul>
            <Persist />
        </section>
    }
}

#[component]
fn Line(id: ProjectId) -> impl IntoView {
    let keep = expect_context::<Keep>();
    let summary = Memo::new(move |_| keep.list.with(|list| list.iter().find(|s| s.id == id).cloned()));
    let name = Memo::new(move |_| summary.with(|s| s.as_ref().map(|s| s.name.clone())).unwrap_or_default());
    let holds = Memo::new(move |_| summary.with(|s| s.as_ref().map_or((0, 0), |s| (s.pictures, s.classes))));
    let current = move || keep.id.get() == id;
    let held = move || {
        format!("{}, {}", count(holds.get().0, "picture", "pictures"), count(holds.get().1, "class", "classes"))
    };
    let when = move || match summary.with(|s| s.as_ref().map(|s| s.changed)) {
        _ if current() => "Open here".to_owned(),
        changed => clock::date_in_words(changed.unwrap_or_default()),
    };
    view! {
        <li class="project" class:current=current data-testid="project" aria-current=move || current().then_some("true")>
            <div class="project-thumbs" aria-hidden="true">
                {move || { holds.track(); thumbnails(keep, id) }}
            </div>
            <div class="project-said">
                <b><bdi data-testid="project-title">{move || name.get()}</bdi></b>
                <span class="muted">{held}</span>
                <span class="muted">{when}</span>
            </div>
            <button class="button small" data-testid="project-open" aria-label=move || format!("Open {}", name.get()) disabled=current
                on:click=move |_| keep.open(id)>"Open"</button>
            <button class="button icon-only quiet" data-testid="project-delete" aria-label=move || format!("Delete {}", name.get())
                on:click=move |_| keep.delete(id)>{icon(Icon::Trash)}</button>
        </li>
    }
}

fn thumbnails(keep: Keep, id: ProjectId) -> impl IntoView {
    let urls: Vec<ObjectUrl> = keep.thumbs_of(id).iter().map(ObjectUrl::of).collect();
    let shown = urls.iter().map(|u| u.as_str().to_owned()).map(|url| view! { <img src=url alt="" /> }).collect_view();
    on_cleanup(move || drop(urls));
    shown
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
