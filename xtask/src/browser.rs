//! What runs in a real browser: the end-to-end tests, the bench and the screenshot, by scripts in
//! tests/e2e. They are given addresses, files and the browser through the environment.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{cargo, command, run, run_kept};
use crate::mount::Mount;
use crate::package::{self, Engine};
use crate::root::root;
use crate::site;
use crate::tally::Tally;
use crate::tools;

/// Where the tests find dist: below a path, as on a course page.
const SUB_PATH: &str = "/course/notes/scorefield/";

/// A node command with all that the scripts read from the environment, and a server for as long as
/// this process lives.
fn node(webgpu: bool) -> Result<Command> {
    tools::node_modules()?;
    let chromium = tools::chromium()?;
    let mounts = vec![
        Mount::all(SUB_PATH, root().join("dist")),
        Mount::source(&root()),
    ];
    let site = site::start(0, mounts)?;
    let mut node = command("node");
    node.env("SCOREFIELD_DEV", format!("{}/", site.address))
        .env("SCOREFIELD_DIST", format!("{}{SUB_PATH}", site.address))
        .env("SCOREFIELD_CLI", root().join("target/release/scorefield"))
        .env("SCOREFIELD_WEBGPU", if webgpu { "1" } else { "" })
        .env("CHROMIUM", chromium);
    Ok(node)
}

/// Runs tests/e2e against the sources and dist, which must be built.
///
/// # Errors
/// Where Node or the browser is missing.
pub fn tests(webgpu: bool) -> Result<Tally> {
    let report = root().join("target/e2e.tap");
    fs::create_dir_all(root().join("target")).context("cannot create target")?;
    let mut node = node(webgpu)?;
    node.args(["--test", "--test-concurrency=1", "--test-timeout=600000"])
        .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
        .args([
            "--test-reporter=tap",
            &format!("--test-reporter-destination={}", report.display()),
        ])
        .args(suites()?);
    let (success, _) = run_kept(&mut node)?;
    let tap = fs::read_to_string(&report).context("the browser tests wrote no report")?;
    Ok(Tally::of_tap(&tap, success))
}

/// The test files, named one by one since Node 20 takes no pattern.
fn suites() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("tests/e2e")).context("cannot read tests/e2e")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".test.js") {
            names.push(format!("tests/e2e/{name}"));
        }
    }
    names.sort();
    Ok(names)
}

/// Prints the speed against the scalar loop, natively and in a browser.
///
/// # Errors
/// Where something cannot be built or run.
pub fn bench() -> Result<()> {
    println!("[1/2] native");
    run(&mut cargo(&[
        "run",
        "--release",
        "--package",
        "scorefield",
        "--bin",
        "scorefield",
        "--",
        "bench",
    ]))?;
    println!("[2/2] headless Chromium, one worker");
    package::build(Engine::Cpu)?;
    run(node(false)?.arg("tests/e2e/bench.js"))
}

/// Writes docs/screenshot.png.
///
/// # Errors
/// Where something cannot be built or run.
pub fn screenshot() -> Result<()> {
    package::build(Engine::Cpu)?;
    fs::create_dir_all(root().join("docs")).context("cannot create docs")?;
    run(node(false)?.arg("tests/e2e/screenshot.js"))
}
