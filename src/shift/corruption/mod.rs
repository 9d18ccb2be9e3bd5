//! Nineteen corruptions with five severities, after Hendrycks and Dietterich 2019
//! ("Benchmarking Neural Network Robustness to Common Corruptions and Perturbations", ICLR).
//!
//! The parameters are those of the paper's 64-pixel variant (Tiny ImageNet-C). Where one is a
//! length it is scaled by the shorter side over 64, so that a picture of any size goes bad in
//! the same way. Meant for small pictures: the longer the lengths, the slower.
//!
//! Some differ from the paper, so figures must not be set beside published ones:
//! [`Corruption::Frost`] is grown instead of photographed; the water of [`Corruption::Spatter`] is lit
//! by a simpler rule; [`Corruption::Elastic`] resamples once; borders repeat (elastic mirrors them);
//! the layers of snow and spatter are drawn at 64 pixels and stretched; lengths never shrink below an
//! eighth. `tests/differential/test_corruptions.py` compares the others with the package that carries the
//! authors' code, at these parameters.

#[cfg(feature = "engine")]
mod blur;
#[cfg(feature = "engine")]
mod digital;
#[cfg(feature = "engine")]
mod noise;
#[cfg(feature = "engine")]
mod plane;
#[cfg(feature = "engine")]
mod strike;
#[cfg(feature = "engine")]
mod weather;

#[cfg(feature = "engine")]
pub use digital::through_jpeg;

use serde::{Deserialize, Serialize};

/// What kind of thing goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Family {
    Noise,
    Blur,
    Weather,
    Digital,
}

impl Family {
    pub const ALL: [Self; 4] = [Self::Noise, Self::Blur, Self::Weather, Self::Digital];

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Noise => "Noise",
            Self::Blur => "Blur",
            Self::Weather => "Weather",
            Self::Digital => "Digital",
        }
    }
}

/// One way a picture goes bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Corruption {
    GaussianNoise,
    ShotNoise,
    ImpulseNoise,
    SpeckleNoise,
    DefocusBlur,
    GlassBlur,
    MotionBlur,
    ZoomBlur,
    GaussianBlur,
    Snow,
    Frost,
    Fog,
    Brightness,
    Spatter,
    Contrast,
    Elastic,
    Pixelate,
    Jpeg,
    Saturate,
}

use Corruption::*;

impl Corruption {
    /// All of them, family by family.
    #[rustfmt::skip]
    pub const ALL: [Self; 19] = [
        GaussianNoise, ShotNoise, ImpulseNoise, SpeckleNoise,
        DefocusBlur, GlassBlur, MotionBlur, ZoomBlur, GaussianBlur,
        Snow, Frost, Fog, Brightness, Spatter,
        Contrast, Elastic, Pixelate, Jpeg, Saturate,
    ];

    /// The mildest and the worst severity.
    pub const SEVERITIES: std::ops::RangeInclusive<u8> = 1..=5;

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            GaussianNoise => "Gaussian noise",
            ShotNoise => "Shot noise",
            ImpulseNoise => "Impulse noise",
            SpeckleNoise => "Speckle noise",
            DefocusBlur => "Defocus",
            GlassBlur => "Frosted glass",
            MotionBlur => "Motion blur",
            ZoomBlur => "Zoom blur",
            GaussianBlur => "Gaussian blur",
            Snow => "Snow",
            Frost => "Frost",
            Fog => "Fog",
            Brightness => "Brightness",
            Spatter => "Spatter",
            Contrast => "Low contrast",
            Elastic => "Elastic",
            Pixelate => "Pixelate",
            Jpeg => "JPEG",
            Saturate => "Saturation",
        }
    }

    pub fn family(self) -> Family {
        match self {
            GaussianNoise | ShotNoise | ImpulseNoise | SpeckleNoise => Family::Noise,
            DefocusBlur | GlassBlur | MotionBlur | ZoomBlur | GaussianBlur => Family::Blur,
            Snow | Frost | Fog | Brightness | Spatter => Family::Weather,
            Contrast | Elastic | Pixelate | Jpeg | Saturate => Family::Digital,
        }
    }

    /// One sentence on where it comes from.
    pub fn explain(self) -> &'static str {
        match self {
            GaussianNoise => "The sensor adds random brightness to every pixel, as in low light.",
            ShotNoise => "Light arrives as single photons, and there are too few of them to count well.",
            ImpulseNoise => "Some values are lost and read as full or empty, as when bits flip.",
            SpeckleNoise => "Bright pixels are noisier than dark ones.",
            DefocusBlur => "The lens is out of focus, so every point becomes a disc.",
            GlassBlur => "The picture is seen through frosted glass: neighbouring pixels trade places.",
            MotionBlur => "The camera or the object moves while the shutter is open.",
            ZoomBlur => "The camera rushes towards the object while the shutter is open.",
            GaussianBlur => "Everything is a little soft, as after careless enlarging.",
            Snow => "Falling snow covers the picture and pales its colours.",
            Frost => "Ice crystals grow on the window (drawn here, not photographed).",
            Fog => "Patchy fog hides the distance and takes the contrast away.",
            Brightness => "The picture is overexposed.",
            Spatter => "Drops of water (up to severity 3) or mud (above) sit on the lens.",
            Contrast => "Light and dark move together, as in haze or with a poor display.",
            Elastic => "The picture is stretched and wobbled: the whole when mild, its parts when severe.",
            Pixelate => "The picture was enlarged from fewer pixels.",
            Jpeg => "The file was compressed so hard that its 8-pixel blocks show.",
            Saturate => "Colours are washed out (severities 1 and 2) or garish (3 to 5).",
        }
    }

    /// Whether the seed matters.
    pub fn is_random(self) -> bool {
        !matches!(self, DefocusBlur | ZoomBlur | GaussianBlur | Brightness | Contrast | Pixelate | Jpeg | Saturate)
    }
}

#[cfg(test)]
mod tests;
