//! The table: everything a link can say, a line each.
//!
//! It is the format. A key is never given out twice, a choice's names only ever grow at the end, and a range
//! may widen but not narrow: so links of every release open for ever (`tests/fixtures/links/`). A field that
//! has its default is left out of the link; one whose key is unknown is skipped and counted.

use super::head::MAX_WEIGHTS;
use super::parts::PARTS;
use Kind::{Choice, Packed, Whole};

/// A field, by its place in [`TABLE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[rustfmt::skip]
pub enum Id {
    Bench, Question, Theme, Hidden, Part, Language,
    Data, Twin, Count, Seed, LabCountries, LabSeasons, LabHours, LabDevices, LabFog, Classes, Archive,
    Head, Expected,
    Source, Country, Season, Hour, Device, Fog, Degradation, Severity, FieldCount, MixClass, MixShare,
    NoticeSize, RepairBudget, NoticeBy,
    YearCountry, YearLaunch, YearDevice, YearEvery, YearEach, YearBudget, YearNoise, YearKeep,
    Mode, Range, PerChannel, Bits, BiasCorrection, Equalize, Calibration, Exam,
}

/// What a field may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// One of these names, by its place.
    Choice(&'static [&'static str]),
    /// A whole number, both ends included.
    Whole(u64, u64),
    /// At most so many bytes, packed by the module of the same name.
    Packed(usize),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    pub id: Id,
    /// What it is called in the link.
    pub key: u8,
    /// What it is called for people.
    pub name: &'static str,
    pub kind: Kind,
    /// Of a choice, its place; of packed bytes, none are the default.
    pub default: u64,
}

const fn field(id: Id, key: u8, name: &'static str, kind: Kind, default: u64) -> Field {
    Field { id, key, name, kind, default }
}

const NO_YES: Kind = Choice(&["no", "yes"]);
const COUNTRIES: &[&str] = &["Germany", "USA", "Japan", "Brazil", "India"];
const DEVICES: &[&str] = &["Phone", "Dashcam", "Webcam"];

#[rustfmt::skip]
pub const TABLE: [Field; 49] = [
    field(Id::Bench,          1, "bench", Choice(&["Learn", "Shift", "Shrink", "Share"]), 0),
    field(Id::Question,       2, "question about the shift", Choice(&["What happens", "Why", "Notice it", "Repair it", "A year of it"]), 0),
    field(Id::Theme,          3, "theme", Choice(&["auto", "light", "dark"]), 0),
    field(Id::Hidden,         4, "hidden controls", Whole(0, (1 << PARTS.len()) - 1), 0),
    field(Id::Part,           5, "what Learn shows", Choice(&["pictures", "words"]), 0),
    field(Id::Language,       6, "language", Choice(&["auto", "English", "Deutsch"]), 0),
    field(Id::Data,          10, "pictures", Choice(&["none", "your own", "rendered road signs", "an archive"]), 0),
    field(Id::Twin,          11, "backbone", Choice(&["Supervised", "SelfSupervised", "Random"]), 0),
    field(Id::Count,         12, "pictures of the sample set", Whole(24, 2000), 120),
    field(Id::Seed,          13, "seed of the sample set", Whole(0, u64::MAX >> 1), 1),
    // Sets, a bit for each member.
    field(Id::LabCountries,  14, "countries of the sample set", Whole(1, 31), 1),
    field(Id::LabSeasons,    15, "seasons of the sample set", Whole(1, 15), 2),
    field(Id::LabHours,      16, "times of day of the sample set", Whole(1, 7), 1),
    field(Id::LabDevices,    17, "cameras of the sample set", Whole(1, 7), 1),
    // In hundredths, as all shares here.
    field(Id::LabFog,        18, "fog of the sample set", Whole(0, 100), 0),
    field(Id::Classes,       19, "classes", Packed(16_000), 0),
    field(Id::Archive,       20, "archive of pictures", Packed(600), 0),
    field(Id::Head,          21, "trained head", Packed(2 * MAX_WEIGHTS + 20_000), 0),
    field(Id::Expected,      22, "the sender's result", Packed(64), 0),
    field(Id::Source,        30, "where the field's pictures come from", Choice(&["world", "degraded", "collected"]), 0),
    field(Id::Country,       31, "country", Choice(COUNTRIES), 0),
    field(Id::Season,        32, "season", Choice(&["Spring rain", "Summer", "Autumn", "Winter"]), 3),
    field(Id::Hour,          33, "time of day", Choice(&["Day", "Dusk", "Night"]), 0),
    field(Id::Device,        34, "camera", Choice(DEVICES), 0),
    field(Id::Fog,           35, "fog", Whole(0, 100), 0),
    field(Id::Degradation,   36, "degradation", Choice(&[
        "Gaussian noise", "Shot noise", "Impulse noise", "Speckle noise", "Defocus", "Frosted glass", "Motion blur",
        "Zoom blur", "Gaussian blur", "Snow", "Frost", "Fog", "Brightness", "Spatter", "Low contrast", "Elastic",
        "Pixelate", "JPEG", "Saturation",
        "BGR order", "0 to 1 instead of 0 to 255", "Wrong normalisation", "Squashed, not cropped", "Nearest-pixel resize", "Heavy JPEG",
    ]), 9),
    field(Id::Severity,      37, "severity", Whole(1, 5), 3),
    field(Id::FieldCount,    38, "pictures of the field", Whole(24, 480), 96),
    // 0 for all classes alike, else the class counted from 1.
    field(Id::MixClass,      39, "class mix", Whole(0, 50), 0),
    field(Id::MixShare,      40, "share of the mixed class", Whole(0, 100), 50),
    field(Id::NoticeSize,    41, "pictures of a test", Whole(1, 1000), 40),
    field(Id::RepairBudget,  42, "labels of a repair", Whole(0, 1000), 24),
    field(Id::NoticeBy,      43, "what detectors compare", Choice(&["embeddings", "answers"]), 0),
    field(Id::YearCountry,   50, "country of the launch", Choice(COUNTRIES), 2),
    field(Id::YearLaunch,    51, "week of the launch", Whole(0, 51), 20),
    field(Id::YearDevice,    52, "camera of the year", Choice(DEVICES), 1),
    field(Id::YearEvery,     53, "weeks between labels", Whole(1, 52), 8),
    field(Id::YearEach,      54, "labels each time", Whole(0, 1000), 16),
    field(Id::YearBudget,    55, "labels in all", Whole(0, 10_000), 120),
    field(Id::YearNoise,     56, "share of wrong labels", Whole(0, 100), 0),
    field(Id::YearKeep,      57, "keep the lab's pictures", NO_YES, 1),
    field(Id::Mode,          60, "what becomes smaller", Choice(&["int8, static", "int8 weights only", "float16"]), 0),
    field(Id::Range,         61, "range of activations", Choice(&["Smallest to largest", "99.99th percentile", "Entropy", "Squared error"]), 0),
    field(Id::PerChannel,    62, "a scale for each channel", NO_YES, 1),
    field(Id::Bits,          63, "bits of a weight", Whole(2, 8), 8),
    field(Id::BiasCorrection,64, "bias correction", NO_YES, 0),
    field(Id::Equalize,      65, "equalization", NO_YES, 0),
    field(Id::Calibration,   66, "calibration pictures", Choice(&["Lab", "One class", "Field", "Noise"]), 0),
    field(Id::Exam,          67, "pictures asked about", Choice(&["Field", "Lab"]), 1),
];

impl Field {
    /// The number is one this field may be.
    pub fn allows(&self, value: u64) -> bool {
        match self.kind {
            Choice(names) => value < names.len() as u64,
            Whole(least, most) => (least..=most).contains(&value),
            Packed(_) => false,
        }
    }

    pub fn of(id: Id) -> &'static Self {
        &TABLE[id as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::protocol::Twin;
    use crate::engine::protocol::shrink::{Mode, Range};
    use crate::shift::corruption::Corruption;
    use crate::shift::scene::world::{Country, Device, Hour, Order, Season};
    use crate::shift::skew::Skew;
    use std::collections::HashSet;

    #[test]
    fn the_table_is_whole() {
        let mut keys = HashSet::new();
        for (at, field) in TABLE.iter().enumerate() {
            assert_eq!(field.id as usize, at, "{} is in its place", field.name);
            assert!(keys.insert(field.key), "key {} is given out twice", field.key);
            assert!(matches!(field.kind, Packed(_)) || field.allows(field.default), "{}", field.name);
            assert!(!field.name.is_empty());
        }
    }

    /// Places in a link are places in these lists: whoever adds to one adds at its end, and here.
    #[test]
    fn choices_are_the_lists_of_the_page() {
        let names = |id| match Field::of(id).kind {
            Choice(names) => names.to_vec(),
            _ => panic!("{id:?} is no choice"),
        };
        assert_eq!(names(Id::Country), Country::ALL.map(Country::name));
        assert_eq!(names(Id::YearCountry), Country::ALL.map(Country::name));
        assert_eq!(names(Id::Season), Season::ALL.map(Season::name));
        assert_eq!(names(Id::Hour), Hour::ALL.map(Hour::name));
        assert_eq!(names(Id::Device), Device::ALL.map(Device::name));
        assert_eq!(names(Id::YearDevice), Device::ALL.map(Device::name));
        let corruptions = Corruption::ALL.map(Corruption::name);
        let skews = Skew::ALL.map(Skew::name);
        assert_eq!(names(Id::Degradation), [&corruptions[..], &skews[..]].concat());
        assert_eq!(names(Id::Mode), Mode::ALL.map(Mode::name));
        assert_eq!(names(Id::Range), Range::ALL.map(Range::name));
        assert_eq!(names(Id::Twin), Twin::SHIPPED.iter().map(|t| format!("{t:?}")).collect::<Vec<_>>());
        assert_eq!(Field::of(Id::Count).kind, Whole(Order::LEAST as u64, Order::MOST as u64));
    }
}
