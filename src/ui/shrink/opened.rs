//! An ONNX file of anyone's, opened on this bench, and pictures brought for it.

use super::pictures::Picture;
use crate::engine::client::{Event, Job};
use crate::engine::protocol::shrink::{Reply as Answer, Request as Ask};
use crate::engine::protocol::{Payload, Reply, Request};
use crate::foreign::fit::{Fit, Inspected};
use crate::learn::dataset::clean_name;
use crate::ui::engine::Link;
use crate::ui::store::Store;
use crate::web::drop::Dropped;
use crate::web::files::{Blob, Incoming};
use leptos::prelude::*;
use std::sync::Arc;

/// Most pictures brought.
const MOST: usize = 1000;

/// Which model is made smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The person's own, of Learn.
    Classifier,
    /// An ONNX file.
    File,
    /// The masked word, which has both forms already.
    Words,
}

/// Copies are the same.
pub type Opened = Store<OpenedParts>;

/// What [`Opened`] holds.
pub struct OpenedParts {
    engine: Link,
    /// What the bench is about.
    pub subject: RwSignal<Subject>,
    /// Name of the file and what was found in it.
    pub found: RwSignal<Option<(String, Arc<Inspected>)>>,
    pub fit: RwSignal<Fit>,
    pub reading: RwSignal<bool>,
    pub trouble: RwSignal<Option<String>>,
    pub brought: RwSignal<Vec<Picture>, LocalStorage>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    file: Option<Blob>,
    job: Option<Job>,
}

impl Opened {
    pub fn new(engine: Link) -> Self {
        Store::of(OpenedParts {
            engine,
            subject: RwSignal::new(Subject::Classifier),
            found: RwSignal::new(None),
            fit: RwSignal::new(Fit::default()),
            reading: RwSignal::new(false),
            trouble: RwSignal::new(None),
            brought: RwSignal::new_local(Vec::new()),
            inner: StoredValue::new_local(Inner::default()),
        })
    }

    /// The bench is about the file.
    pub fn is_file(self) -> bool {
        self.subject.get() == Subject::File
    }

    pub fn file(self) -> Option<Blob> {
        self.inner.with_value(|i| i.file.clone())
    }

    /// Files of any kind: a model is opened, pictures are kept for it.
    pub fn take(self, files: Vec<Incoming>) {
        let mut pictures = Vec::new();
        for file in files.into_iter().filter(|f| !f.is_left_behind()) {
            if file.name.to_lowercase().ends_with(".onnx") {
                self.open(file);
            } else if file.blob.type_().starts_with("image/") {
                pictures.push(Picture { file: file.blob, class: file.folder });
            } else {
                let name = clean_name(&file.name);
                self.trouble.set(Some(format!("\u{201c}{name}\u{201d} is neither a picture nor an ONNX file.")));
            }
        }
        if !pictures.is_empty() {
            self.brought.update(|b| {
                b.extend(pictures);
                b.truncate(MOST);
            });
        }
    }

    pub fn take_dropped(self, dropped: Dropped) {
        leptos::task::spawn_local(async move { dropped.walk(|files| self.take(files)).await });
    }

    pub fn forget_pictures(self) {
        self.brought.update(Vec::clear);
    }

    fn open(self, file: Incoming) {
        if let Some(job) = self.inner.try_update_value(|i| i.job.take()).flatten() {
            job.cancel();
        }
        self.trouble.set(None);
        self.reading.set(true);
        let (name, blob) = (clean_name(&file.name), file.blob);
        let kept = blob.clone();
        let job =
            self.engine.submit(
                Request::Shrink(Ask::Inspect),
                Payload::default(),
                vec![blob],
                move |event| match event {
                    Event::Done(Reply::Shrink(Answer::Inspected(found)), _) => {
                        self.reading.set(false);
                        self.inner.update_value(|i| i.file = Some(kept.clone()));
                        self.fit.set(found.fit.clone());
                        self.found.set(Some((name.clone(), Arc::new(*found))));
                        self.subject.set(Subject::File);
                    }
                    other => {
                        if let Some(reason) = other.trouble("The engine stopped while reading the model.") {
                            self.reading.set(false);
                            self.trouble.set(Some(format!("\u{201c}{name}\u{201d}: {reason}")));
                        }
                    }
                },
            );
        self.inner.update_value(|i| i.job = Some(job));
    }
}
