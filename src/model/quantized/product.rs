//! Sums of products with constants, as an operator: convolutions of pictures with channels last, and
//! matrix products row by row.

use super::operator::{Operator, Reader, Writer, slice, slice_mut};
use crate::model::onnx::{NodeProto, Refusal, build};
use crate::model::ops::int8::{Bounds, Output, Params, Pictures, Product, To, Window};
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::TractErrorContext;

/// The constants of a product.
#[derive(Debug, Clone)]
pub struct Constants {
    pub window: Window,
    pub groups: usize,
    pub in_channels: usize,
    /// `[out, in_channels / groups, kh, kw]`, zero point taken off.
    pub weights: Vec<i16>,
    /// Of the weights: one, or one an output channel.
    pub scales: Vec<f32>,
    /// `[out]`, in units of input scale times weight scale.
    pub bias: Vec<i32>,
}

/// What the sums become.
#[derive(Debug, Clone, Copy)]
pub enum Made {
    Steps(Params, Bounds),
    /// Real numbers within bounds.
    Real(f32, f32),
}

/// Input `[n, h, w, in_channels]`, or `[..., in_channels]` where `rows`; the output alike, with its channels.
#[derive(Debug)]
pub struct Multiply {
    window: Window,
    in_channels: usize,
    channels: usize,
    rows: bool,
    product: Product,
}

impl Multiply {
    pub fn node(
        name: &str,
        (from, given): (&str, Params),
        to: &str,
        constants: &Constants,
        rows: bool,
        made: Made,
    ) -> NodeProto {
        let c = constants;
        let pair = |(a, b): (usize, usize)| [a as i64, b as i64];
        let window = [c.window.kernel, c.window.stride, c.window.dilation, c.window.pad, c.window.pad_end];
        let weights = build::int16s("", &[c.weights.len() as i64], &c.weights);
        let bias = build::int32s("", &[c.bias.len() as i64], &c.bias);
        let writer = Writer::new::<Self>(name, &[from], to)
            .ints("window", &window.map(pair).concat())
            .ints("sizes", &[c.groups as i64, c.in_channels as i64, rows.into()])
            .with(build::inside("weights", weights))
            .with(build::list("scales", &c.scales))
            .with(build::inside("bias", bias))
            .params("from", given);
        match made {
            Made::Steps(params, bounds) => writer.params("made", params).bounds(bounds).0,
            Made::Real(low, high) => writer.with(build::list("real", &[low, high])).0,
        }
    }

    fn pictures(&self, shape: &[usize]) -> Option<Pictures> {
        let (&channels, before) = shape.split_last()?;
        (channels == self.in_channels).then_some(())?;
        Some(match *before {
            [count, h, w] if !self.rows => Pictures { count, size: (h, w), channels },
            _ if self.rows => Pictures { count: 1, size: (before.iter().product(), 1), channels },
            _ => return None,
        })
    }
}

impl Operator for Multiply {
    const NAME: &'static str = "Int8Multiply";

    fn read(node: &NodeProto) -> Result<Self, Refusal> {
        let reader = Reader(node);
        let [a, b, c, d, e, f, g, h, i, j] = reader.ints::<10, u16>("window")?.map(usize::from);
        let window = Window { kernel: (a, b), stride: (c, d), dilation: (e, f), pad: (g, h), pad_end: (i, j) };
        let [groups, in_channels, rows] = reader.ints::<3, u32>("sizes")?.map(|s| s as usize);
        let weights: Vec<i16> = reader.tensor("weights")?;
        let bias: Vec<i32> = reader.tensor("bias")?;
        let mut scales = reader.floats("scales")?;
        let expected = in_channels.checked_div(groups).and_then(|of| of.checked_mul(window.taps()));
        let expected = expected.and_then(|each| each.checked_mul(bias.len()));
        let sound = groups > 0
            && in_channels.is_multiple_of(groups)
            && bias.len().is_multiple_of(groups)
            && [a, b, c, d, e, f].iter().all(|v| *v > 0)
            && expected == Some(weights.len())
            && !bias.is_empty()
            && !weights.is_empty()
            && (scales.len() == 1 || scales.len() == bias.len());
        if !sound {
            return Err(Refusal::Attribute(node.name.clone(), "weights".into(), "do not fit their sizes".into()));
        }
        let from = reader.params("from")?;
        let made = if reader.has("bounds") {
            Made::Steps(reader.params("made")?, reader.bounds()?)
        } else {
            match reader.floats("real")?.as_slice() {
                &[low, high] => Made::Real(low, high),
                _ => return Err(Refusal::Attribute(node.name.clone(), "real".into(), "is no pair".into())),
            }
        };
        for scale in &mut scales {
            // In the order in which onnxruntime multiplies, so that both round alike.
            *scale *= from.scale;
            if let Made::Steps(to, _) = made {
                *scale /= to.scale;
            }
        }
        let to = match made {
            Made::Steps(to, bounds) => To::steps(&scales, bias.len(), bounds, to.zero),
            Made::Real(low, high) => To::real(&scales, bias.len(), (low, high)),
        };
        let product = Product::new(window, groups, in_channels, (&weights, &bias), from.zero, to);
        Ok(Self { window, in_channels, channels: bias.len(), rows: rows > 0, product })
    }

    fn types(&self) -> (DatumType, DatumType) {
        let gives = match self.product.to() {
            To::Steps(_) => i8::datum_type(),
            To::Real(_) => f32::datum_type(),
        };
        (i8::datum_type(), gives)
    }

    fn shape(&self, given: &[&[usize]]) -> Result<TVec<usize>, String> {
        let [shape] = given else { return Err("one input is needed".into()) };
        let pictures = self.pictures(shape).ok_or_else(|| format!("{} channels, not {shape:?}", self.in_channels))?;
        let mut shape: TVec<usize> = (*shape).into();
        if !self.rows {
            let (h, w) = self.window.output(pictures.size);
            (shape[1], shape[2]) = (h, w);
        }
        let last = shape.len() - 1;
        shape[last] = self.channels;
        Ok(shape)
    }

    fn run(&self, given: &[&Tensor], output: &mut Tensor) -> TractResult<()> {
        let pictures = self.pictures(given[0].shape()).context("pictures")?;
        let input = slice::<i8>(given[0])?;
        let output = match self.product.to() {
            To::Steps(_) => Output::Steps(slice_mut(output)?),
            To::Real(_) => Output::Real(slice_mut(output)?),
        };
        self.product.run(pictures, input, output);
        Ok(())
    }
}
