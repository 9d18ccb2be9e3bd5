//! The service worker's registration: `assets/sw.js` keeps the site on the device, and a new version waits
//! until the person agrees.

use super::listen::{self, Listener};
use super::{address, clock};
use js_sys::Reflect;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ServiceWorker, ServiceWorkerContainer, ServiceWorkerRegistration, ServiceWorkerState};

/// Relative to the page.
const SCRIPT: &str = "sw.js";
/// How often a page that stays open looks for a new version.
const LOOK_MS: u32 = 30 * 60 * 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not asked for yet.
    Off,
    /// This browser, or this window (private, or not secure), keeps no sites.
    Impossible,
    /// Being stored.
    Storing,
    /// The next visit needs no network.
    Ready,
    /// Something could not be stored; it is tried again on the next visit.
    Failed,
}

/// Lives as long as the page.
pub struct Offline {
    registration: Rc<RefCell<Option<ServiceWorkerRegistration>>>,
    /// The person asked for the new version here: this page reloads when it takes over.
    agreed: Rc<Cell<bool>>,
    listeners: Rc<RefCell<Vec<Listener>>>,
}

fn container() -> Option<ServiceWorkerContainer> {
    let navigator = web_sys::window()?.navigator();
    let there = Reflect::get(&navigator, &"serviceWorker".into()).ok()?;
    there.dyn_into().ok()
}

impl Offline {
    /// Registers. `tell` hears how that goes, `waiting` that a new version is ready.
    pub fn start(tell: impl Fn(State) + Clone + 'static, waiting: impl Fn() + Clone + 'static) -> Self {
        let offline = Self {
            registration: Rc::new(RefCell::new(None)),
            agreed: Rc::new(Cell::new(false)),
            listeners: Rc::new(RefCell::new(Vec::new())),
        };
        let Some(container) = container() else {
            tell(State::Impossible);
            return offline;
        };
        let agreed = offline.agreed.clone();
        let took_over = listen::on(&container, "controllerchange", move |_| {
            if agreed.replace(false) {
                address::reload();
            }
        });
        offline.listeners.borrow_mut().push(took_over);
        let (kept, listeners) = (offline.registration.clone(), offline.listeners.clone());
        wasm_bindgen_futures::spawn_local(async move {
            let registered = JsFuture::from(container.register(SCRIPT)).await;
            let Some(registration) = registered.ok().and_then(|r| r.dyn_into::<ServiceWorkerRegistration>().ok())
            else {
                tell(State::Impossible);
                return;
            };
            *kept.borrow_mut() = Some(registration.clone());
            let watch = {
                let (container, listeners) = (container.clone(), listeners.clone());
                move |worker: ServiceWorker| follow(&container, worker, &listeners, tell.clone(), waiting.clone())
            };
            for worker in
                [registration.active(), registration.waiting(), registration.installing()].into_iter().flatten()
            {
                watch(worker);
            }
            let found = {
                let (registration, watch) = (registration.clone(), watch.clone());
                listen::on(&registration.clone(), "updatefound", move |_| {
                    registration.installing().into_iter().for_each(&watch)
                })
            };
            listeners.borrow_mut().push(found);
            clock::every(LOOK_MS, move || {
                let _ = registration.update();
            })
            .forget();
        });
        offline
    }

    /// Lets the new version take over, and loads it.
    pub fn agree(&self) {
        let waiting = self.registration.borrow().as_ref().and_then(ServiceWorkerRegistration::waiting);
        match waiting {
            Some(worker) => {
                self.agreed.set(true);
                let _ = worker.post_message(&JsValue::from_str("take over"));
            }
            // It has taken over already, by another tab.
            None => address::reload(),
        }
    }

    /// What is not needed at once may be stored now.
    pub fn store_rest(&self) {
        let active = self.registration.borrow().as_ref().and_then(ServiceWorkerRegistration::active);
        if let Some(worker) = active {
            let _ = worker.post_message(&JsValue::from_str("store the rest"));
        }
    }
}

/// Tells what becomes of one version.
fn follow(
    container: &ServiceWorkerContainer,
    worker: ServiceWorker,
    listeners: &Rc<RefCell<Vec<Listener>>>,
    tell: impl Fn(State) + 'static,
    waiting: impl Fn() + 'static,
) {
    let container = container.clone();
    let hear = {
        let worker = worker.clone();
        move || match worker.state() {
            ServiceWorkerState::Installing => tell(State::Storing),
            // One that waits has an older one before it, which goes on serving this page.
            ServiceWorkerState::Installed if container.controller().is_some() => {
                tell(State::Ready);
                waiting();
            }
            ServiceWorkerState::Activated => tell(State::Ready),
            ServiceWorkerState::Redundant if container.controller().is_none() => tell(State::Failed),
            _ => {}
        }
    };
    hear();
    listeners.borrow_mut().push(listen::on(&worker, "statechange", move |_| hear()));
}
