//! The masked word. Every request brings the word model's file as blob 0, so that it is complete in itself;
//! the engine keeps the model it made of it and reads the file again only after a restart.

pub use crate::learn::words::reading::Side;
pub use crate::learn::words::study::Measured;
use serde::{Deserialize, Serialize};

/// One model, stored in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Precision {
    Int8,
    Float,
}

impl Precision {
    /// Address of the file, relative to the page.
    pub fn file(self) -> &'static str {
        match self {
            Self::Int8 => "models/words.packed",
            Self::Float => "models/words-float.packed",
        }
    }

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Int8 => "int8",
            Self::Float => "float",
        }
    }
}

/// Floats beside any of them: what [`Request::Study`] learned, or none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub precision: Precision,
    pub ask: Ask,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// What stands in the blanks (`____`) of a text? Reply: `Guessed`.
    Guess { text: String, side: Side },
    /// Which words around a blank mattered for a guess: hides each in turn. Replies: `Mattering`, then `Mattered`.
    Explain { text: String, side: Side, blank: u32, word: String },
    /// Words near a word. Reply: `Near`.
    Near { word: String },
    /// Goes on learning on a text, without labels, for some seconds. Replies: `Read` while the text is read,
    /// then `Studied` as it goes, with what has been learned so far as floats; the last one ends the job.
    Study { text: String, seconds: f32 },
}

/// Hides every word of a text in turn and asks both precisions; blob 0 is the int8 file, blob 1 the float one,
/// and what was learned here plays no part. Replies: `Read` while it goes, then `Twins`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compare {
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    Guessed(Guessed),
    /// Share done, 0..1.
    Mattering(f32),
    /// For each token that was hidden: its number, and the logarithm of how many times more probable the word is
    /// with it than without (below 0: less probable).
    Mattered(Vec<(u32, f32)>),
    Near(Near),
    /// Share of the text read, 0..1.
    Read(f32),
    Studied {
        measured: Measured,
        seconds: f32,
        /// Words that are learned from, and held out.
        words: (u32, u32),
        /// Numbers that learn, of all in the model.
        numbers: (u32, u32),
    },
    Twins(Twins),
}

/// Float and int8 beside each other on a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Twins {
    pub words: Vec<Hidden>,
    /// Milliseconds of a pass over up to 64 words, float and int8, after a warm-up.
    pub passes: Vec<(f32, f32)>,
    /// Size of the files in bytes, float and int8.
    pub bytes: (u32, u32),
}

/// A word that was hidden, and what both guessed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hidden {
    /// Where it is in the text, in bytes: from, to before.
    pub at: (u32, u32),
    pub word: String,
    pub float: Guess,
    pub int8: Guess,
}

/// The first guess of a hidden word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Guess {
    pub word: String,
    /// Its probability, and that of the word that was hidden.
    pub sure: f32,
    pub truth: f32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Guessed {
    pub tokens: Vec<Token>,
    pub blanks: Vec<Blank>,
    /// Size of the model's file in bytes, and numbers in it.
    pub bytes: u32,
    pub parameters: u32,
    /// Time in the model, milliseconds.
    pub ms: f32,
}

/// A word, number, mark or blank of the text: where it is in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    pub start: u32,
    pub end: u32,
    /// The model knows this very word; others it only knows by their kind (a name, a rare word in -ing).
    pub known: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Blank {
    /// Number of its token.
    pub token: u32,
    /// Words with probabilities, highest first.
    pub top: Vec<(String, f32)>,
    /// Tokens that the model saw around it: from, to before.
    pub seen: (u32, u32),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Near {
    pub word: String,
    /// Words, their cosine to the word, and where they lie in a picture (-1..1); the word itself first.
    pub words: Vec<(String, f32, (f32, f32))>,
    /// Share of their spread that the picture shows.
    pub shown: f32,
}
