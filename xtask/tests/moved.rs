//! A checkout that is moved or copied together with the programs that were built in it.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A copy of the files that `check --alone versions` reads, with a different version of wasm-bindgen.
fn copied(name: &str, tool: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("scorefield-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("xtask/src")).unwrap();
    for file in ["Cargo.toml", "xtask/Cargo.toml"] {
        fs::copy(repository().join(file), folder.join(file)).unwrap();
    }
    let package = |name: &str, version: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n")
    };
    let lock = package("wasm-bindgen", "7.7.7") + &package("wasm-bindgen-cli-support", tool);
    fs::write(folder.join("Cargo.lock"), lock).unwrap();
    folder
}

/// The repository under test. Cargo sets the variable when the test runs.
fn repository() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("..")
}

/// Runs `xtask WORDS` in a folder.
fn xtask(folder: &Path, words: &[&str]) -> Output {
    Command::new(std::env::var_os("CARGO_BIN_EXE_xtask").unwrap())
        .current_dir(folder)
        .args(words)
        .output()
        .unwrap()
}

#[test]
fn a_command_acts_on_the_checkout_where_it_is_typed() {
    let versions = ["check", "--alone", "versions"];
    let good = copied("moved-good", "7.7.7");
    for folder in [good.clone(), good.join("xtask/src")] {
        let output = xtask(&folder, &versions);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("wasm-bindgen 7.7.7 on both sides"), "{said}");
        assert!(output.status.success());
    }
    let bad = copied("moved-bad", "7.7.8");
    let output = xtask(&bad, &versions);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("7.7.8"));
    fs::remove_dir_all(good).unwrap();
    fs::remove_dir_all(bad).unwrap();
}

#[test]
fn outside_a_checkout_a_sentence_says_where_to_go() {
    let output = Command::new(std::env::var_os("CARGO_BIN_EXE_xtask").unwrap())
        .current_dir("/")
        .env_remove("CARGO_MANIFEST_DIR")
        .args(["check", "--alone", "versions"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("go to its folder"), "{said}");
}

/// A path that the compiler writes into a program names the old folder after a move. After a copy, a test would read
/// and write in the original. Cargo gives the same variables at run time.
#[test]
fn no_folder_is_compiled_in() {
    let mut found = Vec::new();
    for folder in ["src", "tests", "xtask/src", "xtask/tests"] {
        search(&repository().join(folder), &mut found);
    }
    assert!(found.is_empty(), "{found:?}");
}

/// Adds the files below a folder that contain such a path.
fn search(folder: &Path, found: &mut Vec<PathBuf>) {
    // Written in two parts, so that this file does not find itself.
    let macros = ["CARGO_MANIFEST_DIR", "CARGO_BIN_EXE", "CARGO_TARGET_TMPDIR"]
        .map(|name| format!("{}(\"{name}", "env!"));
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            if macros.iter().any(|text_of| text.contains(text_of)) {
                found.push(path);
            }
        }
    }
}
