//! A link that opens the same state, without a server: the whole recipe in the address.
//!
//! ```text
//! link      = page "#share=" code
//! code      = base64( version:1 crc32:4 deflate( fields ) )
//! fields    = { key:number length:number value }        those that differ from their default
//! value     = number | what the packed field's module writes
//! ```
//!
//! [`table`] is the format; [`head`] packs the classifier, [`packed`] names, archives and the expected result.
//! Everything that is read is hostile until checked: the checksum first, then the length while inflating,
//! then every field by its line in the table.

pub mod bytes;
pub mod coder;
pub mod expected;
pub mod head;
pub mod packed;
pub mod parts;
pub mod table;

use crate::learn::head::Head;
use bytes::{Reader, base64, crc32, from_base64, push_number};
use head::Precision;
use packed::Class;
use std::collections::BTreeMap;
use table::{Field, Id, Kind, TABLE};

/// The first byte of a code. Raised when what follows is laid out otherwise, not when the table grows.
const VERSION: u8 = 1;
/// Most characters of a link that messengers and QR codes carry whole.
pub const MAX_CHARS: usize = 2000;
/// Most bytes a code inflates to.
pub const MAX_INFLATED: usize = 64 << 10;
/// What the address carries before the code.
pub const PREFIX: &str = "share=";

/// Everything a link says. A field that was never set has its default.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    numbers: [u64; TABLE.len()],
    packed: BTreeMap<Id, Vec<u8>>,
}

impl Default for Recipe {
    fn default() -> Self {
        Self { numbers: std::array::from_fn(|at| TABLE[at].default), packed: BTreeMap::new() }
    }
}

impl Recipe {
    /// A number, a choice's place, or 0 or 1.
    pub fn get(&self, id: Id) -> u64 {
        self.numbers[id as usize]
    }

    /// The same as a place in a list.
    pub fn place(&self, id: Id) -> usize {
        self.get(id) as usize
    }

    /// Hundredths as a share.
    pub fn share(&self, id: Id) -> f32 {
        self.get(id) as f32 / 100.0
    }

    /// Sets a number, brought into its range.
    pub fn set(&mut self, id: Id, value: u64) {
        self.numbers[id as usize] = match Field::of(id).kind {
            Kind::Choice(names) => value.min(names.len() as u64 - 1),
            Kind::Whole(least, most) => value.clamp(least, most),
            Kind::Packed(_) => return,
        };
    }

    pub fn set_share(&mut self, id: Id, share: f32) {
        self.set(id, (share * 100.0).round().max(0.0) as u64);
    }

    pub fn bytes(&self, id: Id) -> Option<&[u8]> {
        self.packed.get(&id).map(Vec::as_slice)
    }

    /// Sets packed bytes, unless there are too many of them.
    pub fn pack(&mut self, id: Id, bytes: Vec<u8>) {
        match Field::of(id).kind {
            Kind::Packed(most) if !bytes.is_empty() && bytes.len() <= most => self.packed.insert(id, bytes),
            _ => self.packed.remove(&id),
        };
    }

    pub fn classes(&self) -> Vec<Class> {
        self.bytes(Id::Classes).and_then(packed::classes).unwrap_or_default()
    }

    pub fn head(&self) -> Option<Head> {
        self.bytes(Id::Head).and_then(head::unpack)
    }

    /// The code of these settings.
    pub fn code(&self) -> String {
        seal(&self.fields())
    }

    /// What the code holds, before it is deflated.
    pub fn fields(&self) -> Vec<u8> {
        let mut fields = Vec::new();
        for field in &TABLE {
            let value = match field.kind {
                Kind::Packed(_) => self.packed.get(&field.id).cloned(),
                _ if self.get(field.id) == field.default => None,
                _ => {
                    let mut value = Vec::new();
                    push_number(&mut value, self.get(field.id));
                    Some(value)
                }
            };
            if let Some(value) = value {
                push_number(&mut fields, field.key.into());
                push_number(&mut fields, value.len() as u64);
                fields.extend(value);
            }
        }
        fields
    }
}

/// A code as [`Recipe::code`] makes it, of fields already written.
pub fn seal(fields: &[u8]) -> String {
    let deflated = miniz_oxide::deflate::compress_to_vec(fields, 9);
    let mut out = vec![VERSION];
    out.extend(crc32(&deflated).to_le_bytes());
    out.extend(deflated);
    base64(&out)
}

/// What was read from a link.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    pub recipe: Recipe,
    /// What it says that this page does not know: sentences for people.
    pub unknown: Vec<String>,
}

/// Why a link cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    Damaged,
    Newer,
    TooLarge,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Damaged => {
                "This link is incomplete or was changed on its way: its checksum does not fit. Ask for it once more, or paste it in one piece."
            }
            Self::Newer => "This link was made by a newer version of this page. Load the page again to update it.",
            Self::TooLarge => "This link unpacks to more than any link of ours, so it was left closed.",
        })
    }
}

/// Reads a code. White space and punctuation that a messenger put after it are passed over.
///
/// # Errors
/// The code is damaged, too large, or of a newer version.
pub fn open(code: &str) -> Result<Opened, Refusal> {
    let code = code.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').trim_start();
    let sealed = from_base64(code).ok_or(Refusal::Damaged)?;
    let mut reader = Reader(&sealed);
    match reader.byte() {
        Some(VERSION) => {}
        Some(version) if version > VERSION && version < 32 => return Err(Refusal::Newer),
        _ => return Err(Refusal::Damaged),
    }
    let crc = reader.four().map(u32::from_le_bytes).ok_or(Refusal::Damaged)?;
    if crc32(reader.0) != crc {
        return Err(Refusal::Damaged);
    }
    let inflated = miniz_oxide::inflate::decompress_to_vec_with_limit(reader.0, MAX_INFLATED).map_err(|e| {
        if e.status == miniz_oxide::inflate::TINFLStatus::HasMoreOutput { Refusal::TooLarge } else { Refusal::Damaged }
    })?;
    fields(&inflated)
}

fn fields(bytes: &[u8]) -> Result<Opened, Refusal> {
    let mut opened = Opened { recipe: Recipe::default(), unknown: Vec::new() };
    let mut strangers = 0;
    let mut reader = Reader(bytes);
    while !reader.is_empty() {
        let (key, length) = (reader.number(), reader.size());
        let (Some(key), Some(value)) = (key, length.and_then(|l| reader.take(l))) else {
            return Err(Refusal::Damaged);
        };
        let Some(field) = TABLE.iter().find(|f| u64::from(f.key) == key) else {
            strangers += 1;
            continue;
        };
        let fits = match field.kind {
            Kind::Packed(most) => {
                opened.recipe.pack(field.id, value.to_vec());
                value.len() <= most && readable(&opened.recipe, field.id)
            }
            _ => match Reader(value).number().filter(|n| field.allows(*n)) {
                Some(number) => {
                    opened.recipe.set(field.id, number);
                    true
                }
                None => false,
            },
        };
        if !fits {
            opened.recipe.packed.remove(&field.id);
            opened
                .unknown
                .push(format!("What it says of \u{201c}{}\u{201d} is unknown here and was left out.", field.name));
        }
    }
    if strangers > 0 {
        opened.unknown.push(format!("It was made by a newer version: {strangers} of its settings are unknown here."));
    }
    Ok(opened)
}

/// What a packed field holds can be read.
fn readable(recipe: &Recipe, id: Id) -> bool {
    let Some(bytes) = recipe.bytes(id) else { return false };
    match id {
        Id::Classes => packed::classes(bytes).is_some(),
        Id::Archive => packed::Archive::read(bytes).is_some(),
        Id::Head => head::unpack(bytes).is_some(),
        Id::Expected => expected::Expected::read(bytes).is_some(),
        _ => false,
    }
}

/// A link as far as it fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    pub url: String,
    /// The head as the other side will have it.
    pub head: Option<Head>,
    /// Bits of each of its weights, about.
    pub bits: Option<f32>,
    /// What did not fit: sentences for people.
    pub dropped: Vec<String>,
}

/// Writes a link to `page` of at most `most` characters: `recipe`, and `head` as finely as there is room.
pub fn write(page: &str, recipe: &Recipe, head: Option<&Head>, most: usize) -> Written {
    let mut recipe = recipe.clone();
    recipe.packed.remove(&Id::Head);
    let url = |recipe: &Recipe| format!("{page}#{PREFIX}{}", recipe.code());
    let mut dropped = Vec::new();
    if let Some(head) = head {
        let knows = head.familiarity.threshold.is_some();
        for precision in Precision::ALL {
            let packed = match head::pack(head, precision) {
                Ok(packed) => packed,
                Err(reason) => {
                    dropped.push(format!("{reason} The trained head was left out."));
                    break;
                }
            };
            recipe.pack(Id::Head, packed);
            let url = url(&recipe);
            if url.len() <= most {
                if knows && precision.familiarity.is_none() {
                    dropped.push("\u{201c}None of these\u{201d} did not fit: opened by this link, the classifier always names a class.".into());
                }
                return Written { url, head: recipe.head(), bits: Some(precision.bits()), dropped };
            }
        }
        recipe.packed.remove(&Id::Head);
        if dropped.is_empty() {
            dropped.push(format!(
                "A head of {} classes does not fit into {most} characters and was left out. Save a project file instead.",
                head.classes
            ));
        }
    }
    let url = url(&recipe);
    if url.len() > most {
        dropped.push(format!("The link has {} characters; some programs cut after {most}.", url.len()));
    }
    Written { url, head: None, bits: None, dropped }
}

#[cfg(test)]
mod tests;
