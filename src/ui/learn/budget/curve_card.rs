//! The label-budget curve: chart, numbers, and what the next labels should buy.

use super::curve::{Curve, DRAWS, Traced};
use super::{Way, scratch};
use crate::engine::protocol::Twin;
use crate::learn::budget::NEXT;
use crate::ui::charts::lines::{Line, Lines};
use crate::ui::learn::Learn;
use crate::ui::pure::budget as words;
use crate::ui::pure::format::count;
use crate::ui::widgets::progress::Progress;
use leptos::prelude::*;

#[component]
pub fn CurveCard() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let curve = learn.budget;
    let busy = Memo::new(move |_| curve.running.with(Option::is_some));
    let share = Signal::derive(move || curve.running.get().map(|(_, share)| share));
    let label = Signal::derive(move || curve.running.get().map_or(String::new(), |(what, _)| what));
    let none = move || curve.wanted.with(Vec::is_empty) || learn.trainer.updating();
    let any = Memo::new(move |_| curve.traced.with(|t| t.iter().any(|t| !t.points.is_empty())));
    view! {
        <section class="card" aria-labelledby="budget-title" data-testid="budget">
            <h2 id="budget-title" class="section-title">"What do labels buy?"</h2>
            <p class="muted">"Accuracy against labelled pictures of each class, for different ways of starting. All are measured on the same held-out pictures; "
                {format!("every point is the mean of {DRAWS} draws of as many labels, from scratch of {}.", scratch::DRAWS)}</p>
            <fieldset class="choice checks">
                <legend class="visually-hidden">"Ways of starting"</legend>
                {Way::ALL.map(|way| {
                    let there = move || way != Way::Backbone(Twin::Brought) || learn.backbones.brought.with(Option::is_some);
                    view! { <Show when=there><Choice curve=curve way=way busy=busy /></Show> }
                }).collect_view()}
            </fieldset>
            <div class="going">
                <Show when=move || busy.get() fallback=move || view! {
                    <button class="button" data-testid="budget-measure" disabled=none on:click=move |_| curve.measure()>"Measure the curve"</button>
                }>
                    <Progress value=share label=label />
                    <span class="muted" data-testid="budget-doing">{move || label.get()}</span>
                    <button class="button small" data-testid="budget-cancel" on:click=move |_| curve.cancel()>"Stop"</button>
                </Show>
            </div>
            {move || curve.reason.get().map(|reason| view! { <p class="notice bad" role="alert" data-testid="budget-trouble">{reason}</p> })}
            <Show when=move || any.get()><Outcome curve=curve /></Show>
        </section>
    }
}

#[component]
fn Choice(curve: Curve, way: Way, busy: Memo<bool>) -> impl IntoView {
    view! {
        <label class="check">
            <input type="checkbox" data-testid=format!("budget-{}", way.key()) disabled=move || busy.get()
                prop:checked=move || curve.wanted.with(|all| all.contains(&way))
                on:change=move |event| {
                    let on = event_target_checked(&event);
                    curve.wanted.update(|all| {
                        all.retain(|w| *w != way);
                        if on { all.push(way); }
                    });
                } />
            {way.name()}
            {(way == Way::Scratch).then(|| view! { <span class="muted">"trained here; takes a minute or more"</span> })}
        </label>
    }
}

#[component]
fn Outcome(curve: Curve) -> impl IntoView {
    let sizes = Memo::new(move |_| {
        let longest = curve.traced.with(|all| {
            all.iter().map(|t| t.points.iter().map(|p| p.per_class).collect::<Vec<_>>()).max_by_key(Vec::len)
        });
        longest.unwrap_or_default()
    });
    let lines = Signal::derive(move || {
        let (sizes, all) = (sizes.get(), curve.traced.get());
        let places = words::places(&sizes);
        let place = |n: usize| sizes.iter().position(|s| *s == n).map_or(0.0, |at| places[at]);
        let line = |t: &Traced| Line {
            name: t.way.name().into(),
            tone: t.way.tone(),
            dashed: false,
            points: t.points.iter().map(|p| (place(p.per_class), p.accuracy.value)).collect(),
            band: t.points.iter().map(|p| (place(p.per_class), p.accuracy.low, p.accuracy.high)).collect(),
        };
        all.iter().map(line).collect::<Vec<_>>()
    });
    let ticks = Signal::derive(move || {
        let sizes = sizes.get();
        words::places(&sizes).into_iter().zip(sizes.iter().map(ToString::to_string)).collect::<Vec<_>>()
    });
    let label = Signal::derive(move || {
        let said = |t: &Traced| {
            let numbers: Vec<_> =
                t.points.iter().map(|p| format!("{} at {}", words::band(&p.accuracy), p.per_class)).collect();
            format!("{}: {}", t.way.name(), numbers.join(", "))
        };
        let all = curve.traced.with(|all| all.iter().map(said).collect::<Vec<_>>().join("; "));
        format!("Held-out accuracy against labelled pictures of each class. {all}.")
    });
    let forecasts = move || {
        let said = |t: &Traced| {
            t.forecast.as_ref().map(|f| view! { <p class="verdict-line">{words::forecast(t.way.name(), f)}</p> })
        };
        curve.traced.with(|all| all.iter().filter_map(said).collect_view())
    };
    view! {
        <Lines lines=lines label=label ticks=ticks />
        <p class="fine axis">"Labelled pictures of each class; held-out accuracy in per cent."</p>
        <div data-testid="budget-forecast" aria-live="polite">{forecasts}</div>
        <div class="scroll-x" tabindex="0" role="region" aria-label="Accuracy by labels and way of starting">
            <table class="numbers" data-testid="budget-table">
                <thead><tr><th scope="col">"Labels of each class"</th>
                    {move || sizes.get().into_iter().map(|n| view! { <th scope="col">{n}</th> }).collect_view()}
                    <th scope="col">{format!("Next {NEXT} labels")}</th></tr></thead>
                <tbody>{move || curve.traced.get().into_iter().map(|t| row(t, &sizes.get())).collect_view()}</tbody>
            </table>
        </div>
        <p class="fine">{move || {
            let held_out = curve.held_out.get();
            let on = if held_out > 0 { format!("Measured on {}. ", count(held_out, "held-out picture", "held-out pictures")) } else { String::new() };
            format!("{on}Bands and brackets are 95\u{a0}% intervals: other labels drawn, and other pictures held out. The forecast fits error = floor + scale \u{d7} labels^\u{2212}rate and cannot foresee that more labels hurt.")
        }}</p>
    }
}

fn row(traced: Traced, sizes: &[usize]) -> impl IntoView + use<> {
    let cell = |n: &usize| {
        let point = traced.points.iter().find(|p| p.per_class == *n);
        let said = point.map_or_else(|| "\u{2013}".to_owned(), |p| words::band(&p.accuracy));
        view! { <td class="num">{said}</td> }
    };
    let next = traced.forecast.as_ref().map_or_else(|| "\u{2013}".to_owned(), |f| words::points(&f.gain, true));
    view! {
        <tr class=traced.way.tone()><th scope="row"><span class="swatch"></span>{traced.way.name()}</th>
            {sizes.iter().map(cell).collect_view()}<td class="num">{next}</td></tr>
    }
}
