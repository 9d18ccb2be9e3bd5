//! What the page says, in another language: a dictionary of whole phrases, keyed by the English ones.
//!
//! `{0}`, `{1}` ... stand for what changes: a number, a name, or another phrase, which is looked up in its turn.
//! How the phrase `1,234.5` is written tells how all numbers are.

use std::collections::BTreeMap;

/// Longer texts are nobody's phrase.
const MOST: usize = 2000;
/// Phrases within phrases.
const DEEPEST: usize = 3;
/// Letters of a pattern that say what is meant. One with fewer ("{0} and {1}") fits almost anything.
const TELLING: usize = 4;

/// The number that shows how numbers are written.
const NUMBER: &str = "1,234.5";

#[derive(Debug, Default)]
pub struct Phrases {
    whole: BTreeMap<String, String>,
    /// What takes the place of the comma in 1,234 and of the point in 1.5.
    marks: Option<(String, String)>,
    /// Those with gaps, the most telling ones first.
    patterns: Vec<Pattern>,
}

/// A phrase with gaps.
#[derive(Debug)]
struct Pattern {
    /// What stands before the first gap, between two, and behind the last.
    fixed: Vec<String>,
    /// Which gap is which number.
    gaps: Vec<usize>,
    to: String,
}

impl Phrases {
    /// Reads a JSON object of English phrases and the others.
    ///
    /// # Errors
    /// A sentence.
    pub fn read(json: &str) -> Result<Self, String> {
        let all: BTreeMap<String, String> =
            serde_json::from_str(json).map_err(|error| format!("The dictionary cannot be read: {error}."))?;
        let mut phrases = Self::default();
        for (from, to) in all {
            match Pattern::new(&from, to) {
                Ok(pattern) => phrases.patterns.push(pattern),
                Err(to) => drop(phrases.whole.insert(from, to)),
            }
        }
        phrases.marks = phrases.whole.get(NUMBER).and_then(|number| {
            let (thousands, point) = number.strip_prefix('1')?.strip_suffix('5')?.split_once("234")?;
            Some((thousands.to_owned(), point.to_owned()))
        });
        phrases.patterns.sort_by_key(|p| std::cmp::Reverse(p.fixed.iter().map(String::len).sum::<usize>()));
        Ok(phrases)
    }

    /// `None` where nothing of it is known.
    pub fn say(&self, text: &str) -> Option<String> {
        let core = text.trim();
        if core.len() > MOST {
            return None;
        }
        let said = match core.chars().filter(|letter| letter.is_alphabetic()).count() {
            // A number, perhaps with a unit.
            0 | 1 => Some(self.numbers(core)).filter(|said| said != core)?,
            _ => self.phrase(core, DEEPEST).or_else(|| self.sentences(core))?,
        };
        let before = &text[..text.len() - text.trim_start().len()];
        Some(format!("{before}{said}{}", &text[before.len() + core.len()..]))
    }

    fn phrase(&self, text: &str, depth: usize) -> Option<String> {
        if let Some(to) = self.whole.get(text) {
            return Some(to.clone());
        }
        if depth == 0 {
            return None;
        }
        let pattern = self.patterns.iter().find_map(|pattern| {
            let mut given = Vec::new();
            for text in pattern.given(text)? {
                let known = self.phrase(text, depth - 1);
                let plain = !text.contains(char::is_alphabetic) || pattern.is_telling();
                given.push(known.or_else(|| plain.then(|| self.plain(text)))?);
            }
            Some(pattern.with(&given))
        });
        pattern.or_else(|| self.pieces(text, depth))
    }

    /// What is put together everywhere: a number and what is counted, a list, something in brackets, a full stop.
    fn pieces(&self, text: &str, depth: usize) -> Option<String> {
        let known = |text: &str| {
            let is_word = text.contains(char::is_alphabetic);
            if is_word { self.phrase(text, depth - 1) } else { Some(self.numbers(text)) }
        };
        let both = |(a, b): (&str, &str), between: &str| Some(format!("{}{between}{}", known(a)?, known(b)?));
        let number = |(a, _): &(&str, &str)| !a.contains(char::is_alphabetic);
        text.strip_suffix('.')
            .and_then(|text| Some(format!("{}.", known(text)?)))
            .or_else(|| both(text.strip_suffix(')')?.split_once(" (")?, " (").map(|said| format!("{said})")))
            .or_else(|| both(text.split_once(", ")?, ", "))
            .or_else(|| both(text.split_once(' ').filter(number)?, " "))
    }

    /// What is nobody's phrase: a name as it is, anything else with its numbers.
    fn plain(&self, text: &str) -> String {
        if text.contains(char::is_alphabetic) { text.to_owned() } else { self.numbers(text) }
    }

    /// Numbers as they are written in that language. What has several points is no number.
    fn numbers(&self, text: &str) -> String {
        let Some((thousands, point)) = &self.marks else { return text.to_owned() };
        let is_part = |letter: char| letter.is_ascii_digit() || letter == ',' || letter == '.';
        let (mut said, mut rest) = (String::new(), text);
        while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit()) {
            let length = rest[start..].find(|letter| !is_part(letter)).unwrap_or(rest.len() - start);
            let number = rest[start..start + length].trim_end_matches([',', '.']);
            said.push_str(&rest[..start]);
            let (whole, fraction) = number.split_once('.').map_or((number, None), |(w, f)| (w, Some(f)));
            let grouped = whole.split(',').skip(1).all(|group| group.len() == 3);
            if grouped && fraction.is_none_or(|f| f.bytes().all(|digit| digit.is_ascii_digit())) {
                said.push_str(&whole.replace(',', thousands));
                fraction.into_iter().for_each(|f| said.extend([point, f]));
            } else {
                said.push_str(number);
            }
            rest = &rest[start + number.len()..];
        }
        said + rest
    }

    /// Sentence by sentence, where several were put together.
    fn sentences(&self, text: &str) -> Option<String> {
        let mut known = false;
        let said = text.split_inclusive(". ").map(|part| {
            let sentence = part.trim_end();
            let said = self.phrase(sentence, DEEPEST);
            known |= said.is_some();
            format!("{}{}", said.as_deref().unwrap_or(sentence), &part[sentence.len()..])
        });
        let said: String = said.collect();
        known.then_some(said)
    }
}

impl Pattern {
    /// Gives `to` back where `from` has no gaps.
    fn new(from: &str, to: String) -> Result<Self, String> {
        let (mut fixed, mut gaps) = (vec![String::new()], Vec::new());
        let mut rest = from;
        while !rest.is_empty() {
            if let Some((gap, after)) = gap(rest) {
                gaps.push(gap);
                fixed.push(String::new());
                rest = after;
            } else {
                let (letter, after) = rest.split_at(rest.chars().next().map_or(1, char::len_utf8));
                fixed.iter_mut().last().into_iter().for_each(|f| f.push_str(letter));
                rest = after;
            }
        }
        if gaps.is_empty() { Err(to) } else { Ok(Self { fixed, gaps, to }) }
    }

    /// What stands in the gaps, if the text is of this pattern.
    fn given<'a>(&self, text: &'a str) -> Option<Vec<&'a str>> {
        let (first, others) = self.fixed.split_first()?;
        let mut rest = text.strip_prefix(first.as_str())?;
        let mut given = Vec::new();
        for (at, fixed) in others.iter().enumerate() {
            let last = at + 1 == others.len();
            let end = if last { rest.strip_suffix(fixed.as_str())?.len() } else { rest.find(fixed.as_str())? };
            // Something that is only sometimes said may follow at the end.
            if end == 0 && !(last && fixed.is_empty() && at > 0) {
                return None;
            }
            given.push(&rest[..end]);
            rest = &rest[end + fixed.len()..];
        }
        Some(given)
    }

    fn is_telling(&self) -> bool {
        self.fixed.iter().flat_map(|f| f.chars()).filter(|letter| letter.is_alphabetic()).count() >= TELLING
    }

    fn with(&self, given: &[String]) -> String {
        let (mut said, mut rest) = (String::new(), self.to.as_str());
        while let Some(letter) = rest.chars().next() {
            if let Some((number, after)) = gap(rest) {
                let at = self.gaps.iter().position(|gap| *gap == number);
                said.push_str(at.and_then(|at| given.get(at)).map_or("", String::as_str));
                rest = after;
            } else {
                said.push(letter);
                rest = &rest[letter.len_utf8()..];
            }
        }
        said
    }
}

/// A gap at the start of a text: its number, and what is behind it.
fn gap(text: &str) -> Option<(usize, &str)> {
    let (number, rest) = text.strip_prefix('{')?.split_once('}')?;
    Some((number.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn german() -> Phrases {
        let json = r#"{
            "Undo": "Rückgängig", "Undo: {0}": "Rückgängig: {0}", "add a class": "Klasse hinzufügen",
            "{0} of {1} recognised": "von {1} wurden {0} erkannt", "{0} pictures": "{0} Bilder", "Ready.": "Bereit.", "classes": "Klassen",
            "Left: {0} and {1}.": "Übrig: {1} und {0}.", "{0} and {1}": "{0} und {1}", "pictures added": "Bilder hinzugefügt",
            "1,234.5": "1.234,5", "{0} MB": "{0} MB",
            "{0} without a label{1}": "{0} ohne Label{1}", "between {0} and {1}": "zwischen {0} und {1}"
        }"#;
        Phrases::read(json).unwrap()
    }

    #[test]
    fn phrases_are_found_whole_in_patterns_and_within_each_other() {
        let say = |text: &str| german().say(text);
        assert_eq!(say("Undo").as_deref(), Some("Rückgängig"));
        assert_eq!(say(" Undo \n").as_deref(), Some(" Rückgängig \n"));
        assert_eq!(say("Undo: add a class").as_deref(), Some("Rückgängig: Klasse hinzufügen"));
        assert_eq!(
            say("12 pictures of 24 pictures recognised").as_deref(),
            Some("von 24 Bilder wurden 12 Bilder erkannt")
        );
        assert_eq!(say("Undo: 1,200 classes").as_deref(), Some("Rückgängig: 1.200 Klassen"));
        assert_eq!(say("Ada classes"), None);
        assert_eq!(say("2 classes and 3 pictures").as_deref(), Some("2 Klassen und 3 Bilder"));
        assert_eq!(say("Ada and Alan"), None);
        assert_eq!(say("12 pictures added.").as_deref(), Some("12 Bilder hinzugefügt."));
        assert_eq!(say("12 pictures, 2 classes").as_deref(), Some("12 Bilder, 2 Klassen"));
        assert_eq!(say("0 pictures without a label").as_deref(), Some("0 Bilder ohne Label"));
        let said = say("between 95 % and 99.9 % (120 pictures)");
        assert_eq!(said.as_deref(), Some("zwischen 95 % und 99,9 % (120 Bilder)"));
        assert_eq!(say("Left: Ada and Alan.").as_deref(), Some("Übrig: Alan und Ada."));
        assert_eq!(
            say("Ready. Cats and dogs. Left: a and b.").as_deref(),
            Some("Bereit. Cats and dogs. Übrig: b und a.")
        );
        for (number, written) in [
            ("99.8 %", "99,8 %"),
            ("1,234,567 and 0.5 MB", "1.234.567 und 0,5 MB"),
            ("+1,234,567 / 0.5, 12,5.", "+1.234.567 / 0,5, 12,5."),
            ("3.1 MB", "3,1 MB"),
            ("1.2\u{a0}s", "1,2\u{a0}s"),
            ("1.2.3 2,34", ""),
        ] {
            assert_eq!(say(number).as_deref().unwrap_or_default(), written, "{number}");
        }
        for unknown in ["", "95 %", "12", "Cats", " pictures", "Undo: ", "x".repeat(MOST + 1).as_str()] {
            assert_eq!(say(unknown), None, "{unknown:?}");
        }
    }

    #[test]
    fn a_bad_dictionary_is_a_sentence() {
        for bad in ["", "[]", r#"{"a": 1}"#, "{"] {
            assert!(Phrases::read(bad).unwrap_err().ends_with('.'));
        }
    }

    proptest! {
        #[test]
        fn anything_may_be_said(from: String, to: String, text: String) {
            let json = serde_json::to_string(&BTreeMap::from([(from, to), ("{0}é{1}".into(), "{1}{0}{7}{".into())])).unwrap();
            let phrases = Phrases::read(&json).unwrap();
            let _ = phrases.say(&text);
            let _ = phrases.say(&format!("abé{text}"));
        }
    }
}
