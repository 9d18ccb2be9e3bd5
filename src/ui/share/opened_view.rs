//! What is shown of a link that is being opened: a question first, and then how it compares.

use super::opened::{Asked, Opened};
use crate::share::link::expected::{Expected, State};
use crate::share::link::parts::hidden_parts;
use crate::share::link::table::{Field, Id, Kind};
use crate::ui::chunks::{self, Chunk};
use crate::ui::learn::recipe as data;
use crate::ui::pure::format::{bytes, count, percent};
use crate::ui::widgets::dialog::Dialog;
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::progress::Progress;
use leptos::prelude::*;

/// Above the benches, on all of them.
#[component]
pub fn LinkNotices() -> impl IntoView {
    let opened = expect_context::<Opened>();
    let concerned = Signal::derive(move || {
        opened.asking.get() || opened.loading.with(Option::is_some) || opened.recipe.with(Option::is_some)
    });
    view! {
        <div role="alert">
            {move || opened.trouble.get().map(|reason| view! {
                <p class="notice bad" data-testid="link-trouble"><span>{reason}</span>
                    <button class="button small" data-testid="link-trouble-dismiss" on:click=move |_| opened.trouble.set(None)>"Close"</button></p>
            })}
        </div>
        <Chunk shown=concerned load=chunks::load_link from=chunks::link />
        <Hidden />
    }
    .into_any()
}

/// A link is being opened, or was.
#[component]
pub fn LinkOpened() -> impl IntoView {
    let opened = expect_context::<Opened>();
    view! {
        <Show when=move || opened.loading.with(Option::is_some)>
            <div class="notice"><span>"Loading the pictures of the link"</span><Progress value=opened.loading label="Loading the archive" /></div>
        </Show>
        {move || opened.recipe.get().map(|asked| view! { <Came asked=(*asked).clone() /> })}
        <Question />
    }
}

/// A link was opened.
#[component]
fn Came(asked: Asked) -> impl IntoView {
    let opened = expect_context::<Opened>();
    let told = asked.recipe.bytes(Id::Expected).and_then(Expected::read).and_then(|e| e.accuracy);
    let own = asked.recipe.get(Id::Data) == data::OWN;
    let verdict = move || {
        let lines = opened.lines.get();
        let waiting = lines.iter().filter(|l| l.state == State::Waiting).count();
        let differs = lines.iter().any(|l| matches!(l.state, State::Differs(_)));
        match (lines.is_empty(), differs, waiting) {
            _ if own && !differs => match told {
                Some((thousandths, n)) => format!(
                    "Opened from a link: the sender\u{2019}s classifier, without the pictures it learned from. The sender measured {} on {n} held-out pictures.",
                    percent(thousandths as f32 / 1000.0)
                ),
                None => "Opened from a link.".into(),
            },
            (true, ..) => "Opened from a link.".into(),
            (_, true, _) => "Opened from a link. Something differs from what the sender saw:".into(),
            (_, _, 0) => "Opened from a link: the same result as the sender.".into(),
            _ => "Opened from a link. Comparing with what the sender saw:".into(),
        }
    };
    let lines = move || {
        let line = |l: crate::share::link::expected::Line| {
            let said = match l.state {
                State::Same => "the same as the sender\u{2019}s".to_owned(),
                State::Waiting => "not seen here yet".into(),
                State::Differs(how) => how,
            };
            view! { <li>{format!("{}: {said}.", l.what)}</li> }
        };
        let lines = opened.lines.get();
        let all_same = lines.iter().all(|l| l.state == State::Same);
        (!all_same).then(|| lines.into_iter().map(line).collect_view())
    };
    let unknown = asked.unknown.clone();
    view! {
        <div class="notice link-came" role="status" data-testid="link-came">
            {icon(Icon::Info)}
            <div class="link-said">
                <p data-testid="link-verdict">{verdict}</p>
                <ul role="list" data-testid="link-lines">{lines}</ul>
                {unknown.into_iter().map(|text| view! { <p data-testid="link-unknown">{text}</p> }).collect_view()}
            </div>
            <button class="button icon-only quiet" aria-label="Close" data-testid="link-dismiss" on:click=move |_| opened.dismiss()>{icon(Icon::Close)}</button>
        </div>
    }
}

/// Controls that a teacher hid can be brought back.
#[component]
fn Hidden() -> impl IntoView {
    let hidden = expect_context::<Opened>().sharing.hidden;
    Effect::new(move |_| {
        let names = crate::share::link::parts::names(hidden.get());
        crate::web::settings::root_attribute("data-hide", Some(names.as_str()).filter(|n| !n.is_empty()));
    });
    view! {
        <Show when=move || hidden.get() != 0>
            <p class="fine link-hidden"><span>{move || format!("{} hidden by the link.", count(hidden_parts(hidden.get()).count(), "part is", "parts are"))}</span>
                <button class="link" data-testid="link-show-all" on:click=move |_| hidden.set(0)>"Show everything"</button></p>
        </Show>
    }
}

#[component]
fn Question() -> impl IntoView {
    let opened = expect_context::<Opened>();
    let learn = opened.sharing.learn;
    let title = Signal::derive(|| "Open this link?".to_owned());
    let brings = move || opened.asked.with(|a| a.as_ref().map(|a| brings(a)).unwrap_or_default());
    let archive = move || opened.asked.with(|a| a.as_ref().and_then(|a| a.archive.clone()));
    let work = move || learn.data.class_ids.with(|c| !c.is_empty());
    view! {
        <Dialog open=opened.asking title=title testid="link-question">
            <p data-testid="link-brings">{brings}</p>
            {move || archive().map(|a| view! {
                <dl class="link-archive" data-testid="link-archive-shown">
                    <dt>"Address"</dt><dd><bdi>{a.address.clone()}</bdi></dd>
                    <dt>"Size"</dt><dd>{bytes(a.size)}</dd>
                    <dt>"SHA-256"</dt><dd class="num">{format!("{}\u{2026}", a.short_hash())}</dd>
                </dl>
            })}
            <Show when=work>
                <p class="notice care">{icon(Icon::Alert)}<span>{move || format!("You have {} in {} here. {}", count(learn.data.total.get(), "picture", "pictures"), count(learn.data.class_ids.with(Vec::len), "class", "classes"), if opened.keeps() { "They stay among your projects; the link opens as another one." } else { "The link takes their place; Undo brings them back." })}</span></p>
            </Show>
            <div class="knob-row">
                <button class="button primary" data-testid="link-open" on:click=move |_| opened.agree()>{move || if archive().is_some() { "Download and open" } else { "Open the link" }}</button>
                <button class="button" data-testid="link-decline" on:click=move |_| opened.decline()>"Keep what I have"</button>
            </div>
        </Dialog>
    }
}

/// What a link brings, in a sentence.
fn brings(asked: &Asked) -> String {
    let recipe = &asked.recipe;
    let bench = match Field::of(Id::Bench).kind {
        Kind::Choice(names) => names.get(recipe.place(Id::Bench)).copied().unwrap_or_default(),
        _ => "",
    };
    let what = match recipe.get(Id::Data) {
        data::RENDERED => {
            format!("{} of road signs, drawn here anew", count(recipe.place(Id::Count), "picture", "pictures"))
        }
        data::OWN => {
            let classes = count(recipe.classes().len(), "class", "classes");
            if recipe.head().is_some() {
                format!("{classes} and a trained classifier, without pictures")
            } else {
                format!("{classes} without pictures")
            }
        }
        data::ARCHIVE => "pictures from an archive".into(),
        _ => "settings, without pictures".into(),
    };
    format!("It brings {what}, with all settings, and opens on {bench}.")
}
