//! Convolutions of pictures: dense, grouped, depthwise.

use super::{multiply, operand};
use crate::model::onnx::NodeProto;
use crate::model::onnx::graph::{attribute, int};
use crate::model::ops::int8::Window;
use crate::model::quantized::product::Constants;
use crate::model::quantized::rewrite::{Rewriter, pads_itself};

pub fn rewrite(r: &mut Rewriter, at: usize) -> Result<(), String> {
    let node = &r.graph.nodes[at];
    let given = operand(r, at, 0)?;
    let weight = node.input.get(1).and_then(|w| r.constants.weight(w));
    let weight = weight.ok_or("its weights are no eight-bit constants")?;
    let &[out, of, kh, kw] = weight.dims.as_slice() else { return Err("it is not over pictures".into()) };
    if weight.axis.is_some_and(|a| a != 0) {
        return Err("its weights' scales are not along the output channels".into());
    }
    let window = window(node, Some((kh, kw)))?;
    let groups = usize::try_from(int(node, "group", 1)).unwrap_or(0);
    if groups == 0 || !out.is_multiple_of(groups) || given.rank.is_some_and(|rank| rank != 4) {
        return Err("its groups do not divide its channels".into());
    }
    let units: Vec<f32> = weight.scales.iter().map(|s| s * given.params.scale).collect();
    let bias = node.input.get(2).map(String::as_str).filter(|b| !b.is_empty());
    let bias = r.constants.bias(bias, &units, out)?;
    let constants =
        Constants { window, groups, in_channels: of * groups, weights: weight.steps, scales: weight.scales, bias };
    let tail = r.tail(&node.output[0]);
    multiply(r, at, &given, &constants, false, &tail);
    Ok(())
}

/// The window a node names, whose kernel is also known from its weights where it has some.
pub fn window(node: &NodeProto, kernel: Option<(usize, usize)>) -> Result<Window, String> {
    if pads_itself(node) {
        return Err("it chooses its padding by itself".into());
    }
    let list = |name: &str, open: &[i64]| -> Result<Vec<usize>, String> {
        let given = attribute(node, name).map_or(open, |a| &a.ints);
        let sizes = given.iter().map(|v| usize::try_from(*v).ok().filter(|v| *v <= 4096)).collect::<Option<Vec<_>>>();
        sizes.filter(|s| s.len() == open.len()).ok_or_else(|| format!("its {name} are not those of a picture"))
    };
    let known = kernel.map_or([0, 0], |(h, w)| [h as i64, w as i64]);
    let (size, stride) = (list("kernel_shape", &known)?, list("strides", &[1, 1])?);
    let (dilation, pads) = (list("dilations", &[1, 1])?, list("pads", &[0; 4])?);
    if size.iter().chain(&stride).chain(&dilation).any(|v| *v == 0) {
        return Err("its window is empty".into());
    }
    if kernel.is_some_and(|kernel| kernel != (size[0], size[1])) {
        return Err("its kernel is not of the size of its weights".into());
    }
    Ok(Window {
        kernel: (size[0], size[1]),
        stride: (stride[0], stride[1]),
        dilation: (dilation[0], dilation[1]),
        pad: (pads[0], pads[1]),
        pad_end: (pads[2], pads[3]),
    })
}
