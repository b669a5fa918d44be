//! `cargo xtask dist`: a static folder for any host and any sub-path.
//!
//! esbuild bundles www (main, worker and style, a chunk for each lab, chunks for what several share) into
//! `www-HASH/`; each package goes into `ENGINE-HASH/` and the networks into `nets-HASH/`. So files can be cached
//! for ever, and relative imports stay valid. index.html, the only file that keeps its name, gets the new addresses
//! and the security policy.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::bundle::Bundle;
use crate::command::{command, run};
use crate::package::{self, Engine, remove_folder, swap};
use crate::root::root;
use crate::steps::clock;
use crate::{bundle, element, hash, html, notes, sums, tools};

/// Largest size of what a visitor loads before the first sample of an empty address, in bytes after brotli: about 369 kB, and 2 to
/// 3 kB of room. A lab that is not opened at once has a package of its own. What grows it for little is a function of std with a table
/// of its own: `str::parse` for an f64, `str::to_lowercase` and `libm::exp2` brought 24 kB of tables before compression.
const BUDGET: u64 = 372_000;

/// What the page's own scripts may weigh before a lab is opened, in bytes after brotli.
const PAGE_BUDGET: u64 = 50_000;

/// Browsers from 2023 on: the first with all that the page uses (WebAssembly SIMD, module workers).
pub const BROWSERS: &str = "--target=es2022,chrome111,firefox114,safari16.4";

/// What goes into dist/.
pub struct Options {
    /// The WebGPU package.
    pub webgpu: bool,
    /// Pictures of the links of gallery and lessons.
    pub stills: bool,
    /// The address of dist/ on its host, ending in a slash, for the pages of the gallery's entries.
    pub base: Option<String>,
}

/// Builds dist/ and prints its sizes. Returns `false` if the initial load exceeds the budget.
///
/// # Errors
/// If a package cannot be built, a tool fails, or index.html names a missing file.
pub fn build(options: &Options) -> Result<bool> {
    let webgpu = options.webgpu;
    let start = Instant::now();
    tools::node_modules()?;
    let fresh = root().join("dist.new");
    remove_folder(&fresh)?;
    fs::create_dir_all(&fresh).context("cannot create dist.new")?;
    let mut page =
        fs::read_to_string(root().join("index.html")).context("cannot read index.html")?;

    let www = bundle::bundle(&page, &fresh)?;
    page = html::readdress(&page, &[("www/", &format!("{}/", www.folder))]);
    page = html::with_early(&page, &www.early());
    for engine in Engine::SHIPPED {
        let prefix = format!("pkg/{}/", engine.name());
        if engine == Engine::Webgpu && !webgpu {
            page = html::without(&page, &prefix);
            continue;
        }
        package::build(engine)?;
        let folder = pack(engine, &fresh)?;
        page = html::readdress(&page, &[(&prefix, &format!("{folder}/"))]);
    }
    element::bundle(&fresh)?;
    let nets = networks(&fresh)?;
    page = html::readdress(&page, &[("nets/", &format!("{nets}/"))]);
    page = html::with_policy(&page);
    fs::write(fresh.join("index.html"), &page).context("cannot write index.html")?;
    complete(&page, &fresh)?;
    match notes::first(&fresh)? {
        Some(folder) => {
            page = html::with_first(&page, &folder);
            fs::write(fresh.join("index.html"), &page).context("cannot write index.html")?;
        }
        None => println!("      no browser: the page starts without its first picture"),
    }
    if options.stills {
        notes::stills(&fresh)?;
    }
    notes::pages(&fresh, options.base.as_deref())?;

    println!("      compressing (gzip -9, brotli -11)");
    let mut files = files(&fresh)?;
    // Pictures are compressed already, and too many for the table.
    files.retain(|file| file.extension().is_none_or(|end| end != "webp"));
    run_quietly(command("node").arg("xtask/compress.js").args(&files))?;
    let within = report(&fresh, &files, &www)?;
    swap(&fresh, &root().join("dist"))?;
    println!("dist/ in {}", clock(start));
    Ok(within)
}

/// Puts one package into the fresh folder. Returns the name of its folder.
fn pack(engine: Engine, fresh: &Path) -> Result<String> {
    let folder = fresh.join(engine.name());
    ship(engine, &folder)?;
    rename_by_contents(&folder)
}

/// A package as it ships, in `folder`: the module optimised, the glue code minified.
///
/// # Errors
/// If a tool fails.
pub fn ship(engine: Engine, folder: &Path) -> Result<()> {
    copy(
        &package::optimised(engine)?,
        &folder.join("scorefield_bg.wasm"),
    )?;
    run(command(tools::npm_program("esbuild"))
        .arg(engine.folder().join("scorefield.js"))
        .args(["--minify", "--format=esm", BROWSERS, "--log-level=warning"])
        .arg(format!(
            "--outfile={}",
            folder.join("scorefield.js").display()
        )))?;
    sums::write(folder)
}

/// Copies the files of the networks and returns the name of their folder. The page fetches a file when a link needs
/// it.
fn networks(fresh: &Path) -> Result<String> {
    let folder = fresh.join("nets");
    for file in files(&root().join("nets"))? {
        if file.extension().is_some_and(|end| end == "bpk") {
            copy(&file, &folder.join(file.file_name().unwrap_or_default()))?;
        }
    }
    rename_by_contents(&folder)
}

/// Renames `name` to `name-HASH`.
pub fn rename_by_contents(folder: &Path) -> Result<String> {
    let contents = files(folder)?
        .iter()
        .map(fs::read)
        .collect::<std::io::Result<Vec<_>>>()?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let hash = hash::fnv1a(contents.iter().map(Vec::as_slice));
    let named = format!("{name}-{}", &hash[..10]);
    fs::rename(folder, folder.with_file_name(&named))
        .with_context(|| format!("cannot name {named}"))?;
    Ok(named)
}

/// Every address in index.html must exist, and no old address may be left.
fn complete(page: &str, fresh: &Path) -> Result<()> {
    let packages = Engine::SHIPPED.map(|package| format!("{}-", package.name()));
    for address in ["www-".to_owned()]
        .iter()
        .chain(&packages)
        .flat_map(|prefix| html::addresses(page, prefix))
    {
        if !fresh.join(address).is_file() {
            bail!("index.html names {address}, which is not in dist");
        }
    }
    for old in ["www/", "pkg/", "nets/", "/"] {
        if let Some(address) = html::addresses(page, old).first() {
            bail!("index.html of dist still names {address}");
        }
    }
    Ok(())
}

/// Prints the table of sizes, and what is loaded first with its budgets. The initial load is that of an empty address: the page,
/// the first package of the CPU engine and the first lab.
fn report(fresh: &Path, files: &[PathBuf], www: &Bundle) -> Result<bool> {
    let mut scripts = [0; 3];
    let mut page = [0; 3];
    let mut initial = [0; 3];
    println!("{:44} {:>10} {:>10} {:>10}", "", "raw", "gzip", "brotli");
    for file in files {
        let name = file.strip_prefix(fresh).unwrap_or(file).to_string_lossy();
        let sizes = ["", ".gz", ".br"]
            .map(|end| fs::metadata(format!("{}{end}", file.display())).map(|data| data.len()));
        let [raw, gzip, brotli] = sizes;
        let raw = raw?;
        let sizes = [raw, gzip.unwrap_or(raw), brotli.unwrap_or(raw)];
        line(&name, sizes);
        let code = [".html", ".js", ".css", ".wasm"]
            .iter()
            .any(|end| name.ends_with(end));
        let own = name
            .strip_prefix(www.folder.as_str())
            .map(|name| name.trim_start_matches('/'));
        let first = own.is_some_and(|name| www.page.contains(name));
        let of_lab = own.is_some_and(|name| www.labs_own.contains(name));
        let of_others = own.is_some_and(|name| name.starts_with("chunks/")) && !first && !of_lab;
        let notes = notes::FOLDERS.iter().any(|folder| name.starts_with(folder));
        let later = Engine::SHIPPED
            .iter()
            .filter(|package| **package != Engine::Cpu);
        let later = later.map(|package| format!("{}-", package.name()));
        let of_later = { later }.any(|start| name.starts_with(&start));
        if !code || notes || of_later || name == element::SCRIPT || of_others {
            continue;
        }
        for (sum, wanted) in [
            (&mut scripts, first),
            (&mut page, !of_lab),
            (&mut initial, true),
        ] {
            if wanted {
                sum.iter_mut()
                    .zip(sizes)
                    .for_each(|(sum, size)| *sum += size);
            }
        }
    }
    line("the page's scripts before a lab opens", scripts);
    line("page and engine, without a lab", page);
    line(&format!("initial load, with {}", www.lab), initial);
    let held = [
        held("the page's scripts", scripts[2], PAGE_BUDGET),
        held("the initial load", initial[2], BUDGET),
        held("the element", element::weight(fresh)?, element::BUDGET),
    ];
    Ok(held == [true; 3])
}

/// A line of the table.
fn line(name: &str, sizes: [u64; 3]) {
    let [raw, gzip, brotli] = sizes.map(kilobytes);
    println!("{name:44} {raw:>10} {gzip:>10} {brotli:>10}");
}

/// Whether a size keeps its budget, which is said.
fn held(what: &str, bytes: u64, budget: u64) -> bool {
    let within = bytes <= budget;
    let verdict = if within { "within" } else { "OVER" };
    println!(
        "{what}: {verdict} the budget of {} after brotli",
        kilobytes(budget)
    );
    within
}

fn kilobytes(bytes: u64) -> String {
    format!("{:.1} kB", bytes as f64 / 1e3)
}

/// All files below a folder, sorted by name.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

pub fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)
            .with_context(|| format!("cannot create {}", parent.display()))?;
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

/// Like `run`, without naming every file on the terminal.
fn run_quietly(command: &mut std::process::Command) -> Result<()> {
    crate::command::output(command).map(|_| ())
}
