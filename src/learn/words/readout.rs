//! From a state to a probability for every word, and the gradient of what can be learned of it.
//!
//! u = norm(state) with the model's gain, z = W u + b, r = norm(z) g + c, and the logit of word w is
//! `r . table[w] * 4 / sqrt(narrow) + often[w]`: `training/words/network.py`, `logits`.

use std::sync::Arc;

/// Added to a variance before its root, as in training.
const EPSILON: f32 = 1e-5;

/// What may go on learning: the last layer, one number per word, and the norm between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuned {
    /// `[narrow, width]` row-major.
    pub weights: Vec<f32>,
    /// `[narrow]` each.
    pub bias: Vec<f32>,
    pub gain: Vec<f32>,
    pub offset: Vec<f32>,
    /// `[words]`.
    pub often: Vec<f32>,
}

impl Tuned {
    /// Its parts, in the order of [`Self::flat`].
    pub fn parts(&self) -> [&[f32]; 5] {
        [&self.weights, &self.bias, &self.gain, &self.offset, &self.often]
    }

    pub fn parts_mut(&mut self) -> [&mut [f32]; 5] {
        [&mut self.weights, &mut self.bias, &mut self.gain, &mut self.offset, &mut self.often]
    }

    /// All numbers in a row, to send.
    pub fn flat(&self) -> Vec<f32> {
        self.parts().concat()
    }

    /// The same shape, all zero.
    pub fn zero(&self) -> Self {
        let mut zero = self.clone();
        zero.parts_mut().into_iter().for_each(|part| part.fill(0.0));
        zero
    }

    pub fn count(&self) -> usize {
        self.parts().iter().map(|p| p.len()).sum()
    }
}

/// The readout of a model. Cloning shares the table.
#[derive(Debug, Clone)]
pub struct Readout {
    pub width: usize,
    pub narrow: usize,
    /// `[words, narrow]` row-major.
    pub table: Arc<Vec<f32>>,
    /// Of the norm on the state, `[width]` each.
    pub first_gain: Arc<Vec<f32>>,
    pub first_offset: Arc<Vec<f32>>,
    pub tuned: Tuned,
    /// Words that may be guessed.
    pub guessed: Arc<Vec<bool>>,
}

/// A normalised vector, and what it was divided by.
fn norm(x: &[f32]) -> (Vec<f32>, f32) {
    let n = x.len() as f32;
    let mean = x.iter().sum::<f32>() / n;
    let spread = (x.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / n + EPSILON).sqrt();
    (x.iter().map(|v| (v - mean) / spread).collect(), spread)
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Eight sums side by side, so that the compiler may use vectors.
    let mut sums = [0.0f32; 8];
    let (a8, a_rest) = a.as_chunks::<8>();
    let (b8, b_rest) = b.as_chunks::<8>();
    for (x, y) in a8.iter().zip(b8) {
        for i in 0..8 {
            sums[i] += x[i] * y[i];
        }
    }
    sums.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum::<f32>()
}

impl Readout {
    /// # Errors
    /// A sentence: the parts do not fit each other.
    pub fn check(self) -> Result<Self, String> {
        let (words, narrow, width) = (self.guessed.len(), self.narrow, self.width);
        let lengths = self.tuned.parts().map(<[f32]>::len);
        let fits = lengths == [narrow * width, narrow, narrow, narrow, words]
            && self.table.len() == words * narrow
            && self.first_gain.len() == width
            && self.first_offset.len() == width
            && narrow * width * words > 0;
        let finite = self.tuned.parts().into_iter().chain([&self.table[..]]).flatten().all(|v| v.is_finite());
        if fits && finite { Ok(self) } else { Err("The parts of the word model do not fit each other.".into()) }
    }

    /// The same with other numbers in what may learn.
    ///
    /// # Errors
    /// There are too many or too few, or they are not finite.
    pub fn with(&self, flat: &[f32]) -> Result<Self, String> {
        if flat.len() != self.tuned.count() || !flat.iter().all(|v| v.is_finite()) {
            return Err("What was learned does not fit this word model.".into());
        }
        let mut with = self.clone();
        let mut rest = flat;
        for part in with.tuned.parts_mut() {
            let (mine, others) = rest.split_at(part.len());
            part.copy_from_slice(mine);
            rest = others;
        }
        Ok(with)
    }

    /// The part of the way that never changes: the normalised state, `[width]`.
    pub fn enter(&self, state: &[f32]) -> Vec<f32> {
        let (normal, _) = norm(state);
        let scaled = normal.iter().zip(self.first_gain.iter()).zip(self.first_offset.iter());
        scaled.map(|((x, gain), offset)| x * gain + offset).collect()
    }

    fn scale(&self) -> f32 {
        4.0 / (self.narrow as f32).sqrt()
    }

    /// A logit per word, `-inf` where it is never guessed. `entered`: what [`Self::enter`] gave.
    pub fn logits(&self, entered: &[f32]) -> Vec<f32> {
        self.forward(entered).2
    }

    /// The normalised middle, what it was divided by, and the logits.
    fn forward(&self, entered: &[f32]) -> (Vec<f32>, f32, Vec<f32>) {
        let t = &self.tuned;
        let z: Vec<f32> =
            t.weights.chunks_exact(self.width).zip(&t.bias).map(|(row, b)| dot(row, entered) + b).collect();
        let (normal, spread) = norm(&z);
        let scale = self.scale();
        let read: Vec<f32> = normal.iter().zip(&t.gain).zip(&t.offset).map(|((n, g), c)| (n * g + c) * scale).collect();
        let words = self.table.chunks_exact(self.narrow).zip(&t.often).zip(self.guessed.iter());
        let logits = words.map(|((row, o), ok)| if *ok { dot(row, &read) + o } else { f32::NEG_INFINITY }).collect();
        (normal, spread, logits)
    }

    /// Loss of guessing `wanted` (in nats); its gradient, times `share`, is added to `sum`.
    pub fn learn(&self, entered: &[f32], wanted: u32, share: f32, sum: &mut Tuned) -> f32 {
        let (normal, spread, logits) = self.forward(entered);
        let mut d = softmax(&logits);
        let loss = -d[wanted as usize].max(1e-12).ln();
        d[wanted as usize] -= 1.0;
        let mut read = vec![0.0f32; self.narrow];
        for ((row, d), often) in self.table.chunks_exact(self.narrow).zip(&d).zip(&mut sum.often) {
            *often += d * share;
            // Most words are all but impossible: what they would add is lost in rounding.
            if d.abs() > 1e-6 {
                read.iter_mut().zip(row).for_each(|(r, w)| *r += d * w);
            }
        }
        let scale = self.scale() * share;
        let t = &self.tuned;
        let mut dn = vec![0.0f32; self.narrow];
        for i in 0..self.narrow {
            let dr = read[i] * scale;
            sum.gain[i] += dr * normal[i];
            sum.offset[i] += dr;
            dn[i] = dr * t.gain[i];
        }
        let n = self.narrow as f32;
        let mean = dn.iter().sum::<f32>() / n;
        let along = dot(&dn, &normal) / n;
        for i in 0..self.narrow {
            let dz = (dn[i] - mean - normal[i] * along) / spread;
            sum.bias[i] += dz;
            let row = &mut sum.weights[i * self.width..(i + 1) * self.width];
            row.iter_mut().zip(entered).for_each(|(w, x)| *w += dz * x);
        }
        loss
    }

    /// Loss of guessing `wanted`, in nats.
    pub fn loss(&self, entered: &[f32], wanted: u32) -> f32 {
        -softmax(&self.logits(entered))[wanted as usize].max(1e-12).ln()
    }
}

/// Probabilities of logits; `-inf` has none.
pub fn softmax(logits: &[f32]) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut p: Vec<f32> = logits.iter().map(|l| (l - most).exp()).collect();
    let sum: f32 = p.iter().sum();
    p.iter_mut().for_each(|v| *v /= sum);
    p
}

/// The `count` highest probabilities with their words, highest first.
pub fn top(probabilities: &[f32], count: usize) -> Vec<(u32, f32)> {
    let mut all: Vec<(u32, f32)> = (0u32..).zip(probabilities.iter().copied()).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all.truncate(count);
    all
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A readout of `words` words with numbers drawn from `seed`.
    pub fn drawn(seed: u64, words: usize, narrow: usize, width: usize) -> Readout {
        let mut state = seed.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(3_037_000_493);
        let mut numbers = |n: usize, mean: f32| -> Vec<f32> {
            let mut one = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5 + mean
            };
            (0..n).map(|_| one()).collect()
        };
        let tuned = Tuned {
            weights: numbers(narrow * width, 0.0),
            bias: numbers(narrow, 0.0),
            gain: numbers(narrow, 1.0),
            offset: numbers(narrow, 0.0),
            often: numbers(words, 0.0),
        };
        let (table, gain, offset) = (numbers(words * narrow, 0.0), numbers(width, 1.0), numbers(width, 0.0));
        let mut guessed = vec![true; words];
        guessed[0] = false;
        let (table, first_gain, first_offset) = (Arc::new(table), Arc::new(gain), Arc::new(offset));
        Readout { width, narrow, table, first_gain, first_offset, tuned, guessed: Arc::new(guessed) }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_gradient_is_the_slope_of_the_loss(seed in 0u64..1000, wanted in 1u32..13) {
            let readout = drawn(seed, 13, 5, 7);
            let state: Vec<f32> = drawn(seed + 1, 2, 7, 1).tuned.weights;
            let entered = readout.enter(&state);
            let mut slope = readout.tuned.zero();
            let loss = readout.learn(&entered, wanted, 1.0, &mut slope);
            prop_assert!((loss - readout.loss(&entered, wanted)).abs() < 1e-5);
            let (flat, slope) = (readout.tuned.flat(), slope.flat());
            for at in 0..flat.len() {
                let by = |step: f32| {
                    let mut moved = flat.clone();
                    moved[at] += step;
                    readout.with(&moved).expect("the same shape").loss(&entered, wanted)
                };
                let measured = (by(2e-3) - by(-2e-3)) / 4e-3;
                prop_assert!((measured - slope[at]).abs() < 1e-2 * (1.0 + slope[at].abs()), "number {at}: {measured} and {}", slope[at]);
            }
        }
    }

    #[test]
    fn what_is_never_guessed_has_no_probability() {
        let readout = drawn(1, 9, 4, 6);
        let p = softmax(&readout.logits(&readout.enter(&[1.0, 2.0, 3.0, 1.0, 0.0, 5.0])));
        assert!(p[0] == 0.0 && (p.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert_eq!(top(&[0.1, 0.5, 0.4], 2), [(1, 0.5), (2, 0.4)]);
    }

    #[test]
    fn numbers_of_another_shape_are_refused() {
        let readout = drawn(1, 9, 4, 6);
        assert!(readout.with(&[0.0; 3]).is_err());
        let mut flat = readout.tuned.flat();
        flat[2] = f32::NAN;
        assert!(readout.with(&flat).is_err());
        assert_eq!(readout.with(&readout.tuned.flat()).expect("the same").tuned, readout.tuned);
    }
}
