//! Repairs, with before and after on both lab and field.

use super::field::Source;
use super::repair::Repair;
use crate::shift::repair::{Arm, Score};
use crate::ui::charts::bars::Bar;
use crate::ui::pure::format::{count, percent};
use crate::ui::widgets::progress::Progress;
use crate::ui::widgets::toast::Toasts;
use leptos::prelude::*;

/// Mean over the splits, and the lowest and highest of them.
fn spread(scores: &[Score], of: impl Fn(&Score) -> (usize, usize)) -> Option<(f32, f32, f32)> {
    let shares: Vec<f32> =
        scores.iter().map(of).filter(|(_, n)| *n > 0).map(|(right, n)| right as f32 / n as f32).collect();
    let low = shares.iter().copied().reduce(f32::min)?;
    let high = shares.iter().copied().reduce(f32::max)?;
    Some((shares.iter().sum::<f32>() / shares.len() as f32, low, high))
}

#[component]
pub fn Mend(repair: Repair) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let busy = Memo::new(move |_| repair.running.with(Option::is_some));
    let share = Signal::derive(move || repair.running.get().map(|(_, share)| share));
    let label = Signal::derive(move || repair.running.get().map_or(String::new(), |(what, _)| what.to_owned()));
    let seen = Memo::new(move |_| repair.field.seen.with(Vec::len));
    let can_bring = move || seen.get() > 0 && !busy.get() && repair.field.source.get() != Source::Degraded;
    let base =
        move || repair.arms.with(|arms| arms.first().and_then(|(_, s)| spread(s, |s| (s.field_right, s.field_n))));
    let rows =
        move || repair.arms.get().into_iter().map(|(arm, scores)| row(arm, scores, base().map(|b| b.0))).collect_view();
    view! {
        <section class="card" aria-labelledby="mend-title">
            <h3 id="mend-title">"What would repair it?"</h3>
            <p class="muted">"Each repair starts from the same lab pictures, may use the same half of the field's, and is measured on pictures of lab and field that none of them has seen; five splits."</p>
            <div class="going">
                <Show when=move || busy.get() fallback=move || view! {
                    <button class="button" data-testid="mend-compare" disabled=move || seen.get() == 0 on:click=move |_| repair.compare()>"Compare repairs"</button>
                }>
                    <Progress value=share label=label />
                    <span class="muted">{move || label.get()}</span>
                    <button class="button small" data-testid="mend-cancel" on:click=move |_| repair.cancel()>"Stop"</button>
                </Show>
                <label class="inline" for="mend-budget">"Labels to spend "<span class="num">{move || repair.budget.get()}</span>
                    <input id="mend-budget" data-testid="mend-budget" type="range" min="4" max="100" step="4" prop:value=move || repair.budget.get().to_string()
                        on:input=move |event| if let Ok(n) = event_target_value(&event).parse() { repair.budget.set(n) } />
                </label>
            </div>
            {move || repair.trouble.get().map(|reason| view! { <p class="notice bad" role="alert" data-testid="mend-trouble">{reason}</p> })}
            <Show when=move || repair.arms.with(|a| !a.is_empty())>
                <div class="scroll-x" tabindex="0" role="region" aria-label="Repairs">
                    <table class="numbers" data-testid="mend-table">
                        <thead><tr><th scope="col">"Repair"</th><th scope="col">"Labels"</th><th scope="col">"In the field"</th><th scope="col">"In the lab"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                <p class="fine">"Means over five splits; in brackets the lowest and the highest."</p>
            </Show>
        </section>
        <section class="card" aria-labelledby="home-title">
            <h3 id="home-title">"Bring pictures home"</h3>
            <p class="muted">"Put the field pictures it is least sure of into the lab, each in its class. The head trains again, and the field moves on to new pictures. Undo is in Learn."</p>
            <button class="button" data-testid="mend-home" disabled=move || !can_bring() on:click=move |_| {
                let brought = repair.bring_home();
                toasts.say(format!("{} from the field went into the lab.", count(brought, "picture", "pictures")));
            }>{move || format!("Put {} into the lab", count(repair.budget.get().min(seen.get()), "picture", "pictures"))}</button>
        </section>
    }
}

fn row(arm: Arm, scores: Vec<Score>, base: Option<f32>) -> impl IntoView {
    let cell = |of: fn(&Score) -> (usize, usize), tone: &'static str| {
        let spread = spread(&scores, of);
        let said = spread.map_or_else(
            || "\u{2013}".to_owned(),
            |(m, l, h)| format!("{} ({} to {})", percent(m), percent(l), percent(h)),
        );
        view! { <td class=tone><span class="share"><Bar share=Signal::stored(spread.map_or(0.0, |s| s.0)) /><span class="num">{said}</span></span></td> }
    };
    let field = spread(&scores, |s| (s.field_right, s.field_n)).map(|s| s.0);
    let gain =
        (arm != Arm::AsItIs).then(|| field.zip(base).map(|(f, b)| format!("{:+.0} points", (f - b) * 100.0))).flatten();
    view! {
        <tr>
            <th scope="row">{arm.name()}<span class="muted explain">{arm.explain()}</span>{gain.map(|g| view! { <span class="gain num">{g}</span> })}</th>
            <td class="num">{scores.first().map_or(0, |s| s.labelled)}</td>
            {cell(|s| (s.field_right, s.field_n), "tone-field")}
            {cell(|s| (s.lab_right, s.lab_n), "tone-lab")}
        </tr>
    }
}
