//! From lab to field step by step: a curve with intervals, and the same by class.

use super::field::{Field, Source};
use super::going::Going;
use super::severity::Survey;
use crate::ui::charts::bars::Bar;
use crate::ui::charts::lines::{Line, Lines};
use crate::ui::pure::format::percent;
use crate::ui::pure::words;
use leptos::prelude::*;

#[component]
pub fn Way(survey: Survey) -> impl IntoView {
    let field = expect_context::<Field>();
    // Rungs of the way itself; knobs turned alone come after it.
    let climb = Memo::new(move |_| {
        survey.places.with(|p| {
            let alone = p.iter().skip(1).position(|name| field.source.get() == Source::World && !name.starts_with('+'));
            alone.map_or(p.len(), |at| at + 1)
        })
    });
    let points = move || {
        let n = climb.get();
        survey.sheet.with(|sheet| {
            (0..n)
                .filter_map(|place| Some((place as f32 / (n.max(2) - 1) as f32, sheet.at(place).interval()?)))
                .collect::<Vec<_>>()
        })
    };
    let lines = Signal::derive(move || {
        let points = points();
        vec![Line {
            name: String::new(),
            tone: "tone-field",
            dashed: false,
            points: points.iter().map(|(x, i)| (*x, i.value)).collect(),
            band: points.iter().map(|(x, i)| (*x, i.low, i.high)).collect(),
        }]
    });
    let ticks = Signal::derive(move || {
        let n = climb.get();
        let names = survey.places.get().into_iter().take(n).enumerate();
        names.map(|(place, name)| (place as f32 / (n.max(2) - 1) as f32, short(&name))).collect::<Vec<_>>()
    });
    let label = Signal::derive(move || {
        let said = points().iter().map(|(_, i)| percent(i.value)).collect::<Vec<_>>().join(", ");
        format!("Accuracy from lab to field: {said}")
    });
    let measured = Memo::new(move |_| survey.places.with(|p| !p.is_empty()));
    let possible = move || field.source.get() != Source::Collected;
    view! {
        <section class="card" aria-labelledby="way-title">
            <h3 id="way-title">"From lab to field"</h3>
            <p class="muted">{move || match field.source.get() {
                Source::World => "One knob after the other is turned from the lab to the field, on the same photographs; then each alone. The steepest step is the cause.",
                Source::Degraded => "The same pictures, a little worse at each step, judged by heads that have not seen them.",
                Source::Collected => "Pictures from there are there already: there is no way in between to measure.",
            }}</p>
            <Going survey=survey testid="way">
                <button class="button" data-testid="way-measure" disabled=move || !possible() on:click=move |_| survey.measure_way()>"Measure the way"</button>
            </Going>
            <Show when=move || measured.get()>
                <Lines lines=lines label=label ticks=ticks />
                <div class="scroll-x" tabindex="0" role="region" aria-label="Accuracy at each step, by class">
                    <table class="numbers" data-testid="way-table">
                        <thead><tr><th scope="col">"Step"</th><th scope="col">"Accuracy"</th>
                            {move || survey.classes.get().into_iter().map(|name| view! { <th scope="col"><bdi>{name}</bdi></th> }).collect_view()}</tr></thead>
                        <tbody>{move || survey.places.get().into_iter().enumerate().map(|(place, name)| row(survey, place, name, place >= climb.get())).collect_view()}</tbody>
                    </table>
                </div>
                <p class="fine">"Bands and brackets are 95\u{a0}% intervals (Wilson)."</p>
            </Show>
        </section>
    }
}

/// "Snow, severity 3" is "3" on a chart of snow.
fn short(name: &str) -> String {
    name.rsplit_once("severity ").map_or(name, |(_, severity)| severity).to_owned()
}

fn row(survey: Survey, place: usize, name: String, alone: bool) -> impl IntoView {
    let all = move || survey.sheet.with(|s| s.at(place));
    let said = move || {
        all().interval().map_or_else(
            || "\u{2013}".to_owned(),
            |i| format!("{} ({}, {})", percent(i.value), words::interval(&i), words::sample(&i, 0)),
        )
    };
    let classes = survey.classes.with(Vec::len);
    let cells = (0..classes).map(move |class| {
        let tally = move || survey.sheet.with(|s| s.of(place, class));
        view! { <td class="num">{move || { let t = tally(); if t.n == 0 { "\u{2013}".to_owned() } else { format!("{}/{}", t.right, t.n) } }}</td> }
    });
    let name = if alone { format!("only {name}") } else { name };
    view! {
        <tr class:alone=alone><th scope="row">{name}</th>
            <td><span class="share"><Bar share=Signal::derive(move || all().share()) /><span class="num">{said}</span></span></td>
            {cells.collect_view()}</tr>
    }
}
