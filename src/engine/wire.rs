//! One message as JavaScript sees it, the same in both directions:
//! `{ kind, id, body, floats: Float32Array, parts: [Uint8Array], blobs: [Blob] }`.
//! The bulk arrays are transferred, not copied, once they have left wasm memory.

use super::protocol::{JobId, Payload};
use js_sys::{Array, Float32Array, Object, Reflect, Uint8Array};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(all(feature = "ui", feature = "engine")), allow(dead_code))]
pub enum Kind {
    /// Page to engine: here is a backbone's file (part 0); load it. Body: `Twin`.
    Init,
    /// Engine to page: loaded. Body: `Ready`.
    Ready,
    /// Page to engine: start a job. Body: `Request`.
    Start,
    /// Page to engine: stop a job.
    Cancel,
    /// Engine to page: about a job. Body: `State`.
    State,
    /// Engine to page: it could not start. Body: a sentence.
    Broken,
}

impl Kind {
    const NAMES: [(Kind, &'static str); 6] = [
        (Kind::Init, "init"),
        (Kind::Ready, "ready"),
        (Kind::Start, "start"),
        (Kind::Cancel, "cancel"),
        (Kind::State, "state"),
        (Kind::Broken, "broken"),
    ];

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    fn of(name: &str) -> Option<Kind> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

pub struct Message {
    pub kind: Kind,
    pub id: JobId,
    body: JsValue,
    pub payload: Payload,
    #[cfg_attr(not(feature = "engine"), allow(dead_code))]
    /// Only the engine receives any.
    #[cfg_attr(not(feature = "engine"), allow(dead_code))]
    pub blobs: Vec<Blob>,
}

impl Message {
    /// `None` for anything that is not one of ours.
    pub fn read(data: &JsValue) -> Option<Self> {
        let get = |key: &str| Reflect::get(data, &JsValue::from_str(key)).ok();
        let kind = Kind::of(&get("kind")?.as_string()?)?;
        let id = get("id")?.as_f64()? as JobId;
        let floats = get("floats")?.dyn_into::<Float32Array>().ok()?.to_vec();
        let parts = get("parts")?.dyn_into::<Array>().ok()?;
        let parts = parts.iter().filter_map(|p| p.dyn_into::<Uint8Array>().ok()).map(|p| p.to_vec()).collect();
        let blobs = get("blobs")?.dyn_into::<Array>().ok()?;
        let blobs = blobs.iter().filter_map(|b| b.dyn_into::<Blob>().ok()).collect();
        Some(Self { kind, id, body: get("body")?, payload: Payload { floats, parts }, blobs })
    }

    /// # Errors
    /// The body is not a `T`: page and engine are of different builds.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_wasm_bindgen::from_value(self.body.clone())
            .map_err(|e| format!("the page and the engine do not understand each other: {e}"))
    }
}

/// Builds a message and the list of buffers to transfer with it.
pub fn write<T: Serialize>(kind: Kind, id: JobId, body: &T, payload: &Payload, blobs: &[Blob]) -> (Object, Array) {
    let message = Object::new();
    let transfer = Array::new();
    let set = |key: &str, value: &JsValue| {
        // Setting a property of a fresh plain object cannot fail.
        let _ = Reflect::set(&message, &JsValue::from_str(key), value);
    };
    set("kind", &JsValue::from_str(kind.name()));
    set("id", &JsValue::from_f64(f64::from(id)));
    set("body", &serde_wasm_bindgen::to_value(body).unwrap_or(JsValue::NULL));

    let floats = Float32Array::from(payload.floats.as_slice());
    transfer.push(&floats.buffer());
    set("floats", &floats);

    let parts = Array::new();
    for part in &payload.parts {
        let bytes = Uint8Array::from(part.as_slice());
        transfer.push(&bytes.buffer());
        parts.push(&bytes);
    }
    set("parts", &parts);
    set("blobs", &blobs.iter().collect::<Array>());
    (message, transfer)
}
