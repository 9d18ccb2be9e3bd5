//! Accuracy over time, a mark for everybody: the lab's and, joined by a line, the field's.

use super::codes_card::called;
use crate::share::codes::Outcome;
use crate::ui::pure::scale::Decades;
use leptos::prelude::*;

const WIDTH: f32 = 640.0;
const HEIGHT: f32 = 280.0;
const LEFT: f32 = 44.0;
const RIGHT: f32 = 70.0;
const TOP: f32 = 12.0;
const BOTTOM: f32 = 36.0;

fn y(share: f32) -> f32 {
    TOP + (1.0 - share) * (HEIGHT - TOP - BOTTOM)
}

#[component]
pub fn Scatter(#[prop(into)] all: Signal<Vec<Outcome>>) -> impl IntoView {
    let grid = [0.0, 0.25, 0.5, 0.75, 1.0f32].map(|share| {
        view! {
            <line class="grid" x1=LEFT x2=WIDTH - RIGHT y1=y(share) y2=y(share)></line>
            <text class="tick" x=LEFT - 6.0 y=y(share) + 4.0>{format!("{:.0}", share * 100.0)}</text>
        }
    });
    let marks = move || {
        let all = all.get();
        let scale = Decades::of(all.iter().filter_map(|o| o.latency).map(|l| l as f32 / 10.0));
        let x = move |ms: f32| LEFT + scale.at(ms) * (WIDTH - LEFT - RIGHT);
        let ticks = scale.ticks().into_iter().map(|ms| {
            view! { <text class="tick-x" style:text-anchor="middle" x=x(ms) y=HEIGHT - 18.0>{format!("{ms} ms")}</text> }
        });
        let dots = all.iter().enumerate().map(|(at, o)| {
            let x = o.latency.map_or(LEFT, |l| x(l as f32 / 10.0));
            let height = |s: Option<(u32, u32)>| s.map(|(share, _)| y(share as f32 / 1000.0));
            let (lab, field) = (height(o.lab), height(o.field));
            let label = lab.or(field).map(|at| at + 4.0);
            let name = called(at, o);
            view! {
                <g>
                    {lab.zip(field).map(|(lab, field)| view! { <line class="fall" x1=x x2=x y1=lab y2=field></line> })}
                    {lab.map(|lab| view! { <g class="tone-lab"><circle class="dot-mark" cx=x cy=lab r="6"></circle></g> })}
                    {field.map(|field| view! { <g class="tone-field"><rect class="dot-mark" x=x - 5.0 y=field - 5.0 width="10" height="10"></rect></g> })}
                    {label.map(|at| view! { <text class="dot-name" x=x + 10.0 y=at>{name}</text> })}
                </g>
            }
        });
        view! { {ticks.collect_view()} {dots.collect_view()} }
    };
    let said = move || format!("Accuracy over time of {} results; the table below says the same", all.with(Vec::len));
    view! {
        <figure class="chart">
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=said data-testid="codes-chart">
                {grid} {marks}
                <text class="tick-x" style:text-anchor="end" x=WIDTH - RIGHT y=HEIGHT - 3.0>"time in the backbone"</text>
            </svg>
            <ul class="legend-list" role="list"><li class="tone-lab"><span class="swatch"></span>"Lab accuracy, % (dot)"</li><li class="tone-field"><span class="swatch"></span>"Field accuracy, % (square)"</li></ul>
        </figure>
    }
}
