//! What may happen to a picture between the world and the backbone: nothing, a corruption, or a mistake in
//! its preparation. One name for all three, so that they can be swept and compared alike.

use super::corruption::Corruption;
use super::skew::Skew;
#[cfg(feature = "engine")]
use crate::image::{Rgb8, contract};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Degradation {
    /// As in the lab.
    #[default]
    None,
    /// Severity in [`Corruption::SEVERITIES`].
    Corruption(Corruption, u8),
    Skew(Skew),
}

impl Degradation {
    /// For people.
    pub fn name(self) -> String {
        match self {
            Self::None => "As in the lab".into(),
            Self::Corruption(corruption, severity) => format!("{}, severity {severity}", corruption.name()),
            Self::Skew(skew) => skew.name().into(),
        }
    }

    /// One sentence on where it comes from.
    pub fn explain(self) -> &'static str {
        match self {
            Self::None => "The pictures are prepared as they were for training.",
            Self::Corruption(corruption, _) => corruption.explain(),
            Self::Skew(skew) => skew.explain(),
        }
    }

    /// Every corruption at every severity, corruption by corruption.
    pub fn grid() -> Vec<Self> {
        let severities = |c| Corruption::SEVERITIES.map(move |severity| Self::Corruption(c, severity));
        Corruption::ALL.into_iter().flat_map(severities).collect()
    }
}

#[cfg(feature = "engine")]
impl Degradation {
    /// What the backbone is fed: RGB planes `[3, side, side]`, 0..255. A corruption strikes the square
    /// the backbone would see, a skew the way there.
    ///
    /// # Panics
    /// If `side` is 0.
    pub fn planes(self, image: &Rgb8, side: u32, seed: u64) -> Vec<f32> {
        match self {
            Self::Skew(skew) => skew.apply_planes(image, side),
            _ => contract::to_planes(&self.seen(image, side, seed)),
        }
    }

    /// The same as a picture of `side` pixels, to look at.
    ///
    /// # Panics
    /// If `side` is 0.
    pub fn seen(self, image: &Rgb8, side: u32, seed: u64) -> Rgb8 {
        match self {
            Self::None => contract::to_square(image, side),
            Self::Corruption(corruption, severity) => {
                corruption.apply(&contract::to_square(image, side), severity, seed)
            }
            Self::Skew(skew) => skew.apply(image, side),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_fed_is_what_is_seen() {
        let picture = Rgb8::new(90, 60, (0..90 * 60 * 3).map(|i| (i * 7 % 251) as u8).collect()).unwrap();
        for what in [Degradation::None, Degradation::Corruption(Corruption::Fog, 3), Degradation::Skew(Skew::Bgr)] {
            assert_eq!(what.planes(&picture, 32, 5), contract::to_planes(&what.seen(&picture, 32, 5)), "{what:?}");
        }
    }

    #[test]
    fn the_grid_is_that_of_the_paper() {
        let grid = Degradation::grid();
        assert_eq!(grid.len(), 19 * 5);
        assert_eq!(grid[4], Degradation::Corruption(Corruption::GaussianNoise, 5));
    }
}
