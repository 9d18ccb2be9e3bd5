//! The Shift bench: the classifier from Learn is taken to the field.
//!
//! Stores: [`field`] (where it is, what was seen there), [`collect`] (pictures brought from there),
//! [`severity`] (accuracy in many places at once), [`notice`], [`repair`], [`year`]. [`lab`] tells the engine
//! what they all lean on.
//! What is seen: [`bench`] puts together [`controls`] and, a tab each, [`outcome`] with [`compare`],
//! [`way`] and [`table`], [`alarm`], [`mend`], [`production`].

mod alarm;
pub mod bench;
mod collect;
mod compare;
mod controls;
pub mod field;
mod going;
pub mod lab;
mod mend;
pub mod notice;
mod outcome;
mod production;
pub mod recipe;
pub mod repair;
mod severity;
mod table;
mod way;
pub mod year;

use super::engine::Link;
use super::learn::Learn;
use crate::ui::store::Store;
use leptos::prelude::RwSignal;

/// Everything the bench's parts share. Copies are the same bench.
pub type Shift = Store<ShiftParts>;

/// What [`Shift`] holds.
pub struct ShiftParts {
    pub field: field::Field,
    /// The question that is looked at.
    pub tab: RwSignal<bench::Tab>,
    way: severity::Survey,
    table: severity::Survey,
    pub notice: notice::Notice,
    pub repair: repair::Repair,
    pub year: year::Year,
}

impl Shift {
    pub fn new(engine: Link, learn: Learn) -> Self {
        let field = field::Field::new(engine, learn);
        Store::of(ShiftParts {
            field,
            tab: RwSignal::new(bench::Tab::Outcome),
            way: severity::Survey::new(engine, learn, field),
            table: severity::Survey::new(engine, learn, field),
            notice: notice::Notice::new(engine, learn, field),
            repair: repair::Repair::new(engine, learn, field),
            year: year::Year::new(engine, learn, field),
        })
    }
}
