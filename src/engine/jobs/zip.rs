//! A zip archive whose folders are class names becomes pictures, one entry a step.
//!
//! Archives are hostile: the number of entries is read before the directory is, an entry
//! is never inflated beyond what it declares, and what it declares is bounded.

use super::import::{describe, refused};
use super::{Job, Source, Step};
use crate::engine::protocol::images::{Item, Outcome, Reply};
use crate::engine::protocol::{Payload, Reply as AnyReply};
use crate::image::decode::{self, Refusal};
use crate::model::backbone::Backbone;
use std::io::{Read, SeekFrom};
use zip::ZipArchive;
use zip::read::ZipFile;

/// Most entries an archive may have.
pub const MAX_ENTRIES: u64 = 20_000;
/// An entry of more than a megabyte that shrinks further than this is no picture but a bomb.
const MAX_RATIO: u64 = 200;

pub struct ImportZip {
    state: State,
    /// Next picture, counted among the archive's pictures.
    next: usize,
}

enum State {
    Unopened(Option<Box<dyn Source>>),
    Open(Archive),
}

struct Archive {
    zip: Box<ZipArchive<Box<dyn Source>>>,
    /// Indices of the pictures.
    pictures: Vec<usize>,
    /// Entries that cannot be reached because a later one has the same name.
    hidden: usize,
}

impl Archive {
    /// Pictures, and one more line about hidden entries if there are any.
    fn len(&self) -> usize {
        self.pictures.len() + usize::from(self.hidden > 0)
    }

    fn read(&mut self, at: usize, backbone: &Backbone) -> (String, (Outcome, Payload)) {
        match self.pictures.get(at) {
            Some(index) => read_entry(&mut self.zip, *index, backbone),
            None => {
                let reason = format!("{} more entries have the same name as another in the archive.", self.hidden);
                ("Duplicate names".into(), refused(reason))
            }
        }
    }
}

impl ImportZip {
    /// `skip`: pictures already dealt with by an engine that crashed.
    pub fn new(file: Box<dyn Source>, skip: usize) -> Self {
        Self { state: State::Unopened(Some(file)), next: skip }
    }
}

impl Job for ImportZip {
    fn step(&mut self, backbone: &Backbone) -> Step {
        match &mut self.state {
            State::Unopened(file) => {
                let Some(file) = file.take() else { return Step::Failed("The archive was closed.".into()) };
                match open(file) {
                    Ok(archive) => {
                        let reply = Reply::Contents { pictures: archive.len() };
                        self.state = State::Open(archive);
                        Step::Continue(Some((AnyReply::Images(reply), Payload::default())))
                    }
                    Err(reason) => Step::Failed(reason),
                }
            }
            State::Open(archive) => {
                if self.next >= archive.len() {
                    return Step::Done(AnyReply::Images(Reply::Done), Payload::default());
                }
                let (path, (outcome, payload)) = archive.read(self.next, backbone);
                let (folder, name) = split_path(&path);
                let item = Item { index: self.next, name, folder, outcome };
                self.next += 1;
                Step::Continue(Some((AnyReply::Images(Reply::Item(item)), payload)))
            }
        }
    }
}

/// Opens an archive and lists the entries worth looking at: no folders, none of the files
/// that operating systems leave behind.
fn open(mut file: Box<dyn Source>) -> Result<Archive, String> {
    let declared = declared_entries(&mut *file).ok_or("This is not a zip archive, or it is incomplete.")?;
    if declared > MAX_ENTRIES {
        return Err(format!("This zip archive has {declared} entries; at most {MAX_ENTRIES} are read."));
    }
    let zip = Box::new(ZipArchive::new(file).map_err(|_| "This zip archive is damaged or incomplete.")?);
    let pictures: Vec<usize> = (0..zip.len()).filter(|index| !left_behind(&path_of(&zip, *index))).collect();
    if pictures.is_empty() {
        return Err("There are no pictures in this zip archive.".into());
    }
    let hidden = (declared as usize).saturating_sub(zip.len());
    Ok(Archive { zip, pictures, hidden })
}

/// Number of entries by the end-of-central-directory record, or its 64-bit form (APPNOTE
/// 4.3.14 to 4.3.16): read before anything is allocated for them.
pub(super) fn declared_entries(file: &mut dyn Source) -> Option<u64> {
    const RECORD: usize = 22;
    const LOCATOR: usize = 20;
    let size = file.seek(SeekFrom::End(0)).ok()?;
    let tail = size.min((RECORD + LOCATOR + usize::from(u16::MAX)) as u64);
    file.seek(SeekFrom::Start(size - tail)).ok()?;
    let mut end = Vec::with_capacity(tail as usize);
    file.take(tail).read_to_end(&mut end).ok()?;
    let at = (0..=end.len().checked_sub(RECORD)?).rev().find(|at| end[*at..].starts_with(b"PK\x05\x06"))?;
    let short = u64::from(u16::from_le_bytes(end.get(at + 10..at + 12)?.try_into().ok()?));
    let locator = at.checked_sub(LOCATOR).and_then(|from| end.get(from..at)).filter(|l| l.starts_with(b"PK\x06\x07"));
    let Some(locator) = locator else { return Some(short) };
    let offset = u64::from_le_bytes(locator[8..16].try_into().ok()?);
    file.seek(SeekFrom::Start(offset)).ok()?;
    let mut record = [0; 40];
    file.read_exact(&mut record).ok()?;
    let long = u64::from_le_bytes(record[32..40].try_into().ok()?);
    Some(if record.starts_with(b"PK\x06\x06") { long.max(short) } else { short })
}

fn path_of(archive: &ZipArchive<Box<dyn Source>>, index: usize) -> String {
    match archive.name_for_index(index) {
        Some(Ok(name)) => name.into_owned(),
        _ => format!("entry {}", index + 1),
    }
}

fn left_behind(path: &str) -> bool {
    let (folder, name) = split_path(path);
    path.ends_with(['/', '\\'])
        || path.starts_with("__MACOSX/")
        || name.starts_with("._")
        || [".DS_Store", "Thumbs.db", "desktop.ini"].contains(&name.as_str())
        || folder.is_some_and(|f| f == "__MACOSX")
}

/// The folder a file is in, by itself, and the file's own name.
fn split_path(path: &str) -> (Option<String>, String) {
    let mut parts = path.rsplit(['/', '\\']).filter(|part| !part.is_empty());
    let name = parts.next().unwrap_or(path).to_owned();
    (parts.next().map(ToOwned::to_owned), name)
}

fn read_entry(
    archive: &mut ZipArchive<Box<dyn Source>>,
    index: usize,
    backbone: &Backbone,
) -> (String, (Outcome, Payload)) {
    let path = path_of(archive, index);
    // The raw entry tells what it is even when it cannot be read.
    let encrypted = archive.by_index_raw(index).is_ok_and(|entry| entry.encrypted());
    if encrypted {
        return (path, refused("This entry is encrypted. Unpack the archive with its password first."));
    }
    let result = match archive.by_index(index) {
        Ok(entry) => inflate(entry),
        Err(_) => Err("This entry cannot be unpacked: it is damaged, or packed in an unusual way.".to_owned()),
    };
    match result {
        Ok(bytes) => {
            let (outcome, mut payload) = describe(&bytes, Some(backbone));
            if matches!(outcome, Outcome::Accepted(_)) {
                payload.parts.push(bytes);
            }
            (path, (outcome, payload))
        }
        Err(reason) => (path, refused(reason)),
    }
}

pub(super) fn inflate<R: Read>(mut entry: ZipFile<'_, R>) -> Result<Vec<u8>, String> {
    let declared = entry.size();
    if entry.enclosed_name().is_none() {
        return Err("The name of this entry points outside the archive.".into());
    }
    if entry.is_symlink() {
        return Err("This entry is a link to another file.".into());
    }
    if declared > decode::MAX_FILE {
        return Err(Refusal::FileTooLarge { bytes: declared }.to_string());
    }
    if declared > 1 << 20 && declared / entry.compressed_size().max(1) > MAX_RATIO {
        return Err("This entry expands far more than a picture does; it was not unpacked.".into());
    }
    let mut bytes = Vec::new();
    let read = (&mut entry).take(declared + 1).read_to_end(&mut bytes);
    match read {
        Ok(length) if length as u64 == declared => Ok(bytes),
        Ok(_) => Err("This entry does not have the size it claims.".into()),
        Err(_) => Err("This entry is damaged.".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_next_to_the_file_is_the_class() {
        let of = |path| {
            let (folder, name) = split_path(path);
            (folder.unwrap_or_default(), name)
        };
        assert_eq!(of("train/cat/1.png"), ("cat".into(), "1.png".into()));
        assert_eq!(of("1.png"), ("".into(), "1.png".into()));
        assert_eq!(of("C:\\dogs\\2.jpg"), ("dogs".into(), "2.jpg".into()));
    }

    #[test]
    fn what_operating_systems_leave_behind_is_passed_over() {
        for path in ["__MACOSX/cat/._1.png", "cat/.DS_Store", "cat/Thumbs.db", "cat/"] {
            assert!(left_behind(path), "{path}");
        }
        assert!(!left_behind("cat/1.png"));
    }

    #[test]
    fn the_number_of_entries_is_known_before_they_are_read() {
        let mut record = b"PK\x05\x06".to_vec();
        record.extend([0; 6]);
        record.extend(7000u16.to_le_bytes());
        record.extend([0; 10]);
        let count = |bytes: Vec<u8>| declared_entries(&mut std::io::Cursor::new(bytes));
        assert_eq!(count(record.clone()), Some(7000));
        // With a comment behind it, and with a 64-bit record before it.
        assert_eq!(count([&record[..], &[b'x'; 300]].concat()), Some(7000));
        let mut long = b"PK\x06\x06".to_vec();
        long.extend([0; 28]);
        long.extend(5_000_000u64.to_le_bytes());
        let mut locator = b"PK\x06\x07".to_vec();
        locator.extend([0; 16]);
        assert_eq!(count([long, locator, record].concat()), Some(5_000_000));
        assert_eq!(count(b"PK".to_vec()), None);
        assert_eq!(count(Vec::new()), None);
    }
}
