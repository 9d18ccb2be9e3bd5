//! Which corruptions imitate a shift: training on pictures corrupted so prepares a head for it without a
//! single picture from the field.

use crate::shift::corruption::Corruption;
use crate::shift::degradation::Degradation;
use crate::shift::scene::world::{Device, Hour, Season, World};

/// What comes closest to a rendered world among the corruptions, mildly: severities 1 to 3. Empty where
/// nothing imitates it: another country's signs cannot be made from one's own.
pub fn imitations(world: &World) -> Vec<Degradation> {
    use Corruption::*;
    let mut all = Vec::new();
    let mut add = |corruptions: &[Corruption]| {
        all.extend(corruptions.iter().flat_map(|c| [1, 3].map(|severity| Degradation::Corruption(*c, severity))));
    };
    if world.seasons.contains(&Season::Winter) {
        add(&[Snow, Frost]);
    }
    if world.seasons.contains(&Season::Spring) {
        add(&[Spatter]);
    }
    if world.hours.iter().any(|h| *h != Hour::Day) {
        add(&[Contrast, ShotNoise]);
    }
    if world.devices.contains(&Device::Dashcam) {
        add(&[MotionBlur, Jpeg]);
    }
    if world.devices.contains(&Device::Webcam) {
        add(&[Pixelate, GaussianNoise, Saturate]);
    }
    if world.fog > 0.0 {
        add(&[Fog]);
    }
    all
}

/// The same for a degradation: a corruption at every severity below and at its own; a skew as it is.
pub fn imitations_of(degradation: Degradation) -> Vec<Degradation> {
    match degradation {
        Degradation::None => Vec::new(),
        Degradation::Corruption(corruption, severity) => {
            (1..=severity).map(|s| Degradation::Corruption(corruption, s)).collect()
        }
        Degradation::Skew(_) => vec![degradation],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shift::scene::world::Country;

    #[test]
    fn each_knob_but_the_country_has_its_imitation() {
        let lab = World::default();
        assert!(imitations(&lab).is_empty());
        assert!(imitations(&World { countries: vec![Country::Japan], ..lab.clone() }).is_empty());
        for world in [
            World { seasons: vec![Season::Winter], ..lab.clone() },
            World { hours: vec![Hour::Night], ..lab.clone() },
            World { devices: vec![Device::Webcam], ..lab.clone() },
            World { fog: 0.5, ..lab.clone() },
        ] {
            assert!(!imitations(&world).is_empty(), "{world:?}");
        }
        assert_eq!(imitations_of(Degradation::Corruption(Corruption::Fog, 3)).len(), 3);
    }
}
