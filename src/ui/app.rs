//! The page as a whole: the strip, the benches, messages.

use super::engine::Link;
use super::learn::Learn;
use super::learn::bench::LearnBench;
use super::shift::Shift;
use super::shift::bench::ShiftBench;
use super::shrink::bench::ShrinkBench;
use super::shrink::store::Shrink;
use super::strip::Strip;
use super::widgets::toast::{ToastArea, Toasts};
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
    provide_context(Shrink::new(engine, learn, shift.field));
    let bench = RwSignal::new(Bench::Learn);
    view! {
        <a class="skip" href="#main">"Skip to the bench"</a>
        <Strip />
        <main id="main" tabindex="-1">
            <Benches bench=bench />
            <div hidden=move || bench.get() != Bench::Learn><LearnBench /></div>
            <div hidden=move || bench.get() != Bench::Shift>
                <ShiftBench shown=Signal::derive(move || bench.get() == Bench::Shift) />
            </div>
            <div hidden=move || bench.get() != Bench::Shrink><ShrinkBench /></div>
        </main>
        <ToastArea />
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bench {
    Learn,
    Shift,
    Shrink,
}

/// From bench to bench. All stay as they were left.
#[component]
fn Benches(bench: RwSignal<Bench>) -> impl IntoView {
    let link = |which: Bench, name: &'static str, testid: &'static str| {
        view! {
            <button data-testid=testid aria-current=move || (bench.get() == which).then_some("page")
                on:click=move |_| bench.set(which)>{name}</button>
        }
    };
    view! {
        <nav class="benches" aria-label="Benches">
            {link(Bench::Learn, "Learn", "bench-learn")}
            {link(Bench::Shift, "Shift", "bench-shift")}
            {link(Bench::Shrink, "Shrink", "bench-shrink")}
        </nav>
    }
}
