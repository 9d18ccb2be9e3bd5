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

/// Today, as this device writes a date: "2026-11-25".
pub fn today() -> String {
    let date = js_sys::Date::new_0();
    format!("{}-{:02}-{:02}", date.get_full_year(), date.get_month() + 1, date.get_date())
}

/// Milliseconds since 1970.
pub fn date() -> f64 {
    js_sys::Date::now()
}

/// Waits.
pub async fn pause(ms: u32) {
    gloo::timers::future::TimeoutFuture::new(ms).await;
}

/// 0 up to 1, drawn by the browser.
pub fn random() -> f64 {
    js_sys::Math::random()
}

/// A date as the person writes dates; empty for none.
pub fn date_in_words(ms: f64) -> String {
    if ms <= 0.0 {
        return String::new();
    }
    let date = js_sys::Date::new(&ms.into());
    String::from(date.to_locale_string("default", &wasm_bindgen::JsValue::UNDEFINED))
}
