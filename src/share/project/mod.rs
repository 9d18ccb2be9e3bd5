//! The project file, `NAME.fieldtest`: a zip with `project.json`, the pictures as files anyone can
//! open, and the head.
//!
//! ```text
//! project.json        what this module reads and writes
//! pictures/00001.jpg  as they came, without what they tell of the person (`image::metadata`)
//! head.json           the trained head, if there was one
//! ```
//!
//! Version 1. A file of a later version is not guessed at.

use crate::learn::dataset::{MAX_CLASSES, MAX_PICTURES, clean_name};
use serde::{Deserialize, Serialize};

pub const FORMAT: &str = "fieldtest project";
pub const VERSION: u32 = 1;
/// Entries of the zip.
pub const LISTING: &str = "project.json";
pub const HEAD: &str = "head.json";
pub const PICTURES: &str = "pictures/";
/// Longest recipe, in bytes.
const MAX_RECIPE: usize = 131_072;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Project {
    pub format: String,
    pub version: u32,
    /// Version of the page that wrote it.
    pub app: String,
    pub name: String,
    /// Which backbone looked at the pictures.
    pub backbone: String,
    pub classes: Vec<Class>,
    /// In order.
    pub pictures: Vec<Picture>,
    /// The benches' settings, in the words of a link.
    #[serde(default)]
    pub recipe: String,
    /// Held-out accuracy when it was saved, 0..1.
    #[serde(default)]
    pub accuracy: Option<f32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Class {
    pub name: String,
    /// sRGB.
    pub color: [u8; 3],
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Entry of the zip.
    pub file: String,
    /// What it was called when it came.
    pub name: String,
    /// Position in the list of classes.
    pub class: usize,
    /// Frames of one recording share a number; 0 for everything else.
    #[serde(default)]
    pub burst: u32,
    /// Hash of the file as it came, in hexadecimal: the same file is known again.
    #[serde(default)]
    pub digest: String,
}

/// Why a project file is not opened; a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    NotOurs,
    Newer(u32),
    Damaged,
    TooLarge,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotOurs => f.write_str("This is not a project file of Fieldtest."),
            Self::Newer(version) => write!(
                f,
                "This project was saved by a newer Fieldtest: the file is of version {version}, and this page reads version {VERSION}. Reload the page to get the newer one. The file was left as it is."
            ),
            Self::Damaged => f.write_str("The list of contents of this project file is damaged."),
            Self::TooLarge => {
                write!(f, "This project is too large: at most {MAX_CLASSES} classes and {MAX_PICTURES} pictures fit.")
            }
        }
    }
}

impl Project {
    /// Reads `project.json`. Nothing of it is believed: names are cleaned, numbers checked.
    ///
    /// # Errors
    /// See [`Refusal`]. A newer version is told apart before anything else is looked at.
    pub fn read(json: &[u8]) -> Result<Self, Refusal> {
        #[derive(Deserialize)]
        struct Kind {
            format: String,
            version: u32,
        }
        let kind: Kind = serde_json::from_slice(json).map_err(|_| Refusal::NotOurs)?;
        if kind.format != FORMAT {
            return Err(Refusal::NotOurs);
        }
        if kind.version > VERSION {
            return Err(Refusal::Newer(kind.version));
        }
        let mut project: Self = serde_json::from_slice(json).map_err(|_| Refusal::Damaged)?;
        project.check()?;
        Ok(project)
    }

    pub fn write(&self) -> Vec<u8> {
        // Strings, numbers and lists: nothing in it can fail to be written.
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    fn check(&mut self) -> Result<(), Refusal> {
        if self.classes.len() > MAX_CLASSES || self.pictures.len() > MAX_PICTURES || self.recipe.len() > MAX_RECIPE {
            return Err(Refusal::TooLarge);
        }
        if self.pictures.iter().any(|p| p.class >= self.classes.len()) {
            return Err(Refusal::Damaged);
        }
        self.name = clean_name(&self.name);
        self.classes.iter_mut().for_each(|c| c.name = clean_name(&c.name));
        self.pictures.iter_mut().for_each(|p| p.name = clean_name(&p.name));
        self.accuracy = self.accuracy.filter(|a| (0.0..=1.0).contains(a));
        Ok(())
    }
}

/// What a file of this name is called on disk: letters, digits and a few signs of it.
pub fn file_name(name: &str) -> String {
    let fit = |c: char| if c.is_alphanumeric() || "-_ ".contains(c) { c } else { '-' };
    let name: String = clean_name(name).chars().map(fit).collect();
    let name = name.trim_matches(['-', ' ']);
    format!("{}.fieldtest", if name.is_empty() { "project" } else { name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> Project {
        Project {
            format: FORMAT.into(),
            version: VERSION,
            app: "0.1.0".into(),
            name: "Signs".into(),
            backbone: "Supervised".into(),
            classes: vec![Class { name: "Stop".into(), color: [1, 2, 3] }],
            pictures: vec![Picture {
                file: "pictures/00001.png".into(),
                name: "a.png".into(),
                class: 0,
                burst: 2,
                digest: "00000000000000ff".into(),
            }],
            recipe: "1.abc".into(),
            accuracy: Some(0.5),
        }
    }

    #[test]
    fn what_was_written_is_read() {
        assert_eq!(Project::read(&project().write()), Ok(project()));
    }

    /// As written by the first release: it opens for ever.
    #[test]
    fn a_file_of_version_1_is_read() {
        let json = br#"{"format":"fieldtest project","version":1,"app":"0.1.0","name":"Signs","backbone":"Supervised",
            "classes":[{"name":"Stop","color":[1,2,3]}],
            "pictures":[{"file":"pictures/00001.png","name":"a.png","class":0}],"something":"else"}"#;
        let read = Project::read(json).unwrap();
        assert_eq!((read.classes.len(), read.pictures[0].burst, read.accuracy), (1, 0, None));
    }

    #[test]
    fn a_newer_file_is_told_apart_whatever_is_in_it() {
        let json = br#"{"format":"fieldtest project","version":7,"classes":"in some other way"}"#;
        assert_eq!(Project::read(json), Err(Refusal::Newer(7)));
        assert!(Refusal::Newer(7).to_string().contains("version 7"));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let changed = |change: fn(&mut Project)| {
            let mut p = project();
            change(&mut p);
            Project::read(&p.write())
        };
        assert_eq!(changed(|p| p.format = "other".into()), Err(Refusal::NotOurs));
        assert_eq!(changed(|p| p.pictures[0].class = 1), Err(Refusal::Damaged));
        assert_eq!(changed(|p| p.classes = vec![p.classes[0].clone(); MAX_CLASSES + 1]), Err(Refusal::TooLarge));
        assert_eq!(changed(|p| p.recipe = "x".repeat(MAX_RECIPE + 1)), Err(Refusal::TooLarge));
        assert_eq!(changed(|p| p.accuracy = Some(7.0)).unwrap().accuracy, None);
        assert_eq!(changed(|p| p.name = "a\u{202E}b".into()).unwrap().name, "ab");
        assert_eq!(Project::read(b"{}"), Err(Refusal::NotOurs));
        assert_eq!(Project::read(b"\xff\xfe"), Err(Refusal::NotOurs));
    }

    #[test]
    fn names_of_files_are_harmless() {
        assert_eq!(file_name("Road signs"), "Road signs.fieldtest");
        assert_eq!(file_name("../../etc/passwd"), "etc-passwd.fieldtest");
        assert_eq!(file_name("<>:\"|?*"), "project.fieldtest");
        assert_eq!(file_name("حصان"), "حصان.fieldtest");
    }
}
