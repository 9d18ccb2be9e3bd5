//! The constants of a graph of QuantizeLinear and DequantizeLinear: parameters, weights, biases.

use super::rewrite::signed;
use crate::model::onnx::graph::{Graph, attribute};
use crate::model::onnx::{NodeProto, TensorProto, tensor};
use crate::model::ops::int8::Params;
use std::collections::HashMap;

/// Constant eight-bit numbers behind a DequantizeLinear.
#[derive(Debug, Clone)]
pub struct Weight {
    pub dims: Vec<usize>,
    /// With the zero point taken off.
    pub steps: Vec<i16>,
    /// One, or one along `axis`.
    pub scales: Vec<f32>,
    pub axis: Option<usize>,
    /// The zero point, where there is one for all.
    pub zero: Option<i8>,
}

pub struct Constants<'g> {
    graph: &'g Graph,
    producers: HashMap<String, usize>,
}

impl<'g> Constants<'g> {
    pub fn new(graph: &'g Graph) -> Self {
        Self { graph, producers: graph.producers() }
    }

    fn at(&self, node: &NodeProto, slot: usize) -> Option<&'g TensorProto> {
        self.graph.constants.get(node.input.get(slot)?)
    }

    /// Scales that can be divided by.
    fn scales(&self, node: &NodeProto) -> Option<Vec<f32>> {
        let scales = tensor::floats(self.at(node, 1)?).ok()?;
        let sound = !scales.is_empty() && scales.iter().all(|s| s.is_normal() && *s > 0.0);
        sound.then_some(scales)
    }

    /// Zero points as stored here, and how far below the file's they lie; `None` where the type is none of ours.
    fn zeros(&self, node: &NodeProto, kind: Option<i32>) -> Option<(Vec<i64>, i64)> {
        let given = node.input.get(2).filter(|i| !i.is_empty());
        let (numbers, kind) = match given {
            Some(_) => {
                let t = self.at(node, 2)?;
                (tensor::integers(t).ok()?, t.data_type)
            }
            None => (vec![0], kind?),
        };
        let down = signed(kind)?;
        Some((numbers.into_iter().map(|z| z + down).collect(), down))
    }

    /// Scale and zero point of an activation's QuantizeLinear or DequantizeLinear: one for the whole tensor.
    pub fn params(&self, node: &NodeProto) -> Option<Params> {
        let unsigned = crate::model::onnx::DataType::Uint8 as i32;
        let block = attribute(node, "block_size").is_some_and(|a| a.i != 0);
        match (self.scales(node)?.as_slice(), self.zeros(node, Some(unsigned))?.0.as_slice()) {
            (&[scale], &[zero]) if !block => Some(Params { scale, zero: zero.try_into().ok()? }),
            _ => None,
        }
    }

    fn dequantize(&self, tensor: &str) -> Option<&'g NodeProto> {
        let node = &self.graph.nodes[*self.producers.get(tensor)?];
        let plain = node.op_type == "DequantizeLinear" && attribute(node, "block_size").is_none_or(|a| a.i == 0);
        plain.then_some(node)
    }

    /// Eight-bit weights that a DequantizeLinear expands into `tensor`.
    pub fn weight(&self, tensor: &str) -> Option<Weight> {
        let node = self.dequantize(tensor)?;
        let t = self.at(node, 0)?;
        let down = signed(t.data_type)?;
        let scales = self.scales(node)?;
        let (zeros, same) = self.zeros(node, Some(t.data_type))?;
        let dims: Vec<usize> = t.dims.iter().map(|d| usize::try_from(*d).ok()).collect::<Option<_>>()?;
        let numbers = tensor::integers(t).ok()?;
        let axis = attribute(node, "axis").map_or(1, |a| a.i);
        let axis = if axis < 0 { axis + dims.len() as i64 } else { axis };
        let axis = if scales.len() == 1 { None } else { Some(usize::try_from(axis).ok()?) };
        let (along, inner) = match axis {
            Some(a) if dims.get(a) == Some(&scales.len()) => (scales.len(), dims[a + 1..].iter().product::<usize>()),
            Some(_) => return None,
            None => (1, numbers.len()),
        };
        if same != down || numbers.is_empty() || (zeros.len() != 1 && zeros.len() != along) {
            return None;
        }
        let zero = |at: usize| zeros[at / inner % along % zeros.len()];
        let steps = numbers.iter().enumerate().map(|(at, q)| i16::try_from(q + down - zero(at)));
        let steps = steps.collect::<Result<_, _>>().ok()?;
        let one = (zeros.len() == 1).then(|| i8::try_from(zeros[0]).ok()).flatten();
        Some(Weight { dims, steps, scales, axis, zero: one })
    }

    /// A bias in units of input scale times weight scale, of `channels` channels.
    ///
    /// # Errors
    /// Why it cannot be had, in words.
    pub fn bias(&self, tensor: Option<&str>, units: &[f32], channels: usize) -> Result<Vec<i32>, &'static str> {
        let Some(tensor) = tensor else { return Ok(vec![0; channels]) };
        let unit = |c: usize| f64::from(units[c % units.len()]);
        let fits = |v: f64| -> Result<i32, &'static str> {
            let v = v.round_ties_even();
            let sound = v.abs() <= f64::from(i32::MAX);
            sound.then_some(v as i32).ok_or("its bias does not fit 32 bits")
        };
        let wide =
            |count: usize| if count == channels || count == 1 { Ok(()) } else { Err("its bias has another length") };
        if let Some((_, real)) = self.graph.floats(tensor) {
            wide(real.len())?;
            return (0..channels).map(|c| fits(f64::from(real[c % real.len()]) / unit(c))).collect();
        }
        let whole = || {
            let node = self.dequantize(tensor)?;
            let steps = tensor::integers(self.at(node, 0)?).ok()?;
            let zeros = match node.input.get(2).filter(|i| !i.is_empty()) {
                Some(_) => tensor::integers(self.at(node, 2)?).ok()?,
                None => vec![0],
            };
            let sound = !steps.is_empty() && !zeros.is_empty();
            sound.then_some((steps, zeros, self.scales(node)?))
        };
        let (steps, zeros, scales) = whole().ok_or("its bias is no constant")?;
        wide(steps.len())?;
        let one = |c: usize| {
            let q = (steps[c % steps.len()] - zeros[c % zeros.len()]) as f64;
            let ratio = f64::from(scales[c % scales.len()]) / unit(c);
            // The same unit but for the rounding of its float: then the number is meant as it is.
            fits(if (ratio - 1.0).abs() < 1e-5 { q } else { q * ratio })
        };
        (0..channels).map(one).collect()
    }

    /// Bounds of a Clip whose bounds are constants.
    pub fn clip(&self, node: &NodeProto) -> Option<(f32, f32)> {
        let bound = |slot: usize, name: &str, open: f32| match node.input.get(slot).filter(|i| !i.is_empty()) {
            Some(input) => {
                let numbers = self.graph.floats(input).map(|(_, v)| v).or_else(|| {
                    let w = self.weight(input)?;
                    Some(w.steps.iter().map(|q| f32::from(*q) * w.scales[0]).collect())
                });
                numbers?.first().copied()
            }
            None => Some(attribute(node, name).map_or(open, |a| a.f)),
        };
        let (low, high) = (bound(1, "min", f32::NEG_INFINITY)?, bound(2, "max", f32::INFINITY)?);
        (low <= high).then_some((low, high))
    }
}
