//! Object URLs: show a blob, download a blob.

use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlAnchorElement, Url};

/// How long an address outlives what showed it, in milliseconds: the browser may still be reading it.
const LINGER_MS: u32 = 10_000;

/// An object URL that is revoked soon after it is dropped.
pub struct ObjectUrl(String);

impl ObjectUrl {
    pub fn of(blob: &Blob) -> Self {
        Self(Url::create_object_url_with_blob(blob).unwrap_or_default())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Drop for ObjectUrl {
    fn drop(&mut self) {
        let url = std::mem::take(&mut self.0);
        super::clock::after(LINGER_MS, move || drop(Url::revoke_object_url(&url))).forget();
    }
}

/// Hands bytes to the person as a file.
pub fn download(name: &str, blob: &Blob) {
    let url = ObjectUrl::of(blob);
    let Some(document) = web_sys::window().and_then(|w| w.document()) else { return };
    let Ok(anchor) = document.create_element("a").map(|a| a.unchecked_into::<HtmlAnchorElement>()) else { return };
    anchor.set_href(url.as_str());
    anchor.set_download(name);
    anchor.click();
    // The browser reads the blob in its own time.
    super::clock::after(60_000, move || drop(url)).forget();
}
