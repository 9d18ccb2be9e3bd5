//! What every worker of ours does: it takes steps for a few milliseconds, then lets messages in.

use super::protocol::Payload;
use super::wire::{self, Kind, Message};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, MessagePort};
use web_time::{Duration, Instant};

/// Steps are taken this long before messages are looked at: short enough for a cancel to
/// feel instant, long enough for small steps not to be all overhead.
const TURN: Duration = Duration::from_millis(8);

/// A worker's own part.
pub trait Host: 'static {
    fn hear(&mut self, message: Message);

    /// There is a step to take.
    fn busy(&self) -> bool;

    /// Takes a step, and posts what there is to tell.
    fn step(&mut self);
}

struct Pump<H> {
    host: H,
    /// A wake-up is on its way through the channel.
    awake: bool,
}

/// Answers messages for as long as the worker lives.
pub fn serve(host: impl Host) {
    console_error_panic_hook::set_once();
    let channel = MessageChannel::new().expect("workers have message channels");
    let (near, far) = (channel.port1(), channel.port2());
    WAKE.with(|wake| *wake.borrow_mut() = Some(near.clone()));
    let pump = Rc::new(RefCell::new(Pump { host, awake: false }));

    let on_wake = Closure::<dyn FnMut()>::new({
        let (pump, near) = (pump.clone(), near.clone());
        move || {
            let mut pump = pump.borrow_mut();
            pump.awake = false;
            pump.work();
            pump.wake(&near);
        }
    });
    far.set_onmessage(Some(on_wake.as_ref().unchecked_ref()));
    on_wake.forget();

    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(message) = Message::read(&event.data()) {
            let mut pump = pump.borrow_mut();
            pump.host.hear(message);
            pump.wake(&near);
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
}

impl<H: Host> Pump<H> {
    fn work(&mut self) {
        let started = Instant::now();
        while self.host.busy() && started.elapsed() < TURN {
            self.host.step();
        }
    }

    /// Arranges for more work in a task of its own, so that messages come in between.
    fn wake(&mut self, port: &MessagePort) {
        if !self.awake && self.host.busy() {
            self.awake = port.post_message(&JsValue::NULL).is_ok();
        }
    }
}

thread_local! {
    static WAKE: RefCell<Option<MessagePort>> = const { RefCell::new(None) };
}

/// Has the worker look for work: something it waited for outside messages has come.
#[cfg(feature = "engine")]
pub fn nudge() {
    WAKE.with(|wake| wake.borrow().as_ref().map(|port| port.post_message(&JsValue::NULL)));
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

pub fn post<T: serde::Serialize>(kind: Kind, id: u32, body: &T, payload: &Payload) {
    let (message, transfer) = wire::write(kind, id, body, payload, &[]);
    if scope().post_message_with_transfer(&message, &transfer).is_err() {
        web_sys::console::error_1(&"the worker could not post its answer".into());
    }
}
