//! Store: repairs tried side by side, and the one step that brings field pictures home.

use super::field::{Field, Source};
use super::lab::Lab;
use crate::engine::client::pool::{News, Run, Task};
use crate::engine::client::{Event, Job};
use crate::engine::protocol::shift::{Keep, Reply as Answer, Request as Ask, UNKNOWN};
use crate::engine::protocol::{Reply, Request, pack_u32};
use crate::shift::degradation::Degradation;
use crate::shift::repair::{Arm, Score, augment};
use crate::ui::engine::Link;
use crate::ui::learn::Learn;
use crate::ui::learn::import::Into;
use crate::ui::pure::mix;
use crate::ui::store::Store;
use crate::web::files::Incoming;
use leptos::prelude::*;
use std::collections::HashMap;

/// Lab pictures copied for augmentation, at most.
const COPIED: usize = 160;
/// How many of each picture's imitations are made: each with another degradation.
const COPIES: usize = 2;

/// Copies are the same store.
pub type Repair = Store<RepairParts>;

/// What [`Repair`] holds.
pub struct RepairParts {
    engine: Link,
    learn: Learn,
    pub field: Field,
    /// Labels an arm may spend.
    pub budget: RwSignal<usize>,
    pub arms: RwSignal<Vec<(Arm, Vec<Score>)>>,
    /// What is being done, and the share done.
    pub running: RwSignal<Option<(&'static str, f32)>>,
    pub trouble: RwSignal<Option<String>>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    run: Option<Run>,
    job: Option<Job>,
    /// Embeddings of degraded copies, by lab row and degradation.
    copies: HashMap<(u32, u32), Vec<f32>>,
}

impl Repair {
    pub fn new(engine: Link, learn: Learn, field: Field) -> Self {
        Store::of(RepairParts {
            engine,
            learn,
            field,
            budget: RwSignal::new(24),
            arms: RwSignal::new(Vec::new()),
            running: RwSignal::new(None),
            trouble: RwSignal::new(None),
            inner: StoredValue::new_local(Inner::default()),
        })
    }

    pub fn cancel(self) {
        let taken = self.inner.try_update_value(std::mem::take);
        if let Some(job) = taken.and_then(|i| i.job) {
            job.cancel();
        }
        self.running.set(None);
    }

    pub fn clear(self) {
        self.cancel();
        self.trouble.set(None);
        self.arms.set(Vec::new());
    }

    /// First the copies that imitate the shift are made, then all arms are compared.
    pub fn compare(self) {
        self.clear();
        let Some(lab) = Lab::now(self.learn) else { return };
        let imitations = match self.field.source.get_untracked() {
            Source::World => augment::imitations(&untrack(|| self.field.world())),
            Source::Degraded => augment::imitations_of(self.field.degradation.get_untracked()),
            Source::Collected => Vec::new(),
        };
        if imitations.is_empty() {
            return self.play(&lab);
        }
        let rows = mix::draw(&lab.by_class(), COPIED.min(lab.labels.len()), None);
        let tasks = rows.chunks(20).map(|rows| self.copies(&lab, rows, &imitations)).collect();
        let expected = rows.len() * COPIES.min(imitations.len());
        self.running.set(Some(("Imitating the shift", 0.0)));
        let run = self.engine.run_all(tasks, 1, move |news| self.hear_copies(news, expected));
        self.inner.update_value(|i| i.run = Some(run));
    }

    /// Each chunk of pictures is degraded in its own ways, so that all imitations occur.
    fn copies(self, lab: &Lab, rows: &[u32], imitations: &[Degradation]) -> Task {
        let first = rows.first().map_or(0, |row| *row as usize);
        let chosen = (0..COPIES.min(imitations.len())).map(|k| imitations[(first + k) % imitations.len()]);
        let with_files: Vec<_> = rows.iter().filter_map(|row| Some((*row, lab.file(*row)?))).collect();
        let (which, blobs) = with_files.into_iter().unzip();
        let request = Ask::Degrade {
            lab: lab.shape,
            degradations: chosen.collect(),
            which,
            // Other noise than the field's.
            seed: self.field.seed() ^ 0xa06,
            keep: Keep::Numbers,
        };
        Task { request: Request::Shift(request), payload: lab.payload(), blobs }
    }

    fn hear_copies(self, news: News, expected: usize) {
        match news {
            News::Progress(Reply::Shift(Answer::Shot(shot)), payload) => {
                let done = self.inner.try_update_value(|i| {
                    i.copies.insert((shot.index, shot.place), payload.floats);
                    i.copies.len()
                });
                let share = done.unwrap_or(0) as f32 / expected.max(1) as f32;
                self.running.set(Some(("Imitating the shift", share.min(1.0))));
            }
            News::Progress(..) => {}
            News::Done => match Lab::now(self.learn) {
                Some(lab) => self.play(&lab),
                None => self.cancel(),
            },
            News::Failed(reason) => self.failed(reason),
        }
    }

    fn play(self, lab: &Lab) {
        let numbers = self.field.numbers(|s| s.shot.truth != UNKNOWN);
        let copies = self.inner.try_update_value(|i| std::mem::take(&mut i.copies)).unwrap_or_default();
        let mut copies: Vec<_> = copies.into_iter().collect();
        copies.sort_by_key(|(at, _)| *at);
        let mut payload = lab.payload();
        let dim = payload.floats.len() / lab.labels.len().max(1);
        payload.floats.extend(numbers.embeddings);
        copies.iter().for_each(|(_, numbers)| payload.floats.extend(numbers.iter().take(dim)));
        payload.parts.push(pack_u32(numbers.truths));
        payload.parts.push(pack_u32(numbers.origins));
        payload.parts.push(pack_u32(copies.iter().map(|((row, _), _)| *row)));
        let request = Ask::Repair { lab: lab.shape, budget: self.budget.get_untracked(), seed: 1 };
        self.running.set(Some(("Comparing repairs", 0.0)));
        let job = self.engine.submit(Request::Shift(request), payload, Vec::new(), move |event| self.hear(event));
        self.inner.update_value(|i| i.job = Some(job));
    }

    fn hear(self, event: Event) {
        match event {
            Event::Progress(Reply::Shift(Answer::Repairing(share)), _) => {
                self.running.set(Some(("Comparing repairs", share)));
            }
            Event::Done(Reply::Shift(Answer::Repaired(arms)), _) => {
                self.arms.set(arms);
                self.running.set(None);
            }
            Event::Failed(reason) => self.failed(reason),
            Event::Lost => self.failed("The engine stopped on the way. Compare again.".into()),
            Event::Cancelled | Event::Progress(..) | Event::Done(..) => {}
        }
    }

    fn failed(self, reason: String) {
        self.running.set(None);
        self.trouble.set(Some(reason));
    }

    /// Puts as many field pictures as the budget allows into the lab, the least certain first, each in its
    /// class. The head trains again by itself, and the field moves on to pictures it has not seen.
    pub fn bring_home(self) -> usize {
        let names = self.field.labels.get_untracked();
        let mut chosen: Vec<(usize, f32, String)> = self.field.seen.with_untracked(|seen| {
            let named = |s: &super::field::Seen| names.get(s.shot.truth as usize).cloned();
            seen.iter().enumerate().filter_map(|(at, s)| Some((at, s.shot.probability, named(s)?))).collect()
        });
        chosen.sort_by(|a, b| a.1.total_cmp(&b.1));
        chosen.truncate(self.budget.get_untracked());
        let incoming: Vec<Incoming> = chosen
            .into_iter()
            .filter_map(|(at, _, class)| {
                let blob = self.field.file(at)?;
                Some(Incoming { name: format!("field-{:03}.jpg", at + 1), folder: Some(class), blob })
            })
            .collect();
        let count = incoming.len();
        self.field.move_on();
        self.learn.importer.add(incoming, Into::Folders);
        count
    }
}
