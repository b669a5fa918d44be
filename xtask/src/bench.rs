//! The benches, by scripts in tests/e2e.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::args::Bench;
use crate::browser::node_with;
use crate::command::{cargo, command, run as go};
use crate::package::{self, Engine, remove_folder};
use crate::root::root;
use crate::{card, dist, tools};

/// The script of all of them.
const SCRIPT: &str = "tests/e2e/bench.js";

/// Prints the speed against the scalar loop and the longest calls into the engine, natively and in a browser.
/// Then whole filters in a browser, the times that are said before runs, pictures of many particles, large runs on two workers, and
/// pages with ten embeds from dist as it stands; or one part alone.
///
/// # Errors
/// If something cannot be built or run.
pub fn run(part: &Bench) -> Result<()> {
    if let Some(other) = &part.start {
        return start(other, part);
    }
    if part.card {
        return card::bench(part);
    }
    if part.embeds {
        return go(node_with(false, None)?.args([SCRIPT, "--embeds"]));
    }
    if let Some(other) = &part.engine {
        shipped(&other.join(Engine::Cpu.name()))?; // before anything is built
    }
    let program = ["--package", "scorefield", "--bin", "scorefield"];
    go(cargo(&["build", "--release"]).args(program))?;
    // Chains, systems and fields are not in what `--engine` compares.
    let packages = match part.engine {
        Some(_) => &Engine::CPU[..1],
        None => &Engine::CPU[..],
    };
    for package in packages {
        package::build(*package)?;
    }
    if let Some(other) = &part.engine {
        return engines(other, part);
    }
    if part.times {
        return go(node_with(false, None)?.args([SCRIPT, "--times"]));
    }
    if part.draw {
        return go(node_with(false, None)?.args([SCRIPT, "--draw"]));
    }
    if part.shares {
        let write = part.write.then_some("--write");
        return go(node_with(false, None)?
            .args([SCRIPT, "--shares", &format!("--rounds={}", part.rounds)])
            .args(write));
    }
    if part.webgpu {
        package::build(Engine::Webgpu)?;
        return peers("--webgpu", part);
    }
    if !part.peers {
        go(node_with(false, None)?.arg(SCRIPT))?;
    }
    peers("--peers", part)
}

/// An engine against other libraries and loops.
fn peers(race: &str, part: &Bench) -> Result<()> {
    libraries()?;
    let folder = root().join("target/bench");
    remove_folder(&folder)?;
    let mut engines = vec![Engine::Cpu, Engine::Chains];
    engines.extend(part.webgpu.then_some(Engine::Webgpu));
    for engine in engines {
        dist::ship(engine, &folder.join(engine.name()))?;
    }
    for file in dist::files(&root().join("nets"))? {
        if file.extension().is_some_and(|end| end == "bpk") {
            dist::copy(
                &file,
                &folder
                    .join("nets")
                    .join(file.file_name().unwrap_or_default()),
            )?;
        }
    }
    limit(&folder.join("limit"))?;
    let rounds = format!("--rounds={}", part.rounds);
    let mut node = node_with(part.webgpu, Some(folder))?;
    node.args([SCRIPT, race, &rounds]);
    node.args(part.many.then_some("--many"));
    node.args(part.write.then_some("--write"));
    go(&mut node)
}

/// Makes sure that the libraries of the bench are there, as its own lock file says.
fn libraries() -> Result<()> {
    let folder = root().join("tests/e2e/bench");
    let modified = |name: &str| fs::metadata(folder.join(name)).and_then(|data| data.modified());
    match (
        modified("node_modules/.package-lock.json"),
        modified("package-lock.json"),
    ) {
        (Ok(installed), Ok(locked)) if installed >= locked => Ok(()),
        _ => go(command("npm")
            .args(["ci", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)),
    }
}

/// Builds the hand-written loops (tests/e2e/bench/limit).
fn limit(folder: &Path) -> Result<()> {
    tools::wasm_target()?;
    let package = ["--package", "scorefield-limit", "--target", tools::WASM];
    go(cargo(&["build", "--release", "--target-dir", "target"]).args(package))?;
    let wasm = root()
        .join("target")
        .join(tools::WASM)
        .join("release/scorefield_limit.wasm");
    package::glue(&wasm, folder, "scorefield_limit")
}

/// The files of an engine, which have to be there.
fn shipped(folder: &Path) -> Result<[PathBuf; 2]> {
    let files = ["scorefield.js", "scorefield_bg.wasm"].map(|name| folder.join(name));
    if let Some(file) = files.iter().find(|file| !file.is_file()) {
        bail!(
            "there is no {}: name the pkg that `cargo xtask build cpu` made in another checkout",
            file.display()
        );
    }
    Ok(files)
}

/// The CPU engine of another state of this repository and this one, both as `build` made them.
fn engines(other: &Path, part: &Bench) -> Result<()> {
    let folder = root().join("target/bench");
    remove_folder(&folder)?;
    let cpu = Engine::Cpu.name();
    for (from, to) in [(other.join(cpu), "other"), (Engine::Cpu.folder(), cpu)] {
        for file in shipped(&from)? {
            dist::copy(
                &file,
                &folder.join(to).join(file.file_name().unwrap_or_default()),
            )?;
        }
    }
    let rounds = format!("--rounds={}", part.rounds);
    let write = part.write.then_some("--write");
    go(node_with(false, Some(folder))?
        .args([SCRIPT, "--engine", &rounds])
        .args(write))
}

/// The start of the page, of dist and of another dist.
fn start(other: &Path, part: &Bench) -> Result<()> {
    let folder =
        fs::canonicalize(other).with_context(|| format!("there is no {}", other.display()))?;
    if !folder.join("index.html").is_file() {
        bail!(
            "{} has no index.html: name the folder that `cargo xtask dist` made in another checkout",
            other.display()
        );
    }
    let rounds = format!("--rounds={}", part.rounds);
    let write = part.write.then_some("--write");
    go(node_with(false, Some(folder))?
        .args([SCRIPT, "--start", &rounds])
        .args(write))
}
