//! The store: the sentence, the model's files, and what the model says.

use super::learning::Learning;
use super::twins::Twins;
use crate::engine::client::file::{self, News};
use crate::engine::client::{Event, Job};
use crate::engine::protocol::words::{
    Ask, Compare, Guessed, Near, Precision, Reply as Answer, Request as Question, Side,
};
use crate::engine::protocol::{Payload, Reply, Request};
use crate::ui::engine::Link;
use crate::ui::store::Store;
use crate::web::clock::{self, Timeout};
use crate::web::files::{self, Blob};
use leptos::prelude::*;
use std::sync::Arc;

pub const FIRST: &str = "Patricia is ____ a French novel.";
/// A blank, as typed.
pub const BLANK: &str = "____";
/// How long the sentence must be left alone.
const DEBOUNCE_MS: u32 = 120;
/// How long before it is asked what mattered.
const PAUSE_MS: u32 = 350;
/// How often one question may be lost to a crash.
const MAX_LOST: u32 = 2;
/// Sentences that can be taken back.
const UNDO: usize = 100;
const CRASHED: &str = "The engine stopped while it was answering. Change the text and try again.";

/// A file of the model.
#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    Absent,
    /// Share received, where known.
    Loading(Option<f32>),
    Here,
    Failed(String),
}

/// What the model says of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    pub text: String,
    pub guessed: Guessed,
}

/// What mattered for one guess.
#[derive(Debug, Clone, PartialEq)]
pub struct Mattered {
    pub text: String,
    pub blank: u32,
    pub word: String,
    /// Token, and how much.
    pub words: Vec<(u32, f32)>,
}

/// Copies are the same store.
pub type Words = Store<WordsParts>;

/// What [`Words`] holds.
pub struct WordsParts {
    engine: Link,
    pub text: RwSignal<String>,
    pub side: RwSignal<Side>,
    pub int8: RwSignal<Model>,
    pub float: RwSignal<Model>,
    pub said: RwSignal<Option<Arc<Said>>>,
    pub float_said: RwSignal<Option<Arc<Said>>>,
    /// Which blank is looked at, in the order of the text.
    pub blank: RwSignal<usize>,
    /// The word whose reasons are shown; `None`: the most probable one.
    pub why: RwSignal<Option<String>>,
    pub mattered: RwSignal<Option<Arc<Mattered>>>,
    pub near: RwSignal<Option<Arc<Near>>>,
    pub near_trouble: RwSignal<Option<String>>,
    pub trouble: RwSignal<Option<String>>,
    pub past: RwSignal<Vec<String>>,
    pub learning: Learning,
    pub twins: Twins,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    files: [Option<Blob>; 2],
    timer: Option<Timeout>,
    pause: Option<Timeout>,
    guess: [Option<Job>; 2],
    why: Option<Job>,
    near: Option<Job>,
}

fn at(precision: Precision) -> usize {
    usize::from(precision == Precision::Float)
}

impl Words {
    pub fn new(engine: Link) -> Self {
        Store::of(WordsParts {
            engine,
            text: RwSignal::new(FIRST.into()),
            side: RwSignal::new(Side::Both),
            int8: RwSignal::new(Model::Absent),
            float: RwSignal::new(Model::Absent),
            said: RwSignal::new(None),
            float_said: RwSignal::new(None),
            blank: RwSignal::new(0),
            why: RwSignal::new(None),
            mattered: RwSignal::new(None),
            near: RwSignal::new(None),
            near_trouble: RwSignal::new(None),
            trouble: RwSignal::new(None),
            past: RwSignal::new(Vec::new()),
            learning: Learning::new(),
            twins: Twins::new(),
            inner: StoredValue::new_local(Inner::default()),
        })
    }

    pub fn model(self, precision: Precision) -> RwSignal<Model> {
        if precision == Precision::Int8 { self.int8 } else { self.float }
    }

    /// Fetches a file of the model unless it is here or on its way; then asks it.
    pub fn load(self, precision: Precision) {
        let model = self.model(precision);
        if matches!(model.get_untracked(), Model::Loading(_) | Model::Here) {
            return;
        }
        model.set(Model::Loading(None));
        file::fetch(precision.file(), move |news| match news {
            News::Loading(received, total) => {
                model.set(Model::Loading(total.map(|t| (received as f32 / t.max(1) as f32).min(1.0))));
            }
            News::Here(bytes) => {
                let blob = files::blob(&bytes, "application/octet-stream");
                self.inner.update_value(|i| i.files[at(precision)] = Some(blob));
                model.set(Model::Here);
                self.guess(precision, 0);
                if precision == Precision::Int8 {
                    self.neighbours("reading");
                }
            }
            News::Failed(reason) => model.set(Model::Failed(reason)),
        });
    }

    /// Another text, typed: asked about once it is left alone.
    pub fn type_text(self, text: String) {
        self.text.set(text);
        self.soon();
    }

    /// Another text all at once, which can be taken back.
    pub fn replace(self, text: String) {
        let before = self.text.get_untracked();
        if before != text {
            self.past.update(|past| {
                past.push(before);
                if past.len() > UNDO {
                    past.remove(0);
                }
            });
            self.text.set(text);
            self.ask();
        }
    }

    pub fn undo(self) {
        if let Some(before) = self.past.try_update(Vec::pop).flatten() {
            self.text.set(before);
            self.ask();
        }
    }

    /// Puts a word into the blank that is looked at.
    pub fn fill(self, word: &str) {
        let Some(said) = self.said.get_untracked().filter(|s| s.text == self.text.get_untracked()) else { return };
        let Some(blank) = said.guessed.blanks.get(self.blank.get_untracked()) else { return };
        let Some(token) = said.guessed.tokens.get(blank.token as usize) else { return };
        let (start, end) = (token.start as usize, token.end as usize);
        let (Some(before), Some(after)) = (said.text.get(..start), said.text.get(end..)) else { return };
        let opens = before.trim_end().is_empty() || before.trim_end().ends_with(['.', '!', '?']);
        let word = if opens { capital(word) } else { word.to_owned() };
        self.replace(format!("{before}{word}{after}"));
    }

    /// Reads another side of the blanks.
    pub fn read_side(self, side: Side) {
        self.side.set(side);
        self.ask();
    }

    fn soon(self) {
        let timer = clock::after(DEBOUNCE_MS, move || self.ask());
        self.inner.update_value(|i| i.timer = Some(timer));
    }

    /// Asks anew, whatever was asked before.
    pub fn ask(self) {
        self.trouble.set(None);
        self.why.set(None);
        self.inner.update_value(|i| i.timer = None);
        self.guess(Precision::Int8, 0);
        if self.float.get_untracked() == Model::Here {
            self.guess(Precision::Float, 0);
        }
    }

    /// Explains another of the guesses.
    pub fn explain(self, word: String) {
        self.why.set(Some(word));
        self.reason(0);
    }

    fn question(self, precision: Precision, ask: Ask) -> Option<(Request, Payload, Blob)> {
        let file = self.inner.with_value(|i| i.files[at(precision)].clone())?;
        // What was learned here belongs to the numbers of the int8 model.
        let learned = if precision == Precision::Int8 { self.learning.in_use() } else { Vec::new() };
        Some((Request::Words(Question { precision, ask }), Payload::floats(learned), file))
    }

    fn guess(self, precision: Precision, lost: u32) {
        let text = self.text.get_untracked();
        let ask = Ask::Guess { text: text.clone(), side: self.side.get_untracked() };
        let Some((request, payload, file)) = self.question(precision, ask) else { return };
        // The answer to an older question is stale.
        if let Some(job) = self.inner.try_update_value(|i| i.guess[at(precision)].take()).flatten() {
            job.cancel();
        }
        let job = self.engine.submit(request, payload, vec![file], move |event| match event {
            Event::Done(Reply::Words(Answer::Guessed(guessed)), _) => {
                let said = Some(Arc::new(Said { text: text.clone(), guessed }));
                if precision == Precision::Float {
                    return self.float_said.set(said);
                }
                self.said.set(said);
                let pause = clock::after(PAUSE_MS, move || self.reason(0));
                self.inner.update_value(|i| i.pause = Some(pause));
            }
            Event::Lost if lost < MAX_LOST => self.guess(precision, lost + 1),
            other => other.trouble(CRASHED).into_iter().for_each(|reason| self.trouble.set(Some(reason))),
        });
        self.inner.update_value(|i| i.guess[at(precision)] = Some(job));
    }

    /// Asks which words mattered for the guess that is looked at.
    pub fn reason(self, lost: u32) {
        if let Some(job) = self.inner.try_update_value(|i| i.why.take()).flatten() {
            job.cancel();
        }
        let Some(said) = self.said.get_untracked() else { return };
        let blank = said.guessed.blanks.get(self.blank.get_untracked()).or(said.guessed.blanks.first());
        let Some(blank) = blank else { return self.mattered.set(None) };
        let first = || blank.top.first().map(|(word, _)| word.clone());
        let Some(word) = self.why.get_untracked().or_else(first) else { return };
        let (text, token) = (said.text.clone(), blank.token);
        let side = self.side.get_untracked();
        let ask = Ask::Explain { text: text.clone(), side, blank: token, word: word.clone() };
        let Some((request, payload, file)) = self.question(Precision::Int8, ask) else { return };
        let job = self.engine.submit(request, payload, vec![file], move |event| match event {
            Event::Done(Reply::Words(Answer::Mattered(words)), _) => {
                let (text, word) = (text.clone(), word.clone());
                self.mattered.set(Some(Arc::new(Mattered { text, blank: token, word, words })));
            }
            Event::Lost if lost < MAX_LOST => self.reason(lost + 1),
            // It only decorates: the guesses are there.
            _ => {}
        });
        self.inner.update_value(|i| i.why = Some(job));
    }

    /// Draws the neighbours of a word.
    pub fn neighbours(self, word: &str) {
        self.near_trouble.set(None);
        if let Some(job) = self.inner.try_update_value(|i| i.near.take()).flatten() {
            job.cancel();
        }
        let ask = Ask::Near { word: word.to_owned() };
        let Some((request, payload, file)) = self.question(Precision::Int8, ask) else { return };
        let job = self.engine.submit(request, payload, vec![file], move |event| match event {
            Event::Done(Reply::Words(Answer::Near(near)), _) => self.near.set(Some(Arc::new(near))),
            other => {
                let lost = "The engine stopped while it was looking. Choose the word again.";
                other.trouble(lost).into_iter().for_each(|reason| self.near_trouble.set(Some(reason)));
            }
        });
        self.inner.update_value(|i| i.near = Some(job));
    }

    /// Goes on learning on a text.
    pub fn study(self, text: String) {
        let seconds = self.learning.seconds.get_untracked();
        let precision = Precision::Int8;
        let Some(file) = self.inner.with_value(|i| i.files[at(precision)].clone()) else { return };
        let request = Request::Words(Question { precision, ask: Ask::Study { text, seconds } });
        self.learning.begin();
        let job = self.engine.submit(request, Payload::default(), vec![file], move |event| {
            if self.learning.hear(event) {
                // The guesses are other ones now.
                self.ask();
            }
        });
        self.learning.keep(job);
    }

    /// Asks float and int8 about every word of a text.
    pub fn ask_twins(self, text: String) {
        let files: Vec<Blob> = self.inner.with_value(|i| i.files.iter().flatten().cloned().collect());
        if files.len() < 2 {
            return;
        }
        self.twins.begin();
        let question = Compare { text: text.clone() };
        let job = self.engine.submit(Request::Twins(question), Payload::default(), files, move |event| {
            self.twins.hear(&text, event);
        });
        self.twins.keep(job);
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
