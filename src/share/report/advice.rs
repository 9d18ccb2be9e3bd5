//! Ship, quantize, or collect what: plain rules over the findings, each with the numbers it rests on.

use super::Findings;
use crate::learn::metrics::{Interval, wilson};
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Verdict {
    Ship,
    Quantize,
    /// More or other pictures are needed.
    Collect,
    /// Something was not measured.
    Measure,
    /// What was tried makes it worse.
    Avoid,
}

impl Verdict {
    /// One word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ship => "Ship",
            Self::Quantize => "Quantize",
            Self::Collect => "Collect",
            Self::Measure => "Measure",
            Self::Avoid => "Avoid",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    pub verdict: Verdict,
    pub text: String,
}

/// Half the width of an interval that lets one decide.
const SURE: f32 = 0.1;
/// A class recognised less often than this needs pictures.
const WEAK: f32 = 0.7;
/// Level of an alarm and of a difference.
const LEVEL: f64 = 0.05;

fn share(value: f32) -> String {
    format!("{:.0}\u{a0}%", value * 100.0)
}

fn span(i: &Interval) -> String {
    format!("{} ({} to {})", share(i.value), share(i.low), share(i.high))
}

/// What to do, the most important first. Never empty.
pub fn advise(findings: &Findings) -> Vec<Advice> {
    let mut all = Vec::new();
    let mut say = |verdict, text: String| all.push(Advice { verdict, text });
    let accuracy = findings.lab.as_ref().and_then(|l| l.accuracy);
    let field = findings.field.as_ref().filter(|f| f.pictures > 0);
    let in_field = field.and_then(|f| f.accuracy);
    let fell = accuracy.zip(in_field).is_some_and(|(lab, field)| field.high < lab.low);

    match accuracy {
        None => say(
            Verdict::Collect,
            "The accuracy could not be measured. Collect at least three pictures of every class, taken on different occasions.".into(),
        ),
        Some(a) if (a.high - a.low) / 2.0 > SURE => say(
            Verdict::Collect,
            format!(
                "The accuracy is known only as {}: {} pictures are few. About {} would narrow it to \u{b1}5 points.",
                span(&a),
                a.n,
                pictures_for(a.value, 0.05)
            ),
        ),
        Some(_) => {}
    }
    if let (Some(lab), Some(there), true, Some(field)) = (accuracy, in_field, fell, field) {
        say(
            Verdict::Collect,
            format!(
                "Do not ship it there yet. In the field it is right on {} instead of {}: collect and label pictures from there{}.",
                span(&there),
                span(&lab),
                worst(&field.per_class)
            ),
        );
    }
    if let Some(field) = field
        && let Some(best) = best_repair(field)
    {
        say(Verdict::Collect, best);
    }
    if let Some(alarm) = field.and_then(alarm).filter(|_| !fell) {
        say(Verdict::Measure, alarm);
    }
    let weak: Vec<&str> = findings
        .data
        .classes
        .iter()
        .filter(|c| c.pictures > 0 && c.recall.is_some_and(|r| r < WEAK))
        .map(|c| c.name.as_str())
        .collect();
    if !weak.is_empty() && accuracy.is_some() {
        say(
            Verdict::Collect,
            format!(
                "Recognised less than {} of the time: {}. More varied pictures of these help most.",
                share(WEAK),
                weak.join(", ")
            ),
        );
    }
    if field.is_none() && accuracy.is_some() {
        say(
            Verdict::Measure,
            "It was not taken to the field. Before shipping it, try it on pictures from where it will be used.".into(),
        );
    }
    let sure = accuracy.is_some_and(|a| (a.high - a.low) / 2.0 <= SURE);
    if sure && in_field.is_some() && !fell {
        let there = in_field.map(|f| span(&f)).unwrap_or_default();
        let lab = accuracy.map(|a| span(&a)).unwrap_or_default();
        say(
            Verdict::Ship,
            format!(
                "It does in the field ({there}) about what it did in the lab ({lab}). Whether that is good enough is for you to say."
            ),
        );
    }
    quantizing(findings, &mut say);
    all
}

/// Pictures that make Wilson's interval about this half-width.
fn pictures_for(accuracy: f32, half: f32) -> usize {
    let spread = (accuracy * (1.0 - accuracy)).max(0.05);
    (1.96f32 * 1.96 * spread / (half * half)).ceil() as usize
}

fn worst(per_class: &[(String, Interval)]) -> String {
    let worst = per_class.iter().filter(|(_, i)| i.n >= 3).min_by(|a, b| a.1.value.total_cmp(&b.1.value));
    worst.map(|(name, i)| format!(", first of {name} (right {} of the time)", share(i.value))).unwrap_or_default()
}

fn best_repair(field: &super::Field) -> Option<String> {
    let score = |r: &super::Repair| r.right as f32 / r.n.max(1) as f32;
    let before = field.repairs.first()?;
    let best = field.repairs.iter().filter(|r| r.n > 0).max_by(|a, b| score(a).total_cmp(&score(b)))?;
    if score(best) - score(before) < 0.03 {
        return None;
    }
    let labels = if best.labelled > 0 {
        format!(" with {} labels from the field", best.labelled)
    } else {
        " without a label".into()
    };
    Some(format!(
        "Of the repairs compared, \u{201c}{}\u{201d}{labels} did best: {} instead of {} on the same field pictures.",
        best.name,
        share(score(best)),
        share(score(before))
    ))
}

fn alarm(field: &super::Field) -> Option<String> {
    let rang = field.detectors.iter().filter(|d| d.p_value.as_ref().is_ok_and(|p| *p < LEVEL)).count();
    (rang > 0).then(|| {
        format!("{rang} of {} detectors say that field pictures differ from the lab's. Label some of them to see whether it costs accuracy.", field.detectors.len())
    })
}

fn quantizing(findings: &Findings, say: &mut impl FnMut(Verdict, String)) {
    let harmless = |s: &&super::Small| s.n >= 20 && s.p_value >= LEVEL && s.agree as f64 >= 0.97 * s.n as f64;
    if let Some(best) = findings.small.iter().filter(harmless).min_by_key(|s| s.bytes) {
        let agree = wilson(best.agree as f64, best.n).map(|i| share(i.low)).unwrap_or_default();
        say(
            Verdict::Quantize,
            format!(
                "\u{201c}{}\u{201d} makes it {:.1} times smaller than it is shipped now and agrees on {} of {} pictures (at least {agree} with 95\u{a0}% confidence).",
                best.recipe,
                best.shipped_bytes as f64 / best.bytes.max(1) as f64,
                best.agree,
                best.n
            ),
        );
    }
    for bad in findings.small.iter().filter(|s| s.p_value < LEVEL && worse(s)) {
        say(
            Verdict::Avoid,
            format!(
                "\u{201c}{}\u{201d} calibrated on {} costs accuracy: {} of {} answers changed (p = {:.3}).",
                bad.recipe,
                bad.calibrated,
                bad.n - bad.agree,
                bad.n,
                bad.p_value
            ),
        );
    }
}

fn worse(small: &super::Small) -> bool {
    small.float.zip(small.quantized).is_some_and(|(float, small)| small.value < float.value)
}
