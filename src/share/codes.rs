//! A person's own results in one line, short enough to be dictated, so that a class can bring its results
//! together without a server.
//!
//! `FT1-` and Crockford's base32 in groups of four: no letters that look like digits, upper or lower case. The
//! last two bytes are a checksum (CRC-32, its lower half): a mistyped code is named, not believed.

use super::link::bytes::{Reader, crc32, push_number, push_text};
use crate::learn::dataset::clean_name;

const PREFIX: &str = "FT1-";
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Longest name, in characters.
pub const MAX_NAME: usize = 20;
/// Most codes that are looked at.
const MAX_CODES: usize = 500;

/// Accuracy in thousandths, and pictures it was measured on.
pub type Score = (u32, u32);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Whose it is; may be empty.
    pub name: String,
    pub lab: Option<Score>,
    pub field: Option<Score>,
    /// Median of a prediction, in tenths of a millisecond.
    pub latency: Option<u32>,
    /// Of the classifier as it would be shipped, in kilobytes.
    pub kilobytes: Option<u32>,
    pub classes: u32,
    pub pictures: u32,
}

impl Outcome {
    /// The code, with the name cut to [`MAX_NAME`] characters.
    pub fn code(&self) -> String {
        let mut bytes = Vec::new();
        let optional = |v: Option<u32>| v.map_or(0, |v| u64::from(v) + 1);
        let score = |s: Option<Score>| s.map_or([0, 0], |(share, n)| [u64::from(share) + 1, u64::from(n)]);
        let numbers = score(self.lab).into_iter().chain(score(self.field)).chain([
            optional(self.latency),
            optional(self.kilobytes),
            self.classes.into(),
            self.pictures.into(),
        ]);
        numbers.for_each(|n| push_number(&mut bytes, n));
        let name: String = clean_name(&self.name).chars().take(MAX_NAME).collect();
        push_text(&mut bytes, name.trim());
        let check = crc32(&bytes) as u16;
        bytes.extend(check.to_le_bytes());
        format!("{PREFIX}{}", base32(&bytes))
    }

    /// Reads one code; hyphens and spaces in it do not matter.
    ///
    /// # Errors
    /// A sentence.
    pub fn read(code: &str) -> Result<Self, String> {
        let mistyped = || "The code is mistyped or incomplete.".to_owned();
        let code = code.trim();
        let body = code.get(..PREFIX.len()).filter(|p| p.eq_ignore_ascii_case(PREFIX)).map(|_| &code[PREFIX.len()..]);
        let body = body.ok_or("A result code begins with FT1-.")?;
        let bytes = from_base32(body).ok_or_else(mistyped)?;
        let (bytes, check) = bytes.split_last_chunk::<2>().ok_or_else(mistyped)?;
        if crc32(bytes) as u16 != u16::from_le_bytes(*check) {
            return Err(mistyped());
        }
        Self::fields(bytes).ok_or_else(|| "The code fits its checksum but not this version of the page.".into())
    }

    fn fields(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let mut numbers = [0u32; 8];
        for number in &mut numbers {
            *number = reader.number()?.try_into().ok()?;
        }
        let [lab, lab_n, field, field_n, latency, kilobytes, classes, pictures] = numbers;
        let score = |share: u32, n| match share.checked_sub(1) {
            None => Some(None),
            Some(share) => (share <= 1000 && n > 0).then_some(Some((share, n))),
        };
        let name = clean_name(reader.text()?);
        Some(Self {
            name,
            lab: score(lab, lab_n)?,
            field: score(field, field_n)?,
            latency: latency.checked_sub(1),
            kilobytes: kilobytes.checked_sub(1),
            classes,
            pictures,
        })
    }
}

fn base32(bytes: &[u8]) -> String {
    let (mut held, mut bits, mut text, mut count) = (0u32, 0, String::new(), 0);
    let mut push = |digit: u32| {
        if count > 0 && count % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(DIGITS[digit as usize & 31]));
        count += 1;
    };
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            push(held >> bits);
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        push(held << (5 - bits));
    }
    text
}

fn from_base32(text: &str) -> Option<Vec<u8>> {
    let (mut held, mut bits, mut bytes) = (0u32, 0, Vec::new());
    for character in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let digit = match character.to_ascii_uppercase() {
            'O' => 0,
            'I' | 'L' => 1,
            c => DIGITS.iter().position(|d| char::from(*d) == c)? as u32,
        };
        held = held << 5 | digit;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    // What fills up the last digit is nothing: a typo there is one, too.
    (bits < 5 && held == 0).then_some(bytes)
}

/// One line that was pasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Counted from 1.
    pub number: usize,
    pub outcome: Result<Outcome, String>,
}

/// Reads codes, one a line, with whatever stands before `FT1-`: a name written there takes the place of the
/// one in the code. Empty lines are passed over; a code that is there twice counts once.
pub fn read_all(text: &str) -> Vec<Line> {
    let mut all: Vec<Line> = Vec::new();
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    for (at, line) in lines.take(MAX_CODES) {
        let start = line.to_ascii_uppercase().find(PREFIX);
        let outcome = Outcome::read(start.map_or(line, |start| &line[start..])).map(|mut outcome| {
            let before = start.map_or("", |start| &line[..start]);
            let before = clean_name(before.trim_matches(|c: char| !c.is_alphanumeric()));
            if !before.is_empty() {
                outcome.name = before.chars().take(MAX_NAME).collect();
            }
            outcome
        });
        if outcome.is_err() || all.iter().all(|l| l.outcome != outcome) {
            all.push(Line { number: at + 1, outcome });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ann() -> Outcome {
        Outcome {
            name: "Ann".into(),
            lab: Some((933, 120)),
            field: Some((510, 96)),
            latency: Some(123),
            kilobytes: Some(3130),
            classes: 8,
            pictures: 120,
        }
    }

    #[test]
    fn a_code_is_short_and_forgiving() {
        let code = ann().code();
        assert!(code.len() <= 55, "{code}");
        let sloppy = code.to_lowercase().replace('0', "o").replace('1', "l");
        let sloppy = format!("FT1-{}", &sloppy[4..]);
        assert_eq!(Outcome::read(&sloppy), Ok(ann()));
        assert_eq!(Outcome::read(&code.replace('-', "").replacen("FT1", "FT1-", 1)), Ok(ann()));
    }

    #[test]
    fn every_mistyped_character_is_noticed() {
        let code = ann().code();
        for at in 4..code.len() {
            let old = code.as_bytes()[at];
            if old == b'-' {
                continue;
            }
            let new = if old == b'7' { '8' } else { '7' };
            let typo = format!("{}{new}{}", &code[..at], &code[at + 1..]);
            assert!(Outcome::read(&typo).is_err(), "{typo}");
        }
    }

    #[test]
    fn a_class_pastes_what_it_has() {
        let text = format!("Bea: {}\n\n  {}\nnonsense\n{}\nFT1-ABCD\n", ann().code(), ann().code(), ann().code());
        let lines = read_all(&text);
        assert_eq!(lines.iter().map(|l| l.number).collect::<Vec<_>>(), [1, 3, 4, 6]);
        assert_eq!(lines[0].outcome.as_ref().unwrap().name, "Bea");
        assert_eq!(lines[1].outcome.as_ref().unwrap().name, "Ann");
        assert!(lines[2].outcome.as_ref().unwrap_err().contains("begins with"));
        assert!(lines[3].outcome.is_err());
    }

    proptest! {
        #[test]
        fn every_outcome_comes_back(name in "[a-z]{0,20}", lab in prop::option::of((0u32..=1000, 1u32..10_000)),
            field in prop::option::of((0u32..=1000, 1u32..10_000)), latency in prop::option::of(0u32..100_000),
            kilobytes in prop::option::of(0u32..100_000), classes in 0u32..50, pictures in 0u32..20_000) {
            let outcome = Outcome { name, lab, field, latency, kilobytes, classes, pictures };
            prop_assert_eq!(Outcome::read(&outcome.code()), Ok(outcome));
        }

        #[test]
        fn no_text_is_a_panic(text in "\\PC{0,100}", code in "FT1-[0-9A-Z]{0,60}") {
            let _ = (read_all(&text), read_all(&code));
        }
    }
}
