//! What a teacher may hide, because it would distract. A part's place is its bit in a link: parts are added
//! at the end. `assets/css/hidden.css` hides each by its `data-testid`s.

pub struct Part {
    /// In the style sheet: `data-hide` of the document holds the names of hidden parts.
    pub name: &'static str,
    /// For people.
    pub text: &'static str,
    pub testids: &'static [&'static str],
}

const fn part(name: &'static str, text: &'static str, testids: &'static [&'static str]) -> Part {
    Part { name, text, testids }
}

pub const PARTS: [Part; 18] = [
    part("shift", "The bench Shift", &["bench-shift"]),
    part("shrink", "The bench Shrink", &["bench-shrink"]),
    part("share", "The bench Share", &["bench-share"]),
    part("backbone", "The choice of the backbone", &["backbone-card"]),
    part(
        "add",
        "Adding pictures and classes",
        &["add-bar", "target-bar", "add-class-form", "class-add-button", "class-camera"],
    ),
    part("try", "Trying it out", &["try"]),
    part("export", "Taking it home", &["export"]),
    part("source", "Where the field's pictures come from", &["shift-sources"]),
    part("cause", "Shift: why", &["tab-cause"]),
    part("notice", "Shift: notice it", &["tab-notice"]),
    part("repair", "Shift: repair it", &["tab-repair"]),
    part("year", "Shift: a year of it", &["tab-year"]),
    part("recipe", "Shrink: how it is quantized", &["shrink-controls"]),
    part("strip", "The overview at the top", &["strip-overview"]),
    part("words", "The masked word", &["part-words"]),
    part("budget", "What labels buy", &["budget"]),
    part("others", "Pictures without labels", &["others"]),
    part("map", "The map of pictures", &["map"]),
];

/// Names of the hidden parts, as the document's `data-hide` holds them.
pub fn names(hidden: u64) -> String {
    let names: Vec<&str> = hidden_parts(hidden).map(|p| p.name).collect();
    names.join(" ")
}

/// The hidden parts.
pub fn hidden_parts(hidden: u64) -> impl Iterator<Item = &'static Part> {
    PARTS.iter().enumerate().filter(move |(bit, _)| hidden >> bit & 1 == 1).map(|(_, part)| part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_hidden_by_the_style_sheet() {
        let css = include_str!("../../../assets/css/hidden.css");
        for part in &PARTS {
            for testid in part.testids {
                let rule = format!(":root[data-hide~=\"{}\"] [data-testid=\"{testid}\"]", part.name);
                assert!(css.contains(&rule), "hidden.css lacks {rule}");
            }
        }
        assert_eq!(css.matches("data-hide~").count(), PARTS.iter().map(|p| p.testids.len()).sum::<usize>());
    }

    #[test]
    fn bits_are_names() {
        assert_eq!(names(0), "");
        assert_eq!(names(0b1000_0010), "shrink source");
    }
}
