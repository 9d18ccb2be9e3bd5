//! Parts of the page that know nothing of what they show.

pub mod dialog;
pub mod icon;
pub mod menu;
pub mod pick;
pub mod progress;
pub mod select;
pub mod toast;
pub mod virtual_grid;
