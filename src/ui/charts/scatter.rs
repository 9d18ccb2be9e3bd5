//! Points of cost and worth, with the front that none beats.

use crate::ui::pure::times::pareto;
use leptos::prelude::*;

/// Further right costs more, further up is worth more.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    pub x: f32,
    pub y: f32,
    /// What is drawn beside it: a number that the table below has as well.
    pub mark: String,
    /// Filled otherwise: what everything is compared with.
    pub reference: bool,
}

const WIDTH: f32 = 420.0;
const HEIGHT: f32 = 220.0;
const LEFT: f32 = 52.0;
const RIGHT: f32 = 22.0;
const TOP: f32 = 26.0;
const FOOT: f32 = 30.0;

/// The ends of an axis, a little wider than what is on it.
fn ends(values: impl Iterator<Item = f32> + Clone) -> (f32, f32) {
    let (low, high) = values.fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        return (0.0, 1.0);
    }
    let room = ((high - low) * 0.08).max(high.abs() * 0.01).max(1e-3);
    (low - room, high + room)
}

#[component]
pub fn Scatter(
    #[prop(into)] points: Signal<Vec<Point>>,
    x_name: &'static str,
    y_name: &'static str,
    x_says: fn(f32) -> String,
    y_says: fn(f32) -> String,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    let drawn = move || {
        let points = points.get();
        let (left, right) = ends(points.iter().map(|p| p.x));
        let (bottom, top) = ends(points.iter().map(|p| p.y));
        let x = move |v: f32| LEFT + (v - left) / (right - left) * (WIDTH - LEFT - RIGHT);
        let y = move |v: f32| TOP + (top - v) / (top - bottom) * (HEIGHT - TOP - FOOT);
        let places: Vec<(f32, f32)> = points.iter().map(|p| (p.x, p.y)).collect();
        let best = pareto(&places);
        let mut front: Vec<(f32, f32)> = places.iter().zip(&best).filter(|(_, b)| **b).map(|(p, _)| *p).collect();
        front.sort_by(|a, b| a.0.total_cmp(&b.0));
        let front: Vec<String> = front.iter().map(|p| format!("{:.1},{:.1}", x(p.0), y(p.1))).collect();
        let dots = points.iter().zip(&best).map(|(p, best)| {
            view! {
                <g class="scatter-point" class:best=*best class:reference=p.reference>
                    <circle cx=x(p.x) cy=y(p.y) r="6"></circle>
                    <text class="tick-x" x=x(p.x) y=y(p.y) - 10.0>{p.mark.clone()}</text>
                </g>
            }
        });
        let dots = dots.collect_view();
        let grid = [0.1f32, 0.5, 0.9].map(|share| {
            let (across, up) = (left + (right - left) * share, bottom + (top - bottom) * share);
            view! {
                <line class="grid" x1=LEFT x2=WIDTH - RIGHT y1=y(up) y2=y(up)></line>
                <text class="tick" x=LEFT - 6.0 y=y(up) + 4.0>{y_says(up)}</text>
                <text class="tick-x" style:text-anchor="middle" x=x(across) y=HEIGHT - 8.0>{x_says(across)}</text>
            }
        });
        view! { {grid} <polyline class="front" points=front.join(" ")></polyline> {dots} }
    };
    view! {
        <figure class="chart scatter">
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=move || label.get()>
                {drawn}
            </svg>
            <figcaption class="fine">{x_name}"; "{y_name}</figcaption>
        </figure>
    }
}
