//! The map: points to look at with mouse, finger or keys, and the neighbours of the one looked at.

use super::map::{Map, Spot};
use super::others::Which;
use crate::learn::dataset::ClassId;
use crate::ui::learn::Learn;
use crate::ui::pure::format::{count, hex, percent};
use crate::ui::pure::places;
use crate::ui::widgets::progress::Progress;
use crate::web::urls::ObjectUrl;
use leptos::prelude::*;
use std::collections::HashMap;

/// Of the drawing, in its own units.
const WIDTH: f32 = 640.0;
const HEIGHT: f32 = 640.0;
const MARGIN: f32 = 14.0;
/// How near the pointer must be, as a share of the width.
const REACH: f32 = 0.05;

type Classes = HashMap<ClassId, (String, String)>;

fn x(place: (f32, f32)) -> f32 {
    MARGIN + place.0 * (WIDTH - 2.0 * MARGIN)
}

fn y(place: (f32, f32)) -> f32 {
    MARGIN + place.1 * (HEIGHT - 2.0 * MARGIN)
}

#[component]
pub fn MapCard() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let map = learn.map;
    let busy = Memo::new(move |_| map.running.with(Option::is_some));
    let drawn = Memo::new(move |_| map.places.with(|p| !p.is_empty()));
    let few = move || learn.data.total.get() + learn.others.count.get().0 < 4 || learn.backbones.busy();
    view! {
        <section class="card" aria-labelledby="map-title" data-testid="map">
            <h2 id="map-title" class="section-title">"A map of your pictures"</h2>
            <p class="muted">"What the backbone finds alike lies together: principal components first, then t-SNE. Colours are classes; pictures without a label are grey. Distances between far-off groups mean little."</p>
            <div class="going">
                <Show when=move || busy.get() fallback=move || view! {
                    <button class="button" data-testid="map-draw" disabled=few on:click=move |_| map.draw()>"Draw the map"</button>
                }>
                    <Progress value=map.running label="Laying out the map" />
                    <button class="button small" data-testid="map-cancel" on:click=move |_| map.cancel()>"Stop"</button>
                </Show>
                <span class="muted" data-testid="map-said">{move || said(map)}</span>
            </div>
            {move || map.reason.get().map(|reason| view! { <p class="notice bad" role="alert" data-testid="map-trouble">{reason}</p> })}
            <Show when=move || drawn.get()><Plane map=map /></Show>
        </section>
    }
}

fn said(map: Map) -> String {
    let mut parts = Vec::new();
    parts.extend(
        map.explained.get().map(|e| format!("The first two components explain {} of the variance.", percent(e))),
    );
    parts.extend(map.divergence.get().map(|d| format!("t-SNE ended at a divergence of {d:.2}.")));
    let left_out = map.left_out.get();
    parts.extend((left_out > 0).then(|| format!("{} had no room.", count(left_out, "picture", "pictures"))));
    parts.join(" ")
}

#[component]
fn Plane(map: Map) -> impl IntoView {
    let learn = expect_context::<Learn>();
    let classes = Memo::new(move |_| {
        let all = learn.data.classes().get();
        all.into_iter().map(|(id, name, color)| (id, (name, hex(color)))).collect::<Classes>()
    });
    let look = move |spot: Option<usize>| {
        if spot.is_some() && spot != map.looking.get_untracked() {
            map.looking.set(spot);
        }
    };
    let point = move |event: leptos::ev::PointerEvent| {
        let Some((px, py)) = crate::web::element::share_of(&event) else { return };
        let inside = |share: f32, size: f32| (share * size - MARGIN) / (size - 2.0 * MARGIN);
        look(map.places.with_untracked(|p| places::at(p, inside(px, WIDTH), inside(py, HEIGHT), REACH)));
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        let (dx, dy) = match event.key().as_str() {
            "ArrowRight" => (1.0, 0.0),
            "ArrowLeft" => (-1.0, 0.0),
            "ArrowDown" => (0.0, 1.0),
            "ArrowUp" => (0.0, -1.0),
            _ => return,
        };
        event.prevent_default();
        let next = match map.looking.get_untracked() {
            None => Some(0),
            Some(from) => map.places.with_untracked(|p| places::towards(p, from, dx, dy)),
        };
        look(next);
    };
    let place = move |i: usize| map.places.with(|p| p.get(i).copied().unwrap_or_default());
    let dots = move || {
        let (spots, classes) = (map.spots.get(), classes.get());
        let dot = |(i, spot): (usize, &Spot)| {
            let color = spot.class.and_then(|c| classes.get(&c)).map(|(_, color)| color.clone());
            let radius = if color.is_some() { "6" } else { "5" };
            view! { <circle class="spot" class:grey=color.is_none() style:fill=color r=radius cx=move || x(place(i)) cy=move || y(place(i))></circle> }
        };
        spots.iter().enumerate().map(dot).collect_view()
    };
    let ring = move || {
        map.looking
            .get()
            .map(|i| view! { <circle class="spot-ring" r="11" cx=move || x(place(i)) cy=move || y(place(i))></circle> })
    };
    let label = move || {
        let spots = map.spots.get();
        let without = spots.iter().filter(|s| s.class.is_none()).count();
        format!(
            "Map of {}, {without} of them without a label. Arrow keys go from one to the next.",
            count(spots.len(), "picture", "pictures")
        )
    };
    let legend = move || {
        let all = learn.data.classes().get();
        all.into_iter().map(|(_, name, color)| view! { <li><span class="swatch" style:background=hex(color)></span><bdi>{name}</bdi></li> }).collect_view()
    };
    view! {
        <div class="map-pair">
            <figure class="plane">
                <div class="plane-keys" tabindex="0" role="group" aria-label=label data-testid="map-plane" on:keydown=key
                    on:focus=move |_| if map.looking.get_untracked().is_none() { look(Some(0)) }>
                    <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") aria-hidden="true" on:pointermove=point on:pointerdown=point>{dots}{ring}</svg>
                </div>
                <ul class="legend-list" role="list">{legend}<li><span class="swatch grey"></span>"no label"</li></ul>
            </figure>
            <div class="looking" aria-live="polite" data-testid="map-looking">
                {move || match map.looking.get() {
                    Some(spot) => view! { <Looking map=map spot=spot classes=classes /> }.into_any(),
                    None => view! { <p class="muted">"Point at a picture, tap it, or go there with the arrow keys."</p> }.into_any(),
                }}
            </div>
        </div>
    }
}

#[component]
fn Looking(map: Map, spot: usize, classes: Memo<Classes>) -> impl IntoView {
    let own = map.spots.get_untracked().get(spot).copied();
    let name_of =
        move |spot: &Spot| spot.class.and_then(|c| classes.with(|all| all.get(&c).map(|(name, _)| name.clone())));
    let near = map.neighbours(spot);
    let mut votes: HashMap<String, usize> = HashMap::new();
    near.iter().filter_map(|(s, _)| name_of(s)).for_each(|name| *votes.entry(name).or_default() += 1);
    let most = votes.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)));
    let said = move |spot: &Spot| name_of(spot).unwrap_or_else(|| "no label".to_owned());
    let title = own.map(|s| {
        let known = said(&s);
        match (s.class, &most) {
            (None, Some((name, n))) => {
                format!("No label; {n} of its {} nearest are \u{201c}{name}\u{201d}", near.len())
            }
            _ => known,
        }
    });
    let near_list = near.iter().map(|(s, cosine)| view! {
        <li class="near"><Thumb map=map which=s.which alt=said(s) /><span class="shot-said"><bdi>{said(s)}</bdi>" "<span class="num muted">{format!("{cosine:.2}")}</span></span></li>
    });
    let list = near_list.collect_view();
    view! {
        <p class="looking-title">{title}</p>
        {own.map(|s| view! { <Thumb map=map which=s.which alt="The picture looked at".to_owned() /><p class="fine"><bdi>{map.picture(s.which).map(|(name, _)| name)}</bdi></p> })}
        <h3>"Nearest with a label (cosine)"</h3>
        <ul class="nears" role="list" data-testid="map-neighbours">{list}</ul>
    }
}

#[component]
fn Thumb(map: Map, which: Which, alt: String) -> impl IntoView {
    let url = map.picture(which).map(|(_, blob)| ObjectUrl::of(&blob));
    let source = url.as_ref().map(|u| u.as_str().to_owned());
    StoredValue::new_local(url);
    view! { <img class="near-picture" src=source alt=alt width="112" height="112" /> }
}
