//! The Shrink bench's session, as the engine plays it.

mod support;

use fieldtest::engine::jobs;
use fieldtest::engine::protocol::shift::UNKNOWN;
use fieldtest::engine::protocol::shrink::{
    Alone, Apart, Both, Compared, Mode, Proposed, Quantized, Recipe, Reply, Request, Struck, Subject,
};
use fieldtest::engine::protocol::{Payload, Reply as AnyReply, Request as AnyRequest, pack_u32};
use fieldtest::foreign::fit::{Fit, Inspected, Pixels};
use fieldtest::learn::head::{Familiarity, Head, argmax};
use fieldtest::model::onnx::build::{floats, int, ints, node, value};
use fieldtest::model::onnx::{self, DataType, GraphProto, Message, ModelProto, OperatorSetIdProto};
use fieldtest::shift::corruption::Corruption;
use fieldtest::shift::degradation::Degradation;
use support::{backbone, boxed, draw, encode_png, finish};

/// A head of class means, from a few pictures of each class.
fn head() -> Head {
    let dim = backbone().dim;
    let mean = |class: u32| {
        let mut sum = vec![0.0f32; dim];
        for i in 0..6 {
            let embedding = backbone().embed(&draw(class, i)).unwrap().embedding;
            sum.iter_mut().zip(&embedding).for_each(|(s, e)| *s += e / 6.0);
        }
        sum
    };
    let means: Vec<Vec<f32>> = (0..3).map(mean).collect();
    let bias = means.iter().map(|m| -0.5 * m.iter().map(|v| v * v).sum::<f32>()).collect();
    let familiarity = Familiarity {
        mean: vec![0.0; dim],
        inv_std: vec![1.0; dim],
        prototypes: means
            .iter()
            .flat_map(|m| {
                let n = m.iter().map(|v| v * v).sum::<f32>().sqrt();
                m.iter().map(move |v| v / n)
            })
            .collect(),
        threshold: None,
    };
    Head { classes: 3, dim, weights: means.concat(), bias, familiarity }
}

fn labels() -> Vec<String> {
    ["Discs", "Stripes", "Checks"].map(str::to_owned).to_vec()
}

fn classifier() -> Subject {
    Subject::Classifier { head: head(), labels: labels() }
}

/// A picture and both answers to it.
#[derive(Debug)]
struct Asked {
    index: u32,
    truth: u32,
    apart: Apart,
    float: Vec<f32>,
    quantized: Vec<f32>,
}

fn asked(c: Compared, payload: Payload) -> Asked {
    let (float, quantized) = payload.floats.split_at(payload.floats.len() / 2);
    assert!(payload.parts[0].starts_with(&[0xff, 0xd8]), "a thumbnail");
    Asked { index: c.index, truth: c.truth, apart: c.apart, float: float.to_vec(), quantized: quantized.to_vec() }
}

fn picture(i: usize) -> Box<dyn fieldtest::engine::jobs::Source> {
    boxed(encode_png(&draw(i as u32 % 3, 100 + i as u32)))
}

type Played = (Quantized, Vec<u8>, Vec<Asked>);

fn play_with(
    subject: Subject,
    model: Option<&[u8]>,
    recipe: Recipe,
    calibration: usize,
    truths: &[u32],
) -> Result<Played, String> {
    let given = model.map(|m| boxed(m.to_vec())).into_iter();
    let files = given.chain((0..calibration + truths.len()).map(picture)).collect();
    let request = AnyRequest::Shrink(Request::Quantize { subject, recipe, calibration });
    let payload = Payload::parts(vec![pack_u32(truths.iter().copied())]);
    let (mut quantized, mut compared, mut warm) = (None, Vec::new(), 0);
    finish(jobs::job(request, payload, files)?, |reply, mut payload| match reply {
        AnyReply::Shrink(Reply::Quantized(q)) => quantized = Some((*q, payload.parts.remove(0))),
        AnyReply::Shrink(Reply::Warm { runs, .. }) => warm += runs.len(),
        AnyReply::Shrink(Reply::Compared(c)) => compared.push(asked(c, payload)),
        _ => {}
    })?;
    assert!(warm >= 3, "{warm} warm-up runs");
    let (quantized, file) = quantized.expect("a quantized model");
    Ok((quantized, file, compared))
}

fn play(recipe: Recipe, calibration: usize, truths: &[u32]) -> Result<Played, String> {
    play_with(classifier(), None, recipe, calibration, truths)
}

#[test]
fn the_classifier_becomes_smaller_and_agrees_with_itself() {
    // Calibration takes files 0..12, so the first picture asked about is of class 0.
    let truths: Vec<u32> = (0..24).map(|i| i % 3).collect();
    let (quantized, file, compared) = play(Recipe::default(), 12, &truths).unwrap();
    assert_eq!((quantized.bytes, quantized.images, compared.len()), (file.len(), 12, 24));
    assert!(quantized.bytes * 10 < quantized.float_bytes * 3, "{quantized:?}");
    assert!(onnx::read(&file).is_err_and(|r| r.to_string().contains("already quantized")));
    assert!(quantized.report.contains("weight_sqnr_db"));
    let agree = compared.iter().filter(|c| argmax(&c.float) == argmax(&c.quantized)).count();
    assert!(agree >= 22, "{agree} of 24");
    for c in &compared {
        let answer = backbone().embed(&draw(c.truth, 112 + c.index)).unwrap().embedding;
        let expected = head().answer(&answer).probabilities;
        assert!(c.float.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 2e-3), "{:?} {expected:?}", c.float);
        assert!(c.apart.cosine > 0.95 && c.apart.logit > 0.0, "{:?}", c.apart);
    }
    let layers: Vec<_> = quantized.layers.iter().filter(|l| l.parameters > 0).collect();
    for layer in &layers {
        let weights = layer.weights.as_ref().unwrap();
        assert_eq!(weights.bars.iter().sum::<u64>() as usize, layer.parameters, "{}", layer.name);
        assert!(weights.kept.0 <= weights.low && weights.high <= weights.kept.1 * 1.001, "weights are never clipped");
        assert!(weights.scales.0 > 0.0 && layer.outputs.as_ref().is_some_and(|o| o.bars.iter().sum::<u64>() > 0));
    }
    // The drawing shows every layer, and reads only backwards.
    let drawn = |name: &str| quantized.nodes.iter().any(|n| n.name == name && n.quantized);
    assert!(quantized.layers.iter().all(|l| drawn(&l.name)));
    assert!(quantized.nodes.iter().enumerate().all(|(at, n)| n.reads.iter().all(|r| *r < at)));
    assert!(quantized.nodes.iter().any(|n| n.reads.len() > 1), "residual connections are there");
    assert!(quantized.packed > 0 && quantized.packed < quantized.bytes * 11 / 10);
}

#[test]
fn every_mode_gives_a_model_that_answers() {
    for mode in Mode::ALL {
        let recipe = Recipe { mode, ..Recipe::default() };
        let (quantized, _, compared) = play(recipe, 4, &[UNKNOWN; 3]).unwrap_or_else(|e| panic!("{mode:?}: {e}"));
        assert_eq!(compared.len(), 3, "{mode:?}");
        assert!(quantized.bytes < quantized.float_bytes * 6 / 10, "{mode:?} {}", quantized.bytes);
        let sums = compared.iter().map(|c| c.quantized.iter().sum::<f32>());
        assert!(sums.into_iter().all(|s| (s - 1.0).abs() < 1e-2), "{mode:?}");
    }
}

#[test]
fn two_bits_and_noise_are_allowed_to_hurt_but_not_to_break() {
    let recipe = Recipe { bits: 2, noise: Some(3), ..Recipe::default() };
    let (quantized, _, compared) = play(recipe, 0, &[0, 1, 2]).unwrap();
    assert_eq!((quantized.images, compared.len()), (3, 3));
    assert!(compared.iter().all(|c| c.quantized.iter().all(|p| p.is_finite())));
}

#[test]
fn requests_that_do_not_fit_are_refused() {
    assert!(play(Recipe { bits: 1, ..Recipe::default() }, 1, &[0]).unwrap_err().contains("2 to 8"));
    assert!(play(Recipe::default(), 0, &[0]).unwrap_err().contains("calibration"));
    let request =
        AnyRequest::Shrink(Request::Quantize { subject: classifier(), recipe: Recipe::default(), calibration: 3 });
    let refused = jobs::job(request, Payload::parts(vec![pack_u32([0])]), vec![]);
    assert!(refused.err().unwrap().contains("pair up"));
    let nobody = Recipe { exclude: vec!["no such layer".into()], ..Recipe::default() };
    assert!(play(nobody, 1, &[0]).err().unwrap().contains("no such layer"));
}

#[test]
fn an_excluded_layer_stays_float() {
    let (all, ..) = play(Recipe::default(), 3, &[0]).unwrap();
    let name = all.layers.iter().find(|l| l.op == "Conv").unwrap().name.clone();
    let recipe = Recipe { exclude: vec![name.clone()], ..Recipe::default() };
    let (less, ..) = play(recipe, 3, &[0]).unwrap();
    assert!(less.layers.iter().all(|l| l.name != name) && less.float.iter().any(|(n, _)| *n == name));
    assert!(less.bytes > all.bytes);
}

fn hunt(recipe: Recipe, limit: f32) -> Result<(Vec<Alone>, Proposed), String> {
    let truths: Vec<u32> = (0..9).map(|i| (i + 6) % 3).collect();
    let request = AnyRequest::Shrink(Request::Culprits { subject: classifier(), recipe, calibration: 6, limit });
    let payload = Payload::parts(vec![pack_u32(truths)]);
    let mut alone = Vec::new();
    let mut last = 0.0;
    let done = finish(jobs::job(request, payload, (0..15).map(picture).collect())?, |reply, _| match reply {
        AnyReply::Shrink(Reply::Alone(a)) => alone.push(a),
        AnyReply::Shrink(Reply::Working { fraction, .. }) => {
            assert!(fraction >= last - 1e-6 && fraction <= 1.0, "{fraction} after {last}");
            last = fraction;
        }
        _ => {}
    })?;
    match done.0 {
        AnyReply::Shrink(Reply::Proposed(p)) => Ok((alone, p)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn culprits_of_two_bits_are_found_and_excluding_them_helps() {
    let (alone, proposed) = hunt(Recipe { bits: 2, per_channel: false, ..Recipe::default() }, 0.12).unwrap();
    assert!(alone.len() > 10 && proposed.pictures == 9);
    assert!(alone.iter().all(|a| (0.0..=1.0).contains(&a.changed) && a.lost.is_some()));
    assert!(alone.iter().any(|a| a.sqnr_db.is_some_and(|db| db < 20.0)), "two bits are noisy");
    assert!(proposed.all > 0.12, "two bits change answers: {}", proposed.all);
    assert!(proposed.left <= 0.12 && !proposed.exclude.is_empty(), "{proposed:?}");
    assert!(proposed.exclude.len() <= alone.len());
    // What is proposed can be done, and does what was promised.
    let recipe = Recipe { bits: 2, per_channel: false, exclude: proposed.exclude.clone(), ..Recipe::default() };
    let truths: Vec<u32> = (0..9).map(|i| (i + 6) % 3).collect();
    let (_, _, compared) = play(recipe, 6, &truths).unwrap();
    let changed = compared.iter().filter(|c| argmax(&c.float) != argmax(&c.quantized)).count();
    assert!(changed <= 2, "{changed} of 9 changed with {} layers float", proposed.exclude.len());
}

#[test]
fn eight_bits_need_no_exclusion() {
    let (_, proposed) = hunt(Recipe::default(), 0.12).unwrap();
    assert!(proposed.exclude.is_empty() && proposed.all <= 0.12, "{proposed:?}");
    assert!(hunt(Recipe { mode: Mode::Half, ..Recipe::default() }, 0.1).unwrap_err().contains("static"));
}

#[test]
fn one_picture_is_asked_of_both_with_what_they_look_at() {
    let (_, file, compared) = play(Recipe::default(), 6, &[0, 1]).unwrap();
    // The second request finds the pair again; the third is for a camera frame.
    for frame in [None, None, Some((96, 96))] {
        let request = AnyRequest::Shrink(Request::Both { subject: classifier(), ticket: 7, frame });
        let (files, payload) = match frame {
            None => (vec![boxed(file.clone()), picture(6)], Payload::default()),
            Some(_) => {
                let rgba = draw(0, 106).data.chunks(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
                (vec![boxed(file.clone())], Payload::parts(vec![rgba]))
            }
        };
        let (reply, payload) = finish(jobs::job(request, payload, files).unwrap(), |_, _| {}).unwrap();
        let AnyReply::Shrink(Reply::Both(Both { width, apart, grid })) = reply else { panic!("{reply:?}") };
        let (h, w) = grid.expect("heatmaps");
        assert_eq!((width, payload.floats.len()), (3, 2 * 3 + 2 * 3 * h * w));
        assert!(payload.floats[..3].iter().zip(&compared[0].float).all(|(a, b)| (a - b).abs() < 1e-3));
        assert!(payload.floats[3..6].iter().zip(&compared[0].quantized).all(|(a, b)| (a - b).abs() < 1e-3));
        assert!(apart.float_ms > 0.0 && apart.quantized_ms > 0.0);
    }
}

#[test]
fn both_are_asked_about_degraded_pictures() {
    let (_, file, _) = play(Recipe::default(), 6, &[0]).unwrap();
    let ways = vec![Degradation::None, Degradation::Corruption(Corruption::GaussianNoise, 5)];
    let request = |degradations| AnyRequest::Shrink(Request::Strike { subject: classifier(), degradations, seed: 1 });
    let files = || vec![boxed(file.clone()), picture(0), picture(1), picture(2)];
    let payload = || Payload::parts(vec![pack_u32([0, 1, 2])]);
    let mut struck: Vec<Struck> = Vec::new();
    finish(jobs::job(request(ways), payload(), files()).unwrap(), |reply, _| match reply {
        AnyReply::Shrink(Reply::Struck(s)) => struck.push(s),
        other => panic!("{other:?}"),
    })
    .unwrap();
    let seen: Vec<_> = struck.iter().map(|s| (s.index, s.degradation, s.truth)).collect();
    assert_eq!(seen, [(0, 0, 0), (0, 1, 0), (1, 0, 1), (1, 1, 1), (2, 0, 2), (2, 1, 2)]);
    assert!(struck.iter().filter(|s| s.degradation == 0).all(|s| s.float == s.truth));
    let wrong = vec![Degradation::Corruption(Corruption::Fog, 9)];
    assert!(jobs::job(request(wrong), payload(), files()).err().unwrap().contains("1 to 5"));
}

/// Somebody's model: a convolution with stride, pooling, and maybe a classifier, of an open batch and size.
fn somebodys(classes: bool) -> Vec<u8> {
    let wave = |n: usize| (0..n).map(|i| ((i * 7 % 11) as f32 - 5.0) / 10.0).collect::<Vec<_>>();
    let window = vec![ints("kernel_shape", &[3, 3]), ints("pads", &[1, 1, 1, 1]), ints("strides", &[2, 2])];
    let mut graph = GraphProto {
        name: "somebody's".into(),
        node: vec![
            node("Conv", "conv", &["pixels", "w", "b"], "c", window),
            node("Relu", "relu", &["c"], "r", vec![]),
            node("GlobalAveragePool", "pool", &["r"], "p", vec![]),
            node("Flatten", "flatten", &["p"], "embedding", vec![int("axis", 1)]),
        ],
        initializer: vec![floats("w", &[8, 3, 3, 3], &wave(216)), floats("b", &[8], &wave(8))],
        input: vec![value("pixels", DataType::Float, &[None, Some(3), None, None])],
        output: vec![value("embedding", DataType::Float, &[None, Some(8)])],
        ..Default::default()
    };
    if classes {
        graph.node.push(node("Gemm", "gemm", &["embedding", "gw", "gb"], "logits", vec![int("transB", 1)]));
        graph.initializer.extend([floats("gw", &[3, 8], &wave(24)), floats("gb", &[3], &[0.0; 3])]);
        graph.output = vec![value("logits", DataType::Float, &[None, Some(3)])];
    }
    ModelProto {
        ir_version: 8,
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: 17 }],
        graph: Some(graph),
        ..Default::default()
    }
    .encode_to_vec()
}

fn inspect(file: Vec<u8>) -> Result<Inspected, String> {
    let job = jobs::job(AnyRequest::Shrink(Request::Inspect), Payload::default(), vec![boxed(file)])?;
    match finish(job, |_, _| {})?.0 {
        AnyReply::Shrink(Reply::Inspected(found)) => Ok(*found),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_of_anyones_is_inspected_fitted_and_quantized() {
    for classes in [true, false] {
        let file = somebodys(classes);
        let found = inspect(file.clone()).unwrap();
        assert_eq!((found.input.as_str(), found.nodes), ("pixels", 4 + usize::from(classes)));
        assert_eq!((found.fit.width, found.fit.classes, found.fit.pixels), (224, classes, Pixels::ImageNet));
        assert!(found.why.len() >= 3 && found.parameters > 200);
        let fit = Fit { width: 48, height: 32, labels: if classes { labels() } else { vec![] }, ..found.fit };
        let (quantized, small, compared) =
            play_with(Subject::File(fit.clone()), Some(&file), Recipe::default(), 4, &[0, 1, UNKNOWN]).unwrap();
        assert!(quantized.layers.iter().any(|l| l.op == "Conv") && small.len() == quantized.bytes);
        for c in &compared {
            assert_eq!(c.float.len(), if classes { 3 } else { 8 });
            assert!(c.apart.cosine > 0.99, "{:?}", c.apart);
            let sum: f32 = c.float.iter().sum();
            assert!(!classes || (sum - 1.0).abs() < 1e-3, "logits become probabilities: {sum}");
        }
        let strange = Fit { output: "nothing".into(), ..fit };
        let refused = play_with(Subject::File(strange), Some(&file), Recipe::default(), 1, &[0]);
        assert!(refused.err().unwrap().contains("no output"));
    }
}

#[test]
fn what_is_no_model_of_pictures_is_refused_by_name() {
    let said = |file: &[u8]| inspect(file.to_vec()).unwrap_err();
    assert!(said(b"version https://git-lfs.github.com/spec/v1").contains("git lfs pull"));
    assert!(said(b"").contains("empty"));
    let changed = |change: fn(&mut GraphProto)| {
        let mut model = ModelProto::decode(somebodys(true).as_slice()).unwrap();
        change(model.graph.as_mut().unwrap());
        inspect(model.encode_to_vec())
    };
    let two = |g: &mut GraphProto| g.input.push(value("more", DataType::Float, &[Some(1)]));
    assert!(changed(two).unwrap_err().contains("2 inputs"));
    let flat = |g: &mut GraphProto| g.input[0] = value("pixels", DataType::Float, &[None, Some(10)]);
    assert!(changed(flat).unwrap_err().contains("four sides"));
    let large =
        |g: &mut GraphProto| g.input[0] = value("pixels", DataType::Float, &[None, Some(3), Some(9000), Some(9000)]);
    assert!(changed(large).unwrap_err().contains("1024"));
    let last = |g: &mut GraphProto| g.input[0] = value("pixels", DataType::Float, &[None, Some(32), Some(32), Some(3)]);
    let found = changed(last).unwrap();
    assert_eq!((found.fit.channels_last, found.fit.width, found.fit.pixels), (true, 32, Pixels::Signed));
    // Our own download says what it takes and how its classes are called.
    let ours = fieldtest::model::export::classifier(backbone().file(), &head(), &labels()).unwrap();
    let found = inspect(ours).unwrap();
    assert_eq!((found.fit.pixels, found.fit.labels, found.fit.classes), (Pixels::Bytes, labels(), true));
}
