//! The particles of a run are shared out, and every bit stays: of the samples, the frames, the numbers and the counts.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::answer;
use scorefield::labs::link::{self, Engine as Kind, Mode, Side};
use scorefield::labs::{self, Args, Engine, Experiment, Frames, Metrics, Portion, Runner};

/// Units of work of a piece: small, so that shares stop anywhere.
const PIECE: usize = 5000;
const LINKS: &str = include_str!("fingerprints.txt");
/// Links are too long for every number of shares if they have more evaluations.
const SMALL: u64 = 400_000;

fn opened(text: &str) -> Box<dyn Experiment> {
    labs::open(&link::decode(text, Mode::Strict).unwrap().link).unwrap()
}

fn run_of(experiment: &dyn Experiment) -> Box<dyn Runner> {
    experiment.run(Side::A, &Engine::Host).unwrap()
}

/// All that a run gives.
#[derive(Debug, PartialEq)]
struct Result {
    samples: Vec<u64>,
    states: Vec<(usize, Vec<u64>)>,
    frames: Frames,
    metrics: String,
    evaluations: u64,
    products: Option<u64>,
}

fn bits(x: &[f64]) -> Vec<u64> {
    x.iter().map(|x| x.to_bits()).collect()
}

fn result(mut run: Box<dyn Runner>, states: Vec<(usize, Vec<u64>)>) -> Result {
    let last = run.frames() - 1;
    let asked = run.ask("metrics", &Args(vec![("frame".into(), vec![last as f64])]));
    let metrics = answer::of_type::<Option<Metrics>>(asked.unwrap().finish().unwrap());
    Result {
        samples: bits(run.samples().unwrap()),
        states,
        frames: run.take().unwrap(),
        metrics: format!("{:?}", metrics.flatten().unwrap()),
        evaluations: run.evaluations(),
        products: run.products(),
    }
}

fn alone(experiment: &dyn Experiment) -> Result {
    let mut run = run_of(experiment);
    let mut states = vec![];
    while !run.advance_with(PIECE, &mut |step, x| states.push((step, bits(x)))) {}
    run.check().unwrap();
    result(run, states)
}

/// The same in `parts` shares, of which all but the first are moved elsewhere: by experiments of their own.
fn together(text: &str, parts: usize) -> Result {
    let own = opened(text);
    let mut run = run_of(own.as_ref());
    let steps: Vec<_> = (0..=run.steps()).collect();
    let shared = run.shared().unwrap();
    let shares = shared.split(parts, &steps);
    let elsewhere: Vec<_> = shares.iter().skip(1).map(|_| opened(text)).collect();
    let start = |(i, other): (usize, &Box<dyn Experiment>)| {
        other.portion(Side::A, &shares[i + 1], &steps).unwrap()
    };
    let mut portions: Vec<Box<dyn Portion>> = elsewhere.iter().enumerate().map(start).collect();
    (1..shares.len()).for_each(|part| shared.hand_over(part));
    let mut states = vec![];
    while !run.advance_with(PIECE, &mut |step, x| states.push((step, bits(x)))) {
        run.check().unwrap();
        let shared = run.shared().unwrap();
        for (i, portion) in portions.iter_mut().enumerate() {
            if let Some(landing) = portion.advance(PIECE / (i + 1)) {
                shared.receive(i + 1, landing);
            }
            portion.check().unwrap();
        }
    }
    run.check().unwrap();
    result(run, states)
}

/// The recorded links whose network is at hand, and whose runs are short enough here.
fn recorded() -> impl Iterator<Item = &'static str> {
    let lines = LINKS
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'));
    let links = lines.map(|l| l.split_once(' ').unwrap().1);
    links.filter(|text| !text.contains("score=trained"))
}

#[test]
fn shares_of_any_number_give_the_bits_of_the_whole_run() {
    let mut shared = 0;
    for text in recorded() {
        let experiment = opened(text);
        let mut run = run_of(experiment.as_ref());
        if run.shared().is_none() || run.total() > SMALL {
            continue;
        }
        let whole = alone(experiment.as_ref());
        for parts in [1, 2, 3, 8] {
            assert_eq!(together(text, parts), whole, "{parts} shares of {text}");
        }
        shared += 1;
    }
    assert!(shared > 60, "{shared} links were shared out");
}
