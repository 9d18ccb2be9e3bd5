//! Operators that take quantized tensors number by number: sums, and the same numbers in other steps.

use super::operator::{Operator, Reader, Writer, slice, slice_mut};
use crate::model::onnx::{NodeProto, Refusal};
use crate::model::ops::int8::{Bounds, Params, add, requantize};
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::TractErrorContext;

/// The sum of two tensors, of which one may be smaller and is repeated as NumPy repeats it.
#[derive(Debug)]
pub struct Sum {
    given: [Params; 2],
    made: Params,
    bounds: Bounds,
}

impl Sum {
    pub fn node(name: &str, from: [(&str, Params); 2], to: &str, made: Params, bounds: Bounds) -> NodeProto {
        let writer = Writer::new::<Self>(name, &[from[0].0, from[1].0], to);
        writer.params("a", from[0].1).params("b", from[1].1).params("made", made).bounds(bounds).0
    }
}

impl Operator for Sum {
    const NAME: &'static str = "Int8Sum";

    fn read(node: &NodeProto) -> Result<Self, Refusal> {
        let r = Reader(node);
        Ok(Self { given: [r.params("a")?, r.params("b")?], made: r.params("made")?, bounds: r.bounds()? })
    }

    fn shape(&self, given: &[&[usize]]) -> Result<TVec<usize>, String> {
        let [a, b] = given else { return Err("two inputs are needed".into()) };
        let rank = a.len().max(b.len());
        let along = |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |at| shape[at]);
        (0..rank)
            .map(|axis| match (along(a, axis), along(b, axis)) {
                (a, b) if a == b || b == 1 => Ok(a),
                (1, b) => Ok(b),
                _ => Err(format!("{a:?} and {b:?} cannot be added")),
            })
            .collect()
    }

    fn run(&self, given: &[&Tensor], output: &mut Tensor) -> TractResult<()> {
        let shape: TVec<usize> = output.shape().into();
        let (a, b) = (repeated(given[0], &shape)?, repeated(given[1], &shape)?);
        add((&a, self.given[0]), (&b, self.given[1]), self.made, self.bounds, slice_mut(output)?);
        Ok(())
    }
}

fn repeated<'a>(tensor: &'a Tensor, shape: &[usize]) -> TractResult<std::borrow::Cow<'a, [i8]>> {
    if tensor.shape() == shape {
        return Ok(slice::<i8>(tensor)?.into());
    }
    let view = tensor.to_plain_array_view::<i8>()?;
    let wide = view.broadcast(shape).context("shapes that can be added")?;
    Ok(wide.iter().copied().collect::<Vec<_>>().into())
}

/// The same real numbers in other steps, or within narrower bounds.
#[derive(Debug)]
pub struct Requantize {
    given: Params,
    made: Params,
    bounds: Bounds,
}

impl Requantize {
    pub fn node(name: &str, from: (&str, Params), to: &str, made: Params, bounds: Bounds) -> NodeProto {
        Writer::new::<Self>(name, &[from.0], to).params("from", from.1).params("made", made).bounds(bounds).0
    }
}

impl Operator for Requantize {
    const NAME: &'static str = "Int8Requantize";

    fn read(node: &NodeProto) -> Result<Self, Refusal> {
        let r = Reader(node);
        Ok(Self { given: r.params("from")?, made: r.params("made")?, bounds: r.bounds()? })
    }

    fn shape(&self, given: &[&[usize]]) -> Result<TVec<usize>, String> {
        given.first().map(|shape| (*shape).into()).ok_or_else(|| "one input is needed".into())
    }

    fn run(&self, given: &[&Tensor], output: &mut Tensor) -> TractResult<()> {
        requantize((slice(given[0])?, self.given), self.made, self.bounds, slice_mut(output)?);
        Ok(())
    }
}
