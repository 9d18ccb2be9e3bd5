//! Text as word numbers. The same rules, in the same order, as `training/words/text.py`.

use std::collections::HashMap;
use std::ops::Range;

pub const PAD: u32 = 0;
pub const BLANK: u32 = 1;
/// Between paragraphs.
pub const BREAK: u32 = 2;
pub const NUMBER: u32 = 3;
pub const NAME: u32 = 4;
const RARE: u32 = 5;
/// What a word outside the vocabulary is known by: `<rare-ing>` follows `<rare>`, and so on.
pub(super) const ENDINGS: [&str; 8] = ["ing", "ed", "ly", "s", "er", "est", "ness", "tion"];
/// Words that stand for many; they are never guessed.
pub const SPECIALS: usize = RARE as usize + 1 + ENDINGS.len();
const MARKS: &str = ".,;:!?\"'()-";
/// Words of a vocabulary that is read, at most.
const MOST: usize = 1 << 16;

/// A word, a number, a blank or a mark of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// Bytes of the text.
    pub at: Range<usize>,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Lower case, and whether it was written with a capital inside a sentence.
    Word(String, bool),
    Number,
    Blank,
    Mark(char),
}

/// Latin script up to U+024F, where Python and Rust agree on what is upper case and its lower case.
fn letter(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}')
}

/// Typographic quotation marks and dashes as plain ones.
fn plain(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{2013}' | '\u{2014}' => '-',
        c => c,
    }
}

/// Takes a text apart. What is none of ours (symbols, other scripts, control characters) parts words and is
/// passed over. Linear in the length of the text.
pub fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<(usize, char)> = text.char_indices().map(|(at, c)| (at, plain(c))).collect();
    let end_of = |i: usize| chars.get(i).map_or(text.len(), |(at, _)| *at);
    let is = |i: usize, test: fn(char) -> bool| chars.get(i).is_some_and(|(_, c)| test(*c));
    let run = |mut i: usize, test: fn(char) -> bool| {
        while is(i, test) {
            i += 1;
        }
        i
    };
    let digit = |c: char| c.is_ascii_digit();
    let mut found = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let (at, c) = chars[i];
        let (next, kind) = if letter(c) {
            let mut next = run(i, letter);
            while is(next, |c| c == '\'') && is(next + 1, letter) {
                next = run(next + 1, letter);
            }
            let word: String = chars[i..next].iter().map(|(_, c)| c).collect::<String>().to_lowercase();
            (next, Kind::Word(word, c.is_uppercase()))
        } else if digit(c) {
            let mut next = run(i, digit);
            while is(next, |c| matches!(c, '.' | ',')) && is(next + 1, digit) {
                next = run(next + 1, digit);
            }
            (next, Kind::Number)
        } else if c == '_' && is(i + 1, |c| c == '_') {
            (run(i, |c| c == '_'), Kind::Blank)
        } else if MARKS.contains(c) {
            (i + 1, Kind::Mark(c))
        } else {
            i += 1;
            continue;
        };
        found.push(Token { at: at..end_of(next), kind });
        i = next;
    }
    found
}

/// The words a model knows, by number.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    words: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Vocabulary {
    /// From one word a line, specials first.
    ///
    /// # Errors
    /// A sentence: not a vocabulary of ours.
    pub fn read(lines: &str) -> Result<Self, String> {
        let words: Vec<String> = lines.lines().map(str::to_owned).collect();
        let special = |i: usize| words.get(i).is_some_and(|w| w.starts_with('<') && w.ends_with('>'));
        if words.len() > MOST || words.len() <= SPECIALS || !(0..SPECIALS).all(special) {
            return Err("The words of the word model are not as they should be.".into());
        }
        let numbers = words.iter().enumerate().map(|(i, w)| (w.clone(), i as u32)).collect();
        Ok(Self { words, numbers })
    }

    pub fn len(&self) -> usize {
        self.words.len()
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The word of a number; a placeholder for one there is not.
    pub fn word(&self, number: u32) -> &str {
        self.words.get(number as usize).map_or("<rare>", String::as_str)
    }

    /// The number of a word written as in the vocabulary.
    pub fn find(&self, word: &str) -> Option<u32> {
        self.numbers.get(word).copied()
    }

    /// May be guessed: no mark, and no word that stands for many.
    pub fn guessed(&self, number: u32) -> bool {
        let mark = |w: &String| w.chars().all(|c| MARKS.contains(c));
        number as usize >= SPECIALS && self.words.get(number as usize).is_some_and(|w| !mark(w))
    }

    pub fn number(&self, kind: &Kind) -> u32 {
        match kind {
            Kind::Blank => BLANK,
            Kind::Number => NUMBER,
            Kind::Mark(c) => self.find(c.encode_utf8(&mut [0; 4])).unwrap_or(RARE),
            Kind::Word(word, capital) => match self.find(word) {
                Some(number) => number,
                None if *capital => NAME,
                None => {
                    let length = word.chars().count();
                    let ends = |e: &&str| word.ends_with(*e) && length > e.len() + 2;
                    ENDINGS.iter().position(ends).map_or(RARE, |at| RARE + 1 + at as u32)
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds(text: &str) -> Vec<Kind> {
        tokens(text).into_iter().map(|t| t.kind).collect()
    }

    fn word(w: &str) -> Kind {
        Kind::Word(w.into(), false)
    }

    #[test]
    fn the_articles_sentence() {
        let capital = |w: &str| Kind::Word(w.into(), true);
        let end = [word("a"), capital("french"), word("novel"), Kind::Mark('.')];
        let expected: Vec<Kind> = [capital("patricia"), word("is"), Kind::Blank].into_iter().chain(end).collect();
        assert_eq!(kinds("Patricia is ____ a French novel."), expected);
    }

    #[test]
    fn apostrophes_numbers_and_typographic_marks() {
        assert_eq!(kinds("don\u{2019}t"), [word("don't")]);
        assert_eq!(kinds("'tis' 1,000.50 3. x_y"), {
            let (q, dot) = (Kind::Mark('\''), Kind::Mark('.'));
            [q.clone(), word("tis"), q, Kind::Number, Kind::Number, dot, word("x"), word("y")]
        });
        assert_eq!(kinds("\u{201c}I\u{2014}You"), {
            [Kind::Mark('"'), Kind::Word("i".into(), true), Kind::Mark('-'), Kind::Word("you".into(), true)]
        });
    }

    #[test]
    fn rare_words_are_known_by_their_endings_and_names_by_their_capital() {
        let lines: String = ["<pad>", "<blank>", "<break>", "<number>", "<name>", "<rare>"]
            .into_iter()
            .map(str::to_owned)
            .chain(ENDINGS.iter().map(|e| format!("<rare-{e}>")))
            .chain(["the".to_owned(), ",".into()])
            .collect::<Vec<_>>()
            .join("\n");
        let known = Vocabulary::read(&lines).expect("a vocabulary");
        let numbers: Vec<u32> = tokens("The zorking, the Zork sing").iter().map(|t| known.number(&t.kind)).collect();
        let the = known.find("the").expect("a word");
        assert_eq!(numbers, [the, RARE + 1, known.find(",").expect("a mark"), the, NAME, RARE]);
        assert!(known.guessed(the) && !known.guessed(NAME) && !known.guessed(the + 1) && !known.guessed(the + 2));
        assert!(Vocabulary::read("the\na").is_err() && Vocabulary::read("").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_taken_apart_in_order(text in "\\PC*|[a-zA-Z_'.0-9 \u{0}-\u{1f}\u{5d0}\u{1f600}\u{202e}]{0,80}") {
            let mut last = 0;
            for token in tokens(&text) {
                prop_assert!(token.at.start >= last && token.at.end > token.at.start);
                // Slicing panics unless both ends are between characters.
                let part = &text[token.at.clone()];
                if let Kind::Word(word, _) = &token.kind {
                    // Its lower case may lie beyond the letters: that of \u{23a} is \u{2c65}.
                    prop_assert!(!word.is_empty() && part.chars().next().is_some_and(letter));
                    prop_assert!(part.chars().all(|c| letter(c) || plain(c) == '\''));
                }
                last = token.at.end;
            }
        }

        #[test]
        fn between_tokens_there_is_nothing_of_ours(text in "\\PC{0,60}") {
            let mut last = 0;
            let found = tokens(&text);
            let ends = found.iter().map(|t| t.at.clone()).chain(std::iter::once(text.len()..text.len()));
            for at in ends {
                let lone = |c: char| plain(c) == '_' || !(letter(c) || c.is_ascii_digit() || MARKS.contains(plain(c)));
                prop_assert!(text[last..at.start].chars().all(lone), "{:?}", &text[last..at.start]);
                last = at.end;
            }
        }

        #[test]
        fn taking_apart_twice_changes_nothing(text in "[a-zA-Z0-9 ,.'_\u{2019}-]{0,60}") {
            let again: Vec<String> = tokens(&text).iter().map(|t| text[t.at.clone()].to_owned()).collect();
            let spaced = again.join(" ");
            prop_assert_eq!(kinds(&spaced).len(), again.len());
        }
    }
}
