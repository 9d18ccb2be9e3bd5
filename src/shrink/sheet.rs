//! A report as one web page that needs nothing else: no script, no request, light and dark.

use super::drawing::Drawing;
use std::fmt::Write;

/// What the page says, section by section.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pub title: String,
    pub sections: Vec<Section>,
}

#[derive(Debug, Clone, Default)]
pub struct Section {
    pub title: String,
    pub text: Vec<String>,
    /// Names of the columns; none where there is no table.
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// Histograms and what each is of.
    pub drawings: Vec<(String, Drawing)>,
}

impl Section {
    pub fn new(title: &str) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    #[must_use]
    pub fn say(mut self, text: impl Into<String>) -> Self {
        self.text.push(text.into());
        self
    }

    #[must_use]
    pub fn table(mut self, head: &[&str], rows: Vec<Vec<String>>) -> Self {
        self.head = head.iter().map(|h| (*h).to_owned()).collect();
        self.rows = rows;
        self
    }
}

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:0 auto;padding:24px 16px 60px;max-width:960px;font:15px/1.5 system-ui,sans-serif;\
color:light-dark(#1b2830,#e7ecee);background:light-dark(#fffdf8,#10161b)}\
h1{font-size:24px}h2{font-size:18px;margin-top:32px}\
table{border-collapse:collapse;font-size:14px;width:100%}.scroll{overflow-x:auto}\
th,td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid light-dark(#ddd6c8,#2b3841);\
font-variant-numeric:tabular-nums;overflow-wrap:anywhere}\
figure{display:inline-block;width:300px;margin:10px 14px 10px 0;vertical-align:top}figcaption{font-size:13px}\
svg{display:block;width:100%;height:auto}.bar{fill:light-dark(#0c716b,#5cc9bd)}.out{fill:light-dark(#a8281f,#ff9d92)}\
.kept{stroke:light-dark(#b0500d,#f2a25c);stroke-width:1.5}";

impl Sheet {
    pub fn html(&self) -> String {
        let title = escape(&self.title);
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title}</title><style>{STYLE}</style></head>\n<body>\n<h1>{title}</h1>\n"
        );
        self.sections.iter().for_each(|s| section(&mut out, s));
        out.push_str("</body>\n</html>\n");
        out
    }
}

// Writing to a string does not fail.
fn section(out: &mut String, s: &Section) {
    let _ = writeln!(out, "<section><h2>{}</h2>", escape(&s.title));
    for text in &s.text {
        let _ = writeln!(out, "<p>{}</p>", escape(text));
    }
    if !s.head.is_empty() {
        let cells = |tag: &str, cells: &[String]| -> String {
            cells.iter().map(|c| format!("<{tag}>{}</{}>", escape(c), &tag[..2])).collect()
        };
        let _ = writeln!(
            out,
            "<div class=\"scroll\"><table><thead><tr>{}</tr></thead><tbody>",
            cells("th scope=\"col\"", &s.head)
        );
        for row in &s.rows {
            let _ = writeln!(out, "<tr>{}</tr>", cells("td", row));
        }
        out.push_str("</tbody></table></div>\n");
    }
    for (name, drawing) in &s.drawings {
        figure(out, name, drawing);
    }
    out.push_str("</section>\n");
}

/// Bars by the square root of their counts, so that tails show; lines where eight bits end.
fn figure(out: &mut String, name: &str, d: &Drawing) {
    let (width, height) = (300.0f32, 80.0f32);
    let most = d.bars.iter().copied().max().unwrap_or(0).max(1) as f32;
    let span = (d.high - d.low).max(f32::MIN_POSITIVE);
    let step = width / d.bars.len().max(1) as f32;
    let _ = write!(
        out,
        "<figure><svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}, from {} to {}\">",
        escape(name),
        short(d.low),
        short(d.high)
    );
    for (at, n) in d.bars.iter().enumerate().filter(|(_, n)| **n > 0) {
        let tall = (*n as f32 / most).sqrt() * height;
        let middle = d.low + (at as f32 + 0.5) / d.bars.len() as f32 * span;
        let class = if middle < d.kept.0 || middle > d.kept.1 { "out" } else { "bar" };
        let _ = write!(
            out,
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall:.1}\"/>",
            at as f32 * step,
            height - tall,
            step * 0.9
        );
    }
    for end in [d.kept.0, d.kept.1].into_iter().filter(|e| (d.low..=d.high).contains(e)) {
        let x = (end - d.low) / span * width;
        let _ = write!(out, "<line class=\"kept\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"0\" y2=\"{height}\"/>");
    }
    let _ = writeln!(
        out,
        "</svg><figcaption>{}: {} to {}, kept {} to {}, step {}</figcaption></figure>",
        escape(name),
        short(d.low),
        short(d.high),
        short(d.kept.0),
        short(d.kept.1),
        short(d.scales.1)
    );
}

/// Three digits that matter.
pub fn short(value: f32) -> String {
    match value.abs() {
        0.0 => "0".into(),
        v if !(1e-3..1e5).contains(&v) => format!("{value:.2e}"),
        v => {
            let digits = (2 - v.log10().floor() as i32).clamp(0, 6) as usize;
            format!("{value:.digits$}")
        }
    }
}

/// Names come out of other people's files.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !c.is_control()) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_out_of_a_file_stays_text() {
        let evil = "<script>alert(1)</script>\" onload=\"x";
        let drawing = Drawing { low: -1.0, high: 1.0, bars: vec![1, 4, 2], kept: (-0.5, 1.0), scales: (0.1, 0.1) };
        let mut section = Section::new(evil).say(evil).table(&[evil], vec![vec![evil.into()]]);
        section.drawings.push((evil.into(), drawing));
        let page = Sheet { title: evil.into(), sections: vec![section] }.html();
        assert!(!page.contains("<script") && !page.contains("onload=\"x"));
        assert_eq!(page.matches("<rect").count(), 3);
        assert_eq!(page.matches("class=\"out\"").count(), 1);
        assert!(!page.contains("http"), "it needs nothing else");
    }

    #[test]
    fn numbers_are_short() {
        let said = [0.0, 1234.5, 0.012_34, -6.0, 1e-9, 255.0].map(short);
        assert_eq!(said, ["0", "1234", "0.0123", "-6.00", "1.00e-9", "255"]);
    }
}
