//! The house rules of the crate, read off its source: which layer may name what.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(under: &str) -> Vec<(PathBuf, String)> {
    fn walk(path: &Path, found: &mut Vec<(PathBuf, String)>) {
        if path.is_dir() {
            for entry in fs::read_dir(path).expect("a readable folder") {
                walk(&entry.expect("a readable entry").path(), found);
            }
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(path).expect("readable source");
            found.push((path.to_owned(), text));
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(under);
    let mut found = Vec::new();
    for path in [root.clone(), root.with_extension("rs")] {
        if path.exists() {
            walk(&path, &mut found);
        }
    }
    assert!(!found.is_empty(), "src/{under} is gone: update the layering test");
    found
}

/// Code without comments and doc comments: those may name anything.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

fn assert_never_names(layer: &str, forbidden: &[&str], why: &str) {
    for (path, text) in sources(layer) {
        let code = code(&text);
        for name in forbidden {
            assert!(!code.contains(name), "{} names {name}: {why}", path.display());
        }
    }
}

const BROWSER: [&str; 6] = ["web_sys", "js_sys", "wasm_bindgen", "leptos", "gloo", "serde_wasm_bindgen"];

#[test]
fn the_pure_layers_know_no_browser() {
    for layer in
        ["image", "learn", "shift", "shrink", "foreign", "share", "packed", "model", "engine/jobs", "engine/protocol"]
    {
        assert_never_names(layer, &BROWSER, "it must run and test natively");
    }
}

#[test]
fn the_page_knows_no_tract() {
    for layer in ["ui", "web", "engine/client", "bin/app.rs"] {
        assert_never_names(layer, &["tract", "crate::model", "fieldtest::model"], "the page must stay small");
    }
}

#[test]
fn imports_run_one_way() {
    let order = [
        ("image", &["crate::model", "crate::learn", "crate::engine", "crate::ui", "crate::web"][..]),
        ("learn", &["crate::engine", "crate::ui", "crate::web", "crate::model"]),
        ("shift", &["crate::engine", "crate::ui", "crate::web", "crate::model"]),
        ("share/project", &["crate::engine", "crate::ui", "crate::web", "crate::model"]),
        ("model", &["crate::engine", "crate::ui", "crate::web", "crate::shrink"]),
        ("shrink", &["crate::engine", "crate::ui", "crate::web"]),
        ("foreign", &["crate::engine", "crate::ui", "crate::web", "crate::shrink"]),
        ("share", &["crate::ui", "crate::web", "crate::model", "engine::client", "engine::jobs", "engine::worker"]),
        (
            "engine/protocol",
            &[
                "share::link",
                "share::report",
                "share::codes",
                "crate::ui",
                "crate::web",
                "crate::model",
                "super::jobs",
                "super::client",
            ],
        ),
        ("engine/jobs", &["crate::ui", "crate::web", "engine::client", "engine::worker", "engine::wire"]),
        ("web", &["crate::ui", "crate::engine", "crate::learn"]),
    ];
    for (layer, forbidden) in order {
        assert_never_names(layer, forbidden, "imports run one way");
    }
}

#[test]
fn only_the_model_names_tract() {
    for layer in ["image", "learn", "shift", "shrink", "foreign", "share", "engine", "ui", "web", "bin"] {
        assert_never_names(layer, &["tract_onnx", "tract_core"], "everything that names tract is in src/model");
    }
}

#[test]
fn only_scratch_names_candle() {
    for layer in ["image", "learn", "shift", "shrink", "foreign", "model", "engine", "ui", "web", "bin"] {
        assert_never_names(layer, &["candle_"], "training from scratch is a binary of its own");
    }
    assert_never_names("scratch", &BROWSER, "it must run and test natively");
    assert_never_names("scratch", &["crate::model", "crate::engine", "crate::ui", "crate::web"], "imports run one way");
}

#[test]
fn no_file_grows_into_a_god() {
    for (layer, most) in [
        ("ui", 400),
        ("web", 400),
        ("image", 600),
        ("learn", 600),
        ("shift", 600),
        ("share", 600),
        ("shrink", 600),
        ("foreign", 600),
        ("model", 600),
        ("engine", 600),
        ("scratch", 600),
    ] {
        for (path, text) in sources(layer) {
            let lines = text.lines().count();
            assert!(lines <= most, "{} has {lines} lines; {most} is where to look for the seam", path.display());
        }
    }
}

#[test]
fn no_unsafe_code_is_needed_so_far() {
    for layer in ["image", "learn", "shift", "share", "model", "engine", "ui", "web", "bin"] {
        for (path, text) in sources(layer) {
            assert!(!code(&text).contains("unsafe "), "{} has unsafe code", path.display());
        }
    }
}
