//! Recorded results of many links: a change of the wiring must not change a bit of them.
//!
//! `tests/fingerprints.txt` has one line per link: the fingerprint of its result, then the link. To add a link, write
//! `-` in place of the fingerprint; `UPDATE_FINGERPRINTS=1 cargo test --release --test fingerprints` fills it in. The
//! command never replaces an existing fingerprint.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

mod common;

use common::program;
use serde_json::Value;
use std::process::Command;

const RECORD: &str = "tests/fingerprints.txt";

fn answer(link: &str) -> Value {
    let out = Command::new(program())
        .args(["run", link])
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{link}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    serde_json::from_slice(&out.stdout).unwrap()
}

/// Fingerprint and link of each line.
fn recorded(text: &str) -> Vec<(&str, &str)> {
    let lines = text
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'));
    lines.map(|l| l.split_once(' ').unwrap()).collect()
}

fn fill_in(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        match line.strip_prefix("- ") {
            Some(link) => {
                let json = answer(link);
                out += &format!("{} {link}\n", json["fingerprint"].as_str().unwrap());
            }
            None => out += &format!("{line}\n"),
        }
    }
    out
}

#[test]
fn every_recorded_link_still_gives_the_same_bits() {
    let mut text = std::fs::read_to_string(RECORD).unwrap();
    if std::env::var_os("UPDATE_FINGERPRINTS").is_some() {
        text = fill_in(&text);
        std::fs::write(RECORD, &text).unwrap();
    }
    let mut changed = vec![];
    for (fingerprint, link) in recorded(&text) {
        let json = answer(&format!("{link}&fp={fingerprint}"));
        if json["reproduced"]["verdict"] != "exact" {
            changed.push(format!("{link}: {}", json["reproduced"]));
        }
    }
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

#[test]
fn the_links_of_the_engine_tests_are_recorded() {
    let text = std::fs::read_to_string(RECORD).unwrap();
    let known: Vec<_> = recorded(&text).into_iter().map(|r| r.1).collect();
    let links = std::fs::read_to_string("tests/e2e/links.txt").unwrap();
    for link in links
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
    {
        assert!(known.contains(&link), "{link} has no line in {RECORD}");
    }
}
