//! The map of the crate is true: imports go one way, and each outside crate has one door.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms, lowest first: a room imports from its own and lower layers only.
const LAYERS: [(&str, usize); 22] = [
    ("answer", 0),
    ("error", 0),
    ("rng", 0),
    ("level", 0),
    ("special", 0),
    ("link", 1),
    ("schedule", 1),
    ("denoise", 1),
    ("observe", 1),
    ("law", 2),
    ("process", 2),
    ("net", 3),
    ("sample", 3),
    ("guide", 3),
    ("metrics", 3),
    ("fingerprint", 4),
    ("tensor", 4),
    ("labs", 5),
    ("bench", 6),
    ("wasm", 7),
    ("bin", 7),
    ("lib", 9),
];

fn layer(room: &str) -> Option<usize> {
    LAYERS
        .iter()
        .find(|(name, _)| *name == room)
        .map(|(_, layer)| *layer)
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

fn files() -> Vec<(String, String)> {
    // Asked when the test runs: a copied checkout must not read the original's files.
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("src");
    let mut paths = Vec::new();
    sources(&root, &mut paths);
    paths
        .iter()
        .map(|p| {
            let name = p
                .strip_prefix(&root)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            let text = fs::read_to_string(p).unwrap();
            // Tests may look upward: only what ships is held to the layers.
            (name, text.split("#[cfg(test)]").next().unwrap().to_owned())
        })
        .filter(|(name, _)| !name.ends_with("tests.rs"))
        .collect()
}

fn room(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap()
}

#[test]
fn imports_go_one_way() {
    for (file, text) in files() {
        let own = layer(room(&file))
            .unwrap_or_else(|| panic!("src/{file} is in no layer: add it to LAYERS"));
        assert!(
            !text.contains("use crate::{"),
            "src/{file}: one import a line, so that this test sees it"
        );
        for (start, word) in text
            .match_indices("crate::")
            .chain(text.match_indices("scorefield::"))
        {
            let rest = &text[start + word.len()..];
            let used = rest
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap();
            let Some(other) = layer(used) else { continue };
            assert!(other <= own, "src/{file} imports {used}, which is above it");
        }
    }
}

#[test]
fn each_outside_crate_has_one_door() {
    let doors = [
        // An answer says what it becomes in JavaScript, and natively in JSON.
        ("wasm_bindgen", &["wasm", "answer"][..]),
        ("js_sys", &["wasm", "answer"]),
        ("serde_json", &["bin", "answer"]),
        ("clap", &["bin"]),
        ("tempfile", &["bin"]),
        ("same_file", &["bin"]),
        ("signal_hook", &["bin"]),
        // Fingerprints, and the points of a drawn law.
        ("base64", &["fingerprint", "link"]),
        ("burn_pack", &["net"]),
        ("sha2", &["net"]),
        ("nalgebra", &["process", "sample"]),
    ];
    for (file, text) in files() {
        for (name, door) in doors {
            let used = text
                .lines()
                .any(|l| !l.trim_start().starts_with("//") && l.contains(&format!("{name}::")));
            assert!(
                !used || door.contains(&room(&file)),
                "src/{file} uses {name}, whose door is {door:?}"
            );
        }
        let tensors = text.contains("burn::");
        let allowed = file.starts_with("tensor")
            || file.ends_with("tensor_run.rs")
            || file.starts_with("wasm");
        assert!(
            !tensors || allowed,
            "src/{file} uses burn outside the tensor executor"
        );
    }
}

#[test]
fn no_file_outgrows_its_purpose() {
    for (file, text) in files() {
        let lines = text.lines().count();
        assert!(lines <= 500, "src/{file} has {lines} lines: split it");
    }
}
