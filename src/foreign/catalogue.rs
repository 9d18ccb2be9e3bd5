//! Models that a site's owner offers: `models/catalogue.json` beside the page.
//!
//! A file is taken only if its SHA-256 is the one written down, and only from the site itself unless its entry
//! names another place outright.

use super::fit::Pixels;
use serde::{Deserialize, Serialize};

/// Where the catalogue lies, relative to the page.
pub const FILE: &str = "models/catalogue.json";
/// Most entries read.
pub const MOST: usize = 200;
/// Largest catalogue read, in bytes.
pub const MAX_FILE: usize = 1 << 20;

/// A model on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// For people.
    pub name: String,
    /// A sentence or two: what it was trained on, and its licence.
    pub about: String,
    /// Relative to the page, or `https://`.
    pub url: String,
    /// Of the file, 64 hexadecimal digits.
    pub sha256: String,
    /// Size of the file in bytes, to show before it is fetched.
    pub bytes: u64,
    /// Side of the input in pixels; where it is left out, what the file says.
    #[serde(default)]
    pub side: Option<usize>,
    /// Blue first.
    #[serde(default)]
    pub bgr: bool,
    /// Range of the input; where it is left out, a guess.
    #[serde(default)]
    pub pixels: Option<Pixels>,
    /// The tensor that is the embedding; where it is left out, a guess.
    #[serde(default)]
    pub layer: Option<String>,
}

/// Reads a catalogue: a list of entries.
///
/// # Errors
/// It is not JSON of that shape, or an entry cannot be: a sentence for the site's owner.
pub fn read(text: &str) -> Result<Vec<Entry>, String> {
    if text.len() > MAX_FILE {
        return Err(format!("The catalogue is larger than {} MB.", MAX_FILE >> 20));
    }
    let entries: Vec<Entry> = serde_json::from_str(text).map_err(|e| format!("The catalogue cannot be read: {e}."))?;
    if entries.len() > MOST {
        return Err(format!("The catalogue has {} entries; up to {MOST} are read.", entries.len()));
    }
    for entry in &entries {
        let wrong = |what: &str| Err(format!("In the catalogue, \u{201c}{}\u{201d} has {what}.", entry.name));
        if entry.name.trim().is_empty() || entry.name.len() > 120 {
            return Err("In the catalogue, an entry has no name, or one of more than 120 letters.".into());
        }
        if entry.sha256.len() != 64 || !entry.sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
            return wrong("no SHA-256 of 64 hexadecimal digits");
        }
        let relative = !entry.url.contains(':') && !entry.url.starts_with("//") && !entry.url.is_empty();
        if !relative && !entry.url.starts_with("https://") {
            return wrong("an address that is neither on this site nor https");
        }
        if entry.bytes == 0 || entry.bytes > 512 << 20 {
            return wrong("a size that cannot be");
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(url: &str, sha256: &str) -> String {
        format!(r#"[{{"name": "A", "about": "", "url": "{url}", "sha256": "{sha256}", "bytes": 5}}]"#)
    }

    #[test]
    fn an_entry_names_a_safe_place_and_a_hash() {
        let hash = "0a".repeat(32);
        let read_one = |url: &str| read(&entry(url, &hash));
        let found = read_one("models/a.onnx").unwrap();
        assert_eq!((found[0].side, found[0].bgr, found[0].pixels), (None, false, None));
        assert!(read_one("https://example.org/a.onnx").is_ok());
        for bad in ["http://example.org/a", "//example.org/a", "javascript:alert(1)", "data:,x", ""] {
            assert!(read_one(bad).is_err(), "{bad}");
        }
        assert!(read(&entry("a", "12")).unwrap_err().contains("SHA-256"));
        assert!(read("{}").is_err() && read("[{\"name\": 1}]").is_err() && read("[]").unwrap().is_empty());
        assert!(read(&" ".repeat(MAX_FILE + 1)).is_err());
    }
}
