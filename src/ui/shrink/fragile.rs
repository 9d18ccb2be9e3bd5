//! Is the small one more fragile? Both are asked about pictures gone bad.

use super::outcome::meaning;
use super::pictures;
use super::store::Shrink;
use crate::engine::client::{Event, Job};
use crate::engine::protocol::shift::UNKNOWN;
use crate::engine::protocol::shrink::{Reply as Answer, Request as Ask, Struck};
use crate::engine::protocol::{Payload, Reply, Request, pack_u32};
use crate::learn::metrics::mcnemar;
use crate::shift::corruption::Corruption;
use crate::shift::degradation::Degradation;
use crate::ui::pure::format::{count, percent};
use crate::ui::pure::times::paired;
use crate::ui::store::Store;
use crate::ui::widgets::progress::Progress;
use crate::ui::widgets::select::select;
use leptos::prelude::*;

/// Pictures that are degraded in every way.
const PICTURES: usize = 40;
/// The same snow falls on every visit.
const SEED: u64 = 0x5eed;

/// One way pictures went bad, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Count {
    n: usize,
    agree: usize,
    known: usize,
    float: usize,
    small: usize,
    only_float: usize,
    only_small: usize,
}

impl Count {
    fn add(&mut self, s: &Struck) {
        self.n += 1;
        self.agree += usize::from(s.float == s.quantized);
        if s.truth != UNKNOWN {
            let (float, small) = (s.float == s.truth, s.quantized == s.truth);
            self.known += 1;
            self.float += usize::from(float);
            self.small += usize::from(small);
            self.only_float += usize::from(float && !small);
            self.only_small += usize::from(small && !float);
        }
    }

    fn plus(mut self, o: Self) -> Self {
        self.n += o.n;
        self.agree += o.agree;
        self.known += o.known;
        self.float += o.float;
        self.small += o.small;
        self.only_float += o.only_float;
        self.only_small += o.only_small;
        self
    }
}

/// Copies are the same.
pub type Fragile = Store<FragileParts>;

/// What [`Fragile`] holds.
pub struct FragileParts {
    shrink: Shrink,
    severity: RwSignal<u8>,
    counts: RwSignal<Vec<(Degradation, Count)>>,
    running: RwSignal<Option<f32>>,
    trouble: RwSignal<Option<String>>,
    job: StoredValue<Option<Job>, LocalStorage>,
}

impl Fragile {
    pub fn new(shrink: Shrink) -> Self {
        Store::of(FragileParts {
            shrink,
            severity: RwSignal::new(3),
            counts: RwSignal::new(Vec::new()),
            running: RwSignal::new(None),
            trouble: RwSignal::new(None),
            job: StoredValue::new_local(None),
        })
    }

    fn cancel(self) {
        if let Some(job) = self.job.try_update_value(Option::take).flatten() {
            job.cancel();
        }
        self.running.set(None);
    }

    pub fn clear(self) {
        self.cancel();
        self.counts.set(Vec::new());
        self.trouble.set(None);
    }

    fn start(self) {
        self.clear();
        let (Some(asked), Some(small)) = (self.shrink.asked(), self.shrink.file()) else { return };
        let exam = self.shrink.exam_pictures(PICTURES);
        let severity = self.severity.get_untracked();
        let ways: Vec<Degradation> = std::iter::once(Degradation::None)
            .chain(Corruption::ALL.map(|c| Degradation::Corruption(c, severity)))
            .collect();
        let expected = (ways.len() * exam.len()).max(1);
        self.counts.set(ways.iter().map(|way| (*way, Count::default())).collect());
        self.running.set(Some(0.0));
        let payload = Payload::parts(vec![pack_u32(exam.iter().map(|p| pictures::truth(p, &asked.labels)))]);
        let blobs = asked.file.into_iter().chain([small]).chain(exam.into_iter().map(|p| p.file)).collect();
        let request = Ask::Strike { subject: asked.subject, degradations: ways, seed: SEED };
        let job = self.shrink.engine.submit(Request::Shrink(request), payload, blobs, move |event| match event {
            Event::Progress(Reply::Shrink(Answer::Struck(struck)), _) => {
                self.counts.update(|counts| {
                    if let Some((_, count)) = counts.get_mut(struck.degradation as usize) {
                        count.add(&struck);
                    }
                });
                let done: usize = self.counts.with_untracked(|c| c.iter().map(|(_, c)| c.n).sum());
                self.running.set(Some(done as f32 / expected as f32));
            }
            Event::Done(..) => self.running.set(None),
            other => {
                if let Some(reason) = other.trouble("The engine stopped on the way. Try again.") {
                    self.running.set(None);
                    self.trouble.set(Some(reason));
                }
            }
        });
        self.job.set_value(Some(job));
    }

    /// Clean pictures left out.
    fn all(self) -> Count {
        self.counts.with(|counts| counts.iter().skip(1).fold(Count::default(), |sum, (_, c)| sum.plus(*c)))
    }
}

#[component]
pub fn Fragility(fragile: Fragile) -> impl IntoView {
    let share = Signal::derive(move || fragile.running.get());
    let severities = Corruption::SEVERITIES.map(|s| (s, ["1, mild", "2", "3", "4", "5, worst"][usize::from(s) - 1]));
    let verdict = move || {
        let all = fragile.all();
        let agree = format!("{} of {} answers agree", all.agree, all.n);
        match paired(all.only_float, all.only_small, all.known) {
            Some((difference, half)) => {
                let p = mcnemar(all.only_float, all.only_small);
                let said = match (p <= 0.05, difference < 0.0) {
                    (true, true) => "the small one is more fragile",
                    (true, false) => "the small one holds better",
                    (false, _) => "no difference in fragility that these pictures could prove",
                };
                format!(
                    "Over all nineteen {agree}; small against float {:+.1} \u{b1} {:.1} points (p {p:.2}): {said}.",
                    difference * 100.0,
                    half * 100.0
                )
            }
            None => format!("Over all nineteen {agree}."),
        }
    };
    view! {
        <section class="card" aria-labelledby="fragile-title">
            <h3 id="fragile-title">"Is the small one more fragile?"</h3>
            <p class="muted">"Both are asked about the same pictures under the nineteen corruptions of the Shift bench."</p>
            <div class="going">
                {select("fragile-severity", "Severity", severities.collect(), fragile.severity.into(), move |s| fragile.severity.set(s))}
                <Show when=move || fragile.running.with(Option::is_some) fallback=move || view! {
                    <button class="button" data-testid="fragile-go" on:click=move |_| fragile.start()>"Ask about bad pictures"</button>
                }>
                    <Progress value=share label="Asking about bad pictures".to_owned() />
                    <button class="button small" data-testid="fragile-cancel" on:click=move |_| fragile.cancel()>"Stop"</button>
                </Show>
            </div>
            {move || fragile.trouble.get().map(|reason| view! { <p class="notice bad" role="alert">{reason}</p> })}
            <Show when=move || fragile.counts.with(|c| !c.is_empty())>
                <p class="verdict-line" role="status" data-testid="fragile-verdict">{move || if fragile.running.with(Option::is_some) { String::new() } else { verdict() }}</p>
                <div class="scroll-x" tabindex="0" role="region" aria-label="Corruptions"><table class="numbers" data-testid="fragile-table">
                    <thead><tr><th scope="col">"Pictures"</th><th scope="col">"float"</th><th scope="col">"small"</th><th scope="col">"Difference, points"</th><th scope="col">"Answers agree"</th></tr></thead>
                    <tbody>{move || fragile.counts.get().into_iter().map(|(way, c)| row(way, c)).collect_view()}</tbody>
                </table></div>
                {meaning("The difference counts only pictures that one alone has right, with the half width of its 95 % interval; where it spans zero, these pictures prove nothing.")}
            </Show>
        </section>
    }
    .into_any()
}

fn row(way: Degradation, c: Count) -> impl IntoView {
    let share =
        |right: usize| if c.known == 0 { "\u{2013}".to_owned() } else { percent(right as f32 / c.known as f32) };
    let difference = paired(c.only_float, c.only_small, c.known)
        .map_or_else(|| "\u{2013}".to_owned(), |(d, half)| format!("{:+.1} \u{b1} {:.1}", d * 100.0, half * 100.0));
    view! {
        <tr><th scope="row">{way.name()}<span class="muted explain">{count(c.n, "picture", "pictures")}</span></th>
            <td class="num">{share(c.float)}</td><td class="num">{share(c.small)}</td><td class="num">{difference}</td>
            <td class="num">{format!("{} of {}", c.agree, c.n)}</td></tr>
    }
}
