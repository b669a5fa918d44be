//! The pages beside the playground: gallery and lessons, and the pictures of their links. Scripts in xtask/notes write them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::command::{command, run};
use crate::dist::{files, rename_by_contents};
use crate::mount::Mount;
use crate::root::root;
use crate::{hash, site, tools};

/// The folders of a site that hold these pages, and what they share.
pub const FOLDERS: [&str; 3] = ["gallery", "lessons", "notes"];

/// Takes a picture of every link of gallery and lessons for a built dist, in a browser; writes `stills/NAME.webp` and `stills.json`
/// there. A picture is kept in target/stills until the engine, the networks or what draws change.
///
/// # Errors
/// If nothing is built, Node or the browser is missing, or a link shows an error.
pub fn stills(dist: &Path) -> Result<()> {
    if !dist.join("index.html").is_file() {
        bail!(
            "{} is not built: run `cargo xtask dist`, which takes the stills too",
            dist.display()
        );
    }
    tools::node_modules()?;
    let chromium = tools::chromium()?;
    println!("      stills of the links of gallery and lessons (target/stills keeps them)");
    let site = site::start(0, vec![Mount::all("/", dist.to_owned())])?;
    run(command("node")
        .arg("xtask/notes/stills.js")
        .arg(root())
        .arg(dist)
        .arg(format!("{}/", site.address))
        .arg(root().join("target/stills"))
        .arg(version(dist)?)
        .env("CHROMIUM", chromium))
}

/// Takes the pictures that index.html shows before its engine is there, for a built dist, in a browser. Returns the name of their folder; none
/// where no browser is installed: the page then starts with words alone.
///
/// # Errors
/// If Node is missing, or the page shows an error.
pub fn first(dist: &Path) -> Result<Option<String>> {
    if !tools::has_chromium() {
        return Ok(None);
    }
    tools::node_modules()?;
    let chromium = tools::chromium()?;
    let site = site::start(0, vec![Mount::all("/", dist.to_owned())])?;
    run(command("node")
        .arg("xtask/notes/first.js")
        .arg(dist)
        .arg(format!("{}/", site.address))
        .arg(root().join("target/stills"))
        .arg(version(dist)?)
        .env("CHROMIUM", chromium))?;
    rename_by_contents(&dist.join("first")).map(Some)
}

/// What a picture depends on beside its link: packages and networks by the names of their folders, which are of their contents, and the
/// scripts and styles that draw.
fn version(dist: &Path) -> Result<String> {
    let mut parts = Vec::new();
    for entry in fs::read_dir(dist).with_context(|| format!("cannot read {}", dist.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let page = name.starts_with("www-") || name.starts_with("webgpu-");
        if name.contains('-') && !name.contains('.') && !page {
            parts.push(name.into_bytes());
        }
    }
    parts.sort();
    let www = root().join("www");
    for folder in ["app", "labs", "plots", "style"] {
        for file in files(&www.join(folder))? {
            parts.push(fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
        }
    }
    let shots = root().join("xtask/notes/shots.js");
    parts.push(fs::read(&shots).context("cannot read xtask/notes/shots.js")?);
    Ok(hash::fnv1a(parts.iter().map(Vec::as_slice)))
}

/// Writes the pages `gallery/` and `lessons/` into a folder that may have stills; with the address of that folder on its host, a page
/// for every entry of the gallery too.
///
/// # Errors
/// If Node is missing, an entry or a lesson is malformed, or a link has no still where others have.
pub fn pages(folder: &Path, base: Option<&str>) -> Result<()> {
    tools::node_modules()?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    run(command("node")
        .arg("xtask/notes/pages.js")
        .arg(root())
        .arg(folder)
        .args(base))
}
