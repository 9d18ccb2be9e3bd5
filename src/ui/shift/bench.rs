//! The bench as laid out: where the field is, and below it one question at a time.

use super::Shift;
use super::alarm::Alarm;
use super::controls::Controls;
use super::field::{Field, Source};
use super::mend::Mend;
use super::outcome::Outcome;
use super::production::Production;
use super::table::Table;
use super::way::Way;
use crate::shift::scene::world::Order;
use crate::ui::learn::Learn;
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::progress::Progress;
use leptos::prelude::*;

/// One question about the shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Outcome,
    Cause,
    Notice,
    Repair,
    Year,
}

pub const TABS: [(Tab, &str, &str); 5] = [
    (Tab::Outcome, "What happens", "tab-outcome"),
    (Tab::Cause, "Why", "tab-cause"),
    (Tab::Notice, "Notice it", "tab-notice"),
    (Tab::Repair, "Repair it", "tab-repair"),
    (Tab::Year, "A year of it", "tab-year"),
];

/// `shown`: the person looks at this bench.
#[component]
pub fn ShiftBench(shown: Signal<bool>) -> impl IntoView {
    let shift = expect_context::<Shift>();
    let field = shift.field;
    let learn = expect_context::<Learn>();
    let tab = shift.tab;
    let possible = Memo::new(move |_| learn.trainer.trained.with(Option::is_some));
    // Of a classifier that knows no signs, the world's photographs cannot be asked.
    Effect::new(move |_| {
        if possible.get() && !field.knows_signs() && field.source.get_untracked() == Source::World {
            field.source.set(Source::Degraded);
        }
    });
    // Going there is an effect on the outside world: it happens when the bench is looked at.
    Effect::new(move |_| {
        learn.trainer.trained.track();
        field.follow();
        if shown.get() && possible.get() {
            field.visit_soon();
        }
    });
    // What was found out about another head, or another field, no longer holds.
    Effect::new(move |_| {
        learn.trainer.trained.track();
        shift.table.clear();
        shift.year.clear();
    });
    Effect::new(move |_| {
        learn.trainer.trained.track();
        field.follow();
        shift.way.clear();
        shift.notice.clear();
        shift.repair.clear();
    });
    let look = Callback::new(move |()| tab.set(Tab::Outcome));
    view! {
        <div class="bench shift" data-testid="shift">
            <Show when=move || possible.get() fallback=Nothing>
                <section class="card" aria-labelledby="shift-title">
                    <h2 id="shift-title" class="section-title">"Take the classifier to the field"</h2>
                    <p class="muted">"It learned in the lab. See what becomes of its accuracy where it is used."</p>
                    <Controls />
                    <Coming field=field />
                </section>
                <div class="tabs" role="group" aria-label="Questions about the shift">
                    {TABS.map(|(which, name, testid)| view! {
                        <button data-testid=testid aria-pressed=move || (tab.get() == which).to_string() on:click=move |_| tab.set(which)>{name}</button>
                    })}
                </div>
                {move || match tab.get() {
                    Tab::Outcome => view! { <Outcome /> }.into_any(),
                    Tab::Cause => view! { <Way survey=shift.way /><Table survey=shift.table look=look /> }.into_any(),
                    Tab::Notice => view! { <Alarm notice=shift.notice /> }.into_any(),
                    Tab::Repair => view! { <Mend repair=shift.repair /> }.into_any(),
                    Tab::Year => view! { <Production year=shift.year /> }.into_any(),
                }}
            </Show>
        </div>
    }
    .into_any()
}

/// Pictures of the field, as they come in.
#[component]
fn Coming(field: Field) -> impl IntoView {
    view! {
        <div class="going coming" data-testid="shift-progress">
            <Show when=move || field.running.with(Option::is_some)>
                <Progress value=field.running label="Looking at the field" />
                <button class="button small" data-testid="shift-cancel" on:click=move |_| field.cancel()>"Stop"</button>
            </Show>
        </div>
        {move || field.trouble.get().map(|reason| view! { <p class="notice bad" role="alert" data-testid="shift-trouble">{reason}</p> })}
    }
}

/// No classifier yet.
#[component]
fn Nothing() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let busy = move || learn.importer.active.get() || learn.trainer.updating();
    view! {
        <section class="card empty" data-testid="shift-empty">
            <h2>"No classifier to take to the field yet"</h2>
            <p class="muted">"Train one on your own pictures in Learn, or on rendered road signs, which can be taken to another country, season or camera."</p>
            <button class="button primary" data-testid="shift-sample" disabled=busy
                on:click=move |_| learn.importer.add_rendered(Order::first_visit())
            >{icon(Icon::Sample)}<span>{move || if busy() { "One moment \u{2026}" } else { "Train one on road signs" }}</span></button>
        </section>
    }
}
