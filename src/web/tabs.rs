//! Several tabs of the same page: who may write, and what they tell each other.

use super::clock;
use js_sys::{Function, Object, Promise, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, BroadcastChannel, MessageEvent};

#[wasm_bindgen]
extern "C" {
    /// Web Locks; web-sys counts them as unstable.
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, options: &Object, granted: &JsValue) -> Result<Promise, JsValue>;
}

/// How to come by a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Wait for it, but no longer than this, in milliseconds.
    Within(u32),
    /// Take it from whoever has it.
    Steal,
}

/// Held until dropped, or until another tab takes it.
pub struct Lock {
    release: Option<Function>,
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// A lock that only one tab holds. `None`: another tab has it. A browser without locks grants every
/// wish. `on_taken` hears when another tab has stolen it.
pub async fn lock(name: &str, how: How, on_taken: impl FnOnce() + 'static) -> Option<Lock> {
    let Some(manager) = manager() else { return Some(Lock { release: None }) };
    let options = Object::new();
    let set = |key: &str, value: &JsValue| {
        let _ = Reflect::set(&options, &key.into(), value);
    };
    let mut patience = None;
    match how {
        How::Steal => set("steal", &JsValue::TRUE),
        How::Within(ms) => {
            let abort = AbortController::new().ok()?;
            set("signal", &abort.signal());
            patience = Some(clock::after(ms, move || abort.abort()));
        }
    }
    let release: Rc<RefCell<Option<Function>>> = Rc::default();
    let mut request = None;
    let granted = Promise::new(&mut |resolve, reject| {
        let held = release.clone();
        let on_grant = Closure::once_into_js(move |_lock: JsValue| -> Promise {
            let holding = Promise::new(&mut |let_go, _| *held.borrow_mut() = Some(let_go));
            let _ = resolve.call0(&JsValue::UNDEFINED);
            holding
        });
        match manager.request(name, &options, &on_grant) {
            Ok(promise) => request = Some((promise, reject)),
            Err(error) => drop(reject.call1(&error, &error)),
        }
    });
    if let Some((promise, reject)) = request {
        let held = release.clone();
        wasm_bindgen_futures::spawn_local(async move {
            // Ends well when we let go; otherwise we waited too long, or another tab took it.
            if let Err(error) = JsFuture::from(promise).await {
                if held.borrow().is_some() { on_taken() } else { drop(reject.call1(&error, &error)) }
            }
        });
    }
    let mine = JsFuture::from(granted).await.is_ok();
    drop(patience);
    if !mine {
        return None;
    }
    let release = release.borrow().clone();
    Some(Lock { release })
}

fn manager() -> Option<LockManager> {
    let navigator = web_sys::window()?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    (!locks.is_undefined()).then(|| locks.unchecked_into())
}

/// Words between the tabs of this page. What a tab says it does not hear itself.
pub struct Channel {
    channel: BroadcastChannel,
    _hear: Closure<dyn FnMut(MessageEvent)>,
}

impl Channel {
    pub fn open(name: &str, mut hear: impl FnMut(String) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(word) = event.data().as_string() {
                hear(word);
            }
        });
        channel.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        Some(Self { channel, _hear: hear })
    }

    pub fn say(&self, word: &str) {
        let _ = self.channel.post_message(&JsValue::from_str(word));
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.close();
    }
}
