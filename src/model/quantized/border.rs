//! Where quantized tensors begin and end: real numbers to steps and back.
//!
//! A picture has its channels first outside and last inside; the same operator moves them.

use super::operator::{Operator, Reader, Writer, slice, slice_mut};
use crate::model::onnx::{NodeProto, Refusal};
use crate::model::ops::int8::{Params, dequantize, quantize};
use tract_onnx::prelude::*;

const WHOLE: (i8, i8) = (i8::MIN, i8::MAX);

/// Real numbers, `[n, c, h, w]` where `turn`, to steps, then `[n, h, w, c]`.
#[derive(Debug)]
pub struct Quantize {
    made: Params,
    turn: bool,
}

impl Quantize {
    pub fn node(name: &str, from: &str, to: &str, made: Params, turn: bool) -> NodeProto {
        Writer::new::<Self>(name, &[from], to).params("made", made).ints("turn", &[turn.into()]).0
    }
}

impl Operator for Quantize {
    const NAME: &'static str = "Int8Quantize";

    fn read(node: &NodeProto) -> Result<Self, Refusal> {
        let reader = Reader(node);
        let [turn] = reader.ints::<1, u8>("turn")?;
        Ok(Self { made: reader.params("made")?, turn: turn > 0 })
    }

    fn types(&self) -> (DatumType, DatumType) {
        (f32::datum_type(), i8::datum_type())
    }

    fn shape(&self, given: &[&[usize]]) -> Result<TVec<usize>, String> {
        match *given {
            [&[n, c, h, w]] if self.turn => Ok(tvec![n, h, w, c]),
            [shape] if !self.turn => Ok(shape.into()),
            _ => Err("what is quantized is no picture".into()),
        }
    }

    fn run(&self, given: &[&Tensor], output: &mut Tensor) -> TractResult<()> {
        let (input, to) = (slice::<f32>(given[0])?, slice_mut::<i8>(output)?);
        let &[_, c, h, w] = given[0].shape() else {
            quantize(input, self.made, WHOLE, to);
            return Ok(());
        };
        if !self.turn || c == 1 || h * w == 1 {
            quantize(input, self.made, WHOLE, to);
            return Ok(());
        }
        let mut planes = vec![0; c * h * w];
        for (input, to) in input.chunks_exact((c * h * w).max(1)).zip(to.chunks_exact_mut((c * h * w).max(1))) {
            quantize(input, self.made, WHOLE, &mut planes);
            for (channel, plane) in planes.chunks_exact(h * w).enumerate() {
                to.iter_mut().skip(channel).step_by(c).zip(plane).for_each(|(to, q)| *to = *q);
            }
        }
        Ok(())
    }
}

/// Steps, `[n, h, w, c]` where `turn`, to real numbers, then `[n, c, h, w]`.
#[derive(Debug)]
pub struct Dequantize {
    from: Params,
    turn: bool,
}

impl Dequantize {
    pub fn node(name: &str, from: &str, to: &str, meant: Params, turn: bool) -> NodeProto {
        Writer::new::<Self>(name, &[from], to).params("from", meant).ints("turn", &[turn.into()]).0
    }
}

impl Operator for Dequantize {
    const NAME: &'static str = "Int8Dequantize";

    fn read(node: &NodeProto) -> Result<Self, Refusal> {
        let reader = Reader(node);
        let [turn] = reader.ints::<1, u8>("turn")?;
        Ok(Self { from: reader.params("from")?, turn: turn > 0 })
    }

    fn types(&self) -> (DatumType, DatumType) {
        (i8::datum_type(), f32::datum_type())
    }

    fn shape(&self, given: &[&[usize]]) -> Result<TVec<usize>, String> {
        match *given {
            [&[n, h, w, c]] if self.turn => Ok(tvec![n, c, h, w]),
            [shape] if !self.turn => Ok(shape.into()),
            _ => Err("what is dequantized is no picture".into()),
        }
    }

    fn run(&self, given: &[&Tensor], output: &mut Tensor) -> TractResult<()> {
        let (input, to) = (slice::<i8>(given[0])?, slice_mut::<f32>(output)?);
        match *given[0].shape() {
            [_, h, w, c] if self.turn && c > 1 && h * w > 1 => {
                let mut pixels = vec![0.0; c * h * w];
                for (input, to) in input.chunks_exact((c * h * w).max(1)).zip(to.chunks_exact_mut((c * h * w).max(1))) {
                    dequantize(input, self.from, &mut pixels);
                    for (channel, plane) in to.chunks_exact_mut(h * w).enumerate() {
                        plane.iter_mut().zip(pixels.iter().skip(channel).step_by(c)).for_each(|(to, x)| *to = *x);
                    }
                }
            }
            _ => dequantize(input, self.from, to),
        }
        Ok(())
    }
}
