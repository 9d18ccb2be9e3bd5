//! What the world does in a year. Plain data: the page names it, the engine renders it.

use crate::shift::scene::world::{Country, Device, Season, World};
use serde::{Deserialize, Serialize};

/// Weeks in a year.
pub const WEEKS: usize = 52;
/// Weeks from the middle of a season to the middle of the next.
const SEASON: usize = WEEKS / 4;
/// Entries of each list of a week's world. A photograph draws one of a list evenly, so
/// proportions are kept to a twentieth.
const SLOTS: usize = 20;
/// The order of the seasons.
const ROUND: [Season; 4] = [Season::Spring, Season::Summer, Season::Autumn, Season::Winter];

/// A year: seasons in turn, a country that joins, a device that gains ground.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calendar {
    /// The lab's world: its countries, hours and fog stay; its first season is at its height in
    /// the first week; its devices are those of the first week.
    pub lab: World,
    pub launch: Option<Launch>,
    /// The device that gains ground.
    pub device: Device,
    /// Its share in the last week, 0..=1, growing evenly from 0 in the first.
    pub device_share: f32,
}

/// A country in which the product starts to be used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Launch {
    pub country: Country,
    /// The first week with it, 0..[`WEEKS`].
    pub week: usize,
    /// Its share of photographs from then on, 0..=1.
    pub share: f32,
}

impl Default for Calendar {
    /// Starts in the lab's world at midsummer; Japan joins in week 20 with half of the
    /// photographs; by the end of the year half come from dashcams.
    fn default() -> Self {
        Self {
            lab: World::default(),
            launch: Some(Launch { country: Country::Japan, week: 20, share: 0.5 }),
            device: Device::Dashcam,
            device_share: 0.5,
        }
    }
}

impl Calendar {
    /// # Errors
    /// A sentence: a list of the lab's world is empty, a share or week out of range.
    pub fn check(&self) -> Result<(), String> {
        let World { countries, seasons, hours, devices, fog } = &self.lab;
        if countries.is_empty() || seasons.is_empty() || hours.is_empty() || devices.is_empty() {
            return Err("A year starts from a lab with a country, a season, a time of day and a camera.".into());
        }
        let share = self.launch.map_or(0.0, |launch| launch.share);
        if [*fog, share, self.device_share].iter().any(|v| !(0.0..=1.0).contains(v)) {
            return Err("Fog and shares lie between 0 and 1.".into());
        }
        if self.launch.is_some_and(|launch| launch.week >= WEEKS) {
            return Err(format!("A launch is in one of the weeks 1 to {WEEKS}."));
        }
        Ok(())
    }

    /// The world of a week, counted from 0; weeks after the year go on as a second one would,
    /// with the device mix of the last.
    pub fn world(&self, week: usize) -> World {
        let new_country = self.launch.filter(|launch| week >= launch.week);
        let country_share = new_country.map_or(0.0, |launch| launch.share);
        let country = new_country.map(|launch| launch.country);
        let device_share = self.device_share * (week as f32 / (WEEKS - 1) as f32).min(1.0);
        World {
            countries: mix(&self.lab.countries, country, country_share),
            seasons: self.seasons(week),
            hours: self.lab.hours.clone(),
            devices: mix(&self.lab.devices, Some(self.device), device_share),
            fog: self.lab.fog,
        }
    }

    /// The first quarter of the way to the next season belongs to the one, the last quarter to
    /// the other; in between they mix.
    fn seasons(&self, week: usize) -> Vec<Season> {
        let first = self.lab.seasons.first().and_then(|s| ROUND.iter().position(|r| r == s)).unwrap_or(0);
        let season = |step: usize| ROUND[(first + week / SEASON + step) % ROUND.len()];
        let way = (week % SEASON) as f32 / SEASON as f32;
        mix(&[season(0)], Some(season(1)), (2.0 * way - 0.5).clamp(0.0, 1.0))
    }
}

/// The old ones in turn, with a share (0..=1) of the slots given to the new one.
fn mix<T: Copy>(old: &[T], new: Option<T>, share: f32) -> Vec<T> {
    let news = new.map_or(0, |_| (share * SLOTS as f32).round() as usize);
    let olds = old.iter().copied().cycle().take(SLOTS - news.min(SLOTS));
    olds.chain(new.into_iter().cycle().take(news)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn share<T: PartialEq>(of: &[T], what: &T) -> f32 {
        of.iter().filter(|o| *o == what).count() as f32 / of.len() as f32
    }

    #[test]
    fn the_first_week_is_the_lab() {
        let world = Calendar::default().world(0);
        assert_eq!(share(&world.countries, &Country::Germany), 1.0);
        assert_eq!(share(&world.seasons, &Season::Summer), 1.0);
        assert_eq!(share(&world.devices, &Device::Phone), 1.0);
    }

    #[test]
    fn seasons_turn_a_country_joins_and_devices_drift() {
        let calendar = Calendar::default();
        for (week, season) in [(13, Season::Autumn), (26, Season::Winter), (39, Season::Spring), (52, Season::Summer)] {
            assert_eq!(share(&calendar.world(week).seasons, &season), 1.0, "{week}");
        }
        let between = share(&calendar.world(6).seasons, &Season::Autumn);
        assert!((0.3..0.7).contains(&between), "{between}");
        let japan = |week| share(&calendar.world(week).countries, &Country::Japan);
        assert_eq!((japan(19), japan(20), japan(51)), (0.0, 0.5, 0.5));
        let dashcams: Vec<f32> = (0..60).map(|week| share(&calendar.world(week).devices, &Device::Dashcam)).collect();
        assert!(dashcams.is_sorted() && dashcams[51] == 0.5 && dashcams[59] == 0.5);
    }

    #[test]
    fn impossible_years_are_refused() {
        let year = Calendar::default();
        assert!(year.check().is_ok());
        let launch = Launch { country: Country::India, week: 52, share: 0.5 };
        assert!(Calendar { launch: Some(launch), ..year.clone() }.check().is_err());
        assert!(
            Calendar { launch: Some(Launch { week: 3, share: f32::NAN, ..launch }), ..year.clone() }.check().is_err()
        );
        assert!(Calendar { device_share: 1.5, ..year.clone() }.check().is_err());
        let nowhere = World { countries: vec![], ..World::default() };
        assert!(Calendar { lab: nowhere, ..year }.check().is_err());
    }

    proptest! {
        #[test]
        fn every_week_has_a_world(week in 0usize..200, share in 0.0f32..=1.0, device_share in 0.0f32..=1.0) {
            let launch = Some(Launch { country: Country::Usa, week: 10, share });
            let world = Calendar { launch, device_share, ..Calendar::default() }.world(week);
            prop_assert!(world.countries.len() == SLOTS && world.seasons.len() == SLOTS && world.devices.len() == SLOTS);
            prop_assert!(!world.hours.is_empty());
        }
    }
}
