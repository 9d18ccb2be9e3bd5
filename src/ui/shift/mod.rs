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
mod notice;
mod outcome;
mod production;
mod repair;
mod severity;
mod table;
mod way;
mod year;

use super::engine::Link;
use super::learn::Learn;

/// Everything the bench's parts share. Copies are the same bench.
#[derive(Clone, Copy)]
pub struct Shift {
    pub field: field::Field,
    way: severity::Survey,
    table: severity::Survey,
    notice: notice::Notice,
    repair: repair::Repair,
    year: year::Year,
}

impl Shift {
    pub fn new(engine: Link, learn: Learn) -> Self {
        let field = field::Field::new(engine, learn);
        Self {
            field,
            way: severity::Survey::new(engine, learn, field),
            table: severity::Survey::new(engine, learn, field),
            notice: notice::Notice::new(engine, learn, field),
            repair: repair::Repair::new(engine, learn, field),
            year: year::Year::new(engine, learn, field),
        }
    }
}
