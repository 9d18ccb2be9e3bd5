//! Anyone's model becomes a backbone: what is found in it, what is made of it, what is refused.

mod support;

use fieldtest::engine::jobs;
use fieldtest::engine::protocol::backbone::{Reply, Request};
use fieldtest::engine::protocol::{Payload, Reply as AnyReply, Request as AnyRequest};
use fieldtest::foreign::adapt;
use fieldtest::foreign::fit::{Fit, Pixels};
use fieldtest::image::Rgb8;
use fieldtest::learn::head::{Familiarity, Head};
use fieldtest::model::backbone::Backbone;
use fieldtest::model::onnx::{
    DataType, GraphProto, Message, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, build,
};
use fieldtest::model::{export, probe::Probe};
use support::{boxed, finish};

/// Numbers that look drawn and are the same every time.
fn numbers(count: usize, seed: usize, size: f32) -> Vec<f32> {
    (0..count).map(|i| (((i * 7919 + seed * 104_729) % 1009) as f32 / 504.5 - 1.0) * size).collect()
}

fn model(
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
    input: &[Option<i64>],
    output: &str,
    opset: i64,
) -> Vec<u8> {
    let graph = GraphProto {
        name: "net".into(),
        node: nodes,
        initializer: constants,
        input: vec![build::value("pixels", DataType::Float, input)],
        output: vec![build::value(output, DataType::Float, &[None, Some(5)])],
        ..Default::default()
    };
    ModelProto {
        ir_version: 8,
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: opset }],
        graph: Some(graph),
        ..Default::default()
    }
    .encode_to_vec()
}

/// A convolution, the mean over its places, and five classes; names that are ours on purpose.
fn pooled(side: Option<i64>, opset: i64) -> Vec<u8> {
    let node = |op: &str, inputs: &[&str], to: &str, a| build::node(op, to, inputs, to, a);
    let pads = vec![build::ints("pads", &[1, 1, 1, 1]), build::ints("strides", &[2, 2])];
    model(
        vec![
            node("Conv", &["pixels", "w", "b"], "features", pads),
            node("Relu", &["features"], "image", vec![]),
            node("GlobalAveragePool", &["image"], "embedding", vec![]),
            node("Flatten", &["embedding"], "flat", vec![]),
            node("Gemm", &["flat", "fc", "bias"], "scores", vec![build::int("transB", 1)]),
        ],
        vec![
            build::floats("w", &[16, 3, 3, 3], &numbers(16 * 27, 1, 0.4)),
            build::floats("b", &[16], &numbers(16, 2, 0.2)),
            build::floats("fc", &[5, 16], &numbers(80, 3, 1.0)),
            build::floats("bias", &[5], &[0.0; 5]),
        ],
        &[None, Some(3), side, side],
        "scores",
        opset,
    )
}

fn ask(request: Request, files: Vec<Vec<u8>>) -> Result<(Reply, Payload), String> {
    let files = files.into_iter().map(boxed).collect();
    let job = jobs::job(AnyRequest::Backbone(request), Payload::default(), files)?;
    let (reply, payload) = finish(job, |_, _| {})?;
    let AnyReply::Backbone(reply) = reply else { panic!("{reply:?}") };
    Ok((reply, payload))
}

fn picture() -> Rgb8 {
    Rgb8::new(40, 30, (0..3600).map(|i| (i * 31 % 251) as u8).collect()).unwrap()
}

#[test]
fn the_layer_before_the_decision_is_found_and_its_map() {
    let (reply, _) = ask(Request::Inspect { fit: None }, vec![pooled(Some(32), 17)]).unwrap();
    let Reply::Inspected { found, layers, guess } = reply else { panic!() };
    assert_eq!((found.fit.width, found.fit.pixels), (32, Pixels::ImageNet));
    let best = &layers[guess];
    assert_eq!((best.length, best.grid, best.map.as_deref()), (16, (16, 16), Some("image")));
    assert!(layers.iter().any(|l| l.tensor == "features" && l.shape == [1, 16, 16, 16]));
    // The five scores are too few to be an embedding.
    assert!(layers.iter().all(|l| l.tensor != "scores"));

    // An open size is the usual one, until somebody says another.
    let (reply, _) = ask(Request::Inspect { fit: None }, vec![pooled(None, 17)]).unwrap();
    let Reply::Inspected { found, .. } = reply else { panic!() };
    assert_eq!(found.fit.width, 224);
    let fit = Fit { width: 48, height: 48, ..found.fit };
    let (reply, _) = ask(Request::Inspect { fit: Some(fit) }, vec![pooled(None, 17)]).unwrap();
    let Reply::Inspected { layers, guess, .. } = reply else { panic!() };
    assert_eq!(layers[guess].grid, (24, 24));
}

#[test]
fn the_backbone_says_what_the_model_said_inside() {
    for bgr in [false, true] {
        for pixels in Pixels::ALL {
            let fit = Fit { width: 32, height: 32, bgr, pixels, output: "scores".into(), ..Fit::default() };
            for tensor in ["embedding", "flat", "features", "image"] {
                let made = adapt::adapt(&pooled(Some(32), 17), &fit, tensor).unwrap();
                let backbone = Backbone::load(made).unwrap();
                assert_eq!((backbone.dim, backbone.side, backbone.grid), (16, 32, (16, 16)), "{tensor}");
                let planes = numbers(3 * 32 * 32, 9, 127.0).iter().map(|v| v + 127.5).collect::<Vec<_>>();
                let said = backbone.embed_planes(&planes).unwrap();
                // The model itself, asked with the input as the fit makes it.
                let whole = ModelProto::decode(pooled(Some(32), 17).as_slice()).unwrap();
                let probe = Probe::new(&whole, &[1, 3, 32, 32], &[tensor.to_owned()]).unwrap();
                let mut expected = Vec::new();
                probe
                    .run(&fit.input(&planes), |_, _, values| {
                        let places = values.len() / 16;
                        expected = values.chunks(places).map(|c| c.iter().sum::<f32>() / places as f32).collect();
                    })
                    .unwrap();
                for (a, b) in said.embedding.iter().zip(&expected) {
                    assert!((a - b).abs() < 2e-4 * b.abs().max(1.0), "{tensor} {pixels:?} {a} {b}");
                }
                let mean = said.features.chunks(256).map(|c| c.iter().sum::<f32>() / 256.0);
                for (a, b) in said.embedding.iter().zip(mean) {
                    assert!((a - b).abs() < 2e-4 * b.abs().max(1.0), "the embedding is the mean of the features");
                }
            }
        }
    }
}

/// A transformer's shape: patches in a row, and channels last at the door.
#[test]
fn rows_of_patches_and_channels_last_become_backbones_too() {
    let node = |op: &str, inputs: &[&str], to: &str, a| build::node(op, to, inputs, to, a);
    let file = model(
        vec![
            node("Reshape", &["pixels", "patches"], "tokens", vec![]),
            node("MatMul", &["tokens", "w"], "mixed", vec![]),
            node("Tanh", &["mixed"], "states", vec![]),
            node("ReduceMean", &["states"], "mean", vec![build::ints("axes", &[1]), build::int("keepdims", 0)]),
            node("MatMul", &["mean", "fc"], "scores", vec![]),
        ],
        vec![
            build::int64s("patches", &[3], &[1, 16, 48]),
            build::floats("w", &[48, 12], &numbers(48 * 12, 4, 0.2)),
            build::floats("fc", &[12, 5], &numbers(60, 5, 1.0)),
        ],
        &[Some(1), Some(16), Some(16), Some(3)],
        "scores",
        17,
    );
    let (reply, _) = ask(Request::Inspect { fit: None }, vec![file.clone()]).unwrap();
    let Reply::Inspected { found, layers, guess } = reply else { panic!() };
    assert!(found.fit.channels_last);
    assert_eq!((layers[guess].tensor.as_str(), layers[guess].length, layers[guess].grid), ("mean", 12, (1, 1)));
    let by = |tensor: &str| Backbone::load(adapt::adapt(&file, &found.fit, tensor).unwrap()).unwrap();
    let (mean, states) = (by("mean").embed(&picture()).unwrap(), by("states").embed(&picture()).unwrap());
    for (a, b) in mean.embedding.iter().zip(&states.embedding) {
        assert!((a - b).abs() < 1e-5, "the mean over the patches is taken here or there: {a} {b}");
    }
}

#[test]
fn what_was_made_is_tried_and_takes_a_head() {
    let fit = Fit { width: 32, height: 32, output: "scores".into(), ..Fit::default() };
    for opset in [13, 18] {
        let request = Request::Adopt { fit: fit.clone(), tensor: "flat".into() };
        let (reply, mut payload) = ask(request, vec![pooled(Some(32), opset)]).unwrap();
        let Reply::Adopted(trial) = reply else { panic!() };
        assert_eq!((trial.length, trial.grid), (16, (16, 16)));
        assert!(trial.alive > 0.5 && trial.ms > 0.0 && trial.bytes == payload.parts[0].len());
        let familiarity = Familiarity {
            mean: vec![0.0; 16],
            inv_std: vec![1.0; 16],
            prototypes: vec![0.25; 32],
            threshold: Some(0.1),
        };
        let head = Head { classes: 2, dim: 16, weights: numbers(32, 6, 1.0), bias: vec![0.1, -0.1], familiarity };
        let made = payload.parts.remove(0);
        let whole = export::classifier(&made, &head, &["A".into(), "B".into()]).unwrap();
        let whole = ModelProto::decode(whole.as_slice()).unwrap();
        let outputs = ["probabilities", "familiarity"].map(str::to_owned);
        let probe = Probe::new(&whole, &[1, 3, 32, 32], &outputs).unwrap();
        let planes = numbers(3 * 32 * 32, 9, 127.0).iter().map(|v| v + 127.5).collect::<Vec<_>>();
        let logits = head.logits(&Backbone::load(made).unwrap().embed_planes(&planes).unwrap().embedding);
        let expected = 1.0 / (1.0 + (logits[1] - logits[0]).exp());
        let mut said = Vec::new();
        probe.run(&planes, |_, _, values| said.extend_from_slice(values)).unwrap();
        assert!((said[0] - expected).abs() < 1e-4, "opset {opset}: {said:?} {expected}");
    }
}

#[test]
fn a_preview_shows_what_enters() {
    let png = support::encode_png(&Rgb8::new(8, 8, [200, 100, 0].repeat(64)).unwrap());
    let fit = Fit { width: 16, height: 16, bgr: true, pixels: Pixels::Unit, ..Fit::default() };
    let (reply, payload) = ask(Request::Preview { fit }, vec![png]).unwrap();
    let Reply::Previewed { side, low, high, .. } = reply else { panic!() };
    assert_eq!((side, payload.parts[0].len()), (16, 16 * 16 * 3));
    assert!(low == 0.0 && (high - 200.0 / 255.0).abs() < 1e-6);
    // Blue first: what was red stands last.
    assert_eq!(payload.parts[0][..3], [0, 128, 255]);
}

#[test]
fn what_cannot_be_a_backbone_is_refused_by_name() {
    let inspect = |file: Vec<u8>| ask(Request::Inspect { fit: None }, vec![file]).unwrap_err();
    assert!(inspect(b"<!DOCTYPE html>".to_vec()).contains("web page"));
    let oblong = {
        let mut model = ModelProto::decode(pooled(None, 17).as_slice()).unwrap();
        model.graph.as_mut().unwrap().input =
            vec![build::value("pixels", DataType::Float, &[None, Some(3), Some(32), Some(48)])];
        model.encode_to_vec()
    };
    assert!(inspect(oblong).contains("square"));
    let unknown = {
        let mut model = ModelProto::decode(pooled(Some(32), 17).as_slice()).unwrap();
        model.graph.as_mut().unwrap().node[1].op_type = "Wobble".into();
        model.encode_to_vec()
    };
    let said = inspect(unknown);
    assert!(said.contains("Wobble") || said.contains("image"), "{said}");

    let fit = Fit { width: 32, height: 32, output: "scores".into(), ..Fit::default() };
    let adopt =
        |tensor: &str, file| ask(Request::Adopt { fit: fit.clone(), tensor: tensor.into() }, vec![file]).unwrap_err();
    assert!(adopt("nothing", pooled(Some(32), 17)).contains("nothing"));
    // A layer that does not depend on the picture.
    let blind = {
        let mut model = ModelProto::decode(pooled(Some(32), 17).as_slice()).unwrap();
        let graph = model.graph.as_mut().unwrap();
        graph.initializer.retain(|t| t.name != "w");
        graph.initializer.push(build::floats("w", &[16, 3, 3, 3], &[0.0; 16 * 27]));
        model.encode_to_vec()
    };
    assert!(adopt("flat", blind).contains("same numbers for every picture"));
    assert!(ask(Request::Inspect { fit: None }, vec![]).is_err());
}
