//! The engine's side of the wire: receives requests, runs jobs step by step, yields to
//! incoming messages between steps, and posts what there is to tell.

mod bench;
mod blob;
mod parked;

use super::jobs::{self, Source, scheduler::Scheduler};
use super::protocol::{BackboneInfo, PROTOCOL, Payload, Ready, Request, State, Twin};
use super::pump::{self, Host, post};
use super::wire::{Kind, Message};
use crate::model::backbone::Backbone;
use crate::model::random;
use blob::BlobSource;
use parked::Parked;
use wasm_bindgen::prelude::*;

#[derive(Default)]
struct Engine {
    backbone: Option<Backbone>,
    scheduler: Scheduler,
    parked: Parked,
}

/// Answers messages for as long as the worker lives.
pub fn serve() {
    pump::serve(Engine::default());
}

impl Host for Engine {
    fn hear(&mut self, message: Message) {
        match message.kind {
            Kind::Init | Kind::Start if self.parked.takes(&message) => self.parked.add(message),
            Kind::Init => self.load(message),
            Kind::Start => self.start(message),
            Kind::Cancel => {
                if self.parked.cancel(message.id) || self.scheduler.cancel(message.id) {
                    post(Kind::State, message.id, &State::Cancelled, &Payload::default());
                }
            }
            Kind::Ready | Kind::State | Kind::Broken => {}
        }
    }

    fn busy(&self) -> bool {
        self.parked.due() || self.backbone.is_some() && !self.scheduler.idle()
    }

    fn step(&mut self) {
        for (message, outcome) in self.parked.release() {
            match (outcome, message.kind) {
                (Ok(()), _) => self.hear(message),
                (Err(reason), Kind::Init) => post(Kind::Broken, 0, &reason, &Payload::default()),
                (Err(reason), _) => post(Kind::State, message.id, &State::Failed(reason), &Payload::default()),
            }
        }
        let Some(backbone) = &self.backbone else { return };
        if let Some((id, state, payload)) = self.scheduler.turn(backbone) {
            post(Kind::State, id, &state, &payload);
        }
    }
}

impl Engine {
    fn load(&mut self, message: Message) {
        match open(message) {
            Ok((twin, backbone)) => {
                let backbone_info = info(twin, &backbone);
                let ready = Ready {
                    protocol: PROTOCOL,
                    build: env!("CARGO_PKG_VERSION").into(),
                    backbone: Some(backbone_info),
                };
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
        digest: format!("{:016x}", jobs::import::fnv1a(backbone.file())),
    }
}

/// Panics. Tests call it from inside the worker to see the page survive a real trap.
#[wasm_bindgen]
pub fn trap() {
    panic!("a trap was asked for");
}
