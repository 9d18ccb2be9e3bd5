//! Both models on one picture: bars, times, differences, and what both look at.

use super::store::Shrink;
use crate::engine::client::Event;
use crate::engine::protocol::shrink::{Both, Reply as Answer, Request as Ask};
use crate::engine::protocol::{Payload, Reply, Request};
use crate::learn::head::argmax;
use crate::ui::charts::bars::Bar;
use crate::ui::pure::format::{milliseconds, percent};
use crate::ui::pure::heat;
use crate::ui::widgets::dialog::Dialog;
use crate::web::canvas;
use crate::web::files::Blob;
use crate::web::urls::ObjectUrl;
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;

/// Most classes shown with bars.
const BARS: usize = 6;

/// What both said.
pub struct Said {
    pub both: Both,
    /// Answers, then maps, of both.
    numbers: Vec<f32>,
}

impl Said {
    fn answer(&self, small: bool) -> &[f32] {
        let width = self.both.width;
        self.numbers.get(usize::from(small) * width..(usize::from(small) + 1) * width).unwrap_or(&[])
    }

    /// The class-activation map of `class`, and the scale both share.
    fn map(&self, small: bool, class: usize) -> Option<(&[f32], (usize, usize), f32)> {
        let grid = self.both.grid?;
        let cells = grid.0 * grid.1;
        let maps = self.numbers.get(2 * self.both.width..)?;
        let at = (usize::from(small) * self.both.width + class) * cells;
        Some((maps.get(at..at + cells)?, grid, heat::scale(maps)))
    }

    /// Outputs worth showing: the likeliest of either, most likely first.
    fn likely(&self) -> Vec<usize> {
        let best = |at: &usize| self.answer(false)[*at].max(self.answer(true)[*at]);
        let mut all: Vec<usize> = (0..self.both.width).collect();
        all.sort_by(|a, b| best(b).total_cmp(&best(a)));
        all.truncate(BARS);
        all
    }
}

/// What the answers are about.
#[derive(Clone)]
pub enum Shown {
    Url(Arc<ObjectUrl>),
    /// A camera frame: side and RGBA.
    Frame(u32, Arc<Vec<u8>>),
}

/// Copies are the same.
#[derive(Clone, Copy)]
pub struct Duo {
    shrink: Shrink,
    pub open: RwSignal<bool>,
    pub said: RwSignal<Option<(Arc<Said>, Shown)>, LocalStorage>,
    trouble: RwSignal<Option<String>>,
}

impl Duo {
    pub fn new(shrink: Shrink) -> Self {
        let (open, trouble) = (RwSignal::new(false), RwSignal::new(None));
        Self { shrink, open, said: RwSignal::new_local(None), trouble }
    }

    /// Opens the dialog on a picture both were asked about.
    pub fn show(self, index: u32) {
        let Some(picture) = self.shrink.picture(index) else { return };
        self.said.set(None);
        self.trouble.set(None);
        self.open.set(true);
        let shown = Shown::Url(Arc::new(ObjectUrl::of(&picture.file)));
        self.ask(None, Payload::default(), Some(picture.file), shown, |_| ());
    }

    /// Asks both; `then` hears whether there is an answer. False if there is nobody to ask.
    pub fn ask(
        self,
        frame: Option<(u32, u32)>,
        payload: Payload,
        picture: Option<Blob>,
        shown: Shown,
        then: impl Fn(bool) + 'static,
    ) -> bool {
        let (Some(asked), Some(small)) = (self.shrink.asked(), self.shrink.file()) else { return false };
        let ticket = self.shrink.ticket.get_untracked();
        let request = Request::Shrink(Ask::Both { subject: asked.subject, ticket, frame });
        let blobs = asked.file.into_iter().chain([small]).chain(picture).collect();
        self.shrink.engine.submit(request, payload, blobs, move |event| match event {
            Event::Done(Reply::Shrink(Answer::Both(both)), payload) => {
                self.trouble.try_set(None);
                self.said.try_set(Some((Arc::new(Said { both, numbers: payload.floats }), shown.clone())));
                then(true);
            }
            Event::Progress(..) => {}
            other => {
                if let Some(reason) = other.trouble("The engine stopped. Close this and try again.") {
                    self.trouble.try_set(Some(reason));
                }
                then(false);
            }
        });
        true
    }
}

#[component]
pub fn DuoDialog(duo: Duo) -> impl IntoView {
    view! {
        <Dialog open=duo.open title="Float and small on one picture".to_owned() testid="duo" wide=true>
            <DuoView duo=duo />
        </Dialog>
    }
    .into_any()
}

#[component]
pub fn DuoView(duo: Duo) -> impl IntoView {
    let shrink = duo.shrink;
    let heat = move || duo.said.with(|s| s.as_ref().is_some_and(|(s, _)| s.both.grid.is_some()));
    view! {
        {move || duo.trouble.get().map(|reason| view! { <p class="notice bad" role="alert">{reason}</p> })}
        {move || duo.said.get().map(|(said, shown)| view! {
            <div class="pair">
                <Half said=said.clone() shown=shown.clone() small=false shrink=shrink />
                <Half said=said.clone() shown=shown small=true shrink=shrink />
            </div>
            <Differences said=said shrink=shrink />
        })}
        <Show when=heat><p class="muted">"Orange speaks for the class it named, blue against it; one scale for both."</p></Show>
    }
    .into_any()
}

#[component]
fn Half(said: Arc<Said>, shown: Shown, small: bool, shrink: Shrink) -> impl IntoView {
    let (frame, overlay) = (NodeRef::<html::Canvas>::new(), NodeRef::<html::Canvas>::new());
    let classes = shrink.classes.get_untracked();
    let best = argmax(said.answer(small));
    let name = untrack(|| shrink.label(best));
    let alt = if classes { name.clone() } else { "The picture".to_owned() };
    let picture = match shown {
        Shown::Url(url) => view! { <img src=url.as_str().to_owned() alt=alt /> }.into_any(),
        Shown::Frame(side, pixels) => {
            Effect::new(move |_| {
                if let Some(canvas) = frame.get() {
                    canvas::paint(&canvas, side, side, &pixels);
                }
            });
            view! { <canvas node_ref=frame role="img" aria-label=alt></canvas> }.into_any()
        }
    };
    let painted = said.clone();
    Effect::new(move |_| {
        let Some(canvas) = overlay.get() else { return };
        if let Some((map, grid, scale)) = painted.map(small, best) {
            let side = heat::SIDE as u32;
            canvas::paint(&canvas, side, side, &heat::paint(map, grid, scale));
        }
    });
    let bars = classes.then(|| {
        let answer = said.answer(small);
        let row = |at: usize| {
            let share = answer.get(at).copied().unwrap_or(0.0);
            view! { <li class:best=at == best><span class="bar-name"><bdi>{untrack(|| shrink.label(at))}</bdi></span>
            <Bar share=Signal::stored(share) /><span class="num">{percent(share)}</span></li> }
        };
        view! { <ul class="bars" role="list">{said.likely().into_iter().map(row).collect_view()}</ul> }
    });
    let ms = if small { said.both.apart.quantized_ms } else { said.both.apart.float_ms };
    view! {
        <figure class="compare-half" data-testid=if small { "duo-small" } else { "duo-float" }>
            <figcaption>{if small { "small" } else { "float" }}<span class="muted num">{format!(", {}", milliseconds(ms))}</span></figcaption>
            <div class="stage">{picture}<canvas node_ref=overlay class="heat" aria-hidden="true" style:opacity="0.6"></canvas></div>
            {bars}
        </figure>
    }
    .into_any()
}

#[component]
fn Differences(said: Arc<Said>, shrink: Shrink) -> impl IntoView {
    let apart = said.both.apart;
    let summary =
        format!("Largest difference of a logit {:.3}, cosine of the outputs {:.5}.", apart.logit, apart.cosine);
    let rows = shrink.classes.get_untracked().then(|| {
        let (float, small) = (said.answer(false), said.answer(true));
        let row = |at: usize| {
            let (a, b) = (float[at], small[at]);
            view! { <tr><th scope="row"><bdi>{untrack(|| shrink.label(at))}</bdi></th><td class="num">{percent(a)}</td><td class="num">{percent(b)}</td>
            <td class="num">{format!("{:+.1}", ((b - a) * 1000.0).round() / 10.0 + 0.0)}</td></tr> }
        };
        view! {
            <table class="numbers narrow"><thead><tr><th scope="col">"Class"</th><th scope="col">"float"</th><th scope="col">"small"</th><th scope="col">"points"</th></tr></thead>
            <tbody>{said.likely().into_iter().map(row).collect_view()}</tbody></table>
        }
    });
    view! { <p data-testid="duo-apart">{summary}</p> {rows} }
}
