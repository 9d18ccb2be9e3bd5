//! Bars over a common axis, for one or two series.

use leptos::prelude::*;

/// How often, in equal steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub name: String,
    /// Its colour's class, as for lines.
    pub tone: &'static str,
    pub bars: Vec<u64>,
}

const WIDTH: f32 = 420.0;
const HEIGHT: f32 = 130.0;
const FOOT: f32 = 26.0;

/// `ends`: what the first and last bar begin and end with, as written below. `marks`: places along the axis, 0..1, where a
/// line stands; bars beyond the outer marks are drawn as cut off when `clips`. Heights are square roots, so that tails show.
#[component]
pub fn Histogram(
    series: Vec<Series>,
    ends: (String, String),
    #[prop(optional)] marks: Vec<f32>,
    #[prop(optional)] clips: bool,
    label: String,
) -> impl IntoView {
    let most = series.iter().flat_map(|s| s.bars.iter().copied()).max().unwrap_or(0).max(1) as f32;
    let count = series.len().max(1) as f32;
    let (first, last) = marks.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), m| (a.min(*m), b.max(*m)));
    let drawn = series.iter().enumerate().map(|(which, s)| {
        let step = WIDTH / s.bars.len().max(1) as f32;
        let bars = s.bars.iter().enumerate().filter(|(_, n)| **n > 0).map(|(at, n)| {
            let tall = (*n as f32 / most).sqrt() * (HEIGHT - FOOT - 4.0);
            let middle = (at as f32 + 0.5) / s.bars.len() as f32;
            let out = clips && (middle < first && first > 0.0 || middle > last && last < 1.0);
            let x = at as f32 * step + which as f32 * step / count;
            view! { <rect class="histogram-bar" class:out=out x=x y=HEIGHT - FOOT - tall width=step / count * 0.9 height=tall></rect> }
        });
        view! { <g class=s.tone>{bars.collect_view()}</g> }
    });
    let drawn = drawn.collect_view();
    let lines = marks.iter().filter(|m| (0.0..=1.0).contains(*m)).map(|m| {
        view! { <line class="histogram-mark" x1=m * WIDTH x2=m * WIDTH y1="0" y2=HEIGHT - FOOT></line> }
    });
    let lines = lines.collect_view();
    let named = series.len() > 1;
    let legend = series.iter().filter(|_| named).map(|s| {
        view! { <li class=s.tone><span class="swatch"></span>{s.name.clone()}</li> }
    });
    let legend = legend.collect_view();
    view! {
        <figure class="chart histogram">
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=label>
                <line class="grid" x1="0" x2=WIDTH y1=HEIGHT - FOOT y2=HEIGHT - FOOT></line>
                {drawn} {lines}
                <text class="tick-x" x="0" y=HEIGHT - 6.0>{ends.0}</text>
                <text class="tick" x=WIDTH y=HEIGHT - 6.0>{ends.1}</text>
            </svg>
            {named.then(|| view! { <ul class="legend-list" role="list">{legend}</ul> })}
        </figure>
    }
}
