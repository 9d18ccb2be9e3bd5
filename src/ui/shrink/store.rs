//! The store: what is chosen, and what became of the model.

use super::opened::Opened;
use super::pairs::{Pair, Sum};
use super::pictures::{self, Exam, Picture, Source};
use crate::engine::client::{Event, Job};
use crate::engine::protocol::shrink::{Layer, Machine, Quantized, Recipe, Reply as Answer, Request as Ask, Subject};
use crate::engine::protocol::{Payload, Reply, Request, pack_u32};
use crate::ui::engine::Link;
use crate::ui::learn::Learn;
use crate::ui::pure::times::Times;
use crate::ui::shift::field::Field;
use crate::ui::shift::lab::Lab;
use crate::ui::store::Store;
use crate::web::files::{self, Blob};
use crate::web::urls::ObjectUrl;
use leptos::prelude::*;
use std::sync::Arc;

/// Calibration pictures, and pictures to ask about, at most.
const CALIBRATION: usize = 100;
const ASKED: usize = 200;

/// One recipe that was tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    pub recipe: Recipe,
    pub source: Source,
    pub bytes: usize,
    pub sum: Sum,
    /// Median milliseconds of float and of the small one.
    pub ms: (f32, f32),
}

/// Milliseconds of each run of float and of the small one, and the machine they were taken on.
pub type Warm = (Vec<(f32, f32)>, Machine);

/// The model as requests name it.
pub struct Asked {
    pub subject: Subject,
    pub labels: Vec<String>,
    /// The model's own file, where it is one.
    pub file: Option<Blob>,
}

/// Copies are the same store.
pub type Shrink = Store<ShrinkParts>;

/// What [`Shrink`] holds.
pub struct ShrinkParts {
    pub engine: Link,
    learn: Learn,
    field: Field,
    pub opened: Opened,
    pub recipe: RwSignal<Recipe>,
    pub source: RwSignal<Source>,
    pub exam: RwSignal<Exam>,
    /// Names of the outputs, and whether they are classes at all.
    pub labels: RwSignal<Vec<String>>,
    pub classes: RwSignal<bool>,
    pub quantized: RwSignal<Option<Arc<Quantized>>>,
    /// Every layer that can be left float, whether it is or not.
    pub layers: RwSignal<Vec<Layer>>,
    pub pairs: RwSignal<Vec<Pair>>,
    /// Times of the warm-up runs, and where they were taken.
    pub warm: RwSignal<Option<Warm>>,
    pub tried: RwSignal<Vec<Tried>>,
    /// What is being done, and the share done.
    pub running: RwSignal<Option<(String, f32)>>,
    pub trouble: RwSignal<Option<String>>,
    /// Counts quantized models: names a pair to the engine.
    pub ticket: RwSignal<u32>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    job: Option<Job>,
    file: Option<Blob>,
    asked: Vec<Picture>,
}

impl Shrink {
    pub fn new(engine: Link, learn: Learn, field: Field) -> Self {
        Store::of(ShrinkParts {
            engine,
            learn,
            field,
            opened: Opened::new(engine),
            recipe: RwSignal::new(Recipe::default()),
            source: RwSignal::new(Source::Lab),
            exam: RwSignal::new(Exam::Lab),
            labels: RwSignal::new(Vec::new()),
            classes: RwSignal::new(true),
            quantized: RwSignal::new(None),
            layers: RwSignal::new(Vec::new()),
            pairs: RwSignal::new(Vec::new()),
            warm: RwSignal::new(None),
            tried: RwSignal::new(Vec::new()),
            running: RwSignal::new(None),
            trouble: RwSignal::new(None),
            ticket: RwSignal::new(0),
            inner: StoredValue::new_local(Inner::default()),
        })
    }

    /// There are pictures of this kind. Tracked.
    pub fn has(self, exam: Exam) -> bool {
        match exam {
            Exam::Lab => self.learn.data.total.get() > 0,
            Exam::Field => self.field.seen.with(|seen| !seen.is_empty()),
            Exam::Brought => self.opened.brought.with(|b| !b.is_empty()),
        }
    }

    /// The same for calibration. Tracked.
    pub fn has_source(self, source: Source) -> bool {
        match source {
            Source::Lab | Source::OneClass => self.has(Exam::Lab),
            Source::Field => self.has(Exam::Field),
            Source::Brought => self.has(Exam::Brought),
            Source::Noise => true,
        }
    }

    pub fn cancel(self) {
        if let Some(job) = self.inner.try_update_value(|i| i.job.take()).flatten() {
            job.cancel();
        }
        self.running.set(None);
    }

    /// Forgets what holds for another model.
    pub fn clear(self) {
        self.cancel();
        self.quantized.set(None);
        self.layers.set(Vec::new());
        self.pairs.set(Vec::new());
        self.warm.set(None);
        self.tried.set(Vec::new());
        self.trouble.set(None);
        self.recipe.update(|r| r.exclude.clear());
    }

    /// The model the bench is about; `None` while there is none.
    pub fn asked(self) -> Option<Asked> {
        if untrack(|| self.opened.is_file()) {
            let fit = self.opened.fit.get_untracked();
            let labels = fit.labels.clone();
            return Some(Asked { subject: Subject::File(fit), labels, file: Some(self.opened.file()?) });
        }
        let lab = Lab::now(self.learn)?;
        let subject = Subject::Classifier { head: lab.trained.head.clone(), labels: lab.names.clone() };
        Some(Asked { subject, labels: lab.names, file: None })
    }

    /// Name of an output.
    pub fn label(self, at: usize) -> String {
        self.labels.with(|l| l.get(at).cloned()).unwrap_or_else(|| format!("class {at}"))
    }

    pub fn quantize(self) {
        self.cancel();
        self.quantized.set(None);
        self.pairs.set(Vec::new());
        self.trouble.set(None);
        let Some(asked) = self.asked() else { return };
        let exam = self.exam_pictures(ASKED);
        if exam.is_empty() {
            return self.trouble.set(Some("There are no pictures to ask about.".into()));
        }
        self.labels.set(asked.labels.clone());
        self.classes.set(!matches!(&asked.subject, Subject::File(fit) if !fit.classes));
        self.running.set(Some(("Preparing".into(), 0.0)));
        let (payload, blobs, calibration) = self.bring(&asked, &exam);
        let request = Ask::Quantize { subject: asked.subject, recipe: self.recipe_now(), calibration };
        let job = self.engine.submit(Request::Shrink(request), payload, blobs, move |event| self.hear(event));
        self.inner.update_value(|i| {
            i.job = Some(job);
            i.asked = exam;
        });
    }

    /// The recipe as requests take it.
    pub fn recipe_now(self) -> Recipe {
        let mut recipe = self.recipe.get_untracked();
        recipe.noise = (self.source.get_untracked() == Source::Noise).then_some(CALIBRATION);
        recipe
    }

    /// Payload and blobs of a request that calibrates and then asks: model, calibration, exam.
    pub fn bring(self, asked: &Asked, exam: &[Picture]) -> (Payload, Vec<Blob>, usize) {
        let calibration = self.calibration();
        let payload = Payload::parts(vec![pack_u32(exam.iter().map(|p| pictures::truth(p, &asked.labels)))]);
        let count = calibration.len();
        let all = calibration.iter().chain(exam).map(|p| p.file.clone());
        (payload, asked.file.iter().cloned().chain(all).collect(), count)
    }

    fn calibration(self) -> Vec<Picture> {
        match self.source.get_untracked() {
            Source::Lab => pictures::draw(&pictures::lab(self.learn), CALIBRATION),
            Source::OneClass => {
                let first: Vec<Vec<Picture>> = pictures::lab(self.learn).into_iter().take(1).collect();
                pictures::draw(&first, CALIBRATION)
            }
            Source::Field => pictures::field(self.field, CALIBRATION),
            Source::Brought => self.opened.brought.with_untracked(|b| b.iter().take(CALIBRATION).cloned().collect()),
            Source::Noise => Vec::new(),
        }
    }

    /// Pictures to ask about, at most `most`.
    pub fn exam_pictures(self, most: usize) -> Vec<Picture> {
        match self.exam.get_untracked() {
            Exam::Lab => pictures::draw(&pictures::lab(self.learn), most),
            Exam::Field => pictures::field(self.field, most),
            Exam::Brought => self.opened.brought.with_untracked(|b| b.iter().take(most).cloned().collect()),
        }
    }

    fn hear(self, event: Event) {
        match event {
            Event::Progress(Reply::Shrink(Answer::Working { stage, fraction }), _) => {
                self.running.set(Some((stage, fraction)));
            }
            Event::Progress(Reply::Shrink(Answer::Quantized(quantized)), payload) => {
                let file = payload.parts.first().map(|part| files::blob(part, "application/octet-stream"));
                self.inner.update_value(|i| i.file = file);
                self.ticket.update(|t| *t += 1);
                self.remember(&quantized.layers);
                self.quantized.set(Some(Arc::new(*quantized)));
            }
            Event::Progress(Reply::Shrink(Answer::Warm { runs, machine }), _) => self.warm.set(Some((runs, machine))),
            Event::Progress(Reply::Shrink(Answer::Compared(compared)), payload) => {
                let thumb = payload.parts.first().map_or(&[][..], Vec::as_slice);
                let thumb = Arc::new(ObjectUrl::of(&files::blob(thumb, "image/jpeg")));
                self.pairs.update(|pairs| pairs.push(Pair { compared, numbers: payload.floats.into(), thumb }));
                let done = self.pairs.with_untracked(Vec::len) as f32;
                let asked = self.inner.with_value(|i| i.asked.len()).max(1) as f32;
                self.running.set(Some(("Asking both".into(), 0.5 + 0.5 * done / asked)));
            }
            Event::Done(..) => {
                self.running.set(None);
                if let Some(quantized) = self.quantized.get_untracked() {
                    let (recipe, source) = (self.recipe.get_untracked(), self.source.get_untracked());
                    let (sum, ms) = self.pairs.with_untracked(|pairs| {
                        let median = |of: fn(&Pair) -> f32| Times::of(pairs.iter().map(of)).map_or(0.0, |t| t.median);
                        let float = median(|p| p.compared.apart.float_ms);
                        (Sum::of(pairs), (float, median(|p| p.compared.apart.quantized_ms)))
                    });
                    self.tried.update(|t| t.push(Tried { recipe, source, bytes: quantized.bytes, sum, ms }));
                }
            }
            other => {
                if let Some(reason) = other.trouble("The engine stopped on the way. Quantize again.") {
                    self.running.set(None);
                    self.trouble.set(Some(reason));
                }
            }
        }
    }

    /// Layers that are left float now keep what was known of them.
    fn remember(self, now: &[Layer]) {
        self.layers.update(|all| {
            let excluded = self.recipe.with_untracked(|r| r.exclude.clone());
            let float = all.iter().filter(|l| excluded.contains(&l.name)).cloned().collect::<Vec<_>>();
            *all = now.to_vec();
            all.extend(float);
        });
    }

    /// The quantized model's file.
    pub fn file(self) -> Option<Blob> {
        self.inner.with_value(|i| i.file.clone())
    }

    /// A picture both were asked about.
    pub fn picture(self, index: u32) -> Option<Picture> {
        self.inner.with_value(|i| i.asked.get(index as usize).cloned())
    }

    /// What to call the download, without its ending.
    pub fn name(self) -> String {
        let opened = untrack(|| self.opened.is_file()).then(|| self.opened.found.get_untracked()).flatten();
        match opened {
            Some((name, _)) => format!("{}-small", name.trim_end_matches(".onnx")),
            None => "classifier-small".into(),
        }
    }
}
