//! Which words the model sees of a text, for each blank.

use super::text::{BLANK, BREAK, Kind, Token, Vocabulary, tokens};
use std::ops::Range;

/// Words the model sees at once.
pub const LENGTH: usize = 64;
/// Bytes of a text that is read; more is refused.
pub const MAX_TEXT: usize = 200_000;
/// Blanks that are answered.
pub const MAX_BLANKS: usize = 16;

/// Which side of a blank is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Side {
    #[default]
    Both,
    Left,
    Right,
}

/// A text, taken apart.
#[derive(Debug, Clone)]
pub struct Reading {
    pub tokens: Vec<Token>,
    /// The word of each token.
    pub numbers: Vec<u32>,
    /// Tokens that are blanks, at most [`MAX_BLANKS`].
    pub blanks: Vec<usize>,
}

impl Reading {
    /// # Errors
    /// A sentence: the text is too long.
    pub fn new(text: &str, known: &Vocabulary) -> Result<Self, String> {
        if text.len() > MAX_TEXT {
            let most = MAX_TEXT / 1000;
            return Err(format!("The text is too long: at most {most},000 characters are read. Take a part of it."));
        }
        let tokens = tokens(text);
        let numbers = tokens.iter().map(|t| known.number(&t.kind)).collect();
        let blank = |(at, token): (usize, &Token)| (token.kind == Kind::Blank).then_some(at);
        let blanks = tokens.iter().enumerate().filter_map(blank).take(MAX_BLANKS).collect();
        Ok(Self { tokens, numbers, blanks })
    }

    /// The tokens that the model sees around token `at`, at most [`LENGTH`], `at` among them.
    pub fn window(&self, at: usize, side: Side) -> Range<usize> {
        let n = self.numbers.len();
        match side {
            Side::Left => (at + 1).saturating_sub(LENGTH)..at + 1,
            Side::Right => at..n.min(at + LENGTH),
            Side::Both => {
                let start = at.saturating_sub(LENGTH / 2).min(n.saturating_sub(LENGTH));
                start..n.min(start + LENGTH)
            }
        }
    }

    /// What the model sees of a window, one word hidden where asked for, and how many words stand before the
    /// window's own. A text is a paragraph to the model, which it knows by the break before and after; there is
    /// one behind a text that ends with a sentence, and none on a side that is not read.
    pub fn seen(&self, window: Range<usize>, hide: Option<usize>, side: Side) -> (Vec<u32>, usize) {
        let room = LENGTH - window.len().min(LENGTH);
        let before = usize::from(side != Side::Right && window.start == 0 && room > 0);
        let ends = matches!(self.tokens.last().map(|t| &t.kind), Some(Kind::Mark('.' | '!' | '?')));
        let after = usize::from(side != Side::Left && window.end == self.numbers.len() && ends && room > before);
        let own = window.map(|at| if hide == Some(at) { BLANK } else { self.numbers[at] });
        let around = |count| std::iter::repeat_n(BREAK, count);
        (around(before).chain(own).chain(around(after)).collect(), before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reading(n: usize) -> Reading {
        Reading { tokens: Vec::new(), numbers: (10..n as u32 + 10).collect(), blanks: Vec::new() }
    }

    #[test]
    fn a_sentence_is_a_paragraph_and_what_goes_on_is_not() {
        let specials = ["<pad>", "<blank>", "<break>", "<number>", "<name>", "<rare>"].map(str::to_owned);
        let endings = super::super::text::ENDINGS.iter().map(|e| format!("<rare-{e}>"));
        let own = ["she", "was", "."].map(str::to_owned);
        let lines: Vec<String> = specials.into_iter().chain(endings).chain(own).collect();
        let known = Vocabulary::read(&lines.join("\n")).unwrap();
        let seen = |text: &str, side| {
            let text = Reading::new(text, &known).unwrap();
            let at = text.blanks[0];
            let (seen, before) = text.seen(text.window(at, side), None, side);
            (seen.first() == Some(&BREAK), seen.last() == Some(&BREAK), seen[before + at - text.window(at, side).start])
        };
        assert_eq!(seen("She was ____.", Side::Both), (true, true, BLANK));
        assert_eq!(seen("She was ____", Side::Both), (true, false, BLANK));
        assert_eq!(seen("She was ____.", Side::Left), (true, false, BLANK));
        assert_eq!(seen("She was ____.", Side::Right), (false, true, BLANK));
    }

    proptest! {
        #[test]
        fn a_window_holds_what_it_is_for(n in 1usize..300, at in 0usize..300, hide in 0usize..300) {
            prop_assume!(at < n);
            let text = reading(n);
            for side in [Side::Both, Side::Left, Side::Right] {
                let window = text.window(at, side);
                prop_assert!(window.contains(&at) && window.end <= n && window.len() <= LENGTH);
                prop_assert!(side != Side::Left || window.end == at + 1);
                prop_assert!(side != Side::Right || window.start == at);
                prop_assert!(side != Side::Both || window.len() == n.min(LENGTH));
                let (seen, before) = text.seen(window.clone(), Some(hide), side);
                let own = &seen[before..];
                let same = window.clone().zip(own).all(|(i, w)| *w == if i == hide { BLANK } else { i as u32 + 10 });
                prop_assert!(same && seen.len() <= LENGTH && own.len() == window.len());
                prop_assert_eq!(before == 1, window.start == 0 && side != Side::Right && window.len() < LENGTH);
            }
        }
    }
}
