//! Everything the page asks of the browser: files, pictures on screen, camera, storage.
//!
//! Outside `engine`'s wire this is the only place that names web-sys, so that the rest of
//! the page reads like an ordinary program. Things that must be given back (object URLs,
//! timers, listeners, the camera) are values that give themselves back when dropped.

pub mod address;
pub mod camera;
pub mod canvas;
pub mod clock;
pub mod drop;
pub mod element;
pub mod fetched;
pub mod files;
pub mod listen;
pub mod offline;
pub mod settings;
pub mod store;
pub mod tabs;
pub mod translator;
pub mod urls;
