//! Store: accuracy in many places at once, measured by every core: the way from lab to field, and all
//! corruptions at all severities.

use super::field::{Field, Source};
use super::lab::Lab;
use crate::engine::client::Engine;
use crate::engine::client::pool::{News, Run, Task};
use crate::engine::protocol::shift::{Keep, Reply as Answer, Request as Ask, UNKNOWN};
use crate::engine::protocol::{Payload, Reply, Request, pack_u32};
use crate::shift::corruption::Corruption;
use crate::shift::degradation::Degradation;
use crate::shift::scene::ladder::Ladder;
use crate::shift::scene::world::{Meaning, Order, World};
use crate::ui::engine::Link;
use crate::ui::learn::Learn;
use crate::ui::pure::mix;
use crate::ui::pure::tally::Sheet;
use crate::ui::store::Store;
use crate::web::clock;
use leptos::prelude::*;

/// Pictures measured in each place, at most.
const PICTURES: usize = 200;
/// Pictures of one task: enough that fitting the judges again does not weigh.
const PER_TASK: usize = 10;
/// The page hears of results this often.
const SHOW_MS: f64 = 120.0;

/// One measurement over several places. Copies are the same one.
pub type Survey = Store<SurveyParts>;

/// What [`Survey`] holds.
pub struct SurveyParts {
    engine: Link,
    learn: Learn,
    field: Field,
    /// Names of the places, in order.
    pub places: RwSignal<Vec<String>>,
    pub sheet: RwSignal<Sheet, LocalStorage>,
    pub classes: RwSignal<Vec<String>>,
    pub running: RwSignal<Option<f32>>,
    pub trouble: RwSignal<Option<String>>,
    /// Pictures a second, once it is over, and with how many engines.
    pub speed: RwSignal<Option<(f64, usize)>>,
    pub workers: RwSignal<usize>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    run: Option<Run>,
    /// Counted since the page was last told.
    fresh: Sheet,
    expected: usize,
    began: f64,
    shown: f64,
}

impl Survey {
    pub fn new(engine: Link, learn: Learn, field: Field) -> Self {
        Store::of(SurveyParts {
            engine,
            learn,
            field,
            places: RwSignal::new(Vec::new()),
            sheet: RwSignal::new_local(Sheet::default()),
            classes: RwSignal::new(Vec::new()),
            running: RwSignal::new(None),
            trouble: RwSignal::new(None),
            speed: RwSignal::new(None),
            workers: RwSignal::new(Engine::most_workers()),
            inner: StoredValue::new_local(Inner::default()),
        })
    }

    /// From the lab to the field as it is set: a knob at a time, or a severity at a time.
    pub fn measure_way(self) {
        let Some(lab) = Lab::now(self.learn) else { return };
        match self.field.source.get_untracked() {
            Source::World => {
                let field = untrack(|| self.field.world());
                let ladder = Ladder::new(&World::default(), &field);
                let rungs: Vec<_> = ladder.climb.into_iter().chain(ladder.alone).collect();
                let names = rungs.iter().map(|r| r.knob.clone()).collect();
                let worlds: Vec<World> = rungs.into_iter().map(|r| r.world).collect();
                self.start(&lab, names, self.photographs(&lab, &worlds));
            }
            Source::Degraded => match self.field.degradation.get_untracked() {
                Degradation::Corruption(corruption, _) => {
                    let severities = Corruption::SEVERITIES.map(|s| Degradation::Corruption(corruption, s));
                    self.degrade(&lab, [Degradation::None].into_iter().chain(severities).collect());
                }
                other => self.degrade(&lab, vec![Degradation::None, other]),
            },
            Source::Collected => {}
        }
    }

    /// Every corruption at every severity.
    pub fn measure_all(self) {
        let Some(lab) = Lab::now(self.learn) else { return };
        self.degrade(&lab, [Degradation::None].into_iter().chain(Degradation::grid()).collect());
    }

    fn degrade(self, lab: &Lab, degradations: Vec<Degradation>) {
        let rows = mix::draw(&lab.by_class(), PICTURES.min(lab.labels.len()), None);
        let task = |rows: &[u32]| {
            let with_files: Vec<_> = rows.iter().filter_map(|row| Some((*row, lab.file(*row)?))).collect();
            let (which, blobs) = with_files.into_iter().unzip();
            let request = Ask::Degrade {
                lab: lab.shape,
                degradations: degradations.clone(),
                which,
                seed: self.field.seed(),
                keep: Keep::Answer,
            };
            Task { request: Request::Shift(request), payload: lab.payload(), blobs }
        };
        let names = degradations.iter().map(|d| d.name()).collect();
        let tasks = rows.chunks(PER_TASK).map(task).collect();
        self.inner.update_value(|i| i.expected = rows.len() * degradations.len());
        self.start(lab, names, tasks);
    }

    fn photographs(self, lab: &Lab, worlds: &[World]) -> Vec<Task> {
        let known = |i: &u32| lab.names.iter().any(|n| n == Meaning::ALL[*i as usize % Meaning::ALL.len()].name());
        let count = self.field.count.get_untracked().min(Order::MOST) as u32;
        let indices: Vec<u32> = (0..count).filter(known).collect();
        self.inner.update_value(|i| i.expected = indices.len() * worlds.len());
        let task = |indices: &[u32]| {
            let request = Ask::Photograph {
                head: lab.trained.head.clone(),
                labels: lab.names.clone(),
                worlds: worlds.to_vec(),
                seed: self.field.seed(),
                keep: Keep::Answer,
            };
            let payload = Payload::parts(vec![pack_u32(indices.iter().copied())]);
            Task { request: Request::Shift(request), payload, blobs: Vec::new() }
        };
        indices.chunks(PER_TASK).map(task).collect()
    }

    fn start(self, lab: &Lab, places: Vec<String>, tasks: Vec<Task>) {
        self.cancel();
        self.trouble.set(None);
        self.speed.set(None);
        let sheet = Sheet::new(places.len(), lab.names.len());
        self.inner.update_value(|i| {
            i.fresh = sheet.clone();
            i.began = clock::now();
            i.shown = i.began;
        });
        self.sheet.set(sheet);
        self.places.set(places);
        self.classes.set(lab.names.clone());
        self.running.set(Some(0.0));
        let run = self.engine.run_all(tasks, self.workers.get_untracked(), move |news| self.hear(news));
        self.inner.update_value(|i| i.run = Some(run));
    }

    /// Stops at once; what was measured stays.
    pub fn cancel(self) {
        let run = self.inner.try_update_value(|i| i.run.take());
        drop(run);
        self.running.set(None);
    }

    /// Forgets what was measured on another head.
    pub fn clear(self) {
        self.cancel();
        self.trouble.set(None);
        self.places.set(Vec::new());
        self.sheet.set(Sheet::default());
    }

    fn hear(self, news: News) {
        match news {
            News::Progress(Reply::Shift(Answer::Shot(shot)), _) if shot.truth != UNKNOWN => {
                let now = clock::now();
                let show = self.inner.try_update_value(|i| {
                    i.fresh.add(shot.index, shot.place, shot.truth, shot.right() == Some(true));
                    let show = now - i.shown > SHOW_MS;
                    if show {
                        i.shown = now;
                    }
                    show
                });
                if show == Some(true) {
                    self.show();
                }
            }
            News::Progress(..) => {}
            News::Done => {
                self.show();
                let seconds = (clock::now() - self.inner.with_value(|i| i.began)) / 1e3;
                let counted = self.inner.with_value(|i| i.fresh.counted());
                self.speed.set(Some((counted as f64 / seconds.max(1e-3), self.workers.get_untracked())));
                self.running.set(None);
            }
            News::Failed(reason) => {
                self.running.set(None);
                self.trouble.set(Some(reason));
            }
        }
    }

    fn show(self) {
        let (sheet, share) =
            self.inner.with_value(|i| (i.fresh.clone(), i.fresh.counted() as f32 / i.expected.max(1) as f32));
        self.sheet.set(sheet);
        self.running.set(Some(share.min(1.0)));
    }
}
