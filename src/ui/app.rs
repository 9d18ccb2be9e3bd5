//! The page as a whole: the strip, the benches, messages.

use super::benches::{Bench, Benches, Part, Parts};
use super::chunks::{self, Chunk};
use super::engine::Link;
use super::language::Languages;
use super::learn::Learn;
use super::learn::bench::LearnBench;
use super::share::file::Files;
use super::share::keep::{Keep, banner::Banners};
use super::share::offline_card::{Kept, UpdateNotice};
use super::share::opened::Opened;
use super::share::opened_view::LinkNotices;
use super::share::state::Sharing;
use super::shift::Shift;
use super::shrink::store::Shrink;
use super::strip::Strip;
use super::theme::Themes;
use super::widgets::toast::{ToastArea, Toasts};
use super::words::store::Words;
use leptos::prelude::*;

/// Puts the page into the document.
pub fn mount() {
    crate::web::element::remove_shell();
    leptos::mount::mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let toasts = Toasts::new();
    provide_context(toasts);
    let engine = Link::start(toasts);
    provide_context(engine);
    let learn = Learn::new(engine, toasts);
    provide_context(learn);
    let shift = Shift::new(engine, learn);
    provide_context(shift);
    provide_context(shift.field);
    provide_context(Words::new(engine));
    let part = RwSignal::new(Part::Pictures);
    let shrink = Shrink::new(engine, learn, shift.field);
    provide_context(shrink);
    let themes = Themes::new();
    provide_context(themes);
    let languages = Languages::new(toasts);
    provide_context(languages);
    let bench = RwSignal::new(Bench::Learn);
    provide_context(bench);
    let sharing = Sharing::new(engine, learn, shift, shrink, (themes, languages), (bench, part));
    provide_context(sharing);
    let keep = Keep::new(engine, sharing, toasts);
    provide_context(keep);
    provide_context(Opened::new(sharing, keep));
    provide_context(Kept::new(engine));
    provide_context(Files::new(engine, sharing, keep, toasts));
    let shows = move |which: Bench| Signal::derive(move || bench.get() == which);
    // Each bench by itself: all of them in one nested type would need more stack than a page has.
    view! {
        <a class="skip" href="#main">"Skip to the bench"</a>
        <Strip />
        <Banners />
        <main id="main" tabindex="-1">
            <UpdateNotice />
            <Benches />
            <LinkNotices />
            <div hidden=move || bench.get() != Bench::Learn>
                <Parts part=part />
                <div hidden=move || part.get() != Part::Pictures>{view! { <LearnBench /> }.into_any()}</div>
                <div hidden=move || part.get() != Part::Words>
                    <Chunk shown=Signal::derive(move || bench.get() == Bench::Learn && part.get() == Part::Words) load=chunks::load_words from=chunks::words />
                </div>
            </div>
            <div hidden=move || bench.get() != Bench::Shift><Chunk shown=shows(Bench::Shift) load=chunks::load_shift from=chunks::shift /></div>
            <div hidden=move || bench.get() != Bench::Shrink><Chunk shown=shows(Bench::Shrink) load=chunks::load_shrink from=chunks::shrink /></div>
            <div hidden=move || bench.get() != Bench::Share><Chunk shown=shows(Bench::Share) load=chunks::load_share from=chunks::share /></div>
        </main>
        <ToastArea />
    }
    .into_any()
}
