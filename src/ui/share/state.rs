//! The store: everything a link says, gathered from all benches and put back into them.

use crate::engine::protocol::{BackboneInfo, Twin};
use crate::learn::head::Head;
use crate::share::link::expected::{self, Expected};
use crate::share::link::packed::Archive;
use crate::share::link::table::Id;
use crate::share::link::{self, MAX_CHARS, Recipe, Written};
use crate::ui::benches::{Bench, Part};
use crate::ui::engine::Link;
use crate::ui::language::Languages;
use crate::ui::learn::backbones::Passage;
use crate::ui::learn::{self, Learn};
use crate::ui::shift::field::Source;
use crate::ui::shift::{self, Shift};
use crate::ui::shrink;
use crate::ui::shrink::store::Shrink;
use crate::ui::store::Store;
use crate::ui::theme::Themes;
use crate::web::address;
use leptos::prelude::*;
use std::sync::Arc;

/// Pictures on which the rounded head is compared with the head, at most.
const ASKED: usize = 500;

/// Copies are the same store.
pub type Sharing = Store<SharingParts>;

/// What [`Sharing`] holds.
pub struct SharingParts {
    backbone: Memo<Option<BackboneInfo>>,
    pub learn: Learn,
    pub shift: Shift,
    pub shrink: Shrink,
    themes: Themes,
    languages: Languages,
    pub bench: RwSignal<Bench>,
    part: RwSignal<Part>,
    /// Parts hidden here, by a link.
    pub hidden: RwSignal<u64>,
    /// Parts the next link hides, where it opens, whether it carries the head (`None`: where it must), and
    /// the archive its pictures are in.
    pub hide: RwSignal<u64>,
    pub opens_on: RwSignal<Bench>,
    pub with_head: RwSignal<Option<bool>>,
    pub archive: RwSignal<Option<Archive>>,
}

/// A link and what is to be said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    pub written: Written,
    /// [`Id::Data`].
    pub data: u64,
    pub classes: usize,
    /// Pictures on which the rounded head answers as the head does, and how many were asked.
    pub agreement: Option<(usize, usize)>,
    /// The backbone was brought, and stays here.
    pub brought: bool,
}

impl Sharing {
    pub fn new(
        engine: Link,
        learn: Learn,
        shift: Shift,
        shrink: Shrink,
        (themes, languages): (Themes, Languages),
        looking: (RwSignal<Bench>, RwSignal<Part>),
    ) -> Self {
        let (bench, part) = looking;
        Store::of(SharingParts {
            backbone: engine.backbone(),
            learn,
            shift,
            shrink,
            themes,
            languages,
            bench,
            part,
            hidden: RwSignal::new(0),
            hide: RwSignal::new(0),
            opens_on: RwSignal::new(Bench::Learn),
            with_head: RwSignal::new(None),
            archive: RwSignal::new(None),
        })
    }

    /// The settings of every bench. Tracked.
    fn settings(self) -> Recipe {
        let mut recipe = Recipe::default();
        learn::recipe::write(self.learn, &mut recipe);
        shift::recipe::write(self.shift, &mut recipe);
        shrink::recipe::write(self.shrink, &mut recipe);
        recipe.set(Id::Theme, self.themes.place() as u64);
        recipe.set(Id::Language, self.languages.place() as u64);
        recipe.set(Id::Part, (self.part.get() == Part::Words).into());
        recipe
    }

    /// The settings as text, to be kept with a project; [`Sharing::restore`] takes it. Tracked.
    pub fn snapshot(self) -> String {
        let mut recipe = self.settings();
        recipe.set(Id::Hidden, self.hidden.get());
        recipe.set(Id::Bench, Bench::ALL.iter().position(|b| *b == self.bench.get()).unwrap_or(0) as u64);
        let adopted = self.learn.trainer.adopted();
        let head = adopted.map(|t| t.head.clone());
        link::write("", &recipe, head.as_ref(), usize::MAX).url
    }

    /// Puts back what [`Sharing::snapshot`] told, but for data and backbone; whether that was possible.
    pub fn restore(self, snapshot: &str) -> bool {
        let code = snapshot.rsplit(link::PREFIX).next().unwrap_or_default();
        let Ok(opened) = link::open(code) else { return false };
        self.put(&opened.recipe);
        learn::recipe::adopt(self.learn, &opened.recipe);
        true
    }

    fn put(self, recipe: &Recipe) {
        shift::recipe::read(self.shift, recipe);
        shrink::recipe::read(self.shrink, recipe);
        self.themes.choose(recipe.place(Id::Theme));
        self.languages.choose(recipe.place(Id::Language));
        self.part.set(if recipe.get(Id::Part) == 1 { Part::Words } else { Part::Pictures });
        self.hidden.set(recipe.get(Id::Hidden));
        Bench::ALL.get(recipe.place(Id::Bench)).into_iter().for_each(|bench| self.bench.set(*bench));
    }

    /// Opens a link: everything is as it says.
    pub fn open(self, recipe: &Recipe) {
        self.shift.field.leave();
        learn::recipe::open(self.learn, recipe);
        self.put(recipe);
    }

    /// What is seen here, as far as it is settled. Tracked.
    pub fn seen(self) -> Expected {
        let field = self.shift.field;
        // What an earlier head saw is no result of this one.
        let trained = self.learn.trainer.trained.get();
        let same = field.head.get().zip(trained).is_some_and(|(seen, now)| Arc::ptr_eq(&seen, &now));
        let settled = same && field.running.with(Option::is_none) && field.source.get() != Source::Collected;
        let tally = field.tally();
        let seen = (settled && tally.n > 0).then_some((tally.right as u64, tally.n as u64));
        Expected { field: seen, backbone: self.digest(), ..learn::recipe::seen(self.learn) }
    }

    /// Of the backbone that looks at the pictures, once it does.
    fn digest(self) -> Option<u32> {
        let settled = self.learn.backbones.passage.get() == Passage::Over;
        let info = self.backbone.get().filter(|info| settled && info.twin == self.learn.data.twin.get())?;
        expected::backbone(&info.digest)
    }

    /// The link to what is here now. Tracked.
    pub fn link(self) -> Made {
        let mut recipe = self.settings();
        recipe.set(Id::Hidden, self.hide.get());
        recipe.set(Id::Bench, Bench::ALL.iter().position(|b| *b == self.opens_on.get()).unwrap_or(0) as u64);
        if let Some(archive) = self.archive.get() {
            recipe.set(Id::Data, learn::recipe::ARCHIVE);
            recipe.pack(Id::Archive, archive.pack());
        }
        let data = recipe.get(Id::Data);
        let classes = recipe.classes().len();
        let trained = self.learn.trainer.trained.get();
        let own = data == learn::recipe::OWN;
        if let Some(trained) = &trained {
            let seen = self.seen();
            // Of pictures that stay here, the other side can only be told the accuracy.
            let accuracy = expected::accuracy(&trained.report);
            let expected =
                if own { Expected { accuracy, backbone: seen.backbone, ..Expected::default() } } else { seen };
            recipe.pack(Id::Expected, expected.pack());
        }
        // A head means nothing without the backbone it was trained on, and no link can carry that.
        let brought = self.learn.data.twin.get() == Twin::Brought;
        let wanted = self.with_head.get().unwrap_or(own) && !brought;
        let head = trained.as_ref().filter(|_| wanted).map(|t| &t.head);
        let written = link::write(&address::page(), &recipe, head, MAX_CHARS);
        let agreement = trained.as_ref().zip(written.head.as_ref()).and_then(|(t, rounded)| {
            let embeddings = self.learn.data.embeddings(&t.rows)?;
            (!embeddings.is_empty()).then(|| agreement(&t.head, rounded, &embeddings))
        });
        Made { written, data, classes, agreement, brought }
    }
}

/// On how many embeddings `[n, dim]` two heads name the same class.
fn agreement(a: &Head, b: &Head, embeddings: &[f32]) -> (usize, usize) {
    let rows = embeddings.chunks_exact(a.dim.max(1)).take(ASKED);
    let n = rows.len();
    (rows.filter(|row| a.answer(row).best == b.answer(row).best).count(), n)
}
