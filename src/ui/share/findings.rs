//! What every bench has found out, gathered for a report.

use super::state::Sharing;
use crate::learn::metrics::wilson;
use crate::share::report::{self, Class, Data, Detector, Field, Findings, Lab, Repair, Small};
use crate::ui::engine::Link;
use crate::ui::learn::{recipe, results};
use crate::ui::pure::words;
use crate::ui::shift::field::{Field as Place, Source};
use crate::ui::shrink::tried::describe;
use leptos::prelude::*;

/// Everything as it is now. Tracked.
pub fn gather(sharing: Sharing, engine: Link) -> Findings {
    let trained = sharing.learn.trainer.trained.get();
    let report = trained.as_ref().filter(|t| !t.rows.is_empty()).map(|t| &t.report);
    let outputs = trained.as_ref().map(|t| t.classes.clone()).unwrap_or_default();
    let score = |id| {
        let at = outputs.iter().position(|c| *c == id);
        at.zip(report).and_then(|(at, r)| r.per_class.get(at).copied())
    };
    let classes = sharing.learn.data.with(|d| {
        let class = |c: &crate::learn::dataset::Class| Class {
            name: c.name.clone(),
            pictures: d.count(c.id),
            precision: score(c.id).and_then(|s| s.precision),
            recall: score(c.id).and_then(|s| s.recall),
        };
        d.classes.iter().map(class).collect()
    });
    let source = match recipe::sample(sharing.learn) {
        Some(order) => format!("Road signs drawn in the browser from seed {}.", order.seed),
        None => "The person\u{2019}s own pictures.".into(),
    };
    let lab = report.map(|r| {
        let answers: Vec<(bool, f32)> = r.held_out.iter().map(|h| (h.truth == h.predicted, h.confidence)).collect();
        Lab {
            accuracy: r.accuracy,
            how: vec![words::method(r.method), words::turned_away(r.turned_away)]
                .into_iter()
                .filter(|s| !s.is_empty())
                .collect(),
            outputs: results::outputs(sharing.learn, &outputs).into_iter().map(|(name, _)| name).collect(),
            confusion: r.confusion.clone(),
            coverage: report::coverage(&answers),
            calibration: report::calibration(&answers),
        }
    });
    Findings {
        made: crate::web::clock::today(),
        version: env!("CARGO_PKG_VERSION").into(),
        data: Data { source, classes, near_duplicates: report.map_or(0, |r| r.near_duplicates) },
        lab,
        field: field(sharing),
        small: small(sharing),
        backbone: engine.backbone().get().map(|b| (format!("{:?}", b.twin), b.file_bytes as u64)),
        latency_ms: engine.latency().get().map(|s| s.median),
    }
}

fn field(sharing: Sharing) -> Option<Field> {
    let shift = sharing.shift;
    let field = shift.field;
    let pictures = field.seen.with(Vec::len);
    if pictures == 0 {
        return None;
    }
    let per_class = field.labels.get().into_iter().enumerate();
    let policies = shift.year.policies.get();
    let weeks = shift.year.weeks.get();
    let of = |policy: usize| weeks.iter().filter_map(|w| w.get(policy)).map(|w| w.accuracy).collect::<Vec<_>>();
    Some(Field {
        place: place(field),
        pictures,
        accuracy: field.tally().interval(),
        flipped: field.seen.with(|seen| seen.iter().filter(|s| s.flipped()).count()),
        per_class: per_class.filter_map(|(at, name)| Some((name, field.tally_of(at).interval()?))).collect(),
        detectors: shift
            .notice
            .rows
            .get()
            .into_iter()
            .map(|row| Detector {
                name: row.finding.name,
                p_value: row.finding.verdict.map(|(_, p)| p),
                false_alarms: row.false_alarms,
                power: row.power,
            })
            .collect(),
        estimates: shift.notice.estimates.get().into_iter().map(|e| (e.name, e.accuracy)).collect(),
        repairs: shift
            .repair
            .arms
            .get()
            .into_iter()
            .map(|(arm, scores)| Repair {
                name: arm.name().into(),
                right: scores.iter().map(|s| s.field_right).sum(),
                n: scores.iter().map(|s| s.field_n).sum(),
                labelled: scores.iter().map(|s| s.labelled).max().unwrap_or(0),
            })
            .collect(),
        year: if weeks.len() > 1 {
            policies.iter().enumerate().map(|(at, name)| ((*name).to_owned(), of(at))).collect()
        } else {
            Vec::new()
        },
    })
}

/// Where the field is, in a sentence.
fn place(field: Place) -> String {
    match field.source.get() {
        Source::World => {
            let fog = if field.fog.get() > 0.0 { ", fog" } else { "" };
            format!(
                "Rendered road signs: {}, {}, {}, {}{fog}.",
                field.country.get().name(),
                field.season.get().name().to_lowercase(),
                field.hour.get().name().to_lowercase(),
                field.device.get().name().to_lowercase()
            )
        }
        Source::Degraded => format!("The lab\u{2019}s own pictures, degraded: {}.", field.degradation.get().name()),
        Source::Collected => "Pictures that were collected there.".into(),
    }
}

fn small(sharing: Sharing) -> Vec<Small> {
    let shrink = sharing.shrink;
    let shipped = shrink.quantized.with(|q| q.as_ref().map_or(0, |q| q.shipped_bytes));
    let tried = shrink.tried.get().into_iter();
    tried
        .map(|t| {
            let (recipe, calibrated) = describe(&t);
            Small {
                recipe,
                calibrated,
                bytes: t.bytes,
                shipped_bytes: shipped,
                agree: t.sum.agree,
                n: t.sum.n,
                float: wilson(t.sum.float.right as f64, t.sum.float.n),
                quantized: wilson(t.sum.small.right as f64, t.sum.small.n),
                p_value: t.sum.p_value(),
            }
        })
        .collect()
}
