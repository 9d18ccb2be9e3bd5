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
