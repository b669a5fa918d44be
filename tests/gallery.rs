//! The gallery: links that are worth a try, with what they show and numbers that hold.
//!
//! Each entry is a file `src/labs/**/gallery/NNN-name.toml`; [`entry`] says what stands in it. This test runs every
//! entry through the command line and compares its numbers. The page's lists, `www/labs/LAB/gallery.js`, are written
//! from the entries by `UPDATE_GALLERY=1 cargo test --release --test gallery`, and compared with them otherwise.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

mod common;
#[path = "gallery/entry.rs"]
mod entry;
#[path = "gallery/runs.rs"]
mod runs;
#[path = "gallery/strict.rs"]
mod strict;

use entry::{Entry, Tag, labs, read};
use runs::faults;
use std::fs;
use std::path::{Path, PathBuf};

/// Asked when the test runs: a copied checkout must not read or write the original's files.
fn root() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap())
}

/// All files below a folder, in the order of their names.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.sort();
    let below = |path: PathBuf| match path.is_dir() {
        true => files_below(&path),
        false => vec![path],
    };
    paths.into_iter().flat_map(below).collect()
}

/// The entries, with their files, in the order of the page's lists: by the names of their files.
fn entries() -> Vec<(PathBuf, Entry)> {
    let root = root();
    let mut out = vec![];
    for path in files_below(&root.join("src/labs")) {
        let short = path.strip_prefix(&root).unwrap();
        let in_gallery = short.components().any(|c| c.as_os_str() == "gallery");
        let entry = path.extension().is_some_and(|e| e == "toml");
        assert_eq!(
            in_gallery,
            entry,
            "{}: TOML files, and no others, stand in a folder called gallery",
            short.display()
        );
        if entry {
            let text = fs::read_to_string(&path).unwrap();
            let entry = read(short, &text).unwrap_or_else(|e| panic!("{e}"));
            out.push((short.to_owned(), entry));
        }
    }
    out
}

#[test]
fn the_numbers_of_every_entry_are_those_of_its_run() {
    let faults = faults(&entries(), |(path, entry)| {
        (path.display().to_string(), &entry.link, &entry.numbers)
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_entries_of_a_lab_stand_in_one_folder_and_no_two_are_alike() {
    let entries = entries();
    for lab in labs() {
        let own = || entries.iter().filter(|(_, e)| e.lab == lab);
        if own().count() == 0 {
            continue;
        }
        let folders: Vec<_> = own().map(|(path, _)| path.parent().unwrap()).collect();
        assert!(
            folders.iter().all(|f| *f == folders[0]),
            "{lab}: its entries stand in several folders"
        );
        let mut places: Vec<_> = own().map(|(path, _)| path.to_str().unwrap()).collect();
        places.dedup_by_key(|p| p.rsplit('/').next().unwrap()[..3].to_owned());
        assert_eq!(
            places.len(),
            own().count(),
            "{lab}: two entries have one place"
        );
    }
    for (i, (path, entry)) in entries.iter().enumerate() {
        for (other, before) in &entries[..i] {
            let files = format!("{} and {}", other.display(), path.display());
            assert_ne!(entry.link, before.link, "{files} have one link");
            let both = (entry.lab == before.lab) && (entry.name == before.name);
            assert!(!both, "{files} have one name");
        }
    }
}

#[test]
fn every_tag_is_used() {
    let entries = entries();
    for tag in Tag::ALL {
        let used = entries.iter().any(|(_, e)| e.tags.contains(&tag));
        assert!(used, "no entry has the tag {tag:?}: remove it");
    }
}

/// A string of JavaScript. An entry's texts have no control characters.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The page's list of a lab.
fn module(lab: &str, entries: &[(PathBuf, Entry)]) -> String {
    let mut out = format!(
        "// Links to try in the lab {lab}. Made from src/labs/**/gallery/*.toml by\n\
         // `UPDATE_GALLERY=1 cargo test --release --test gallery`: change the entries there, not this file.\n\n\
         /** Name, link, one sentence. @type {{[string, string, string][]}} */\n\
         export const TRIES = [\n"
    );
    for (_, entry) in entries.iter().filter(|(_, e)| e.lab == lab) {
        out += "  [\n";
        for text in [&entry.name, &entry.link, &entry.why] {
            out += &format!("    {},\n", quoted(text));
        }
        out += "  ],\n";
    }
    out + "];\n"
}

#[test]
fn the_lists_of_the_page_are_those_of_the_entries() {
    let entries = entries();
    for lab in labs() {
        let path = root().join(format!("www/labs/{lab}/gallery.js"));
        if !entries.iter().any(|(_, e)| e.lab == lab) {
            let left = path.exists();
            assert!(!left, "{lab} has no entries: remove {}", path.display());
            continue;
        }
        let made = module(lab, &entries);
        if std::env::var_os("UPDATE_GALLERY").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &made).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            written == made,
            "{} is stale: run UPDATE_GALLERY=1 cargo test --release --test gallery",
            path.display()
        );
    }
}
