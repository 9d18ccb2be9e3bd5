//! The bench's settings as a link carries them.

use super::bench::TABS;
use super::field::Source;
use super::{Shift, ShiftParts};
use crate::engine::protocol::shift::By;
use crate::share::link::Recipe;
use crate::share::link::table::Id;
use crate::shift::corruption::Corruption;
use crate::shift::degradation::Degradation;
use crate::shift::scene::world::{Country, Device, Hour, Season};
use crate::shift::skew::Skew;
use crate::ui::pure::mix::Mix;
use leptos::prelude::*;

const SOURCES: [Source; 3] = [Source::World, Source::Degraded, Source::Collected];

/// Where something is in its list.
fn place<T: PartialEq>(all: &[T], one: T) -> u64 {
    all.iter().position(|other| *other == one).unwrap_or(0) as u64
}

/// Takes what stands at a place, where there is something.
fn choose<T: Copy + Send + Sync + 'static>(signal: RwSignal<T>, all: &[T], recipe: &Recipe, id: Id) {
    all.get(recipe.place(id)).into_iter().for_each(|value| signal.set(*value));
}

/// Follows every setting.
pub fn write(shift: Shift, recipe: &mut Recipe) {
    let ShiftParts { field, tab, notice, repair, year, .. } = *shift;
    let (degradation, severity) = match field.degradation.get() {
        Degradation::Corruption(corruption, severity) => (place(&Corruption::ALL, corruption), severity),
        Degradation::Skew(skew) => (Corruption::ALL.len() as u64 + place(&Skew::ALL, skew), 3),
        Degradation::None => (0, 1),
    };
    let numbers = [
        (Id::Question, TABS.iter().position(|(t, ..)| *t == tab.get()).unwrap_or(0) as u64),
        (Id::Source, place(&SOURCES, field.source.get())),
        (Id::Country, place(&Country::ALL, field.country.get())),
        (Id::Season, place(&Season::ALL, field.season.get())),
        (Id::Hour, place(&Hour::ALL, field.hour.get())),
        (Id::Device, place(&Device::ALL, field.device.get())),
        (Id::Degradation, degradation),
        (Id::Severity, severity.into()),
        (Id::FieldCount, field.count.get() as u64),
        (Id::MixClass, field.mix.get().map_or(0, |mix| mix.class as u64 + 1)),
        (Id::NoticeSize, notice.size.get() as u64),
        (Id::NoticeBy, (notice.by.get() == By::Outputs).into()),
        (Id::RepairBudget, repair.budget.get() as u64),
        (Id::YearCountry, place(&Country::ALL, year.country.get())),
        (Id::YearLaunch, year.launch.get() as u64),
        (Id::YearDevice, place(&Device::ALL, year.device.get())),
        (Id::YearEvery, year.every.get() as u64),
        (Id::YearEach, year.each.get() as u64),
        (Id::YearBudget, year.budget.get() as u64),
        (Id::YearKeep, year.keep_lab.get().into()),
    ];
    numbers.into_iter().for_each(|(id, value)| recipe.set(id, value));
    recipe.set_share(Id::Fog, field.fog.get());
    recipe.set_share(Id::MixShare, field.mix.get().map_or(0.5, |mix| mix.share));
    recipe.set_share(Id::YearNoise, year.label_noise.get() as f32);
}

pub fn read(shift: Shift, recipe: &Recipe) {
    let ShiftParts { field, tab, notice, repair, year, .. } = *shift;
    TABS.get(recipe.place(Id::Question)).into_iter().for_each(|(t, ..)| tab.set(*t));
    choose(field.source, &SOURCES, recipe, Id::Source);
    choose(field.country, &Country::ALL, recipe, Id::Country);
    choose(field.season, &Season::ALL, recipe, Id::Season);
    choose(field.hour, &Hour::ALL, recipe, Id::Hour);
    choose(field.device, &Device::ALL, recipe, Id::Device);
    field.fog.set(recipe.share(Id::Fog));
    let at = recipe.place(Id::Degradation);
    let skew = at.checked_sub(Corruption::ALL.len()).and_then(|at| Skew::ALL.get(at)).map(|s| Degradation::Skew(*s));
    let corruption = Corruption::ALL.get(at).map(|c| Degradation::Corruption(*c, recipe.get(Id::Severity) as u8));
    skew.or(corruption).into_iter().for_each(|d| field.degradation.set(d));
    field.count.set(recipe.place(Id::FieldCount));
    let class = recipe.place(Id::MixClass).checked_sub(1);
    field.mix.set(class.map(|class| Mix { class, share: recipe.share(Id::MixShare) }));
    notice.size.set(recipe.place(Id::NoticeSize));
    notice.by.set(if recipe.get(Id::NoticeBy) == 1 { By::Outputs } else { By::Embedding });
    repair.budget.set(recipe.place(Id::RepairBudget));
    choose(year.country, &Country::ALL, recipe, Id::YearCountry);
    choose(year.device, &Device::ALL, recipe, Id::YearDevice);
    year.launch.set(recipe.place(Id::YearLaunch));
    year.every.set(recipe.place(Id::YearEvery));
    year.each.set(recipe.place(Id::YearEach));
    year.budget.set(recipe.place(Id::YearBudget));
    year.label_noise.set(f64::from(recipe.share(Id::YearNoise)));
    year.keep_lab.set(recipe.get(Id::YearKeep) == 1);
}
