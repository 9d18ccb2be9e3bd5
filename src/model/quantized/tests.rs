//! Small graphs of QuantizeLinear and DequantizeLinear, as integers and as tract runs them in float.

use super::Report;
use crate::model::onnx::build::{self, bytes, floats, int, int32s, ints, node, signed_bytes, value};
use crate::model::onnx::{
    AttributeProto, DataType, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, graph, tensor,
};
use crate::model::probe::Probe;
use std::collections::HashMap;

#[derive(Default)]
struct Net {
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
}

impl Net {
    fn op(&mut self, op: &str, inputs: &[&str], to: &str, attributes: Vec<AttributeProto>) -> String {
        self.nodes.push(node(op, to, inputs, to, attributes));
        to.into()
    }

    /// QuantizeLinear and DequantizeLinear; zero points below 0 are of int8.
    fn pair(&mut self, from: &str, scale: f32, zero: i32, signed: bool) -> String {
        let name = |what: &str| format!("{from}.{what}");
        self.constants.push(floats(&name("scale"), &[], &[scale]));
        let zero = match signed {
            true => signed_bytes(&name("zero"), &[], &[zero as i8]),
            false => bytes(&name("zero"), &[], &[zero as u8]),
        };
        self.constants.push(zero);
        let given = [name("scale"), name("zero")];
        self.op("QuantizeLinear", &[from, &given[0], &given[1]], &name("q"), vec![]);
        self.op("DequantizeLinear", &[&name("q"), &given[0], &given[1]], &name("dq"), vec![])
    }

    /// Weights in int8, a scale for each of the first axis where `axis` is given.
    fn weights(&mut self, name: &str, dims: &[i64], axis: Option<i64>) -> String {
        let count = dims.iter().product::<i64>() as usize;
        let numbers: Vec<i8> = (0..count).map(|i| ((i * 37 + i / 7) % 255) as u8 as i8).collect();
        let along = axis.map_or(1, |a| dims[a as usize]) as usize;
        let scales: Vec<f32> = (0..along).map(|i| 0.002 + 0.0007 * i as f32).collect();
        let scale_dims = if axis.is_some() { vec![along as i64] } else { vec![] };
        let names = [format!("{name}.w"), format!("{name}.ws"), format!("{name}.wz")];
        self.constants.push(signed_bytes(&names[0], dims, &numbers));
        self.constants.push(floats(&names[1], &scale_dims, &scales));
        self.constants.push(signed_bytes(&names[2], &scale_dims, &vec![0; along]));
        let attributes = axis.map(|a| int("axis", a)).into_iter().collect();
        self.op("DequantizeLinear", &[&names[0], &names[1], &names[2]], &format!("{name}.wdq"), attributes)
    }

    fn model(self, input: &[i64], output: &str) -> ModelProto {
        let dims: Vec<Option<i64>> = input.iter().map(|d| Some(*d)).collect();
        ModelProto {
            ir_version: 8,
            opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 17 }],
            graph: Some(GraphProto {
                node: self.nodes,
                initializer: self.constants,
                input: vec![value("x", DataType::Float, &dims)],
                output: vec![build::value(output, DataType::Float, &[])],
                ..Default::default()
            }),
            ..Default::default()
        }
    }
}

/// The same rounding in floats, operator by operator: constants expanded, Div, Round, Add and Clip for
/// QuantizeLinear, Sub and Mul for DequantizeLinear: what is compared with says itself what it means.
fn simulated(model: &ModelProto) -> ModelProto {
    let mut model = model.clone();
    let graph = model.graph.as_mut().unwrap();
    let known: HashMap<String, TensorProto> = graph.initializer.iter().map(|t| (t.name.clone(), t.clone())).collect();
    for node in std::mem::take(&mut graph.node) {
        if !node.op_type.ends_with("eLinear") {
            graph.node.push(node);
            continue;
        }
        let (from, to) = (&node.input[0], &node.output[0]);
        let (scale, zero) = (&known[&node.input[1]], node.input.get(2).map(|z| &known[z]));
        let scales = tensor::floats(scale).unwrap();
        let zeros = zero.map_or(vec![0; scales.len()], |z| tensor::integers(z).unwrap());
        if let Some(t) = known.get(from) {
            let axis = graph::int(&node, "axis", 0) as usize;
            let inner = t.dims[axis + 1..].iter().product::<i64>() as usize;
            let real = |(at, q): (usize, &i64)| {
                let c = at / inner % scales.len();
                (q - zeros[c]) as f32 * scales[c]
            };
            let numbers: Vec<f32> = tensor::integers(t).unwrap().iter().enumerate().map(real).collect();
            graph.initializer.push(floats(to, &t.dims, &numbers));
            continue;
        }
        let name = |what: &str| format!("{to}.{what}");
        let signed = zero.is_some_and(|z| z.data_type == DataType::Int8 as i32);
        let (low, high) = if signed { (-128.0, 127.0) } else { (0.0, 255.0) };
        for (what, number) in [("by", scales[0]), ("zero", zeros[0] as f32), ("low", low), ("high", high)] {
            graph.initializer.push(floats(&name(what), &[], &[number]));
        }
        let steps: &[(&str, &[&str])] = if node.op_type == "QuantizeLinear" {
            &[("Div", &["by"]), ("Round", &[]), ("Add", &["zero"]), ("Clip", &["low", "high"])]
        } else {
            &[("Sub", &["zero"]), ("Mul", &["by"])]
        };
        let mut given = from.clone();
        for (at, (op, with)) in steps.iter().enumerate() {
            let made = if at + 1 == steps.len() { to.clone() } else { name(op) };
            let inputs: Vec<String> = std::iter::once(given).chain(with.iter().map(|w| name(w))).collect();
            let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
            graph.node.push(node_of(op, &inputs, &made));
            given = made;
        }
    }
    model
}

fn node_of(op: &str, inputs: &[&str], to: &str) -> NodeProto {
    node(op, to, inputs, to, vec![])
}

/// Runs both; the outputs may differ by a step of `scale`, rarely.
fn agree(mut model: ModelProto, shape: &[usize], scale: f32) -> Report {
    let outputs = vec![model.graph.as_ref().unwrap().output[0].name.clone()];
    model.graph.as_mut().unwrap().output[0].r#type = None;
    let float = Probe::new(&simulated(&model), shape, &outputs).unwrap();
    let (whole, report) = Probe::quantized(&model, shape, &outputs).unwrap();
    let count: usize = shape.iter().product();
    let (mut all, mut off) = (0, 0);
    for seed in 0..4 {
        let x: Vec<f32> = (0..count).map(|i| (((i * 29 + seed * 13) % 97) as f32 - 40.0) / 30.0).collect();
        let (mut a, mut b) = ((vec![], vec![]), (vec![], vec![]));
        float.run(&x, |_, shape, numbers| a = (shape.to_vec(), numbers.to_vec())).unwrap();
        whole.run(&x, |_, shape, numbers| b = (shape.to_vec(), numbers.to_vec())).unwrap();
        assert_eq!(a.0, b.0);
        for (a, b) in a.1.iter().zip(&b.1) {
            all += 1;
            off += usize::from((a - b).abs() > scale * 1e-3);
            assert!((a - b).abs() <= scale * 1.001, "{a} {b}");
        }
        assert!(a.1.iter().any(|v| *v != a.1[0]), "a constant output tests nothing");
    }
    assert!(off * 100 <= all, "{off} of {all} differ");
    report
}

fn ran(report: &Report) -> Vec<&str> {
    report.integer.iter().map(|i| i.op.as_str()).collect()
}

fn why<'a>(report: &'a Report, name: &str) -> &'a str {
    &report.float.iter().find(|f| f.name == name).unwrap_or_else(|| panic!("{name}: {report:?}")).why
}

#[test]
fn relu_is_fused_and_everything_between_stays_in_integers() {
    let mut n = Net::default();
    let x = n.pair("x", 0.02, 100, false);
    let w = n.weights("c1", &[6, 3, 3, 3], Some(0));
    let stride = vec![ints("pads", &[1, 1, 1, 1]), ints("strides", &[2, 2])];
    let c = n.op("Conv", &[&x, &w], "c1", stride);
    let c = n.op("Relu", &[&c], "r1", vec![]);
    let c = n.pair(&c, 0.0331, 0, false);
    let w = n.weights("dw", &[6, 1, 3, 3], Some(0));
    let c = n.op("Conv", &[&c, &w], "dw", vec![int("group", 6), ints("pads", &[1, 1, 1, 1])]);
    let c = n.pair(&c, 0.0373, -20, true);
    let c = n.op("GlobalAveragePool", &[&c], "gap", vec![]);
    let c = n.pair(&c, 0.0117, 40, false);
    let c = n.op("Flatten", &[&c], "flat", vec![int("axis", 1)]);
    let c = n.pair(&c, 0.0117, 40, false);
    let w = n.weights("fc", &[4, 6], Some(0));
    n.constants.push(int32s("fc.b", &[4], &[100, -2000, 30, 0]));
    n.constants.push(floats("fc.bs", &[4], &[0.002, 0.0027, 0.0034, 0.0041].map(|s| s * 0.0117)));
    let b = n.op("DequantizeLinear", &["fc.b", "fc.bs"], "fc.bdq", vec![int("axis", 0)]);
    n.op("Gemm", &[&c, &w, &b], "y", vec![int("transB", 1)]);
    let report = agree(n.model(&[1, 3, 9, 9], "y"), &[1, 3, 9, 9], 0.05);
    assert_eq!(ran(&report), ["Conv", "Conv", "GlobalAveragePool", "Flatten", "Gemm"]);
    assert_eq!(report.integer[0].along, ["Relu"]);
    assert!(report.float.is_empty(), "{report:?}");
}

#[test]
fn clip_is_fused_and_may_be_narrower_than_eight_bits() {
    for bounds in [(0.0, 6.0), (-0.5, 0.7)] {
        let mut n = Net::default();
        let x = n.pair("x", 0.02, -7, true);
        let w = n.weights("c", &[8, 4, 1, 1], None);
        n.op("Conv", &[&x, &w], "c", vec![int("group", 2)]);
        n.constants.extend([floats("low", &[], &[bounds.0]), floats("high", &[], &[bounds.1])]);
        n.op("Clip", &["c", "low", "high"], "clip", vec![]);
        n.pair("clip", 0.02, 30, false);
        let report = agree(n.model(&[1, 8, 5, 4], "clip.dq"), &[1, 8, 5, 4], 0.02);
        assert_eq!(report.integer[0].along, ["Clip"]);
        assert!(report.float.is_empty(), "{report:?}");
    }
}

#[test]
fn a_tensor_that_others_read_is_not_taken_along() {
    let mut n = Net::default();
    let x = n.pair("x", 0.02, 100, false);
    let w = n.weights("c", &[4, 3, 3, 3], Some(0));
    n.op("Conv", &[&x, &w], "c", vec![]);
    // Three read the convolution's result: a quantized branch, ReLU, and a float node.
    let q = n.pair("c", 0.05, 128, false);
    n.op("Relu", &["c"], "r", vec![]);
    let r = n.pair("r", 0.04, 0, false);
    n.op("Add", &[&q, &r], "sum", vec![]);
    let s = n.pair("sum", 0.05, -30, true);
    n.op("Sigmoid", &["c"], "g", vec![]);
    n.op("Mul", &[&s, "g"], "y", vec![]);
    let report = agree(n.model(&[1, 3, 6, 6], "y"), &[1, 3, 6, 6], 0.05);
    assert_eq!(ran(&report), ["Conv", "Add"]);
    assert_eq!(why(&report, "r"), "its input is not quantized");
    assert!(why(&report, "g").contains("Sigmoid has no integer form"));
}

#[test]
fn one_quantized_tensor_may_be_read_many_times() {
    // No ratio of scales is a simple fraction: a tie would be decided by the rounding of floats.
    let mut n = Net::default();
    let x = n.pair("x", 0.02, 100, false);
    let again = n.op("DequantizeLinear", &["x.q", "x.scale", "x.zero"], "x.again", vec![]);
    let w = n.weights("a", &[5, 3, 1, 1], Some(0));
    n.op("Conv", &[&x, &w], "a", vec![]);
    let a = n.pair("a", 0.0233, 128, false);
    let w = n.weights("b", &[5, 3, 1, 1], None);
    n.op("Conv", &[&again, &w], "b", vec![]);
    let b = n.pair("b", 0.0311, 3, true);
    n.op("Add", &[&a, &b], "sum", vec![]);
    let sum = n.pair("sum", 0.0437, 140, false);
    let more = n.op("MaxPool", &[&sum], "max", vec![ints("kernel_shape", &[2, 2]), ints("pads", &[1, 1, 0, 0])]);
    let more = n.pair(&more, 0.0437, 140, false);
    let mean = vec![ints("kernel_shape", &[3, 3]), ints("pads", &[1, 1, 1, 1]), int("count_include_pad", 1)];
    let mean = n.op("AveragePool", &[&sum], "mean", mean);
    let mean = n.pair(&mean, 0.0293, 128, false);
    n.op("Concat", &[&more, &mean, &a], "cat", vec![int("axis", 1)]);
    let cat = n.pair("cat", 0.0419, 120, false);
    let flat = n.op("Flatten", &[&cat], "flat", vec![]);
    let report = agree(n.model(&[1, 3, 6, 5], &flat), &[1, 3, 6, 5], 0.0419);
    assert_eq!(ran(&report), ["Conv", "Conv", "Add", "MaxPool", "AveragePool", "Concat", "Flatten"]);
    assert!(report.float.is_empty(), "{report:?}");
}

#[test]
fn products_of_rows_leave_a_real_bias_real() {
    let mut n = Net::default();
    let x = n.pair("x", 0.02, 90, false);
    let w = n.weights("m", &[6, 10], Some(1));
    n.op("MatMul", &[&x, &w], "m", vec![]);
    n.constants.push(floats("bias", &[10], &[0.1, -0.2, 0.3, 0.0, 1.0, -1.0, 0.5, 0.25, 0.0, -0.75]));
    n.op("Add", &["m", "bias"], "s", vec![]);
    n.op("Relu", &["s"], "r", vec![]);
    let r = n.pair("r", 0.01, 0, false);
    n.constants.push(build::int64s("shape", &[3], &[0, 10, 4]));
    let r = n.op("Reshape", &[&r, "shape"], "reshaped", vec![]);
    let r = n.op("Transpose", &[&r], "turned", vec![ints("perm", &[0, 2, 1])]);
    let report = agree(n.model(&[1, 4, 6], &r), &[1, 4, 6], 0.01);
    assert_eq!(ran(&report), ["MatMul", "Reshape", "Transpose"]);
    assert_eq!(why(&report, "s"), "its input is not quantized");
}

#[test]
fn constants_are_added_as_steps() {
    for (dims, shape) in
        [(vec![1, 4, 1, 1], vec![1usize, 4, 3, 5]), (vec![5], vec![1, 4, 3, 5]), (vec![1, 4, 3, 5], vec![1, 4, 3, 5])]
    {
        let mut n = Net::default();
        let x = n.pair("x", 0.02, 90, false);
        let w = n.weights("k", &dims, None);
        let w2 = n.weights("c", &[4, 4, 1, 1], None);
        let c = n.op("Conv", &[&x, &w2], "c", vec![]);
        let c = n.pair(&c, 0.03, 128, false);
        n.op("Add", &[&w, &c], "s", vec![]);
        let s = n.pair("s", 0.03, 100, false);
        let x: Vec<i64> = shape.iter().map(|d| *d as i64).collect();
        let report = agree(n.model(&x, &s), &shape, 0.03);
        assert_eq!(ran(&report), ["Conv", "Add"], "{report:?}");
    }
}

#[test]
fn what_has_no_integer_form_is_float_and_says_why() {
    let mut n = Net::default();
    let x = n.pair("x", 0.02, 90, false);
    let w = n.weights("c", &[4, 3, 3, 3], Some(1));
    n.op("Conv", &[&x, &w], "along inputs", vec![]);
    let c = n.pair("along inputs", 0.03, 128, false);
    let w = n.weights("same", &[4, 4, 3, 3], None);
    let same = AttributeProto { name: "auto_pad".into(), s: b"SAME_UPPER".to_vec(), r#type: 3, ..Default::default() };
    n.op("Conv", &[&c, &w], "pads itself", vec![same]);
    n.op("Softmax", &["pads itself"], "soft", vec![int("axis", 1)]);
    let s = n.pair("soft", 1.0 / 256.0, 0, false);
    let w = n.weights("last", &[2, 4, 1, 1], None);
    n.op("Conv", &[&s, &w], "y", vec![]);
    let report = agree(n.model(&[1, 3, 7, 7], "y"), &[1, 3, 7, 7], 0.01);
    assert_eq!(ran(&report), ["Conv"]);
    assert_eq!(why(&report, "along inputs"), "its weights' scales are not along the output channels");
    assert_eq!(why(&report, "pads itself"), "it chooses its padding by itself");
    assert_eq!(why(&report, "soft"), "Softmax has no integer form here");
}

#[test]
fn a_float_model_runs_as_it_is() {
    let mut n = Net::default();
    n.constants.push(floats("w", &[2, 3, 1, 1], &[0.1, 0.2, 0.3, -0.4, 0.5, 0.6]));
    n.op("Conv", &["x", "w"], "y", vec![]);
    let report = agree(n.model(&[1, 3, 4, 4], "y"), &[1, 3, 4, 4], 1e-4);
    assert!(report.integer.is_empty());
    assert_eq!(why(&report, "y"), "its input is not quantized");
}

#[test]
fn scales_nobody_can_divide_by_leave_float() {
    for scale in [0.0, f32::MIN_POSITIVE / 4.0, -1.0] {
        let mut n = Net::default();
        let x = n.pair("x", scale, 3, false);
        let w = n.weights("c", &[4, 3, 3, 3], None);
        n.op("Conv", &[&x, &w], "y", vec![]);
        let mut model = n.model(&[1, 3, 7, 7], "y");
        model.graph.as_mut().unwrap().output[0].r#type = None;
        let (_, report) = Probe::quantized(&model, &[1, 3, 7, 7], &["y".into()]).unwrap();
        assert_eq!(why(&report, "y"), "its input is not quantized");
    }
}
