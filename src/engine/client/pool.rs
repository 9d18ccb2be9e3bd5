//! Several engines work through a list of tasks: each takes the next one when it is done with its own. A
//! task that an engine lost is given out again.

use super::{Engine, Event, Job, Status};
use crate::engine::protocol::{Payload, Reply, Request, Twin};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use web_sys::Blob;

/// How often one task may stop an engine.
const MAX_LOST: u32 = 3;

/// A request that is complete in itself.
#[derive(Clone)]
pub struct Task {
    pub request: Request,
    pub payload: Payload,
    pub blobs: Vec<Blob>,
}

/// What is heard of a run.
pub enum News {
    /// What a task tells. One that is given out again tells it again.
    Progress(Reply, Payload),
    /// All tasks are done.
    Done,
    /// One task could not be done, which ended the run; a sentence.
    Failed(String),
}

/// A run under way. Dropping it stops it.
pub struct Run(Rc<Inner>);

struct Inner {
    hear: Box<dyn Fn(News)>,
    state: RefCell<State>,
}

/// Where a run's helpers find it.
type Place = Rc<RefCell<Weak<Inner>>>;

struct State {
    waiting: VecDeque<(Task, u32)>,
    working: usize,
    jobs: Vec<Option<Job>>,
    /// Engines made for this run.
    helpers: Vec<Engine>,
    over: bool,
}

impl Engine {
    /// Cores that may work: one is left to the page.
    pub fn most_workers() -> usize {
        cores().saturating_sub(1).clamp(1, 16)
    }

    /// The same while the page only waits: of two, both.
    pub fn most_workers_awaited() -> usize {
        Self::most_workers().max(cores().min(2))
    }

    /// Works through `tasks` with `workers` engines: this one, and others made for the run from the same
    /// module and backbone.
    pub fn run_all(&self, tasks: Vec<Task>, workers: usize, hear: impl Fn(News) + 'static) -> Run {
        let workers = workers.clamp(1, tasks.len().max(1));
        let twin = self.0.state.borrow().twin;
        let place = Place::default();
        let helpers: Vec<Engine> = (1..workers).filter_map(|_| self.sibling(twin, &place)).collect();
        let mut engines = vec![self.clone()];
        engines.extend(helpers.iter().cloned());
        Self::share_out(engines, helpers, &place, tasks, hear)
    }

    /// Works through `tasks` with engines made for the run that run a twin which was fetched, while this one
    /// goes on with its own. `None` before everything is downloaded.
    pub fn run_by(&self, twin: Twin, tasks: Vec<Task>, workers: usize, hear: impl Fn(News) + 'static) -> Option<Run> {
        let workers = workers.clamp(1, tasks.len().max(1));
        let place = Place::default();
        let helpers = (0..workers).map(|_| self.sibling(twin, &place)).collect::<Option<Vec<Engine>>>()?;
        Some(Self::share_out(helpers.clone(), helpers, &place, tasks, hear))
    }

    fn share_out(
        engines: Vec<Engine>,
        helpers: Vec<Engine>,
        place: &Place,
        tasks: Vec<Task>,
        hear: impl Fn(News) + 'static,
    ) -> Run {
        let state = State {
            waiting: tasks.into_iter().map(|task| (task, 0)).collect(),
            working: 0,
            jobs: engines.iter().map(|_| None).collect(),
            helpers,
            over: false,
        };
        let run = Rc::new(Inner { hear: Box::new(hear), state: RefCell::new(state) });
        *place.borrow_mut() = Rc::downgrade(&run);
        for (at, engine) in engines.into_iter().enumerate() {
            run.give(at, engine);
        }
        Run(run)
    }

    /// Another worker with the same module and a twin that was fetched. It ends with [`Engine::end`]; if it
    /// cannot work, it ends the run at `place`.
    fn sibling(&self, twin: Twin, place: &Place) -> Option<Engine> {
        let state = self.0.state.borrow();
        let loaded = state.loaded.clone().filter(|_| state.has(twin) == Some(true))?;
        let brought = state.brought.clone();
        let running = super::Running { loaded: Some(loaded), twin, brought, ..super::Running::default() };
        drop(state);
        let place = place.clone();
        let on_status = Box::new(move |status: Status| {
            let Status::Failed(reason) = status else { return };
            let place = place.clone();
            // In a task of its own: it may fail before the run has begun.
            wasm_bindgen_futures::spawn_local(async move {
                let run = place.borrow().upgrade();
                if let Some(run) = run {
                    run.finish(News::Failed(reason));
                }
            });
        });
        let engine = Engine(Rc::new(super::Inner { on_status, state: RefCell::new(running) }));
        engine.spawn();
        Some(engine)
    }

    /// Ends the worker for good.
    pub fn end(&self) {
        let mut state = self.0.state.borrow_mut();
        state.waiting.clear();
        state.jobs.clear();
        state.ready = false;
        state.over = true;
        // Its handlers hold the engine: without them, all of it can be freed.
        let workers = (state.worker.take(), state.booted.take());
        drop(state);
        drop(workers);
    }
}

fn cores() -> usize {
    web_sys::window().map_or(1, |w| w.navigator().hardware_concurrency() as usize)
}

impl Inner {
    fn give(self: &Rc<Self>, at: usize, engine: Engine) {
        let mut state = self.state.borrow_mut();
        if state.over {
            return;
        }
        let Some((task, lost)) = state.waiting.pop_front() else {
            let all_done = state.working == 0;
            drop(state);
            if all_done {
                self.finish(News::Done);
            }
            return;
        };
        state.working += 1;
        drop(state);
        let (run, kept, own) = (Rc::downgrade(self), task.clone(), engine.clone());
        let job = engine.submit(task.request, task.payload, task.blobs, move |event| {
            let Some(run) = run.upgrade() else { return };
            let again = match event {
                Event::Progress(reply, payload) => return run.tell(News::Progress(reply, payload)),
                Event::Done(..) => None,
                Event::Lost if lost + 1 < MAX_LOST => Some((kept.clone(), lost + 1)),
                Event::Lost => return run.finish(News::Failed("The engine stopped several times on the way.".into())),
                Event::Failed(reason) => return run.finish(News::Failed(reason)),
                Event::Cancelled => return,
            };
            let mut state = run.state.borrow_mut();
            state.working -= 1;
            state.waiting.extend(again);
            drop(state);
            run.give(at, own.clone());
        });
        self.state.borrow_mut().jobs[at] = Some(job);
    }

    fn tell(&self, news: News) {
        if !self.state.borrow().over {
            (self.hear)(news);
        }
    }

    fn finish(&self, news: News) {
        if self.stop() {
            (self.hear)(news);
        }
    }

    /// Whether it was still under way.
    fn stop(&self) -> bool {
        let mut state = self.state.borrow_mut();
        if std::mem::replace(&mut state.over, true) {
            return false;
        }
        state.waiting.clear();
        let (jobs, helpers) = (std::mem::take(&mut state.jobs), std::mem::take(&mut state.helpers));
        drop(state);
        jobs.into_iter().flatten().for_each(|job| job.cancel());
        helpers.iter().for_each(Engine::end);
        true
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.0.stop();
    }
}
