//! Lab against field: two accuracies, class by class, and the photographs themselves.

use super::field::{Field, Seen, right};
use crate::learn::metrics::Interval;
use crate::ui::charts::bars::Bar;
use crate::ui::charts::interval::IntervalBar;
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

#[component]
fn Photographs() -> impl IntoView {
    let field = expect_context::<Field>();
    let only_wrong = RwSignal::new(false);
    let shown = move || {
        let all = field.seen.get();
        all.into_iter().filter(|s| !only_wrong.get() || !right(s)).collect::<Vec<_>>()
    };
    let headline = move || {
        let tally = field.tally();
        format!("{}, {} wrong", count(tally.n, "photograph", "photographs"), tally.n - tally.right)
    };
    view! {
        <section class="card" aria-labelledby="shots-title">
            <div class="card-head">
                <h3 id="shots-title" data-testid="shift-count">{headline}</h3>
                <label class="check"><input type="checkbox" data-testid="shift-wrong" prop:checked=move || only_wrong.get()
                    on:change=move |event| only_wrong.set(event_target_checked(&event)) />" Only what went wrong"</label>
            </div>
            <ul class="shots" data-testid="shots">
                <For each=shown key=|s| s.thumb.as_str().to_owned() let(seen)>{tile(seen, field)}</For>
            </ul>
        </section>
    }
}

fn tile(seen: Seen, field: Field) -> impl IntoView {
    let shot = &seen.shot;
    let name = |output: usize| field.labels.with_untracked(|l| l.get(output).cloned().unwrap_or_default());
    let (truth, said) = (name(shot.truth), name(shot.best));
    let wrong = !right(&seen);
    let alt = if wrong { format!("{truth}, taken for {said}") } else { format!("{truth}, recognised") };
    let url = seen.thumb.clone();
    view! {
        <li class="shot" class:wrong=wrong>
            <img src=url.as_str().to_owned() alt=alt width="112" height="112" decoding="async" />
            <span class="shot-said">{if wrong { format!("\u{2717} {said}") } else { format!("\u{2713} {said}") }}
                " " <span class="num">{percent(shot.probability)}</span></span>
        </li>
    }
}
