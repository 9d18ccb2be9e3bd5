//! The page's side of the engine: start it, talk to it, bring it back after a crash.
//!
//! The page downloads and compiles the engine's wasm once and keeps the module and the
//! backbone's bytes, so that a new worker after a crash needs no network and little time.
//! A wasm instance that has panicked is never re-entered: its worker is terminated.

pub mod file;
mod live;
mod load;
pub mod pool;
mod switch;

use super::protocol::{JobId, PROTOCOL, Payload, Ready, Reply, Request, State, Twin};
use super::wire::{self, Kind, Message};
use js_sys::Reflect;
use live::Live;
use load::Loaded;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
pub use switch::Fetch;
use wasm_bindgen::prelude::*;
use web_sys::Blob;

/// The engine's state, for the person to see.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// Downloading; `total` is unknown when the server does not say.
    Loading {
        received: u64,
        total: Option<u64>,
    },
    /// Downloaded; the worker compiles and loads the backbone.
    Starting,
    Ready(Ready),
    /// It crashed and a new one is starting. Nothing of the person's is lost.
    Restarting,
    /// It cannot be started. The sentence says why.
    Failed(String),
}

/// What happens to a submitted job.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    Progress(Reply, Payload),
    Done(Reply, Payload),
    /// Ended without a result; the sentence is for the person.
    Failed(String),
    Cancelled,
    /// The engine crashed during this job. Submit it again, or leave out what broke it.
    Lost,
}

impl Event {
    /// What there is to say of a job that came to nothing; `lost`: what to say after a crash. `None` for
    /// everything else, and for one that was cancelled: whoever did that knows.
    pub fn trouble(self, lost: &str) -> Option<String> {
        match self {
            Self::Failed(reason) => Some(reason),
            Self::Lost => Some(lost.into()),
            Self::Progress(..) | Self::Done(..) | Self::Cancelled => None,
        }
    }
}

/// Which of our workers it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kit {
    #[default]
    Engine,
    /// Trains from scratch: another binary, without a backbone.
    Scratch,
}

impl Kit {
    /// Relative to the page, so that the site works in a sub-folder.
    fn wasm(self) -> &'static str {
        match self {
            Self::Engine if load::relaxed_simd() => "engine-relaxed_bg.wasm",
            Self::Engine => "engine_bg.wasm",
            Self::Scratch => "scratch_bg.wasm",
        }
    }

    /// Relative to the worker's script.
    fn script(self) -> &'static str {
        match self {
            Self::Engine if load::relaxed_simd() => "./engine-relaxed.js",
            Self::Engine => "./engine.js",
            Self::Scratch => "./scratch.js",
        }
    }
}

type Listener = Rc<RefCell<dyn FnMut(Event)>>;

/// How often the engine may crash in a row without finishing any job before the page gives up.
const MAX_CRASHES: u32 = 5;

/// A handle to the engine. Clones are the same engine.
#[derive(Clone)]
pub struct Engine(Rc<Inner>);

struct Inner {
    on_status: Box<dyn Fn(Status)>,
    state: RefCell<Running>,
}

#[derive(Default)]
struct Running {
    kit: Kit,
    loaded: Option<Loaded>,
    /// The backbone to run.
    twin: Twin,
    /// The file of [`Twin::Brought`].
    brought: Option<Rc<Vec<u8>>>,
    /// Counts fetches, so that one that was overtaken is dropped.
    fetches: u32,
    worker: Option<Live>,
    /// A worker that has been given the module and waits for a backbone.
    booted: Option<Live>,
    ready: bool,
    /// Whether it was ended for good; what is still downloading then starts nothing.
    over: bool,
    next: JobId,
    /// Jobs the engine has been given.
    jobs: HashMap<JobId, Listener>,
    /// Jobs waiting for an engine, in order.
    waiting: Vec<Waiting>,
    crashes: u32,
}

struct Waiting {
    id: JobId,
    request: Request,
    payload: Payload,
    blobs: Vec<Blob>,
    listener: Listener,
}

/// One submitted job. Dropping it does nothing; [`Job::cancel`] stops it.
#[derive(Clone)]
pub struct Job {
    id: JobId,
    engine: Engine,
}

impl Engine {
    /// Starts loading at once; `on_status` hears of every change. Jobs may be submitted
    /// right away: they wait until the engine is ready.
    pub fn start(on_status: impl Fn(Status) + 'static) -> Self {
        Self::begin(Kit::Engine, on_status)
    }

    /// Starts the worker that trains from scratch. It ends with [`Engine::end`].
    pub fn start_scratch(on_status: impl Fn(Status) + 'static) -> Self {
        Self::begin(Kit::Scratch, on_status)
    }

    fn begin(kit: Kit, on_status: impl Fn(Status) + 'static) -> Self {
        let state = RefCell::new(Running { kit, ..Running::default() });
        let inner = Inner { on_status: Box::new(on_status), state };
        let engine = Self(Rc::new(inner));
        engine.load();
        engine
    }

    /// Downloads again after [`Status::Failed`].
    pub fn retry(&self) {
        self.0.state.borrow_mut().crashes = 0;
        if self.0.state.borrow().loaded.is_some() { self.spawn() } else { self.load() }
    }

    /// Submits a job; `listener` hears of it until it is done, failed, cancelled or lost.
    pub fn submit(
        &self,
        request: Request,
        payload: Payload,
        blobs: Vec<Blob>,
        listener: impl FnMut(Event) + 'static,
    ) -> Job {
        let mut state = self.0.state.borrow_mut();
        state.next += 1;
        let id = state.next;
        let listener: Listener = Rc::new(RefCell::new(listener));
        state.waiting.push(Waiting { id, request, payload, blobs, listener });
        drop(state);
        self.hand_over();
        Job { id, engine: self.clone() }
    }

    fn load(&self) {
        let engine = self.clone();
        (self.0.on_status)(Status::Loading { received: 0, total: None });
        wasm_bindgen_futures::spawn_local(async move {
            let progress = {
                let engine = engine.clone();
                move |received, total| (engine.0.on_status)(Status::Loading { received, total })
            };
            let (kit, twin) = {
                let state = engine.0.state.borrow();
                (state.kit, state.twin)
            };
            // One that was brought needs no download; the site's own is there to go back to.
            let first = if twin == Twin::Brought { Twin::default() } else { twin };
            // The worker compiles and starts while the backbone is still coming in.
            let compiled = {
                let engine = engine.clone();
                move |module: &_| {
                    if !engine.0.state.borrow().over {
                        let booted = engine.boot(module).ok();
                        engine.0.state.borrow_mut().booted = booted;
                    }
                }
            };
            let loaded = load::load(kit, first, progress, compiled).await;
            if engine.0.state.borrow().over {
                return;
            }
            match loaded {
                Ok(loaded) => {
                    engine.0.state.borrow_mut().loaded = Some(loaded);
                    match kit {
                        Kit::Engine => engine.start_chosen(),
                        Kit::Scratch => engine.spawn(),
                    }
                }
                Err(reason) => (engine.0.on_status)(Status::Failed(reason)),
            }
        });
    }

    /// Gives waiting jobs to a ready engine.
    fn hand_over(&self) {
        let mut state = self.0.state.borrow_mut();
        if !state.ready {
            return;
        }
        let waiting = std::mem::take(&mut state.waiting);
        for job in waiting {
            let Some(live) = &state.worker else { return };
            let (message, transfer) = wire::write(Kind::Start, job.id, &job.request, &job.payload, &job.blobs);
            let sent = live.worker.post_message_with_transfer(&message, &transfer).is_ok();
            if sent {
                state.jobs.insert(job.id, job.listener);
            } else {
                tell_later(job.listener, Event::Failed("The browser could not pass this on to the engine.".into()));
            }
        }
    }

    fn hear(&self, data: &JsValue) {
        if let Some(reason) = Reflect::get(data, &"bootFailed".into()).ok().and_then(|r| r.as_string()) {
            return self.crashed(&reason);
        }
        let Some(message) = Message::read(data) else { return };
        match message.kind {
            Kind::Ready => match message.body::<Ready>() {
                Ok(ready) if ready.protocol == PROTOCOL => {
                    self.0.state.borrow_mut().ready = true;
                    (self.0.on_status)(Status::Ready(ready));
                    self.hand_over();
                }
                _ => self.give_up("The page and the engine are of different versions. Please reload the page."),
            },
            Kind::Broken => self.give_up(&message.body::<String>().unwrap_or_default()),
            Kind::State => self.hear_of_job(message),
            Kind::Init | Kind::Start | Kind::Cancel => {}
        }
    }

    fn hear_of_job(&self, message: Message) {
        // Replies to a job that was cancelled or lost are stale: nobody listens any more.
        let Some(listener) = self.0.state.borrow().jobs.get(&message.id).cloned() else { return };
        let event = match message.body::<State>() {
            Ok(State::Progress(reply)) => Event::Progress(reply, message.payload),
            Ok(State::Done(reply)) => Event::Done(reply, message.payload),
            Ok(State::Failed(reason)) | Err(reason) => Event::Failed(reason),
            Ok(State::Cancelled) => Event::Cancelled,
        };
        let mut state = self.0.state.borrow_mut();
        state.crashes = 0;
        if !matches!(event, Event::Progress(..)) {
            state.jobs.remove(&message.id);
        }
        drop(state);
        (listener.borrow_mut())(event);
    }

    /// The worker trapped or could not boot: end it, start another, tell whoever waited.
    fn crashed(&self, reason: &str) {
        let mut state = self.0.state.borrow_mut();
        state.worker = None;
        state.ready = false;
        state.crashes += 1;
        let crashes = state.crashes;
        if state.booted.take().is_some() {
            // Before its backbone was there: another one is started when it is.
            return;
        }
        let lost: Vec<Listener> = state.jobs.drain().map(|(_, listener)| listener).collect();
        drop(state);
        web_sys::console::warn_1(&format!("The engine stopped: {reason}").into());
        if crashes > MAX_CRASHES {
            self.give_up("The engine keeps stopping on this device. Your pictures and labels are safe; try again or use another browser.");
        } else {
            (self.0.on_status)(Status::Restarting);
            self.spawn();
        }
        for listener in lost {
            (listener.borrow_mut())(Event::Lost);
        }
    }

    fn give_up(&self, reason: &str) {
        let mut state = self.0.state.borrow_mut();
        state.worker = None;
        state.ready = false;
        drop(state);
        (self.0.on_status)(Status::Failed(reason.to_owned()));
    }
}

impl Job {
    /// Stops the job. Its listener hears `Cancelled` at once and nothing after that.
    pub fn cancel(&self) {
        let mut state = self.engine.0.state.borrow_mut();
        let queued = state.waiting.iter().position(|w| w.id == self.id);
        let listener = match queued {
            Some(at) => Some(state.waiting.remove(at).listener),
            None => state.jobs.remove(&self.id),
        };
        if let (None, Some(live)) = (queued, &state.worker) {
            let (message, transfer) = wire::write(Kind::Cancel, self.id, &(), &Payload::default(), &[]);
            let _ = live.worker.post_message_with_transfer(&message, &transfer);
        }
        drop(state);
        if let Some(listener) = listener {
            tell_later(listener, Event::Cancelled);
        }
    }
}

/// Tells a listener in a task of its own, so that it may submit or cancel freely.
fn tell_later(listener: Listener, event: Event) {
    wasm_bindgen_futures::spawn_local(async move { (listener.borrow_mut())(event) });
}
