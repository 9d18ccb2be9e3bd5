//! Project files, a picture a step, in both directions. The file that is written is handed over
//! piece by piece, so that it never has to fit into memory.

use super::import::describe;
use super::zip::{declared_entries, inflate};
use super::{Job, Source, Step, read_all};
use crate::engine::protocol::images::{Item, Outcome};
use crate::engine::protocol::share::Reply;
use crate::engine::protocol::{Payload, Reply as AnyReply};
use crate::image::decode::{self, Kind};
use crate::image::metadata;
use crate::learn::dataset::MAX_PICTURES;
use crate::learn::head::Head;
use crate::model::backbone::Backbone;
use crate::share::project::{HEAD, LISTING, PICTURES, Project};
use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::rc::Rc;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Bytes gathered before they are handed over.
const PIECE: usize = 1 << 20;
/// Most bytes of the list of contents.
const MAX_LISTING: u64 = 16 << 20;
/// Entries besides the pictures.
const BESIDES: u64 = 8;

/// What has been written and not yet handed over.
#[derive(Clone, Default)]
struct Out(Rc<RefCell<Vec<u8>>>);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub struct Pack {
    project: Project,
    head: Option<Box<Head>>,
    files: std::vec::IntoIter<Box<dyn Source>>,
    zip: Option<ZipWriter<StreamWriter<Out>>>,
    out: Out,
    /// The picture that is next, and those in the file so far.
    next: usize,
    kept: Vec<crate::share::project::Picture>,
    left_out: Vec<(String, String)>,
}

impl Pack {
    /// # Errors
    /// Pictures and files do not pair up.
    pub fn new(project: Project, head: Option<Box<Head>>, files: Vec<Box<dyn Source>>) -> Result<Self, String> {
        if project.pictures.len() != files.len() {
            return Err("The request\u{2019}s pictures and files do not pair up.".into());
        }
        let out = Out::default();
        let zip = Some(ZipWriter::new_stream(out.clone()));
        let files = files.into_iter();
        Ok(Self { project, head, files, zip, out, next: 0, kept: Vec::new(), left_out: Vec::new() })
    }

    fn add(&mut self, mut file: Box<dyn Source>) -> Result<(), String> {
        let mut picture = self.project.pictures[self.next].clone();
        let bytes = read_all(&mut *file, decode::MAX_FILE)
            .map_err(|_| "The file could not be read. It may have been moved or changed.".to_owned())
            .and_then(|bytes| metadata::strip(&bytes).map_err(|refusal| refusal.to_string()));
        match bytes {
            Ok(bytes) => {
                let ending = match Kind::of(&bytes) {
                    Kind::Jpeg => "jpg",
                    Kind::WebP => "webp",
                    Kind::Gif => "gif",
                    _ => "png",
                };
                picture.file = format!("{PICTURES}{:05}.{ending}", self.next + 1);
                self.write(&picture.file, &bytes, CompressionMethod::Stored)?;
                self.kept.push(picture);
            }
            Err(reason) => self.left_out.push((picture.name, reason)),
        }
        self.next += 1;
        Ok(())
    }

    fn write(&mut self, name: &str, bytes: &[u8], method: CompressionMethod) -> Result<(), String> {
        let zip = self.zip.as_mut().ok_or("the file is finished")?;
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(name, options).map_err(|e| e.to_string())?;
        zip.write_all(bytes).map_err(|e| e.to_string())
    }

    fn finish(&mut self) -> Result<Step, String> {
        self.project.pictures = std::mem::take(&mut self.kept);
        let listing = self.project.write();
        self.write(LISTING, &listing, CompressionMethod::Deflated)?;
        if let Some(head) = self.head.take() {
            let head = serde_json::to_vec(&head).map_err(|e| e.to_string())?;
            self.write(HEAD, &head, CompressionMethod::Deflated)?;
        }
        if let Some(zip) = self.zip.take() {
            zip.finish().map_err(|e| e.to_string())?;
        }
        let rest = std::mem::take(&mut *self.out.0.borrow_mut());
        let reply = Reply::Packed { left_out: std::mem::take(&mut self.left_out) };
        Ok(Step::Done(AnyReply::Share(reply), Payload::parts(vec![rest])))
    }
}

impl Job for Pack {
    fn step(&mut self, _: &Backbone) -> Step {
        let result = match self.files.next() {
            Some(file) => self.add(file).map(|()| {
                let reply = Reply::Packing { done: self.next, total: self.project.pictures.len() };
                let ready = self.out.0.borrow().len() >= PIECE;
                let piece = ready.then(|| std::mem::take(&mut *self.out.0.borrow_mut()));
                Step::Continue(Some((AnyReply::Share(reply), Payload::parts(piece.into_iter().collect()))))
            }),
            None => self.finish(),
        };
        result.unwrap_or_else(|reason| Step::Failed(format!("The project file could not be written: {reason}.")))
    }
}

pub struct Unpack {
    file: Option<Box<dyn Source>>,
    open: Option<(ZipArchive<Box<dyn Source>>, Project)>,
    next: usize,
}

impl Unpack {
    pub fn new(file: Box<dyn Source>, skip: usize) -> Self {
        Self { file: Some(file), open: None, next: skip }
    }

    fn begin(&mut self, mut file: Box<dyn Source>) -> Result<Project, String> {
        const NOT_OURS: &str = "This is not a project file of Fieldtest, or it is incomplete.";
        let declared = declared_entries(&mut *file).ok_or(NOT_OURS)?;
        if declared > MAX_PICTURES as u64 + BESIDES {
            return Err(format!("This project file has {declared} entries; at most {MAX_PICTURES} pictures are read."));
        }
        let mut zip = ZipArchive::new(file).map_err(|_| NOT_OURS)?;
        let listing = zip.by_name(LISTING).map_err(|_| NOT_OURS)?;
        if listing.size() > MAX_LISTING {
            return Err("The list of contents of this project file is too large.".into());
        }
        let mut json = Vec::new();
        listing.take(MAX_LISTING).read_to_end(&mut json).map_err(|_| "This project file is damaged.")?;
        let project = Project::read(&json).map_err(|refusal| refusal.to_string())?;
        self.open = Some((zip, project.clone()));
        Ok(project)
    }
}

impl Job for Unpack {
    fn step(&mut self, backbone: &Backbone) -> Step {
        if let Some(file) = self.file.take() {
            return match self.begin(file) {
                Ok(project) => {
                    Step::Continue(Some((AnyReply::Share(Reply::Opened(Box::new(project))), Payload::default())))
                }
                Err(reason) => Step::Failed(reason),
            };
        }
        let Some((zip, project)) = &mut self.open else { return Step::Failed("The project file was closed.".into()) };
        let Some(picture) = project.pictures.get(self.next) else {
            return Step::Done(AnyReply::Share(Reply::Done), Payload::default());
        };
        let bytes = match zip.by_name(&picture.file) {
            Ok(entry) => inflate(entry),
            Err(_) => Err("It is not in the project file, or is damaged there.".to_owned()),
        };
        let (outcome, payload) = match bytes {
            Ok(bytes) => {
                let (outcome, mut payload) = describe(&bytes, Some(backbone));
                if matches!(outcome, Outcome::Accepted(_)) {
                    payload.parts.push(bytes);
                }
                (outcome, payload)
            }
            Err(reason) => (Outcome::Refused(reason), Payload::default()),
        };
        let item = Item { index: self.next, name: picture.name.clone(), folder: None, outcome };
        self.next += 1;
        Step::Continue(Some((AnyReply::Share(Reply::Item(item)), payload)))
    }
}
