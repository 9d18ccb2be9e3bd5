//! Which bench is shown, and the way from one to another.

use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bench {
    Learn,
    Shift,
    Shrink,
    Share,
}

impl Bench {
    /// In the order links know them by: others are added at the end.
    pub const ALL: [Bench; 4] = [Bench::Learn, Bench::Shift, Bench::Shrink, Bench::Share];

    pub fn name(self) -> &'static str {
        match self {
            Bench::Learn => "Learn",
            Bench::Shift => "Shift",
            Bench::Shrink => "Shrink",
            Bench::Share => "Share",
        }
    }
}

/// From bench to bench. All stay as they were left.
#[component]
pub fn Benches() -> impl IntoView {
    let bench = expect_context::<RwSignal<Bench>>();
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
            {link(Bench::Share, "Share", "bench-share")}
        </nav>
    }
}

/// What is learned from: pictures with labels, or text without any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Pictures,
    Words,
}

/// From one to the other.
#[component]
pub fn Parts(part: RwSignal<Part>) -> impl IntoView {
    let button = |which: Part, name: &'static str, testid: &'static str| {
        view! {
            <button data-testid=testid aria-pressed=move || (part.get() == which).to_string() on:click=move |_| part.set(which)>{name}</button>
        }
    };
    view! {
        <div class="parts" role="group" aria-label="What is learned">
            {button(Part::Pictures, "Pictures", "part-pictures")}
            {button(Part::Words, "The masked word", "part-words")}
        </div>
    }
}
