//! Pictures of numbers, drawn as text. Everything here is made of numbers and escaped names.

use super::html::escape;

const WIDTH: f32 = 520.0;
const HEIGHT: f32 = 220.0;
const LEFT: f32 = 44.0;
const BOTTOM: f32 = 30.0;

fn x(at: f32) -> f32 {
    LEFT + at.clamp(0.0, 1.0) * (WIDTH - LEFT - 12.0)
}

fn y(share: f32) -> f32 {
    8.0 + (1.0 - share.clamp(0.0, 1.0)) * (HEIGHT - 8.0 - BOTTOM)
}

/// Lines over 0..1 in both directions. `foot` says what runs to the right.
pub fn lines(label: &str, foot: &str, all: &[(String, Vec<(f32, f32)>)], diagonal: bool) -> String {
    let mut out = format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">", escape(label));
    for share in [0.0f32, 0.25, 0.5, 0.75, 1.0] {
        let at = y(share);
        out += &format!(
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{:.0} %</text>",
            x(1.0),
            LEFT - 6.0,
            at + 4.0,
            share * 100.0
        );
    }
    if diagonal {
        out += &format!(
            "<line class=\"even\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
            x(0.0),
            y(0.0),
            x(1.0),
            y(1.0)
        );
    }
    for (at, (_, points)) in all.iter().enumerate() {
        let path: Vec<String> = points.iter().map(|(a, b)| format!("{:.1},{:.1}", x(*a), y(*b))).collect();
        out += &format!("<polyline class=\"tone{}\" points=\"{}\"/>", at % 4, path.join(" "));
        for (a, b) in points.iter().filter(|_| points.len() <= 24) {
            out += &format!("<circle class=\"tone{}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"/>", at % 4, x(*a), y(*b));
        }
    }
    out += &format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text></svg>",
        x(1.0),
        HEIGHT - 6.0,
        escape(foot)
    );
    if all.len() > 1 {
        let names: Vec<String> = all
            .iter()
            .enumerate()
            .map(|(at, (name, _))| format!("<li class=\"tone{}\">{}</li>", at % 4, escape(name)))
            .collect();
        out += &format!("<ul class=\"legend\">{}</ul>", names.join(""));
    }
    out
}
