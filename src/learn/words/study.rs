//! The last layer goes on learning on a text: every word is guessed from those around it, and no label is given.
//!
//! What the readers say of the text stays as it is, so a step costs one readout and its gradient per word. The
//! last part of the text is never learned from. The optimiser is Adam (Kingma and Ba 2015).

use super::readout::{Readout, Tuned};
use std::ops::Range;

/// Words a step learns from.
const BATCH: usize = 12;
/// Words that are measured before a step ends.
const PIECE: usize = 16;
/// Words of each part that are measured, at most.
const MEASURED: usize = 150;
/// Steps between two measurements.
const BETWEEN: usize = 25;
const RATE: f32 = 1e-3;
const DECAY: (f32, f32) = (0.9, 0.99);
/// Fewest words to learn from and to hold out.
pub const FEWEST: usize = 40;

/// How the two parts of the text are guessed; mean loss in nats per word.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Measured {
    pub steps: usize,
    /// On the part that is learned from, and on the one that is not.
    pub learned: f32,
    pub held: f32,
    /// Share guessed first of the part that is not.
    pub held_top1: f32,
}

pub struct Study {
    readout: Readout,
    /// What the readers say at each word, as the readout takes it.
    entered: Vec<Vec<f32>>,
    wanted: Vec<u32>,
    /// Words before this one are learned from, the others held out.
    split: usize,
    moments: (Tuned, Tuned),
    steps: usize,
    order: Vec<usize>,
    at: usize,
    random: u64,
    measuring: Option<Measuring>,
}

#[derive(Default)]
struct Measuring {
    next: usize,
    sums: [f64; 2],
    right: usize,
}

impl Study {
    /// `states`: `[words, width]`, in the order of the text.
    ///
    /// # Errors
    /// A sentence: there is too little to learn from.
    pub fn new(readout: Readout, states: &[Vec<f32>], wanted: Vec<u32>) -> Result<Self, String> {
        if wanted.len() < FEWEST || states.len() != wanted.len() {
            let n = wanted.len();
            return Err(format!("There are {n} words that can be learned here; paste a text with at least {FEWEST}."));
        }
        let entered = states.iter().map(|s| readout.enter(s)).collect();
        let split = wanted.len() * 4 / 5;
        let zero = readout.tuned.zero();
        Ok(Self {
            entered,
            split,
            moments: (zero.clone(), zero),
            readout,
            wanted,
            steps: 0,
            order: (0..split).collect(),
            at: split,
            random: 0x9e37_79b9_7f4a_7c15,
            measuring: Some(Measuring::default()),
        })
    }

    /// Learns from a few words or measures a few. Says how things stand when a measurement is complete.
    pub fn step(&mut self) -> Option<Measured> {
        if self.measuring.is_some() {
            return self.measure();
        }
        self.learn();
        if self.steps.is_multiple_of(BETWEEN) {
            self.measuring = Some(Measuring::default());
        }
        None
    }

    /// As it is now.
    pub fn readout(&self) -> &Readout {
        &self.readout
    }

    /// Words that are learned from, and held out.
    pub fn sizes(&self) -> (usize, usize) {
        (self.split, self.wanted.len() - self.split)
    }

    fn learn(&mut self) {
        let mut slope = self.readout.tuned.zero();
        for _ in 0..BATCH {
            let word = self.next_word();
            self.readout.learn(&self.entered[word], self.wanted[word], 1.0 / BATCH as f32, &mut slope);
        }
        self.steps += 1;
        let (keep, keep_square) = DECAY;
        let (fix, fix_square) = (1.0 - keep.powi(self.steps as i32), 1.0 - keep_square.powi(self.steps as i32));
        let parts = self.readout.tuned.parts_mut().into_iter().zip(slope.parts());
        let moments = self.moments.0.parts_mut().into_iter().zip(self.moments.1.parts_mut());
        for ((values, slopes), (means, squares)) in parts.zip(moments) {
            for (((v, g), m), s) in values.iter_mut().zip(slopes).zip(means).zip(squares) {
                *m = keep * *m + (1.0 - keep) * g;
                *s = keep_square * *s + (1.0 - keep_square) * g * g;
                *v -= RATE * (*m / fix) / ((*s / fix_square).sqrt() + 1e-8);
            }
        }
    }

    /// Every word of the learned part once, in an order that changes each time (xorshift, Marsaglia 2003).
    fn next_word(&mut self) -> usize {
        if self.at >= self.order.len() {
            for i in (1..self.order.len()).rev() {
                self.random ^= self.random << 13;
                self.random ^= self.random >> 7;
                self.random ^= self.random << 17;
                self.order.swap(i, (self.random % (i as u64 + 1)) as usize);
            }
            self.at = 0;
        }
        self.at += 1;
        self.order[self.at - 1]
    }

    fn measure(&mut self) -> Option<Measured> {
        let mut now = self.measuring.take()?;
        // Spread evenly over each part.
        let spread = |part: Range<usize>| {
            let n = part.len().min(MEASURED);
            (0..n).map(move |i| part.start + i * part.len() / n)
        };
        let held = spread(self.split..self.wanted.len());
        let words: Vec<(usize, usize)> = spread(0..self.split).map(|w| (0, w)).chain(held.map(|w| (1, w))).collect();
        for &(part, word) in words.iter().skip(now.next).take(PIECE) {
            let logits = self.readout.logits(&self.entered[word]);
            let own = logits[self.wanted[word] as usize];
            let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = logits.iter().map(|l| (l - most).exp()).sum();
            now.sums[part] += f64::from(most + sum.ln() - own);
            now.right += usize::from(part == 1 && own == most);
        }
        now.next += PIECE;
        if now.next < words.len() {
            self.measuring = Some(now);
            return None;
        }
        let n = words.iter().filter(|(part, _)| *part == 0).count();
        let m = words.len() - n;
        Some(Measured {
            steps: self.steps,
            learned: (now.sums[0] / n as f64) as f32,
            held: (now.sums[1] / m as f64) as f32,
            held_top1: now.right as f32 / m as f32,
        })
    }
}

/// Windows over `words` words of at most `length`, each with the words it answers for: those at least `margin`
/// from an end of the window, unless the text ends there.
pub fn windows(words: usize, length: usize, margin: usize) -> Vec<(Range<usize>, Range<usize>)> {
    let mut found = Vec::new();
    let mut answered = 0;
    while answered < words {
        let start = answered.saturating_sub(margin).min(words.saturating_sub(length));
        let end = words.min(start + length);
        let until = if end == words { words } else { end - margin };
        found.push((start..end, answered..until));
        answered = until;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::words::readout::tests::drawn;

    #[test]
    fn windows_answer_for_every_word_once() {
        for n in [1, 20, 63, 64, 65, 112, 113, 500, 2000] {
            let all: Vec<usize> = windows(n, 64, 8)
                .into_iter()
                .flat_map(|(window, answers)| {
                    assert!(window.len() <= 64 && answers.start >= window.start && answers.end <= window.end);
                    answers
                })
                .collect();
            assert_eq!(all, (0..n).collect::<Vec<_>>());
        }
        assert!(windows(0, 64, 8).is_empty());
    }

    #[test]
    fn it_learns_what_the_states_say_and_holds_the_rest_out() {
        let readout = drawn(5, 12, 6, 8);
        // The wanted word follows from the state, so that what is learned holds for the held out part too.
        let states: Vec<Vec<f32>> = (0..100)
            .map(|i| {
                let kind = i % 4;
                (0..8).map(|d| if d == kind { 2.0 } else { ((i * 7 + d * 3) % 5) as f32 * 0.1 }).collect()
            })
            .collect();
        let wanted = (0..100).map(|i| 1 + (i % 4) as u32).collect();
        let mut study = Study::new(readout, &states, wanted).expect("enough words");
        let mut told = Vec::new();
        while told.len() < 20 {
            told.extend(study.step());
        }
        let (first, last) = (told[0], told[19]);
        assert_eq!((first.steps, study.sizes()), (0, (80, 20)));
        assert!(last.learned < 0.5 * first.learned && last.held < 0.6 * first.held, "{first:?} {last:?}");
        assert!(last.held_top1 > 0.9);
    }

    #[test]
    fn too_little_text_is_refused() {
        let states = vec![vec![0.0; 8]; 3];
        assert!(Study::new(drawn(1, 9, 4, 8), &states, vec![1; 3]).is_err_and(|e| e.contains("3 words")));
    }
}
