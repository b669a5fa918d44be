//! The lab of turbulence: its links, its runs in pieces, its guidance, its sanity with the Gaussian score.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

mod lab;
mod lattice;
mod link;
mod network;
mod physics;
mod pieces;
mod placed;
mod reach;
mod sanity;

use scorefield::labs::link::{self as links, Mode, Side};
use scorefield::labs::{self, Args, Engine, Experiment, Runner};
use serde_json::Value;

fn open(text: &str) -> Box<dyn Experiment> {
    let link = links::decode(text, Mode::Strict).unwrap_or_else(|e| panic!("{text}: {e}"));
    labs::open(&link.link).unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// A run to its end, in pieces.
fn run_in(text: &str, work: usize) -> Box<dyn Runner> {
    let mut run = open(text)
        .run(Side::A, &Engine::Host)
        .unwrap_or_else(|e| panic!("{text}: {e}"));
    while !run.advance(work) {
        run.check().unwrap_or_else(|e| panic!("{text}: {e}"));
    }
    run.check().unwrap_or_else(|e| panic!("{text}: {e}"));
    run
}

fn run(text: &str) -> Box<dyn Runner> {
    run_in(text, usize::MAX)
}

fn scene(text: &str) -> Value {
    let asked = open(text).scene(Side::A).unwrap();
    asked.finish().unwrap().json()
}

/// The numbers of the last frame, by their keys.
fn numbers(run: &dyn Runner) -> Value {
    let last = run.frames() as f64 - 1.0;
    let args = Args(vec![("frame".to_owned(), vec![last])]);
    let asked = run.ask("metrics", &args).unwrap();
    let metrics = asked.finish().unwrap().json();
    let rows = metrics["rows"].as_array().unwrap().iter();
    rows.map(|row| {
        (
            row["key"].as_str().unwrap().to_owned(),
            row["value"].clone(),
        )
    })
    .collect()
}

fn number(run: &dyn Runner, key: &str) -> f64 {
    let all = numbers(run);
    all[key]
        .as_f64()
        .unwrap_or_else(|| panic!("{key} in {all}"))
}
