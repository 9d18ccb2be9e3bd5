//! The bench's settings as a link carries them.

use super::pictures::{Exam, Source};
use super::store::Shrink;
use crate::engine::protocol::shrink::{Mode, Range, Recipe as Quantizer};
use crate::share::link::Recipe;
use crate::share::link::table::Id;
use leptos::prelude::*;

const SOURCES: [Source; 4] = [Source::Lab, Source::OneClass, Source::Field, Source::Noise];
const EXAMS: [Exam; 2] = [Exam::Field, Exam::Lab];

/// Follows every setting.
pub fn write(shrink: Shrink, recipe: &mut Recipe) {
    let quantizer = shrink.recipe.get();
    recipe.set(Id::Mode, Mode::ALL.iter().position(|m| *m == quantizer.mode).unwrap_or(0) as u64);
    recipe.set(Id::Range, Range::ALL.iter().position(|r| *r == quantizer.range).unwrap_or(0) as u64);
    recipe.set(Id::PerChannel, quantizer.per_channel.into());
    recipe.set(Id::Bits, quantizer.bits.into());
    recipe.set(Id::BiasCorrection, quantizer.bias_correction.into());
    recipe.set(Id::Equalize, quantizer.equalize.into());
    recipe.set(Id::Calibration, SOURCES.iter().position(|s| *s == shrink.source.get()).unwrap_or(0) as u64);
    recipe.set(Id::Exam, EXAMS.iter().position(|e| *e == shrink.exam.get()).unwrap_or(1) as u64);
}

pub fn read(shrink: Shrink, recipe: &Recipe) {
    shrink.recipe.update(|quantizer| {
        *quantizer = Quantizer {
            mode: Mode::ALL.get(recipe.place(Id::Mode)).copied().unwrap_or(quantizer.mode),
            range: Range::ALL.get(recipe.place(Id::Range)).copied().unwrap_or(quantizer.range),
            per_channel: recipe.get(Id::PerChannel) == 1,
            bits: recipe.get(Id::Bits) as u8,
            bias_correction: recipe.get(Id::BiasCorrection) == 1,
            equalize: recipe.get(Id::Equalize) == 1,
            exclude: Vec::new(),
            noise: quantizer.noise,
        };
    });
    SOURCES.get(recipe.place(Id::Calibration)).into_iter().for_each(|s| shrink.source.set(*s));
    EXAMS.get(recipe.place(Id::Exam)).into_iter().for_each(|e| shrink.exam.set(*e));
}
