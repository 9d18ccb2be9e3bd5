//! What can be chosen about the rendered world. Plain data: the page names these, the engine draws them.

use serde::{Deserialize, Serialize};

/// What a sign tells the driver: the classes of the sample set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Meaning {
    Stop,
    GiveWay,
    NoEntry,
    SpeedLimit,
    Crossing,
    Roundabout,
    NoParking,
    NoOvertaking,
}

impl Meaning {
    pub const ALL: [Meaning; 8] = [
        Meaning::Stop,
        Meaning::GiveWay,
        Meaning::NoEntry,
        Meaning::SpeedLimit,
        Meaning::Crossing,
        Meaning::Roundabout,
        Meaning::NoParking,
        Meaning::NoOvertaking,
    ];

    /// The class's name.
    pub fn name(self) -> &'static str {
        match self {
            Meaning::Stop => "Stop",
            Meaning::GiveWay => "Give way",
            Meaning::NoEntry => "No entry",
            Meaning::SpeedLimit => "Speed limit",
            Meaning::Crossing => "Pedestrian crossing",
            Meaning::Roundabout => "Roundabout",
            Meaning::NoParking => "No parking",
            Meaning::NoOvertaking => "No overtaking",
        }
    }
}

/// Whose public standard the signs follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Country {
    Germany,
    Usa,
    Japan,
    Brazil,
    India,
}

impl Country {
    pub const ALL: [Country; 5] = [Country::Germany, Country::Usa, Country::Japan, Country::Brazil, Country::India];

    pub fn name(self) -> &'static str {
        match self {
            Country::Germany => "Germany",
            Country::Usa => "USA",
            Country::Japan => "Japan",
            Country::Brazil => "Brazil",
            Country::India => "India",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Season {
    /// Rain, fresh green.
    Spring,
    Summer,
    /// Coloured leaves, some of them in the air.
    Autumn,
    /// Snow on the ground and on the sign, a low sun.
    Winter,
}

impl Season {
    pub const ALL: [Season; 4] = [Season::Spring, Season::Summer, Season::Autumn, Season::Winter];

    pub fn name(self) -> &'static str {
        match self {
            Season::Spring => "Spring rain",
            Season::Summer => "Summer",
            Season::Autumn => "Autumn",
            Season::Winter => "Winter",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Hour {
    Day,
    Dusk,
    Night,
}

impl Hour {
    pub const ALL: [Hour; 3] = [Hour::Day, Hour::Dusk, Hour::Night];

    pub fn name(self) -> &'static str {
        match self {
            Hour::Day => "Day",
            Hour::Dusk => "Dusk",
            Hour::Night => "Night",
        }
    }
}

/// What took the photograph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Device {
    /// Sharp, portrait, automatic exposure.
    Phone,
    /// Wide, motion blur, hard compression, reflections of the windscreen.
    Dashcam,
    /// A cheap desktop camera: few pixels, noise, a colour cast, mirrored.
    Webcam,
}

impl Device {
    pub const ALL: [Device; 3] = [Device::Phone, Device::Dashcam, Device::Webcam];

    pub fn name(self) -> &'static str {
        match self {
            Device::Phone => "Phone",
            Device::Dashcam => "Dashcam",
            Device::Webcam => "Webcam",
        }
    }
}

/// A place, a time and a camera. Each photograph draws one of each list, evenly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct World {
    pub countries: Vec<Country>,
    pub seasons: Vec<Season>,
    pub hours: Vec<Hour>,
    pub devices: Vec<Device>,
    /// 0 (clear) to 1 (the sign is hardly there).
    pub fog: f32,
}

impl Default for World {
    /// The lab: German signs on a summer's day, photographed with a phone.
    fn default() -> Self {
        Self {
            countries: vec![Country::Germany],
            seasons: vec![Season::Summer],
            hours: vec![Hour::Day],
            devices: vec![Device::Phone],
            fog: 0.0,
        }
    }
}

/// A sample set to draw: the same order, the same bytes, on every machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub world: World,
    /// Photographs, [`Order::LEAST`] to [`Order::MOST`]; meanings take turns.
    pub count: usize,
    pub seed: u64,
}

impl Order {
    pub const LEAST: usize = 24;
    pub const MOST: usize = 2000;

    /// What a first visit is offered: enough for a trained classifier within seconds.
    pub fn first_visit() -> Self {
        Self { world: World::default(), count: 120, seed: 1 }
    }

    /// # Errors
    /// A sentence: a list is empty, the count or the fog out of range.
    pub fn check(&self) -> Result<(), String> {
        let world = &self.world;
        if !(Self::LEAST..=Self::MOST).contains(&self.count) {
            return Err(format!("A sample set has {} to {} pictures.", Self::LEAST, Self::MOST));
        }
        if world.countries.is_empty() || world.seasons.is_empty() || world.hours.is_empty() || world.devices.is_empty()
        {
            return Err("A sample set needs a country, a season, a time of day and a camera.".into());
        }
        if !(0.0..=1.0).contains(&world.fog) {
            return Err("Fog lies between 0 and 1.".into());
        }
        Ok(())
    }
}
