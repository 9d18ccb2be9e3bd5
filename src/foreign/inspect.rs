//! Looks into an ONNX file of anyone's: what it takes and gives, and a guess at how pictures fit it.

use super::fit::{Fit, Inspected, MAX_SIDE, Pixels};
use crate::model::onnx::{
    self, DataType, Message, ModelProto, NodeProto, Refusal, StringStringEntryProto, TensorShapeProto, ValueInfoProto,
    tensor,
    tensor_shape_proto::{Dimension, dimension::Value},
    type_proto,
};
use std::collections::{BTreeMap, HashSet};

/// Side taken where the file leaves it open.
const USUAL_SIDE: usize = 224;
/// Most labels read from a file.
const MAX_LABELS: usize = 100_000;

/// Reads a file and says what it is.
///
/// # Errors
/// It is not readable, has several inputs, or takes something other than colour pictures.
pub fn inspect(file: &[u8]) -> Result<Inspected, Refusal> {
    let model = onnx::read(file)?;
    let input = input(&model)?.clone();
    let shape = dims(&input);
    let graph = model.graph.as_ref().ok_or(Refusal::NoGraph)?;
    let mut why = Vec::new();
    let (channels_last, height, width) = picture(&input.name, &shape)?;
    if height.is_none() || width.is_none() {
        why.push(format!("The file leaves the size open; {USUAL_SIDE} pixels are usual."));
    }
    let (pixels, reason) = pixels(&model, &input.name, channels_last);
    why.push(reason);
    let real = |v: &&ValueInfoProto| elem_type(v) == Some(DataType::Float as i32);
    let outputs: Vec<(String, Option<usize>)> = graph.output.iter().filter(real).map(width_of).collect();
    let output = outputs.first().ok_or(Refusal::NoOutput)?.0.clone();
    let classes = gives_classes(&graph.node, &output);
    why.push(if classes {
        format!("\u{201c}{output}\u{201d} comes from a matrix product or softmax: one number for each class.")
    } else {
        format!("\u{201c}{output}\u{201d} is no classifier\u{2019}s output: its numbers are compared as features.")
    });
    let mut operators = BTreeMap::<&str, usize>::new();
    graph.node.iter().for_each(|n| *operators.entry(n.op_type.as_str()).or_default() += 1);
    let mut operators: Vec<(String, usize)> = operators.into_iter().map(|(op, n)| (op.to_owned(), n)).collect();
    operators.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let weights = graph.initializer.iter().filter(|t| tensor::is_float(t));
    let fit = Fit {
        width: width.unwrap_or(USUAL_SIDE),
        height: height.unwrap_or(USUAL_SIDE),
        channels_last,
        bgr: false,
        pixels,
        output,
        classes,
        labels: labels(&model),
    };
    Ok(Inspected {
        input: input.name.clone(),
        outputs,
        opset: model.opset_import.iter().filter(|o| o.domain.is_empty()).map(|o| o.version).max().unwrap_or(0),
        nodes: graph.node.len(),
        parameters: weights.map(|t| t.dims.iter().product::<i64>().max(0) as usize).sum(),
        operators,
        shape,
        fit,
        why,
        bytes: file.len(),
    })
}

/// The file with its input fixed to the size that was chosen.
///
/// # Errors
/// The fit is impossible, or contradicts what the file says.
pub fn fixed(file: &[u8], fit: &Fit) -> Result<Vec<u8>, Refusal> {
    if !(1..=MAX_SIDE).contains(&fit.width) || !(1..=MAX_SIDE).contains(&fit.height) {
        return Err(Refusal::Asked(format!("A side of the input must have 1 to {MAX_SIDE} pixels.")));
    }
    let mut model = onnx::read(file)?;
    let (name, written) = input(&model).map(|i| (i.name.clone(), dims(i)))?;
    let wanted = fit.shape();
    let fits = written.len() == 4 && written.iter().zip(wanted).all(|(w, s)| w.is_none_or(|w| w == s));
    if !fits {
        let said = written.iter().map(|d| d.map_or("?".to_owned(), |d| d.to_string())).collect::<Vec<_>>().join(", ");
        return Err(Refusal::Asked(format!(
            "Input \u{201c}{name}\u{201d} has the shape [{said}], which {wanted:?} does not fit."
        )));
    }
    if !model.graph.iter().flat_map(|g| &g.output).any(|o| o.name == fit.output) {
        return Err(Refusal::Asked(format!("The model has no output called \u{201c}{}\u{201d}.", fit.output)));
    }
    if !fit.labels.is_empty() {
        let value = serde_json::to_string(&fit.labels).unwrap_or_default();
        model.metadata_props.retain(|p| p.key != "labels");
        model.metadata_props.push(StringStringEntryProto { key: "labels".into(), value });
    }
    let dim = |v: usize| Dimension { value: Some(Value::DimValue(v as i64)), ..Default::default() };
    let graph = model.graph.as_mut().ok_or(Refusal::NoGraph)?;
    for given in graph.input.iter_mut().filter(|i| i.name == name) {
        if let Some(type_proto::Value::TensorType(kind)) = given.r#type.as_mut().and_then(|t| t.value.as_mut()) {
            kind.shape = Some(TensorShapeProto { dim: wanted.map(dim).into() });
        }
    }
    Ok(model.encode_to_vec())
}

/// The one input that is no initializer.
fn input(model: &ModelProto) -> Result<&ValueInfoProto, Refusal> {
    let graph = model.graph.as_ref().ok_or(Refusal::NoGraph)?;
    let constants: HashSet<&str> = graph.initializer.iter().map(|t| t.name.as_str()).collect();
    let inputs: Vec<&ValueInfoProto> = graph.input.iter().filter(|i| !constants.contains(i.name.as_str())).collect();
    match inputs.as_slice() {
        [one] if elem_type(one) == Some(DataType::Float as i32) => Ok(one),
        [one] => Err(Refusal::Type(one.name.clone(), "something other than FLOAT".into())),
        many => Err(Refusal::Inputs(many.iter().map(|i| i.name.clone()).collect())),
    }
}

fn elem_type(value: &ValueInfoProto) -> Option<i32> {
    let type_proto::Value::TensorType(kind) = value.r#type.as_ref()?.value.as_ref()?;
    Some(kind.elem_type)
}

/// Sizes as written; `None` is open. At most eight.
fn dims(value: &ValueInfoProto) -> Vec<Option<usize>> {
    let Some(type_proto::Value::TensorType(kind)) = value.r#type.as_ref().and_then(|t| t.value.as_ref()) else {
        return Vec::new();
    };
    let size = |d: &Dimension| match d.value {
        Some(Value::DimValue(v)) if v > 0 => usize::try_from(v).ok(),
        _ => None,
    };
    // An open batch is one picture.
    let all = kind.shape.iter().flat_map(|s| &s.dim).take(8).map(size);
    all.enumerate().map(|(at, d)| if at == 0 { d.or(Some(1)) } else { d }).collect()
}

/// Channels last?, height, width.
fn picture(name: &str, shape: &[Option<usize>]) -> Result<(bool, Option<usize>, Option<usize>), Refusal> {
    let no = |why: &str| {
        let said = shape.iter().map(|d| d.map_or("?".to_owned(), |d| d.to_string())).collect::<Vec<_>>().join(", ");
        Err(Refusal::Asked(format!("Input \u{201c}{name}\u{201d} has the shape [{said}]: {why}.")))
    };
    let (channels_last, h, w) = match *shape {
        [Some(1), Some(3), h, w] => (false, h, w),
        [Some(1), h, w, Some(3)] => (true, h, w),
        // Channels are open as well: the usual order.
        [Some(1), None, h, w] => (false, h, w),
        [Some(1), _, _, _] => return no("no side of it is the three colours of a picture"),
        [_, _, _, _] => return no("it takes several pictures at once"),
        _ => return no("a picture has four sides: batch, colours, height, width"),
    };
    if [h, w].into_iter().flatten().any(|side| side > MAX_SIDE) {
        return no("pictures of more than 1024 pixels a side are not made here");
    }
    Ok((channels_last, h, w))
}

fn width_of(output: &ValueInfoProto) -> (String, Option<usize>) {
    let dims = dims(output);
    let width = dims.iter().skip(1).try_fold(1usize, |p, d| p.checked_mul((*d)?));
    (output.name.clone(), width.filter(|_| !dims.is_empty()))
}

/// What the file's first operation or its makers' habits say of the range.
fn pixels(model: &ModelProto, input: &str, channels_last: bool) -> (Pixels, String) {
    let said = |key: &str| model.metadata_props.iter().find(|p| p.key == key).map(|p| p.value.as_str());
    if said("input_range").is_some_and(|range| range.contains("255")) {
        return (Pixels::Bytes, "The file says that it takes 0 to 255.".into());
    }
    let graph = model.graph.as_ref();
    let nodes = graph.map_or(&[][..], |g| &g.node);
    let first = nodes.iter().find(|n| n.input.first().is_some_and(|i| i == input));
    let constant = |n: &NodeProto| -> Option<f32> {
        let name = n.input.get(1)?;
        // Half precision stands behind a Cast.
        let cast = nodes.iter().find(|c| c.op_type == "Cast" && c.output.first() == Some(name));
        let name = cast.and_then(|c| c.input.first()).unwrap_or(name);
        let t = graph?.initializer.iter().find(|t| t.name == *name)?;
        tensor::floats(t).ok()?.first().copied()
    };
    let makes = |n: &NodeProto| (n.op_type.clone(), constant(n).map(f32::abs));
    match first.map(makes) {
        Some((op, Some(by))) if by > 2.0 && ["Sub", "Div"].contains(&op.as_str()) || by < 0.05 && op == "Mul" => {
            (Pixels::Bytes, format!("The model begins with a {op} that takes 0 to 255 apart."))
        }
        Some((op, _)) if ["Sub", "BatchNormalization"].contains(&op.as_str()) => {
            (Pixels::Unit, format!("The model begins with a {op}: it normalises 0 to 1 itself."))
        }
        _ if channels_last || ["tf2onnx", "keras"].iter().any(|who| model.producer_name.contains(who)) => {
            (Pixels::Signed, "TensorFlow\u{2019}s models usually take \u{2212}1 to 1: a guess.".into())
        }
        _ => {
            (Pixels::ImageNet, "PyTorch\u{2019}s models usually take ImageNet\u{2019}s normalisation: a guess.".into())
        }
    }
}

/// Follows the output back over what changes no meaning, to a softmax or a matrix product.
fn gives_classes(nodes: &[NodeProto], output: &str) -> bool {
    let mut tensor = output;
    for _ in 0..8 {
        let Some(node) = nodes.iter().find(|n| n.output.iter().any(|o| o == tensor)) else { return false };
        match node.op_type.as_str() {
            "Softmax" | "LogSoftmax" | "Gemm" | "MatMul" => return true,
            "Add" | "Identity" | "Reshape" | "Flatten" | "Squeeze" | "Cast" => {
                let Some(input) = node.input.first() else { return false };
                tensor = input;
            }
            _ => return false,
        }
    }
    false
}

/// Our own files carry a JSON list of labels; others carry lines or a list with commas.
fn labels(model: &ModelProto) -> Vec<String> {
    let said = model.metadata_props.iter().find(|p| ["labels", "classes", "class_names"].contains(&p.key.as_str()));
    let Some(text) = said.map(|p| p.value.as_str()).filter(|t| t.len() < 4 << 20) else { return Vec::new() };
    let list: Vec<String> = serde_json::from_str(text).unwrap_or_else(|_| {
        let split = if text.contains('\n') { '\n' } else { ',' };
        text.split(split).map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect()
    });
    list.into_iter().take(MAX_LABELS).map(|l| l.chars().filter(|c| !c.is_control()).take(80).collect()).collect()
}
