//! Backbone and head as one standard ONNX classifier.

use crate::learn::head::Head;
use crate::model::onnx::build::{self, floats, int, int64s, ints};
use crate::model::onnx::{
    AttributeProto, DataType, GraphProto, Message, ModelProto, NodeProto, StringStringEntryProto, ValueInfoProto,
};

/// The resize rule in words, for the file's metadata and the README beside it.
pub const RESIZE_RULE: &str = "Turn upright by EXIF orientation; lay transparency on white; crop the largest centred square; \
resize to the input size with antialiased bilinear interpolation (PIL BILINEAR). RGB planes, values 0..255 as float32; no further normalisation.";

/// Builds the classifier. Input `image` `[N, 3, side, side]`, RGB 0..255, float32.
/// Outputs: `probabilities` `[N, C]`; `familiarity` `[N]`, the cosine to the nearest class
/// mean; and, where the head has a threshold, `none_of_these` `[N]`, bool. Labels (a JSON
/// list in class order) and the resize rule are in the metadata.
///
/// # Errors
/// The backbone's file is not readable, or the head does not fit it.
pub fn classifier(backbone: &[u8], head: &Head, labels: &[String]) -> Result<Vec<u8>, String> {
    let mut model = ModelProto::decode(backbone).map_err(|e| e.to_string())?;
    head.check(head.dim)?;
    if labels.len() != head.classes {
        return Err(format!("there are {} labels for {} classes", labels.len(), head.classes));
    }
    let opset = model.opset_import.iter().filter(|o| o.domain.is_empty()).map(|o| o.version).max().unwrap_or(0);
    let graph = model.graph.as_mut().ok_or("the backbone has no graph")?;
    add_head(graph, head, opset);
    model.producer_name = "Fieldtest".into();
    model.producer_version = env!("CARGO_PKG_VERSION").into();
    model.doc_string = "A frozen backbone and a linear head, trained in the browser.".into();
    let labels = serde_json::to_string(labels).map_err(|e| e.to_string())?;
    model.metadata_props = [("labels", labels.as_str()), ("resize_rule", RESIZE_RULE), ("input_range", "RGB, 0..255")]
        .map(|(key, value)| StringStringEntryProto { key: key.into(), value: value.into() })
        .into();
    Ok(model.encode_to_vec())
}

/// Everything of ours is named `head.*`, so that it cannot collide with the backbone.
fn add_head(graph: &mut GraphProto, head: &Head, opset: i64) {
    let (classes, dim) = (head.classes as i64, head.dim as i64);
    let familiarity = &head.familiarity;
    graph.initializer.extend([
        floats("head.weights", &[classes, dim], &head.weights),
        floats("head.bias", &[classes], &head.bias),
        floats("head.mean", &[dim], &familiarity.mean),
        floats("head.inv_std", &[dim], &familiarity.inv_std),
        floats("head.prototypes", &[classes, dim], &familiarity.prototypes),
        floats("head.zero", &[classes], &vec![0.0; head.classes]),
        floats("head.smallest_norm", &[1], &[1e-12]),
    ]);
    // Opset 18 made the axes of reductions an input.
    let named = opset < 18;
    if !named {
        graph.initializer.push(int64s("head.axis", &[1], &[1]));
    }
    let reduce = |op: &str, of: &str, to: &str| {
        let attributes = std::iter::once(int("keepdims", 0)).chain(named.then(|| ints("axes", &[1])));
        let inputs = [of, "head.axis"];
        node(op, &inputs[..if named { 1 } else { 2 }], to, attributes.collect())
    };
    graph.node.extend([
        node("Gemm", &["embedding", "head.weights", "head.bias"], "head.logits", vec![int("transB", 1)]),
        node("Softmax", &["head.logits"], "probabilities", vec![int("axis", 1)]),
        node("Sub", &["embedding", "head.mean"], "head.centred", vec![]),
        node("Mul", &["head.centred", "head.inv_std"], "head.standardised", vec![]),
        node("Gemm", &["head.standardised", "head.prototypes", "head.zero"], "head.products", vec![int("transB", 1)]),
        reduce("ReduceMax", "head.products", "head.nearest"),
        reduce("ReduceL2", "head.standardised", "head.norm"),
        node("Max", &["head.norm", "head.smallest_norm"], "head.safe_norm", vec![]),
        node("Div", &["head.nearest", "head.safe_norm"], "familiarity", vec![]),
    ]);
    graph.output =
        vec![output("probabilities", DataType::Float, Some(classes)), output("familiarity", DataType::Float, None)];
    if let Some(threshold) = familiarity.threshold {
        graph.initializer.push(floats("head.threshold", &[1], &[threshold]));
        graph.node.push(node("Less", &["familiarity", "head.threshold"], "none_of_these", vec![]));
        graph.output.push(output("none_of_these", DataType::Bool, None));
    }
}

fn node(op: &str, inputs: &[&str], output: &str, attribute: Vec<AttributeProto>) -> NodeProto {
    build::node(op, &format!("head.{op}.{output}"), inputs, output, attribute)
}

/// `[N]`, or `[N, width]`.
fn output(name: &str, kind: DataType, width: Option<i64>) -> ValueInfoProto {
    let dims: Vec<Option<i64>> = std::iter::once(None).chain(width.map(Some)).collect();
    build::value(name, kind, &dims)
}
