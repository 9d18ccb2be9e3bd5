//! The worker an engine runs in: given the module first, and a backbone when one is here.

use super::{Engine, Kit, Status};
use crate::engine::protocol::{Payload, Twin};
use crate::engine::wire::{self, Kind};
use js_sys::{Object, Reflect, WebAssembly};
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

const NOT_STARTED: &str = "The engine could not be started.";

/// A worker with its event handlers, which must live as long as it does.
pub(super) struct Live {
    pub(super) worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Engine {
    /// Starts a worker with the module and backbone at hand.
    pub(super) fn spawn(&self) {
        if let Err(reason) = self.try_spawn() {
            (self.0.on_status)(Status::Failed(reason));
        }
    }

    fn try_spawn(&self) -> Result<(), String> {
        let mut state = self.0.state.borrow_mut();
        let booted = state.booted.take();
        let loaded = state.loaded.as_ref().ok_or("The engine has not been downloaded.")?;
        let module = loaded.module.clone();
        let files = match state.kit {
            Kit::Engine => {
                let shipped = loaded.backbones.get(state.twin.file());
                let file = if state.twin == Twin::Brought { state.brought.as_ref() } else { shipped };
                vec![file.ok_or("The backbone has not been downloaded.")?.to_vec()]
            }
            Kit::Scratch => Vec::new(),
        };
        let twin = state.twin;
        drop(state);
        let live = booted.map_or_else(|| self.boot(&module), Ok)?;
        let (init, transfer) = wire::write(Kind::Init, 0, &twin, &Payload::parts(files), &[]);
        live.worker.post_message_with_transfer(&init, &transfer).map_err(|_| NOT_STARTED.to_owned())?;
        self.0.state.borrow_mut().worker = Some(live);
        Ok(())
    }

    /// A worker that is starting with `module`.
    pub(super) fn boot(&self, module: &WebAssembly::Module) -> Result<Live, String> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options("engine-worker.js", &options)
            .map_err(|_| "This browser did not allow the engine to start.".to_owned())?;

        let on_message = Closure::new({
            let engine = self.clone();
            move |event: MessageEvent| engine.hear(&event.data())
        });
        let on_error = Closure::new({
            let engine = self.clone();
            move |event: ErrorEvent| {
                event.prevent_default();
                engine.crashed(&event.message());
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));

        let entry = Object::new();
        let _ = Reflect::set(&entry, &"module".into(), module);
        let _ = Reflect::set(&entry, &"script".into(), &self.0.state.borrow().kit.script().into());
        let boot = Object::new();
        let _ = Reflect::set(&boot, &"boot".into(), &entry);
        worker.post_message(&boot).map_err(|_| NOT_STARTED.to_owned())?;
        Ok(Live { worker, _on_message: on_message, _on_error: on_error })
    }
}
