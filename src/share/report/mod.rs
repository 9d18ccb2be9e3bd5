//! What was found out, as one file to hand on: plain data ([`Findings`]), what to do about it ([`advice`]), and
//! a page of HTML that needs nothing else ([`html`]). The same data as JSON for programs.

pub mod advice;
pub mod html;
mod svg;

use crate::learn::metrics::Interval;
use serde::Serialize;

/// Everything a report tells. What was not looked at is `None` or empty.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Findings {
    /// Day and version, as they are to be printed.
    pub made: String,
    pub version: String,
    pub data: Data,
    pub lab: Option<Lab>,
    pub field: Option<Field>,
    pub small: Vec<Small>,
    /// Name of the backbone, and its file in bytes.
    pub backbone: Option<(String, u64)>,
    /// Median time in the backbone, milliseconds.
    pub latency_ms: Option<f32>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Data {
    /// Where the pictures come from; a sentence.
    pub source: String,
    pub classes: Vec<Class>,
    pub near_duplicates: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Class {
    pub name: String,
    pub pictures: usize,
    pub precision: Option<f32>,
    pub recall: Option<f32>,
}

/// Held-out answers.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Lab {
    pub accuracy: Option<Interval>,
    /// How it was measured and trained; sentences.
    pub how: Vec<String>,
    /// Names of rows and columns, and `confusion[truth][predicted]`.
    pub outputs: Vec<String>,
    pub confusion: Vec<Vec<u32>>,
    /// Accuracy of the share answered with most confidence: `(share answered, accuracy)`.
    pub coverage: Vec<(f32, f32)>,
    /// `(mean confidence, accuracy, pictures)` of tenths of confidence.
    pub calibration: Vec<(f32, f32, usize)>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Field {
    /// Where it was; a sentence.
    pub place: String,
    pub pictures: usize,
    pub accuracy: Option<Interval>,
    /// Of pictures right in the lab, those wrong here.
    pub flipped: usize,
    pub per_class: Vec<(String, Interval)>,
    pub detectors: Vec<Detector>,
    /// Name, and accuracy without labels or why there is none.
    pub estimates: Vec<(String, Result<f64, String>)>,
    pub repairs: Vec<Repair>,
    /// Accuracy week by week of each policy.
    pub year: Vec<(String, Vec<f64>)>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Detector {
    pub name: String,
    pub p_value: Result<f64, String>,
    pub false_alarms: Option<Interval>,
    pub power: Option<Interval>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Repair {
    pub name: String,
    /// Right answers and answers on field pictures that no arm had seen.
    pub right: usize,
    pub n: usize,
    pub labelled: usize,
}

/// One recipe that was quantized.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Small {
    pub recipe: String,
    /// What it was calibrated on.
    pub calibrated: String,
    pub bytes: usize,
    pub shipped_bytes: usize,
    pub agree: usize,
    pub n: usize,
    pub float: Option<Interval>,
    pub quantized: Option<Interval>,
    /// McNemar's exact p-value of the two.
    pub p_value: f64,
}

/// Accuracy of the most confident share, in steps of a twentieth, from held-out `(right, confidence)`.
pub fn coverage(answers: &[(bool, f32)]) -> Vec<(f32, f32)> {
    let mut sorted = answers.to_vec();
    sorted.sort_by(|a, b| b.1.total_cmp(&a.1));
    let n = sorted.len();
    let steps = (1..=20).map(|k| (k * n).div_ceil(20)).filter(|k| *k > 0);
    let mut points: Vec<(f32, f32)> = steps
        .map(|k| (k as f32 / n as f32, sorted.iter().take(k).filter(|(right, _)| *right).count() as f32 / k as f32))
        .collect();
    points.dedup();
    points
}

/// Mean confidence, accuracy and number of the answers in each tenth of confidence that has any.
pub fn calibration(answers: &[(bool, f32)]) -> Vec<(f32, f32, usize)> {
    let tenth = |confidence: f32| ((confidence * 10.0) as usize).min(9);
    (0..10)
        .filter_map(|at| {
            let here: Vec<_> = answers.iter().filter(|(_, c)| tenth(*c) == at).collect();
            let n = here.len();
            let mean = here.iter().map(|(_, c)| c).sum::<f32>() / n.max(1) as f32;
            let right = here.iter().filter(|(right, _)| *right).count() as f32 / n.max(1) as f32;
            (n > 0).then_some((mean, right, n))
        })
        .collect()
}

/// The findings, and what follows from them, for programs.
pub fn json(findings: &Findings) -> String {
    #[derive(Serialize)]
    struct All<'a> {
        format: &'static str,
        recommendation: Vec<advice::Advice>,
        #[serde(flatten)]
        findings: &'a Findings,
    }
    let all = All { format: "fieldtest-report-1", recommendation: advice::advise(findings), findings };
    serde_json::to_string_pretty(&all).unwrap_or_default()
}

#[cfg(test)]
mod tests;
