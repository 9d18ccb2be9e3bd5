//! A link that is being opened, and what came of it: asked about first where there is work, compared with
//! the sender's result afterwards.

use super::keep::{Keep, Saving};
use super::state::Sharing;
use crate::share::link::expected::{Expected, Line, State};
use crate::share::link::packed::Archive;
use crate::share::link::table::Id;
use crate::share::link::{self, Recipe};
use crate::ui::learn::import::Into;
use crate::ui::learn::recipe as data;
use crate::ui::store::Store;
use crate::web::files::Incoming;
use crate::web::listen::Listener;
use crate::web::{address, fetched};
use leptos::prelude::*;
use std::sync::Arc;

/// A link before anybody agreed to open it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub recipe: Recipe,
    pub unknown: Vec<String>,
    pub archive: Option<Archive>,
}

/// Copies are the same store.
pub type Opened = Store<OpenedParts>;

/// What [`Opened`] holds.
pub struct OpenedParts {
    pub sharing: Sharing,
    keep: Keep,
    /// Waits for an answer.
    pub asked: RwSignal<Option<Arc<Asked>>>,
    pub asking: RwSignal<bool>,
    /// Share of the archive received.
    pub loading: RwSignal<Option<f32>>,
    pub trouble: RwSignal<Option<String>>,
    /// The link that was opened last.
    pub recipe: RwSignal<Option<Arc<Asked>>>,
    /// Compared with the sender. What was settled once stays.
    pub lines: RwSignal<Vec<Line>>,
    listener: StoredValue<Option<Listener>, LocalStorage>,
}

impl Opened {
    /// Looks at the address once saved work is back, and whenever it changes.
    pub fn new(sharing: Sharing, keep: Keep) -> Self {
        let restored = keep.restored;
        let opened = Store::of(OpenedParts {
            sharing,
            keep,
            asked: RwSignal::new(None),
            asking: RwSignal::new(false),
            loading: RwSignal::new(None),
            trouble: RwSignal::new(None),
            recipe: RwSignal::new(None),
            lines: RwSignal::new(Vec::new()),
            listener: StoredValue::new_local(None),
        });
        Effect::new(move |looked: Option<bool>| {
            let looked = looked.unwrap_or_default();
            if restored.get() && !looked {
                untrack(|| opened.look());
                opened.listener.set_value(address::on_fragment(move || opened.look()));
            }
            looked || restored.get()
        });
        Effect::new(move |_| {
            let here = sharing.seen();
            untrack(|| opened.compare(&here));
        });
        opened
    }

    fn look(self) {
        let fragment = address::fragment();
        let Some(code) = fragment.strip_prefix(link::PREFIX) else { return };
        address::clear_fragment();
        let read = match link::open(code) {
            Ok(read) => read,
            Err(refusal) => return self.trouble.set(Some(refusal.to_string())),
        };
        let archive = read.recipe.bytes(Id::Archive).and_then(Archive::read);
        let archive = archive.filter(|_| read.recipe.get(Id::Data) == data::ARCHIVE);
        let asked = Arc::new(Asked { recipe: read.recipe, unknown: read.unknown, archive });
        let must_ask = self.work() || asked.archive.is_some();
        self.asked.set(Some(asked));
        if must_ask { self.asking.set(true) } else { self.agree() }
    }

    /// The person wants it.
    pub fn agree(self) {
        self.asking.set(false);
        let Some(asked) = self.asked.get_untracked() else { return };
        self.asked.set(None);
        self.trouble.set(None);
        leptos::task::spawn_local(async move {
            match asked.archive.clone() {
                None => {
                    self.open(asked).await;
                }
                Some(archive) => self.fetch(asked, archive).await,
            }
        });
    }

    /// There is something here that opening a link would push aside.
    fn work(self) -> bool {
        let learn = self.sharing.learn;
        learn.data.class_ids.with_untracked(|c| !c.is_empty()) || learn.importer.active.get_untracked()
    }

    /// Work is kept as a project of its own, so that a link opens beside it. Tracked.
    pub fn keeps(self) -> bool {
        !matches!(self.keep.saving.get(), Saving::Off(_))
    }

    /// The person would rather keep what is there.
    pub fn decline(self) {
        self.asking.set(false);
        self.asked.set(None);
    }

    /// Beside the work that is there, in a project of its own; where nothing can be kept, in its place, as one
    /// step of undo. Whether it was opened: work that cannot be saved just now stays.
    async fn open(self, asked: Arc<Asked>) -> bool {
        let aside = self.work() || self.sharing.learn.data.refuses();
        if aside && untrack(|| self.keeps()) && !self.keep.begin_new("From a link").await {
            self.trouble.set(Some("The link was not opened, because the work that is here is not saved yet.".into()));
            return false;
        }
        self.lines.set(Vec::new());
        self.sharing.open(&asked.recipe);
        self.recipe.set(Some(asked));
        let here = untrack(|| self.sharing.seen());
        self.compare(&here);
        true
    }

    /// Opens nothing before all of the archive is there and is the one the link names.
    async fn fetch(self, asked: Arc<Asked>, wanted: Archive) {
        self.loading.set(Some(0.0));
        let progress = move |bytes: u64| self.loading.set(Some(bytes as f32 / wanted.size.max(1) as f32));
        let fetched = fetched::fetch(&wanted.address, wanted.size, "archive", progress).await;
        self.loading.set(None);
        let other =
            "The archive at this address is another one than the link names: its hash differs. Nothing was opened.";
        match fetched {
            Ok(file) if file.size == wanted.size && file.sha256 == wanted.sha256 => {
                if self.open(asked).await {
                    let incoming = Incoming { name: "archive.zip".into(), folder: None, blob: file.blob };
                    self.sharing.learn.importer.add(vec![incoming], Into::Folders);
                }
            }
            Ok(_) => self.trouble.set(Some(other.into())),
            Err(reason) => self.trouble.set(Some(reason)),
        }
    }

    fn expected(self) -> Option<Expected> {
        let asked = self.recipe.get_untracked()?;
        let expected = asked.recipe.bytes(Id::Expected).and_then(Expected::read)?;
        // Of pictures that stayed at the sender's only the backbone can be compared.
        let own = asked.recipe.get(Id::Data) == data::OWN;
        Some(if own { Expected { accuracy: None, ..expected } } else { expected })
    }

    fn compare(self, here: &Expected) {
        let Some(expected) = self.expected() else { return };
        let before = self.lines.get_untracked();
        let settled = |line: Line| {
            let earlier = before.iter().find(|l| l.what == line.what && l.state != State::Waiting);
            earlier.cloned().unwrap_or(line)
        };
        let lines: Vec<Line> = expected.compare(here).into_iter().map(settled).collect();
        if lines != before {
            self.lines.set(lines);
        }
    }

    pub fn dismiss(self) {
        self.trouble.set(None);
        self.recipe.set(None);
        self.lines.set(Vec::new());
    }
}
