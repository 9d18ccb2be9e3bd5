//! The bench as a link carries it: where the pictures come from, the classes, and a head without its pictures.

use super::Learn;
use super::backbones::Passage;
use super::training::Trained;
use crate::engine::protocol::Twin;
use crate::learn::head::Head;
use crate::learn::report::{ClassScore, Method, Protocol, Report};
use crate::share::link::Recipe;
use crate::share::link::expected::{self, Expected};
use crate::share::link::packed::{Class, pack_classes};
use crate::share::link::table::Id;
use crate::shift::scene::world::{Country, Device, Hour, Order, Season, World};
use leptos::prelude::*;

/// What [`Id::Data`] means.
pub const OWN: u64 = 1;
pub const RENDERED: u64 = 2;
pub const ARCHIVE: u64 = 3;

/// The sample set, if the pictures are one and nobody has changed them since.
pub fn sample(learn: Learn) -> Option<Order> {
    let (order, print) = learn.importer.drawn.get()?;
    (learn.data.with(expected::fingerprint) == print).then_some(order)
}

/// A set as bits, one for each place in the list of all.
fn bits<T: PartialEq>(all: &[T], some: &[T]) -> u64 {
    all.iter().enumerate().filter(|(_, one)| some.contains(one)).map(|(bit, _)| 1 << bit).sum()
}

fn set<T: Copy>(all: &[T], bits: u64) -> Vec<T> {
    all.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, one)| *one).collect()
}

/// Follows data and backbone.
pub fn write(learn: Learn, recipe: &mut Recipe) {
    let twin = learn.data.twin.get();
    recipe.set(Id::Twin, Twin::SHIPPED.iter().position(|t| *t == twin).unwrap_or(0) as u64);
    if let Some(order) = sample(learn) {
        recipe.set(Id::Data, RENDERED);
        recipe.set(Id::Count, order.count as u64);
        recipe.set(Id::Seed, order.seed);
        recipe.set(Id::LabCountries, bits(&Country::ALL, &order.world.countries));
        recipe.set(Id::LabSeasons, bits(&Season::ALL, &order.world.seasons));
        recipe.set(Id::LabHours, bits(&Hour::ALL, &order.world.hours));
        recipe.set(Id::LabDevices, bits(&Device::ALL, &order.world.devices));
        recipe.set_share(Id::LabFog, order.world.fog);
        return;
    }
    let learned = learn.trainer.trained.with(|t| t.as_ref().map(|t| t.classes.clone()).unwrap_or_default());
    let classes: Vec<Class> = learn.data.with(|d| {
        let class = |c: &crate::learn::dataset::Class| Class {
            name: c.name.clone(),
            color: c.color,
            learned: learned.contains(&c.id),
        };
        d.classes.iter().map(class).collect()
    });
    if !classes.is_empty() {
        recipe.set(Id::Data, OWN);
        recipe.pack(Id::Classes, pack_classes(&classes));
    }
}

/// The order a link describes.
pub fn order(recipe: &Recipe) -> Order {
    Order {
        world: World {
            countries: set(&Country::ALL, recipe.get(Id::LabCountries)),
            seasons: set(&Season::ALL, recipe.get(Id::LabSeasons)),
            hours: set(&Hour::ALL, recipe.get(Id::LabHours)),
            devices: set(&Device::ALL, recipe.get(Id::LabDevices)),
            fog: recipe.share(Id::LabFog),
        },
        count: recipe.place(Id::Count),
        seed: recipe.get(Id::Seed),
    }
}

/// The twin a link was made with.
pub fn twin(recipe: &Recipe) -> Twin {
    Twin::SHIPPED.get(recipe.place(Id::Twin)).copied().unwrap_or_default()
}

/// Opens data and classifier in place of what is there: one step of undo. An archive is fetched by whoever
/// asked whether it may be.
pub fn open(learn: Learn, recipe: &Recipe) {
    learn.importer.cancel();
    learn.importer.dismiss_summary();
    learn.importer.drawn.set(None);
    let classes = recipe.classes();
    learn.data.edit("open a link", |data| {
        let old: Vec<_> = data.classes.iter().map(|c| c.id).collect();
        old.into_iter().for_each(|id| data.delete_class(id));
        for class in &classes {
            if let Ok(id) = data.add_class(&class.name) {
                data.recolor_class(id, class.color);
            }
        }
    });
    learn.backbones.choose(twin(recipe));
    if recipe.get(Id::Data) == RENDERED {
        learn.importer.add_rendered(order(recipe));
    }
    adopt(learn, recipe);
}

/// Uses the head of a link, if it has one and its classes are here.
pub fn adopt(learn: Learn, recipe: &Recipe) {
    let Some(head) = recipe.head().filter(|_| recipe.get(Id::Data) == OWN) else { return };
    let classes: Option<Vec<_>> = learn.data.with_untracked(|data| {
        let learned = recipe.classes().into_iter().filter(|c| c.learned);
        learned.map(|class| data.class_named(&class.name).map(|c| c.id)).collect()
    });
    if let Some(classes) = classes.filter(|c| c.len() == head.classes) {
        let report = unmeasured(&head);
        learn.trainer.adopt(twin(recipe), Trained { head, report, classes, rows: Vec::new() });
    }
}

/// What there is to say of a head without pictures: nothing was measured here.
fn unmeasured(head: &Head) -> Report {
    Report {
        protocol: Protocol::NotMeasured,
        method: Method::Softmax { lambda: 1.0 },
        accuracy: None,
        confusion: vec![vec![0; head.classes]; head.classes],
        per_class: vec![ClassScore { pictures: 0, precision: None, recall: None }; head.classes],
        held_out: Vec::new(),
        pictures: 0,
        groups: Vec::new(),
        near_duplicates: 0,
        train_ms: 0.0,
        turned_away: None,
    }
}

/// What is seen here, as far as it is settled.
pub fn seen(learn: Learn) -> Expected {
    let quiet = !learn.importer.active.get() && learn.data.total.get() > 0;
    let settled = quiet && !learn.trainer.updating() && learn.backbones.passage.get() == Passage::Over;
    let trained = learn.trainer.trained.get().filter(|t| settled && !t.rows.is_empty());
    Expected {
        data: quiet.then(|| learn.data.with(expected::fingerprint)),
        outcome: trained.as_ref().map(|t| expected::outcome(&t.report)),
        accuracy: trained.as_ref().and_then(|t| expected::accuracy(&t.report)),
        field: None,
        backbone: None,
    }
}
