//! The documentation names the tests that hold its formulas, and these tests exist.
//!
//! The form is “Held by `FILE`: `TEST`, `TEST`; `FILE`: `TEST`.” at the end of a paragraph.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms whose public formulas must name a test.
const ROOMS: [&str; 14] = [
    "denoise", "dynamics", "filter", "guide", "law", "level", "metrics", "net", "observe",
    "process", "sample", "schedule", "special", "tensor",
];
const HELD: &str = "Held by `";

fn root() -> PathBuf {
    // Asked when the test runs: a copied checkout must not read the files of the original.
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap())
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

/// The files of src, by their paths from the root of the repository.
fn all() -> Vec<(String, String)> {
    let mut files = vec![];
    sources(&root().join("src"), &mut files);
    files.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap();
        let name = name.to_string_lossy().replace('\\', "/");
        (name, fs::read_to_string(&path).unwrap())
    };
    files.into_iter().map(read).collect()
}

/// The paragraphs of the documentation of a file, each on one line, and whether it belongs to a public item or module.
fn paragraphs(text: &str) -> Vec<(String, bool)> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut out = vec![];
    let mut open = vec![];
    let mut begun = 0;
    for (i, line) in lines.iter().enumerate() {
        let part = line.strip_prefix("///").or(line.strip_prefix("//!"));
        if let Some(part) = part.map(str::trim).filter(|part| !part.is_empty()) {
            open.push(part);
            begun = i;
            continue;
        }
        if !open.is_empty() {
            let item = lines[begun + 1..].iter().find(|line| {
                !(line.is_empty() || line.starts_with("///") || line.starts_with("#["))
            });
            let module = lines[begun].starts_with("//!");
            let public = module || item.is_some_and(|line| line.starts_with("pub "));
            out.push((open.join(" "), public));
            open.clear();
        }
    }
    out
}

/// The words in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether a file has a test of this name.
fn has_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let begins = format!("fn {name}(");
    let is_test = |at: usize| {
        let mut before = lines[..at].iter().rev();
        before
            .by_ref()
            .take_while(|line| line.starts_with("#[") || line.starts_with("//"))
            .any(|line| *line == "#[test]")
    };
    let found = lines
        .iter()
        .position(|line| line.trim_start_matches("async ").starts_with(&begins));
    found.is_some_and(is_test)
}

#[test]
fn every_test_that_the_documentation_names_exists() {
    let (mut wrong, mut count) = (vec![], 0);
    for (file, text) in all() {
        for (paragraph, _) in paragraphs(&text) {
            for path in quoted(&paragraph) {
                if path.starts_with("tests/")
                    && path.ends_with(".rs")
                    && !root().join(path).is_file()
                {
                    wrong.push(format!("{file}: there is no file {path}"));
                }
            }
            let Some(at) = paragraph.find(HELD) else {
                continue;
            };
            let mut held = None;
            for word in quoted(&paragraph[at..]) {
                if word.ends_with(".rs") {
                    held = fs::read_to_string(root().join(word)).ok();
                    if held.is_none() {
                        wrong.push(format!("{file}: there is no file {word}"));
                    }
                } else if !held.as_ref().is_some_and(|text| has_test(text, word)) {
                    wrong.push(format!(
                        "{file}: no test {word} in the file named before it"
                    ));
                } else {
                    count += 1;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 100, "the tests are found: {count}");
}

#[test]
fn every_file_with_a_public_formula_names_a_test() {
    let in_rooms = |file: &str| {
        let name = file.trim_start_matches("src/");
        ROOMS
            .iter()
            .any(|room| name == format!("{room}.rs") || name.starts_with(&format!("{room}/")))
    };
    // An equation outside of backticks, with a symbol that ASCII does not have.
    let has_formula = |paragraph: &str| {
        let plain = paragraph.split('`').step_by(2);
        !paragraph.is_ascii() && plain.into_iter().any(|part| part.contains(" = "))
    };
    let mut wrong = vec![];
    for (file, text) in all().into_iter().filter(|(file, _)| in_rooms(file)) {
        let text = text.split("mod tests {").next().unwrap_or_default();
        if file.ends_with("tests.rs") || text.contains(HELD) {
            continue;
        }
        for (paragraph, public) in paragraphs(text) {
            if public && has_formula(&paragraph) {
                wrong.push(format!("{file}: {paragraph}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "add “Held by `FILE`: `TEST`.”:\n{}",
        wrong.join("\n")
    );
}
