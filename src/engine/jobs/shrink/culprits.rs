//! Calibrate once, then quantize layer by layer and find the fewest that must stay float.

use super::calibrate::{Calibrate, Calibrated};
use super::{Told, Work, working};
use crate::engine::protocol::Payload;
use crate::engine::protocol::shift::UNKNOWN;
use crate::engine::protocol::shrink::{Alone, Proposed, Reply};
use crate::model::backbone::Backbone;
use crate::shrink::culprits::{Hunt, Step};
use crate::shrink::plan::Plan;

/// Most pictures that layers are measured with: their inputs are kept.
const MOST: usize = 200;

pub struct Culprits {
    calibrate: Calibrate,
    limit: f32,
    stage: Stage,
}

enum Stage {
    Calibrating,
    Reading { model: Box<super::subject::Model>, plan: Box<Plan>, inputs: Vec<Vec<f32>> },
    Hunting(Box<Hunt>),
}

impl Culprits {
    pub fn new(calibrate: Calibrate, limit: f32) -> Self {
        Self { calibrate, limit, stage: Stage::Calibrating }
    }
}

impl Work for Culprits {
    fn step(&mut self, backbone: &Backbone) -> Result<Told, String> {
        if !self.calibrate.is_static() || self.calibrate.truths.len() > MOST {
            return Err(format!(
                "Layers are measured one by one for static quantization only, on up to {MOST} pictures."
            ));
        }
        let pictures = self.calibrate.truths.len();
        match std::mem::replace(&mut self.stage, Stage::Calibrating) {
            Stage::Calibrating => match self.calibrate.step(backbone)? {
                Calibrated::Working(share) => Ok(working("Calibrating", share * 0.1)),
                Calibrated::Done(made) => {
                    let (model, quantized) = *made;
                    let plan = Box::new(quantized.plan.ok_or("There is no layer to measure.")?);
                    self.stage = Stage::Reading { model: Box::new(model), plan, inputs: Vec::new() };
                    Ok(working("Measuring", 0.1))
                }
            },
            Stage::Reading { model, plan, mut inputs } if inputs.len() < pictures => {
                inputs.push(model.input(&self.calibrate.pixels()?));
                self.stage = Stage::Reading { model, plan, inputs };
                Ok(Told::Nothing)
            }
            Stage::Reading { model, plan, inputs } => {
                let known = |t: &u32| (*t != UNKNOWN).then_some(*t as usize);
                let truths = self.calibrate.truths.iter().map(known).collect();
                let hunt = Hunt::new(*plan, model.judged(), model.fit.classes, inputs, truths, self.limit)?;
                self.stage = Stage::Hunting(Box::new(hunt));
                Ok(Told::Nothing)
            }
            Stage::Hunting(mut hunt) => {
                let step = hunt.step()?;
                self.stage = Stage::Hunting(hunt);
                Ok(match step {
                    Step::Working(share) => working("Measuring layers", 0.1 + 0.9 * share),
                    Step::Alone(a) => {
                        let alone = Alone {
                            name: a.name,
                            op: a.op,
                            changed: a.changed,
                            lost: a.lost,
                            sqnr_db: a.sqnr_db,
                            output_sqnr_db: a.output_sqnr_db,
                        };
                        Told::News(Reply::Alone(alone), Payload::default())
                    }
                    Step::Done(p) => {
                        let proposed = Proposed { exclude: p.exclude, all: p.all, left: p.left, pictures };
                        Told::Done(Reply::Proposed(proposed), Payload::default())
                    }
                })
            }
        }
    }
}
