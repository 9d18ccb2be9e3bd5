//! What was found out, to take home: as JSON and as one page.

use super::pairs::{Pair, Sum};
use super::store::{Shrink, Tried};
use super::tried::words;
use crate::engine::protocol::shrink::Quantized;
use crate::shrink::sheet::{Section, Sheet, short};
use crate::ui::pure::format::{bytes, milliseconds, percent};
use crate::ui::pure::times::{Times, paired};
use leptos::prelude::*;
use serde_json::{Value, json};

fn spread(pairs: &[Pair], float: bool) -> Option<Times> {
    let of = |p: &Pair| if float { p.compared.apart.float_ms } else { p.compared.apart.quantized_ms };
    Times::of(pairs.iter().map(of))
}

pub fn json(shrink: Shrink) -> String {
    let said = untrack(|| {
        let q = shrink.quantized.get()?;
        let pairs = shrink.pairs.get();
        let sum = Sum::of(&pairs);
        let times =
            |float| spread(&pairs, float).map(|t| json!({"median": t.median, "quartiles": [t.low, t.high], "n": t.n}));
        let tally = |t: crate::ui::pure::tally::Tally| json!({"right": t.right, "n": t.n});
        let machine = shrink
            .warm
            .get()
            .map(|(runs, m)| json!({"instructions": m.instructions, "memory_bytes": m.memory, "warm_up_ms": runs}));
        let flips: Vec<Value> = pairs.iter().filter(|p| p.flipped()).map(|p| json!({
            "picture": p.compared.index, "float": shrink.label(p.float_says()), "small": shrink.label(p.small_says()),
            "truth": p.truth().map(|t| shrink.label(t)),
        })).collect();
        let layers: Value = serde_json::from_str(&q.report).unwrap_or(Value::Null);
        let tried: Vec<Value> = shrink
            .tried
            .get()
            .iter()
            .map(|t| {
                json!({
                    "recipe": words(t), "bytes": t.bytes, "agree": t.sum.agree, "n": t.sum.n, "median_ms": t.ms.1,
                    "small": tally(t.sum.small), "float": tally(t.sum.float),
                })
            })
            .collect();
        let entries: Vec<(&str, Value)> = vec![
            ("recipe", json!(shrink.recipe.get())),
            (
                "bytes",
                json!({"float32": q.float_bytes, "as_it_came": q.shipped_bytes, "now": q.bytes, "as_it_came_zipped": q.shipped_packed, "now_zipped": q.packed}),
            ),
            ("seconds", json!(q.ms / 1e3)),
            ("calibration_pictures", json!(q.images)),
            ("pictures", json!(sum.n)),
            ("agree", json!(sum.agree)),
            ("float", json!(tally(sum.float))),
            ("small", json!(tally(sum.small))),
            ("only_float_right", json!(sum.only_float)),
            ("only_small_right", json!(sum.only_small)),
            ("mcnemar_p", json!(sum.p_value())),
            ("cosine_mean", json!(sum.cosine.0)),
            ("latency_ms", json!({"float": times(true), "small": times(false)})),
            ("machine", json!(machine)),
            ("flips", json!(flips)),
            ("tried", json!(tried)),
            ("labels", json!(shrink.labels.get())),
            ("quantizer", json!(layers)),
        ];
        Some(Value::Object(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
    });
    said.and_then(|v| serde_json::to_string_pretty(&v).ok()).unwrap_or_default()
}

pub fn html(shrink: Shrink) -> String {
    let sections = untrack(|| {
        let Some(q) = shrink.quantized.get() else { return Vec::new() };
        let pairs = shrink.pairs.get();
        vec![
            sizes(&q),
            answers(shrink, &pairs),
            latency(shrink, &pairs),
            flips(shrink, &pairs),
            tried(&shrink.tried.get()),
            layers(&q),
            inside(&q),
        ]
    });
    Sheet { title: format!("{}: float and small", shrink.name()), sections }.html()
}

fn sizes(q: &Quantized) -> Section {
    let row = |name: &str, size: usize| vec![name.to_owned(), bytes(size as u64)];
    let mut section = Section::new("Size").table(
        &["File", "Size"],
        vec![
            row("float32", q.float_bytes),
            row("as it came", q.shipped_bytes),
            row("now", q.bytes),
            row("as it came, zipped", q.shipped_packed),
            row("now, zipped", q.packed),
        ],
    );
    section.text = q.notes.clone();
    section
}

fn answers(shrink: Shrink, pairs: &[Pair]) -> Section {
    let sum = Sum::of(pairs);
    let section = Section::new("Answers");
    if !shrink.classes.get() {
        return section.say(format!(
            "Mean cosine of the features {:.5}, the worst {:.5}, on {} pictures.",
            sum.cosine.0, sum.cosine.1, sum.n
        ));
    }
    let section = section.say(format!("{} of {} answers agree.", sum.agree, sum.n));
    match paired(sum.only_float, sum.only_small, sum.small.n) {
        Some((difference, half)) => section.say(format!(
            "Accuracy of float {}, of the small one {}: {:+.1} \u{b1} {:.1} points (McNemar\u{2019}s exact p {:.3}).",
            percent(sum.float.share()),
            percent(sum.small.share()),
            difference * 100.0,
            half * 100.0,
            sum.p_value()
        )),
        None => section.say("Nobody knows the classes of these pictures."),
    }
}

fn latency(shrink: Shrink, pairs: &[Pair]) -> Section {
    let row = |name: &str, float: bool| {
        let said =
            spread(pairs, float).map(|t| vec![milliseconds(t.median), milliseconds(t.low), milliseconds(t.high)]);
        [vec![name.to_owned()], said.unwrap_or_default()].concat()
    };
    let section = Section::new("Latency")
        .table(&["Model", "Median", "Lower quartile", "Upper quartile"], vec![row("float", true), row("small", false)]);
    match shrink.warm.get() {
        Some((_, machine)) => section.say(machine.instructions),
        None => section,
    }
}

fn flips(shrink: Shrink, pairs: &[Pair]) -> Section {
    let row = |p: &Pair| {
        let truth = p.truth().map_or("\u{2013}".to_owned(), |t| shrink.label(t));
        vec![(p.compared.index + 1).to_string(), shrink.label(p.float_says()), shrink.label(p.small_says()), truth]
    };
    let rows = if shrink.classes.get() { pairs.iter().filter(|p| p.flipped()).map(row).collect() } else { Vec::new() };
    Section::new("Answers that changed").table(&["Picture", "float", "small", "Truth"], rows)
}

fn tried(all: &[Tried]) -> Section {
    let row = |t: &Tried| {
        vec![words(t), bytes(t.bytes as u64), milliseconds(t.ms.1), format!("{} of {}", t.sum.agree, t.sum.n)]
    };
    Section::new("Recipes tried")
        .table(&["Recipe", "Size", "Median time", "Answers that agree"], all.iter().map(row).collect())
}

fn layers(q: &Quantized) -> Section {
    let row = |l: &crate::engine::protocol::shrink::Layer| {
        let step = l.outputs.as_ref().map_or("\u{2013}".to_owned(), |d| short(d.scales.1));
        vec![
            l.name.clone(),
            l.op.clone(),
            l.parameters.to_string(),
            l.sqnr_db.map_or("\u{2013}".to_owned(), |db| format!("{db:.1} dB")),
            step,
        ]
    };
    Section::new("Layers").say("Signal to quantization noise of the weights: each 6 dB is one bit.").table(
        &["Layer", "Operator", "Weights", "Signal to noise", "Step of the output"],
        q.layers.iter().map(row).collect(),
    )
}

fn inside(q: &Quantized) -> Section {
    let mut section =
        Section::new("Look inside").say("Height is the square root of how many; lines mark where eight bits end.");
    for l in &q.layers {
        section.drawings.extend(l.weights.clone().map(|d| (format!("{}, weights", l.name), d)));
        section.drawings.extend(l.outputs.clone().map(|d| (format!("{}, output", l.name), d)));
    }
    section
}
