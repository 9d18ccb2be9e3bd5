//! Every recipe tried so far, beside the others: charts with the Pareto front, and a table.

use super::pictures::Source;
use super::store::{Shrink, Tried};
use crate::engine::protocol::shrink::Mode;
use crate::ui::charts::scatter::{Point, Scatter};
use crate::ui::pure::format::{bytes, milliseconds, percent};
use crate::ui::pure::times::pareto;
use leptos::prelude::*;

#[component]
pub fn AllTried() -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let classes = move || shrink.classes.get();
    let measure = move || shrink.tried.with(|t| t.last().map_or("Accuracy", |t| t.sum.measure(classes())));
    let points = move |cost: fn(&Tried) -> f32| {
        let classes = classes();
        shrink.tried.with(|tried| {
            let point = |(at, t): (usize, &Tried)| Point {
                x: cost(t),
                y: t.sum.worth(classes),
                mark: (at + 1).to_string(),
                reference: false,
            };
            tried.iter().enumerate().map(point).collect::<Vec<_>>()
        })
    };
    let reference = move |points: &mut Vec<Point>, x: f32| {
        let known =
            shrink.tried.with(|t| t.last().filter(|t| classes() && t.sum.float.n > 0).map(|t| t.sum.float.share()));
        points.push(Point { x, y: known.unwrap_or(1.0), mark: "float".into(), reference: true });
    };
    let by_size = Signal::derive(move || {
        let mut all = points(|t| t.bytes as f32);
        if let Some(q) = shrink.quantized.get() {
            reference(&mut all, q.float_bytes as f32);
        }
        all
    });
    let by_time = Signal::derive(move || {
        let mut all = points(|t| t.ms.1);
        if let Some(ms) = shrink.tried.with(|t| t.last().map(|t| t.ms.0)) {
            reference(&mut all, ms);
        }
        all
    });
    let label = move |against: &str| {
        Signal::derive({
            let against = against.to_owned();
            move || {
                format!(
                    "{} against {against} of {} recipes and float; the table below has the numbers.",
                    measure(),
                    shrink.tried.with(Vec::len)
                )
            }
        })
    };
    let rows = move || {
        let tried = shrink.tried.get();
        let worth: Vec<(f32, f32)> = tried.iter().map(|t| (t.bytes as f32, t.sum.worth(classes()))).collect();
        let marks = pareto(&worth);
        tried.into_iter().zip(marks).enumerate().map(|(at, (t, mark))| row(at, t, mark)).collect_view()
    };
    view! {
        <section class="card" aria-labelledby="tried-title">
            <h3 id="tried-title">"Tried so far"</h3>
            <p class="muted">{move || format!("{} of every recipe tried. The line joins those that no other beats in both (the Pareto front); starred ones are on it for size.", measure())}</p>
            <div class="pair" data-testid="tried-charts">
                <Scatter points=by_size x_name="Against the size of the file" y_name="higher and further left is better" x_says=size_says y_says=says label=label("size") />
                <Scatter points=by_time x_name="Against the median time of an answer" y_name="higher and further left is better" x_says=milliseconds y_says=says label=label("time") />
            </div>
            <div class="scroll-x" tabindex="0" role="region" aria-label="Recipes tried">
                <table class="numbers" data-testid="tried">
                    <thead><tr><th scope="col">"Recipe"</th><th scope="col">"Size"</th><th scope="col">"Time"</th><th scope="col">"Agreement"</th><th scope="col">"Float"</th><th scope="col">"Small"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

/// A size on an axis.
fn size_says(size: f32) -> String {
    bytes(size.max(0.0) as u64)
}

/// A share on an axis.
fn says(share: f32) -> String {
    format!("{:.1}", share * 100.0)
}

/// A recipe, and what it was calibrated on.
pub fn describe(t: &Tried) -> (String, String) {
    let r = &t.recipe;
    let mut said = vec![r.mode.name().to_owned()];
    let calibrated = match t.source {
        _ if r.mode != Mode::Static => "nothing",
        Source::Lab => "the lab",
        Source::OneClass => "one class",
        Source::Field => "the field",
        Source::Brought => "pictures opened here",
        Source::Noise => "noise",
    };
    if r.mode == Mode::Static {
        said.push(r.range.name().to_lowercase());
    }
    if r.mode != Mode::Half {
        said.push(format!("{} bits", r.bits));
        let switches =
            [(!r.per_channel, "per tensor"), (r.bias_correction, "bias correction"), (r.equalize, "equalised")];
        said.extend(switches.into_iter().filter(|(on, _)| *on).map(|(_, name)| name.to_owned()));
    }
    if !r.exclude.is_empty() {
        said.push(format!("{} left float", r.exclude.len()));
    }
    (said.join(", "), calibrated.to_owned())
}

/// Both in one.
pub fn words(t: &Tried) -> String {
    let (mut said, calibrated) = describe(t);
    if t.recipe.mode == Mode::Static {
        said += &format!(", calibrated on {calibrated}");
    }
    said
}

fn row(at: usize, t: Tried, best: bool) -> impl IntoView {
    let share = |right: usize, n: usize| if n == 0 { "\u{2013}".to_owned() } else { percent(right as f32 / n as f32) };
    view! {
        <tr class:best=best><th scope="row">{format!("{}. ", at + 1)}{if best { "\u{2605} " } else { "" }}{words(&t)}</th>
            <td class="num">{bytes(t.bytes as u64)}</td><td class="num">{milliseconds(t.ms.1)}</td><td class="num">{share(t.sum.agree, t.sum.n)}</td>
            <td class="num">{share(t.sum.float.right, t.sum.float.n)}</td><td class="num">{share(t.sum.small.right, t.sum.small.n)}</td></tr>
    }
}
