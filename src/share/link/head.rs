//! A trained head in a few hundred bytes: int8 with a step for each row, entropy-coded.
//!
//! Three things make it small. Softmax sees only differences between classes, so the rows are made to add up
//! to zero and one of them is left out. Weights are rounded in units of the embedding's own spread, where a
//! step costs every logit the same. And a step is a fraction of the row's root mean square: at a fraction f, a
//! bell curve needs about 2.05 - log2 f bits a number. Rounding errors of a row times the mean embedding would
//! move its logit for every picture alike; the bias takes that back.

use super::bytes::{Reader, push_number};
use super::coder::{Context, Decoder, Encoder};
use crate::learn::dataset::MAX_CLASSES;
use crate::learn::head::{Familiarity, Head, dot};

/// Most weights a head in a link may have; one of 5 classes on our backbone has 1,280.
pub const MAX_WEIGHTS: usize = 1 << 14;

/// How finely numbers are rounded: steps as a share of a row's root mean square.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Precision {
    pub weights: f32,
    /// Of what "none of these" needs; `None` leaves it out.
    pub familiarity: Option<f32>,
}

impl Precision {
    /// From fine to coarse.
    pub const ALL: [Self; 9] = [
        Self::of(1.0 / 32.0, Some(0.125)),
        Self::of(1.0 / 32.0, Some(0.25)),
        Self::of(1.0 / 16.0, Some(0.25)),
        Self::of(1.0 / 16.0, Some(0.5)),
        Self::of(1.0 / 8.0, Some(0.5)),
        Self::of(1.0 / 8.0, Some(1.0)),
        Self::of(1.0 / 8.0, None),
        Self::of(1.0 / 4.0, None),
        Self::of(1.0 / 2.0, None),
    ];

    const fn of(weights: f32, familiarity: Option<f32>) -> Self {
        Self { weights, familiarity }
    }

    /// Bits a weight takes, about.
    pub fn bits(self) -> f32 {
        2.05 - self.weights.log2()
    }
}

/// What the different numbers have looked like.
struct Kinds {
    weights: Context,
    spread: Context,
    mean: Context,
    prototypes: Context,
}

impl Kinds {
    const fn new() -> Self {
        Self { weights: Context::new(), spread: Context::new(), mean: Context::new(), prototypes: Context::new() }
    }
}

/// Steps come first, as the upper half of a float; then everything the range coder holds.
struct Writer {
    steps: Vec<u8>,
    coded: Encoder,
}

impl Writer {
    /// Writes a row and returns it as the reader will see it.
    fn row(&mut self, row: &[f32], fraction: f32, context: &mut Context) -> Vec<f32> {
        let rms = (dot(row, row) / row.len().max(1) as f32).sqrt();
        let most = row.iter().fold(0f32, |most, v| most.max(v.abs()));
        // A little more than needed, so that what rounds up still fits.
        let step = half((rms * fraction).max(most / 126.0).max(1e-30));
        self.steps.extend((step.to_bits() >> 16).to_le_bytes().iter().take(2));
        let rounded = row.iter().map(|v| (v / step).round().clamp(-127.0, 127.0) as i8);
        rounded
            .map(|n| {
                self.coded.number(n, context);
                f32::from(n) * step
            })
            .collect()
    }
}

/// The nearest number of 8 bits of mantissa: the upper half of a float.
fn half(value: f32) -> f32 {
    f32::from_bits(value.to_bits().saturating_add(0x8000) & 0xffff_0000)
}

/// # Errors
/// A sentence: the head is not one that can be packed.
pub fn pack(head: &Head, precision: Precision) -> Result<Vec<u8>, String> {
    head.check(head.dim)?;
    let Head { classes, dim, .. } = *head;
    if classes > MAX_CLASSES || classes.saturating_mul(dim) > MAX_WEIGHTS {
        return Err(format!("The head has {} numbers, too many for a link.", classes.saturating_mul(dim)));
    }
    let mut out = Vec::new();
    push_number(&mut out, classes as u64);
    push_number(&mut out, dim as u64);
    let familiarity = &head.familiarity;
    let threshold = familiarity.threshold.filter(|_| precision.familiarity.is_some());
    out.push(u8::from(precision.familiarity.is_some()) | u8::from(threshold.is_some()) << 1);

    let mut writer = Writer { steps: Vec::new(), coded: Encoder::new() };
    let mut kinds = Kinds::new();
    let mut spread = vec![1.0; dim];
    let mut mean = Vec::new();
    if let Some(fraction) = precision.familiarity {
        threshold.into_iter().for_each(|t| out.extend(t.to_le_bytes()));
        let logs: Vec<f32> = familiarity.inv_std.iter().map(|s| s.max(1e-20).log2()).collect();
        let middle = logs.iter().sum::<f32>() / dim.max(1) as f32;
        out.extend(middle.to_le_bytes());
        let apart: Vec<f32> = logs.iter().map(|l| l - middle).collect();
        spread = writer.row(&apart, fraction, &mut kinds.spread).iter().map(|l| (l + middle).exp2()).collect();
        let scaled: Vec<f32> = familiarity.mean.iter().zip(&spread).map(|(m, s)| m * s).collect();
        mean = scaled;
    }
    let centre = |values: &[f32], at: usize| {
        let all: f32 = (0..classes).map(|c| values[c * (values.len() / classes) + at]).sum();
        all / classes as f32
    };
    let common: Vec<f32> = (0..dim).map(|d| centre(&head.weights, d)).collect();
    let bias_mean = centre(&head.bias, 0);
    for class in 0..classes - 1 {
        let exact: Vec<f32> =
            head.weights[class * dim..][..dim].iter().zip(&common).map(|(w, common)| w - common).collect();
        let scaled: Vec<f32> = exact.iter().zip(&spread).map(|(w, s)| w / s).collect();
        let seen = writer.row(&scaled, precision.weights, &mut kinds.weights);
        let lost: Vec<f32> = exact.iter().zip(seen.iter().zip(&spread)).map(|(w, (n, s))| w - n * s).collect();
        let bias = head.bias[class] - bias_mean + dot(&lost, &familiarity.mean);
        out.extend(bias.to_le_bytes());
    }
    if let Some(fraction) = precision.familiarity {
        writer.row(&mean, fraction, &mut kinds.mean);
        for prototype in familiarity.prototypes.chunks_exact(dim) {
            writer.row(prototype, fraction, &mut kinds.prototypes);
        }
    }
    out.extend(writer.steps);
    out.extend(writer.coded.finish());
    Ok(out)
}

/// Reads what [`pack`] wrote. `None` for anything that is no head.
pub fn unpack(bytes: &[u8]) -> Option<Head> {
    let mut reader = Reader(bytes);
    let (classes, dim) = (reader.size()?, reader.size()?);
    if !(1..=MAX_CLASSES).contains(&classes) || dim == 0 || classes.checked_mul(dim)? > MAX_WEIGHTS {
        return None;
    }
    let flags = reader.byte().filter(|f| *f < 4)?;
    let (knows, has_threshold) = (flags & 1 == 1, flags & 2 == 2);
    let threshold = if has_threshold { Some(reader.float()?) } else { None };
    let middle = if knows { reader.float()? } else { 0.0 };
    let mut bias: Vec<f32> = (1..classes).map(|_| reader.float()).collect::<Option<_>>()?;
    let rows = classes - 1 + if knows { 2 + classes } else { 0 };
    let steps: Vec<f32> = reader
        .take(rows * 2)?
        .as_chunks::<2>()
        .0
        .iter()
        .map(|s| f32::from_bits(u32::from(u16::from_le_bytes(*s)) << 16))
        .map(|step| step.is_finite().then_some(step))
        .collect::<Option<_>>()?;
    let mut steps = steps.into_iter();
    let mut decoder = Decoder::new(reader.0);
    let mut kinds = Kinds::new();
    let mut row = |context: &mut Context| -> Vec<f32> {
        let step = steps.next().unwrap_or_default();
        (0..dim).map(|_| f32::from(decoder.number(context)) * step).collect()
    };

    let spread: Vec<f32> =
        if knows { row(&mut kinds.spread).iter().map(|l| (l + middle).exp2()).collect() } else { vec![1.0; dim] };
    let mut weights: Vec<f32> = Vec::with_capacity(classes * dim);
    let mut last = vec![0f32; dim];
    for _ in 1..classes {
        let scaled = row(&mut kinds.weights);
        for ((n, s), rest) in scaled.iter().zip(&spread).zip(&mut last) {
            weights.push(n * s);
            *rest -= n * s;
        }
    }
    weights.extend(last);
    bias.push(-bias.iter().sum::<f32>());
    let familiarity = if knows {
        let mean = row(&mut kinds.mean).iter().zip(&spread).map(|(m, s)| m / s).collect();
        let mut prototypes = Vec::with_capacity(classes * dim);
        for _ in 0..classes {
            let prototype = row(&mut kinds.prototypes);
            let norm = dot(&prototype, &prototype).sqrt().max(1e-12);
            prototypes.extend(prototype.iter().map(|v| v / norm));
        }
        Familiarity { mean, inv_std: spread, prototypes, threshold }
    } else {
        let none = vec![0.0; classes * dim];
        Familiarity { mean: vec![0.0; dim], inv_std: spread, prototypes: none, threshold: None }
    };
    let head = Head { classes, dim, weights, bias, familiarity };
    head.check(dim).is_ok().then_some(head)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A head as training makes them, of numbers that look alike.
    pub fn some_head(classes: usize, dim: usize, seed: u64) -> Head {
        let mut state = seed.wrapping_add(99);
        let mut bell = || {
            let mut sum = -6.0;
            for _ in 0..12 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                sum += (state >> 40) as f32 / (1u64 << 24) as f32;
            }
            sum
        };
        let inv_std: Vec<f32> = (0..dim).map(|_| (bell() * 0.6).exp2()).collect();
        let mean: Vec<f32> = inv_std.iter().map(|s| bell().abs() / s).collect();
        let weights: Vec<f32> =
            (0..classes).flat_map(|_| inv_std.iter().map(|s| bell() * 0.1 * s).collect::<Vec<_>>()).collect();
        let bias = (0..classes).map(|c| bell() - dot(&weights[c * dim..][..dim], &mean)).collect();
        let mut prototypes: Vec<f32> = (0..classes * dim).map(|_| bell()).collect();
        for prototype in prototypes.chunks_exact_mut(dim) {
            let norm = dot(prototype, prototype).sqrt();
            prototype.iter_mut().for_each(|v| *v /= norm);
        }
        Head {
            classes,
            dim,
            weights,
            bias,
            familiarity: Familiarity { mean, inv_std, prototypes, threshold: Some(0.2) },
        }
    }

    #[test]
    fn a_fine_head_answers_as_before() {
        let head = some_head(5, 256, 1);
        let back = unpack(&pack(&head, Precision::ALL[0]).unwrap()).unwrap();
        let mut state = 5u64;
        let (mut worst, mut apart) = (0f32, 0f32);
        for _ in 0..200 {
            let embedding: Vec<f32> = head
                .familiarity
                .mean
                .iter()
                .zip(&head.familiarity.inv_std)
                .map(|(m, s)| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    m + ((state >> 40) as f32 / (1u64 << 23) as f32 - 1.0) * 1.7 / s
                })
                .collect();
            let (a, b) = (head.answer(&embedding), back.answer(&embedding));
            worst = a.probabilities.iter().zip(&b.probabilities).fold(worst, |w, (x, y)| w.max((x - y).abs()));
            apart = apart.max((a.familiarity - b.familiarity).abs());
        }
        assert!(worst < 0.03, "a probability moved by {worst}");
        assert!(apart < 0.03, "a familiarity moved by {apart}");
    }

    #[test]
    fn coarser_is_shorter() {
        let head = some_head(5, 256, 2);
        let sizes: Vec<usize> = Precision::ALL.iter().map(|p| pack(&head, *p).unwrap().len()).collect();
        assert!(sizes.windows(2).all(|w| w[1] < w[0]), "{sizes:?}");
        assert!(sizes.iter().any(|s| *s < 1300 && *s > 1000), "{sizes:?}");
    }

    #[test]
    fn one_class_and_no_class() {
        let one = some_head(1, 8, 3);
        assert_eq!(unpack(&pack(&one, Precision::ALL[0]).unwrap()).unwrap().classes, 1);
        assert!(pack(&Head { classes: 0, ..one.clone() }, Precision::ALL[0]).is_err());
        assert!(pack(&some_head(40, 1280, 3), Precision::ALL[0]).is_err());
    }

    proptest! {
        #[test]
        fn every_head_comes_back_whole(classes in 1usize..8, dim in 1usize..60, seed: u64, at in 0usize..9) {
            let head = some_head(classes, dim, seed);
            let packed = pack(&head, Precision::ALL[at]).unwrap();
            let back = unpack(&packed).unwrap();
            prop_assert_eq!((back.classes, back.dim), (classes, dim));
            // What was rounded once stays as it is.
            let again = unpack(&pack(&back, Precision::ALL[0]).unwrap()).unwrap();
            prop_assert_eq!(again.dim, dim);
        }

        #[test]
        fn no_bytes_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = unpack(&bytes);
        }
    }
}
