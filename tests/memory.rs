//! A run that does not fit into the available memory is refused before it starts; a run that is accepted fits.
#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

mod common;

use common::{program, scratch_folder};
use scorefield::error::Error;
use scorefield::labs::link::{self, Mode};
use scorefield::labs::memory::{self, Holder};
use scorefield::labs::{self, Experiment};
use std::process::{Command, Output};

/// The command line with this many megabytes of address space.
fn within(megabytes: u64, args: &str) -> Output {
    let call = format!(
        "ulimit -v {} && exec '{}' run {args}",
        megabytes * 1000,
        program().display()
    );
    Command::new("sh").args(["-c", &call]).output().unwrap()
}

fn opened(text: &str) -> Box<dyn Experiment> {
    let link = link::decode(&format!("v=1&{text}"), Mode::Strict).unwrap();
    labs::open(&link.link).unwrap()
}

/// Links, each with increasing numbers of megabytes, from too few to enough.
const LARGE: [(&str, [u64; 4]); 11] = [
    ("'lab=toy1d&n=400000&steps=3'", [20, 28, 40, 60]),
    (
        "'lab=toy1d&n=400000&steps=2&process=edm&sampler=heun&b.sampler=ddim'",
        [20, 30, 45, 70],
    ),
    ("'lab=toy2d&n=400000&steps=2'", [20, 30, 45, 90]),
    (
        "'lab=torus&n=400000&steps=2&process=vp&sampler=dpmpp2m'",
        [25, 40, 60, 110],
    ),
    (
        "'lab=lgssm&length=1000&n=1000&steps=2&guidance=sda'",
        [30, 60, 100, 170],
    ),
    (
        "'lab=lgssm&length=1000&n=600&steps=2&guidance=sda&sampler=heun&model=rotation&every=500'",
        [40, 80, 160, 300],
    ),
    (
        "'lab=lgssm&length=1000&n=1000&steps=3&guidance=sda&method=ar&horizon=300'",
        [30, 50, 80, 150],
    ),
    (
        "'lab=lgssm&length=1000&n=2000&steps=2&method=exact'",
        [40, 70, 110, 160],
    ),
    (
        "'lab=lgssm&length=1000&n=200&steps=2&every=100'",
        [25, 40, 60, 110],
    ),
    ("'lab=toy2d&n=20000&steps=4' --frames 5", [25, 40, 60, 110]),
    (
        "'lab=turbulence&frames=32&n=16&steps=2&task=prior&sampler=ddim'",
        [40, 70, 110, 250],
    ),
];

/// No step of the ladder ends in an abort with “memory allocation of … bytes failed”.
#[test]
fn a_run_is_refused_in_words_or_runs_to_its_end_whatever_memory_is_there() {
    for (args, ladder) in LARGE {
        let (mut refused, mut ran) = (0, 0);
        for megabytes in ladder {
            let out = within(megabytes, args);
            let error = String::from_utf8_lossy(&out.stderr);
            match out.status.code() {
                Some(0) => ran += 1,
                Some(1) => {
                    assert!(error.contains("of memory, more than 80 % of"), "{error}");
                    assert!(error.contains("n="), "{error}");
                    assert!(out.stdout.is_empty());
                    refused += 1;
                }
                code => panic!("{args} in {megabytes} MB: {code:?}, {error}"),
            }
        }
        assert!(refused > 0 && ran > 0, "{args}: {refused} {ran}");
    }
}

/// All of its members would be 1.6 GB.
#[test]
fn a_filter_of_many_members_over_many_cycles_keeps_summaries() {
    let out = within(200, "'lab=filter&model=ar1&method=pf&cycles=2000&n=100000'");
    let error = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(0), "{error}");
    let answer: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    // Kalman's deviation.
    let spread = answer["metrics"]["spread"].as_f64().unwrap();
    assert!((spread - 0.369427).abs() < 1e-3, "{spread}");
}

/// The samples are stored and written too.
#[test]
fn files_of_samples_count() {
    let path = scratch_folder();
    for end in ["csv", "npy"] {
        let file = path.join(format!("memory.{end}"));
        let args = format!(
            "'lab=toy1d&n=500000&steps=2' --samples '{}'",
            file.display()
        );
        // In the last one there is room for the 64 MB of address space that the C library may reserve for the thread for
        // signals.
        for megabytes in [30, 45, 60, 200] {
            let out = within(megabytes, &args);
            let error = String::from_utf8_lossy(&out.stderr);
            assert!(
                matches!(out.status.code(), Some(0 | 1)),
                "{megabytes}: {error}"
            );
        }
        assert!(std::fs::remove_file(file).is_ok());
    }
}

/// The n that the refusal names fits; twice as many do not.
#[test]
fn a_refusal_names_the_largest_n_that_fits() {
    for text in [
        "lab=lgssm&length=1000&model=rotation&n=20000",
        "lab=lgssm&length=1000&n=20000&method=ar&context=2&horizon=500",
        "lab=lgssm&length=1000&n=20000&method=exact&b.n=10000",
        "lab=toy1d&n=1000000",
        "lab=torus&n=100000&b.n=50000",
    ] {
        let there = if text.contains("lgssm") {
            500_000_000
        } else {
            25_000_000
        };
        let fits = |text: &str| memory::check(opened(text).as_ref(), there, Holder::Page);
        let Err(Error::Memory { need, remedy, .. }) = fits(text) else {
            panic!("{text} fits")
        };
        assert!(need > there / 100 * 80);
        let n: u64 = remedy
            .split("n=")
            .nth(1)
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let with = |n: u64| {
            let parts = text.split('&').map(|part| match part.split_once('=') {
                Some((key @ ("n" | "b.n"), _)) => format!("{key}={n}"),
                _ => part.to_owned(),
            });
            parts.collect::<Vec<_>>().join("&")
        };
        assert!(fits(&with(n)).is_ok(), "{remedy}");
        assert!(fits(&with(2 * n)).is_err(), "{remedy}");
    }
}

/// Two gigabytes of a page hold every run of the labs of points, but not 20,000 chains of 2,000 numbers.
#[test]
fn a_page_refuses_what_it_cannot_hold() {
    let fits = |text: &str| memory::check(opened(text).as_ref(), 2_000_000_000, Holder::Page);
    for text in [
        "lab=toy1d&n=1000000&process=edm&sampler=heun&steps=2000&b.sampler=ddim",
        "lab=torus&n=1000000&process=vp&sampler=dpmpp2m&steps=2000&b.sampler=heun",
        "lab=lgssm&length=1000&n=10000",
    ] {
        assert!(fits(text).is_ok(), "{text}");
    }
    let error = fits("lab=lgssm&length=1000&n=20000&model=rotation&b.sampler=ddim").unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("2.0 GB") && error.contains("a smaller length"),
        "{error}"
    );
}

/// If one side is refused for memory, the other does not run first.
#[test]
fn both_sides_of_a_comparison_are_looked_at_first() {
    let out = within(
        300,
        "'lab=lgssm&length=1000&n=10&steps=2&guidance=sda&b.n=20000'",
    );
    assert_eq!(out.status.code(), Some(1));
    let error = String::from_utf8_lossy(&out.stderr);
    assert!(error.starts_with("This run needs about"), "{error}");
}
