//! Learning with few labels and without: what labels buy.
//!
//! * [`basis`]: the labelled pictures that everything here is measured on.
//! * [`curve`] (store, with [`scratch`]) and [`curve_card`]: accuracy against labels for each way of starting.
//! * [`others`] and [`others_card`]: pictures without labels, and whether they help.
//! * [`map`] and [`map_card`]: all pictures on a plane.

mod basis;
pub mod curve;
pub mod curve_card;
pub mod map;
pub mod map_card;
pub mod others;
pub mod others_card;
mod scratch;

use crate::engine::protocol::Twin;

/// A way of starting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    Backbone(Twin),
    /// A small network trained on these pictures only.
    Scratch,
}

impl Way {
    pub const ALL: [Self; 5] = [
        Self::Backbone(Twin::Supervised),
        Self::Backbone(Twin::SelfSupervised),
        Self::Backbone(Twin::Random),
        Self::Scratch,
        Self::Backbone(Twin::Brought),
    ];

    pub fn key(self) -> &'static str {
        match self {
            Self::Backbone(Twin::Supervised) => "supervised",
            Self::Backbone(Twin::SelfSupervised) => "selfsup",
            Self::Backbone(Twin::Random) => "random",
            Self::Backbone(Twin::Brought) => "brought",
            Self::Scratch => "scratch",
        }
    }

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Backbone(Twin::Supervised) => "supervised backbone",
            Self::Backbone(Twin::SelfSupervised) => "self-supervised backbone",
            Self::Backbone(Twin::Random) => "random backbone",
            Self::Backbone(Twin::Brought) => "backbone you brought",
            Self::Scratch => "network from scratch",
        }
    }

    /// Its colour's class.
    pub fn tone(self) -> &'static str {
        match self {
            Self::Backbone(Twin::Supervised) => "tone-lab",
            Self::Backbone(Twin::SelfSupervised) => "tone-2",
            Self::Backbone(Twin::Random) => "tone-1",
            Self::Backbone(Twin::Brought) => "tone-4",
            Self::Scratch => "tone-3",
        }
    }
}
