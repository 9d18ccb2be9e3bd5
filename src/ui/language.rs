//! The language of the page. Everything is written in English; a dictionary in `assets/lang/` says it in another
//! one as it appears on the page, so that no other part of the program has to know.

use super::pure::phrases::Phrases;
use super::widgets::toast::Toasts;
use crate::web::translator::Translator;
use crate::web::{fetched, settings};
use leptos::prelude::*;

const KEY: &str = "fieldtest.language";
/// Largest dictionary read, in bytes.
const MOST: u64 = 1 << 20;

/// Codes and their own names for themselves, English first. To add one, add its dictionary and a line here and in
/// the link's table.
const ALL: [(&str, &str); 2] = [("en", "English"), ("de", "Deutsch")];

/// The language chosen: 0 as the browser says, else a place in [`ALL`] counted from 1. Copies are the same choice.
#[derive(Clone, Copy)]
pub struct Languages(RwSignal<usize>);

impl Languages {
    /// Takes up what was chosen on the last visit.
    pub fn new(toasts: Toasts) -> Self {
        let kept = settings::get(KEY);
        let known = ALL.iter().position(|(code, _)| Some(*code) == kept.as_deref());
        let languages = Self(RwSignal::new(known.map_or(0, |at| at + 1)));
        let translator = StoredValue::new_local(None::<Translator>);
        Effect::new(move |_| {
            settings::set(KEY, languages.0.get().checked_sub(1).and_then(|at| ALL.get(at)).map(|(code, _)| *code));
            let at = languages.shown();
            let code = ALL[at].0;
            settings::root_attribute("lang", Some(code));
            // Back to English first: one language is not translated into another.
            translator.set_value(None);
            if at == 0 {
                return;
            }
            leptos::task::spawn_local(async move {
                let text = fetched::text(&format!("lang/{code}.json"), MOST).await;
                if languages.shown_untracked() != at {
                    return;
                }
                match text.ok_or("It could not be loaded.".to_owned()).and_then(|json| Phrases::read(&json)) {
                    Ok(phrases) => translator.set_value(Translator::start(move |text| phrases.say(text))),
                    Err(reason) => {
                        settings::root_attribute("lang", Some(ALL[0].0));
                        toasts.say(format!("The page stays English: there is no dictionary here. {reason}"));
                    }
                }
            });
        });
        Self(languages.0)
    }

    /// Its place: as the browser says, then each language.
    pub fn place(self) -> usize {
        self.0.get()
    }

    pub fn choose(self, place: usize) {
        if place <= ALL.len() {
            self.0.set(place);
        }
    }

    /// What is shown, by its place in [`ALL`].
    fn shown(self) -> usize {
        resolve(self.0.get())
    }

    fn shown_untracked(self) -> usize {
        resolve(self.0.get_untracked())
    }
}

/// Chosen, or the first that the browser asks for, or English.
fn resolve(place: usize) -> usize {
    let wished = || {
        let wishes = settings::languages();
        wishes.iter().find_map(|wish| ALL.iter().position(|(code, _)| wish.split('-').next() == Some(code)))
    };
    place.checked_sub(1).or_else(wished).unwrap_or(0)
}

#[component]
pub fn LanguageChoice() -> impl IntoView {
    let languages: Languages = expect_context();
    let choose = move |event| {
        if let Ok(at) = event_target_value(&event).parse::<usize>() {
            languages.choose(at + 1);
        }
    };
    view! {
        <label class="language"><span class="visually-hidden">"Language"</span>
            <select class="inline-select" translate="no" data-testid="language" on:change=choose>
                {ALL.iter().enumerate().map(|(at, (code, name))| view! {
                    <option value=at.to_string() lang=*code selected=move || languages.shown() == at>{*name}</option>
                }).collect_view()}
            </select>
        </label>
    }
}
