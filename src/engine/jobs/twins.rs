//! The word model in float and in int8, asked about every word of a text, each hidden from its own guess. A window
//! of the text a step, by both, which take turns at going first.

use super::words::{Kept, MARGIN, MOST, model};
use super::{Job, Source, Step};
use crate::engine::protocol::words::{Guess, Hidden, Precision, Reply, Twins as Told};
use crate::engine::protocol::{Payload, Reply as AnyReply};
use crate::learn::words::reading::{LENGTH, Reading, Side};
use crate::learn::words::readout::softmax;
use crate::learn::words::study::windows;
use crate::model::backbone::Backbone;
use std::ops::Range;
use web_time::Instant;

/// Fewest words that are worth asking about.
const FEWEST: usize = 10;

pub struct Twins {
    text: String,
    files: [Box<dyn Source>; 2],
    going: Option<Going>,
}

struct Going {
    int8: Kept,
    float: Kept,
    text: Reading,
    next: usize,
    told: Told,
}

impl Twins {
    pub fn new(text: String, int8: Box<dyn Source>, float: Box<dyn Source>) -> Self {
        Self { text, files: [int8, float], going: None }
    }

    fn start(&mut self) -> Result<Going, String> {
        let [int8, float] = &mut self.files;
        let (int8, float) = (model(Precision::Int8, &mut **int8)?, model(Precision::Float, &mut **float)?);
        let mut text = Reading::new(&self.text, &int8.borrow().vocabulary)?;
        text.tokens.truncate(MOST);
        text.numbers.truncate(MOST);
        let asked = text.numbers.iter().filter(|w| int8.borrow().vocabulary.guessed(**w)).count();
        if asked < FEWEST {
            return Err(format!("There are {asked} words here that the model knows; give it at least {FEWEST}."));
        }
        let bytes = (float.borrow().bytes as u32, int8.borrow().bytes as u32);
        // The first pass of either is for warming up.
        let first = 0..text.numbers.len().min(LENGTH);
        pass(&float, &text, &first, &(0..0))?;
        pass(&int8, &text, &first, &(0..0))?;
        let told = Told { words: Vec::new(), passes: Vec::new(), bytes };
        Ok(Going { int8, float, text, next: 0, told })
    }

    fn go_on(&mut self) -> Result<Step, String> {
        let mut going = match self.going.take() {
            Some(going) => going,
            None => self.start()?,
        };
        let all = windows(going.text.numbers.len(), LENGTH, MARGIN);
        let Some((window, answers)) = all.get(going.next) else {
            return Ok(Step::Done(AnyReply::Words(Reply::Twins(going.told)), Payload::default()));
        };
        let ask = |kept| pass(kept, &going.text, window, answers);
        let ((float, float_ms), (int8, int8_ms)) = if going.next.is_multiple_of(2) {
            let float = ask(&going.float)?;
            (float, ask(&going.int8)?)
        } else {
            let int8 = ask(&going.int8)?;
            (ask(&going.float)?, int8)
        };
        let kept = going.int8.borrow();
        let both = answers.clone().zip(float.into_iter().zip(int8));
        going.told.words.extend(both.filter_map(|(at, (float, int8))| {
            let span = &going.text.tokens[at].at;
            let word = kept.vocabulary.word(going.text.numbers[at]).to_owned();
            Some(Hidden { at: (span.start as u32, span.end as u32), word, float: float?, int8: int8? })
        }));
        drop(kept);
        going.told.passes.push((float_ms, int8_ms));
        going.next += 1;
        let share = going.next as f32 / all.len() as f32;
        self.going = Some(going);
        Ok(Step::Continue(Some((AnyReply::Words(Reply::Read(share)), Payload::default()))))
    }
}

/// What a model guesses for the words `answers` from what it sees in `window`, and the milliseconds it took. `None`
/// stands for a word that is never guessed. The states know what stands around each word, not the word itself, so
/// one pass answers for all.
fn pass(
    kept: &Kept,
    text: &Reading,
    window: &Range<usize>,
    answers: &Range<usize>,
) -> Result<(Vec<Option<Guess>>, f32), String> {
    let mut own = kept.borrow_mut();
    let (seen, before) = text.seen(window.clone(), None, Side::Both);
    let begun = Instant::now();
    let states = own.states(&seen)?;
    let guess = |at: usize| {
        let truth = text.numbers[at];
        own.vocabulary.guessed(truth).then(|| {
            let readout = &own.readout;
            let p = softmax(&readout.logits(&readout.enter(&states[before + at - window.start])));
            let first = (0..p.len()).max_by(|a, b| p[*a].total_cmp(&p[*b])).unwrap_or(0);
            let word = own.vocabulary.word(first as u32).to_owned();
            Guess { word, sure: p[first], truth: p[truth as usize] }
        })
    };
    let guesses = answers.clone().map(guess).collect();
    Ok((guesses, begun.elapsed().as_secs_f32() * 1e3))
}

impl Job for Twins {
    fn step(&mut self, _: &Backbone) -> Step {
        self.go_on().unwrap_or_else(Step::Failed)
    }
}
