//! A file from an address, no larger than promised and with its hash.

use super::files::{self, Blob};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, Response};

pub struct Fetched {
    pub blob: Blob,
    pub size: u64,
    pub sha256: [u8; 32],
}

/// Downloads `address`, giving up beyond `most` bytes. `what` it is called to people: "archive". `progress`
/// hears the bytes received.
///
/// # Errors
/// A sentence: not allowed, not there, too large.
pub async fn fetch(address: &str, most: u64, what: &str, progress: impl Fn(u64)) -> Result<Fetched, String> {
    let window = web_sys::window().ok_or("There is no page.")?;
    let unreachable = || {
        format!(
            "The {what} could not be reached. It must be on this site, or on one that this site\u{2019}s owner allows."
        )
    };
    let response = JsFuture::from(window.fetch_with_str(address)).await.map_err(|_| unreachable())?;
    let response: Response = response.dyn_into().map_err(|_| unreachable())?;
    if !response.ok() {
        return Err(format!("There is no {what} at this address (the site answers {}).", response.status()));
    }
    let lost = || format!("The connection was lost while loading the {what}. Try again.");
    let body = response.body().ok_or_else(lost)?;
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into().map_err(|_| lost())?;
    let mut bytes: Vec<u8> = Vec::new();
    loop {
        let result = JsFuture::from(reader.read()).await.map_err(|_| lost())?;
        if Reflect::get(&result, &"done".into()).is_ok_and(|d| d.is_truthy()) {
            break;
        }
        let chunk = Reflect::get(&result, &"value".into()).unwrap_or(JsValue::UNDEFINED);
        let chunk: Uint8Array = chunk.dyn_into().map_err(|_| lost())?;
        if bytes.len() as u64 + u64::from(chunk.length()) > most {
            let _ = reader.cancel();
            return Err(format!("The {what} is larger than it may be. Nothing of it was used."));
        }
        let at = bytes.len();
        bytes.resize(at + chunk.length() as usize, 0);
        chunk.copy_to(&mut bytes[at..]);
        progress(bytes.len() as u64);
    }
    let sha256 = sha256(&bytes).await.ok_or("This browser computes no hashes on an insecure page.")?;
    Ok(Fetched { blob: files::blob(&bytes, "application/octet-stream"), size: bytes.len() as u64, sha256 })
}

/// A small text of this site; `None` if it is not there, too large or not text.
pub async fn text(address: &str, most: u64) -> Option<String> {
    let response = JsFuture::from(web_sys::window()?.fetch_with_str(address)).await.ok()?;
    let response: Response = response.dyn_into().ok()?;
    let header = response.headers().get("content-length").ok().flatten().and_then(|l| l.parse::<u64>().ok());
    if !response.ok() || header.is_some_and(|length| length > most) {
        return None;
    }
    let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    (text.len() as u64 <= most).then_some(text)
}

/// By the browser; `None` on a page that is not secure.
async fn sha256(bytes: &[u8]) -> Option<[u8; 32]> {
    let crypto = web_sys::window()?.crypto().ok()?;
    let there = Reflect::get(&crypto, &"subtle".into()).is_ok_and(|s| !s.is_undefined());
    let data = Uint8Array::from(bytes);
    let promise = there.then(|| crypto.subtle().digest_with_str_and_buffer_source("SHA-256", &data))?.ok()?;
    let digest = JsFuture::from(promise).await.ok()?;
    Uint8Array::new(&digest).to_vec().try_into().ok()
}
