//! The command line: its answer, its files, its errors.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

mod common;

use common::{program, scratch_folder};
use scorefield::labs::link::{self, Mode};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Command, Output};

fn scorefield(args: &[&str]) -> Output {
    Command::new(program()).args(args).output().unwrap()
}

fn answer(args: &[&str]) -> Value {
    answer_of(&scorefield(args), 0)
}

/// The answer of a call that ends with this exit code.
fn answer_of(out: &Output, code: i32) -> Value {
    assert_eq!(
        out.status.code(),
        Some(code),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    serde_json::from_slice(&out.stdout).unwrap()
}

fn scratch(name: &str) -> PathBuf {
    let path = scratch_folder().join(name);
    let _ = std::fs::remove_file(&path);
    path
}

#[test]
fn run_answers_with_one_object_of_the_stated_keys() {
    let link = "lab=toy1d&process=edm&sampler=heun&steps=18&n=500&seed=3";
    let json = answer(&["run", link]);
    assert_eq!(
        json["link"],
        "v=1&lab=toy1d&process=edm&sampler=heun&steps=18&n=500&seed=3"
    );
    assert_eq!(
        (
            json["engine"].as_str(),
            json["seed"].as_u64(),
            json["nfe"].as_u64()
        ),
        (Some("cpu"), Some(3), Some(35))
    );
    assert!(json["seconds"].as_f64().unwrap() >= 0.0);
    for key in ["w1", "ks", "mean", "var"] {
        assert!(json["metrics"][key].is_f64(), "{key}");
    }
    assert!(json["version"].is_string());
    let again = answer(&["run", &format!("https://example.org/x/#{link}")]);
    assert_eq!(
        json["fingerprint"], again["fingerprint"],
        "a run is a pure function of its link"
    );
    let fp = json["fingerprint"].as_str().unwrap();
    let verdict = |text: String| answer(&["run", &text])["reproduced"]["verdict"].clone();
    assert_eq!(verdict(format!("{link}&fp={fp}")), "exact");
    // A result that is not the shared one is printed, and has an exit code of its own.
    let other = format!("{}&fp={fp}", link.replace("seed=3", "seed=4"));
    let out = scorefield(&["run", &other]);
    assert_eq!(answer_of(&out, 3)["reproduced"]["verdict"], "different");
    assert!(String::from_utf8_lossy(&out.stderr).contains("Not reproduced"));
    // A link shared by the page carries its mark, so a change of it is reported.
    let open = |text: &str| link::decode(text, Mode::Strict).unwrap().link;
    let shared = link::share(&open(link), fp, None);
    assert_eq!(verdict(shared.clone()), "exact");
    assert_eq!(
        verdict(format!("{shared}&view=flow&engine=cpu&at=0.5")),
        "exact"
    );
    let edited = answer(&["run", &shared.replace("seed=3", "seed=4")]);
    assert_eq!(edited["reproduced"]["verdict"], "edited");
    assert!(edited["reproduced"]["difference"].is_null());
}

#[test]
fn samples_and_frames_are_the_particles_of_the_run() {
    let (csv, npy) = (scratch("samples.csv"), scratch("samples.npy"));
    let link = "lab=toy1d&steps=10&n=7&seed=1";
    let json = answer(&[
        "run",
        link,
        "--samples",
        csv.to_str().unwrap(),
        "--frames",
        "3",
    ]);
    answer(&["run", link, "--samples", npy.to_str().unwrap()]);
    let text = std::fs::read_to_string(csv).unwrap();
    let column: Vec<f64> = text.lines().skip(1).map(|l| l.parse().unwrap()).collect();
    assert_eq!((text.lines().next(), column.len()), (Some("x"), 7));
    let bytes = std::fs::read(npy).unwrap();
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let header = u16::from_le_bytes([bytes[8], bytes[9]]) as usize;
    assert_eq!((10 + header) % 64, 0);
    assert!(String::from_utf8_lossy(&bytes[10..10 + header]).contains("'shape': (7, 1)"));
    let binary: Vec<f64> = bytes[10 + header..]
        .chunks(8)
        .map(|b| f64::from_le_bytes(b.try_into().unwrap()))
        .collect();
    assert_eq!(binary, column);
    let frames = json["frames"].as_array().unwrap();
    assert_eq!(frames.len(), 3);
    let last: Vec<f64> = frames[2]["x"]
        .as_array()
        .unwrap()
        .iter()
        .map(|x| x.as_f64().unwrap())
        .collect();
    assert_eq!(last, column);
    assert_eq!(
        (frames[0]["t"].as_f64(), frames[2]["t"].as_f64()),
        (Some(1.0), Some(0.0))
    );
}

#[test]
fn a_comparison_answers_for_both_sides() {
    let json = answer(&["run", "lab=toy1d&n=100&b.process=edm&b.sampler=heun"]);
    assert_eq!(
        (json["nfe"].as_u64(), json["b"]["nfe"].as_u64()),
        (Some(100), Some(199))
    );
    assert_ne!(json["fingerprint"], json["b"]["fingerprint"]);
    // A shared comparison is proved on both sides, an older one, with one fingerprint, on the first.
    let pair = link::decode(json["link"].as_str().unwrap(), Mode::Strict)
        .unwrap()
        .link;
    let [first, second] = [&json, &json["b"]].map(|side| side["fingerprint"].as_str().unwrap());
    let verdicts = |second, code| {
        let out = scorefield(&["run", &link::share(&pair, first, second)]);
        let again = answer_of(&out, code);
        [&again, &again["b"]].map(|side| side["reproduced"]["verdict"].clone())
    };
    assert_eq!(verdicts(Some(second), 0), ["exact", "exact"]);
    assert_eq!(verdicts(Some(first), 3), ["exact", "different"]);
    assert_eq!(verdicts(None, 0), [json!("exact"), Value::Null]);
    let (a, b) = (scratch("both.npy"), scratch("both.b.npy"));
    let link = "lab=toy1d&n=9&b.sampler=ddim";
    answer(&["run", link, "--samples", a.to_str().unwrap()]);
    assert_ne!(std::fs::read(a).unwrap(), std::fs::read(b).unwrap());
}

/// Of 600 chains, the blocks of 512 and 88 stop separately: a whole number if every chain needs the same, otherwise a
/// mean.
#[test]
fn the_costs_of_chains_are_counted() {
    let costs = |rest: &str| {
        let json = answer(&["run", &format!("lab=lgssm&steps=10&{rest}")]);
        ["score_calls", "jacobian_products", "state_floats"].map(|k| json["metrics"][k].clone())
    };
    let whole = |costs: [Value; 3]| costs.map(|c| c.as_u64().unwrap());
    assert_eq!(whole(costs("n=7&guidance=sda")), [10, 10, 231]);
    assert_eq!(whole(costs("n=7&guidance=none")), [10, 0, 231]);
    assert_eq!(whole(costs("n=7&observed=5")), [10, 30, 231]);
    let [_, mean, _] = costs("n=600");
    let mean = mean.as_f64().unwrap();
    assert!((30.0..=190.0).contains(&mean), "{mean}");
    assert_eq!((mean * 600.0).round() / 600.0, mean);
    assert!(answer(&["run", "lab=toy1d&n=9"])["metrics"]["jacobian_products"].is_null());
}

#[test]
fn bad_links_and_calls_end_with_code_2_and_the_remedy() {
    let cases: [(&[&str], &str); 20] = [
        (
            &["run", "lab=toy1d&process=vpp"],
            "Nearest valid link: v=1&lab=toy1d&process=vp&seed=0",
        ),
        (&["run", "lab=toy1d&steps=9999"], "outside 2 to 2000"),
        (&["run", "lab=nowhere"], "Valid: toy1d"),
        (&["run", "lab=toy1d", "--samples", "x.txt"], ".npy or .csv"),
        (&["run", "lab=toy1d", "--frames", "1"], "2 to 2001"),
        (&["run", "lab=toy1d", "n=5"], "quote the link"),
        (&["run", "lab=toy1d&fp=zzz"], "Copy the whole link"),
        (
            &["run", "lab=toy1d&n=1000000", "--frames", "21"],
            "fewer frames",
        ),
        (&["run", "lab=lgssm&c=0"], "any number but 0"),
        (
            &["run", "lab=lgssm&d=0&guidance=sda&gamma=0"],
            "gamma above 0",
        ),
        (&["run", "lab=lgssm&guidance=replace&c=2"], "a gain of 1"),
        (
            &["run", "lab=lgssm&model=custom&T=2&Q=1&O=1&R=1"],
            "spectral radius",
        ),
        (&["run"], "needs a link"),
        (&["walk"], "no command"),
        (
            &[
                "run",
                "lab=toy1d",
                "--samples",
                "a.npy",
                "--samples",
                "b.npy",
            ],
            "--samples <FILE>' cannot be used multiple times",
        ),
        (&["run", "lab=toy1d", "--frmes", "3"], "no option --frmes"),
        (&["train"], "needs the file of a recipe"),
        (
            &["train", "nowhere.recipe"],
            "nowhere.recipe cannot be read",
        ),
        (&["bench", "0"], "not in 1..=1000000"),
        (&[], "Usage: scorefield <COMMAND>"),
    ];
    for (args, words) in cases {
        let out = scorefield(args);
        let error = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{args:?}: {error}");
        assert!(error.contains(words), "{args:?}: {error}");
        assert!(out.stdout.is_empty(), "{args:?}");
    }
}

/// As in the page: a text is read if only one reading is possible, with each change named. Otherwise it is refused
/// with all repairs.
#[test]
fn a_pasted_link_runs_and_names_what_was_changed() {
    let link = "v=1&lab=toy1d&target=mixture&means=-1,0,1&steps=9&n=50&seed=3";
    let plain = answer(&["run", link]);
    assert!(plain["changes"].is_null());
    let pasted = "“https://example.org/#V=1&amp;lab=toy1d&amp;target=mixture&amp;means=−1, 0, 1&amp;steps=9&amp;n=50&amp;seed=3”.";
    let out = scorefield(&["run", pasted]);
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(json["link"], link);
    assert_eq!(json["fingerprint"], plain["fingerprint"]);
    let changes: Vec<&str> = json["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c.as_str().unwrap())
        .collect();
    assert_eq!(changes.len(), 4, "{changes:?}");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    for (change, part) in changes
        .iter()
        .zip(["&amp;", "“V”", "means=-1,0,1", "is read as seed=3"])
    {
        assert!(
            change.contains(part) && said.contains(change),
            "{part}: {change}: {said}"
        );
    }
    let out = scorefield(&["run", "lab=toy1d&process=vpp&steps=-3&prcess=2"]);
    let error = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(2));
    for part in [
        "Nearest valid link: v=1&lab=toy1d&process=vp&steps=1&seed=0",
        "prcess=2 is left out",
        "process=vp is used",
        "steps=-3 is outside 1 to 2000. 1 is used",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[test]
fn help_and_version_are_answers() {
    let said = |args: &[&str]| {
        let out = scorefield(args);
        assert!(out.status.success() && out.stderr.is_empty(), "{args:?}");
        String::from_utf8(out.stdout).unwrap()
    };
    let version = format!("scorefield {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        (said(&["--version"]), said(&["-V"])),
        (version.clone(), version)
    );
    for args in [&["help"][..], &["--help"], &["-h"]] {
        let text = said(args);
        for command in [
            "run", "train", "verify", "simulate", "prepare", "specs", "bench",
        ] {
            assert!(text.contains(&format!("\n  {command} ")), "{text}");
        }
    }
    for args in [&["run", "--help"], &["help", "run"]] {
        let text = said(args);
        assert!(
            text.contains("--samples <FILE>") && text.contains("--frames <K>"),
            "{text}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_call_that_is_not_text_is_refused_in_words() {
    use std::os::unix::ffi::OsStrExt;
    let word = std::ffi::OsStr::from_bytes(b"lab=toy1d\xff");
    let out = Command::new(program())
        .arg("run")
        .arg(word)
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("UTF-8"));
}

#[test]
fn a_run_that_cannot_be_done_or_saved_ends_with_code_1_and_leaves_nothing() {
    let out = scorefield(&["run", "lab=toy1d&n=10&engine=webgpu"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("engine=cpu"));
    let path = scratch("nowhere/samples.csv");
    let out = scorefield(&["run", "lab=toy1d&n=10", "--samples", path.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(1));
    assert!(out.stdout.is_empty() && !path.exists() && !path.with_extension("csv.part").exists());
}

/// Nothing is refused: the answer says what is wrong with it and what would help.
#[test]
fn a_run_whose_start_does_not_cover_the_data_is_answered_with_a_warning() {
    let link = "lab=lgssm&a=0.999&b=10&process=edm&guidance=none&n=9&steps=4";
    let out = scorefield(&["run", &format!("{link}&b.method=exact")]);
    assert!(out.status.success());
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    let warnings = json["warnings"].as_array().unwrap();
    let said = warnings[0].as_str().unwrap();
    assert!(said.contains("% too small. Choose method=exact"), "{said}");
    let error = String::from_utf8_lossy(&out.stderr);
    assert_eq!(
        (warnings.len(), error.trim()),
        (1, &*format!("Warning: {said}"))
    );
    assert_eq!(json["b"]["warnings"].as_array().unwrap().len(), 0);
}

#[test]
fn specs_list_every_key_with_its_default_and_choices() {
    let json = answer(&["specs"]);
    let rows = json.as_array().unwrap();
    let row = |key: &str| rows.iter().find(|r| r["key"] == key).unwrap();
    assert_eq!(row("process")["choices"].as_array().unwrap().len(), 10);
    assert_eq!(row("sampler")["choices"].as_array().unwrap().len(), 8);
    assert_eq!(
        row("steps")["default"],
        "100 (toy1d), 40 (toy2d, torus), 64 (lgssm), 32 (turbulence)"
    );
    assert_eq!(
        row("churn")["needs"],
        "sampler=heun with process=edm or process=ve"
    );
    assert_eq!(row("seed")["type"], "u64");
}

#[test]
fn simulate_writes_the_frames_of_the_solver() {
    use scorefield::dynamics::kolmogorov::{Parameters, Solver, Truth};
    let file = scratch("flow.npy");
    let words = [
        "simulate",
        file.to_str().unwrap(),
        "--frames",
        "3",
        "--viscosity",
        "0.02",
    ];
    let json = answer(&[&words[..], &["--truth-seed", "5"]].concat());
    assert_eq!(json["shape"], json!([3, 32, 32]));
    assert_eq!(json["parameters"]["viscosity"], 0.02);
    let solver = Solver::new(Parameters {
        viscosity: 0.02,
        ..Parameters::default()
    })
    .unwrap();
    let mut omega = Truth::of_seed(5).on(solver.grid());
    let mut exact = omega.clone();
    for _ in 1..3 {
        solver.advance(&mut omega).unwrap();
        exact.extend_from_slice(&omega);
    }
    assert_eq!(json["last"]["energy"], solver.energy(&omega));
    let bytes = std::fs::read(&file).unwrap();
    let header = String::from_utf8_lossy(&bytes[10..128]);
    assert!(header.contains("'shape': (3, 32, 32)"), "{header}");
    let numbers = bytes[128..].as_chunks::<8>().0.iter();
    let numbers: Vec<f64> = numbers.map(|x| f64::from_le_bytes(*x)).collect();
    assert_eq!(numbers, exact);
    // A random start is another flow, on any square.
    let json = answer(&[&words[..], &["--random-seed", "1", "--pixels", "16"]].concat());
    assert_eq!(json["shape"], json!([3, 16, 16]));
}

#[test]
fn a_flow_that_cannot_be_simulated_is_refused_with_the_remedy() {
    let file = scratch("refused.npy");
    let path = file.to_str().unwrap();
    for (words, code, message) in [
        (vec!["simulate"], 2, "simulate needs the file to write"),
        (
            vec!["prepare", "--folder", "nowhere"],
            1,
            "there is no folder",
        ),
        (vec!["simulate", "flow.csv"], 2, "must end in .npy"),
        (
            vec!["simulate", path, "--pixels", "33"],
            2,
            "an even number from 4 to 512",
        ),
        (vec!["simulate", path, "--wave", "16"], 2, "carry 1 to 15"),
        (
            vec!["simulate", path, "--viscosity=-1"],
            2,
            "give a number of at least 0",
        ),
        (
            vec!["simulate", path, "--frames", "0"],
            2,
            "whole number from 1",
        ),
        (
            vec!["simulate", path, "--frames", "900000"],
            2,
            "at most 244140 frames",
        ),
        (
            vec!["simulate", path, "--random-seed", "1", "--truth-seed", "1"],
            2,
            "cannot be used with",
        ),
        (
            vec![
                "simulate",
                path,
                "--viscosity",
                "0",
                "--interval",
                "50",
                "--dt",
                "10",
            ],
            1,
            "no longer finite with steps of 10",
        ),
    ] {
        let out = scorefield(&words);
        let text = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(code), "{words:?}: {text}");
        assert!(text.contains(message), "{words:?}: {text}");
        assert!(!file.exists(), "{words:?}");
    }
}
