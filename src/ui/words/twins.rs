//! Float and int8 asked about every word of a text: the masked word as Shrink shows it.

use crate::engine::client::{Event, Job};
use crate::engine::protocol::Reply;
use crate::engine::protocol::words::{Hidden, Reply as Answer, Twins as Told};
use crate::ui::store::Store;
use leptos::prelude::*;
use std::sync::Arc;

/// A text to begin with, of words the model knows.
pub const FIRST: &str = "The old man went out of the house and looked at the sea. It was cold, and there was no wind. \
His daughter had gone to the village to buy bread, and she would not be back before the evening. He sat down upon a \
stone and began to think of the days when he was young. In those days he had a boat of his own, and he used to go \
fishing with his brother every morning. Now his brother was dead, and the boat lay broken upon the shore. \
\u{201c}What are you doing there?\u{201d} said a voice behind him. He turned his head and saw a little girl with a \
basket in her hand. \u{201c}I am waiting for my daughter,\u{201d} he answered, \u{201c}and I am afraid that she will be \
late.\u{201d} The child looked at him for a moment; then she put her hand into the basket and gave him an apple. He \
thanked her, and they talked together until the sun had set and the first star was shining above the hills.";

/// Copies are the same.
pub type Twins = Store<TwinsParts>;

/// What [`Twins`] holds.
pub struct TwinsParts {
    pub text: RwSignal<String>,
    /// Share done while it goes.
    pub going: RwSignal<Option<f32>>,
    pub told: RwSignal<Option<Arc<Answered>>>,
    pub trouble: RwSignal<Option<String>>,
    job: StoredValue<Option<Job>, LocalStorage>,
}

/// What both said of a text.
#[derive(Debug, PartialEq)]
pub struct Answered {
    pub text: String,
    pub told: Told,
}

impl Answered {
    /// The text around a hidden word: what stands before it and behind it, shortened.
    pub fn around(&self, hidden: &Hidden) -> (String, String) {
        const SHOWN: usize = 36;
        let (from, to) = (hidden.at.0 as usize, hidden.at.1 as usize);
        let before: Vec<char> = self.text.get(..from).unwrap_or_default().chars().rev().take(SHOWN).collect();
        let after = self.text.get(to..).unwrap_or_default().chars().take(SHOWN).collect();
        (before.into_iter().rev().collect(), after)
    }
}

impl Twins {
    pub fn new() -> Self {
        Store::of(TwinsParts {
            text: RwSignal::new(FIRST.to_owned()),
            going: RwSignal::new(None),
            told: RwSignal::new(None),
            trouble: RwSignal::new(None),
            job: StoredValue::new_local(None),
        })
    }

    pub(super) fn begin(self) {
        self.stop();
        self.trouble.set(None);
        self.going.set(Some(0.0));
    }

    pub(super) fn keep(self, job: Job) {
        self.job.set_value(Some(job));
    }

    /// Ends it; what was told before stays.
    pub fn stop(self) {
        if let Some(job) = self.job.try_update_value(Option::take).flatten() {
            job.cancel();
        }
        self.going.set(None);
    }

    pub(super) fn hear(self, text: &str, event: Event) {
        match event {
            Event::Progress(Reply::Words(Answer::Read(share)), _) => self.going.set(Some(share)),
            Event::Done(Reply::Words(Answer::Twins(told)), _) => {
                self.going.set(None);
                self.told.set(Some(Arc::new(Answered { text: text.to_owned(), told })));
            }
            other => {
                if let Some(reason) = other.trouble("The engine stopped while it was asked. Ask again.") {
                    self.going.set(None);
                    self.trouble.set(Some(reason));
                }
            }
        }
    }
}
