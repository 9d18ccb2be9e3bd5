//! The engine's side of the wire: receives requests, runs jobs step by step, yields to
//! incoming messages between steps, and posts what there is to tell.

mod blob;

use super::jobs::{self, Source, scheduler::Scheduler};
use super::protocol::{BackboneInfo, PROTOCOL, Payload, Ready, Request, State, Twin};
use super::wire::{self, Kind, Message};
use crate::model::backbone::Backbone;
use crate::model::random;
use blob::BlobSource;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, MessagePort};
use web_time::{Duration, Instant};

/// Steps are taken this long before messages are looked at: short enough for a cancel to
/// feel instant, long enough for small steps not to be all overhead.
const TURN: Duration = Duration::from_millis(8);

#[derive(Default)]
struct Engine {
    backbone: Option<Backbone>,
    scheduler: Scheduler,
    /// A wake-up is on its way through the channel.
    awake: bool,
}

/// Answers messages for as long as the worker lives.
pub fn serve() {
    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let channel = MessageChannel::new().expect("workers have message channels");
    let (near, far) = (channel.port1(), channel.port2());
    let engine = Rc::new(RefCell::new(Engine::default()));

    let on_wake = Closure::<dyn FnMut()>::new({
        let (engine, near) = (engine.clone(), near.clone());
        move || {
            let mut engine = engine.borrow_mut();
            engine.awake = false;
            engine.work();
            engine.wake(&near);
        }
    });
    far.set_onmessage(Some(on_wake.as_ref().unchecked_ref()));
    on_wake.forget();

    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(message) = Message::read(&event.data()) {
            let mut engine = engine.borrow_mut();
            engine.hear(message);
            engine.wake(&near);
        }
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
}

impl Engine {
    fn hear(&mut self, message: Message) {
        match message.kind {
            Kind::Init => self.load(message),
            Kind::Start => self.start(message),
            Kind::Cancel => {
                if self.scheduler.cancel(message.id) {
                    post(Kind::State, message.id, &State::Cancelled, &Payload::default());
                }
            }
            Kind::Ready | Kind::State | Kind::Broken => {}
        }
    }

    fn load(&mut self, message: Message) {
        match open(message) {
            Ok((twin, backbone)) => {
                let backbone_info = info(twin, &backbone);
                let ready =
                    Ready { protocol: PROTOCOL, build: env!("CARGO_PKG_VERSION").into(), backbone: backbone_info };
                self.backbone = Some(backbone);
                post(Kind::Ready, 0, &ready, &Payload::default());
            }
            Err(reason) => post(Kind::Broken, 0, &reason, &Payload::default()),
        }
    }

    fn start(&mut self, message: Message) {
        let id = message.id;
        let request = message.body::<Request>();
        let files = message.blobs.into_iter().map(|blob| Box::new(BlobSource::new(blob)) as Box<dyn Source>).collect();
        match request.and_then(|request| jobs::job(request, message.payload, files)) {
            Ok(job) => self.scheduler.add(id, job),
            Err(reason) => post(Kind::State, id, &State::Failed(reason), &Payload::default()),
        }
    }

    fn work(&mut self) {
        let Some(backbone) = &self.backbone else { return };
        let started = Instant::now();
        while !self.scheduler.idle() && started.elapsed() < TURN {
            if let Some((id, state, payload)) = self.scheduler.turn(backbone) {
                post(Kind::State, id, &state, &payload);
            }
        }
    }

    /// Arranges for more work in a task of its own, so that messages come in between.
    fn wake(&mut self, port: &MessagePort) {
        if !self.awake && !self.scheduler.idle() && self.backbone.is_some() {
            self.awake = port.post_message(&JsValue::NULL).is_ok();
        }
    }
}

fn open(message: Message) -> Result<(Twin, Backbone), String> {
    let twin = message.body::<Twin>()?;
    let file = message.payload.parts.into_iter().next().unwrap_or_default();
    let file = if twin == Twin::Random { random::random_twin(&file, random::SEED)? } else { file };
    Ok((twin, Backbone::load(file)?))
}

fn info(twin: Twin, backbone: &Backbone) -> BackboneInfo {
    BackboneInfo {
        twin,
        dim: backbone.dim,
        side: backbone.side,
        grid: backbone.grid,
        file_bytes: backbone.file().len(),
        weight_bytes: backbone.parameters * size_of::<f32>(),
        parameters: backbone.parameters,
    }
}

fn post<T: serde::Serialize>(kind: Kind, id: u32, body: &T, payload: &Payload) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let (message, transfer) = wire::write(kind, id, body, payload, &[]);
    if scope.post_message_with_transfer(&message, &transfer).is_err() {
        web_sys::console::error_1(&"the engine could not post its answer".into());
    }
}

/// Panics. Tests call it from inside the worker to see the page survive a real trap.
#[wasm_bindgen]
pub fn trap() {
    panic!("a trap was asked for");
}
