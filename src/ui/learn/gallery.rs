//! The pictures of one class: a list box that scrolls, with only what is in view on the
//! page. Arrows move, Space selects, Shift extends, Enter tries a picture, Delete deletes.

use super::Learn;
use crate::learn::dataset::{ClassId, PictureId};
use crate::ui::pure::window;
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::virtual_grid::{GridView, VirtualGrid};
use crate::web::urls::ObjectUrl;
use crate::web::{drop, element};
use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use std::sync::Arc;

/// Where the keyboard is in one gallery.
#[derive(Clone, Copy)]
struct Cursor {
    learn: Learn,
    items: Memo<Arc<Vec<PictureId>>>,
    grid: GridView,
    at: RwSignal<Option<PictureId>>,
    /// Where a range began.
    anchor: StoredValue<Option<PictureId>>,
}

impl Cursor {
    fn index(self, id: PictureId) -> Option<usize> {
        self.items.with_untracked(|i| i.iter().position(|other| *other == id))
    }

    fn here(self) -> usize {
        self.at.get_untracked().and_then(|id| self.index(id)).unwrap_or(0)
    }

    fn go(self, index: usize) {
        let id = self.items.with_untracked(|i| i.get(index).copied());
        self.at.set(id);
        self.grid.reveal(index);
    }

    fn select_to(self, index: usize) {
        let from = self.anchor.get_value().and_then(|id| self.index(id)).unwrap_or(index);
        let range = from.min(index)..=from.max(index);
        let ids = self.items.with_untracked(|i| i.get(range).map(<[u32]>::to_vec).unwrap_or_default());
        self.learn.selection.add(&ids);
    }

    fn toggle(self, id: PictureId) {
        self.anchor.set_value(Some(id));
        self.learn.selection.toggle(id);
    }

    fn clicked(self, id: PictureId, event: &MouseEvent) {
        self.at.set(Some(id));
        match self.index(id) {
            Some(index) if event.shift_key() => self.select_to(index),
            _ => self.toggle(id),
        }
    }

    fn pressed(self, event: &KeyboardEvent) {
        let count = self.items.with_untracked(|i| i.len());
        let command = event.ctrl_key() || event.meta_key();
        let key = event.key();
        let grid = self.grid.grid.get_untracked();
        let page = (self.grid.viewport.get_untracked() / (grid.cell + grid.gap)) as usize;
        if let Some(next) = window::step(&key, self.here(), count, grid.columns, page) {
            event.prevent_default();
            if event.shift_key() {
                if self.anchor.get_value().is_none() {
                    self.anchor.set_value(self.at.get_untracked());
                }
                self.select_to(next);
            }
            return self.go(next);
        }
        let current = self.at.get_untracked();
        match (key.as_str(), current) {
            (" ", Some(id)) => self.toggle(id),
            ("Enter", Some(id)) => self.learn.tryout.picture(self.learn.data, id),
            ("a" | "A", _) if command => {
                let all = self.items.get_untracked();
                self.learn.selection.add(&all);
            }
            ("Escape", _) => self.learn.selection.clear(),
            ("m" | "M", _) if !command => element::focus_test_id("move-to"),
            ("Delete" | "Backspace", _) => {
                let selected = self.learn.selection.pictures.get_untracked();
                let doomed = if selected.is_empty() { current.into_iter().collect() } else { selected };
                let here = self.here();
                self.learn.data.delete_pictures(&doomed);
                self.learn.selection.clear();
                let left = self.items.with_untracked(|i| i.len());
                if left > 0 {
                    self.go(here.min(left - 1));
                }
            }
            _ => return,
        }
        event.prevent_default();
    }
}

#[component]
pub fn Gallery(id: ClassId, name: Memo<String>) -> impl IntoView {
    let learn = expect_context::<Learn>();
    let items = learn.data.pictures(id);
    let grid = GridView::new();
    let cursor = Cursor { learn, items, grid, at: RwSignal::new(None), anchor: StoredValue::new(None) };
    let active = move || cursor.at.get().map(|id| format!("picture-{id}"));
    let hint = format!("gallery-hint-{id}");
    view! {
        <div class="gallery vgrid" node_ref=grid.inside on:scroll=move |_| grid.scrolled() role="listbox" tabindex="0" aria-multiselectable="true" data-testid="gallery"
            aria-label=move || format!("Pictures of {}", name.get())
            aria-describedby=hint.clone()
            aria-activedescendant=active
            on:focus=move |_| if cursor.at.get_untracked().is_none_or(|id| cursor.index(id).is_none()) { cursor.go(0) }
            on:keydown=move |event| cursor.pressed(&event)
        >
            <VirtualGrid state=grid items=items tile=move |picture| view! { <Tile picture=picture cursor=cursor /> }.into_any() />
        </div>
        <p class="visually-hidden" id=hint>"Arrows move, Space selects, Shift with arrows selects a range, Enter tries the picture, M goes to Move to, Delete deletes."</p>
    }
}

#[component]
fn Tile(picture: PictureId, cursor: Cursor) -> impl IntoView {
    let learn = cursor.learn;
    let stored = learn.data.stored(picture);
    let name = stored.as_ref().map(|s| s.name.to_string()).unwrap_or_default();
    // Revoked when the tile leaves the view.
    let url = StoredValue::new_local(stored.map(|s| ObjectUrl::of(&s.thumb)));
    let source = url.with_value(|u| u.as_ref().map(|u| u.as_str().to_owned()));
    let selected = move || learn.selection.has(picture);
    let position = move || cursor.items.with(|i| i.binary_search(&picture).map_or(0, |at| at + 1).to_string());
    view! {
        <div class="tile" role="option" id=format!("picture-{picture}") data-testid="picture" title=name.clone() aria-label=name
            class:selected=selected
            class:cursor=move || cursor.at.get() == Some(picture)
            aria-selected=move || selected().to_string()
            aria-setsize=move || cursor.items.with(|i| i.len().to_string())
            aria-posinset=position
            draggable="true"
            on:click=move |event| cursor.clicked(picture, &event)
            on:dblclick=move |_| learn.tryout.picture(learn.data, picture)
            on:dragstart=move |event| {
                if !learn.selection.has_untracked(picture) {
                    learn.selection.only(&[picture]);
                }
                drop::begin_own(&event);
            }
        >
            <img src=source alt="" draggable="false" width="112" height="112" decoding="async" />
            <span class="tick">{icon(Icon::Check)}</span>
        </div>
    }
}
