//! Light, dark, or as the device says.

use super::widgets::icon::{Icon, icon};
use crate::web::settings;
use leptos::prelude::*;

const KEY: &str = "fieldtest.theme";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Theme {
    Auto,
    Light,
    Dark,
}

impl Theme {
    const ALL: [(Theme, &'static str, Icon); 3] =
        [(Theme::Auto, "auto", Icon::Auto), (Theme::Light, "light", Icon::Sun), (Theme::Dark, "dark", Icon::Moon)];

    fn row(self) -> (Theme, &'static str, Icon) {
        Self::ALL[self as usize]
    }

    fn next(self) -> Theme {
        Self::ALL[(self as usize + 1) % Self::ALL.len()].0
    }
}

/// The theme chosen. Copies are the same choice.
#[derive(Clone, Copy)]
pub struct Themes(RwSignal<Theme>);

impl Themes {
    /// Takes up what was chosen on the last visit.
    pub fn new() -> Self {
        let kept = settings::get(KEY);
        let known = Theme::ALL.iter().find(|(_, name, _)| Some(*name) == kept.as_deref());
        let theme = RwSignal::new(known.map_or(Theme::Auto, |(theme, ..)| *theme));
        Effect::new(move |_| {
            let name = Some(theme.get().row().1).filter(|n| *n != "auto");
            settings::root_attribute("data-theme", name);
            settings::set(KEY, name);
        });
        Self(theme)
    }

    /// Its place: automatic, light, dark.
    pub fn place(self) -> usize {
        self.0.get() as usize
    }

    pub fn choose(self, place: usize) {
        Theme::ALL.get(place).into_iter().for_each(|(theme, ..)| self.0.set(*theme));
    }
}

/// One button that goes through the themes.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let Themes(theme) = expect_context();
    let label = move || format!("Theme: {}. Change to {}.", theme.get().row().1, theme.get().next().row().1);
    view! {
        <button class="button icon-only quiet" data-testid="theme" aria-label=label title=label
            on:click=move |_| theme.update(|t| *t = t.next())
        >{move || icon(theme.get().row().2)}</button>
    }
}
