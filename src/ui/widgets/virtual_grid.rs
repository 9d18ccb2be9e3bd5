//! A grid of square tiles in a box that scrolls; only tiles in view are on the page. The box
//! is the owner's, so that what scrolls is also what has the focus: class `vgrid`,
//! `node_ref=state.inside`, `on:scroll=move |_| state.scrolled()`.

use crate::ui::pure::window::Grid;
use crate::web::{clock, listen};
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;

/// Rows kept ready above and below those in view.
const OVERSCAN: usize = 2;
/// Tiles made in the first go, and more in each of the moments after: a gallery that appears
/// must not hold up the page.
const FIRST: usize = 8;
const MOMENT_MS: u32 = 16;
/// More tiles than this are in view on no screen.
const ENOUGH: usize = 400;
/// Narrowest tile, in pixels, and the gap between tiles.
const LEAST: f64 = 76.0;
const GAP: f64 = 6.0;

/// What the grid tells whoever owns it.
#[derive(Clone, Copy)]
pub struct GridView {
    pub grid: RwSignal<Grid>,
    /// Height of the box, in pixels.
    pub viewport: RwSignal<f64>,
    scroll: RwSignal<f64>,
    pub inside: NodeRef<html::Div>,
}

impl GridView {
    pub fn new() -> Self {
        Self {
            grid: RwSignal::new(Grid::fit(300.0, LEAST, GAP)),
            viewport: RwSignal::new(300.0),
            scroll: RwSignal::new(0.0),
            inside: NodeRef::new(),
        }
    }

    pub fn scrolled(self) {
        if let Some(inside) = self.inside.get_untracked() {
            self.scroll.set(f64::from(inside.scroll_top()));
        }
    }

    /// Scrolls so that an item is in view.
    pub fn reveal(self, index: usize) {
        let Some(inside) = self.inside.get_untracked() else { return };
        let to = self.grid.get_untracked().reveal(index, self.scroll.get_untracked(), self.viewport.get_untracked());
        inside.set_scroll_top(to.round() as i32);
    }
}

/// `tile` makes the tile of an item; it is dropped when the item leaves the view.
#[component]
pub fn VirtualGrid(
    state: GridView,
    items: Memo<Arc<Vec<u32>>>,
    tile: impl Fn(u32) -> AnyView + Send + Sync + Clone + 'static,
) -> impl IntoView {
    let GridView { grid, viewport, scroll, inside } = state;
    let watch = StoredValue::new_local(None);
    Effect::new(move |_| {
        let Some(node) = inside.get() else { return };
        let measure = {
            let node = node.clone();
            move || {
                let fitted = Grid::fit(f64::from(node.client_width()), LEAST, GAP);
                if grid.get_untracked() != fitted {
                    grid.set(fitted);
                }
                let height = f64::from(node.client_height());
                if viewport.get_untracked() != height {
                    viewport.set(height);
                }
            }
        };
        measure();
        watch.set_value(listen::on_resize(&node, measure));
    });
    let count = Memo::new(move |_| items.with(|i| i.len()));
    let range = Memo::new(move |_| {
        let seen = grid.get().visible(count.get(), scroll.get(), viewport.get(), OVERSCAN);
        (seen.start, seen.end)
    });
    let allowed = RwSignal::new(FIRST);
    let growing = StoredValue::new_local(None);
    growing.set_value(Some(clock::every(MOMENT_MS, move || {
        allowed.update(|n| *n += FIRST);
        if allowed.get_untracked() > ENOUGH {
            growing.set_value(None);
        }
    })));
    let seen_range = Memo::new(move |_| {
        let (start, end) = range.get();
        (start, end.min(start + allowed.get()))
    });
    let seen = move || {
        let (start, end) = seen_range.get();
        items.with(|i| i.get(start..end.min(i.len())).map(<[u32]>::to_vec).unwrap_or_default())
    };
    view! {
        <div class="vgrid-all" role="presentation" style:height=move || format!("{}px", grid.get().height(count.get()))>
            <div class="vgrid-seen" role="presentation"
                style:transform=move || format!("translateY({}px)", grid.get().place(range.get().0).1)
                style:grid-template-columns=move || format!("repeat({}, minmax(0, 1fr))", grid.get().columns)
            >
                <For each=seen key=|id| *id children=tile />
            </div>
        </div>
    }
}
