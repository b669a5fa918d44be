//! The map of the crate is true: imports go one way, and each external crate is used in one place only.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

#[path = "layers/exports.rs"]
mod exports;
#[path = "layers/graph.rs"]
mod graph;
#[path = "layers/names.rs"]
mod names;
#[path = "layers/page.rs"]
mod page;
#[path = "layers/rust.rs"]
mod rust;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms, lowest first: a room imports from its own and lower layers only.
const LAYERS: [(&str, usize); 29] = [
    ("answer", 0),
    ("decimal", 0),
    ("error", 0),
    ("rng", 0),
    ("level", 0),
    ("special", 0),
    ("word", 0),
    ("schedule", 1),
    ("denoise", 1),
    ("dynamics", 1),
    ("observe", 1),
    ("law", 2),
    ("process", 2),
    ("net", 3),
    ("sample", 3),
    ("guide", 3),
    ("metrics", 3),
    ("filter", 4),
    ("link", 4),
    ("fingerprint", 4),
    ("tensor", 4),
    ("unet", 4),
    ("gpu", 4),
    ("maths", 4),
    ("labs", 5),
    ("bench", 6),
    ("wasm", 7),
    ("bin", 7),
    ("lib", 9),
];

/// The root files of the library: `lib.rs` passes on all rooms of `maths.rs`, so the two are read as one crate. (That no
/// room of maths imports another one, the compiler holds.)
const LIBRARY: [&str; 2] = ["maths.rs", "lib.rs"];

fn layer(room: &str) -> Option<usize> {
    LAYERS
        .iter()
        .find(|(name, _)| *name == room)
        .map(|(_, layer)| *layer)
}

fn sources(folder: &Path, end: &str, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, end, out);
        } else if path.to_string_lossy().ends_with(&format!(".{end}")) {
            out.push(path);
        }
    }
}

/// The files of `src`, whole.
fn whole_files() -> BTreeMap<String, String> {
    texts("src", "rs")
}

/// The files below a folder of the repository whose names end in `ends`, by their path in it.
fn texts(folder: &str, end: &str) -> BTreeMap<String, String> {
    // Asked when the test runs: a copied checkout must not read the original's files.
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join(folder);
    let mut paths = Vec::new();
    sources(&root, end, &mut paths);
    let named = |path: &PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy();
        (name.replace('\\', "/"), fs::read_to_string(path).unwrap())
    };
    paths.iter().map(named).collect()
}

/// What ships of the files of `src`: tests may look upward.
fn files() -> Vec<(String, String)> {
    whole_files()
        .into_iter()
        .filter(|(name, _)| !name.ends_with("tests.rs"))
        .map(|(name, text)| {
            let shipped = text.split("#[cfg(test)]").next().unwrap().to_owned();
            (name, shipped)
        })
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
        // The TypeScript types of what crosses stand at the Rust types.
        ("tsify", &["answer", "labs", "link", "wasm"]),
        ("burn_pack", &["net"]),
        ("sha2", &["net"]),
        ("nalgebra", &["process", "sample"]),
        ("rustfft", &["dynamics"]),
        ("cubecl", &["gpu"]),
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
        let allowed = ["tensor", "unet", "wasm"].contains(&room(&file));
        assert!(
            !tensors || allowed,
            "src/{file} uses burn outside the executors on tensors"
        );
    }
}

/// The lint `unsafe_code` is denied, and may be allowed in one file, where each block says why it is sound.
#[test]
fn unsafe_code_stands_in_one_file_with_its_proof() {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    assert!(manifest.contains("unsafe_code = \"deny\""));
    for (file, text) in files() {
        let code = text.lines().filter(|l| !l.trim_start().starts_with("//"));
        let found = code.filter(|l| l.contains("unsafe")).count();
        if file == "gpu/device.rs" {
            // One line allows it.
            let proofs = text.matches("// SAFETY: ").count();
            assert_eq!(
                found,
                proofs + 1,
                "each block of src/{file} needs its proof"
            );
        } else {
            assert_eq!(found, 0, "src/{file} has unsafe code");
        }
    }
}

/// The library has these rooms with a feature only, with which no step of `cargo xtask test` tests it: `tests/` does. The room `gpu` is tested.
#[test]
fn no_test_stands_where_no_step_runs_it() {
    for (file, text) in whole_files() {
        let run = !["tensor", "unet", "wasm"].contains(&room(&file));
        assert!(
            run || !text.contains("#[test]"),
            "src/{file} has tests that nothing runs: move them to tests/"
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

/// Nothing may be found.
fn nothing(found: &[String], claim: &str) {
    assert!(found.is_empty(), "{claim}:\n{}", found.join("\n"));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let files = whole_files();
    let library = rust::imports(&files, &LIBRARY, "scorefield");
    let program = rust::imports(&files, &["bin/scorefield/main.rs"], "");
    for file in files.keys().filter(|file| !file.ends_with("tests.rs")) {
        let read = library.contains_key(file) || program.contains_key(file);
        assert!(read, "src/{file} is in no module");
    }
    for (file, others) in &library {
        for other in others {
            let order = layer(room(file)) >= layer(room(other));
            assert!(
                order,
                "src/{file} uses what src/{other} defines, which is above it"
            );
        }
    }
    let found = [graph::circles(&library), graph::circles(&program)].concat();
    nothing(&found, "files of src use each other in a circle");
}

#[test]
fn a_lab_is_used_by_the_registry_and_itself_alone() {
    let library = rust::imports(&whole_files(), &LIBRARY, "scorefield");
    let mut found = vec![];
    for (file, others) in &library {
        for other in others {
            let (from, into) = (lab_folder(file), lab_folder(other));
            let inside = file.starts_with("labs/") && file != REGISTRY;
            if inside && into.is_some() && from != into {
                found.push(format!("src/{file} uses what src/{other} defines"));
            }
        }
    }
    nothing(
        &found,
        "only the registry of labs knows what is in a lab's folder",
    );
}

/// The file that lists the labs.
const REGISTRY: &str = "labs/registry.rs";

/// The folder of `src/labs` that a file stands in.
fn lab_folder(file: &str) -> Option<&str> {
    let below = file.strip_prefix("labs/")?;
    below.split_once('/').map(|(folder, _)| folder)
}

/// Rooms of the page, lowest first.
const PAGE: [(&str, usize); 9] = [
    // Types that several rooms share: it imports nothing.
    ("types.js", 0),
    ("plots", 0),
    ("ui", 1),
    ("engine", 2),
    ("app", 3),
    ("labs", 4),
    ("main.js", 5),
    ("worker.js", 5),
    // Scripts of the documents beside the page: gallery, lessons.
    ("notes", 5),
];

#[test]
fn the_rooms_of_the_page_import_one_way() {
    let labs = labs();
    let (mut found, mut graph) = (vec![], graph::Graph::new());
    for (file, text) in texts("www", "js") {
        let imports = page::imports(&file, &text);
        found.extend(page::offences(&file, &imports, &labs, &PAGE));
        graph.insert(
            file,
            [imports.fixed, imports.asked]
                .concat()
                .into_iter()
                .collect(),
        );
    }
    nothing(
        &found,
        "the page's files go against the order of their rooms",
    );
    nothing(
        &graph::circles(&graph),
        "files of www import each other in a circle",
    );
}

#[test]
fn what_the_page_exports_is_imported_somewhere() {
    let page = texts("www", "js");
    let tests = texts("tests/e2e", "js");
    let tests = tests
        .iter()
        .map(|(file, text)| (format!("../tests/e2e/{file}"), text));
    let all = page
        .iter()
        .map(|(file, text)| (file.clone(), text))
        .chain(tests);
    let taken: BTreeSet<(String, String)> = all
        .flat_map(|(file, text)| exports::taken(&file, text))
        .collect();
    let is_taken = |file: &str, name: &str| taken.contains(&(file.to_owned(), name.to_owned()));
    let mut found = vec![];
    for (file, text) in &page {
        for name in exports::exports(text) {
            if !is_taken(file, &name) && !is_taken(file, "*") {
                found.push(format!("www/{file} exports {name}"));
            }
        }
        let entry = ["main.js", "worker.js"].contains(&file.as_str()) || file.starts_with("notes/");
        if !entry && !taken.iter().any(|(from, _)| from == file) {
            found.push(format!("www/{file} is imported nowhere"));
        }
    }
    nothing(&found, "no other file takes this");
}

#[test]
fn no_lab_is_named_in_a_file_for_all_labs() {
    let labs = labs();
    let mut found = vec![];
    let page = ["js", "css"].map(|end| texts("www", end));
    let page = page
        .into_iter()
        .flatten()
        .filter(|(file, _)| !file.starts_with("labs/"));
    let page = page.map(|(file, text)| (format!("www/{file}"), text));
    let rust = whole_files().into_iter().chain(texts("src", "d.ts"));
    let rust = rust
        .filter(|(file, _)| ["link", "wasm"].contains(&room(file)) && !file.ends_with("tests.rs"));
    for (file, text) in page.chain(rust.map(|(file, text)| (format!("src/{file}"), text))) {
        let shipped = text.split("#[cfg(test)]").next().unwrap();
        let names = names::labs_in(&file, shipped, &labs);
        if !names.is_empty() {
            found.push(format!("{file} names {}", names.join(", ")));
        }
    }
    nothing(
        &found,
        "a lab stands in a file that is for all labs: its folder is the place",
    );
}

/// The labs, as the table of keys names them.
fn labs() -> Vec<String> {
    let table = serde_json::to_value(scorefield::labs::link::spec::table()).unwrap();
    let row = table
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["key"] == "lab");
    let labs: Vec<String> = serde_json::from_value(row.unwrap()["choices"].clone()).unwrap();
    assert!(labs.len() > 3, "{labs:?}");
    labs
}
