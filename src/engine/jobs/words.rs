//! The masked word: guesses, what mattered, neighbours, and learning on a text. A pass of the model a step.

use super::{Job, Source, Step, read_all};
use crate::engine::protocol::words::{Ask, Blank, Guessed, Near, Precision, Reply, Request, Token};
use crate::engine::protocol::{Payload, Reply as AnyReply};
use crate::learn::words::reading::{LENGTH, Reading, Side};
use crate::learn::words::readout::{Readout, softmax, top};
use crate::learn::words::study::{Study, windows};
use crate::learn::words::text::{Kind, SPECIALS};
use crate::learn::words::{map, reading};
use crate::model::backbone::Backbone;
use crate::model::words::WordModel;
use std::cell::RefCell;
use std::rc::Rc;
use web_time::Instant;

/// Largest word model read, in bytes.
const MAX_FILE: u64 = 32 << 20;
/// Words told of a blank, and neighbours of a word.
const TOLD: usize = 12;
const NEIGHBOURS: usize = 24;
/// Words of a pasted text that are read, at most; and how many from the end of a window are left to the next.
pub(super) const MOST: usize = 1500;
pub(super) const MARGIN: usize = 8;
/// Longest that may be learned, seconds.
const LONGEST: f32 = 120.0;

pub(super) type Kept = Rc<RefCell<WordModel>>;

thread_local! {
    /// Models made of files that came with requests, by precision and size. Only a saving of time: whoever asks
    /// brings the file, so an engine that has none makes it anew.
    static KEPT: RefCell<Vec<(Precision, u64, Kept)>> = const { RefCell::new(Vec::new()) };
}

pub(super) fn model(precision: Precision, file: &mut dyn Source) -> Result<Kept, String> {
    let unreadable = "The word model could not be read.";
    let size = file.seek(std::io::SeekFrom::End(0)).map_err(|_| unreadable)?;
    let known = KEPT.with_borrow(|kept| kept.iter().find(|k| (k.0, k.1) == (precision, size)).map(|k| k.2.clone()));
    if let Some(known) = known {
        return Ok(known);
    }
    let bytes = read_all(file, MAX_FILE).map_err(|_| unreadable)?;
    let made = Rc::new(RefCell::new(WordModel::load(&bytes)?));
    KEPT.with_borrow_mut(|kept| {
        kept.retain(|k| k.0 != precision);
        kept.push((precision, size, made.clone()));
    });
    Ok(made)
}

pub struct Words {
    request: Request,
    learned: Vec<f32>,
    file: Box<dyn Source>,
    stage: Stage,
}

enum Stage {
    Start,
    Hiding { kept: Kept, readout: Readout, text: Reading, at: usize, wanted: u32, next: usize, told: Vec<(u32, f32)> },
    Reading { kept: Kept, readout: Readout, numbers: Vec<u32>, next: usize, states: Vec<Vec<f32>> },
    Studying { study: Box<Study>, begun: Instant, numbers: (u32, u32) },
}

impl Words {
    /// # Errors
    /// A sentence: a text that is too long.
    pub fn new(request: Request, payload: Payload, file: Box<dyn Source>) -> Result<Self, String> {
        let (Ask::Guess { text, .. } | Ask::Explain { text, .. } | Ask::Near { word: text } | Ask::Study { text, .. }) =
            &request.ask;
        if text.len() > reading::MAX_TEXT {
            let most = reading::MAX_TEXT / 1000;
            return Err(format!("The text is too long: at most {most},000 characters are read. Take a part of it."));
        }
        Ok(Self { request, learned: payload.floats, file, stage: Stage::Start })
    }

    fn start(&mut self) -> Result<Step, String> {
        let kept = model(self.request.precision, &mut *self.file)?;
        let mut own = kept.borrow_mut();
        let readout = if self.learned.is_empty() { own.readout.clone() } else { own.readout.with(&self.learned)? };
        match &self.request.ask {
            Ask::Guess { text, side } => guess(&mut own, &readout, text, *side).map(|g| done(Reply::Guessed(g))),
            Ask::Near { word } => near(&own, &readout, word).map(|n| done(Reply::Near(n))),
            Ask::Explain { text, side, blank, word } => {
                let text = Reading::new(text, &own.vocabulary)?;
                let (at, wanted) = (*blank as usize, own.vocabulary.find(word));
                let (true, Some(wanted)) = (at < text.numbers.len(), wanted) else {
                    return Err("There is no such word or blank.".into());
                };
                // The first pass hides nothing.
                let next = text.window(at, *side).start;
                drop(own);
                self.stage = Stage::Hiding { kept, readout, text, at, wanted, next, told: Vec::new() };
                Ok(news(Reply::Mattering(0.0)))
            }
            Ask::Study { text, .. } => {
                let mut numbers = Reading::new(text, &own.vocabulary)?.numbers;
                numbers.truncate(MOST);
                drop(own);
                self.stage = Stage::Reading { kept, readout, numbers, next: 0, states: Vec::new() };
                Ok(news(Reply::Read(0.0)))
            }
        }
    }

    fn go_on(&mut self) -> Result<Step, String> {
        match std::mem::replace(&mut self.stage, Stage::Start) {
            Stage::Start => self.start(),
            Stage::Hiding { kept, readout, text, at, wanted, next, mut told } => {
                let Ask::Explain { side, .. } = self.request.ask else { return Err("Nothing was asked.".into()) };
                let window = text.window(at, side);
                let probability = |hide| -> Result<f32, String> {
                    let (seen, before) = text.seen(window.clone(), hide, side);
                    let states = kept.borrow_mut().states(&seen)?;
                    let p = softmax(&readout.logits(&readout.enter(&states[before + at - window.start])));
                    Ok(p[wanted as usize].max(1e-9).ln())
                };
                if told.is_empty() {
                    told.push((at as u32, probability(None)?));
                }
                if next < window.end {
                    if next != at {
                        told.push((next as u32, told[0].1 - probability(Some(next))?));
                    }
                    let share = (next + 1 - window.start) as f32 / window.len() as f32;
                    self.stage = Stage::Hiding { kept, readout, text, at, wanted, next: next + 1, told };
                    return Ok(news(Reply::Mattering(share)));
                }
                told.remove(0);
                Ok(done(Reply::Mattered(told)))
            }
            Stage::Reading { kept, readout, numbers, next, mut states } => {
                let all = windows(numbers.len(), LENGTH, MARGIN);
                if let Some((window, answers)) = all.get(next) {
                    let seen = kept.borrow_mut().states(&numbers[window.clone()])?;
                    states.extend(answers.clone().map(|at| seen[at - window.start].clone()));
                    let share = (next + 1) as f32 / all.len() as f32;
                    self.stage = Stage::Reading { kept, readout, numbers, next: next + 1, states };
                    return Ok(news(Reply::Read(share)));
                }
                let own = kept.borrow();
                let asked: Vec<usize> = (0..numbers.len()).filter(|i| own.vocabulary.guessed(numbers[*i])).collect();
                let states: Vec<Vec<f32>> = asked.iter().map(|i| std::mem::take(&mut states[*i])).collect();
                let numbers_that_learn = (readout.tuned.count() as u32, own.parameters as u32);
                let study = Study::new(readout, &states, asked.iter().map(|i| numbers[*i]).collect())?;
                self.stage =
                    Stage::Studying { study: Box::new(study), begun: Instant::now(), numbers: numbers_that_learn };
                Ok(Step::Continue(None))
            }
            Stage::Studying { mut study, begun, numbers } => {
                let Ask::Study { seconds, .. } = self.request.ask else { return Err("Nothing was asked.".into()) };
                let measured = study.step();
                let passed = begun.elapsed().as_secs_f32();
                let (learned, held) = study.sizes();
                let told = measured.map(|measured| {
                    let words = (learned as u32, held as u32);
                    let reply = Reply::Studied { measured, seconds: passed, words, numbers };
                    (AnyReply::Words(reply), Payload::floats(study.readout().tuned.flat()))
                });
                let over = passed >= seconds.min(LONGEST);
                self.stage = Stage::Studying { study, begun, numbers };
                Ok(match told {
                    Some((reply, payload)) if over => Step::Done(reply, payload),
                    told => Step::Continue(told),
                })
            }
        }
    }
}

fn done(reply: Reply) -> Step {
    Step::Done(AnyReply::Words(reply), Payload::default())
}

fn news(reply: Reply) -> Step {
    Step::Continue(Some((AnyReply::Words(reply), Payload::default())))
}

fn guess(model: &mut WordModel, readout: &Readout, text: &str, side: Side) -> Result<Guessed, String> {
    let text = Reading::new(text, &model.vocabulary)?;
    let begun = Instant::now();
    let mut blanks = Vec::new();
    let mut last: Option<(std::ops::Range<usize>, Vec<Vec<f32>>)> = None;
    for at in text.blanks.iter().copied() {
        let window = text.window(at, side);
        // One pass answers for every blank in it.
        let (seen, before) = text.seen(window.clone(), None, side);
        let states = match last.take() {
            Some((known, states)) if known == window => states,
            _ => model.states(&seen)?,
        };
        let p = softmax(&readout.logits(&readout.enter(&states[before + at - window.start])));
        let top = top(&p, TOLD).into_iter().map(|(w, p)| (model.vocabulary.word(w).to_owned(), p)).collect();
        blanks.push(Blank { token: at as u32, top, seen: (window.start as u32, window.end as u32) });
        last = Some((window, states));
    }
    let ms = begun.elapsed().as_secs_f32() * 1e3;
    let token = |(token, number): (&crate::learn::words::text::Token, &u32)| Token {
        start: token.at.start as u32,
        end: token.at.end as u32,
        known: *number as usize >= SPECIALS || matches!(token.kind, Kind::Blank | Kind::Number),
    };
    Ok(Guessed {
        tokens: text.tokens.iter().zip(&text.numbers).map(token).collect(),
        blanks,
        bytes: model.bytes as u32,
        parameters: model.parameters as u32,
        ms,
    })
}

fn near(model: &WordModel, readout: &Readout, word: &str) -> Result<Near, String> {
    let found = crate::learn::words::text::tokens(word).into_iter().next().map(|t| model.vocabulary.number(&t.kind));
    let number = found.filter(|n| model.vocabulary.guessed(*n)).ok_or_else(|| {
        let shown: String = word.chars().filter(|c| !c.is_control()).take(30).collect();
        format!("The model does not know the word \u{201c}{shown}\u{201d}. It knows the 12,000 most frequent words of old books.")
    })?;
    let mut words = vec![(number, 1.0)];
    words.extend(map::nearest(readout, number, NEIGHBOURS));
    let (points, shown) = map::plane(readout, &words.iter().map(|(w, _)| *w).collect::<Vec<_>>());
    let name = |w: u32| model.vocabulary.word(w).to_owned();
    let words = words.into_iter().zip(points).map(|((w, cosine), point)| (name(w), cosine, point)).collect();
    Ok(Near { word: name(number), words, shown })
}

impl Job for Words {
    fn step(&mut self, _: &Backbone) -> Step {
        self.go_on().unwrap_or_else(Step::Failed)
    }

    fn urgent(&self) -> bool {
        matches!(self.request.ask, Ask::Guess { .. })
    }
}
