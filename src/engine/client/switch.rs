//! Changing the backbone: download it if need be, then start a worker with it.

use super::{Engine, Event, Listener, Running, Status, load};
use crate::engine::protocol::Twin;
use std::rc::Rc;

/// How fetching a backbone goes on.
#[derive(Debug, Clone, PartialEq)]
pub enum Fetch {
    /// Bytes received and, where known, expected.
    Loading(u64, Option<u64>),
    /// It can be run.
    Here,
    /// The sentence says why not.
    Failed(String),
}

impl Running {
    /// Whether a twin's file is here; `None` before the first download is over.
    pub(super) fn has(&self, twin: Twin) -> Option<bool> {
        if twin == Twin::Brought {
            return Some(self.brought.is_some());
        }
        self.loaded.as_ref().map(|l| l.backbones.contains_key(twin.file()))
    }
}

impl Engine {
    /// From now on [`Twin::Brought`] is this file, or none. Whoever runs it goes on with what it has until
    /// [`Engine::run`].
    pub fn bring(&self, file: Option<Vec<u8>>) {
        self.0.state.borrow_mut().brought = file.map(Rc::new);
    }

    /// Downloads a twin's file unless it is here. A later call overtakes an earlier one, which
    /// then is heard of no more.
    pub fn fetch(&self, twin: Twin, listener: impl Fn(Fetch) + 'static) {
        let mut state = self.0.state.borrow_mut();
        state.fetches += 1;
        let turn = state.fetches;
        let known = state.has(twin).unwrap_or(true);
        drop(state);
        let (engine, listener) = (self.clone(), Rc::new(listener));
        let current = move |engine: &Engine| engine.0.state.borrow().fetches == turn;
        wasm_bindgen_futures::spawn_local(async move {
            let mut outcome = Fetch::Here;
            if !known {
                let progress = {
                    let (engine, listener) = (engine.clone(), listener.clone());
                    move |received, total| {
                        if current(&engine) {
                            listener(Fetch::Loading(received, total));
                        }
                    }
                };
                match load::backbone(twin, progress).await {
                    Ok(file) => engine.keep(twin, file),
                    Err(reason) => outcome = Fetch::Failed(reason),
                }
            }
            if current(&engine) {
                listener(outcome);
            }
        });
    }

    /// Downloads a twin's file unless it is here, whatever else is being fetched. `progress` hears bytes
    /// received and, where known, expected; then `done` hears whether it can be run.
    pub fn obtain(
        &self,
        twin: Twin,
        progress: impl Fn(u64, Option<u64>) + 'static,
        done: impl FnOnce(Result<(), String>) + 'static,
    ) {
        let known = self.0.state.borrow().has(twin) == Some(true);
        let engine = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            if known {
                return done(Ok(()));
            }
            done(load::backbone(twin, progress).await.map(|file| engine.keep(twin, file)));
        });
    }

    /// Starts a worker once everything is downloaded, with the twin that was chosen meanwhile.
    pub(super) fn start_chosen(&self) {
        let twin = self.0.state.borrow().twin;
        let engine = self.clone();
        self.fetch(twin, move |news| match news {
            Fetch::Loading(received, total) => (engine.0.on_status)(Status::Loading { received, total }),
            Fetch::Here => {
                (engine.0.on_status)(Status::Starting);
                engine.spawn();
            }
            Fetch::Failed(reason) => (engine.0.on_status)(Status::Failed(reason)),
        });
    }

    /// Starts a worker with a twin that was fetched; jobs submitted from now on are answered
    /// by it. Jobs under way fail: their answers would be another backbone's.
    pub fn run(&self, twin: Twin) {
        let mut state = self.0.state.borrow_mut();
        state.twin = twin;
        if state.loaded.is_none() {
            // The download under way ends by starting it.
            return;
        }
        state.worker = None;
        state.ready = false;
        let jobs: Vec<Listener> = state.jobs.drain().map(|(_, listener)| listener).collect();
        drop(state);
        (self.0.on_status)(Status::Starting);
        self.spawn();
        for listener in jobs {
            (listener.borrow_mut())(Event::Failed("The backbone was changed.".into()));
        }
    }

    fn keep(&self, twin: Twin, file: Vec<u8>) {
        if let Some(loaded) = &mut self.0.state.borrow_mut().loaded {
            loaded.backbones.insert(twin.file(), Rc::new(file));
        }
    }
}
