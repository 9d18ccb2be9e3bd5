//! Drag and drop: files and whole folders in, pictures between classes.

use super::files::{self, Incoming};
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DragEvent, File, FileSystemDirectoryEntry, FileSystemDirectoryReader, FileSystemEntry, FileSystemFileEntry,
};

/// Marks a drag of pictures that are on the page already.
const OWN: &str = "application/x-fieldtest-pictures";

/// What is being dragged over the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dragged {
    Files,
    OwnPictures,
}

pub fn dragged(event: &DragEvent) -> Option<Dragged> {
    let types = event.data_transfer()?.types();
    let has = |kind: &str| types.iter().any(|t| t.as_string().is_some_and(|t| t == kind));
    if has(OWN) {
        Some(Dragged::OwnPictures)
    } else if has("Files") {
        Some(Dragged::Files)
    } else {
        None
    }
}

/// Begins a drag of pictures on the page.
pub fn begin_own(event: &DragEvent) {
    if let Some(data) = event.data_transfer() {
        let _ = data.set_data(OWN, "");
        data.set_effect_allowed("move");
    }
}

/// Accepts the drag here, so that the browser does not open the file instead.
pub fn allow(event: &DragEvent, effect: &str) {
    event.prevent_default();
    if let Some(data) = event.data_transfer() {
        data.set_drop_effect(effect);
    }
}

/// Entries of a drop. The browser only shows them during the event itself.
pub struct Dropped {
    entries: Vec<FileSystemEntry>,
    loose: Vec<Incoming>,
}

pub fn dropped(event: &DragEvent) -> Dropped {
    let mut dropped = Dropped { entries: Vec::new(), loose: Vec::new() };
    let Some(data) = event.data_transfer() else { return dropped };
    let items = data.items();
    for item in (0..items.length()).filter_map(|i| items.get(i)).filter(|item| item.kind() == "file") {
        match item.webkit_get_as_entry() {
            Ok(Some(entry)) => dropped.entries.push(entry),
            _ => dropped.loose.extend(item.get_as_file().ok().flatten().map(Incoming::from)),
        }
    }
    if dropped.entries.is_empty() && dropped.loose.is_empty() {
        dropped.loose = data.files().map(|list| files::all(&list)).unwrap_or_default();
    }
    dropped
}

impl Dropped {
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.loose.is_empty()
    }

    /// Walks through folders, giving files to `take` as they are found.
    pub async fn walk(self, mut take: impl FnMut(Vec<Incoming>)) {
        if !self.loose.is_empty() {
            take(self.loose);
        }
        let mut stack: Vec<(Option<String>, FileSystemEntry)> =
            self.entries.into_iter().rev().map(|e| (None, e)).collect();
        let mut found = Vec::new();
        while let Some((folder, entry)) = stack.pop() {
            if entry.is_directory() {
                let directory: FileSystemDirectoryEntry = entry.unchecked_into();
                let name = directory.name();
                let mut inside = children(&directory).await;
                inside.sort_by_key(|e| e.name());
                stack.extend(inside.into_iter().rev().map(|e| (Some(name.clone()), e)));
            } else if let Some(file) = file_of(entry.unchecked_into()).await {
                found.push(Incoming { name: file.name(), folder, blob: file.into() });
            }
            if found.len() >= 64 {
                take(std::mem::take(&mut found));
            }
        }
        take(found);
    }
}

async fn children(directory: &FileSystemDirectoryEntry) -> Vec<FileSystemEntry> {
    let reader: FileSystemDirectoryReader = directory.create_reader();
    let mut all = Vec::new();
    // A reader gives at most a hundred at a time, and none when there are no more.
    loop {
        let promise = Promise::new(&mut |resolve, reject| {
            let _ = reader.read_entries_with_callback_and_callback(&resolve, &reject);
        });
        let Ok(some) = JsFuture::from(promise).await else { return all };
        let some: js_sys::Array = some.unchecked_into();
        if some.length() == 0 {
            return all;
        }
        all.extend(some.iter().map(|e| e.unchecked_into::<FileSystemEntry>()));
    }
}

async fn file_of(entry: FileSystemFileEntry) -> Option<File> {
    let promise = Promise::new(&mut |resolve, reject| entry.file_with_callback_and_callback(&resolve, &reject));
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}
