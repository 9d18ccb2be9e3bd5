//! The choice of a backbone: twins of one architecture, with different pasts.

use super::Learn;
use super::backbones::Passage;
use crate::engine::protocol::Twin;
use crate::ui::pure::format::percent;
use crate::ui::widgets::progress::Progress;
use leptos::prelude::*;

struct Words {
    key: &'static str,
    name: &'static str,
    meaning: &'static str,
}

fn words(twin: Twin) -> Words {
    match twin {
        Twin::Supervised => Words {
            key: "supervised",
            name: "Supervised",
            meaning: "It learned from 100,000 labelled photographs of 200 things, and what it learned helps with yours.",
        },
        Twin::SelfSupervised => Words {
            key: "selfsup",
            name: "Self-supervised",
            meaning: "It saw the same photographs without a single label, and learned to recognise a picture after a change.",
        },
        Twin::Random => Words {
            key: "random",
            name: "Random",
            meaning: "The same network, never trained: what is left is what the head alone can do.",
        },
    }
}

#[component]
pub fn BackboneCard() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let backbones = learn.backbones;
    let busy = Memo::new(move |_| backbones.passage.get() != Passage::Over);
    view! {
        <section class="card backbone-card" aria-labelledby="backbone-title" data-testid="backbone-card">
            <fieldset class="choice">
                <legend id="backbone-title" class="choice-title">"Backbone"</legend>
                <div class="segments">
                    {Twin::SHIPPED.iter().map(|&twin| {
                        let Words { key, name, .. } = words(twin);
                        view! {
                            <label class="segment">
                                <input type="radio" name="backbone" value=key data-testid=format!("backbone-{key}")
                                    prop:checked=move || backbones.chosen.get() == twin
                                    on:change=move |_| backbones.choose(twin)
                                />
                                <span>{name}
                                    {move || backbones.accuracy(twin).map(|a| view! {
                                        <b class="segment-figure" title="Held-out accuracy on these pictures"
                                            data-testid=format!("backbone-{key}-accuracy")>{percent(a)}</b>
                                    })}
                                </span>
                            </label>
                        }
                    }).collect_view()}
                </div>
            </fieldset>
            <p class="muted backbone-meaning" data-testid="backbone-meaning">{move || words(backbones.chosen.get()).meaning}</p>
            <Show when=move || busy.get()><Progressing /></Show>
        </section>
    }
}

#[component]
fn Progressing() -> impl IntoView {
    let backbones = expect_context::<Learn>().backbones;
    let share = Signal::derive(move || match backbones.passage.get() {
        Passage::Loading(share) => share,
        Passage::Embedding { done, total } => Some(done as f32 / total.max(1) as f32),
        Passage::Over => Some(1.0),
    });
    let text = move || match backbones.passage.get() {
        Passage::Loading(Some(share)) => format!("Loading {}", percent(share)),
        Passage::Loading(None) => "Changing\u{2026}".into(),
        Passage::Embedding { done, total } => format!("Looking at your pictures again, {done} of {total}"),
        Passage::Over => String::new(),
    };
    view! {
        <div class="backbone-progress" data-testid="backbone-progress">
            <span class="muted">{text}</span>
            <Progress value=share label="Changing the backbone" />
            <button class="button small quiet" data-testid="backbone-cancel" on:click=move |_| backbones.cancel()>"Cancel"</button>
        </div>
    }
}
