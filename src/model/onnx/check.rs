//! A file's bytes become a model whose tensors hold what they claim, or a sentence.

use super::{AttributeProto, Message, ModelProto, NodeProto, Refusal, TensorProto, tensor};

/// Largest file read, in bytes.
pub const MAX_FILE: usize = 512 << 20;
/// Most nodes in a graph.
pub const MAX_NODES: usize = 20_000;
/// Largest number that makes sense in a window's pads, strides, kernel or dilations.
const MAX_WINDOW: i64 = 4096;
/// Oldest and newest operator set read.
pub const OPSETS: (i64, i64) = (7, 24);

/// Reads an ONNX file: the shape of the protobuf (nested at most 100 deep), every tensor's
/// length against its shape, nodes without graphs inside, windows of a sensible size.
/// Allocates no more than a small multiple of the file.
///
/// # Errors
/// A [`Refusal`] naming the tensor or node; [`Refusal::AlreadyQuantized`] where weights are eight bits.
pub fn read(file: &[u8]) -> Result<ModelProto, Refusal> {
    read_allowing(file, &[])
}

/// Reads as [`read`] does, but takes models of QuantizeLinear and DequantizeLinear too.
///
/// # Errors
/// As [`read`]; operators that are quantized in another way are still refused.
pub fn read_quantized(file: &[u8]) -> Result<ModelProto, Refusal> {
    read_allowing(file, &["QuantizeLinear", "DequantizeLinear"])
}

fn read_allowing(file: &[u8], allowed: &[&str]) -> Result<ModelProto, Refusal> {
    if file.is_empty() {
        return Err(Refusal::Empty);
    }
    if file.len() > MAX_FILE {
        return Err(Refusal::TooLarge(file.len(), MAX_FILE));
    }
    other_file(file)?;
    let model = ModelProto::decode(file).map_err(|e| {
        // The path to what is wrong may be hundreds of words long; its end says what it is.
        Refusal::NotOnnx(e.to_string().rsplit(": ").next().unwrap_or_default().into())
    })?;
    let graph = model.graph.as_ref().ok_or(Refusal::NoGraph)?;
    if graph.node.len() > MAX_NODES {
        return Err(Refusal::TooMany("nodes", graph.node.len(), MAX_NODES));
    }
    let standard = |domain: &str| domain.is_empty() || domain == "ai.onnx";
    let opset = model.opset_import.iter().filter(|o| standard(&o.domain)).map(|o| o.version).max();
    match opset {
        Some(version) if (OPSETS.0..=OPSETS.1).contains(&version) => {}
        other => return Err(Refusal::OperatorSet(other.unwrap_or(0), OPSETS.0, OPSETS.1)),
    }
    if graph.output.is_empty() {
        return Err(Refusal::NoOutput);
    }
    if let Some(sparse) = graph.sparse_initializer.first() {
        let name = sparse.values.as_ref().map_or(String::new(), |v| v.name.clone());
        return Err(Refusal::Type(name, "sparse tensor".into()));
    }
    for t in &graph.initializer {
        tensor::check(t)?;
        finite(t)?;
    }
    for (at, node) in graph.node.iter().enumerate() {
        let name = name(node, at);
        check_node(node, &name, allowed)?;
        check_lengths(node, &name)?;
        check_target(node, &name, &graph.initializer)?;
    }
    Ok(model)
}

/// A window's lists must be of one number of axes, which tract takes for granted; so must the axis at
/// which a tensor is flattened.
fn check_lengths(node: &NodeProto, name: &str) -> Result<(), Refusal> {
    let of = |wanted: &str| node.attribute.iter().find(|a| a.name == wanted);
    let wrong = |attribute: &str, why: String| Err(Refusal::Attribute(name.into(), attribute.into(), why));
    if let Some(axis) = of("axis").filter(|a| node.op_type == "Flatten" && !(-4..=4).contains(&a.i)) {
        return wrong("axis", format!("is {}", axis.i));
    }
    let lengths = ["kernel_shape", "strides", "dilations", "pads"].map(|wanted| (wanted, of(wanted)));
    let axes = |(wanted, a): (&str, &AttributeProto)| if wanted == "pads" { a.ints.len() / 2 } else { a.ints.len() };
    let windowed = node.op_type.starts_with("Conv") || node.op_type.ends_with("Pool") && of("kernel_shape").is_some();
    if !windowed {
        return Ok(());
    }
    let given: Vec<(&str, &AttributeProto)> = lengths.into_iter().filter_map(|(w, a)| Some((w, a?))).collect();
    let Some(first) = given.first().map(|g| axes(*g)) else { return Ok(()) };
    match given.iter().find(|g| axes(**g) != first || axes(**g) == 0 || g.0 == "pads" && g.1.ints.len() % 2 == 1) {
        Some((wanted, a)) => wrong(wanted, format!("holds {} numbers, which do not fit the others", a.ints.len())),
        None => Ok(()),
    }
}

/// A shape to bring a tensor to: sizes that can be counted, of which one may be left open.
fn check_target(node: &NodeProto, name: &str, constants: &[TensorProto]) -> Result<(), Refusal> {
    let target = node.input.get(1).filter(|_| node.op_type == "Reshape");
    let Some(t) = target.and_then(|wanted| constants.iter().find(|t| t.name == *wanted)) else { return Ok(()) };
    let Ok(sizes) = tensor::integers(t) else { return Ok(()) };
    let open = sizes.iter().filter(|s| **s == -1).count();
    if open > 1 || sizes.iter().any(|s| !(-1..=i64::from(i32::MAX)).contains(s)) {
        return Err(Refusal::Dimensions(name.into(), sizes));
    }
    Ok(())
}

/// What to call a node: its name, its output, or its place.
pub fn name(node: &NodeProto, at: usize) -> String {
    [Some(&node.name), node.output.first()]
        .into_iter()
        .flatten()
        .find(|n| !n.is_empty())
        .cloned()
        .unwrap_or_else(|| format!("{} number {at}", node.op_type))
}

fn finite(t: &TensorProto) -> Result<(), Refusal> {
    // Scalars may be infinite on purpose: the bounds of a Clip.
    if t.dims.iter().product::<i64>() > 1 && tensor::is_float(t) && tensor::floats(t)?.iter().any(|v| !v.is_finite()) {
        return Err(Refusal::NotFinite(t.name.clone()));
    }
    Ok(())
}

fn other_file(file: &[u8]) -> Result<(), Refusal> {
    let head = &file[..file.len().min(512)];
    let text = String::from_utf8_lossy(head).trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']).to_lowercase();
    if text.starts_with("version https://git-lfs") {
        return Err(Refusal::LfsPointer);
    }
    if text.starts_with("<!doctype") || text.starts_with("<html") || text.starts_with("<?xml") {
        return Err(Refusal::Html);
    }
    let kinds: [(&[u8], &str); 8] = [
        (b"PK\x03\x04", "a zip archive (or a PyTorch checkpoint)"),
        (b"\x89PNG", "a PNG picture"),
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"\x89HDF", "an HDF5 file (Keras)"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"%PDF", "a PDF"),
        (b"GGUF", "a GGUF file"),
        (b"{", "JSON"),
    ];
    if let Some((_, what)) = kinds.iter().find(|(magic, _)| file.starts_with(magic)) {
        return Err(Refusal::OtherFile(what));
    }
    match file.get(4..8) {
        Some(b"TFL3") => Err(Refusal::OtherFile("a TensorFlow Lite model")),
        Some(b"ORTM") => Err(Refusal::OtherFile("an ORT-format model")),
        _ => Ok(()),
    }
}

fn check_node(node: &NodeProto, name: &str, allowed: &[&str]) -> Result<(), Refusal> {
    let quantized = ["QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QLinearConv", "QLinearMatMul"];
    let is_quantized = quantized.contains(&node.op_type.as_str()) || node.op_type.ends_with("Integer");
    if is_quantized && !allowed.contains(&node.op_type.as_str()) {
        return Err(Refusal::AlreadyQuantized(name.into(), node.op_type.clone()));
    }
    if !(node.domain.is_empty() || node.domain == "ai.onnx") {
        return Err(Refusal::Unknown(name.into(), format!("{}::{}", node.domain, node.op_type)));
    }
    for attribute in &node.attribute {
        if attribute.g.is_some() || !attribute.graphs.is_empty() {
            return Err(Refusal::Subgraph(name.into(), node.op_type.clone()));
        }
        for t in attribute.t.iter().chain(&attribute.tensors) {
            let mut t = t.clone();
            t.name = name.into();
            tensor::check(&t)?;
            finite(&t)?;
        }
        check_window(attribute, name)?;
    }
    Ok(())
}

/// Windows of a size that can be computed, so that no runtime divides by zero or allocates
/// the padding of a planet.
fn check_window(attribute: &AttributeProto, name: &str) -> Result<(), Refusal> {
    let least = match attribute.name.as_str() {
        "strides" | "dilations" | "kernel_shape" => 1,
        "pads" => -MAX_WINDOW,
        "output_padding" => 0,
        "group" | "num_groups" => {
            let sensible = (1..=1 << 20).contains(&attribute.i);
            let wrong = || Refusal::Attribute(name.into(), attribute.name.clone(), format!("is {}", attribute.i));
            return sensible.then_some(()).ok_or_else(wrong);
        }
        _ => return Ok(()),
    };
    match attribute.ints.iter().find(|v| **v < least || **v > MAX_WINDOW) {
        Some(v) => Err(Refusal::Attribute(name.into(), attribute.name.clone(), format!("holds {v}"))),
        None if attribute.ints.len() > 16 => {
            Err(Refusal::Attribute(name.into(), attribute.name.clone(), "has too many numbers".into()))
        }
        None => Ok(()),
    }
}
