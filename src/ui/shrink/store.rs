//! The store: what is chosen, and what became of the classifier.

use crate::engine::client::{Event, Job};
use crate::engine::protocol::shift::UNKNOWN;
use crate::engine::protocol::shrink::{Compared, Quantized, Recipe, Reply as Answer, Request as Ask};
use crate::engine::protocol::{Payload, Reply, Request, pack_u32};
use crate::learn::head::argmax;
use crate::learn::metrics::mcnemar;
use crate::ui::engine::Link;
use crate::ui::learn::Learn;
use crate::ui::pure::tally::Tally;
use crate::ui::shift::field::Field;
use crate::ui::shift::lab::Lab;
use crate::web::files::{self, Blob};
use crate::web::urls::ObjectUrl;
use leptos::prelude::*;
use std::sync::Arc;

/// Calibration pictures, and pictures to ask about, at most.
const CALIBRATION: usize = 100;
const ASKED: usize = 200;

/// Where calibration pictures come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Lab,
    /// Pictures of the first class only.
    OneClass,
    Field,
    Noise,
}

/// What both are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exam {
    /// The field's pictures, which the head has not seen.
    Field,
    /// The lab's, which it was trained on.
    Lab,
}

/// One picture, with both answers.
#[derive(Clone)]
pub struct Pair {
    pub compared: Arc<Compared>,
    pub thumb: Arc<ObjectUrl>,
}

impl Pair {
    pub fn float(&self) -> usize {
        argmax(&self.compared.float)
    }

    pub fn quantized(&self) -> usize {
        argmax(&self.compared.quantized)
    }

    pub fn flipped(&self) -> bool {
        self.float() != self.quantized()
    }

    /// Right answers of float and quantized; `None` where nobody knows the class.
    pub fn right(&self) -> Option<(bool, bool)> {
        let truth = self.compared.truth;
        (truth != UNKNOWN).then(|| (self.float() == truth as usize, self.quantized() == truth as usize))
    }
}

/// What the pairs add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sum {
    pub n: usize,
    pub agree: usize,
    pub float: Tally,
    pub quantized: Tally,
    /// Right for one alone.
    pub only_float: usize,
    pub only_quantized: usize,
}

impl Sum {
    pub fn of(pairs: &[Pair]) -> Self {
        let mut sum = Self::default();
        for pair in pairs {
            sum.n += 1;
            sum.agree += usize::from(!pair.flipped());
            if let Some((float, quantized)) = pair.right() {
                sum.float.add(float);
                sum.quantized.add(quantized);
                sum.only_float += usize::from(float && !quantized);
                sum.only_quantized += usize::from(quantized && !float);
            }
        }
        sum
    }

    /// McNemar's exact p-value.
    pub fn p_value(&self) -> f64 {
        mcnemar(self.only_float, self.only_quantized)
    }
}

/// One recipe that was tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    pub recipe: Recipe,
    pub source: Source,
    pub bytes: usize,
    pub sum: Sum,
}

/// Copies are the same store.
#[derive(Clone, Copy)]
pub struct Shrink {
    engine: Link,
    learn: Learn,
    field: Field,
    pub recipe: RwSignal<Recipe>,
    pub source: RwSignal<Source>,
    pub exam: RwSignal<Exam>,
    pub labels: RwSignal<Vec<String>>,
    pub quantized: RwSignal<Option<Arc<Quantized>>>,
    pub pairs: RwSignal<Vec<Pair>>,
    pub tried: RwSignal<Vec<Tried>>,
    /// What is being done, and the share done.
    pub running: RwSignal<Option<(String, f32)>>,
    pub trouble: RwSignal<Option<String>>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    job: Option<Job>,
    file: Option<Blob>,
    asked: usize,
}

impl Shrink {
    pub fn new(engine: Link, learn: Learn, field: Field) -> Self {
        Self {
            engine,
            learn,
            field,
            recipe: RwSignal::new(Recipe::default()),
            source: RwSignal::new(Source::Lab),
            exam: RwSignal::new(Exam::Lab),
            labels: RwSignal::new(Vec::new()),
            quantized: RwSignal::new(None),
            pairs: RwSignal::new(Vec::new()),
            tried: RwSignal::new(Vec::new()),
            running: RwSignal::new(None),
            trouble: RwSignal::new(None),
            inner: StoredValue::new_local(Inner::default()),
        }
    }

    /// There are field pictures to calibrate on or to ask about.
    pub fn has_field(self) -> bool {
        self.field.seen.with(|seen| !seen.is_empty())
    }

    pub fn cancel(self) {
        if let Some(job) = self.inner.try_update_value(|i| i.job.take()).flatten() {
            job.cancel();
        }
        self.running.set(None);
    }

    /// Forgets what holds for another head.
    pub fn clear(self) {
        self.cancel();
        self.quantized.set(None);
        self.pairs.set(Vec::new());
        self.tried.set(Vec::new());
        self.trouble.set(None);
    }

    pub fn quantize(self) {
        self.cancel();
        self.quantized.set(None);
        self.pairs.set(Vec::new());
        self.trouble.set(None);
        let Some(lab) = Lab::now(self.learn) else { return };
        let calibration = self.calibration(&lab);
        let exam = self.asked(&lab);
        if exam.is_empty() {
            return self.trouble.set(Some("There are no pictures to ask about.".into()));
        }
        let mut recipe = self.recipe.get_untracked();
        recipe.noise = (self.source.get_untracked() == Source::Noise).then_some(CALIBRATION);
        let request = Ask::Quantize {
            head: lab.trained.head.clone(),
            labels: lab.names.clone(),
            recipe,
            calibration: calibration.len(),
        };
        self.labels.set(lab.names.clone());
        self.running.set(Some(("Preparing".into(), 0.0)));
        let payload = Payload::parts(vec![pack_u32(exam.iter().map(|(_, truth)| *truth))]);
        let asked = exam.len();
        let blobs = calibration.into_iter().chain(exam.into_iter().map(|(blob, _)| blob)).collect();
        let job = self.engine.submit(Request::Shrink(request), payload, blobs, move |event| self.hear(event));
        self.inner.update_value(|i| {
            i.job = Some(job);
            i.asked = asked;
        });
    }

    fn calibration(self, lab: &Lab) -> Vec<Blob> {
        let rows = crate::ui::pure::mix::draw(&lab.by_class(), CALIBRATION, None);
        match self.source.get_untracked() {
            Source::Lab => rows.into_iter().filter_map(|row| lab.file(row)).collect(),
            Source::OneClass => {
                let first = lab.by_class().into_iter().next().unwrap_or_default();
                first.into_iter().take(CALIBRATION).filter_map(|row| lab.file(row)).collect()
            }
            Source::Field => {
                let n = self.field.seen.with_untracked(Vec::len).min(CALIBRATION);
                (0..n).filter_map(|at| self.field.file(at)).collect()
            }
            Source::Noise => Vec::new(),
        }
    }

    fn asked(self, lab: &Lab) -> Vec<(Blob, u32)> {
        match self.exam.get_untracked() {
            Exam::Lab => {
                let rows = crate::ui::pure::mix::draw(&lab.by_class(), ASKED, None);
                rows.into_iter().filter_map(|row| Some((lab.file(row)?, lab.labels[row as usize]))).collect()
            }
            Exam::Field => self.field.seen.with_untracked(|seen| {
                let one =
                    |(at, seen): (usize, &crate::ui::shift::field::Seen)| Some((self.field.file(at)?, seen.shot.truth));
                seen.iter().enumerate().take(ASKED).filter_map(one).collect()
            }),
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
                self.quantized.set(Some(Arc::new(quantized)));
            }
            Event::Progress(Reply::Shrink(Answer::Compared(compared)), payload) => {
                let thumb = payload.parts.first().map_or(&[][..], Vec::as_slice);
                let thumb = Arc::new(ObjectUrl::of(&files::blob(thumb, "image/jpeg")));
                self.pairs.update(|pairs| pairs.push(Pair { compared: Arc::new(compared), thumb }));
                let done = self.pairs.with_untracked(Vec::len) as f32;
                let asked = self.inner.with_value(|i| i.asked).max(1) as f32;
                self.running.set(Some(("Asking both".into(), 0.5 + 0.5 * done / asked)));
            }
            Event::Done(..) => {
                self.running.set(None);
                let sum = self.pairs.with_untracked(|pairs| Sum::of(pairs));
                if let Some(quantized) = self.quantized.get_untracked() {
                    let (recipe, source) = (self.recipe.get_untracked(), self.source.get_untracked());
                    self.tried.update(|t| t.push(Tried { recipe, source, bytes: quantized.bytes, sum }));
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

    /// The quantized classifier's file.
    pub fn file(self) -> Option<Blob> {
        self.inner.with_value(|i| i.file.clone())
    }
}
