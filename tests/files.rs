//! The files that the command line writes: complete or not at all, without losing what was there, and checked before
//! the work.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

mod common;

use common::program;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const SMALL: &str = "lab=toy1d&n=9&steps=4";
/// A run of many hours: if the call ends soon, it did not begin the run.
const ENDLESS: &str = "lab=lgssm&length=300&n=20000&steps=2000";

fn scorefield() -> Command {
    Command::new(program())
}

fn call(args: &[&str]) -> Output {
    scorefield().args(args).output().unwrap()
}

/// A run that writes its samples.
fn run(link: &str, samples: &Path) -> Output {
    call(&["run", link, "--samples", samples.to_str().unwrap()])
}

fn good(out: &Output) {
    let error = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{error}");
}

/// The message of a call that failed with this exit code and did not panic.
fn refused(out: &Output, code: i32) -> String {
    let error = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(code), "{error}");
    assert!(!error.contains("panicked"), "{error}");
    error
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The names in a folder, sorted.
fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<String> = entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn errors_of_writing_and_running_are_found_before_anything_runs() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("folder.npy")).unwrap();
    fs::create_dir(at("second.b.npy")).unwrap();
    fs::write(at("file"), "").unwrap();
    let compared = format!("{ENDLESS}&b.sampler=ddim");
    for (link, name, words) in [
        (ENDLESS, "nowhere/x.npy", "there is no folder"),
        (ENDLESS, "file/x.npy", "cannot be written"),
        (ENDLESS, "folder.npy", "it is a folder"),
        (
            &compared,
            "second.npy",
            "second.b.npy cannot be written: it is a folder",
        ),
    ] {
        let out = run(link, &at(name));
        let error = refused(&out, 1);
        assert!(
            error.contains(words) && error.contains("Choose another place."),
            "{error}"
        );
        assert!(out.stdout.is_empty());
    }
    let long = at(&format!("{}.npy", "x".repeat(300)));
    refused(&run(ENDLESS, &long), 1);
    let invalid = format!("{ENDLESS}&b.guidance=replace&b.c=2");
    let error = refused(&run(&invalid, &at("x.npy")), 2);
    assert!(error.contains("a gain of 1"), "{error}");
    assert_eq!(names(&folder), ["file", "folder.npy", "second.b.npy"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_takes_no_files_is_found_before_anything_runs() {
    let error = refused(&run(ENDLESS, Path::new("/proc/x.npy")), 1);
    assert!(error.contains("/proc/x.npy cannot be written"), "{error}");
}

#[test]
fn the_samples_of_a_comparison_are_two_files() {
    let folder = folder();
    let first = folder.path().join("x.npy");
    fs::write(&first, "old").unwrap();
    fs::hard_link(&first, folder.path().join("x.b.npy")).unwrap();
    let link = format!("{ENDLESS}&b.sampler=ddim");
    let error = refused(&run(&link, &first), 1);
    assert!(error.contains("are one file"), "{error}");
    assert_eq!(fs::read_to_string(&first).unwrap(), "old");
}

#[cfg(target_os = "linux")]
#[test]
fn the_answer_is_printed_even_if_a_file_fails_and_a_comparison_writes_both_or_none() {
    use std::os::unix::fs::symlink;
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    symlink("/dev/full", at("full.npy")).unwrap();
    let out = run(SMALL, &at("full.npy"));
    let error = refused(&out, 1);
    assert!(error.contains("full.npy cannot be written"), "{error}");
    let answer: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert!(answer["fingerprint"].is_string());

    symlink("/dev/full", at("x.b.npy")).unwrap();
    symlink("/dev/full", at("y.b.npy")).unwrap();
    fs::write(at("y.npy"), "old").unwrap();
    for name in ["x.npy", "y.npy"] {
        let out = run(&format!("{SMALL}&b.sampler=ddim"), &at(name));
        refused(&out, 1);
        let answer: Value = serde_json::from_slice(&out.stdout).unwrap();
        assert!(answer["b"]["fingerprint"].is_string());
    }
    assert_eq!(fs::read_to_string(at("y.npy")).unwrap(), "old");
    assert_eq!(names(&folder), ["full.npy", "x.b.npy", "y.b.npy", "y.npy"]);
}

/// A blanket whose score has a covariance that is not positive, which shows only at the first step.
#[test]
fn the_answer_of_one_side_is_printed_if_the_other_fails() {
    let folder = folder();
    let link =
        "lab=lgssm&a=0.999&c=10&d=0.0001&length=200&every=1&n=4&steps=4&b.score=blanket&b.k=1";
    let out = run(link, &folder.path().join("x.npy"));
    let error = refused(&out, 1);
    assert!(error.starts_with("b: "), "{error}");
    let answer: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert!(answer["fingerprint"].is_string());
    let said = answer["b"]["error"].as_str().unwrap();
    assert!(error.contains(said), "{said}");
    assert!(names(&folder).is_empty());
}

#[cfg(unix)]
#[test]
fn a_file_keeps_its_mode_its_links_and_what_others_wrote() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
    let is_csv = |path: &Path| fs::read_to_string(path).unwrap().starts_with("x\n");

    // A regular file is replaced by a new file, which gets its mode.
    fs::write(at("x.csv"), "old").unwrap();
    fs::set_permissions(at("x.csv"), PermissionsExt::from_mode(0o604)).unwrap();
    let before = fs::metadata(at("x.csv")).unwrap().ino();
    // The name of an earlier temporary file, now a link to a file that must not change.
    fs::write(at("victim"), "mine").unwrap();
    symlink(at("victim"), at("x.csv.part")).unwrap();
    good(&run(SMALL, &at("x.csv")));
    assert!(is_csv(&at("x.csv")));
    assert_eq!(mode(&at("x.csv")), 0o604);
    assert_ne!(
        fs::metadata(at("x.csv")).unwrap().ino(),
        before,
        "it was not written whole"
    );
    assert_eq!(fs::read_to_string(at("victim")).unwrap(), "mine");
    assert!(at("x.csv.part").is_symlink());

    // A new file has the usual mode of new files.
    good(&run(SMALL, &at("new.csv")));
    fs::write(at("plain"), "").unwrap();
    assert_eq!(mode(&at("new.csv")), mode(&at("plain")));

    // Links are followed, also if their target does not exist yet.
    fs::create_dir(at("else")).unwrap();
    fs::write(at("else/target"), "old").unwrap();
    symlink("else/target", at("link.csv")).unwrap();
    symlink("else/later", at("dangling.csv")).unwrap();
    symlink("circle.csv", at("circle.csv")).unwrap();
    for (link, target) in [("link.csv", "else/target"), ("dangling.csv", "else/later")] {
        good(&run(SMALL, &at(link)));
        assert!(at(link).is_symlink() && is_csv(&at(target)), "{link}");
    }
    refused(&run(ENDLESS, &at("circle.csv")), 1);

    // A file with two names stays one file.
    fs::write(
        at("one.csv"),
        "a longer text than the samples will be ".repeat(100),
    )
    .unwrap();
    fs::hard_link(at("one.csv"), at("two.csv")).unwrap();
    good(&run(SMALL, &at("one.csv")));
    assert!(is_csv(&at("two.csv")));
    let text = fs::read_to_string(at("two.csv")).unwrap();
    assert_eq!(text.lines().count(), 10, "{text}");
}

#[cfg(unix)]
#[test]
fn a_fifo_is_written_in_place() {
    let folder = folder();
    let fifo = folder.path().join("x.csv");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    let child = scorefield()
        .args(["run", SMALL, "--samples"])
        .arg(&fifo)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text = fs::read_to_string(&fifo).unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    assert_eq!(text.lines().count(), 10);
    let kind = fs::metadata(&fifo).unwrap().file_type();
    assert!(std::os::unix::fs::FileTypeExt::is_fifo(&kind));
    assert_eq!(names(&folder), ["x.csv"]);
}

/// The signal comes as soon as a temporary file exists, before the run or (after the answer is printed) after it.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_leaves_the_old_file_or_the_new_one_and_nothing_beside() {
    use std::io::{BufRead, BufReader};
    let folder = folder();
    let path = folder.path().join("x.csv");
    let mut stopped = 0;
    for (signal, late) in [
        ("-TERM", false),
        ("-INT", true),
        ("-TERM", true),
        ("-HUP", true),
    ] {
        fs::write(&path, "old").unwrap();
        let link = "lab=toy1d&n=400000&steps=2&sampler=ddim";
        let mut child = scorefield()
            .args(["run", link, "--samples"])
            .arg(&path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut answer = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        if late {
            out.read_line(&mut answer).unwrap();
        }
        let whole = || fs::read_to_string(&path).unwrap() != "old";
        while names(&folder).len() == 1 && !whole() {
            std::thread::yield_now();
        }
        let id = child.id().to_string();
        let _ = Command::new("kill").args([signal, &id]).output().unwrap();
        stopped += i32::from(!child.wait().unwrap().success());
        assert_eq!(names(&folder), ["x.csv"], "{signal} {late}");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text == "old" || text.lines().count() == 400_001);
    }
    assert!(
        stopped > 0,
        "no signal came in time: this test has seen nothing"
    );
}

#[test]
fn a_training_finds_what_it_cannot_write_before_it_begins_and_names_what_a_recipe_lacks() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let recipe = "law = lab=toy1d&target=comb\nwidth = 256\ndepth = 4\nsteps = 1000000\nbatch = 4096\nrate = 0.001\nseed = 0\n";
    let train = |name: &str| call(&["train", at(name).to_str().unwrap()]);
    let write = |name: &str, text: &[u8]| fs::write(at(name), text).unwrap();
    write("net.recipe", recipe.as_bytes());
    for name in ["net.bpk", "net.md", "SUMS"] {
        fs::create_dir(at(name)).unwrap();
        let error = refused(&train("net.recipe"), 1);
        assert!(
            error.contains(name) && error.contains("it is a folder"),
            "{error}"
        );
        fs::remove_dir(at(name)).unwrap();
    }
    // The lines of other networks would be lost if they cannot be read.
    write("SUMS", b"\xff\xfe");
    let error = refused(&train("net.recipe"), 2);
    assert!(error.contains("SUMS cannot be read"), "{error}");

    write("bad.recipe", recipe.replace("depth = 4\n", "").as_bytes());
    let error = refused(&train("bad.recipe"), 2);
    assert!(
        error.contains("has no line “depth = …”. Correct the recipe"),
        "{error}"
    );
    assert!(!error.contains("score=exact"), "{error}");
    let windows = fs::read_to_string("nets/turbulence-small.recipe").unwrap();
    write(
        "windows.recipe",
        windows.replace("24 48 48", "24 48").as_bytes(),
    );
    let error = refused(&train("windows.recipe"), 2);
    let expected = match cfg!(feature = "unet") {
        true => "widths are 3 whole numbers from 1 to 256",
        false => "cargo run --release --features unet",
    };
    assert!(error.contains(expected), "{error}");
    for (law, words) in [
        ("lab=toy1d&b.sampler=ddim", "it is a comparison"),
        ("lab=lgssm&model=custom&T=2&Q=1&O=1&R=1", "spectral radius"),
    ] {
        write(
            "bad.recipe",
            recipe.replace("lab=toy1d&target=comb", law).as_bytes(),
        );
        let error = refused(&train("bad.recipe"), 2);
        assert!(
            error.contains("The law of") && error.contains(words),
            "{error}"
        );
    }
    let recipes = ["SUMS", "bad.recipe", "net.recipe", "windows.recipe"];
    assert_eq!(names(&folder), recipes);
    assert_eq!(fs::read(at("SUMS")).unwrap(), b"\xff\xfe");
}

#[test]
fn a_closed_output_causes_no_panic() {
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    for args in [&["specs"][..], &["help"], &["--version"], &["run", SMALL]] {
        let out = scorefield().args(args).stdout(closed()).output().unwrap();
        let error = refused(&out, 1);
        assert!(error.contains("cannot be printed"), "{error}");
    }
    for (args, code) in [
        (&["walk"][..], 2),
        (&["run", "lab=toy1d&n=9&engine=webgpu"], 1),
    ] {
        let out = scorefield().args(args).stderr(closed()).output().unwrap();
        assert_eq!(out.status.code(), Some(code), "{args:?}");
    }
    // The samples are written although nobody reads the answer.
    let folder = folder();
    let path: PathBuf = folder.path().join("x.csv");
    let mut unheard = scorefield();
    unheard.args(["run", SMALL, "--samples"]).arg(&path);
    refused(&unheard.stdout(closed()).output().unwrap(), 1);
    assert!(path.exists());
}
