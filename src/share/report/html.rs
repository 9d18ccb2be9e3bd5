//! The report as one file: no script, nothing from elsewhere, every name escaped.

use super::advice::advise;
use super::{Findings, svg};
use crate::learn::metrics::Interval;

/// Text as HTML, in elements and in quoted attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

const STYLE: &str = "
:root{color-scheme:light dark;--line:#8886;--quiet:#777}
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
h1{margin-bottom:0}h2{margin-top:2.2rem;border-bottom:1px solid var(--line)}
.quiet,caption,text{color:var(--quiet);fill:var(--quiet);font-size:.85rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;margin:1rem 0}
caption{text-align:left}th,td{padding:.25rem .7rem;border-bottom:1px solid var(--line);text-align:right}
th:first-child,td:first-child{text-align:left}td.hit{font-weight:700}
.advice{list-style:none;padding:0}.advice li{border-left:4px solid #888;padding:.4rem .8rem;margin:.5rem 0;background:#8881}
.advice b{display:inline-block;min-width:5.5rem}
.Ship{border-color:#009e73!important}.Quantize{border-color:#0072b2!important}.Collect{border-color:#e69f00!important}.Avoid{border-color:#d55e00!important}
svg{width:100%;max-width:34rem;height:auto}.grid{stroke:var(--line)}.even{stroke:var(--quiet);stroke-dasharray:4 4}
polyline{fill:none;stroke-width:2}.tone0{stroke:#0072b2;color:#0072b2}.tone1{stroke:#d55e00;color:#d55e00}.tone2{stroke:#009e73;color:#009e73}.tone3{stroke:#cc79a7;color:#cc79a7}
circle{fill:currentColor;stroke:none}.legend{display:flex;gap:1.2rem;flex-wrap:wrap;padding-left:1.2rem}
@media print{body{margin:0}}
";

fn share(value: f32) -> String {
    format!("{:.1}\u{a0}%", value * 100.0)
}

fn maybe(value: Option<f32>) -> String {
    value.map_or_else(|| "\u{2013}".into(), share)
}

fn interval(i: Option<&Interval>) -> String {
    i.map_or_else(
        || "not measured".into(),
        |i| format!("{} (95\u{a0}%: {} to {}, n = {})", share(i.value), share(i.low), share(i.high), i.n),
    )
}

/// A table: a caption, heads, and rows of text that is escaped here.
fn table(caption: &str, heads: &[&str], rows: &[Vec<String>]) -> String {
    let cells =
        |tag: &str, row: &[String]| row.iter().map(|c| format!("<{tag}>{}</{tag}>", escape(c))).collect::<String>();
    let heads: Vec<String> = heads.iter().map(|h| (*h).to_owned()).collect();
    let body: String = rows.iter().map(|row| format!("<tr>{}</tr>", cells("td", row))).collect();
    format!(
        "<div class=\"scroll\"><table><caption>{}</caption><thead><tr>{}</tr></thead><tbody>{body}</tbody></table></div>",
        escape(caption),
        cells("th", &heads)
    )
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", escape(text))
}

/// The whole file.
pub fn page(findings: &Findings) -> String {
    let advice: String = advise(findings)
        .iter()
        .map(|a| format!("<li class=\"{:?}\"><b>{}</b> {}</li>", a.verdict, a.verdict.word(), escape(&a.text)))
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>Fieldtest report</title><style>{STYLE}</style></head><body>\
         <h1>Fieldtest report</h1><p class=\"quiet\">{}</p>\
         <h2>What to do</h2><ul class=\"advice\">{advice}</ul>{}{}{}{}\
         <p class=\"quiet\">Made by Fieldtest {} in the browser. The pictures themselves are not in this file.</p></body></html>\n",
        escape(&findings.made),
        data(findings),
        lab(findings),
        field(findings),
        small(findings),
        escape(&findings.version),
    )
}

fn data(findings: &Findings) -> String {
    let data = &findings.data;
    let rows: Vec<Vec<String>> = data
        .classes
        .iter()
        .map(|c| vec![c.name.clone(), c.pictures.to_string(), maybe(c.precision), maybe(c.recall)])
        .collect();
    let total: usize = data.classes.iter().map(|c| c.pictures).sum();
    let mut out = format!("<h2>Data</h2>{}", paragraph(&data.source));
    out += &table(
        &format!("{total} pictures, held-out precision and recall"),
        &["Class", "Pictures", "Precision", "Recall"],
        &rows,
    );
    if data.near_duplicates > 0 {
        out += &paragraph(&format!(
            "{} pictures are near-duplicates of others and were not counted twice.",
            data.near_duplicates
        ));
    }
    if let Some((name, bytes)) = &findings.backbone {
        let latency = findings
            .latency_ms
            .map(|ms| format!(", {ms:.1} ms a picture on the device of this report"))
            .unwrap_or_default();
        out += &paragraph(&format!("Backbone: {name}, {:.2} MB{latency}.", *bytes as f64 / 1e6));
    }
    out
}

fn lab(findings: &Findings) -> String {
    let Some(lab) = &findings.lab else { return String::new() };
    let mut out = format!(
        "<h2>In the lab</h2>{}",
        paragraph(&format!("Held-out accuracy: {}.", interval(lab.accuracy.as_ref())))
    );
    lab.how.iter().for_each(|text| out += &paragraph(text));
    if !lab.confusion.is_empty() && lab.accuracy.is_some() {
        let rows: Vec<Vec<String>> = lab
            .confusion
            .iter()
            .zip(&lab.outputs)
            .map(|(row, name)| std::iter::once(name.clone()).chain(row.iter().map(u32::to_string)).collect())
            .collect();
        let heads: Vec<&str> =
            std::iter::once("Truth, then predicted").chain(lab.outputs.iter().map(String::as_str)).collect();
        out += &table("Confusion of held-out pictures", &heads, &rows);
    }
    if lab.coverage.len() > 1 {
        out += "<h3>If it answers only when sure</h3>";
        out += &svg::lines(
            "Accuracy of the most confident share of answers",
            "share answered",
            &[("accuracy".into(), lab.coverage.clone())],
            false,
        );
    }
    if lab.calibration.len() > 1 {
        let points = lab.calibration.iter().map(|(c, a, _)| (*c, *a)).collect();
        out += "<h3>Does its confidence mean anything?</h3>";
        out += &svg::lines(
            "Accuracy by confidence; on the dashed line they agree",
            "confidence",
            &[("accuracy".into(), points)],
            true,
        );
    }
    out
}

fn field(findings: &Findings) -> String {
    let Some(field) = &findings.field else { return String::new() };
    let mut out = format!("<h2>In the field</h2>{}", paragraph(&field.place));
    out += &paragraph(&format!("Accuracy there: {}.", interval(field.accuracy.as_ref())));
    if field.flipped > 0 {
        out += &paragraph(&format!("{} pictures were right in the lab and are wrong here.", field.flipped));
    }
    if !field.per_class.is_empty() {
        let rows: Vec<_> =
            field.per_class.iter().map(|(name, i)| vec![name.clone(), share(i.value), i.n.to_string()]).collect();
        out += &table("Class by class", &["Class", "Right", "Pictures"], &rows);
    }
    if !field.detectors.is_empty() {
        let rate = |i: &Option<Interval>| maybe(i.map(|i| i.value));
        let rows: Vec<_> = field
            .detectors
            .iter()
            .map(|d| {
                let p = d.p_value.as_ref().map_or_else(Clone::clone, |p| format!("{p:.4}"));
                vec![d.name.clone(), p, rate(&d.false_alarms), rate(&d.power)]
            })
            .collect();
        out += &table("Noticed without labels", &["Detector", "p", "False alarms", "Power"], &rows);
    }
    if !field.estimates.is_empty() {
        let told = |v: &Result<f64, String>| v.as_ref().map_or_else(Clone::clone, |v| share(*v as f32));
        let rows: Vec<_> = field.estimates.iter().map(|(name, v)| vec![name.clone(), told(v)]).collect();
        out += &table("Accuracy estimated without labels", &["Estimator", "Accuracy"], &rows);
    }
    if !field.repairs.is_empty() {
        let rows: Vec<_> = field
            .repairs
            .iter()
            .map(|r| {
                vec![r.name.clone(), share(r.right as f32 / r.n.max(1) as f32), r.n.to_string(), r.labelled.to_string()]
            })
            .collect();
        out += &table("Repairs, on the same pictures", &["Repair", "Right", "Answers", "Labels"], &rows);
    }
    if !field.year.is_empty() {
        let curve = |weeks: &Vec<f64>| {
            let last = weeks.len().saturating_sub(1).max(1) as f32;
            weeks.iter().enumerate().map(|(at, a)| (at as f32 / last, *a as f32)).collect()
        };
        let all: Vec<_> = field.year.iter().map(|(name, weeks)| (name.clone(), curve(weeks))).collect();
        out += "<h3>A year of it</h3>";
        out += &svg::lines("Accuracy week by week under each policy", "week", &all, false);
    }
    out
}

fn small(findings: &Findings) -> String {
    if findings.small.is_empty() {
        return String::new();
    }
    let accuracy = |i: &Option<Interval>| maybe(i.map(|i| i.value));
    let rows: Vec<_> = findings
        .small
        .iter()
        .map(|s| {
            let kb = format!("{:.0} kB", s.bytes as f64 / 1e3);
            let agree = format!("{} of {}", s.agree, s.n);
            vec![
                s.recipe.clone(),
                s.calibrated.clone(),
                kb,
                agree,
                accuracy(&s.float),
                accuracy(&s.quantized),
                format!("{:.3}", s.p_value),
            ]
        })
        .collect();
    let shipped = findings.small.first().map_or(0, |s| s.shipped_bytes);
    format!(
        "<h2>Made smaller</h2>{}{}",
        paragraph(&format!("As it is shipped it has {:.0} kB.", shipped as f64 / 1e3)),
        table("Each recipe beside float", &["Recipe", "Calibrated on", "Size", "Agree", "Float", "Small", "p"], &rows)
    )
}
