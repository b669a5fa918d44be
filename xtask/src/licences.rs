//! `cargo xtask licences`: www/licences.txt, the licences of all code that is compiled into the packages. It is made
//! from the lock file and the sources in cargo's cache, so `check` can make it again and compare.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::command::{cargo, output};
use crate::root::root;
use crate::tools::WASM;

/// The page links to this file; `dist` copies it with the rest of www.
const FILE: &str = "www/licences.txt";

/// The text of the MIT licence below its copyright line.
const MIT: &str = include_str!("licences/mit.txt");

const HEAD: &str = "\
Scorefield is licensed under MIT OR Apache-2.0. Its WebAssembly packages contain code of the packages
listed here, each under its own licence; where a package offers MIT among others, it is used under MIT.
The texts follow the list.

This file is made by `cargo xtask licences`.
";

/// A package whose code is in the product.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    /// `name version`.
    name: String,
    /// The SPDX expression.
    licence: String,
    /// The address of its source.
    source: String,
    authors: String,
    /// Its licence files: name and text.
    texts: Vec<(String, String)>,
}

/// Writes the file.
///
/// # Errors
/// If cargo fails, or a package has no licence that this program can print.
pub fn write() -> Result<()> {
    let packages = shipped()?;
    fs::write(root().join(FILE), compose(&packages)?)
        .with_context(|| format!("cannot write {FILE}"))?;
    println!("{FILE}: {} packages", packages.len());
    Ok(())
}

/// Compares the file with the packages that the lock file names.
///
/// # Errors
/// If it is out of date. The error says what to type.
pub fn check() -> Result<()> {
    let made = compose(&shipped()?)?;
    let kept = fs::read_to_string(root().join(FILE)).unwrap_or_default();
    if let Some(difference) = difference(&kept, &made) {
        bail!("{FILE} is out of date ({difference}): type `cargo xtask licences`, then commit it");
    }
    Ok(())
}

/// The differences between the stored file and the new one, in words.
fn difference(kept: &str, made: &str) -> Option<String> {
    if kept == made {
        return None;
    }
    let (old, new) = (listed(kept), listed(made));
    let names = |one: &BTreeSet<&str>, other: &BTreeSet<&str>| {
        let only: Vec<_> = one.difference(other).copied().collect();
        only.join(", ")
    };
    let said = [
        ("missing: ", names(&new, &old)),
        ("no longer shipped: ", names(&old, &new)),
    ];
    let said: Vec<_> = said
        .iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(words, names)| format!("{words}{names}"))
        .collect();
    Some(if said.is_empty() {
        "a text differs".into()
    } else {
        said.join("; ")
    })
}

/// The packages in the list of a file.
fn listed(text: &str) -> BTreeSet<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("- ")?.split_once(" | "))
        .map(|(name, _)| name)
        .collect()
}

/// All packages that are compiled into the WebGPU package, which has those of the CPU package too.
fn shipped() -> Result<Vec<Package>> {
    // Procedural macros write code into the packages, but their own dependencies stay outside.
    let linked = tree("normal,no-proc-macro")?;
    let all = tree("normal")?;
    let names: BTreeSet<_> = linked
        .lines()
        .chain(all.lines().filter(|line| line.contains("(proc-macro)")))
        .filter_map(name_and_version)
        .collect();
    let metadata = output(&mut cargo(&[
        "metadata",
        "--locked",
        "--format-version=1",
        "--features=webgpu",
        "--filter-platform",
        WASM,
    ]))?;
    let metadata: Value =
        serde_json::from_str(&metadata).context("cannot read cargo's metadata")?;
    let mut packages = vec![ourselves()?, standard_library()];
    let mut own = 0;
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let text = |key: &str| package[key].as_str().unwrap_or("").to_owned();
        let name = format!("{} {}", text("name"), text("version"));
        if !names.contains(&name) {
            continue;
        }
        // A package without a source is a part of this project.
        if package["source"].is_null() {
            own += 1;
            continue;
        }
        let authors: Vec<_> = package["authors"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|author| author.as_str()?.split('<').next().map(str::trim))
            .collect();
        packages.push(Package {
            name,
            licence: text("license"),
            source: text("repository"),
            authors: authors.join(", "),
            texts: texts(Path::new(&text("manifest_path")), &text("license"))?,
        });
    }
    packages.sort();
    // The list has one entry for all parts of the project, and one for the standard library, which the tree does not name.
    if packages.len() - 2 < names.len() - own {
        bail!(
            "cargo's metadata lacks some of the {} packages of its tree",
            names.len()
        );
    }
    Ok(packages)
}

/// `name vVERSION` for each package, one a line.
fn tree(edges: &str) -> Result<String> {
    output(&mut cargo(&[
        "tree",
        "--locked",
        "--package=scorefield",
        "--features=webgpu",
        "--target",
        WASM,
        "--edges",
        edges,
        "--prefix=none",
    ]))
}

fn name_and_version(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    let (name, version) = (words.next()?, words.next()?);
    Some(format!("{name} {}", version.strip_prefix('v')?))
}

/// The project itself.
fn ourselves() -> Result<Package> {
    let text = fs::read_to_string(root().join("LICENSE-MIT")).context("cannot read LICENSE-MIT")?;
    Ok(Package {
        name: "Scorefield".into(),
        licence: "MIT OR Apache-2.0".into(),
        texts: vec![("LICENSE-MIT".into(), text)],
        ..Package::default()
    })
}

/// The code that rustc adds to every program.
fn standard_library() -> Package {
    Package {
        name: "The Rust standard library (with compiler-builtins, dlmalloc and hashbrown)".into(),
        licence: "MIT OR Apache-2.0".into(),
        source: "https://github.com/rust-lang/rust".into(),
        authors: "The Rust Project Contributors".into(),
        texts: Vec::new(),
    }
}

/// The licence files next to a manifest, without the Apache licence if the package also has the MIT licence.
fn texts(manifest: &Path, licence: &str) -> Result<Vec<(String, String)>> {
    let folder = manifest.parent().unwrap_or(manifest);
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut found = BTreeMap::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let upper = name.to_uppercase();
        let named = ["LICEN", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];
        if named.iter().any(|start| upper.starts_with(start)) && entry.path().is_file() {
            let bytes = fs::read(entry.path()).with_context(|| format!("cannot read {name}"))?;
            let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
            if !is_packed_link(&name, &text) {
                found.insert(name, text);
            }
        }
    }
    Ok(chosen(found.into_iter().collect(), licence))
}

/// Whether a file contains only the path of a file with its name in another folder: a symbolic link, packed as text.
fn is_packed_link(name: &str, text: &str) -> bool {
    let text = text.trim();
    text.ends_with(&format!("/{name}")) && !text.contains(char::is_whitespace)
}

/// Leaves out the Apache licence if the MIT licence exists and may be chosen.
fn chosen(mut texts: Vec<(String, String)>, licence: &str) -> Vec<(String, String)> {
    let has = |texts: &[(String, String)], word: &str| {
        texts
            .iter()
            .any(|(name, _)| name.to_uppercase().contains(word))
    };
    let choice = licence.contains(" OR ") || licence.contains('/');
    if choice && has(&texts, "MIT") {
        texts.retain(|(name, _)| !has(&[(name.clone(), String::new())], "APACHE"));
    }
    texts
}

/// The file: the list, then each text once, with the packages that it belongs to.
fn compose(packages: &[Package]) -> Result<String> {
    let mut list = String::new();
    // Compared word by word, because packages break the same text into different lines.
    let mut order = Vec::new();
    let mut groups: BTreeMap<String, (String, Vec<&str>)> = BTreeMap::new();
    for package in packages {
        let parts = [&package.name, &package.licence, &package.source].map(String::as_str);
        let known: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        list += &format!("- {}\n", known.join(" | "));
        for text in printed(package, packages)? {
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let group = groups.entry(words.clone()).or_insert_with(|| {
                order.push(words);
                (text, Vec::new())
            });
            if group.1.last() != Some(&package.name.as_str()) {
                group.1.push(&package.name);
            }
        }
    }
    let mut out = format!("{HEAD}\n{list}");
    for words in order {
        if let Some((text, names)) = groups.remove(&words) {
            let rule = "=".repeat(80);
            out += &format!("\n{rule}\n{}\n{rule}\n\n", names.join(", "));
            for line in text.trim().lines() {
                out += line.trim_end();
                out.push('\n');
            }
        }
    }
    Ok(out)
}

/// The texts of a package: its own; or the standard text of its licence with the names of its authors; or the text of
/// another package under the same licence.
fn printed(package: &Package, packages: &[Package]) -> Result<Vec<String>> {
    let own: Vec<_> = package.texts.iter().map(|(_, text)| text.clone()).collect();
    if !own.is_empty() {
        return Ok(own);
    }
    let words = package.licence.split([' ', '/', '(', ')']);
    if words.into_iter().any(|word| word == "MIT") && !package.licence.contains(" AND ") {
        let authors = if package.authors.is_empty() {
            format!("the authors of {}", package.name)
        } else {
            package.authors.clone()
        };
        return Ok(vec![format!("Copyright (c) {authors}\n\n{MIT}")]);
    }
    let same = packages
        .iter()
        .find(|other| other.licence == package.licence && other.texts.len() == 1);
    match same {
        Some(other) => Ok(vec![other.texts[0].1.clone()]),
        None => bail!(
            "{} ({}) has no licence file, and no package with that licence has one alone: \
             add its text to xtask/src/licences.rs",
            package.name,
            package.licence
        ),
    }
}

#[cfg(test)]
mod tests;
