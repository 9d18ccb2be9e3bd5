//! The page in files: what a first visit does not look at comes when the engine is ready, or is asked for before.
//!
//! Each function here is a split point: scripts/split cuts the module there, and what only the body needs lies in
//! a file of its own. Stores are the page's, so that a bench finds everything as it was left.

use super::engine::Link;
use super::learn::bench::Workbench;
use super::share::ShareBench;
use super::share::opened_view::LinkOpened;
use super::shift::bench::ShiftBench;
use super::shrink::bench::ShrinkBench;
use super::words::bench::WordsBench;
use crate::engine::client::Status;
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

type Built = Result<AnyView, SplitLoaderError>;

#[wasm_split(learn, wasm_split_path = leptos::wasm_split, fallible)]
pub fn workbench(_shown: Signal<bool>) -> Built {
    Ok(view! { <Workbench /> }.into_any())
}

#[wasm_split(benches, wasm_split_path = leptos::wasm_split, fallible)]
pub fn words(shown: Signal<bool>) -> Built {
    Ok(view! { <WordsBench shown /> }.into_any())
}

#[wasm_split(benches, wasm_split_path = leptos::wasm_split, fallible)]
pub fn shift(shown: Signal<bool>) -> Built {
    Ok(view! { <ShiftBench shown /> }.into_any())
}

#[wasm_split(benches, wasm_split_path = leptos::wasm_split, fallible)]
pub fn shrink(shown: Signal<bool>) -> Built {
    Ok(view! { <ShrinkBench shown /> }.into_any())
}

#[wasm_split(benches, wasm_split_path = leptos::wasm_split, fallible)]
pub fn share(_shown: Signal<bool>) -> Built {
    Ok(view! { <ShareBench /> }.into_any())
}

#[wasm_split(benches, wasm_split_path = leptos::wasm_split, fallible)]
pub fn link(_shown: Signal<bool>) -> Built {
    Ok(view! { <LinkOpened /> }.into_any())
}

/// What one of the functions above builds, given whether it is `shown`; until it is there, a word, and an error with
/// a way to try again where it cannot be fetched.
#[component]
pub fn Chunk<B, F>(#[prop(into)] shown: Signal<bool>, from: B) -> impl IntoView
where
    B: Fn(Signal<bool>) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Built> + Send + 'static,
{
    let engine = expect_context::<Link>();
    // Not while engine and backbone come in over the same connection, unless somebody waits for it.
    let wanted = Memo::new(move |before| {
        before == Some(&true) || shown.get() || matches!(engine.status.get(), Status::Ready(_) | Status::Failed(_))
    });
    let attempt = RwSignal::new(());
    let failed = RwSignal::new(false);
    let content = move || {
        attempt.track();
        Suspend::new(async move {
            let built = from(shown).await;
            failed.set(built.is_err());
            built.unwrap_or_else(|_| {
                view! { <Show when=move || shown.get()><Missing again=attempt /></Show> }.into_any()
            })
        })
    };
    // Opening it asks again as well.
    Effect::new(move |_| {
        if shown.get() && failed.get_untracked() {
            attempt.set(());
        }
    });
    let coming = move || view! { <Show when=move || shown.get()><Coming /></Show> };
    view! { <Show when=move || wanted.get()><Suspense fallback=coming>{content}</Suspense></Show> }.into_any()
}

#[component]
fn Coming() -> impl IntoView {
    view! { <p class="fine" role="status" data-testid="chunk-loading">"Loading this part of the page\u{2026}"</p> }
}

#[component]
fn Missing(again: RwSignal<()>) -> impl IntoView {
    view! {
        <div class="notice bad" role="alert" data-testid="chunk-failed">
            <p>"This part of the page could not be loaded. Check your connection and try again; if it stays so, load the page again: there may be a newer one."</p>
            <button class="button small" data-testid="chunk-retry" on:click=move |_| again.set(())>"Try again"</button>
        </div>
    }
}
