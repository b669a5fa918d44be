//! Everything that runs in a real browser: the end-to-end tests, the bench and the screenshot, by scripts in
//! tests/e2e. They get addresses, files and the browser from the environment.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{command, run, run_kept};
use crate::hosts;
use crate::mount::Mount;
use crate::package::{self, Engine};
use crate::root::root;
use crate::site;
use crate::tally::{FailedTest, Tally};
use crate::tools;

/// The path under which the tests find dist, as on a course page.
const SUB_PATH: &str = "/course/notes/scorefield/";

/// The path of another folder: of another dist, or of the contestants of the bench. As deep as that of dist, so that addresses are as long.
const BESIDE: &str = "/course/notes/alongside/";

/// A node command with everything that the scripts read from the environment. A server runs as long as this process.
fn node(webgpu: bool) -> Result<Command> {
    node_with(webgpu, None)
}

/// The same, with a folder beside dist and the sources, under [`BESIDE`].
pub fn node_with(webgpu: bool, beside: Option<PathBuf>) -> Result<Command> {
    tools::node_modules()?;
    let chromium = tools::chromium()?;
    let mut mounts: Vec<_> = beside
        .into_iter()
        .map(|folder| Mount::all(BESIDE, folder))
        .collect();
    mounts.push(Mount::all(SUB_PATH, root().join("dist")));
    mounts.push(Mount::source(&root()));
    let site = site::start(0, mounts)?;
    let mut node = command("node");
    node.env("SCOREFIELD_DEV", format!("{}/", site.address))
        .env("SCOREFIELD_DIST", format!("{}{SUB_PATH}", site.address))
        .env("SCOREFIELD_BESIDE", format!("{}{BESIDE}", site.address))
        .env("SCOREFIELD_CLI", root().join("target/release/scorefield"))
        .env("SCOREFIELD_WEBGPU", if webgpu { "1" } else { "" })
        .env("CHROMIUM", chromium);
    Ok(node)
}

/// The tests that build the recipes of `embed/` with tools of their own.
const HOSTS: &str = "tests/e2e/hosts.test.js";

/// Runs test files against the sources and dist, which must be built. If a few tests fail, each of them is run once more,
/// alone: a browser on a busy machine can miss a time limit. What passes then is counted as passed and named at the end,
/// as a fault to mend; what fails twice has failed.
///
/// # Errors
/// If Node or the browser is missing.
pub fn tests(webgpu: bool, suites: &[String]) -> Result<Tally> {
    let (tap, tally) = report(webgpu, suites, &[])?;
    let failed = FailedTest::of_tap(&tap);
    if failed.is_empty() || failed.len() > SECOND_TRIES || failures(&failed) != tally.failed {
        return Ok(tally);
    }
    println!("      {} once more, alone:", tests_in_words(failed.len()));
    let files: BTreeSet<String> = failed.iter().map(|test| test.file.clone()).collect();
    let files: Vec<String> = files.into_iter().collect();
    let names: Vec<&str> = failed.iter().map(|test| test.name.as_str()).collect();
    let (tap, again) = report(webgpu, &files, &names)?;
    let twice = FailedTest::of_tap(&tap);
    let late: Vec<_> = failed
        .iter()
        .filter(|test| !twice.iter().any(|again| again.is(test)))
        .collect();
    // A test that did not run at all has not passed.
    if again.passed < late.len() as u64 || failures(&twice) != again.failed {
        return Ok(tally);
    }
    for test in &late {
        println!(
            "      passed at its second try only, which is a fault to mend: {} ({})",
            test.name, test.file
        );
    }
    let mended = failures(late);
    Ok(Tally {
        passed: tally.passed + mended,
        failed: tally.failed - mended,
    })
}

/// Failures that these tests count as: their own, and those of the tests inside.
fn failures<'a>(tests: impl IntoIterator<Item = &'a FailedTest>) -> u64 {
    tests.into_iter().map(|test| test.failures).sum()
}

/// The most failed tests that are run once more: more are no accident.
const SECOND_TRIES: usize = 4;

/// `1 failed test`, `3 failed tests`.
fn tests_in_words(count: usize) -> String {
    format!("{count} failed test{}", if count == 1 { "" } else { "s" })
}

/// Suites that run with no other beside them: they hold times, share runs out over all cores, or keep the
/// processor busy with a graphics card in software.
const ALONE: [&str; 9] = [
    "choice",
    "crowd",
    "engines",
    "fallback",
    "million",
    "open",
    "shares",
    "train-shared",
    "turbulence-webgpu",
];

/// As many of the other suites run at a time, each with a browser of its own: one of them leaves half of two cores idle.
const AT_A_TIME: usize = 2;

fn runs_alone(suite: &str) -> bool {
    let name = suite.strip_suffix(END).unwrap_or(suite);
    let name = name.rsplit('/').next().unwrap_or(name);
    ALONE.contains(&name)
}

/// Runs test files, or one by one the tests of these names in them. Returns the report, and its counts: a batch that
/// fails without a failed test counts as a failure of its own.
fn report(webgpu: bool, suites: &[String], names: &[&str]) -> Result<(String, Tally)> {
    let (alone, beside): (Vec<_>, Vec<_>) = suites
        .iter()
        .cloned()
        .partition(|suite| !names.is_empty() || runs_alone(suite));
    let mut report = String::new();
    let mut tally = Tally::default();
    for (suites, at_a_time) in [(beside, AT_A_TIME), (alone, 1)] {
        if !suites.is_empty() {
            let (tap, passed) = report_of(webgpu, &suites, names, at_a_time)?;
            tally += Tally::of_tap(&tap, passed);
            report += &tap;
        }
    }
    fs::write(report_path(), &report).context("cannot write the report of the browser tests")?;
    Ok((report, tally))
}

fn report_path() -> PathBuf {
    root().join("target/e2e.tap")
}

/// The same, so many test files at a time. Returns the report, and whether all passed.
fn report_of(
    webgpu: bool,
    suites: &[String],
    names: &[&str],
    at_a_time: usize,
) -> Result<(String, bool)> {
    let report = report_path();
    fs::create_dir_all(root().join("target")).context("cannot create target")?;
    let mut node = node(webgpu)?;
    if suites.iter().any(|suite| suite.ends_with(HOSTS)) {
        match hosts::ready() {
            Ok(hosts) => node
                .env("SCOREFIELD_PYTHON", hosts.python)
                .env("SCOREFIELD_HUGO", hosts.hugo),
            // The tests of the recipes fail with these words, and the others run.
            Err(error) => node.env("SCOREFIELD_NO_HOSTS", format!("{error:#}")),
        };
    }
    node.args(["--test", "--test-timeout=600000"])
        .arg(format!("--test-concurrency={at_a_time}"))
        .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
        .args([
            "--test-reporter=tap",
            &format!("--test-reporter-destination={}", report.display()),
        ])
        .args(
            names
                .iter()
                .map(|name| format!("--test-name-pattern={}", exactly(name))),
        )
        .args(suites);
    let (success, _) = run_kept(&mut node)?;
    let tap = fs::read_to_string(&report).context("the browser tests wrote no report")?;
    Ok((tap, success))
}

/// The pattern of JavaScript that fits this text alone.
fn exactly(text: &str) -> String {
    let mut pattern = String::from("^");
    for c in text.chars() {
        if "\\^$.*+?()[]{}|/".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('$');
    pattern
}

/// The test files of tests/e2e: all, or the chosen ones, given as `share,open`. They are listed one by one because
/// Node 20 accepts no pattern.
///
/// # Errors
/// If tests/e2e has no test file with a chosen name.
pub fn suites(chosen: Option<&str>) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(root().join("tests/e2e")).context("cannot read tests/e2e")? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        all.extend(file.strip_suffix(END).map(String::from));
    }
    all.sort();
    let names = match chosen {
        None => all,
        Some(chosen) => choose(&all, chosen)?,
    };
    Ok(names
        .iter()
        .map(|name| format!("tests/e2e/{name}{END}"))
        .collect())
}

/// End of the name of a test file.
const END: &str = ".test.js";

/// The names in a list separated by commas, each once, with or without folder and end.
fn choose(all: &[String], chosen: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for word in chosen.split(',').map(str::trim) {
        let name = word.strip_prefix("tests/e2e/").unwrap_or(word);
        let name = name.strip_suffix(END).unwrap_or(name).to_owned();
        if !all.contains(&name) {
            bail!(
                "tests/e2e has no `{word}{}`; it has {}",
                if word.ends_with(END) { "" } else { END },
                all.join(", ")
            );
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// Writes docs/screenshot.png.
///
/// # Errors
/// If something cannot be built or run.
pub fn screenshot() -> Result<()> {
    for package in Engine::CPU {
        package::build(package)?;
    }
    fs::create_dir_all(root().join("docs")).context("cannot create docs")?;
    run(node(false)?.arg("tests/e2e/screenshot.js"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_its_text_only() {
        assert_eq!(
            exactly("a (b) 5% [x] \\ c|d"),
            r"^a \(b\) 5% \[x\] \\ c\|d$"
        );
    }

    #[test]
    fn suites_are_chosen_by_name_and_a_wrong_name_lists_the_right_ones() {
        let all = ["embed", "open", "share"].map(String::from);
        let chosen = |text: &str| choose(&all, text);
        assert_eq!(chosen("share").unwrap(), ["share"]);
        assert_eq!(
            chosen("share, tests/e2e/open.test.js,share").unwrap(),
            ["share", "open"]
        );
        for wrong in ["shaer", "", "share,"] {
            let error = chosen(wrong).unwrap_err().to_string();
            assert!(error.contains("embed, open, share"), "{error}");
        }
    }

    #[test]
    fn suites_that_run_alone_are_files_and_the_others_run_beside_each_other() {
        let every = suites(None).unwrap();
        let alone = every.iter().filter(|suite| runs_alone(suite)).count();
        assert_eq!(alone, ALONE.len());
        assert!(!runs_alone("tests/e2e/share.test.js"));
    }

    #[test]
    fn every_chosen_suite_is_a_file() {
        let every = suites(None).unwrap();
        assert!(every.contains(&"tests/e2e/embed.test.js".to_owned()));
        assert_eq!(suites(Some("embed")).unwrap(), ["tests/e2e/embed.test.js"]);
        assert!(suites(Some("browser")).is_err());
    }
}
