//! Runs in pieces: how small a piece can be, and how large. That pieces change no number is a contract of all runs
//! (`tests/contracts/run.rs`).
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::labs::chain::{ChainLab, Run};
use scorefield::labs::link::{self, Mode};

const LINKS: [&str; 9] = [
    "&length=40&n=530&steps=4&seed=1",
    "&length=20&n=40&steps=6&operator=saturating&seed=2",
    "&length=24&n=30&steps=5&guidance=dps&process=edm&sampler=heun&seed=3",
    "&length=24&n=30&steps=5&score=blanket&k=2&guidance=pigdm&sampler=pc&seed=4",
    "&length=24&n=30&steps=5&score=net&k=2&guidance=sda&gamma=0.1&seed=5",
    "&length=24&n=520&steps=3&method=ar&context=2&horizon=7&seed=6",
    "&model=rotation&length=12&n=30&steps=5&guidance=none&seed=7",
    "&length=24&n=600&steps=5&method=exact&seed=8",
    "&length=24&n=30&steps=9&sampler=langevin&seed=9",
];

fn started(text: &str) -> Run {
    let link = link::decode(&format!("lab=lgssm{text}"), Mode::Strict).unwrap();
    Run::new(ChainLab::new(&link.link.a).unwrap())
}

#[test]
fn the_least_piece_is_one_particle_whatever_it_costs() {
    for text in LINKS {
        let mut run = started(text);
        for done in 1..=5 {
            run.advance(1);
            assert_eq!(run.evaluations(), done, "{text}");
        }
    }
}

#[test]
fn a_piece_is_bounded_in_evaluations_and_products_together() {
    let text = "&length=200&every=1&n=256&steps=4&seed=1";
    let work = 2000;
    let mut run = started(text);
    let spent = |run: &Run| run.evaluations() as f64 + run.jacobian_products().unwrap() * 256.0;
    let (mut before, mut most) = (0.0, 0.0f64);
    while !run.advance(work) {
        most = most.max(spent(&run) - before);
        before = spent(&run);
    }
    // One more particle, and what it adds to the count of its block.
    assert!(most < 2.0 * work as f64, "a piece of {most}");
    assert!(
        before > 20.0 * work as f64,
        "the run is too small to tell: {before}"
    );
}
