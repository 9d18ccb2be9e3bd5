//! Downloads the engine and the backbone in parallel, with one count of bytes.

use super::Kit;
use crate::engine::protocol::Twin;
use futures_util::future::join;
use js_sys::{Map, Promise, Reflect, Uint8Array, WebAssembly};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, Response};

/// A backbone larger than this is not ours.
const MAX_BACKBONE: u64 = 64 << 20;

/// Whether the browser knows relaxed SIMD, and so runs the engine's faster build; `assets/boot.js` has asked it.
pub fn relaxed_simd() -> bool {
    Reflect::get(&js_sys::global(), &"relaxedSimd".into()).is_ok_and(|knows| knows.is_truthy())
}

/// What a worker needs, kept for restarts.
#[derive(Clone)]
pub struct Loaded {
    pub module: WebAssembly::Module,
    /// Files by their address, as far as they were asked for.
    pub backbones: HashMap<&'static str, Rc<Vec<u8>>>,
}

/// Bytes received and expected of each download.
#[derive(Clone, Copy, Default)]
struct Count {
    received: u64,
    total: Option<u64>,
}

/// Downloads and compiles; of the backbones, the one of `twin`, if it needs one. `progress` hears bytes received and, where known, expected.
///
/// # Errors
/// A sentence for the person: no network, a missing file, or a browser without WebAssembly.
pub async fn load(kit: Kit, twin: Twin, progress: impl Fn(u64, Option<u64>) + 'static) -> Result<Loaded, String> {
    let counts = Rc::new(RefCell::new([Count::default(); 2]));
    let report: Rc<dyn Fn(usize, Count)> = Rc::new(move |which, count| {
        counts.borrow_mut()[which] = count;
        let [a, b] = *counts.borrow();
        progress(a.received + b.received, a.total.zip(b.total).map(|(a, b)| a + b));
    });
    if kit == Kit::Scratch {
        report(1, Count { received: 0, total: Some(0) });
        return Ok(Loaded { module: compile(kit.wasm(), report).await?, backbones: HashMap::new() });
    }
    let (engine, backbone) = join(compile(kit.wasm(), report.clone()), download(twin.file(), 1, report)).await;
    Ok(Loaded { module: engine?, backbones: HashMap::from([(twin.file(), Rc::new(backbone?))]) })
}

/// Downloads another backbone. `progress` hears as that of [`load`].
///
/// # Errors
/// As [`load`].
pub async fn backbone(twin: Twin, progress: impl Fn(u64, Option<u64>) + 'static) -> Result<Vec<u8>, String> {
    if twin == Twin::Brought {
        return Err("The backbone that was brought is not here any more. Bring its file again.".into());
    }
    file(twin.file(), progress).await
}

/// Downloads any other file of the site. `progress` hears as that of [`load`].
///
/// # Errors
/// As [`load`].
pub async fn file(url: &str, progress: impl Fn(u64, Option<u64>) + 'static) -> Result<Vec<u8>, String> {
    download(url, 0, Rc::new(move |_, count: Count| progress(count.received, count.total))).await
}

/// Compiles while downloading. A clone of the response is read beside it to count bytes,
/// so that the browser can still cache the compiled code of the original.
async fn compile(url: &str, report: Rc<dyn Fn(usize, Count)>) -> Result<WebAssembly::Module, String> {
    let response = fetch(url).await?;
    let counted = response.clone().map_err(|_| broken(url))?;
    let compiling = WebAssembly::compile_streaming(Promise::resolve(&response).unchecked_ref());
    let counting = read(&counted, url, 0, report, u64::MAX, |_| {});
    let (module, counted) = join(JsFuture::from(compiling), counting).await;
    counted?;
    module
        .map_err(|_| "The engine could not be compiled. It needs a browser from 2023 or later.".to_owned())?
        .dyn_into()
        .map_err(|_| broken(url))
}

async fn download(url: &str, which: usize, report: Rc<dyn Fn(usize, Count)>) -> Result<Vec<u8>, String> {
    let response = fetch(url).await?;
    let mut bytes = Vec::new();
    read(&response, url, which, report, MAX_BACKBONE, |chunk| {
        let at = bytes.len();
        bytes.resize(at + chunk.length() as usize, 0);
        chunk.copy_to(&mut bytes[at..]);
    })
    .await?;
    Ok(bytes)
}

/// What `assets/boot.js` began to download before the page was there; once.
async fn begun(url: &str) -> Option<Response> {
    let all: Map = Reflect::get(&js_sys::global(), &"begun".into()).ok()?.dyn_into().ok()?;
    let promise: Promise = all.get(&url.into()).dyn_into().ok()?;
    all.delete(&url.into());
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

async fn fetch(url: &str) -> Result<Response, String> {
    if let Some(response) = begun(url).await {
        return if response.ok() { Ok(response) } else { Err(broken(url)) };
    }
    let window = web_sys::window().ok_or_else(|| broken(url))?;
    let response = JsFuture::from(window.fetch_with_str(url))
        .await
        .map_err(|_| "The engine could not be downloaded. Check the connection and try again.".to_owned())?;
    let response: Response = response.dyn_into().map_err(|_| broken(url))?;
    if response.ok() { Ok(response) } else { Err(broken(url)) }
}

/// Reads a body to its end, chunk by chunk.
async fn read(
    response: &Response,
    url: &str,
    which: usize,
    report: Rc<dyn Fn(usize, Count)>,
    limit: u64,
    mut take: impl FnMut(&Uint8Array),
) -> Result<(), String> {
    let header = |name: &str| response.headers().get(name).ok().flatten();
    // A compressed answer states its compressed length, which is not what arrives here.
    let total = if header("content-encoding").is_some() { None } else { header("content-length") };
    let mut count = Count { received: 0, total: total.and_then(|t| t.parse().ok()) };
    let body = response.body().ok_or_else(|| broken(url))?;
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into().map_err(|_| broken(url))?;
    loop {
        let lost = |_| "The connection was lost while loading the engine. Try again.".to_owned();
        let result = JsFuture::from(reader.read()).await.map_err(lost)?;
        if Reflect::get(&result, &"done".into()).is_ok_and(|d| d.is_truthy()) {
            return Ok(());
        }
        let chunk = Reflect::get(&result, &"value".into()).unwrap_or(JsValue::UNDEFINED);
        let chunk: Uint8Array = chunk.dyn_into().map_err(|_| broken(url))?;
        count.received += u64::from(chunk.length());
        if count.received > limit {
            return Err(broken(url));
        }
        take(&chunk);
        report(which, count);
    }
}

fn broken(url: &str) -> String {
    format!("The site is incomplete: \u{201c}{url}\u{201d} could not be loaded.")
}
