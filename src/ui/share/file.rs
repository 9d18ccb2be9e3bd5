//! Project files: saved as a download, opened by a button or by dropping them on the page.

use super::keep::Keep;
use super::state::Sharing;
use crate::engine::client::{Event, Job};
use crate::engine::protocol::images::{Item, Outcome};
use crate::engine::protocol::share::{Reply as Answer, Request as Ask};
use crate::engine::protocol::{Payload, Reply, Request, Twin};
use crate::learn::dataset::{Class as OwnClass, ClassId, Dataset, Entry, PictureId};
use crate::share::project::{self, Class, Picture, Project};
use crate::ui::benches::Bench;
use crate::ui::engine::Link;
use crate::ui::learn::Learn;
use crate::ui::learn::import::arrival;
use crate::ui::learn::vault::Stored;
use crate::ui::pure::format::{bytes, count, percent};
use crate::ui::pure::summary::Summary;
use crate::ui::store::Store;
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::pick::{PickButton, What};
use crate::ui::widgets::progress::Progress;
use crate::ui::widgets::toast::Toasts;
use crate::web::files::{self, Blob, Incoming};
use crate::web::urls;
use leptos::prelude::*;

/// How often opening may be lost to a crash.
const MAX_LOST: u32 = 3;

#[derive(Debug, Clone, PartialEq)]
enum State {
    Idle,
    /// What is being done, and the share that is.
    Busy(&'static str, f32),
    Done(String),
    Failed(String),
}

/// Copies are the same.
pub type Files = Store<FilesParts>;

/// What [`Files`] holds.
pub struct FilesParts {
    engine: Link,
    learn: Learn,
    keep: Keep,
    sharing: Sharing,
    toasts: Toasts,
    state: RwSignal<State>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    job: Option<Job>,
    /// Of the file that is written.
    pieces: Vec<Blob>,
    reading: Option<Reading>,
}

/// A project file as far as it has been read.
struct Reading {
    file: Incoming,
    project: Option<Project>,
    /// Pictures dealt with.
    done: usize,
    lost: u32,
    entries: Vec<Entry>,
    bulk: Vec<(PictureId, Stored)>,
    refused: Vec<(String, String)>,
    notes: Vec<(String, String)>,
}

impl Files {
    pub fn new(engine: Link, sharing: Sharing, keep: Keep, toasts: Toasts) -> Self {
        let (learn, state) = (sharing.learn, RwSignal::new(State::Idle));
        let inner = StoredValue::new_local(Inner::default());
        let files = Store::of(FilesParts { engine, learn, sharing, keep, toasts, state, inner });
        // One that was dropped, or chosen among pictures.
        Effect::new(move |_| {
            if let Some(file) = learn.importer.dropped_project.get() {
                learn.importer.dropped_project.set(None);
                files.open(file);
            }
        });
        files
    }

    /// Saves the project as a file.
    pub fn save(self) {
        self.cancel();
        let (data, trained) = (self.learn.data, self.learn.trainer.trained.get_untracked());
        let now = data.snapshot();
        let mut originals = Vec::new();
        let mut pictures = Vec::new();
        for entry in now.pictures.iter() {
            let (Some(stored), Some(class)) =
                (data.stored(entry.id), now.classes.iter().position(|c| c.id == entry.class))
            else {
                continue;
            };
            originals.push(stored.original);
            let (name, digest) = (entry.name.clone(), format!("{:016x}", entry.digest));
            pictures.push(Picture { file: String::new(), name, class, burst: entry.burst, digest });
        }
        let classes = now.classes.iter().map(|c| Class { name: c.name.clone(), color: c.color }).collect();
        let project = Box::new(Project {
            format: project::FORMAT.into(),
            version: project::VERSION,
            app: env!("CARGO_PKG_VERSION").into(),
            name: self.keep.name.get_untracked(),
            backbone: format!("{:?}", data.twin.get_untracked()),
            classes,
            pictures,
            recipe: untrack(|| self.sharing.snapshot()),
            accuracy: trained.as_ref().and_then(|t| t.report.accuracy).map(|a| a.value),
        });
        let head = trained.map(|t| Box::new(t.head.clone()));
        let total = project.pictures.len();
        self.state.set(State::Busy("Writing the project file", 0.0));
        let request = Request::Share(Ask::Pack { project, head });
        let job =
            self.engine.submit(request, Payload::default(), originals, move |event| self.hear_packing(event, total));
        self.inner.update_value(|i| i.job = Some(job));
    }

    fn hear_packing(self, event: Event, pictures: usize) {
        match event {
            Event::Progress(Reply::Share(Answer::Packing { done, total }), payload) => {
                self.keep_piece(payload);
                self.state.set(State::Busy("Writing the project file", done as f32 / total.max(1) as f32));
            }
            Event::Done(Reply::Share(Answer::Packed { left_out }), payload) => {
                self.keep_piece(payload);
                let pieces = self.inner.try_update_value(|i| std::mem::take(&mut i.pieces)).unwrap_or_default();
                let file = files::joined(&pieces, "application/zip");
                let name = project::file_name(&self.keep.name.get_untracked());
                urls::download(&name, &file);
                let packed = count(pictures - left_out.len(), "picture", "pictures");
                let mut said = format!(
                    "{name} has {packed} and {}. Places and serial numbers in the photos were left out.",
                    bytes(file.size() as u64)
                );
                if self.learn.data.twin.get_untracked() == Twin::Brought {
                    said += " The backbone you brought is not in it: keep its file, too.";
                }
                if let Some((name, reason)) = left_out.first() {
                    said += &format!(" Not in it: {name} ({reason}), {} in all.", left_out.len());
                }
                self.toasts.say(format!("{name} is saved."));
                self.state.set(State::Done(said));
            }
            Event::Failed(reason) => self.state.set(State::Failed(reason)),
            Event::Lost => {
                self.state.set(State::Failed("The engine stopped while it wrote the file. Please try again.".into()))
            }
            Event::Cancelled | Event::Progress(..) | Event::Done(..) => {}
        }
    }

    /// A piece of the file goes to the browser, which may put it on disk.
    fn keep_piece(self, payload: Payload) {
        let pieces: Vec<Blob> = payload.parts.iter().map(|part| files::blob(part, "application/zip")).collect();
        self.inner.update_value(|i| i.pieces.extend(pieces));
    }

    /// Opens a project file as a project of its own. Until it has been read, nothing changes.
    pub fn open(self, file: Incoming) {
        self.cancel();
        let (project, done, lost) = (None, 0, 0);
        let (entries, bulk, refused, notes) = Default::default();
        let reading = Reading { file, project, done, lost, entries, bulk, refused, notes };
        self.inner.update_value(|i| i.reading = Some(reading));
        self.sharing.bench.set(Bench::Share);
        self.read();
    }

    fn read(self) {
        let start = self.inner.with_value(|i| i.reading.as_ref().map(|r| (r.file.blob.clone(), r.done)));
        let Some((blob, skip)) = start else { return };
        self.state.set(State::Busy("Reading the project file", 0.0));
        let request = Request::Share(Ask::Unpack { skip });
        let job = self.engine.submit(request, Payload::default(), vec![blob], move |event| self.hear_reading(event));
        self.inner.update_value(|i| i.job = Some(job));
    }

    fn hear_reading(self, event: Event) {
        match event {
            Event::Progress(Reply::Share(Answer::Opened(project)), _) => {
                self.inner.update_value(|i| i.reading.iter_mut().for_each(|r| r.project = Some(*project.clone())));
            }
            Event::Progress(Reply::Share(Answer::Item(item)), payload) => {
                let twin = self.learn.data.twin.get_untracked();
                let share = self.inner.try_update_value(|i| i.reading.as_mut().map(|r| r.take(item, payload, twin)));
                if let Some(share) = share.flatten() {
                    self.state.set(State::Busy("Reading the project file", share));
                }
            }
            Event::Done(..) => {
                if let Some(reading) = self.inner.try_update_value(|i| i.reading.take()).flatten() {
                    leptos::task::spawn_local(self.adopt(reading));
                }
            }
            Event::Failed(reason) => self.fail(reason),
            Event::Lost => {
                let lost = self.inner.try_update_value(|i| i.reading.as_mut().map(|r| r.is_lost()));
                match lost.flatten() {
                    Some(lost) if lost < MAX_LOST => self.read(),
                    _ => self.fail("The engine stopped several times while it read the file.".into()),
                }
            }
            Event::Cancelled | Event::Progress(..) => {}
        }
    }

    fn fail(self, reason: String) {
        let name = self.inner.try_update_value(|i| i.reading.take()).flatten().map(|r| r.file.name);
        let name = name.unwrap_or_default();
        self.state.set(State::Failed(format!("{name} was not opened. {reason} Your present project is as it was.")));
    }

    async fn adopt(self, reading: Reading) {
        let Reading { project: Some(project), entries, bulk, refused, notes, file, .. } = reading else { return };
        let classes = project.classes.iter().enumerate();
        let classes = classes.map(|(at, c)| OwnClass { id: at as ClassId, name: c.name.clone(), color: c.color });
        let data = Dataset::rebuilt(classes.collect(), entries, (0, 0));
        let twin = Twin::ALL.iter().copied().find(|t| format!("{t:?}") == project.backbone).unwrap_or_default();
        let said = format!(
            "Opened {}: {} in {}.",
            file.name,
            count(data.pictures.len(), "picture", "pictures"),
            count(data.classes.len(), "class", "classes")
        );
        let name = if project.name.is_empty() { self.keep.free_name() } else { project.name };
        let added = data.pictures.len();
        if !self.keep.adopt(name, data, bulk, twin).await {
            return self.state.set(State::Failed(format!("{} was not opened.", file.name)));
        }
        if !project.recipe.is_empty() {
            self.sharing.restore(&project.recipe);
        }
        let was = project.accuracy.map(|a| format!(" When it was saved, its accuracy was {}.", percent(a)));
        self.state.set(State::Done(said.clone() + &was.unwrap_or_default()));
        let summary = Summary { added, refused, notes, ..Summary::default() };
        if summary.is_plain() {
            self.toasts.say(said);
        } else {
            self.learn.importer.summary.set(Some(summary));
        }
        self.sharing.bench.set(Bench::Learn);
    }

    pub fn cancel(self) {
        let job = self.inner.try_update_value(|i| {
            i.pieces.clear();
            i.reading = None;
            i.job.take()
        });
        if let Some(job) = job.flatten() {
            job.cancel();
        }
        self.state.set(State::Idle);
    }
}

impl Reading {
    /// One picture of the file; returns the share that is read.
    fn take(&mut self, item: Item, payload: Payload, twin: Twin) -> f32 {
        let Some(project) = &self.project else { return 0.0 };
        let Some(picture) = project.pictures.get(item.index) else { return 1.0 };
        self.done = item.index + 1;
        let id = item.index as PictureId;
        match item.outcome {
            Outcome::Refused(reason) => self.refused.push((picture.name.clone(), reason)),
            Outcome::Accepted(seen) => match arrival(&picture.name, &seen, twin, payload, picture.burst, None) {
                Some(arrival) => {
                    let digest = u64::from_str_radix(&picture.digest, 16).unwrap_or(arrival.digest);
                    let (name, class, burst) = (picture.name.clone(), picture.class as ClassId, picture.burst);
                    self.entries.push(Entry { id, class, name, digest, dhash: arrival.dhash, burst });
                    self.bulk.push((id, arrival.stored));
                    self.notes.extend(seen.note.map(|note| (picture.name.clone(), note)));
                }
                None => self.refused.push((picture.name.clone(), "The engine\u{2019}s answer was incomplete.".into())),
            },
        }
        self.done as f32 / project.pictures.len().max(1) as f32
    }

    /// The engine stopped at the picture that was next: it is passed over, the second time.
    fn is_lost(&mut self) -> u32 {
        self.lost += 1;
        if self.lost > 1
            && let Some(picture) = self.project.as_ref().and_then(|p| p.pictures.get(self.done))
        {
            self.refused.push((picture.name.clone(), "It stopped the engine.".into()));
            self.done += 1;
        }
        self.lost
    }
}

/// The buttons, and how it goes.
#[component]
pub fn FileRow(files: Files) -> impl IntoView {
    let busy = Memo::new(move |_| matches!(files.state.get(), State::Busy(..)));
    let share = Signal::derive(move || match files.state.get() {
        State::Busy(_, share) => Some(share),
        _ => None,
    });
    let stage = Signal::derive(move || match files.state.get() {
        State::Busy(stage, _) => stage.to_owned(),
        _ => String::new(),
    });
    let empty = move || files.learn.data.total.get() == 0;
    let open = move |chosen: Vec<Incoming>| chosen.into_iter().take(1).for_each(|file| files.open(file));
    view! {
        <div class="file-row">
            <button class="button primary" data-testid="project-save" disabled=move || busy.get() || empty()
                on:click=move |_| files.save()>{icon(Icon::Download)}<span>"Save as a file"</span></button>
            <PickButton what=What::Project testid="project-file".into() on_files=open>
                {icon(Icon::Folder)}<span>"Open a project file"</span>
            </PickButton>
            <Show when=move || busy.get()>
                <Progress value=share label=stage />
                <button class="button small" data-testid="project-cancel" on:click=move |_| files.cancel()>"Cancel"</button>
            </Show>
        </div>
        <p role="status" data-testid="project-state" class:trouble=move || matches!(files.state.get(), State::Failed(_))>
            {move || match files.state.get() {
                State::Idle => String::new(),
                State::Busy(stage, share) => format!("{stage}\u{2026} {}", percent(share)),
                State::Done(said) | State::Failed(said) => said,
            }}
        </p>
    }
}
