//! The dictionaries in assets/lang/: every phrase of them is one that the sources have, and loses nothing that it is
//! told.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn dictionaries() -> Vec<(String, BTreeMap<String, String>)> {
    let files = fs::read_dir(root().join("assets/lang")).unwrap().map(|entry| entry.unwrap().path());
    files.map(|f| (f.display().to_string(), serde_json::from_str(&fs::read_to_string(&f).unwrap()).unwrap())).collect()
}

/// All sources, with what is written by escapes as it is read, and gaps without their names.
fn sources() -> String {
    fn add(folder: &Path, all: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(&path, all);
            } else if path.extension().is_some_and(|e| e == "rs") {
                all.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut all = String::new();
    add(&root().join("src"), &mut all);
    let mut read = String::new();
    let mut rest = all.as_str();
    while let Some(at) = rest.find('\\') {
        read.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(line) = rest.strip_prefix('\n') {
            rest = line.trim_start();
        } else if let Some((code, after)) = rest.strip_prefix("u{").and_then(|r| r.split_once('}')) {
            read.extend(u32::from_str_radix(code, 16).ok().and_then(char::from_u32));
            rest = after;
        } else if let Some(newline) = rest.strip_prefix('n') {
            read.push('\n');
            rest = newline;
        }
    }
    unnamed(&(read + rest))
}

/// Gaps without their names or numbers.
fn unnamed(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        let end = rest.find(['{', '}', '\n', '"']).unwrap_or(0);
        if rest[end..].starts_with('}') {
            rest = &rest[end..];
        }
    }
    out + rest
}

fn gaps(text: &str) -> Vec<&str> {
    let mut gaps: Vec<&str> = text.split('{').skip(1).filter_map(|t| t.split_once('}')).map(|(gap, _)| gap).collect();
    gaps.sort_unstable();
    gaps
}

#[test]
fn every_phrase_is_one_that_the_sources_have() {
    let sources = sources();
    for (file, phrases) in dictionaries() {
        let stale: Vec<&String> = phrases.keys().filter(|phrase| !sources.contains(&unnamed(phrase))).collect();
        assert!(stale.is_empty(), "{file} has phrases that nobody says: {stale:#?}");
        assert!(phrases.len() > 1000, "{file} has only {} phrases", phrases.len());
    }
}

#[test]
fn every_gap_is_filled() {
    for (file, phrases) in dictionaries() {
        for (from, to) in phrases {
            assert_eq!(gaps(&from), gaps(&to), "{file}: {from:?}");
            assert!(!to.trim().is_empty() && to.trim() == to && from.trim() == from, "{file}: {from:?}");
        }
    }
}
