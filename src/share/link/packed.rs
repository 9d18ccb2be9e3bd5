//! Names and addresses in a link.

use super::bytes::{Reader, push_number, push_text};
use crate::learn::dataset::{MAX_CLASSES, clean_name};

/// Longest address of an archive, in bytes.
const MAX_ADDRESS: usize = 500;
/// Largest archive, in bytes.
pub const MAX_ARCHIVE: u64 = 512 << 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    pub name: String,
    /// sRGB.
    pub color: [u8; 3],
    /// The head has an output for it: it had pictures.
    pub learned: bool,
}

pub fn pack_classes(classes: &[Class]) -> Vec<u8> {
    let mut out = Vec::new();
    for class in classes {
        push_text(&mut out, &class.name);
        out.extend(class.color);
        out.push(class.learned.into());
    }
    out
}

/// `None` where a name is empty or there twice, or there are too many.
pub fn classes(bytes: &[u8]) -> Option<Vec<Class>> {
    let mut reader = Reader(bytes);
    let mut all: Vec<Class> = Vec::new();
    while !reader.is_empty() {
        let name = clean_name(reader.text()?);
        let color = reader.take(3)?.try_into().ok()?;
        let learned = reader.byte()? == 1;
        if name.is_empty() || all.len() >= MAX_CLASSES || all.iter().any(|c| c.name == name) {
            return None;
        }
        all.push(Class { name, color, learned });
    }
    Some(all)
}

/// A zip somewhere whose folders are classes, and how to know it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// Absolute, or relative to the page.
    pub address: String,
    pub size: u64,
    pub sha256: [u8; 32],
}

impl Archive {
    pub fn pack(&self) -> Vec<u8> {
        let mut out = Vec::new();
        push_text(&mut out, &self.address);
        push_number(&mut out, self.size);
        out.extend(self.sha256);
        out
    }

    /// `None` for anything that is no archive, or one that is too large.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let address = reader.text()?.to_owned();
        let plain = address.chars().all(|c| !c.is_control() && !c.is_whitespace());
        let size = reader.number()?;
        let sha256 = reader.take(32)?.try_into().ok()?;
        let fits = plain && !address.is_empty() && address.len() <= MAX_ADDRESS && size <= MAX_ARCHIVE;
        fits.then_some(Self { address, size, sha256 })
    }

    /// The hash as people compare it: its first eight bytes.
    pub fn short_hash(&self) -> String {
        self.sha256.iter().take(8).map(|b| format!("{b:02x}")).collect::<Vec<_>>().join("")
    }
}
