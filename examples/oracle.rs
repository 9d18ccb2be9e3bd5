//! Answers the differential tests: one JSON request a line on standard input, one JSON
//! answer a line on standard output. See tests/differential.

use fieldtest::engine::jobs::{self, Source, Step};
use fieldtest::engine::protocol::{Payload, Reply, Request, images, learn, pack_u32, pack_u64};
use fieldtest::image::{Rgb8, contract, decode};
use fieldtest::learn::head::softmax::{Fit, Rows};
use fieldtest::learn::metrics;
use fieldtest::model::backbone::Backbone;
use fieldtest::model::random;
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
    /// Write the random twin as a file.
    RandomTwin { out: String },
    /// Train on files and write the download.
    Export { files: Vec<String>, labels: Vec<u32>, classes: Vec<String>, out: String },
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
        Ask::RandomTwin { out } => {
            let file = random::random_twin(backbone.file(), random::SEED)?;
            std::fs::write(&out, &file).map_err(|e| e.to_string())?;
            Ok(json!({ "bytes": file.len() }))
        }
        Ask::Export { files, labels, classes, out } => export(files, labels, classes, &out, backbone),
    }
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
