//! Messages that wait for the reader of ONNX files (`model::reader`), while others are answered.

use crate::engine::protocol::{JobId, Request, Twin};
use crate::engine::pump;
use crate::engine::wire::{Kind, Message};
use crate::model::reader;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

#[derive(Default)]
pub struct Parked {
    messages: Vec<Message>,
    /// How fetching it went, once it is over.
    outcome: Rc<RefCell<Option<Result<(), String>>>>,
}

impl Parked {
    /// Whether `message` has to wait.
    pub fn takes(&self, message: &Message) -> bool {
        !reader::here()
            && match message.kind {
                Kind::Init => message.body::<Twin>() == Ok(Twin::Brought),
                Kind::Start => message.body::<Request>().is_ok_and(|request| reads_any_model(&request)),
                _ => false,
            }
    }

    /// Keeps `message`, and has the reader fetched if that is not under way.
    pub fn add(&mut self, message: Message) {
        if self.messages.is_empty() {
            let outcome = self.outcome.clone();
            spawn_local(async move {
                *outcome.borrow_mut() = Some(reader::fetch().await);
                pump::nudge();
            });
        }
        self.messages.push(message);
    }

    /// Forgets a message; `false` if it is not here.
    pub fn cancel(&mut self, id: JobId) -> bool {
        let before = self.messages.len();
        self.messages.retain(|message| message.id != id || message.kind != Kind::Start);
        self.messages.len() < before
    }

    /// The waiting is over.
    pub fn due(&self) -> bool {
        self.outcome.borrow().is_some()
    }

    /// What waited, in the order it came, if the waiting is over, and how it ended.
    pub fn release(&mut self) -> Vec<(Message, Result<(), String>)> {
        let Some(outcome) = self.outcome.borrow_mut().take() else { return Vec::new() };
        self.messages.drain(..).map(|message| (message, outcome.clone())).collect()
    }
}

/// Answering `request` needs more than our own backbones.
fn reads_any_model(request: &Request) -> bool {
    match request {
        Request::Images(_) | Request::Learn(_) | Request::Shift(_) => false,
        Request::Budget(_) | Request::Scratch(_) | Request::Share(_) => false,
        Request::Shrink(_) | Request::Words(_) | Request::Twins(_) | Request::Backbone(_) => true,
    }
}
