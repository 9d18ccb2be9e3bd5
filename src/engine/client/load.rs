//! Downloads the engine and the backbone in parallel, with one count of bytes.

use super::Kit;
use crate::engine::protocol::Twin;
use crate::packed;
use futures_util::future::join;
use js_sys::{Map, Promise, Reflect, Uint8Array, WebAssembly};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStream, ReadableStreamDefaultReader, ReadableWritablePair, Response};

/// A model larger than this, packed or not, is not ours.
const MAX_MODEL: usize = 64 << 20;
/// What is left of an engine on the way where the host compresses, about: its bytes count for that much.
const COMPRESSED: f64 = 0.23;

#[wasm_bindgen]
extern "C" {
    /// The browser's own; web-sys calls it unstable.
    type DecompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<DecompressionStream, JsValue>;
}

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

/// Downloads and compiles; of the backbones, the one of `twin`, if it needs one. `progress` hears bytes received
/// and, where known, expected; `compiled` hears of the module while the backbone is still on its way.
///
/// # Errors
/// A sentence for the person: no network, a missing file, or a browser without WebAssembly.
pub async fn load(
    kit: Kit,
    twin: Twin,
    progress: impl Fn(u64, Option<u64>) + 'static,
    compiled: impl FnOnce(&WebAssembly::Module),
) -> Result<Loaded, String> {
    let counts = Rc::new(RefCell::new([Count::default(); 2]));
    let report: Rc<dyn Fn(usize, Count)> = Rc::new(move |which, count| {
        counts.borrow_mut()[which] = count;
        let [a, b] = *counts.borrow();
        progress(a.received + b.received, a.total.zip(b.total).map(|(a, b)| a + b));
    });
    let engine = async {
        let module = compile(kit.wasm(), report.clone()).await?;
        compiled(&module);
        Ok::<_, String>(module)
    };
    if kit == Kit::Scratch {
        report(1, Count { received: 0, total: Some(0) });
        return Ok(Loaded { module: engine.await?, backbones: HashMap::new() });
    }
    let (module, backbone) = join(engine, model(twin.file(), 1, report.clone())).await;
    Ok(Loaded { module: module?, backbones: HashMap::from([(twin.file(), Rc::new(backbone?))]) })
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

/// Downloads any other model of the site. `progress` hears as that of [`load`].
///
/// # Errors
/// As [`load`].
pub async fn file(url: &str, progress: impl Fn(u64, Option<u64>) + 'static) -> Result<Vec<u8>, String> {
    model(url, 0, Rc::new(move |_, count: Count| progress(count.received, count.total))).await
}

/// Compiles while downloading. A clone of the response is read beside it to count bytes,
/// so that the browser can still cache the compiled code of the original.
async fn compile(url: &str, report: Rc<dyn Fn(usize, Count)>) -> Result<WebAssembly::Module, String> {
    let response = fetch(url).await?;
    let counted = response.clone().map_err(|_| broken(url))?;
    let compiling = WebAssembly::compile_streaming(Promise::resolve(&response).unchecked_ref());
    let counting = count(&counted, url, 0, report);
    let (module, counted) = join(JsFuture::from(compiling), counting).await;
    counted?;
    module
        .map_err(|_| "The engine could not be compiled. It needs a browser from 2023 or later.".to_owned())?
        .dyn_into()
        .map_err(|_| broken(url))
}

/// A packed model, unpacked by the browser while it comes in; counted as that of [`compile`].
async fn model(url: &str, which: usize, report: Rc<dyn Fn(usize, Count)>) -> Result<Vec<u8>, String> {
    let response = fetch(url).await?;
    let counted = response.clone().map_err(|_| broken(url))?;
    let body = response.body().ok_or_else(|| broken(url))?;
    let gzip = DecompressionStream::new("gzip")
        .map_err(|_| "This browser cannot unpack the models. They need one from 2023 or later.".to_owned())?;
    let plain = body.pipe_through(gzip.unchecked_ref::<ReadableWritablePair>());
    let mut bytes = Vec::new();
    let unpacking = drain(&plain, |chunk| {
        let at = bytes.len();
        bytes.resize(at + chunk.length() as usize, 0);
        chunk.copy_to(&mut bytes[at..]);
        bytes.len() <= MAX_MODEL
    });
    let (unpacked, counted) = join(unpacking, count(&counted, url, which, report)).await;
    // A connection that was lost ends both; the count says that it was that.
    counted?;
    unpacked.map_err(|_| broken(url))?;
    Ok(packed::unshuffle(&bytes))
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

/// Reads a body to its end and tells how far it is.
async fn count(response: &Response, url: &str, which: usize, report: Rc<dyn Fn(usize, Count)>) -> Result<(), String> {
    let header = |name: &str| response.headers().get(name).ok().flatten();
    // A compressed answer states its compressed length, which is not what arrives here.
    let compressed = header("content-encoding").is_some();
    let length = if compressed { stated(url) } else { header("content-length").and_then(|l| l.parse().ok()) };
    let on_the_way = |bytes: f64| (if compressed { bytes * COMPRESSED } else { bytes }) as u64;
    let total = length.map(on_the_way);
    let mut received: usize = 0;
    let body = response.body().ok_or_else(|| broken(url))?;
    let taking = drain(&body, |chunk| {
        received += chunk.length() as usize;
        report(which, Count { received: on_the_way(received as f64), total });
        received <= MAX_MODEL
    });
    let taken = taking.await;
    let lost = |_| "The connection was lost while loading the engine. Try again.".to_owned();
    if received > MAX_MODEL { Err(broken(url)) } else { taken.map_err(lost) }
}

/// How many bytes a file of this build has; `scripts/state-sizes.mjs` has written it into `assets/boot.js`.
fn stated(url: &str) -> Option<f64> {
    let sizes = Reflect::get(&js_sys::global(), &"sizes".into()).ok()?;
    Reflect::get(&sizes, &url.into()).ok()?.as_f64()
}

/// Reads a stream to its end, chunk by chunk, while `take` says that it may go on.
async fn drain(stream: &ReadableStream, mut take: impl FnMut(&Uint8Array) -> bool) -> Result<(), JsValue> {
    let reader: ReadableStreamDefaultReader = stream.get_reader().dyn_into()?;
    loop {
        let result = JsFuture::from(reader.read()).await?;
        if Reflect::get(&result, &"done".into())?.is_truthy() {
            return Ok(());
        }
        let chunk: Uint8Array = Reflect::get(&result, &"value".into())?.dyn_into()?;
        if !take(&chunk) {
            let _ = reader.cancel();
            return Err("too large".into());
        }
    }
}

fn broken(url: &str) -> String {
    format!("The site is incomplete: \u{201c}{url}\u{201d} could not be loaded.")
}
