//! The address bar, and the clipboard that addresses travel by.

use super::listen::{self, Listener};
use wasm_bindgen_futures::JsFuture;

/// What stands after `#`, without it.
pub fn fragment() -> String {
    let hash = web_sys::window().and_then(|w| w.location().hash().ok()).unwrap_or_default();
    hash.strip_prefix('#').unwrap_or_default().to_owned()
}

/// Takes the fragment out of the address, without a step in the history.
pub fn clear_fragment() {
    let Some(window) = web_sys::window() else { return };
    let Ok(history) = window.history() else { return };
    let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&page()));
}

/// The page's address without fragment and query.
pub fn page() -> String {
    let href = web_sys::window().and_then(|w| w.location().href().ok()).unwrap_or_default();
    href.split(['#', '?']).next().unwrap_or_default().to_owned()
}

/// The fragment changed: somebody pasted a link into this tab's address.
pub fn on_fragment(mut then: impl FnMut() + 'static) -> Option<Listener> {
    Some(listen::on(&web_sys::window()?.into(), "hashchange", move |_| then()))
}

/// Loads the page anew.
pub fn reload() {
    let _ = web_sys::window().map(|w| w.location().reload());
}

/// Puts text on the clipboard; whether that was allowed.
pub async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else { return false };
    // Outside secure contexts there is no clipboard at all.
    let navigator = window.navigator();
    let there = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|c| !c.is_undefined());
    there && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}
