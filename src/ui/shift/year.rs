//! Store: a year in production under three policies.

use super::field::Field;
use super::lab::Lab;
use crate::engine::client::{Event, Job};
use crate::engine::protocol::shift::{Reply as Answer, Request as Ask};
use crate::engine::protocol::{Reply, Request};
use crate::shift::repair::Strategy;
use crate::shift::scene::world::{Country, Device, World};
use crate::shift::timeline::{Calendar, Launch, Policy, Settings, WEEKS, Week, When};
use crate::ui::engine::Link;
use crate::ui::learn::Learn;
use crate::ui::store::Store;
use crate::web::clock;
use crate::web::files::{self, Blob};
use leptos::prelude::*;

/// Pictures of a week.
const PICTURES: usize = 60;

/// Copies are the same year.
pub type Year = Store<YearParts>;

/// What [`Year`] holds.
pub struct YearParts {
    engine: Link,
    learn: Learn,
    field: Field,
    pub country: RwSignal<Country>,
    /// The week in which it is launched, counted from 0.
    pub launch: RwSignal<usize>,
    pub device: RwSignal<Device>,
    pub every: RwSignal<usize>,
    pub each: RwSignal<usize>,
    pub budget: RwSignal<usize>,
    /// 0..=1.
    pub label_noise: RwSignal<f64>,
    pub keep_lab: RwSignal<bool>,
    /// Reports of each week, for each policy.
    pub weeks: RwSignal<Vec<Vec<Week>>>,
    pub policies: RwSignal<Vec<&'static str>>,
    /// The week the person looks at.
    pub looking: RwSignal<usize>,
    pub running: RwSignal<Option<f32>>,
    pub trouble: RwSignal<Option<String>>,
    /// How long it took, seconds.
    pub seconds: RwSignal<Option<f64>>,
    job: StoredValue<Option<Job>, LocalStorage>,
    thumbs: StoredValue<Vec<Vec<Blob>>, LocalStorage>,
}

impl Year {
    pub fn new(engine: Link, learn: Learn, field: Field) -> Self {
        Store::of(YearParts {
            engine,
            learn,
            field,
            country: RwSignal::new(Country::Japan),
            launch: RwSignal::new(20),
            device: RwSignal::new(Device::Dashcam),
            every: RwSignal::new(8),
            each: RwSignal::new(16),
            budget: RwSignal::new(120),
            label_noise: RwSignal::new(0.0),
            keep_lab: RwSignal::new(true),
            weeks: RwSignal::new(Vec::new()),
            policies: RwSignal::new(Vec::new()),
            looking: RwSignal::new(0),
            running: RwSignal::new(None),
            trouble: RwSignal::new(None),
            seconds: RwSignal::new(None),
            job: StoredValue::new_local(None),
            thumbs: StoredValue::new_local(Vec::new()),
        })
    }

    pub fn cancel(self) {
        if let Some(job) = self.job.try_update_value(Option::take).flatten() {
            job.cancel();
        }
        self.running.set(None);
    }

    pub fn clear(self) {
        self.cancel();
        self.trouble.set(None);
        self.seconds.set(None);
        self.weeks.set(Vec::new());
        self.thumbs.set_value(Vec::new());
        self.looking.set(0);
    }

    /// Thumbnails of a week's pictures.
    pub fn pictures(self, week: usize) -> Vec<Blob> {
        self.thumbs.with_value(|t| t.get(week).cloned().unwrap_or_default())
    }

    pub fn play(self) {
        self.clear();
        let Some(lab) = Lab::now(self.learn) else { return };
        let policy = |when| Policy {
            when,
            each: self.each.get_untracked(),
            budget: self.budget.get_untracked(),
            strategy: Strategy::Random,
            keep_lab: self.keep_lab.get_untracked(),
        };
        let every = self.every.get_untracked();
        let calendar = Calendar {
            lab: World::default(),
            launch: Some(Launch {
                country: self.country.get_untracked(),
                week: self.launch.get_untracked(),
                share: 0.5,
            }),
            device: self.device.get_untracked(),
            device_share: 0.5,
        };
        let settings = Settings {
            label_noise: self.label_noise.get_untracked(),
            level: 0.05,
            lambda: lab.shape.lambda,
            seed: self.field.seed(),
        };
        let request = Ask::Year {
            lab: lab.shape,
            labels: lab.names.clone(),
            calendar,
            policies: vec![policy(When::Never), policy(When::Every(every)), policy(When::OnAlarm)],
            settings,
            pictures: PICTURES,
        };
        self.policies.set(vec!["Never", "Every few weeks", "On alarm"]);
        self.running.set(Some(0.0));
        let began = clock::now();
        let hear = move |event| self.hear(event, began);
        let job = self.engine.submit(Request::Shift(request), lab.payload(), Vec::new(), hear);
        self.job.set_value(Some(job));
    }

    fn hear(self, event: Event, began: f64) {
        match event {
            Event::Progress(Reply::Shift(Answer::Weeks(week)), payload) => {
                let thumbs = payload.parts.iter().map(|part| files::blob(part, "image/jpeg")).collect();
                self.thumbs.update_value(|t| t.push(thumbs));
                self.weeks.update(|weeks| weeks.push(week));
                let done = self.weeks.with_untracked(Vec::len);
                self.looking.set(done - 1);
                self.running.set(Some(done as f32 / WEEKS as f32));
            }
            Event::Done(..) => {
                self.seconds.set(Some((clock::now() - began) / 1e3));
                self.running.set(None);
            }
            other => {
                if let Some(reason) = other.trouble("The engine stopped on the way. Play the year again.") {
                    self.running.set(None);
                    self.trouble.set(Some(reason));
                }
            }
        }
    }
}
