//! www for dist: bundled and minified by esbuild, a chunk of its own for every lab.
//!
//! The page starts with main.js and what it imports. A lab's files come when it is opened, so their names stand in main.js
//! only; the browser is told early of the files that main.js itself needs (`Bundle::early`).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::command::{command, run};
use crate::dist::{BROWSERS, copy, files, rename_by_contents};
use crate::root::root;
use crate::{html, tools};

/// What esbuild made of www. Files are named below its folder.
#[derive(Debug, Default, PartialEq)]
pub struct Bundle {
    /// Its folder in dist.
    pub folder: String,
    /// The scripts that run before any lab.
    pub page: BTreeSet<String>,
    /// The first lab of the registry, which an empty address opens.
    pub lab: String,
    /// The scripts that this lab needs beside those.
    pub labs_own: BTreeSet<String>,
}

impl Bundle {
    /// The addresses of the files that main.js imports: without a word the browser would ask for them only once it has read main.js.
    pub fn early(&self) -> Vec<String> {
        let chunks = self.page.iter().filter(|name| name.contains('/'));
        chunks
            .map(|name| format!("{}/{name}", self.folder))
            .collect()
    }
}

/// esbuild for entries of www that are bundled and minified into a folder.
fn esbuild(entries: &[&str], folder: &Path) -> Command {
    let mut esbuild = command(tools::npm_program("esbuild"));
    esbuild
        .args(entries)
        .args([
            "--bundle",
            "--minify",
            "--outbase=www",
            "--log-level=warning",
        ])
        .args([BROWSERS, &format!("--outdir={}", folder.display())]);
    esbuild
}

/// Bundles and minifies www into the fresh folder.
pub fn bundle(page: &str, fresh: &Path) -> Result<Bundle> {
    let entries: Vec<_> = html::addresses(page, "www/")
        .into_iter()
        .filter(|address| address.ends_with(".js") || address.ends_with(".css"))
        .collect();
    if entries.is_empty() {
        bail!("index.html names no script or style in www/");
    }
    let folder = fresh.join("www");
    let meta = fresh.join("www.json");
    // The worker shares no file with the page: it is loaded by itself, and asks for nothing more.
    let (worker, page): (Vec<_>, Vec<_>) = entries
        .into_iter()
        .partition(|address| address.ends_with("/worker.js"));
    run(esbuild(&worker, &folder).arg("--format=esm"))?;
    run(esbuild(&page, &folder)
        .args(["--splitting", "--format=esm"])
        .args([
            "--chunk-names=chunks/[name]-[hash]",
            "--loader:.svg=file",
            "--loader:.woff2=file",
        ])
        .arg(format!("--metafile={}", meta.display())))?;
    let told = fs::read_to_string(&meta).context("esbuild wrote no metafile")?;
    fs::remove_file(&meta).context("cannot remove esbuild's metafile")?;
    // Pictures, fonts and other files are copied.
    let source = root().join("www");
    for file in files(&source)? {
        let name = file
            .strip_prefix(&source)
            .context("a file of www lies outside www")?;
        let code = file.extension().is_some_and(|end| {
            ["js", "ts", "css", "json", "md"]
                .iter()
                .any(|code| end == *code)
        });
        if !code {
            copy(&file, &folder.join(name))?;
        }
    }
    Ok(Bundle {
        folder: rename_by_contents(&folder)?,
        ..read(&told)?
    })
}

/// Which files the page and its first lab need, by esbuild's metafile.
fn read(told: &str) -> Result<Bundle> {
    let told: Value = serde_json::from_str(told).context("cannot read esbuild's metafile")?;
    let outputs = told["outputs"]
        .as_object()
        .context("esbuild's metafile names no outputs")?;
    let imports = |name: &str, kind: &str| -> Vec<String> {
        let all = outputs[name]["imports"].as_array().into_iter().flatten();
        let wanted = all.filter(|import| import["kind"] == kind);
        wanted
            .filter_map(|import| import["path"].as_str().map(str::to_owned))
            .collect()
    };
    let whole = |start: &str| {
        let mut found = BTreeSet::from([start.to_owned()]);
        let mut open = vec![start.to_owned()];
        while let Some(name) = open.pop() {
            let more = imports(&name, "import-statement");
            open.extend(more.into_iter().filter(|name| found.insert(name.clone())));
        }
        found
    };
    let main = outputs
        .keys()
        .find(|name| name.ends_with("www/main.js"))
        .context("esbuild made no www/main.js")?;
    let source = |name: &str| outputs[name]["entryPoint"].as_str().unwrap_or_default();
    let first = imports(main, "dynamic-import")
        .into_iter()
        .find(|name| source(name).contains("/labs/"))
        .context("www/main.js opens no lab")?;
    let lab = Path::new(source(&first)).parent().and_then(Path::file_name);
    let root = main.trim_end_matches("main.js");
    let below = |names: BTreeSet<String>| -> BTreeSet<String> {
        let own = names.iter().filter_map(|name| name.strip_prefix(root));
        own.map(str::to_owned).collect()
    };
    let page = whole(main);
    Ok(Bundle {
        folder: String::new(),
        labs_own: below(whole(&first).difference(&page).cloned().collect()),
        page: below(page),
        lab: lab.unwrap_or_default().to_string_lossy().into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = r#"{ "outputs": {
      "dist.new/www/main.js": { "imports": [
        { "path": "dist.new/www/chunks/a.js", "kind": "import-statement" },
        { "path": "dist.new/www/chunks/rare.js", "kind": "dynamic-import" },
        { "path": "dist.new/www/chunks/line.js", "kind": "dynamic-import" },
        { "path": "dist.new/www/chunks/plane.js", "kind": "dynamic-import" }] },
      "dist.new/www/worker.js": { "imports": [] },
      "dist.new/www/chunks/a.js": { "imports": [{ "path": "dist.new/www/chunks/b.js", "kind": "import-statement" }] },
      "dist.new/www/chunks/b.js": { "imports": [] },
      "dist.new/www/chunks/c.js": { "imports": [{ "path": "dist.new/www/chunks/b.js", "kind": "import-statement" }] },
      "dist.new/www/chunks/rare.js": { "entryPoint": "www/ui/rare.js", "imports": [] },
      "dist.new/www/chunks/line.js": { "entryPoint": "www/labs/line/index.js", "imports": [
        { "path": "dist.new/www/chunks/c.js", "kind": "import-statement" }] },
      "dist.new/www/chunks/plane.js": { "entryPoint": "www/labs/plane/index.js", "imports": [] } } }"#;

    #[test]
    fn the_page_and_its_first_lab_have_the_files_that_they_import() {
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect();
        let bundle = read(TOLD).unwrap();
        assert_eq!(
            bundle,
            Bundle {
                folder: String::new(),
                page: names(&["main.js", "chunks/a.js", "chunks/b.js"]),
                lab: "line".into(),
                labs_own: names(&["chunks/line.js", "chunks/c.js"]),
            }
        );
        let early = Bundle {
            folder: "www-1".into(),
            ..bundle
        };
        assert_eq!(early.early(), ["www-1/chunks/a.js", "www-1/chunks/b.js"]);
    }

    #[test]
    fn a_bundle_without_a_lab_is_refused() {
        let bare = r#"{ "outputs": { "dist.new/www/main.js": { "imports": [] } } }"#;
        assert!(read(bare).unwrap_err().to_string().contains("no lab"));
    }
}
