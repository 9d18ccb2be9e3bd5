//! Which thumbnails of a long list are in view, so that only those are on the page.

/// A grid of equal square cells in a box that scrolls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    pub columns: usize,
    /// Side of a cell in pixels, without the gap.
    pub cell: f64,
    pub gap: f64,
}

impl Grid {
    /// As many columns as fit with cells at least `least` wide, the width used up.
    pub fn fit(width: f64, least: f64, gap: f64) -> Self {
        let width = if width.is_finite() { width.max(0.0) } else { 0.0 };
        let columns = (((width + gap) / (least + gap)).floor() as usize).max(1);
        let cell = ((width - gap * (columns - 1) as f64) / columns as f64).max(1.0);
        Self { columns, cell, gap }
    }

    fn pitch(&self) -> f64 {
        self.cell + self.gap
    }

    /// Height of all rows together.
    pub fn height(&self, items: usize) -> f64 {
        match items.div_ceil(self.columns) {
            0 => 0.0,
            rows => rows as f64 * self.pitch() - self.gap,
        }
    }

    /// Left and top of an item.
    pub fn place(&self, index: usize) -> (f64, f64) {
        ((index % self.columns) as f64 * self.pitch(), (index / self.columns) as f64 * self.pitch())
    }

    /// Items on the page: those in view and `overscan` rows around them.
    pub fn visible(&self, items: usize, scroll: f64, viewport: f64, overscan: usize) -> std::ops::Range<usize> {
        let first_row = (scroll.max(0.0) / self.pitch()).floor() as usize;
        let last_row = ((scroll.max(0.0) + viewport.max(0.0)) / self.pitch()).ceil() as usize;
        let start = first_row.saturating_sub(overscan).saturating_mul(self.columns).min(items);
        let end = last_row.saturating_add(overscan).saturating_mul(self.columns).min(items);
        start..end
    }

    /// Where to scroll so that an item is wholly in view, moving as little as possible.
    pub fn reveal(&self, index: usize, scroll: f64, viewport: f64) -> f64 {
        let top = self.place(index).1;
        if top < scroll {
            top
        } else if top + self.cell > scroll + viewport {
            top + self.cell - viewport
        } else {
            scroll
        }
    }
}

/// An arrow key on a grid: where the cursor goes from `at`.
pub fn step(key: &str, at: usize, items: usize, columns: usize, page: usize) -> Option<usize> {
    let last = items.checked_sub(1)?;
    let columns = columns.max(1);
    let below = |by: usize| {
        let target = at.saturating_add(by);
        if target <= last {
            target
        } else if at / columns < last / columns {
            last
        } else {
            at
        }
    };
    let above = |by: usize| if at >= by { at - by } else { at % columns };
    Some(match key {
        "ArrowRight" => (at + 1).min(last),
        "ArrowLeft" => at.saturating_sub(1),
        "ArrowDown" => below(columns),
        "ArrowUp" => above(columns).min(last),
        "PageDown" => below(columns * page.max(1)),
        "PageUp" => above(columns * page.max(1)).min(last),
        "Home" => 0,
        "End" => last,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_use_up_the_width() {
        let grid = Grid::fit(400.0, 80.0, 8.0);
        assert_eq!(grid.columns, 4);
        assert_eq!(grid.cell, 94.0);
        assert_eq!(grid.place(5), (102.0, 102.0));
        assert_eq!(grid.height(5), 196.0);
        assert_eq!(Grid::fit(0.0, 80.0, 8.0).columns, 1);
    }

    #[test]
    fn ten_thousand_pictures_put_a_few_on_the_page() {
        let grid = Grid::fit(600.0, 80.0, 8.0);
        let seen = grid.visible(10_000, 50_000.0, 300.0, 2);
        assert!(seen.len() < 70, "{seen:?}");
    }

    #[test]
    fn arrows_stay_inside() {
        assert_eq!(step("ArrowDown", 3, 6, 4, 1), Some(5), "to the shorter last row");
        assert_eq!(step("ArrowDown", 5, 6, 4, 1), Some(5));
        assert_eq!(step("ArrowUp", 2, 6, 4, 1), Some(2));
        assert_eq!(step("End", 0, 6, 4, 1), Some(5));
        assert_eq!(step("ArrowLeft", 0, 0, 4, 1), None);
        assert_eq!(step("x", 0, 6, 4, 1), None);
    }

    proptest! {
        #[test]
        fn whatever_is_in_view_is_on_the_page(
            width in 1.0f64..2000.0, items in 0usize..500, scroll in -50.0f64..9000.0, viewport in 0.0f64..800.0,
        ) {
            let grid = Grid::fit(width, 80.0, 8.0);
            let seen = grid.visible(items, scroll, viewport, 0);
            prop_assert!(seen.end <= items);
            for index in 0..items {
                let top = grid.place(index).1;
                if top + grid.cell > scroll && top < scroll + viewport {
                    prop_assert!(seen.contains(&index));
                }
            }
        }

        #[test]
        fn a_revealed_item_is_in_view(index in 0usize..500, scroll in 0.0f64..9000.0) {
            let grid = Grid::fit(400.0, 80.0, 8.0);
            let to = grid.reveal(index, scroll, 300.0);
            let top = grid.place(index).1;
            prop_assert!(to <= top && top + grid.cell <= to + 300.0 + 1e-6);
        }

        #[test]
        fn the_cursor_never_leaves(items in 1usize..60, at in 0usize..60, columns in 1usize..9, page in 0usize..4) {
            let at = at.min(items - 1);
            for key in ["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End"] {
                prop_assert!(step(key, at, items, columns, page).unwrap() < items, "{}", key);
            }
        }
    }
}
