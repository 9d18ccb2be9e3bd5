//! Samples to test with.

use super::{Random, Sample};

/// Standard normal numbers moved by `shift`, `[n, dim]`.
pub fn normal(n: usize, dim: usize, shift: f32, seed: u64) -> Sample {
    let mut random = Random::new(seed);
    Sample::new((0..n * dim).map(|_| gauss(&mut random) + shift).collect(), dim).unwrap()
}

/// Pictures of `shares.len()` classes, drawn with those shares; a model that is right in 8 of
/// 10 cases and says so. Embeddings carry the class and standard normal noise.
pub fn classified(n: usize, shares: &[f64], seed: u64) -> Sample {
    let mut random = Random::new(seed);
    let classes = shares.len();
    let (mut embeddings, mut probabilities, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..n {
        let mut left = random.uniform() * shares.iter().sum::<f64>();
        let label = shares
            .iter()
            .position(|s| {
                left -= s;
                left < 0.0
            })
            .unwrap_or(classes - 1);
        let right = random.uniform() < 0.8;
        let said = if right { label } else { (label + 1 + random.below(classes - 1)) % classes };
        let confidence = 0.8f32;
        let rest = (1.0 - confidence) / (classes - 1) as f32;
        probabilities.extend((0..classes).map(|c| if c == said { confidence } else { rest }));
        embeddings.extend((0..classes).map(|c| gauss(&mut random) + if c == label { 4.0 } else { 0.0 }));
        labels.push(label as u32);
    }
    let sample = Sample::new(embeddings, classes).unwrap();
    sample.with_probabilities(probabilities, classes).unwrap().with_labels(labels).unwrap()
}

/// Standard normal (Box and Muller 1958).
pub fn gauss(random: &mut Random) -> f32 {
    let radius = (-2.0 * (1.0 - random.uniform()).ln()).sqrt();
    (radius * (std::f64::consts::TAU * random.uniform()).cos()) as f32
}

/// Alarms at 5 % among `trials` pairs of samples that `pair` draws.
pub fn alarms(detector: &dyn super::Detector, trials: u64, pair: impl Fn(u64) -> (Sample, Sample)) -> f64 {
    let rings = |trial: &u64| {
        let (lab, field) = pair(*trial);
        detector.test(&lab, &field, *trial).unwrap().alarm(0.05)
    };
    (0..trials).filter(rings).count() as f64 / trials as f64
}
