//! Lines over a common axis, shares from 0 to 100 %, with bands for their intervals.

use leptos::prelude::*;

/// One line. `x` runs from 0 to 1 over the chart's width, shares from 0 to 1 over its height.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub name: String,
    /// Its colour's class: `tone-lab`, `tone-field`, `tone-1` and so on.
    pub tone: &'static str,
    pub dashed: bool,
    pub points: Vec<(f32, f32)>,
    /// `(x, low, high)`.
    pub band: Vec<(f32, f32, f32)>,
}

const WIDTH: f32 = 640.0;
const HEIGHT: f32 = 220.0;
const LEFT: f32 = 44.0;
const RIGHT: f32 = 14.0;
const TOP: f32 = 10.0;
const BOTTOM: f32 = 26.0;

fn x(at: f32) -> f32 {
    LEFT + at * (WIDTH - LEFT - RIGHT)
}

fn y(share: f32) -> f32 {
    TOP + (1.0 - share.clamp(0.0, 1.0)) * (HEIGHT - TOP - BOTTOM)
}

fn path<'a>(points: impl Iterator<Item = &'a (f32, f32)>) -> String {
    points.map(|(at, share)| format!("{:.1},{:.1}", x(*at), y(*share))).collect::<Vec<_>>().join(" ")
}

/// `ticks`: names along the foot. `marks`: where something happened, as `(x, class)`. `cursor`: where the person looks. The picture is
/// described by `label`; whoever shows it says the numbers beside it as well.
#[component]
pub fn Lines(
    #[prop(into)] lines: Signal<Vec<Line>>,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] ticks: Signal<Vec<(f32, String)>>,
    #[prop(optional, into)] marks: Option<Signal<Vec<(f32, &'static str)>>>,
    #[prop(optional, into)] cursor: Option<Signal<Option<f32>>>,
) -> impl IntoView {
    let grid = [0.0, 0.25, 0.5, 0.75, 1.0f32].map(|share| {
        view! {
            <line class="grid" x1=LEFT x2=WIDTH - RIGHT y1=y(share) y2=y(share)></line>
            <text class="tick" x=LEFT - 6.0 y=y(share) + 4.0>{format!("{:.0}", share * 100.0)}</text>
        }
    });
    let drawn = move || {
        lines
            .get()
            .into_iter()
            .map(|line| {
                let upper = line.band.iter().map(|(at, _, high)| (*at, *high));
                let lower = line.band.iter().rev().map(|(at, low, _)| (*at, *low));
                let around: Vec<_> = upper.chain(lower).collect();
                let dots = (line.points.len() < 30 && !line.dashed).then(|| {
                    line.points
                        .iter()
                        .map(|(at, share)| view! { <circle class="dot-mark" cx=x(*at) cy=y(*share) r="3.5"></circle> })
                        .collect_view()
                });
                view! {
                    <g class=line.tone class:dashed=line.dashed>
                        <polygon class="band" points=path(around.iter())></polygon>
                        <polyline class="line" points=path(line.points.iter())></polyline>
                        {dots}
                    </g>
                }
            })
            .collect_view()
    };
    let marked = move || {
        let marks = marks.map(|m| m.get()).unwrap_or_default();
        marks.into_iter().map(|(at, class)| view! { <line class=format!("mark {class}") x1=x(at) x2=x(at) y1=HEIGHT - BOTTOM - 8.0 y2=HEIGHT - BOTTOM></line> }).collect_view()
    };
    let pointer = move || {
        cursor
            .and_then(|c| c.get())
            .map(|at| view! { <line class="cursor" x1=x(at) x2=x(at) y1=TOP y2=HEIGHT - BOTTOM></line> })
    };
    let feet = move || {
        ticks
            .get()
            .into_iter()
            .map(|(at, name)| {
                let anchor = if at < 0.05 {
                    "start"
                } else if at > 0.95 {
                    "end"
                } else {
                    "middle"
                };
                view! { <text class="tick-x" style:text-anchor=anchor x=x(at) y=HEIGHT - 6.0>{name}</text> }
            })
            .collect_view()
    };
    let named = move || {
        lines
            .get()
            .into_iter()
            .filter(|l| !l.name.is_empty())
            .map(|line| {
                view! {
                    <li class=line.tone class:dashed=line.dashed><span class="swatch"></span>{line.name}</li>
                }
            })
            .collect_view()
    };
    view! {
        <figure class="chart">
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=move || label.get()>
                {grid} {feet} {drawn} {marked} {pointer}
            </svg>
            <ul class="legend-list" role="list">{named}</ul>
        </figure>
    }
}
