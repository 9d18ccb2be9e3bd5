//! Object URLs: show a blob, download a blob.

use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlAnchorElement, Url};

/// An object URL that is revoked when dropped.
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
        let _ = Url::revoke_object_url(&self.0);
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
