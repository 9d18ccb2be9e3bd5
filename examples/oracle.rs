//! Answers the differential tests: one JSON request a line on standard input, one JSON
//! answer a line on standard output. See tests/differential.

use fieldtest::engine::jobs::{self, Source, Step};
use fieldtest::engine::protocol::{Payload, Reply, Request, images, learn, pack_u32, pack_u64};
use fieldtest::foreign::fit::Pixels;
use fieldtest::foreign::{adapt, inspect, layers};
use fieldtest::image::{Rgb8, contract, decode};
use fieldtest::learn::budget::power_law::{self, Measured};
use fieldtest::learn::head::softmax::{Fit, Rows};
use fieldtest::learn::map::pca::Pca;
use fieldtest::learn::metrics;
use fieldtest::learn::unlabelled::propagate::Graph;
use fieldtest::learn::words::reading::Reading;
use fieldtest::model::backbone::Backbone;
use fieldtest::model::random;
use fieldtest::model::words::WordModel;
use fieldtest::shift::corruption::Corruption;
use fieldtest::shift::drift::unlike::{self, Measure};
use fieldtest::shift::drift::{self, Refusal, Sample, bbse, c2st, cvm, ks, mmd, spread};
use fieldtest::shift::estimate;
use fieldtest::shift::repair::align::Alignment;
use fieldtest::shift::repair::select;
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{BufRead, Cursor};

#[derive(Deserialize)]
#[serde(rename_all = "lowercase", tag = "ask")]
enum Ask {
    /// Fit softmax regression to standardised rows at one strength.
    Fit { z: Vec<f32>, labels: Vec<u32>, dim: usize, classes: usize, lambda: f32 },
    /// Wilson's interval.
    Wilson { hits: f64, n: usize },
    /// What the backbone sees of a file.
    Seen { file: String, side: u32 },
    /// Embedding of a file.
    Embed { file: String },
    /// Scores and variances of principal components.
    Pca { rows: Vec<f32>, dim: usize, components: usize },
    /// Labels (-1: none) spread along a graph `[n, n]`.
    Spread { weights: Vec<f32>, labels: Vec<i64>, classes: usize, alpha: f32 },
    /// The power law of errors at sizes.
    Law { sizes: Vec<f64>, errors: Vec<f64> },
    /// Write the random twin as a file.
    RandomTwin { out: String },
    /// Everything there is to say of two sets of pictures, `[n, dim]` and `[n, classes]` each.
    Shift { dim: usize, lab: Set, field: Set },
    /// A square picture gone bad.
    Corrupt { corruption: Corruption, severity: u8, seed: u64, side: u32, pixels: Vec<u8> },
    /// A text as numbers of a word model's words.
    Tokens { model: String, text: String },
    /// Logits of a word model at some places of a text; `null` for words that are never guessed.
    Logits { model: String, words: Vec<u32>, places: Vec<usize> },
    /// Make a backbone of anyone's model, with the layer that is guessed, and write it.
    Adapt { file: String, bgr: bool, pixels: Pixels, out: String },
    /// Train on files and write the download.
    Export { files: Vec<String>, labels: Vec<u32>, classes: Vec<String>, out: String },
}

/// A set of pictures: what the backbone and the head said of it, and the truth.
#[derive(Deserialize)]
struct Set {
    embeddings: Vec<f32>,
    probabilities: Vec<f32>,
    classes: usize,
    labels: Vec<u32>,
}

fn main() -> Result<(), String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/models/backbone-supervised.onnx");
    let backbone = Backbone::load(std::fs::read(path).map_err(|e| e.to_string())?)?;
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|e| e.to_string())?;
        let ask = serde_json::from_str(&line).map_err(|e| e.to_string())?;
        println!("{}", answer(ask, &backbone)?);
    }
    Ok(())
}

fn answer(ask: Ask, backbone: &Backbone) -> Result<Value, String> {
    match ask {
        Ask::Fit { z, labels, dim, classes, lambda } => {
            let rows = Rows { z: &z, labels: &labels, dim, classes };
            let mut fit = Fit::new(rows, lambda, vec![0.0; classes * (dim + 1)], 1e-6);
            while !fit.step(rows) {}
            Ok(json!({ "parameters": fit.parameters() }))
        }
        Ask::Wilson { hits, n } => Ok(json!(metrics::wilson(hits, n))),
        Ask::Seen { file, side } => Ok(json!({ "pixels": contract::to_square(&read(&file)?, side).data })),
        Ask::Embed { file } => {
            let embedded = backbone.embed(&read(&file)?)?;
            Ok(json!({ "embedding": embedded.embedding, "features": embedded.features }))
        }
        Ask::Pca { rows, dim, components } => {
            let pca = Pca::fit(&rows, dim, components);
            Ok(json!({ "scores": pca.scores, "variances": pca.variances }))
        }
        Ask::Spread { weights, labels, classes, alpha } => {
            let known: Vec<Option<u32>> = labels.iter().map(|l| u32::try_from(*l).ok()).collect();
            Ok(json!({ "shares": Graph::dense(&weights, known.len()).spread(&known, classes, alpha) }))
        }
        Ask::Law { sizes, errors } => {
            let point = |(n, e): (f64, f64)| Measured { per_class: n, error: e, weight: 1.0 };
            let points: Vec<Measured> = sizes.into_iter().zip(errors).map(point).collect();
            Ok(json!(power_law::fit(&points).ok_or("too few points")?))
        }
        Ask::Adapt { file, bgr, pixels, out } => {
            let file = std::fs::read(file).map_err(|e| e.to_string())?;
            let fit = fieldtest::foreign::fit::Fit { bgr, pixels, ..inspect::inspect(&file)?.fit };
            let (found, guess) = layers::layers(&adapt::open(&file, &fit)?, &fit)?;
            std::fs::write(out, adapt::adapt(&file, &fit, &found[guess].tensor)?).map_err(|e| e.to_string())?;
            Ok(json!({ "tensor": found[guess].tensor, "shape": found[guess].shape, "grid": found[guess].grid }))
        }
        Ask::RandomTwin { out } => {
            let file = random::random_twin(backbone.file(), random::SEED)?;
            std::fs::write(&out, &file).map_err(|e| e.to_string())?;
            Ok(json!({ "bytes": file.len() }))
        }
        Ask::Shift { dim, lab, field } => {
            let sample = |set: Set| {
                Sample::new(set.embeddings, dim)?
                    .with_probabilities(set.probabilities, set.classes)?
                    .with_labels(set.labels)
            };
            let (lab, field) = (sample(lab).map_err(said)?, sample(field).map_err(said)?);
            compare(&lab, &field).map_err(said)
        }
        Ask::Corrupt { corruption, severity, seed, side, pixels } => {
            let picture = Rgb8::new(side, side, pixels).ok_or("not as many bytes as pixels")?;
            Ok(json!({ "pixels": corruption.apply(&picture, severity, seed).data }))
        }
        Ask::Tokens { model, text } => {
            let model = WordModel::load(&std::fs::read(model).map_err(|e| e.to_string())?)?;
            Ok(json!({ "numbers": Reading::new(&text, &model.vocabulary)?.numbers }))
        }
        Ask::Logits { model, words, places } => {
            let mut model = WordModel::load(&std::fs::read(model).map_err(|e| e.to_string())?)?;
            let states = model.states(&words)?;
            let logits = places.iter().map(|at| model.readout.logits(&model.readout.enter(&states[*at])));
            Ok(json!({ "logits": logits.collect::<Vec<_>>() }))
        }
        Ask::Export { files, labels, classes, out } => export(files, labels, classes, &out, backbone),
    }
}

fn said(refusal: Refusal) -> String {
    refusal.to_string()
}

fn compare(lab: &Sample, field: &Sample) -> Result<Value, Refusal> {
    let verdicts = drift::ALL.iter().map(|detector| detector.test(lab, field, 1)).collect::<Result<Vec<_>, _>>()?;
    let gaps = (0..lab.dim()).map(|d| ks::gap(&lab.sorted_column(d), &field.sorted_column(d)));
    let (m, n) = (lab.count(), field.count());
    let of_ks: Vec<_> = gaps.map(|gap| [gap as f64 / (m * n) as f64, ks::exact_p(gap, m, n)]).collect();
    let ts = (0..lab.dim()).map(|d| cvm::statistic(&lab.sorted_column(d), &field.sorted_column(d)));
    let of_cvm: Vec<_> = ts.map(|t| [t, cvm::asymptotic_p(t, m, n)]).collect();
    let estimates = estimate::ALL.iter().map(|e| e.estimate(lab, field)).collect::<Result<Vec<_>, _>>()?;
    let unlike = |measure| -> Result<Vec<f64>, Refusal> {
        let mut ranked = unlike::rank(lab, field, measure)?;
        ranked.sort_by_key(|u| u.picture);
        Ok(ranked.into_iter().map(|u| u.distance).collect())
    };
    Ok(json!({
        "verdicts": verdicts,
        "discrepancy": mmd::discrepancy(lab, field)?,
        "told_apart": c2st::accuracy(lab, field)?,
        "ks": of_ks,
        "cvm": of_cvm,
        "weights": bbse::weights(lab, field)?,
        "estimates": estimates,
        "temperature": estimate::temperature::fit(lab)?,
        "covariance": spread::shrunk_covariance(field),
        "mahalanobis": unlike(Measure::Mahalanobis)?,
        "nearest": unlike(Measure::Nearest(3))?,
        "restandardised": Alignment::restandardise(lab, field)?.apply(field)?,
        "coral": Alignment::coral(lab, field)?.apply(field)?,
        "uncertain": select::uncertain(field, 10)?,
        "diverse": select::diverse(field, Some(lab), 10)?,
    }))
}

fn read(file: &str) -> Result<Rgb8, String> {
    let bytes = std::fs::read(file).map_err(|e| e.to_string())?;
    decode::decode(&bytes).map(|d| d.pixels).map_err(|refusal| refusal.to_string())
}

fn export(
    files: Vec<String>,
    labels: Vec<u32>,
    classes: Vec<String>,
    out: &str,
    backbone: &Backbone,
) -> Result<Value, String> {
    let open = |file: &String| -> Result<Box<dyn Source>, String> {
        Ok(Box::new(Cursor::new(std::fs::read(file).map_err(|e| e.to_string())?)))
    };
    let sources = files.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    let (mut embeddings, mut dhashes) = (Vec::new(), Vec::new());
    let import = Request::Images(images::Request::Import { names: files.clone() });
    run(import, Payload::default(), sources, backbone, |reply, payload| {
        if let Reply::Images(images::Reply::Item(images::Item {
            outcome: images::Outcome::Accepted(picture), ..
        })) = reply
        {
            embeddings.extend(payload.floats);
            dhashes.push(images::join(picture.dhash));
        }
    })?;
    let parts = vec![pack_u32(labels.clone()), pack_u64(dhashes), pack_u32(vec![0; labels.len()])];
    let train = Request::Learn(learn::Request::Train { classes: classes.len() });
    let trained = run(train, Payload { floats: embeddings, parts }, vec![], backbone, |_, _| {})?.0;
    let Reply::Learn(learn::Reply::Trained { head, report }) = trained else { return Err("no head".into()) };
    let first = |class| labels.iter().position(|l| *l == class).map(|at| &files[at]);
    let examples = (0..classes.len() as u32).filter_map(first).take(3).map(open).collect::<Result<Vec<_>, _>>()?;
    let accuracy = report.accuracy;
    let request = Request::Learn(learn::Request::Export { head, labels: classes, report });
    let (_, payload) = run(request, Payload::default(), examples, backbone, |_, _| {})?;
    std::fs::write(out, &payload.parts[0]).map_err(|e| e.to_string())?;
    Ok(json!({ "accuracy": accuracy }))
}

fn run(
    request: Request,
    payload: Payload,
    files: Vec<Box<dyn Source>>,
    backbone: &Backbone,
    mut hear: impl FnMut(Reply, Payload),
) -> Result<(Reply, Payload), String> {
    let mut job = jobs::job(request, payload, files)?;
    loop {
        match job.step(backbone) {
            Step::Continue(Some((reply, payload))) => hear(reply, payload),
            Step::Continue(None) => {}
            Step::Done(reply, payload) => return Ok((reply, payload)),
            Step::Failed(reason) => return Err(reason),
        }
    }
}
