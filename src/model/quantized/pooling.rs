//! Pooling of pictures with channels last, as operators.

use super::operator::{Operator, Reader, Writer, slice, slice_mut};
use crate::model::onnx::{NodeProto, Refusal};
use crate::model::ops::int8::{Bounds, Params, Pictures, Window, average_pool, max_pool};
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::TractErrorContext;

/// How a window moves over pictures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Over {
    /// One window as large as the picture.
    Whole,
    Window(Window),
}

/// `[n, h, w, c]` to `[n, out_h, out_w, c]`.
#[derive(Debug)]
pub struct Pool {
    over: Over,
    /// Padding counts in a mean.
    count_pad: bool,
    given: Params,
    /// `None`: the largest, in the steps of the input. Otherwise the mean, in these.
    mean: Option<(Params, Bounds)>,
}

impl Pool {
    pub fn node(
        name: &str,
        (from, given): (&str, Params),
        to: &str,
        over: Over,
        mean: Option<(Params, Bounds, bool)>,
    ) -> NodeProto {
        let mut writer = Writer::new::<Self>(name, &[from], to).params("from", given);
        if let Over::Window(w) = over {
            let pair = |(a, b): (usize, usize)| [a as i64, b as i64];
            writer = writer.ints("window", &[w.kernel, w.stride, w.dilation, w.pad, w.pad_end].map(pair).concat());
        }
        match mean {
            Some((made, bounds, count_pad)) => {
                writer.params("made", made).bounds(bounds).ints("count_pad", &[count_pad.into()]).0
            }
            None => writer.0,
        }
    }

    fn window(&self, size: (usize, usize)) -> Window {
        match self.over {
            Over::Window(window) => window,
            Over::Whole => Window { kernel: size, stride: (1, 1), dilation: (1, 1), pad: (0, 0), pad_end: (0, 0) },
        }
    }
}

fn pictures(shape: &[usize]) -> Option<Pictures> {
    match *shape {
        [count, h, w, channels] if h > 0 && w > 0 => Some(Pictures { count, size: (h, w), channels }),
        _ => None,
    }
}

impl Operator for Pool {
    const NAME: &'static str = "Int8Pool";

    fn read(node: &NodeProto) -> Result<Self, Refusal> {
        let r = Reader(node);
        let mut over = Over::Whole;
        if r.has("window") {
            let [a, b, c, d, e, f, g, h, i, j] = r.ints::<10, u16>("window")?.map(usize::from);
            if [a, b, c, d, e, f].contains(&0) {
                return Err(Refusal::Attribute(node.name.clone(), "window".into(), "holds 0".into()));
            }
            over =
                Over::Window(Window { kernel: (a, b), stride: (c, d), dilation: (e, f), pad: (g, h), pad_end: (i, j) });
        }
        let (mut mean, mut count_pad) = (None, false);
        if r.has("bounds") {
            mean = Some((r.params("made")?, r.bounds()?));
            count_pad = r.ints::<1, u8>("count_pad")?[0] > 0;
        }
        Ok(Self { over, count_pad, given: r.params("from")?, mean })
    }

    fn shape(&self, given: &[&[usize]]) -> Result<TVec<usize>, String> {
        let found = given.first().and_then(|shape| pictures(shape));
        let pictures = found.ok_or_else(|| format!("{given:?} is no picture"))?;
        let (h, w) = self.window(pictures.size).output(pictures.size);
        Ok(tvec![pictures.count, h, w, pictures.channels])
    }

    fn run(&self, given: &[&Tensor], output: &mut Tensor) -> TractResult<()> {
        let pictures = pictures(given[0].shape()).context("pictures")?;
        let (window, input, to) = (self.window(pictures.size), slice(given[0])?, slice_mut(output)?);
        match self.mean {
            Some((made, bounds)) => {
                average_pool(pictures, &window, self.count_pad, (input, self.given), made, bounds, to);
            }
            None => max_pool(pictures, &window, input, self.given.zero, to),
        }
        Ok(())
    }
}
