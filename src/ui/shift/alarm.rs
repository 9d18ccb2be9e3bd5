//! Noticing the shift: the detectors' table, harmful or harmless, the pictures most unlike the lab.

use super::field::Field;
use super::notice::{LEVEL, Notice, Row};
use crate::engine::protocol::shift::By;
use crate::learn::metrics::Interval;
use crate::ui::pure::format::percent;
use crate::ui::pure::words;
use crate::ui::widgets::progress::Progress;
use leptos::prelude::*;

#[component]
pub fn Alarm(notice: Notice) -> impl IntoView {
    let busy = Memo::new(move |_| notice.running.with(Option::is_some));
    let seen = Memo::new(move |_| notice.field.seen.with(Vec::len));
    let rows = move || notice.rows.get().into_iter().map(row).collect_view();
    let verdict = move || {
        let rows = notice.rows.get();
        let ringing = rows.iter().filter(|r| rings(r)).count();
        match (rows.len(), ringing) {
            (0, _) => String::new(),
            (_, 0) => "No alarm: nothing that these detectors can tell from the lab with so many pictures.".into(),
            (all, n) => format!("Alarm: {n} of {all} detectors say that these pictures are not like those of the lab."),
        }
    };
    view! {
        <section class="card" aria-labelledby="notice-title">
            <h3 id="notice-title">"Would anyone notice?"</h3>
            <p class="muted">"Detectors compare the field's pictures with the lab's as the model sees them. They need no labels. An alarm is a p-value of 5\u{a0}% or less: so rare would such a difference be without a shift."</p>
            <div class="going">
                <Show when=move || busy.get() fallback=move || view! {
                    <button class="button" data-testid="notice-test" disabled=move || seen.get() == 0 on:click=move |_| notice.test()>"Test for a shift"</button>
                }>
                    <Progress value=notice.running label="Trying the detectors" />
                    <button class="button small" data-testid="notice-cancel" on:click=move |_| notice.cancel()>"Stop"</button>
                </Show>
                <label class="inline" for="notice-size">"Pictures a side "<span class="num">{move || notice.size.get()}</span>
                    <input id="notice-size" data-testid="notice-size" type="range" min="5" max="120" step="5" prop:value=move || notice.size.get().to_string()
                        on:input=move |event| if let Ok(n) = event_target_value(&event).parse() { notice.size.set(n) } />
                </label>
                <label class="inline" for="notice-by">"Compare "
                    <select id="notice-by" data-testid="notice-by" on:change=move |event| notice.by.set(if event_target_value(&event) == "outputs" { By::Outputs } else { By::Embedding })>
                        <option value="embedding" selected=move || notice.by.get() == By::Embedding>"embeddings (all the backbone sees)"</option>
                        <option value="outputs" selected=move || notice.by.get() == By::Outputs>"softmax outputs (what moves the answers)"</option>
                    </select>
                </label>
            </div>
            {move || notice.trouble.get().map(|reason| view! { <p class="notice bad" role="alert" data-testid="notice-trouble">{reason}</p> })}
            <p class="verdict-line" role="status" data-testid="notice-verdict">{verdict}</p>
            <Show when=move || notice.rows.with(|r| !r.is_empty())>
                <div class="scroll-x" tabindex="0" role="region" aria-label="Detectors">
                    <table class="numbers" data-testid="notice-table">
                        <thead><tr><th scope="col">"Detector"</th><th scope="col">"p-value"</th>
                            <th scope="col" title="Share of draws of two lab samples in which it rings all the same. It should be about 5\u{a0}%.">"False alarms"</th>
                            <th scope="col" title="Share of draws from lab and field in which it rings.">"Power here"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                <p class="fine">"False alarms are measured by comparing the lab with itself, power by drawing this lab and this field again and again; both with 95\u{a0}% intervals. A dash: too few pictures to draw from."</p>
            </Show>
        </section>
        <Show when=move || notice.estimates.with(|e| !e.is_empty())><Harm notice=notice /></Show>
        <Show when=move || notice.unlike.with(|u| !u.is_empty())><Unlike notice=notice /></Show>
    }
}

fn rings(row: &Row) -> bool {
    row.finding.verdict.as_ref().is_ok_and(|(_, p)| *p <= LEVEL)
}

fn p_value(p: f64) -> String {
    if p < 0.001 { "< 0.001".into() } else { format!("{p:.3}") }
}

fn row(row: Row) -> impl IntoView {
    let alarm = rings(&row);
    let rate = |rate: Option<Interval>| {
        rate.map_or_else(
            || "\u{2013}".to_owned(),
            |i| format!("{} ({} to {})", percent(i.value), percent(i.low), percent(i.high)),
        )
    };
    let p = match &row.finding.verdict {
        Ok((_, p)) => view! { <span class="num p-value" class:alarm=alarm>{if alarm { "\u{25cf} " } else { "\u{25cb} " }}{p_value(*p)}</span> }.into_any(),
        Err(reason) => view! { <span class="muted">{reason.clone()}</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">{row.finding.name.clone()}<span class="muted explain">{row.finding.explain.clone()}</span></th>
            <td>{p}</td>
            <td class="num">{rate(row.false_alarms)}</td>
            <td class="num">{rate(row.power)}</td>
        </tr>
    }
}

#[component]
fn Harm(notice: Notice) -> impl IntoView {
    let truth = move || notice.field.tally().interval();
    let one = |name: String, explain: String, value: String| {
        view! { <li><span class="accuracy-number num small">{value}</span><span class="accuracy-label">{name}<span class="muted">{explain}</span></span></li> }
    };
    view! {
        <section class="card" aria-labelledby="harm-title">
            <h3 id="harm-title">"Harmful or harmless?"</h3>
            <p class="muted">"Accuracy in the field, estimated without its labels. Where the classes are known, the truth stands beside it. A model that is confidently wrong fools every such estimate."</p>
            <ul class="estimates" role="list" data-testid="estimates">
                {move || notice.estimates.get().into_iter().map(|e| {
                    let value = e.accuracy.map_or_else(|reason| reason, |a| percent(a as f32));
                    one(e.name, e.explain, value)
                }).collect_view()}
                {move || truth().map(|t| one("The truth".into(), format!("{}, {}", words::interval(&t), words::sample(&t, 0)), percent(t.value)))}
            </ul>
        </section>
    }
}

#[component]
fn Unlike(notice: Notice) -> impl IntoView {
    let field = expect_context::<Field>();
    let tiles = move || {
        let seen = field.seen.get();
        let tile = |(at, p): (usize, f64)| {
            let one = seen.get(at)?;
            let url = one.thumb.as_str().to_owned();
            let said = format!("{} of the lab is as far out", percent(p as f32));
            Some(
                view! { <li class="shot"><img src=url alt="A picture from the field" width="112" height="112" /><span class="shot-said num">{said}</span></li> },
            )
        };
        notice.unlike.get().into_iter().filter_map(tile).collect_view()
    };
    view! {
        <section class="card" aria-labelledby="unlike-title">
            <h3 id="unlike-title">"Least like the lab"</h3>
            <p class="muted">"By distance to the third-nearest lab picture, as the model sees them."</p>
            <ul class="shots" role="list" data-testid="unlike">{tiles}</ul>
        </section>
    }
}
