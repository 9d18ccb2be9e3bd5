//! Pictures changed at random and embedded, or as plain pixels; one a step.

use super::reply;
use crate::engine::jobs::{Job, Source, Step, read_picture};
use crate::engine::protocol::Payload;
use crate::engine::protocol::budget::Reply;
use crate::image::{Rgb8, contract};
use crate::learn::random::Random;
use crate::model::backbone::Backbone;

/// Side of the square that copies are cut from.
const CUT_FROM: u32 = 96;
/// The smallest cut, as a share of the side.
const SMALLEST: f64 = 0.65;
/// Brightness, contrast and colour change by this much at most.
const LIGHT: f64 = 0.35;
/// Largest side of plain pixels.
const LARGEST: u32 = 128;

#[derive(Debug, Clone, Copy)]
pub enum Want {
    /// Embeddings of two changed copies.
    Pairs { seed: u32 },
    /// The centred square at this side.
    Pixels(u32),
}

impl Want {
    /// # Errors
    /// No such side.
    pub fn pixels(side: u32) -> Result<Self, String> {
        if (1..=LARGEST).contains(&side) { Ok(Self::Pixels(side)) } else { Err("No picture has such a size.".into()) }
    }
}

pub struct Views {
    want: Want,
    files: std::vec::IntoIter<Box<dyn Source>>,
    index: u32,
}

impl Views {
    pub fn new(want: Want, files: Vec<Box<dyn Source>>) -> Self {
        Self { want, files: files.into_iter(), index: 0 }
    }
}

impl Job for Views {
    fn step(&mut self, backbone: &Backbone) -> Step {
        let Some(mut file) = self.files.next() else { return Step::Done(reply(Reply::Seen), Payload::default()) };
        let payload = read_picture(&mut *file).and_then(|picture| match self.want {
            Want::Pixels(side) => Ok(Payload::parts(vec![contract::to_square(&picture, side).data])),
            Want::Pairs { seed } => {
                let square = contract::to_square(&picture, CUT_FROM);
                let mut random = Random::new(u64::from(seed) << 32 | u64::from(self.index));
                let mut floats = Vec::with_capacity(2 * backbone.dim);
                for _ in 0..2 {
                    floats.extend(backbone.embed(&changed(&square, &mut random))?.embedding);
                }
                Ok(Payload::floats(floats))
            }
        });
        let index = self.index;
        self.index += 1;
        match payload {
            Ok(payload) => Step::Continue(Some((reply(Reply::View { index }), payload))),
            Err(reason) => Step::Failed(reason),
        }
    }
}

/// A copy as it might have been taken: closer, off centre, in other light. Never mirrored, because what is
/// mirrored may be something else.
fn changed(square: &Rgb8, random: &mut Random) -> Rgb8 {
    let full = square.width as usize;
    let side = ((SMALLEST + (1.0 - SMALLEST) * random.uniform()) * full as f64) as usize;
    let (left, top) = (random.below(full - side + 1), random.below(full - side + 1));
    let mut light = || (1.0 + LIGHT * (2.0 * random.uniform() - 1.0)) as f32;
    let (contrast, colour, brightness) = (light(), light(), light());
    let mut data = Vec::with_capacity(3 * side * side);
    for y in top..top + side {
        let row = &square.data[3 * (y * full + left)..][..3 * side];
        for [r, g, b] in row.as_chunks::<3>().0 {
            let grey = 0.299 * f32::from(*r) + 0.587 * f32::from(*g) + 0.114 * f32::from(*b);
            data.extend([r, g, b].map(|c| {
                let coloured = grey + colour * (f32::from(*c) - grey);
                ((128.0 + contrast * (coloured - 128.0)) * brightness).clamp(0.0, 255.0) as u8
            }));
        }
    }
    Rgb8 { width: side as u32, height: side as u32, data }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_whole_pictures_and_differ() {
        let square =
            Rgb8::new(CUT_FROM, CUT_FROM, (0..CUT_FROM * CUT_FROM * 3).map(|i| (i % 253) as u8).collect()).unwrap();
        let mut random = Random::new(1);
        let copies: Vec<Rgb8> = (0..40).map(|_| changed(&square, &mut random)).collect();
        for copy in &copies {
            assert!((62..=CUT_FROM).contains(&copy.width) && copy.width == copy.height);
            assert_eq!(copy.data.len() as u32, 3 * copy.width * copy.height);
        }
        assert_ne!(copies[0], copies[1]);
    }
}
