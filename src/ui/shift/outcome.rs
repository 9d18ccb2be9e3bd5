//! Lab against field: two accuracies, class by class, and the photographs themselves.

use super::compare::{CompareDialog, Comparison};
use super::field::{Field, Seen, Source};
use crate::learn::metrics::Interval;
use crate::ui::charts::bars::Bar;
use crate::ui::charts::interval::IntervalBar;
use crate::ui::engine::Link;
use crate::ui::learn::Learn;
use crate::ui::pure::format::{count, percent};
use crate::ui::pure::words;
use leptos::prelude::*;

#[component]
pub fn Outcome() -> impl IntoView {
    let field = expect_context::<Field>();
    let learn = expect_context::<Learn>();
    let lab = Memo::new(move |_| learn.trainer.trained.with(|t| t.as_ref().and_then(|t| t.report.accuracy)));
    let there = Memo::new(move |_| field.tally().interval());
    let chance = move || 1.0 / field.labels.with(|l| l.len().max(1)) as f32;
    let verdict = move || match (lab.get(), there.get()) {
        (Some(lab), Some(there)) => words::lab_and_field(&lab, &there),
        _ => String::new(),
    };
    view! {
        <section class="card" aria-labelledby="field-title">
            <h3 id="field-title">"Lab and field"</h3>
            <div class="pair">
                {move || number("In the lab", "shift-lab", lab.get(), chance())}
                {move || number("In the field", "shift-field", there.get(), chance())}
            </div>
            <p class="verdict-line" role="status" data-testid="shift-verdict">{move || if field.running.with(Option::is_some) { String::new() } else { verdict() }}</p>
            <ByClass />
        </section>
        <Photographs />
    }
}

fn number(name: &'static str, testid: &'static str, accuracy: Option<Interval>, chance: f32) -> impl IntoView {
    view! {
        <div class="pair-side">
            <p class="accuracy-line">
                <span class="accuracy-number num" data-testid=testid>{accuracy.map_or_else(|| "\u{2013}".to_owned(), |a| percent(a.value))}</span>
                <span class="accuracy-label">{name}
                    <span class="muted">{accuracy.map(|a| format!("{} ({})", words::interval(&a), words::sample(&a, 0)))}</span>
                </span>
            </p>
            {accuracy.map(|a| view! { <IntervalBar accuracy=a chance=chance /> })}
        </div>
    }
}

#[component]
fn ByClass() -> impl IntoView {
    let field = expect_context::<Field>();
    let rows = move || {
        let labels = field.labels.get();
        let row = |(class, name): (usize, String)| {
            let tally = Memo::new(move |_| field.tally_of(class));
            let share = move || tally.with(|t| t.right as f32 / t.n.max(1) as f32);
            let said =
                move || tally.with(|t| if t.n == 0 { "\u{2013}".into() } else { format!("{} of {}", t.right, t.n) });
            view! {
                <tr>
                    <th scope="row"><bdi>{name}</bdi></th>
                    <td><span class="share"><Bar share=Signal::derive(share) /><span class="num">{said}</span></span></td>
                </tr>
            }
        };
        labels.into_iter().enumerate().map(row).collect_view()
    };
    view! {
        <table class="per-class" data-testid="shift-classes">
            <thead><tr><th scope="col">"Class"</th><th scope="col">"Recognised in the field"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// Which of the photographs are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Only {
    All,
    Wrong,
    Flipped,
}

#[component]
fn Photographs() -> impl IntoView {
    let field = expect_context::<Field>();
    let only = RwSignal::new(Only::All);
    let comparison = Comparison::new();
    let shown = move || {
        let keep = |s: &Seen| match only.get() {
            Only::All => true,
            Only::Wrong => s.right() == Some(false),
            Only::Flipped => s.flipped(),
        };
        field.seen.get().into_iter().filter(keep).collect::<Vec<_>>()
    };
    let headline = move || {
        let tally = field.tally();
        let all = field.seen.with(Vec::len);
        let unknown = all - tally.n;
        let said = format!("{}, {} wrong", count(all, "photograph", "photographs"), tally.n - tally.right);
        if unknown > 0 { format!("{said}, {unknown} of unknown class") } else { said }
    };
    let flipped = move || field.seen.with(|seen| seen.iter().filter(|s| s.flipped()).count());
    let choice = move |which: Only, name: String, testid: &'static str| {
        view! { <button data-testid=testid aria-pressed=move || (only.get() == which).to_string() on:click=move |_| only.set(which)>{name}</button> }
    };
    view! {
        <section class="card" aria-labelledby="shots-title">
            <div class="card-head">
                <h3 id="shots-title" data-testid="shift-count">{headline}</h3>
                <div class="segmented" role="group" aria-label="Which photographs">
                    {choice(Only::All, "All".into(), "shift-all")}
                    {choice(Only::Wrong, "Wrong".into(), "shift-wrong")}
                    <Show when=move || field.source.get() != Source::Collected>{move || choice(Only::Flipped, format!("Flipped ({})", flipped()), "shift-flipped")}</Show>
                </div>
            </div>
            <p class="muted"><Show when=move || field.source.get() != Source::Collected>"Flipped: recognised in the lab, not here. "</Show>"Choose a photograph to see what the classifier looks at."</p>
            <ul class="shots" data-testid="shots">
                <For each=shown key=|s| s.thumb.as_str().to_owned() let(seen)>{tile(seen, field, comparison)}</For>
            </ul>
        </section>
        <CompareDialog comparison=comparison />
    }
}

fn tile(seen: Seen, field: Field, comparison: Comparison) -> impl IntoView {
    let (engine, learn) = (expect_context::<Link>(), expect_context::<Learn>());
    let shot = seen.shot;
    let name = |output: u32| field.labels.with_untracked(|l| l.get(output as usize).cloned().unwrap_or_default());
    let said = name(shot.best);
    let (alt, mark) = match seen.right() {
        Some(true) => (format!("{said}, recognised"), "\u{2713} "),
        Some(false) => (format!("{}, taken for {said}", name(shot.truth)), "\u{2717} "),
        None => (format!("Taken for {said}"), ""),
    };
    let wrong = seen.right() == Some(false);
    let flipped = seen.flipped();
    let url = seen.thumb.clone();
    view! {
        <li class="shot" class:wrong=wrong class:flipped=flipped>
            <button class="shot-look"
                on:click=move |_| comparison.show(engine, learn, field, shot.index)>
                <img src=url.as_str().to_owned() alt=alt width="112" height="112" decoding="async" />
            </button>
            <span class="shot-said">{mark}{said}" "<span class="num">{percent(shot.probability)}</span></span>
        </li>
    }
}
