//! Over every bench: what the person has to know about their work, and the way out.

use super::{Keep, Role, Saving};
use crate::ui::share::file::Files;
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::progress::Progress;
use leptos::prelude::*;

#[component]
pub fn Banners() -> impl IntoView {
    view! {
        <section class="banners" aria-label="Your work">
            <Opening /><Tabs /><Trouble /><Mended />
        </section>
    }
    .into_any()
}

/// A project is being read.
#[component]
fn Opening() -> impl IntoView {
    let keep = expect_context::<Keep>();
    let share = Signal::derive(move || keep.opening.get().map(|(done, total)| done as f32 / total.max(1) as f32));
    let open = Memo::new(move |_| keep.opening.with(Option::is_some));
    view! {
        <Show when=move || open.get()>
            <div class="notice" data-testid="keep-opening"><p>"Opening your project"</p><Progress value=share label="Opening your project" /></div>
        </Show>
    }
}

/// Another tab has the project.
#[component]
fn Tabs() -> impl IntoView {
    let keep = expect_context::<Keep>();
    let said = move || match keep.role.get() {
        Role::Writer => None,
        Role::Reader => {
            Some("This project is open in another tab. Here it can be looked at and tried, but not changed.")
        }
        Role::Ousted => Some(
            "Another tab has taken over this project. What you did here was saved; from now on it can be looked at and tried here, but not changed.",
        ),
    };
    view! {
        <div role="status" aria-live="polite">
            {move || said().map(|text| view! {
                <div class="notice care" data-testid="keep-reader">
                    {icon(Icon::Info)}<p>{text}</p>
                    <button class="button small" data-testid="keep-take-over" on:click=move |_| keep.take_over()>"Take over here"</button>
                </div>
            })}
        </div>
    }
}

/// Something is not saved.
#[component]
fn Trouble() -> impl IntoView {
    let keep = expect_context::<Keep>();
    let files = expect_context::<Files>();
    let dismissed = RwSignal::new(false);
    let said = Memo::new(move |_| {
        match keep.saving.get() {
        Saving::Full => Some("The browser has no room left, so your latest work is not saved. Save a project file, or make room by deleting a project or other sites\u{2019} data. It is tried again by itself.".to_owned()),
        Saving::Failed(reason) => Some(format!("Your latest work is not saved. {reason}")),
        Saving::Off(reason) if !dismissed.get() => Some(reason),
        _ => None,
    }
    });
    let off = move || matches!(keep.saving.get(), Saving::Off(_));
    view! {
        <div role="alert">
            {move || said.get().map(|text| view! {
                <div class="notice" class:bad=move || !off() class:care=off data-testid="keep-trouble">
                    <p>{text}</p>
                    <div class="notice-actions">
                        <button class="button small" data-testid="keep-export" on:click=move |_| files.save()>"Save a project file"</button>
                        {move || if off() {
                            view! { <button class="button icon-only quiet" aria-label="Dismiss" data-testid="keep-dismiss" on:click=move |_| dismissed.set(true)>{icon(Icon::Close)}</button> }.into_any()
                        } else {
                            view! { <button class="button small" data-testid="keep-retry" on:click=move |_| keep.save_now()>"Try again"</button> }.into_any()
                        }}
                    </div>
                </div>
            })}
        </div>
    }
}

/// What was brought back was damaged.
#[component]
fn Mended() -> impl IntoView {
    let keep = expect_context::<Keep>();
    view! {
        <div role="status">
            {move || keep.mended.get().map(|text| view! {
                <div class="notice care" data-testid="keep-mended">
                    {icon(Icon::Alert)}<p>{text}</p>
                    <button class="button icon-only quiet" aria-label="Dismiss" data-testid="keep-mended-dismiss" on:click=move |_| keep.mended.set(None)>{icon(Icon::Close)}</button>
                </div>
            })}
        </div>
    }
}
