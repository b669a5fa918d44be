//! A lab that is registered by a line goes the whole way: link, run, numbers, question, comparison, share, command line.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

mod common;

use scorefield::answer::Answer;
use scorefield::fingerprint::{Shared, Verdict};
use scorefield::labs::link::{self, Mode, Side, spec};
use scorefield::labs::{self, Args, Engine, Experiment, Runner};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const LINK: &str = "lab=stub&persistence=0.8&n=20000&steps=30&seed=7";

fn open(text: &str) -> Box<dyn Experiment> {
    labs::open(&link::decode(text, Mode::Strict).unwrap().link).unwrap()
}

fn run(text: &str, side: Side, work: usize) -> Box<dyn Runner> {
    let mut run = open(text).run(side, &Engine::Host).unwrap();
    while !run.advance(work) {}
    run
}

fn metrics(run: &dyn Runner, frame: usize) -> Value {
    let args = Args(vec![("frame".into(), vec![frame as f64])]);
    let answer: Box<dyn Answer> = run.ask("metrics", &args).unwrap().finish().unwrap();
    answer.json()
}

/// What the command line answers, and its exit code.
fn command(arguments: &[&str]) -> (Option<i32>, Value, String) {
    let mut program = Command::new(common::program());
    let out = program.args(arguments).output().unwrap();
    let answer = serde_json::from_slice(&out.stdout).unwrap_or_default();
    let said = String::from_utf8(out.stderr).unwrap();
    (out.status.code(), answer, said)
}

#[test]
fn the_link_has_the_keys_of_the_lab_and_of_its_runs_only() {
    let read = link::decode("lab=stub&seed=0", Mode::Strict).unwrap().link;
    let keys: Vec<_> = read.a.iter().map(|(key, _)| key).collect();
    let own = [
        "at",
        "engine",
        "lab",
        "n",
        "persistence",
        "seed",
        "steps",
        "view",
    ];
    assert_eq!(keys, own);
    // Defaults of shared keys are the lab's.
    assert_eq!(
        (read.a.int("n"), read.a.int("steps")),
        (Some(500), Some(40))
    );
    for text in [
        LINK,
        "lab=stub&persistence=-0.5&view=spread&b.persistence=0.2&seed=1",
    ] {
        let first = link::decode(text, Mode::Strict).unwrap().link;
        let again = link::decode(&link::encode(&first), Mode::Strict).unwrap();
        assert_eq!(again.link, first);
    }
    assert!(spec::table().iter().any(|row| row.key == "persistence"));
}

#[test]
fn a_value_or_a_key_that_is_invalid_is_told_with_the_valid_ones() {
    let refused = |text: &str| link::decode(text, Mode::Strict).unwrap_err();
    let view = refused("lab=stub&view=angles&seed=0");
    assert_eq!(view.choices, ["paths", "spread"]);
    let process = refused("lab=stub&process=vp&seed=0");
    assert!(
        process
            .message
            .contains("“process” does not apply to lab=stub")
    );
    let score = refused("lab=stub&score=exact&seed=0");
    assert!(score.message.contains("“score” does not apply to lab=stub"));
    let other = refused("lab=toy2d&persistence=0.5&seed=0");
    assert!(
        other.message.contains("only to lab=stub."),
        "{}",
        other.message
    );
    let far = refused("lab=stub&persistence=2&seed=0");
    assert!(
        far.message.contains("outside -0.99 to 0.99"),
        "{}",
        far.message
    );
    let nearest = link::nearest("lab=stub&process=vp&persistence=2&seed=0");
    assert_eq!(
        link::encode(&nearest),
        "v=1&lab=stub&persistence=0.99&seed=0"
    );
}

#[test]
fn the_variance_of_the_paths_is_the_closed_form() {
    let run = run(LINK, Side::A, 1 << 20);
    let asked = open(LINK).ask(Side::A, "variance", &Args::default());
    let exact = asked.unwrap().finish().unwrap().json();
    let exact = exact["variance"].as_array().unwrap();
    assert_eq!(exact.len(), 31);
    let mut own = 0.0f64;
    for (frame, exact) in exact.iter().enumerate() {
        // The variance of the next index by the recursion, not by the closed form.
        assert!((exact.as_f64().unwrap() - own).abs() < 1e-12);
        own = 0.64 * own + 0.36;
        let row = &metrics(run.as_ref(), frame)["rows"][0];
        let reference = row["reference"].as_f64().unwrap();
        assert!(
            row["value"].as_f64().unwrap() <= 4.0 * reference,
            "{frame}: {row}"
        );
    }
    let unknown = open(LINK).ask(Side::A, "density", &Args::default());
    assert!(
        unknown
            .err()
            .unwrap()
            .to_string()
            .contains("it can be: variance")
    );
}

#[test]
fn the_frames_have_the_clock_of_an_index_and_no_levels() {
    let scene = open(LINK).scene(Side::A).unwrap().finish().unwrap().json();
    assert_eq!(
        (&scene["clock"], &scene["frames"]),
        (&"index".into(), &31.into())
    );
    for level in ["alpha", "sigma", "t", "nfe"] {
        assert!(scene[level].is_null());
    }
    let mut run = run(LINK, Side::A, 1 << 20);
    let frames = run.take().unwrap();
    assert_eq!((frames.from, frames.to), (0, 31));
    assert_eq!(frames.array("x").len(), 31 * 100);
    assert!(frames.array("x")[..100].iter().all(|x| *x == 0.0));
}

#[test]
fn pieces_make_the_whole() {
    let whole = run(LINK, Side::A, usize::MAX);
    for work in [1 << 20, 777, 19_999, 20_001] {
        let pieces = run(LINK, Side::A, work);
        assert_eq!(
            pieces.samples().unwrap(),
            whole.samples().unwrap(),
            "{work}"
        );
        assert_eq!(metrics(pieces.as_ref(), 30), metrics(whole.as_ref(), 30));
    }
}

#[test]
fn both_sides_of_a_comparison_are_runs_of_their_own() {
    let text = format!("{LINK}&b.persistence=0.2");
    let [a, b] = [Side::A, Side::B].map(|side| run(&text, side, 1 << 20));
    assert_eq!(
        a.samples().unwrap(),
        run(LINK, Side::A, 1 << 20).samples().unwrap()
    );
    assert_ne!(a.samples().unwrap(), b.samples().unwrap());
    // A comparison that the page opens differs in something.
    let link = link::decode(LINK, Mode::Strict).unwrap().link;
    let opened = link::compare(&link, true);
    assert_eq!(opened.b.as_ref().unwrap().int("seed"), Some(8));
    // Equal sides stay a comparison.
    let same = link::edit(&opened, Side::B, "seed", "7").unwrap().link;
    let again = link::decode(&link::encode(&same), Mode::Strict).unwrap();
    assert_eq!(again.link.b, Some(same.a));
}

#[test]
fn a_shared_link_is_reproduced_exactly() {
    let own = run(LINK, Side::A, 777).fingerprint().unwrap();
    let first = link::decode(LINK, Mode::Strict).unwrap().link;
    let text = link::share(&first, &own.encode(), None);
    let shared = link::decode(&text, Mode::Strict).unwrap().link;
    let told = Shared::decode(shared.a.text("fp").unwrap()).unwrap();
    assert_eq!(
        told.judge(Side::A, &own, &shared, false),
        Some(Verdict::Exact)
    );
}

#[test]
fn the_command_line_runs_the_lab() {
    let (code, answer, said) = command(&["run", LINK, "--frames", "3"]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    let number = &answer["metrics"]["variance_error"];
    let own = metrics(run(LINK, Side::A, 1 << 20).as_ref(), 30);
    assert_eq!(number, &own["rows"][0]["value"]);
    assert!(answer["nfe"].is_null());
    let places: Vec<_> = answer["frames"].as_array().unwrap().iter().collect();
    assert_eq!(
        places
            .iter()
            .map(|f| f["index"].as_f64().unwrap())
            .collect::<Vec<_>>(),
        [0.0, 15.0, 30.0]
    );
    assert_eq!(places[2]["x"].as_array().unwrap().len(), 20_000);

    let fp = answer["fingerprint"].as_str().unwrap();
    let shared = format!("{}&fp={fp}", answer["link"].as_str().unwrap());
    let (code, again, said) = command(&["run", &shared]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(again["reproduced"]["verdict"], "exact");

    let (code, both, _) = command(&["run", &format!("{LINK}&b.seed=8")]);
    assert_eq!(code, Some(0));
    assert_eq!(both["fingerprint"], answer["fingerprint"]);
    assert_ne!(both["b"]["fingerprint"], answer["fingerprint"]);

    let (code, _, said) = command(&["run", "lab=stub&view=angles&seed=0"]);
    assert_eq!(code, Some(2));
    assert!(
        said.contains("Nearest valid link: v=1&lab=stub&seed=0"),
        "{said}"
    );
}

fn files_below(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files_below(&path, out),
            false => out.push(path),
        }
    }
}

#[test]
fn the_lab_stands_in_the_registries_and_in_its_own_folder_only() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let mut files = vec![];
    for folder in ["src", "www"] {
        files_below(&root.join(folder), &mut files);
    }
    let mut naming = vec![];
    for file in files {
        let name = file
            .strip_prefix(&root)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).to_lowercase();
        let lines = text.lines().filter(|line| {
            let mut words = line.split(|c: char| !c.is_alphanumeric());
            words.any(|word| word == "stub") && !line.contains("cfg(feature")
        });
        let count = lines.count();
        if count > 0 && !name.starts_with("src/labs/stub/") {
            naming.push((name, count));
        }
    }
    naming.sort();
    let once = ["src/labs/mod.rs", "src/labs/registry.rs"].map(|name| (name.to_owned(), 1));
    assert_eq!(naming, once);
}
