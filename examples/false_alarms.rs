//! How often each detector rings at 5 % without a shift, on embeddings of rendered road signs:
//! `drift.false_alarm_rate.<detector> <share> share`, a line each.
//! `cargo run --features engine --example false_alarms`

use fieldtest::learn::head::softmax::{Fit, Rows, softmax};
use fieldtest::learn::head::standardise::Standardise;
use fieldtest::model::backbone::Backbone;
use fieldtest::shift::drift::{self, Sample, power};
use fieldtest::shift::scene::photograph;
use fieldtest::shift::scene::world::{Meaning, Order, World};
use std::error::Error;

/// Names of [`drift::ALL`], for figures.
const NAMES: [&str; 5] = ["mmd", "ks", "cvm", "c2st", "bbse"];
/// Photographs that train the head; then those the detectors draw from.
const TRAIN: usize = 80;
const LAB: usize = 320;
/// Pictures of a side, as a week of the bench has, and how often they are drawn.
const SIZE: usize = 60;
const TRIALS: usize = 1000;
const LEVEL: f64 = 0.05;

fn main() -> Result<(), Box<dyn Error>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/models/backbone-supervised.onnx");
    let backbone = Backbone::load(std::fs::read(path)?)?;
    let order = Order { world: World::default(), count: TRAIN + LAB, seed: 1 };
    let mut embeddings = Vec::new();
    for index in 0..order.count {
        embeddings.extend(backbone.embed(&photograph(&order, index).saved())?.embedding);
    }
    let (train, lab) = embeddings.split_at(TRAIN * backbone.dim);
    let probabilities = answers(train, lab, backbone.dim);
    let lab = Sample::new(lab.to_vec(), backbone.dim)?.with_probabilities(probabilities, Meaning::ALL.len())?;
    for (detector, name) in drift::ALL.into_iter().zip(NAMES) {
        let rate = power::false_alarms(detector, &lab, SIZE, TRIALS, LEVEL, 1)?;
        println!("drift.false_alarm_rate.{name} {:.3} share", rate.value);
    }
    Ok(())
}

/// What a head trained on the first photographs says of the others, `[n, classes]`.
fn answers(train: &[f32], others: &[f32], dim: usize) -> Vec<f32> {
    let classes = Meaning::ALL.len();
    let standardise = Standardise::fit(train.chunks_exact(dim), dim);
    let z: Vec<f32> = train.chunks_exact(dim).flat_map(|row| standardise.apply(row)).collect();
    // Meanings take turns in an order.
    let labels: Vec<u32> = (0..TRAIN).map(|i| (i % classes) as u32).collect();
    let rows = Rows { z: &z, labels: &labels, dim, classes };
    let mut fit = Fit::new(rows, 1.0, vec![0.0; classes * (dim + 1)], 1e-4);
    while !fit.step(rows) {}
    let (weights, bias) = fit.parameters().split_at(classes * dim);
    let mut all = Vec::new();
    for row in others.chunks_exact(dim) {
        let z = standardise.apply(row);
        let logit = |(w, b): (&[f32], &f32)| w.iter().zip(&z).map(|(w, z)| w * z).sum::<f32>() + b;
        let mut logits: Vec<f32> = weights.chunks_exact(dim).zip(bias).map(logit).collect();
        softmax(&mut logits);
        all.extend(logits);
    }
    all
}
