//! Time and timers.

pub use gloo::timers::callback::{Interval, Timeout};

/// Milliseconds since the page was opened.
pub fn now() -> f64 {
    web_sys::window().and_then(|w| w.performance()).map_or(0.0, |p| p.now())
}

/// Calls once, unless dropped before.
pub fn after(ms: u32, then: impl FnOnce() + 'static) -> Timeout {
    Timeout::new(ms, then)
}

/// Calls again and again until dropped.
pub fn every(ms: u32, then: impl FnMut() + 'static) -> Interval {
    Interval::new(ms, then)
}
