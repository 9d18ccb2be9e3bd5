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

/// Downloads `address`, giving up beyond `most` bytes. `progress` hears the bytes received.
///
/// # Errors
/// A sentence: not allowed, not there, too large.
pub async fn fetch(address: &str, most: u64, progress: impl Fn(u64)) -> Result<Fetched, String> {
    let window = web_sys::window().ok_or("There is no page.")?;
    let unreachable = || {
        "The archive could not be reached. It must be on this site, or on one that this site's owner allows.".to_owned()
    };
    let response = JsFuture::from(window.fetch_with_str(address)).await.map_err(|_| unreachable())?;
    let response: Response = response.dyn_into().map_err(|_| unreachable())?;
    if !response.ok() {
        return Err(format!("There is no archive at this address (the site answers {}).", response.status()));
    }
    let lost = || "The connection was lost while loading the archive. Try again.".to_owned();
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
            return Err("The archive is larger than it may be. Nothing of it was used.".into());
        }
        let at = bytes.len();
        bytes.resize(at + chunk.length() as usize, 0);
        chunk.copy_to(&mut bytes[at..]);
        progress(bytes.len() as u64);
    }
    let sha256 = sha256(&bytes).await.ok_or("This browser computes no hashes on an insecure page.")?;
    Ok(Fetched { blob: files::blob(&bytes, "application/zip"), size: bytes.len() as u64, sha256 })
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
