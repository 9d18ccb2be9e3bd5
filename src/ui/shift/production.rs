//! A year in production: what is set, the weeks as lines, and one week to look at.

use super::field::Field;
use super::year::Year;
use crate::shift::scene::world::{Country, Device};
use crate::shift::timeline::{WEEKS, Week};
use crate::ui::charts::lines::{Line, Lines};
use crate::ui::pure::format::{count, percent};
use crate::ui::widgets::progress::Progress;
use crate::web::urls::ObjectUrl;
use leptos::prelude::*;

const TONES: [&str; 3] = ["tone-1", "tone-2", "tone-3"];

/// Weeks over which a line is smoothed: one week has few pictures.
const SMOOTH: usize = 3;

#[component]
pub fn Production(year: Year) -> impl IntoView {
    let field = expect_context::<Field>();
    let busy = Memo::new(move |_| year.running.with(Option::is_some));
    let possible = Memo::new(move |_| field.knows_signs());
    let played = Memo::new(move |_| year.weeks.with(|w| !w.is_empty()));
    view! {
        <section class="card" aria-labelledby="year-title">
            <h3 id="year-title">"A year in production"</h3>
            <p class="muted">"Fifty-two weeks of sixty photographs: the seasons turn, a country is launched, a camera gains ground. Three policies see the same pictures: never train again, every few weeks, or when a detector (MMD) rings."</p>
            <Setup year=year />
            <div class="going">
                <Show when=move || busy.get() fallback=move || view! {
                    <button class="button" data-testid="year-play" disabled=move || !possible.get() on:click=move |_| year.play()>"Play the year"</button>
                }>
                    <Progress value=year.running label="Playing the year" />
                    <button class="button small" data-testid="year-cancel" on:click=move |_| year.cancel()>"Stop"</button>
                </Show>
                <span class="muted num" data-testid="year-seconds">{move || year.seconds.get().map(|s| format!("Played in {s:.0} s."))}</span>
            </div>
            <Show when=move || !possible.get()><p class="notice care">"The year is rendered, so it takes a classifier that knows at least two of the road signs."</p></Show>
            {move || year.trouble.get().map(|reason| view! { <p class="notice bad" role="alert" data-testid="year-trouble">{reason}</p> })}
            <Show when=move || played.get()><Weeks year=year /></Show>
        </section>
    }
}

#[component]
fn Setup(year: Year) -> impl IntoView {
    let number = |id: &'static str,
                  name: &'static str,
                  (min, max, step): (usize, usize, usize),
                  value: RwSignal<usize>| {
        view! {
            <label class="knob" for=id><span>{name}" "<span class="muted num">{move || value.get()}</span></span>
                <input id=id data-testid=id type="range" min=min max=max step=step prop:value=move || value.get().to_string()
                    on:input=move |event| if let Ok(n) = event_target_value(&event).parse() { value.set(n) } /></label>
        }
    };
    view! {
        <details class="more">
            <summary>"What happens, and what it may cost"</summary>
            <div class="world">
                <label class="knob" for="year-country"><span>"Country launched"</span>
                    <select id="year-country" on:change=move |event| if let Some(c) = Country::ALL.into_iter().find(|c| c.name() == event_target_value(&event)) { year.country.set(c) }>
                        {Country::ALL.map(|c| view! { <option value=c.name() selected=move || year.country.get() == c>{c.name()}</option> }).collect_view()}
                    </select></label>
                {number("year-launch", "In week", (0, WEEKS - 1, 1), year.launch)}
                <label class="knob" for="year-device"><span>"Camera that gains ground"</span>
                    <select id="year-device" on:change=move |event| if let Some(d) = Device::ALL.into_iter().find(|d| d.name() == event_target_value(&event)) { year.device.set(d) }>
                        {Device::ALL.map(|d| view! { <option value=d.name() selected=move || year.device.get() == d>{d.name()}</option> }).collect_view()}
                    </select></label>
                {number("year-every", "Train again every so many weeks", (1, 26, 1), year.every)}
                {number("year-each", "Labels each time", (4, 60, 4), year.each)}
                {number("year-budget", "Labels in the year", (0, 400, 20), year.budget)}
                <label class="knob" for="year-noise"><span>"Wrong labels "<span class="muted num">{move || percent(year.label_noise.get() as f32)}</span></span>
                    <input id="year-noise" type="range" min="0" max="0.5" step="0.05" prop:value=move || year.label_noise.get().to_string()
                        on:input=move |event| if let Ok(n) = event_target_value(&event).parse() { year.label_noise.set(n) } /></label>
                <label class="check"><input type="checkbox" data-testid="year-keep" prop:checked=move || year.keep_lab.get()
                    on:change=move |event| year.keep_lab.set(event_target_checked(&event)) />" Keep the lab's pictures in training (else it forgets)"</label>
            </div>
        </details>
    }
}

/// A policy's weeks as a line, smoothed.
fn line(weeks: &[Vec<Week>], policy: usize, of: fn(&Week) -> f64) -> Vec<(f32, f32)> {
    let at = |w: usize| weeks[w].get(policy).map_or(0.0, of) as f32;
    (0..weeks.len())
        .map(|w| {
            let from = w.saturating_sub(SMOOTH - 1);
            let mean = (from..=w).map(at).sum::<f32>() / (w - from + 1) as f32;
            (w as f32 / (WEEKS - 1) as f32, mean)
        })
        .collect()
}

#[component]
fn Weeks(year: Year) -> impl IntoView {
    let chart = move |what: fn(&Week) -> f64, dashed: Option<fn(&Week) -> f64>| {
        Signal::derive(move || {
            let weeks = year.weeks.get();
            let policies = year.policies.get();
            let mut lines = Vec::new();
            for (policy, name) in policies.into_iter().enumerate() {
                let tone = TONES[policy % TONES.len()];
                let solid = line(&weeks, policy, what);
                lines.push(Line { name: name.into(), tone, dashed: false, points: solid, band: Vec::new() });
                if let Some(of) = dashed {
                    lines.push(Line {
                        name: String::new(),
                        tone,
                        dashed: true,
                        points: line(&weeks, policy, of),
                        band: Vec::new(),
                    });
                }
            }
            lines
        })
    };
    let spent = Signal::derive(move || {
        let budget = year.budget.get().max(1) as f32;
        let weeks = year.weeks.get();
        let of = |policy: usize| {
            let point =
                |w: &Vec<Week>| w.get(policy).map(|w| (w.week as f32 / (WEEKS - 1) as f32, w.spent as f32 / budget));
            weeks.iter().filter_map(point).collect()
        };
        let line = |(policy, name): (usize, &str)| Line {
            name: name.into(),
            tone: TONES[policy % TONES.len()],
            dashed: false,
            points: of(policy),
            band: Vec::new(),
        };
        year.policies.get().into_iter().enumerate().map(line).collect::<Vec<_>>()
    });
    // Alarms of the policy that listens to them.
    let marks = Signal::derive(move || {
        let alarms =
            |w: &Vec<Week>| w.get(2).filter(|w| w.alarm).map(|w| (w.week as f32 / (WEEKS - 1) as f32, "mark-alarm"));
        year.weeks.with(|weeks| weeks.iter().filter_map(alarms).collect())
    });
    let ticks = Signal::derive(|| {
        [1, 13, 26, 39, WEEKS].map(|week| ((week - 1) as f32 / (WEEKS - 1) as f32, format!("week {week}"))).to_vec()
    });
    let cursor = Signal::derive(move || Some(year.looking.get() as f32 / (WEEKS - 1) as f32));
    view! {
        <h4>"Accuracy in the field"</h4>
        <Lines lines=chart(|w| w.accuracy, Some(|w| w.estimated)) label="Weekly accuracy in the field of three policies; the numbers of each week are below" marks=marks cursor=cursor ticks=ticks />
        <p class="fine">{format!("Means of {SMOOTH} weeks. Dashed: what the model\u{2019}s confidence makes one believe. Ticks at the foot: alarms.")}</p>
        <h4>"Accuracy in the lab: does it forget?"</h4>
        <Lines lines=chart(|w| w.lab_accuracy, None) label="Accuracy on the lab's held-out pictures, week by week" cursor=cursor ticks=ticks />
        <h4>"Labels spent, as a share of the budget"</h4>
        <Lines lines=spent label="Labels spent so far, week by week, as a share of the year's budget" cursor=cursor ticks=ticks />
        <Scrub year=year />
    }
}

#[component]
fn Scrub(year: Year) -> impl IntoView {
    let last = Memo::new(move |_| year.weeks.with(Vec::len).saturating_sub(1));
    let urls = StoredValue::new_local(Vec::<ObjectUrl>::new());
    let pictures = move || {
        let fresh: Vec<ObjectUrl> = year.pictures(year.looking.get()).iter().map(ObjectUrl::of).collect();
        let sources: Vec<String> = fresh.iter().map(|url| url.as_str().to_owned()).collect();
        urls.set_value(fresh);
        let labelled = year
            .weeks
            .with(|w| w.get(year.looking.get()).and_then(|w| w.get(2)).map(|w| w.labelled.clone()).unwrap_or_default());
        sources.into_iter().enumerate().map(|(at, source)| {
            let bought = labelled.contains(&at);
            view! { <li class="week-picture" class:bought=bought><img src=source alt=if bought { "Labelled on alarm" } else { "" } width="64" height="64" /></li> }
        }).collect_view()
    };
    let rows = move || {
        let policies = year.policies.get();
        let week = year.weeks.with(|w| w.get(year.looking.get()).cloned().unwrap_or_default());
        policies.into_iter().zip(week).enumerate().map(|(at, (name, week))| view! {
            <tr class=TONES[at % TONES.len()]><th scope="row"><span class="swatch"></span>{name}</th>
                <td class="num">{percent(week.accuracy as f32)}</td><td class="num">{percent(week.estimated as f32)}</td><td class="num">{percent(week.lab_accuracy as f32)}</td>
                <td class="num p-value" class:alarm=week.alarm>{format!("{:.3}", week.p_value)}</td><td class="num">{week.spent}</td></tr>
        }).collect_view()
    };
    view! {
        <label class="knob" for="year-week"><span>{move || format!("Week {}", year.looking.get() + 1)}</span>
            <input id="year-week" data-testid="year-week" type="range" min="0" max=move || last.get() step="1" prop:value=move || year.looking.get().to_string()
                on:input=move |event| if let Ok(n) = event_target_value(&event).parse() { year.looking.set(n) } /></label>
        <div class="scroll-x" tabindex="0" role="region" aria-label="The week in numbers">
            <table class="numbers" data-testid="year-table">
                <thead><tr><th scope="col">"Policy"</th><th scope="col">"Field"</th><th scope="col">"Estimated"</th><th scope="col">"Lab"</th><th scope="col">"p-value"</th><th scope="col">"Labels spent"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="fine">{move || format!("{} of the week; framed: labelled on alarm.", count(year.pictures(year.looking.get()).len(), "picture", "pictures"))}</p>
        <ul class="week" role="list" data-testid="year-pictures">{pictures}</ul>
    }
}
