//! Links to open, and what may happen to them on their way.

use fieldtest::learn::head::{Familiarity, Head};
use fieldtest::share::link::bytes::{base64, crc32, from_base64};
use fieldtest::share::link::head::{Precision, pack};
use fieldtest::share::link::packed::{Archive, Class, pack_classes};
use fieldtest::share::link::table::{Id, Kind, TABLE};
use fieldtest::share::link::{self, MAX_CHARS, Recipe};
use std::panic::catch_unwind;

/// A small generator: the same mutations every time.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Below `n`.
    pub fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n.max(1)
    }

    fn bell(&mut self) -> f32 {
        (0..12).map(|_| self.roll(1000) as f32 / 1000.0).sum::<f32>() - 6.0
    }
}

/// A head of made-up numbers, as many as a real one has.
pub fn some_head(classes: usize, dim: usize) -> Head {
    let mut dice = Dice::new(classes as u64);
    let mut bells = |n: usize| (0..n).map(|_| dice.bell()).collect::<Vec<f32>>();
    let inv_std = bells(dim).into_iter().map(|v| (v * 0.5).exp2()).collect();
    let (weights, bias, mean, prototypes) = (bells(classes * dim), bells(classes), bells(dim), bells(classes * dim));
    Head { classes, dim, weights, bias, familiarity: Familiarity { mean, inv_std, prototypes, threshold: Some(0.3) } }
}

/// Every field away from its default: the longest a link gets.
pub fn full(classes: usize) -> Recipe {
    let mut recipe = Recipe::default();
    for field in &TABLE {
        let value = match field.kind {
            Kind::Choice(names) if field.default == 0 => names.len() as u64 - 1,
            Kind::Whole(_, most) if field.default != most => most,
            Kind::Whole(least, _) => least,
            _ => 0,
        };
        recipe.set(field.id, value);
    }
    let class = |at: usize| Class { name: format!("Class with a name {at}"), color: [at as u8, 9, 200], learned: true };
    recipe.pack(Id::Classes, pack_classes(&(0..classes).map(class).collect::<Vec<_>>()));
    recipe
}

/// Links of every kind, as codes and as what is inside them.
pub fn samples() -> Vec<(String, Vec<u8>)> {
    let mut with_head = full(5);
    with_head.pack(Id::Head, pack(&some_head(5, 256), Precision::ALL[4]).expect("a head that fits"));
    let mut archive = Recipe::default();
    archive.set(Id::Data, 3);
    archive.pack(Id::Archive, Archive { address: "samples/birds.zip".into(), size: 123_456, sha256: [7; 32] }.pack());
    let all = [Recipe::default(), full(3), with_head, archive];
    all.iter().map(|recipe| (recipe.code(), recipe.fields())).collect()
}

/// What a messenger, a typist or an attacker makes of a link.
pub fn mutate(samples: &[(String, Vec<u8>)], dice: &mut Dice) -> String {
    let (code, fields) = &samples[dice.roll(samples.len())];
    let change = |bytes: &mut Vec<u8>, dice: &mut Dice| {
        for _ in 0..=dice.roll(4) {
            let at = dice.roll(bytes.len());
            match dice.roll(5) {
                0 if !bytes.is_empty() => bytes[at] = dice.roll(256) as u8,
                1 if !bytes.is_empty() => bytes[at] ^= 1 << dice.roll(8),
                2 => bytes.truncate(at),
                3 => bytes.insert(at, dice.roll(256) as u8),
                _ => {
                    let copied = bytes[at..].to_vec();
                    bytes.extend(copied);
                }
            }
        }
    };
    match dice.roll(3) {
        // The text itself.
        0 => {
            let mut text = code.clone().into_bytes();
            change(&mut text, dice);
            String::from_utf8_lossy(&text).into_owned()
        }
        // What is deflated, with a checksum that fits.
        1 => {
            let mut sealed = from_base64(code).expect("a code is base64");
            let mut deflated = sealed.split_off(5);
            change(&mut deflated, dice);
            sealed[1..].copy_from_slice(&crc32(&deflated).to_le_bytes());
            sealed.extend(deflated);
            base64(&sealed)
        }
        // The fields, with everything around them in order.
        _ => {
            let mut inside = fields.clone();
            change(&mut inside, dice);
            link::seal(&inside)
        }
    }
}

/// Of `count` mutated links, those that were opened or refused without a panic.
pub fn survived(count: usize) -> usize {
    let samples = samples();
    let mut dice = Dice::new(1);
    (0..count)
        .filter(|_| {
            let mutated = mutate(&samples, &mut dice);
            catch_unwind(|| {
                if let Ok(opened) = link::open(&mutated) {
                    // What was believed can be sent on, and used.
                    assert!(link::open(&opened.recipe.code()).is_ok());
                    if let Some(head) = opened.recipe.head() {
                        assert!(head.answer(&vec![0.5; head.dim]).probabilities.len() == head.classes);
                    }
                    let _ = opened.recipe.classes();
                }
            })
            .is_ok()
        })
        .count()
}

/// Characters of the longest link with a head of 5 classes, and bits of each of its weights.
pub fn longest(head: &Head) -> (usize, f32) {
    let page = "https://a-long-user-name.example.org/fieldtest/";
    let written = link::write(page, &full(5), Some(head), MAX_CHARS);
    assert!(written.dropped.is_empty() && written.head.is_some(), "{:?}", written.dropped);
    (written.url.len(), written.bits.unwrap_or_default())
}
