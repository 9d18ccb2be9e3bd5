//! One picture in the lab and in the field, side by side with what the head looks at.

use super::{order, reply};
use crate::engine::jobs::{Job, Source, Step, read_picture};
use crate::engine::protocol::Payload;
use crate::engine::protocol::shift::{Answer, Compared, Reply, Subject};
use crate::image::thumb;
use crate::learn::head::Head;
use crate::model::{backbone::Backbone, cam};
use crate::shift::degradation::Degradation;
use crate::shift::scene::photograph;
use crate::shift::scene::world::World;

/// Side of the lab's picture as shown, before it becomes a thumbnail.
const SHOWN: u32 = 256;

pub struct Compare {
    head: Head,
    subject: Subject,
    files: Vec<Box<dyn Source>>,
}

impl Compare {
    /// # Errors
    /// A sentence: a world that cannot be drawn, or a missing file.
    pub fn new(head: Head, subject: Subject, files: Vec<Box<dyn Source>>) -> Result<Self, String> {
        match &subject {
            Subject::Photograph { lab, field, seed, .. } => {
                order((**lab).clone(), *seed).check()?;
                order((**field).clone(), *seed).check()?;
            }
            Subject::File(..) if files.is_empty() => return Err("The request came without its file.".into()),
            Subject::Pair if files.len() != 2 => return Err("The request came without its two files.".into()),
            Subject::File(..) | Subject::Pair => {}
        }
        Ok(Self { head, subject, files })
    }

    fn compare(&mut self, backbone: &Backbone) -> Result<(Compared, Payload), String> {
        self.head.check(backbone.dim)?;
        let side = backbone.side as u32;
        let whole = |pixels| (Degradation::None.planes(&pixels, side, 0), thumb::jpeg(&pixels));
        let mut pictures = self.files.iter_mut().map(|file| read_picture(&mut **file));
        let mut file = || pictures.next().unwrap_or_else(|| Err("The request came without its file.".into()));
        let (lab, field) = match &self.subject {
            Subject::Photograph { lab, field, seed, index } => {
                let shot = |world: &World| whole(photograph(&order(world.clone(), *seed), *index as usize).saved());
                (shot(lab), shot(field))
            }
            Subject::File(degradation, seed) => {
                let pixels = file()?;
                let planes = degradation.planes(&pixels, side, *seed);
                let seen = thumb::jpeg(&degradation.seen(&pixels, side, *seed));
                let square = thumb::jpeg(&Degradation::None.seen(&pixels, SHOWN, 0));
                ((Degradation::None.planes(&pixels, side, 0), square), (planes, seen))
            }
            Subject::Pair => (whole(file()?), whole(file()?)),
        };
        let mut maps = Vec::new();
        let mut answer = |planes: &[f32]| -> Result<Answer, String> {
            let embedded = backbone.embed_planes(planes)?;
            maps.extend(cam::class_activation(&self.head, &embedded.features, backbone.grid));
            let answer = self.head.answer(&embedded.embedding);
            Ok(Answer { probabilities: answer.probabilities, best: answer.best, unknown: answer.unknown })
        };
        let compared = Compared { grid: backbone.grid, lab: answer(&lab.0)?, field: answer(&field.0)? };
        Ok((compared, Payload { floats: maps, parts: vec![lab.1, field.1] }))
    }
}

impl Job for Compare {
    fn step(&mut self, backbone: &Backbone) -> Step {
        match self.compare(backbone) {
            Ok((compared, payload)) => Step::Done(reply(Reply::Compared(Box::new(compared))), payload),
            Err(reason) => Step::Failed(reason),
        }
    }

    fn urgent(&self) -> bool {
        true
    }
}
