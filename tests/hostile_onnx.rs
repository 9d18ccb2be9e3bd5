//! ONNX files that are broken, lying or attacking: each is refused with a sentence that says what and
//! why, or quantized, within seconds and without a panic. The seeds are small networks; mutations flip,
//! cut, repeat and overwrite their bytes.

use fieldtest::foreign::inspect;
use fieldtest::model::onnx::build::{floats, int, int64s, ints, node, value};
use fieldtest::model::onnx::graph::Graph;
use fieldtest::model::onnx::{
    self, AttributeProto, DataType, GraphProto, Message, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
};
use fieldtest::model::probe::Probe;
use fieldtest::shrink::{Mode, Options, Quantizer};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Convolution, ReLU, pooling, and a matrix product, on 8x8 pixels; `width` channels.
fn model(width: usize) -> ModelProto {
    let wave = |n: usize| (0..n).map(|i| ((i * 7 % 11) as f32 - 5.0) / 10.0).collect::<Vec<_>>();
    let w = width as i64;
    let graph = GraphProto {
        name: "small".into(),
        node: vec![
            node(
                "Conv",
                "conv",
                &["image", "conv.weight", "conv.bias"],
                "c",
                vec![ints("kernel_shape", &[3, 3]), ints("pads", &[1, 1, 1, 1])],
            ),
            node("Relu", "relu", &["c"], "r", vec![]),
            node("GlobalAveragePool", "pool", &["r"], "p", vec![]),
            node("Flatten", "flatten", &["p"], "f", vec![int("axis", 1)]),
            node("Gemm", "gemm", &["f", "gemm.weight", "gemm.bias"], "logits", vec![int("transB", 1)]),
        ],
        initializer: vec![
            floats("conv.weight", &[w, 3, 3, 3], &wave(width * 27)),
            floats("conv.bias", &[w], &wave(width)),
            floats("gemm.weight", &[2, w], &wave(2 * width)),
            floats("gemm.bias", &[2], &[0.1, -0.1]),
        ],
        input: vec![value("image", DataType::Float, &[Some(1), Some(3), Some(8), Some(8)])],
        output: vec![value("logits", DataType::Float, &[Some(1), Some(2)])],
        ..Default::default()
    };
    ModelProto {
        ir_version: 8,
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 17 }],
        graph: Some(graph),
        ..Default::default()
    }
}

/// Reads, calibrates on one input, writes: the sentence of whoever refuses.
fn quantize(file: &[u8]) -> Result<usize, String> {
    let mut quantizer = Quantizer::new(file, Options::default()).map_err(|r| r.to_string())?;
    let count: usize = quantizer.input_shape().iter().product();
    let input: Vec<f32> = (0..count).map(|i| (i % 13) as f32 / 13.0).collect();
    quantizer.calibrate(&input).map_err(|r| r.to_string())?;
    quantizer.finish().map(|q| q.file.len()).map_err(|r| r.to_string())
}

/// Reads a quantized file and runs it as integers on one input.
fn run_as_integers(file: &[u8]) -> Result<usize, String> {
    let graph = Graph::new(onnx::read_quantized(file)?)?;
    let (probe, report) = Probe::quantized(&graph.to_model(), &graph.shape, &graph.outputs[..1])?;
    let count: usize = graph.shape.iter().product();
    let input: Vec<f32> = (0..count).map(|i| (i % 13) as f32 / 13.0).collect();
    probe.run(&input, |_, _, _| {})?;
    Ok(report.integer.len())
}

/// Does something with a file while a panic and the clock are watched.
fn tried_with(
    name: &str,
    file: &[u8],
    what: fn(&[u8]) -> Result<usize, String>,
) -> Result<Result<usize, String>, String> {
    let begun = Instant::now();
    let result = catch_unwind(AssertUnwindSafe(|| what(file))).map_err(|_| format!("{name}: a panic"))?;
    if begun.elapsed() > Duration::from_secs(10) {
        return Err(format!("{name}: took {:?}", begun.elapsed()));
    }
    match &result {
        Err(said) if said.len() < 12 || said.len() > 700 => Err(format!("{name}: says {said:?}")),
        _ => Ok(result),
    }
}

fn tried(name: &str, file: &[u8]) -> Result<Result<usize, String>, String> {
    tried_with(name, file, quantize)
}

type Change = fn(&mut ModelProto);

fn graph(m: &mut ModelProto) -> &mut GraphProto {
    m.graph.as_mut().unwrap()
}

fn nested(depth: usize) -> NodeProto {
    let mut inner = node("Identity", "inner", &["image"], "out", vec![]);
    for _ in 0..depth {
        let body = GraphProto { node: vec![inner], ..Default::default() };
        let attribute = AttributeProto { name: "then_branch".into(), g: Some(body), ..Default::default() };
        inner = node("If", "outer", &["image"], "out", vec![attribute]);
    }
    inner
}

/// What is done to the model, and words that the refusal must hold.
const CRAFTED: &[(&str, Change, &[&str])] = &[
    ("cycle", |m| graph(m).node[1].input[0] = "f".into(), &["cycle"]),
    ("own output as input", |m| graph(m).node[1].input[0] = "r".into(), &["relu", "cycle"]),
    ("missing initializer", |m| graph(m).initializer.truncate(1), &["conv.bias"]),
    ("no initializers", |m| graph(m).initializer.clear(), &["conv.weight"]),
    ("missing input tensor", |m| graph(m).node[3].input[0] = "nowhere".into(), &["flatten", "nowhere"]),
    ("too few numbers", |m| graph(m).initializer[0].raw_data.truncate(40), &["conv.weight", "holds data for"]),
    ("too many numbers", |m| graph(m).initializer[0].raw_data.extend([0; 4]), &["conv.weight"]),
    ("no numbers", |m| graph(m).initializer[0].raw_data.clear(), &["conv.weight"]),
    ("odd bytes", |m| graph(m).initializer[0].raw_data.push(0), &["conv.weight"]),
    ("external data", |m| graph(m).initializer[0].data_location = Some(1), &["conv.weight", "external data"]),
    ("dims overflow", |m| graph(m).initializer[0].dims = vec![1 << 40, 1 << 40], &["conv.weight", "shape"]),
    ("dims overflow to a small product", |m| graph(m).initializer[0].dims = vec![1 << 62, 4, 108], &["conv.weight"]),
    ("negative dims", |m| graph(m).initializer[0].dims = vec![-4, 3, 3, 3], &["conv.weight", "shape"]),
    ("a trillion numbers claimed", |m| graph(m).initializer[0].dims = vec![1_000_000_000_000], &["conv.weight"]),
    ("too many dims", |m| graph(m).initializer[0].dims = vec![1; 5000], &["conv.weight"]),
    (
        "zero dims",
        |m| {
            graph(m).initializer[0].dims = vec![0, 3, 3, 3];
            graph(m).initializer[0].raw_data.clear();
        },
        &[],
    ),
    (
        "NaN weights",
        |m| graph(m).initializer[0].raw_data[..4].copy_from_slice(&f32::NAN.to_le_bytes()),
        &["conv.weight", "NaN"],
    ),
    (
        "infinite weights",
        |m| graph(m).initializer[2].raw_data[..4].copy_from_slice(&f32::INFINITY.to_le_bytes()),
        &["gemm.weight", "infinity"],
    ),
    ("weights of strings", |m| graph(m).initializer[0].data_type = DataType::String as i32, &["conv.weight"]),
    ("weights of an unknown type", |m| graph(m).initializer[0].data_type = 99, &["conv.weight"]),
    ("weights of a negative type", |m| graph(m).initializer[0].data_type = -3, &["conv.weight"]),
    ("weights of doubles", |m| graph(m).initializer[0].data_type = DataType::Double as i32, &["conv.weight"]),
    (
        "the same initializer twice",
        |m| {
            let t = graph(m).initializer[0].clone();
            graph(m).initializer.push(t);
        },
        &["conv.weight", "twice"],
    ),
    ("two nodes make one tensor", |m| graph(m).node[1].output[0] = "c".into(), &["\u{201c}c\u{201d}"]),
    ("a node makes an initializer", |m| graph(m).node[1].output[0] = "conv.weight".into(), &[]),
    ("a node makes the input", |m| graph(m).node[1].output[0] = "image".into(), &[]),
    ("two inputs", |m| graph(m).input.push(value("more", DataType::Float, &[Some(1)])), &["2 inputs"]),
    ("no input", |m| graph(m).input.clear(), &["input"]),
    ("no output", |m| graph(m).output.clear(), &["no output"]),
    ("an output nobody makes", |m| graph(m).output[0].name = "nothing".into(), &["nothing"]),
    ("no graph", |m| m.graph = None, &["no graph"]),
    ("no nodes", |m| graph(m).node.clear(), &[]),
    ("no operator set", |m| m.opset_import.clear(), &["operator set 0"]),
    ("operator set of the future", |m| m.opset_import[0].version = 999, &["operator set 999"]),
    ("operator set of the past", |m| m.opset_import[0].version = 1, &["operator set 1"]),
    ("operator set below zero", |m| m.opset_import[0].version = i64::MIN, &["operator set"]),
    ("unknown operator", |m| graph(m).node[1].op_type = "Frobnicate".into(), &["Frobnicate"]),
    ("nameless operator", |m| graph(m).node[1].op_type = String::new(), &["relu"]),
    ("operator of a strange domain", |m| graph(m).node[1].domain = "com.evil".into(), &["relu", "com.evil"]),
    ("operator with a name of 100 kB", |m| graph(m).node[1].op_type = "x".repeat(100_000), &["relu"]),
    (
        "node with a name of control characters",
        |m| {
            graph(m).node[1].name = "\u{7}\u{0}\n".repeat(9);
            graph(m).node[1].op_type = "No".into();
        },
        &["No"],
    ),
    ("already quantized", |m| graph(m).node[1].op_type = "QuantizeLinear".into(), &["relu", "already quantized"]),
    ("already in integers", |m| graph(m).node[0].op_type = "ConvInteger".into(), &["conv", "already quantized"]),
    ("a branch inside", |m| graph(m).node.push(nested(1)), &["outer", "graph inside"]),
    ("branches 20 deep", |m| graph(m).node.push(nested(20)), &["graph inside"]),
    ("branches 200 deep", |m| graph(m).node.push(nested(200)), &["recursion limit"]),
    ("sparse weights", |m| graph(m).sparse_initializer.push(Default::default()), &["sparse"]),
    (
        "dynamic height",
        |m| graph(m).input[0] = value("image", DataType::Float, &[Some(1), Some(3), None, Some(8)]),
        &["image", "open shape"],
    ),
    ("input of no shape", |m| graph(m).input[0].r#type = None, &["image"]),
    (
        "input of integers",
        |m| graph(m).input[0] = value("image", DataType::Int64, &[Some(1), Some(3), Some(8), Some(8)]),
        &["image"],
    ),
    (
        "input of a negative size",
        |m| graph(m).input[0] = value("image", DataType::Float, &[Some(1), Some(3), Some(-8), Some(8)]),
        &["image"],
    ),
    (
        "input of the size of a planet",
        |m| graph(m).input[0] = value("image", DataType::Float, &[Some(1), Some(3), Some(1 << 30), Some(1 << 30)]),
        &[],
    ),
    (
        "input whose size overflows",
        |m| graph(m).input[0] = value("image", DataType::Float, &[Some(1 << 32), Some(1 << 32), Some(3), Some(3)]),
        &[],
    ),
    (
        "input of other channels",
        |m| graph(m).input[0] = value("image", DataType::Float, &[Some(1), Some(5), Some(8), Some(8)]),
        &["conv"],
    ),
    (
        "input of no pixels",
        |m| graph(m).input[0] = value("image", DataType::Float, &[Some(1), Some(3), Some(0), Some(8)]),
        &[],
    ),
    ("strides of zero", |m| graph(m).node[0].attribute.push(ints("strides", &[0, 0])), &["conv", "strides"]),
    ("pads of a planet", |m| graph(m).node[0].attribute[1] = ints("pads", &[1 << 40; 4]), &["conv", "pads"]),
    ("negative dilations", |m| graph(m).node[0].attribute.push(ints("dilations", &[-1, -1])), &["conv", "dilations"]),
    ("a thousand strides", |m| graph(m).node[0].attribute.push(ints("strides", &[1; 1000])), &["conv", "strides"]),
    ("groups of zero", |m| graph(m).node[0].attribute.push(int("group", 0)), &["conv", "group"]),
    ("groups that do not divide", |m| graph(m).node[0].attribute.push(int("group", 2)), &[]),
    ("a kernel of another size", |m| graph(m).node[0].attribute[0] = ints("kernel_shape", &[5, 5]), &[]),
    ("convolution without inputs", |m| graph(m).node[0].input.clear(), &["conv"]),
    ("convolution without outputs", |m| graph(m).node[0].output.clear(), &[]),
    ("convolution of forty inputs", |m| graph(m).node[0].input = vec!["image".into(); 40], &["conv"]),
    ("a product that does not fit", |m| graph(m).initializer[2].dims = vec![4, 2], &[]),
    (
        "reshape to a planet",
        |m| {
            graph(m).initializer.push(int64s("to", &[2], &[1 << 40, -1]));
            graph(m).node[3] = node("Reshape", "reshape", &["p", "to"], "f", vec![]);
        },
        &["reshape"],
    ),
    (
        "a constant of a trillion numbers",
        |m| {
            graph(m).initializer.push(int64s("to", &[1], &[1_000_000_000_000]));
            graph(m).node.push(node("ConstantOfShape", "giant", &["to"], "g", vec![]));
            graph(m).output[0].name = "g".into();
        },
        &[],
    ),
    (
        "an expansion to a trillion numbers",
        |m| {
            graph(m).initializer.push(int64s("to", &[3], &[1_000_000, 1_000_000, 2]));
            graph(m).node.push(node("Expand", "giant", &["logits", "to"], "g", vec![]));
            graph(m).output[0].name = "g".into();
        },
        &[],
    ),
    (
        "a tile of a trillion numbers",
        |m| {
            graph(m).initializer.push(int64s("to", &[2], &[1_000_000, 1_000_000]));
            graph(m).node.push(node("Tile", "giant", &["logits", "to"], "g", vec![]));
            graph(m).output[0].name = "g".into();
        },
        &[],
    ),
    (
        "a range of a trillion numbers",
        |m| {
            graph(m).initializer.extend([
                int64s("a", &[], &[0]),
                int64s("b", &[], &[1_000_000_000_000]),
                int64s("s", &[], &[1]),
            ]);
            graph(m).node.push(node("Range", "giant", &["a", "b", "s"], "g", vec![]));
            graph(m).output[0].name = "g".into();
        },
        &[],
    ),
    (
        "30,000 nodes",
        |m| graph(m).node.extend((0..30_000).map(|i| node("Relu", &format!("n{i}"), &["c"], &format!("o{i}"), vec![]))),
        &["30005 nodes"],
    ),
    ("nodes without names", |m| graph(m).node.iter_mut().for_each(|n| n.name.clear()), &["!"]),
    ("nodes that share a name", |m| graph(m).node.iter_mut().for_each(|n| n.name = "same".into()), &["!"]),
    ("nodes in any order", |m| graph(m).node.reverse(), &["!"]),
    ("unused weights", |m| graph(m).initializer.push(floats("unused", &[3], &[1.0; 3])), &["!"]),
    ("an attribute nobody knows", |m| graph(m).node[0].attribute.push(int("colour", 7)), &["!"]),
    (
        "a tensor in an attribute that lies",
        |m| {
            let t = TensorProto { dims: vec![9], data_type: 1, raw_data: vec![0; 4], ..Default::default() };
            graph(m).node[1].attribute.push(AttributeProto { name: "value".into(), t: Some(t), ..Default::default() });
        },
        &["relu"],
    ),
];

/// Files that are no ONNX at all, and words their refusal must hold.
fn foreign() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let good = model(4).encode_to_vec();
    vec![
        ("empty", vec![], "empty"),
        (
            "Git LFS pointer",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n".to_vec(),
            "git lfs pull",
        ),
        ("web page", b"<!DOCTYPE html><html><body>404</body></html>".to_vec(), "web page"),
        ("zip", b"PK\x03\x04rest".to_vec(), "zip"),
        ("picture", b"\x89PNG\r\n\x1a\n".to_vec(), "PNG"),
        ("TensorFlow Lite", b"\x1c\0\0\0TFL3....".to_vec(), "TensorFlow Lite"),
        ("JSON", b"{\"a\": 1}".to_vec(), "JSON"),
        ("half a file", good[..good.len() / 2].to_vec(), "ONNX"),
        ("all zeros", vec![0; 1000], "ONNX"),
        ("all ones", vec![0xff; 1000], "ONNX"),
        ("text", b"hello, this is a model, honestly".to_vec(), "ONNX"),
    ]
}

#[test]
fn crafted_files_are_refused_by_name_or_quantized() {
    let mut wrong = Vec::new();
    for (name, change, words) in CRAFTED {
        let mut m = model(4);
        change(&mut m);
        match tried(name, &m.encode_to_vec()) {
            Err(trouble) => wrong.push(trouble),
            Ok(Ok(_)) if !words.is_empty() && *words != ["!"] => wrong.push(format!("{name}: was quantized")),
            Ok(Err(said)) if *words == ["!"] => wrong.push(format!("{name}: {said}")),
            Ok(Err(said)) => {
                let lower = said.to_lowercase();
                if let Some(word) = words.iter().find(|w| !lower.contains(&w.to_lowercase())) {
                    wrong.push(format!("{name}: {said:?} does not say {word:?}"));
                }
            }
            Ok(Ok(_)) => {}
        }
    }
    for (name, file, word) in foreign() {
        match tried(name, &file) {
            Ok(Err(said)) if said.contains(word) => {}
            other => wrong.push(format!("{name}: {other:?} instead of {word:?}")),
        }
    }
    let all = CRAFTED.len() + foreign().len();
    println!("as stated: {} of {all}", all - wrong.len());
    assert!(all >= 60);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A file with a few of its bytes flipped, cut, repeated or overwritten.
fn mutated(good: &[u8], seed: u64, mutation: u64) -> Vec<u8> {
    let mut state = seed << 32 | mutation << 8 | 1;
    let mut random = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n.max(1)
    };
    let mut file = good.to_vec();
    for _ in 0..=random(4) {
        let at = random(file.len());
        match mutation % 6 {
            0 => file[at] ^= 1 << random(8),
            1 => file[at] = [0, 0xff, 0x80, 0x7f][random(4)],
            2 => file.truncate(at + 1),
            3 => drop(file.drain(at..(at + 1 + random(9)).min(file.len().max(at + 1)))),
            4 => {
                let piece = file[at..(at + 1 + random(60)).min(file.len())].to_vec();
                file.splice(at..at, piece);
            }
            // The first part describes the graph: most that can be broken is there.
            _ => {
                let at = random(file.len().min(400));
                file[at] = random(256) as u8;
            }
        }
        if file.is_empty() {
            break;
        }
    }
    file
}

#[test]
fn mutated_files_never_panic_nor_hang() {
    let mut wrong = Vec::new();
    let mut taken = 0;
    for seed in 0..50u64 {
        let good = model(1 + seed as usize % 7).encode_to_vec();
        for mutation in 0..40u64 {
            let file = mutated(&good, seed, mutation);
            match tried(&format!("seed {seed}, mutation {mutation}"), &file) {
                Err(trouble) => wrong.push(trouble),
                Ok(result) => taken += usize::from(result.is_ok()),
            }
        }
    }
    println!("{taken} of 2000 were still models");
    println!("as stated: {} of 2000", 2000 - wrong.len());
    assert!((100..1900).contains(&taken), "mutations that all fail, or none, test nothing: {taken}");
    assert!(wrong.is_empty(), "{} of 2000: {:#?}", wrong.len(), &wrong[..wrong.len().min(12)]);
}

/// What the fuzz targets do: reads, inspects, fixes the size, and quantizes in a mode and with switches that
/// the file's length chooses.
fn inspect_and_quantize(file: &[u8]) -> Result<usize, String> {
    let file = match inspect::inspect(file) {
        Ok(found) => inspect::fixed(file, &found.fit)?,
        Err(_) => file.to_vec(),
    };
    let choice = file.len();
    let mode = [Mode::Static, Mode::Dynamic, Mode::WeightsOnly, Mode::Half][choice % 4];
    let mut options =
        Options { mode, equalize: choice & 4 != 0, bias_correction: choice & 8 != 0, ..Options::default() };
    options.weights.per_channel = choice & 16 != 0;
    options.weights.bits = 2 + (choice >> 5) as u8 % 7;
    let mut quantizer = Quantizer::new(&file, options)?;
    let count: usize = quantizer.input_shape().iter().product();
    quantizer.calibrate(&vec![0.5; count])?;
    Ok(quantizer.finish()?.file.len())
}

#[test]
fn mutated_files_are_inspected_and_quantized_in_every_mode_without_a_panic() {
    let (mut wrong, mut whole) = (Vec::new(), 0);
    for seed in 0..25u64 {
        let good = model(1 + seed as usize % 7).encode_to_vec();
        for mutation in 100..140u64 {
            let file = mutated(&good, seed, mutation);
            match tried_with(&format!("seed {seed}, mutation {mutation}"), &file, inspect_and_quantize) {
                Err(trouble) => wrong.push(trouble),
                Ok(result) => whole += usize::from(result.is_ok()),
            }
        }
    }
    println!("{whole} of 1000 were still models");
    println!("as stated: {} of 1000", 1000 - wrong.len());
    assert!((50..950).contains(&whole), "mutations that all fail, or none, test nothing: {whole}");
    assert!(wrong.is_empty(), "{} of 1000: {:#?}", wrong.len(), &wrong[..wrong.len().min(12)]);
}

/// Our quantizer's file of the small network.
fn quantized(width: usize) -> ModelProto {
    let mut quantizer = Quantizer::new(&model(width).encode_to_vec(), Options::default()).unwrap();
    quantizer.calibrate(&[0.5; 192]).unwrap();
    ModelProto::decode(quantizer.finish().unwrap().file.as_slice()).unwrap()
}

#[test]
fn mutated_quantized_files_never_panic_nor_hang() {
    let (mut wrong, mut whole) = (Vec::new(), 0);
    for seed in 0..25u64 {
        let good = quantized(1 + seed as usize % 7).encode_to_vec();
        assert!(run_as_integers(&good).unwrap() >= 4);
        for mutation in 0..40u64 {
            let file = mutated(&good, seed, mutation);
            match tried_with(&format!("seed {seed}, mutation {mutation}"), &file, run_as_integers) {
                Err(trouble) => wrong.push(trouble),
                Ok(result) => whole += usize::from(result.is_ok_and(|nodes| nodes > 0)),
            }
        }
    }
    println!("{whole} of 1000 still ran as integers");
    println!("as stated: {} of 1000", 1000 - wrong.len());
    assert!((20..950).contains(&whole), "mutations that all fail, or none, test nothing: {whole}");
    assert!(wrong.is_empty(), "{} of 1000: {:#?}", wrong.len(), &wrong[..wrong.len().min(12)]);
}

/// What is done to the constant whose name ends so.
fn constant(m: &mut ModelProto, end: &str, change: impl Fn(&mut TensorProto)) {
    graph(m).initializer.iter_mut().filter(|t| t.name.ends_with(end)).for_each(change);
}

#[test]
fn crafted_quantized_files_run_or_are_refused() {
    let zero = |t: &mut TensorProto| t.raw_data.fill(0);
    let crafted: [(&str, Change); 14] = [
        ("scales of zero", |m| constant(m, "scale", |t| t.raw_data.fill(0))),
        ("scales too small to divide by", |m| constant(m, "scale", |t| t.raw_data.fill(1))),
        ("huge scales", |m| {
            constant(m, "scale", |t| t.raw_data = [0xff, 0xff, 0x7f, 0x7f].repeat(t.raw_data.len() / 4))
        }),
        ("zero points at the end", |m| constant(m, "zero_point", |t| t.raw_data.fill(0xff))),
        ("zero points of another type", |m| constant(m, "zero_point", |t| t.data_type = DataType::Int8 as i32)),
        ("zero points of bool", |m| constant(m, "zero_point", |t| t.data_type = DataType::Bool as i32)),
        ("weights of bool", |m| constant(m, "weight.int8", |t| t.data_type = DataType::Bool as i32)),
        ("weights of uint8", |m| constant(m, "weight.int8", |t| t.data_type = DataType::Uint8 as i32)),
        ("biases at the end of 32 bits", |m| constant(m, "bias.int32", |t| t.raw_data.fill(0x7f))),
        ("scales that are missing", |m| graph(m).initializer.retain(|t| !t.name.ends_with("scale"))),
        ("a scale along no axis", |m| {
            let node = graph(m).node.iter_mut().filter(|n| n.op_type == "DequantizeLinear");
            node.for_each(|n| n.attribute = vec![int("axis", 7)]);
        }),
        ("a negative axis", |m| {
            let node = graph(m).node.iter_mut().filter(|n| n.op_type == "DequantizeLinear");
            node.for_each(|n| n.attribute = vec![int("axis", i64::MIN)]);
        }),
        ("a window larger than the picture", |m| {
            let conv = graph(m).node.iter_mut().filter(|n| n.op_type == "Conv");
            conv.for_each(|n| n.attribute = vec![ints("dilations", &[90, 90]), ints("kernel_shape", &[3, 3])]);
        }),
        ("one of our own operators", |m| {
            graph(m).node.push(node("Int8Multiply", "ours", &["image"], "z", vec![]));
            graph(m).output[0].name = "z".into();
        }),
    ];
    let mut wrong = Vec::new();
    for (name, change) in crafted {
        let mut m = quantized(4);
        change(&mut m);
        if let Err(trouble) = tried_with(name, &m.encode_to_vec(), run_as_integers) {
            wrong.push(trouble);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let mut m = quantized(4);
    constant(&mut m, "int8", zero);
    assert!(run_as_integers(&m.encode_to_vec()).is_ok());
}
