//! The choice of a backbone: twins of one architecture, with different pasts.

use super::Learn;
use super::backbones::{Brought, Passage};
use super::bring::dialog::BringDialog;
use crate::engine::protocol::Twin;
use crate::engine::protocol::backbone::Trial;
use crate::ui::pure::format::{milliseconds, percent, thousands};
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
        Twin::Brought => Words {
            key: "brought",
            name: "Your own",
            meaning: "A model you brought, without its last decision: what it learned elsewhere, tried on your pictures.",
        },
    }
}

fn told(brought: &Brought) -> String {
    let Trial { length, ms, .. } = brought.trial;
    format!("It is {}: {length} numbers for a picture, {} each.", brought.name, milliseconds(ms))
}

#[component]
pub fn BackboneCard() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let backbones = learn.backbones;
    let busy = Memo::new(move |_| backbones.busy() && backbones.looking().is_none());
    view! {
        <section class="card backbone-card" aria-labelledby="backbone-title" data-testid="backbone-card">
            <fieldset class="choice">
                <legend id="backbone-title" class="choice-title">"Backbone"</legend>
                <div class="segments">
                    {Twin::ALL.iter().map(|&twin| {
                        let Words { key, name, .. } = words(twin);
                        let there = move || twin != Twin::Brought || backbones.brought.with(Option::is_some);
                        view! {
                            <label class="segment" class:hidden=move || !there()>
                                <input type="radio" name="backbone" value=key data-testid=format!("backbone-{key}")
                                    prop:checked=move || backbones.chosen.get() == twin disabled=move || !there()
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
            <p class="muted backbone-meaning" data-testid="backbone-meaning">
                {move || words(backbones.chosen.get()).meaning}
                {move || backbones.brought.get().filter(|_| backbones.chosen.get() == Twin::Brought).map(|b| view! { " "<span data-testid="backbone-brought-is">{told(&b)}</span> })}
                " "<button class="link" data-testid="backbone-bring" on:click=move |_| learn.bring.begin()>"Bring your own\u{2026}"</button>
            </p>
            <BringDialog bring=learn.bring />
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
        Passage::Embedding { done, total } => {
            format!("Looking at your pictures again, {} of {}", thousands(done), thousands(total))
        }
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
