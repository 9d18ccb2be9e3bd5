//! The link to what is here now: what it carries, what it hides, its QR code.

use super::qr::Qr;
use super::state::{Made, Sharing};
use crate::share::link::MAX_CHARS;
use crate::share::link::packed::{Archive, MAX_ARCHIVE};
use crate::share::link::parts::PARTS;
use crate::ui::benches::Bench;
use crate::ui::learn::recipe as data;
use crate::ui::pure::format::{bytes, count, thousands};
use crate::ui::widgets::toast::Toasts;
use crate::web::{address, fetched};
use leptos::html;
use leptos::prelude::*;

#[component]
pub fn LinkCard() -> impl IntoView {
    let sharing = expect_context::<Sharing>();
    let toasts = expect_context::<Toasts>();
    // Made anew whenever something changes, as long as somebody looks.
    let made = Memo::new(move |_| (sharing.bench.get() == Bench::Share).then(|| sharing.link()));
    let url = Signal::derive(move || made.with(|m| m.as_ref().map(|m| m.written.url.clone()).unwrap_or_default()));
    let field = NodeRef::<html::Input>::new();
    let copy = move |_| {
        leptos::task::spawn_local(async move {
            let copied = address::copy(&url.get_untracked()).await;
            if !copied && let Some(input) = field.get_untracked() {
                crate::web::element::select_text(&input);
            }
            toasts.say(if copied {
                "The link is on the clipboard."
            } else {
                "The browser does not let pages copy here: the link is selected, copy it yourself."
            });
        });
    };
    let size = move || {
        format!(
            "{} characters; {} are the most that every program carries whole.",
            thousands(url.with(String::len)),
            thousands(MAX_CHARS)
        )
    };
    let dropped = move || made.with(|m| m.as_ref().map(|m| m.written.dropped.clone()).unwrap_or_default());
    view! {
        <section class="card" aria-labelledby="link-title" data-testid="share-link">
            <h2 id="link-title" class="section-title">"Share a link"</h2>
            <p class="muted">"Everything is in the link itself: no server keeps it, and it opens for ever."</p>
            <p data-testid="link-carries">{move || made.with(|m| m.as_ref().map(carries).unwrap_or_default())}</p>
            <div class="link-row">
                <label class="visually-hidden" for="link-url">"The link"</label>
                <input node_ref=field id="link-url" type="text" readonly data-testid="link-url" prop:value=move || url.get() on:focus=move |_| if let Some(input) = field.get_untracked() { crate::web::element::select_text(&input) } />
                <button class="button primary" data-testid="link-copy" on:click=copy>"Copy link"</button>
            </div>
            <p class="fine" data-testid="link-size">{size}</p>
            <ul class="link-dropped" role="list" data-testid="link-dropped">{move || dropped().into_iter().map(|text| view! { <li class="notice care">{text}</li> }).collect_view()}</ul>
            <Options sharing=sharing />
            <details class="more"><summary>"QR code"</summary><Qr text=url /></details>
        </section>
    }
}

/// What the link carries, in sentences.
fn carries(made: &Made) -> String {
    let mut said = match made.data {
        data::RENDERED => "It draws the same road signs from their seed and trains on them: the other side sees whether the result is the same.".to_owned(),
        data::OWN => format!("It carries the names of {}. Your pictures stay here.", count(made.classes, "class", "classes")),
        data::ARCHIVE => "It names an archive of pictures, which the other side downloads after seeing its size and hash.".into(),
        _ => "It carries the settings of every bench; there are no pictures yet.".into(),
    };
    if let Some(bits) = made.written.bits {
        said += &format!(
            " The trained classifier travels along, rounded to 8-bit integers that take about {bits:.0} bits each"
        );
        if let Some((same, all)) = made.agreement {
            said += &format!(": so rounded it answers {same} of {all} pictures as before");
        }
        said += ".";
    }
    if made.brought {
        said += " The backbone you brought does not fit into a link: the other side looks with the site\u{2019}s own.";
    }
    said
}

/// What the link does besides.
#[component]
fn Options(sharing: Sharing) -> impl IntoView {
    let own = Memo::new(move |_| data::sample(sharing.learn).is_none());
    let benches = Bench::ALL.iter().filter(|b| **b != Bench::Share).enumerate();
    let options = benches.map(|(at, bench)| {
        let bench = *bench;
        view! { <option value=at.to_string() selected=move || sharing.opens_on.get() == bench>{bench.name()}</option> }
    });
    let hide = |bit: usize, text: &'static str, name: &'static str| {
        let own = 1u64 << bit;
        let is_hidden = move || sharing.hide.get() & own != 0;
        let set = move |on: bool| sharing.hide.update(|hidden| if on { *hidden |= own } else { *hidden &= !own });
        view! {
            <label class="check"><input type="checkbox" data-testid=format!("link-hide-{name}") prop:checked=is_hidden
                on:change=move |event| set(event_target_checked(&event)) />{text}</label>
        }
    };
    view! {
        <div class="world">
            <label class="knob" for="link-bench"><span>"It opens on"</span>
                <select id="link-bench" data-testid="link-bench" on:change=move |event| {
                    let at = event_target_value(&event).parse::<usize>().ok();
                    at.and_then(|at| Bench::ALL.get(at)).into_iter().for_each(|b| sharing.opens_on.set(*b));
                }>{options.collect_view()}</select></label>
            <label class="check"><input type="checkbox" data-testid="link-head" prop:checked=move || sharing.with_head.get().unwrap_or(own.get())
                on:change=move |event| sharing.with_head.set(Some(event_target_checked(&event))) />"With the trained classifier"</label>
        </div>
        <details class="more">
            <summary>"For teachers: hide what is not needed yet"</summary>
            <div class="checks">{PARTS.iter().enumerate().map(|(bit, part)| hide(bit, part.text, part.name)).collect_view()}</div>
        </details>
        <Address sharing=sharing />
    }
}

/// Pictures that lie somewhere as an archive.
#[component]
fn Address(sharing: Sharing) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let trouble = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let check = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let address = field.get_untracked().map(|f| f.value().trim().to_owned()).unwrap_or_default();
        trouble.set(String::new());
        sharing.archive.set(None);
        if address.is_empty() {
            return;
        }
        busy.set(true);
        leptos::task::spawn_local(async move {
            let fetched = fetched::fetch(&address, MAX_ARCHIVE, "archive", |_| {}).await;
            busy.set(false);
            match fetched {
                Ok(file) => {
                    let archive = Archive { address, size: file.size, sha256: file.sha256 };
                    let known = Archive::read(&archive.pack());
                    if known.is_none() {
                        trouble.set("This address is too long, or has white space in it.".into());
                    }
                    sharing.archive.set(known);
                }
                Err(reason) => trouble.set(reason),
            }
        });
    };
    view! {
        <details class="more">
            <summary>"Pictures from an address"</summary>
            <p>"A zip on this site whose folders are the classes. The link names it with its size and hash; nobody downloads it unasked."</p>
            <form class="link-row" on:submit=check>
                <label class="visually-hidden" for="link-archive">"Address of a zip"</label>
                <input node_ref=field id="link-archive" type="text" placeholder="samples/birds.zip" autocomplete="off" data-testid="link-archive" />
                <button class="button" type="submit" data-testid="link-archive-check" disabled=move || busy.get()>{move || if busy.get() { "Looking\u{2026}" } else { "Use it" }}</button>
            </form>
            <p class="trouble" role="alert" data-testid="link-archive-trouble">{move || trouble.get()}</p>
            {move || sharing.archive.get().map(|a| view! {
                <p class="notice" data-testid="link-archive-used"><span>{format!("The link names {}: {}, SHA-256 {}\u{2026}", a.address, bytes(a.size), a.short_hash())}</span>
                    <button class="button small" data-testid="link-archive-drop" on:click=move |_| sharing.archive.set(None)>"Leave it out"</button></p>
            })}
        </details>
    }
}
