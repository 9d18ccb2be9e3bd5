//! Files become pictures with embeddings, one file a step.

use super::{Job, ReadError, Source, Step, read_all};
use crate::engine::protocol::images::{Item, Outcome, Picture, Reply, split};
use crate::engine::protocol::{Payload, Reply as AnyReply};
use crate::image::decode::{self, Decoded, Refusal};
use crate::image::{dhash, thumb};
use crate::model::backbone::Backbone;
use web_time::Instant;

/// Most files in one request.
pub const MAX_FILES: usize = 1000;

pub struct Import {
    names: Vec<String>,
    files: std::vec::IntoIter<Box<dyn Source>>,
    index: usize,
}

impl Import {
    /// # Errors
    /// Names and files do not pair up, or there are more than [`MAX_FILES`].
    pub fn new(names: Vec<String>, files: Vec<Box<dyn Source>>) -> Result<Self, String> {
        if names.len() != files.len() || names.len() > MAX_FILES {
            return Err("The request's names and files do not pair up.".into());
        }
        Ok(Self { names, files: files.into_iter(), index: 0 })
    }
}

impl Job for Import {
    fn step(&mut self, backbone: &Backbone) -> Step {
        let Some(mut file) = self.files.next() else {
            return Step::Done(AnyReply::Images(Reply::Done), Payload::default());
        };
        let name = std::mem::take(&mut self.names[self.index]);
        let (outcome, payload) = match read_all(&mut *file, decode::MAX_FILE) {
            Ok(bytes) => describe(&bytes, Some(backbone)),
            Err(ReadError::TooLarge(bytes)) => refused(Refusal::FileTooLarge { bytes }),
            Err(ReadError::Unreadable) => {
                refused("The file could not be read. It may have been moved, changed or is a folder.")
            }
        };
        let item = Item { index: self.index, name, folder: None, outcome };
        self.index += 1;
        Step::Continue(Some((AnyReply::Images(Reply::Item(item)), payload)))
    }
}

/// Decodes, hashes and, given a backbone, embeds one file.
pub(super) fn describe(bytes: &[u8], backbone: Option<&Backbone>) -> (Outcome, Payload) {
    let Decoded { pixels, kind, note } = match decode::decode(bytes) {
        Ok(decoded) => decoded,
        Err(refusal) => return refused(refusal),
    };
    let start = Instant::now();
    let floats = match backbone.map(|b| b.embed(&pixels)).transpose() {
        Ok(embedded) => embedded.map_or_else(Vec::new, |e| e.embedding),
        Err(reason) => return refused(reason),
    };
    let embed_ms = backbone.map(|_| start.elapsed().as_secs_f32() * 1e3);
    let picture = Picture {
        width: pixels.width,
        height: pixels.height,
        mime: kind.mime().unwrap_or_default().into(),
        dhash: split(dhash::dhash(&pixels)),
        digest: split(fnv1a(bytes)),
        embed_ms,
        note: note.map(Into::into),
    };
    (Outcome::Accepted(picture), Payload { floats, parts: vec![thumb::jpeg(&pixels)] })
}

pub(super) fn refused(reason: impl std::fmt::Display) -> (Outcome, Payload) {
    (Outcome::Refused(reason.to_string()), Payload::default())
}

/// FNV-1a, 64 bits (Fowler, Noll and Vo 1991): tells equal files, not forged ones.
pub fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
