//! The Shift bench: a head is taken to the field, the shift noticed, repaired, and lived with for a year.

use crate::learn::head::Head;
use crate::learn::metrics::Interval;
use crate::shift::degradation::Degradation;
use crate::shift::repair::{Arm, Score};
use crate::shift::scene::world::World;
use crate::shift::timeline::{Calendar, Policy, Settings, Week};
use serde::{Deserialize, Serialize};

/// The class of a picture whose class nobody knows, in packed labels.
pub const UNKNOWN: u32 = u32::MAX;

/// Lab pictures in a payload: floats begin with their embeddings `[n, dim]`, parts with their labels and
/// their groups of near-duplicates (u32, n of each).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Lab {
    pub classes: usize,
    /// L2 of heads fitted to them.
    pub lambda: f32,
}

/// What to send back of a picture beside its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keep {
    /// Nothing.
    Answer,
    /// Floats = its embedding `[dim]`, then the probabilities `[classes]`.
    Numbers,
    /// These, and parts = [thumbnail JPEG, the picture's file].
    Picture,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Photograph rendered worlds and let the head classify what is seen. `labels` are the names of its
    /// outputs; signs whose meaning is not among them are left out. Part 0 = which photographs of a seed
    /// (u32). Replies: `Shot` per photograph and world as progress, then `Done`.
    Photograph { head: Head, labels: Vec<String>, worlds: Vec<World>, seed: u64, keep: Keep },
    /// Degrade lab pictures and let heads that have not seen them classify them. Payload: [`Lab`]; blobs =
    /// the files of the pictures in `which` (rows of the lab). Replies: `Shot` per picture and degradation
    /// as progress (`Skipped` for a file that cannot be read), then `Done`.
    Degrade { lab: Lab, degradations: Vec<Degradation>, which: Vec<u32>, seed: u64, keep: Keep },
    /// One picture in the lab and in the field, with what the head looks at. Reply: `Compared`.
    Compare { head: Head, subject: Subject },
    /// Test for a shift. Payload: [`Lab`], then floats = field embeddings `[m, dim]` and probabilities
    /// `[m, classes]`; part 2 = field classes (u32, [`UNKNOWN`] where nobody knows). `reference`: the lab
    /// rows to compare with. Replies: `Noticed` as progress, then `Done`.
    Notice { lab: Lab, reference: Vec<u32>, trial: Trial },
    /// Compare repairs. Payload: [`Lab`], then floats = field embeddings `[m, dim]`, then those of
    /// degraded copies `[k, dim]`; parts 2 to 4 = field classes, the lab row each field picture was made
    /// from ([`UNKNOWN`] for none), the lab row of each copy (u32). Replies: `Repairing` as progress, then
    /// `Repaired`.
    Repair { lab: Lab, budget: usize, seed: u64 },
    /// Play a year of weeks of `pictures` photographs. Payload: [`Lab`]; `labels` as for `Photograph`.
    /// Replies: `Weeks` per week as progress, then `Done`.
    Year {
        lab: Lab,
        labels: Vec<String>,
        calendar: Calendar,
        policies: Vec<Policy>,
        settings: Settings,
        pictures: usize,
    },
}

/// What to compare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Subject {
    /// The same photograph of two worlds.
    Photograph { lab: Box<World>, field: Box<World>, seed: u64, index: u32 },
    /// The file in blob 0, as it is and degraded.
    File(Degradation, u64),
    /// Two files: blob 0 from the lab, blob 1 from the field.
    Pair,
}

/// What detectors compare of each picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    #[default]
    Embedding,
    /// The head's probabilities: sees only what moves the answers.
    Outputs,
}

/// How detectors are tried.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    pub by: By,
    /// Pictures a side.
    pub size: usize,
    /// Level of an alarm, between 0 and 1.
    pub level: f64,
    /// Draws from which the rates of false alarms and of noticing are measured; 0 for none.
    pub trials: usize,
    pub seed: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    Shot(Shot),
    /// A lab picture whose file could not be read, and why.
    Skipped(String),
    /// Floats = class-activation maps `[classes, h, w]` of the lab's, then of the field's; parts = both
    /// pictures as JPEG.
    Compared(Box<Compared>),
    Noticed(Noticed),
    /// Share done, 0..1.
    Repairing(f32),
    /// Every arm with its score on each split.
    Repaired(Vec<(Arm, Vec<Score>)>),
    /// A week, for each policy in order. Parts = thumbnails of its pictures.
    Weeks(Vec<Week>),
    Done,
}

/// One picture from the field, classified. Payload: as [`Keep`] asks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Shot {
    /// The photograph, or the lab row.
    pub index: u32,
    /// Which of the worlds or degradations.
    pub place: u32,
    /// Which output is right ([`UNKNOWN`] where nobody knows), and which was highest.
    pub truth: u32,
    pub best: u32,
    /// Softmax of `best`, 0..1.
    pub probability: f32,
    /// "None of these".
    pub unknown: bool,
}

impl Shot {
    /// The class is right, whether or not the head was sure of it; `None` where nobody knows.
    pub fn right(&self) -> Option<bool> {
        (self.truth != UNKNOWN).then_some(self.truth == self.best)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// Height and width of a map.
    pub grid: (usize, usize),
    pub lab: Answer,
    pub field: Answer,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub probabilities: Vec<f32>,
    pub best: usize,
    pub unknown: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Noticed {
    /// What one detector says.
    Finding(Finding),
    /// How far that detector can be trusted at this size: how often it rings without a shift, and at this
    /// one. `None` where there are too few pictures to draw from.
    Rates { detector: usize, false_alarms: Option<Interval>, power: Option<Interval> },
    /// Accuracy in the field without its labels, a line per estimator.
    Estimates(Vec<Estimate>),
    /// Field pictures, the least like the lab first, each with the share of lab pictures as far out.
    Unlike(Vec<(u32, f64)>),
    /// Estimates or the ranking could not be made; a sentence.
    Refused(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Its place among the detectors.
    pub detector: usize,
    pub name: String,
    pub explain: String,
    /// Statistic and p-value, or why there are none.
    pub verdict: Result<(f64, f64), String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub name: String,
    pub explain: String,
    /// 0..=1, or why there is none.
    pub accuracy: Result<f64, String>,
}
