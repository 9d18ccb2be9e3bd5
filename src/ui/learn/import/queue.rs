//! What waits to be read, cut into batches; and what to try again after a crash.

use crate::engine::protocol::images::Request;
use crate::learn::dataset::ClassId;
use crate::shift::scene::world::Order;
use crate::web::files::{Blob, Incoming};
use std::collections::VecDeque;

/// Files given to the engine at once: few, so that cancelling is quick and a crash costs
/// little; enough that the engine never waits.
const BATCH: usize = 16;

/// Where a picture goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Class(ClassId),
    /// The class of this name, made if there is none.
    Named(String),
    /// No class was there to choose: the first, made if there is none.
    Anywhere,
}

#[derive(Debug, Clone)]
pub struct Waiting {
    file: Incoming,
    place: Place,
    burst: u32,
    /// The engine stopped while this one was its next. It gets a second chance, alone.
    suspect: bool,
}

/// Where an archive's pictures come from.
#[derive(Debug, Clone)]
enum Source {
    Zip(Blob),
    /// Not a file at all: the engine draws them.
    Rendered(Order),
}

#[derive(Debug, Clone)]
pub struct Archive {
    name: String,
    source: Source,
    place: Place,
    /// Pictures dealt with.
    done: usize,
    /// Pictures inside, once known.
    inside: Option<usize>,
    suspect: bool,
}

/// What one job deals with.
#[derive(Debug)]
pub enum Batch {
    Files { files: Vec<Waiting>, done: usize },
    Zip(Archive),
}

#[derive(Default)]
pub struct Queue {
    files: VecDeque<Waiting>,
    zips: VecDeque<Archive>,
    /// Pictures ever given in this run, as far as known.
    pub given: usize,
    /// Nothing but camera frames so far.
    pub quiet: bool,
}

impl Queue {
    pub fn push(&mut self, file: Incoming, place: Place) {
        self.quiet = false;
        if file.is_zip() {
            self.zips.push_back(Archive {
                name: file.name,
                source: Source::Zip(file.blob),
                place,
                done: 0,
                inside: None,
                suspect: false,
            });
        } else {
            self.given += 1;
            self.files.push_back(Waiting { file, place, burst: 0, suspect: false });
        }
    }

    /// A sample set; its meanings are classes.
    pub fn push_order(&mut self, order: Order) {
        self.quiet = false;
        self.given += order.count;
        self.zips.push_back(Archive {
            name: "the sample set".into(),
            inside: Some(order.count),
            source: Source::Rendered(order),
            place: Place::Anywhere,
            done: 0,
            suspect: false,
        });
    }

    pub fn push_frame(&mut self, file: Incoming, class: ClassId, burst: u32) {
        self.quiet |= self.given == 0 && self.zips.is_empty();
        self.given += 1;
        self.files.push_back(Waiting { file, place: Place::Class(class), burst, suspect: false });
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.zips.is_empty()
    }

    /// Pictures that wait; those in unopened archives are not known.
    pub fn remaining(&self) -> usize {
        let zipped: usize = self.zips.iter().map(|z| z.inside.map_or(0, |n| n.saturating_sub(z.done))).sum();
        self.files.len() + zipped
    }

    pub fn next(&mut self) -> Option<Batch> {
        if self.files.is_empty() {
            return self.zips.pop_front().map(Batch::Zip);
        }
        let alone = self.files.front().is_some_and(|f| f.suspect);
        let count = if alone { 1 } else { self.files.iter().take(BATCH).take_while(|f| !f.suspect).count() };
        Some(Batch::Files { files: self.files.drain(..count).collect(), done: 0 })
    }

    /// The engine stopped during `batch`: what is unfinished goes back to the front. A file
    /// that was next for the second time is left out; its name is returned.
    pub fn retry(&mut self, batch: Batch) -> Option<String> {
        match batch {
            Batch::Files { files, done } => {
                let mut rest = files.into_iter().skip(done).collect::<Vec<_>>();
                let mut culprit = None;
                if rest.first().is_some_and(|f| f.suspect) {
                    culprit = Some(rest.remove(0).file.name);
                } else if let Some(first) = rest.first_mut() {
                    first.suspect = true;
                }
                rest.into_iter().rev().for_each(|file| self.files.push_front(file));
                culprit
            }
            Batch::Zip(mut zip) => {
                let culprit = zip.suspect.then(|| format!("picture {} of {}", zip.done + 1, zip.name));
                // An archive that stops the engine before it can even be listed is not tried again.
                let hopeless = zip.suspect && zip.inside.is_none();
                if zip.suspect && zip.inside.is_some() {
                    zip.done += 1;
                }
                zip.suspect = !zip.suspect;
                if hopeless {
                    return Some(zip.name);
                }
                self.zips.push_front(zip);
                culprit
            }
        }
    }
}

impl Batch {
    pub fn request(&self) -> (Request, Vec<Blob>) {
        match self {
            Self::Files { files, .. } => {
                let names = files.iter().map(|f| f.file.name.clone()).collect();
                (Request::Import { names }, files.iter().map(|f| f.file.blob.clone()).collect())
            }
            Self::Zip(Archive { source: Source::Zip(blob), done, .. }) => {
                (Request::ImportZip { skip: *done }, vec![blob.clone()])
            }
            Self::Zip(Archive { source: Source::Rendered(order), done, .. }) => {
                (Request::Render { order: order.clone(), skip: *done, embed: true }, vec![])
            }
        }
    }

    /// A sample set and how many of its pictures are there already.
    pub fn drawn(&self) -> Option<(&Order, usize)> {
        match self {
            Self::Zip(Archive { source: Source::Rendered(order), done, .. }) => Some((order, *done)),
            _ => None,
        }
    }

    /// The archive was opened.
    pub fn contents(&mut self, pictures: usize) -> usize {
        match self {
            Self::Zip(zip) => {
                let new = if zip.inside.is_none() { pictures } else { 0 };
                zip.inside = Some(pictures);
                new
            }
            Self::Files { .. } => 0,
        }
    }

    /// The next picture was dealt with: where it goes, its burst, and its file if that is
    /// on the page. `folder` is the archive's.
    pub fn item_done(&mut self, folder: Option<String>) -> Option<(Place, u32, Option<Blob>)> {
        match self {
            Self::Files { files, done } => {
                let file = files.get(*done)?;
                *done += 1;
                Some((file.place.clone(), file.burst, Some(file.file.blob.clone())))
            }
            Self::Zip(zip) => {
                zip.done += 1;
                zip.suspect = false;
                // A class that was chosen for the archive itself holds; else folders do.
                let place = match (&zip.place, folder) {
                    (Place::Named(_) | Place::Anywhere, Some(folder)) => Place::Named(folder),
                    (place, _) => place.clone(),
                };
                Some((place, 0, None))
            }
        }
    }

    pub fn remaining(&self) -> usize {
        match self {
            Self::Files { files, done } => files.len() - done,
            Self::Zip(zip) => zip.inside.map_or(0, |n| n.saturating_sub(zip.done)),
        }
    }

    /// Names of what was not dealt with.
    pub fn unfinished(self) -> Vec<String> {
        match self {
            Self::Files { files, done } => files.into_iter().skip(done).map(|f| f.file.name).collect(),
            Self::Zip(zip) => vec![zip.name],
        }
    }
}
