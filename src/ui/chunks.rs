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
use futures_util::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

type Built = Result<AnyView, SplitLoaderError>;

#[wasm_split(learn, wasm_split_path = leptos::wasm_split, fallible, preload(load_workbench))]
pub fn workbench(_shown: Signal<bool>) -> Built {
    Ok(view! { <Workbench /> }.into_any())
}

#[wasm_split(benches, wasm_split_path = leptos::wasm_split, fallible, preload(load_words))]
pub fn words(shown: Signal<bool>) -> Built {
    Ok(view! { <WordsBench shown /> }.into_any())
}

#[wasm_split(benches, wasm_split_path = leptos::wasm_split, fallible, preload(load_shift))]
pub fn shift(shown: Signal<bool>) -> Built {
    Ok(view! { <ShiftBench shown /> }.into_any())
}

#[wasm_split(benches, wasm_split_path = leptos::wasm_split, fallible, preload(load_shrink))]
pub fn shrink(shown: Signal<bool>) -> Built {
    Ok(view! { <ShrinkBench shown /> }.into_any())
}

#[wasm_split(benches, wasm_split_path = leptos::wasm_split, fallible, preload(load_share))]
pub fn share(_shown: Signal<bool>) -> Built {
    Ok(view! { <ShareBench /> }.into_any())
}

#[wasm_split(benches, wasm_split_path = leptos::wasm_split, fallible, preload(load_link))]
pub fn link(_shown: Signal<bool>) -> Built {
    Ok(view! { <LinkOpened /> }.into_any())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Coming,
    Here,
    Missing,
}

/// What one of the functions above builds, given whether it is `shown`; until its `load` has brought it, a word, and an
/// error with a way to try again where it cannot be fetched.
#[component]
pub fn Chunk<L, G, B, F>(#[prop(into)] shown: Signal<bool>, load: L, from: B) -> impl IntoView
where
    L: Fn() -> G + Copy + Send + Sync + 'static,
    G: Future<Output = Result<(), SplitLoaderError>> + 'static,
    B: Fn(Signal<bool>) -> F + Copy + Send + Sync + 'static,
    F: Future<Output = Built> + 'static,
{
    let engine = expect_context::<Link>();
    // Not while engine and backbone come in over the same connection, unless somebody waits for it.
    let wanted = Memo::new(move |before| {
        before == Some(&true) || shown.get() || matches!(engine.status.get(), Status::Ready(_) | Status::Failed(_))
    });
    let state = RwSignal::new(State::Coming);
    let fetch = move || {
        state.set(State::Coming);
        spawn_local(async move {
            let here = load().await.is_ok();
            state.set(if here { State::Here } else { State::Missing });
        });
    };
    Effect::new(move |_| {
        if wanted.get() {
            fetch();
        }
    });
    // Opening it asks again.
    Effect::new(move |_| {
        if shown.get() && state.get_untracked() == State::Missing {
            fetch();
        }
    });
    // Built where it is shown, not while it is awaited: dialogs and fields look at the document they are in.
    let built = move || match from(shown).now_or_never() {
        Some(Ok(view)) => view,
        _ => view! { <Missing again=fetch /> }.into_any(),
    };
    move || match state.get() {
        State::Here => built(),
        State::Coming => view! { <Show when=move || shown.get()><Coming /></Show> }.into_any(),
        State::Missing => view! { <Show when=move || shown.get()><Missing again=fetch /></Show> }.into_any(),
    }
}

#[component]
fn Coming() -> impl IntoView {
    view! { <p class="fine" role="status" data-testid="chunk-loading">"Loading this part of the page\u{2026}"</p> }
}

#[component]
fn Missing(again: impl Fn() + 'static) -> impl IntoView {
    view! {
        <div class="notice bad" role="alert" data-testid="chunk-failed">
            <p>"This part of the page could not be loaded. Check your connection and try again; if it stays so, load the page again: there may be a newer one."</p>
            <button class="button small" data-testid="chunk-retry" on:click=move |_| again()>"Try again"</button>
        </div>
    }
}
