//! Pictures to calibrate on and to ask about.

use crate::engine::protocol::shift::UNKNOWN;
use crate::ui::learn::Learn;
use crate::ui::pure::mix;
use crate::ui::shift::field::Field;
use crate::web::files::Blob;
use leptos::prelude::*;

/// Where calibration pictures come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Lab,
    /// Pictures of the first class only.
    OneClass,
    Field,
    /// Pictures opened on this bench.
    Brought,
    Noise,
}

impl Source {
    pub const ALL: [Self; 5] = [Self::Lab, Self::OneClass, Self::Field, Self::Brought, Self::Noise];

    pub fn name(self) -> &'static str {
        match self {
            Self::Lab => "The lab\u{2019}s pictures",
            Self::OneClass => "The first class only",
            Self::Field => "The field\u{2019}s pictures",
            Self::Brought => "Pictures opened here",
            Self::Noise => "Noise",
        }
    }
}

/// What both are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exam {
    /// The lab's, which our classifier was trained on.
    Lab,
    /// The field's pictures, which it has not seen.
    Field,
    Brought,
}

impl Exam {
    pub const ALL: [Self; 3] = [Self::Lab, Self::Field, Self::Brought];

    pub fn name(self) -> &'static str {
        match self {
            Self::Lab => "The lab\u{2019}s pictures",
            Self::Field => "The field\u{2019}s pictures",
            Self::Brought => "Pictures opened here",
        }
    }
}

/// A picture and the name of its class, where it is known.
#[derive(Clone)]
pub struct Picture {
    pub file: Blob,
    pub class: Option<String>,
}

/// Pictures of each class of the lab.
pub fn lab(learn: Learn) -> Vec<Vec<Picture>> {
    let classes = learn.data.with_untracked(|data| {
        let of = |id| (data.class(id).map(|c| c.name.clone()), data.of_class(id).map(|p| p.id).collect::<Vec<_>>());
        data.filled().into_iter().map(of).collect::<Vec<_>>()
    });
    let file = |id| learn.data.stored(id).map(|s| s.original);
    let all = classes.into_iter().map(|(class, ids)| {
        ids.into_iter().filter_map(file).map(|file| Picture { file, class: class.clone() }).collect()
    });
    all.collect()
}

/// Pictures of the field, in the order in which they were seen.
pub fn field(field: Field, most: usize) -> Vec<Picture> {
    let labels = field.labels.get_untracked();
    field.seen.with_untracked(|seen| {
        let one = |(at, s): (usize, &crate::ui::shift::field::Seen)| {
            let truth = s.shot.truth;
            let class = (truth != UNKNOWN).then(|| labels.get(truth as usize).cloned()).flatten();
            Some(Picture { file: field.file(at)?, class })
        };
        seen.iter().enumerate().take(most).filter_map(one).collect()
    })
}

/// At most `most`, classes taking turns.
pub fn draw(by_class: &[Vec<Picture>], most: usize) -> Vec<Picture> {
    let mut at = 0u32;
    let mut supply = Vec::new();
    for class in by_class {
        supply.push((at..at + class.len() as u32).collect::<Vec<u32>>());
        at += class.len() as u32;
    }
    let all: Vec<&Picture> = by_class.iter().flatten().collect();
    mix::draw(&supply, most, None).into_iter().map(|i| all[i as usize].clone()).collect()
}

/// The class of a picture among a model's labels.
pub fn truth(picture: &Picture, labels: &[String]) -> u32 {
    let known = picture.class.as_ref().and_then(|c| labels.iter().position(|l| l.eq_ignore_ascii_case(c)));
    known.map_or(UNKNOWN, |at| at as u32)
}
