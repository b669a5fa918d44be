//! Runs in pieces: how small a piece can be, and how large. That pieces change no number is a contract of all runs
//! (`tests/contracts/run.rs`).
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::denoise::Denoiser;
use scorefield::labs::lgssm::{ChainLab, Run};
use scorefield::labs::link::{self, Mode};
use scorefield::labs::{self, Args, Engine, Experiment, Task};
use scorefield::link::{Side, points};

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
    let work = 200_000;
    let mut run = started(text);
    let price = run.lab.chain.price() as f64;
    let count = |run: &Run| run.evaluations() as f64 + run.jacobian_products().unwrap() * 256.0;
    let spent = |run: &Run| count(run) * price;
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

fn opened(text: &str) -> Box<dyn Experiment> {
    let link = link::decode(text, Mode::Strict).unwrap();
    labs::open(&link.link).unwrap()
}

fn args(list: &[(&str, &[f64])]) -> Args {
    Args(
        list.iter()
            .map(|(n, x)| (n.to_string(), x.to_vec()))
            .collect(),
    )
}

/// The answer of a task that does one unit of work at a time, and the number of these pieces.
fn in_pieces(mut task: Task) -> (String, usize) {
    let mut pieces = 1;
    while !task.advance(1).unwrap() {
        pieces += 1;
    }
    (task.answer().unwrap().json().to_string(), pieces)
}

/// The questions that take longest, with the least number of pieces that each is cut into: of the pieces none is more
/// than its share of the work.
#[test]
fn questions_are_cut_into_pieces_and_the_pieces_change_no_number() {
    let many = "score=empirical&m=400";
    let place: [(&str, &[f64]); 2] = [("frame", &[7.0]), ("y", &[0.3, -0.2])];
    let cells: [(&str, &[f64]); 2] = [("frame", &[7.0]), ("count", &[12.0])];
    let particle: [(&str, &[f64]); 2] = [("frame", &[20.0]), ("particle", &[3.0])];
    for (text, question, list, least) in [
        (
            format!("lab=toy1d&{many}&steps=30"),
            "flow",
            &[][..],
            29 + 161,
        ),
        (format!("lab=toy2d&{many}&steps=30"), "follow", &place, 30),
        (format!("lab=toy2d&{many}&steps=30"), "velocity", &cells, 12),
        (format!("lab=toy1d&{many}&steps=30"), "step", &particle, 20),
        ("lab=toy2d&steps=30".to_owned(), "density", &cells[..1], 130),
        (
            "lab=lgssm&length=120&every=1".to_owned(),
            "covariance",
            &[],
            6 * 3,
        ),
        (
            "lab=lgssm&length=120&every=1&operator=window".to_owned(),
            "covariance",
            &[],
            6 * 3,
        ),
        (
            "lab=lgssm&length=60".to_owned(),
            "score-errors",
            &[],
            3 * 256,
        ),
    ] {
        // Each of a fresh experiment: what one question has computed, the next need not.
        let ask = || opened(&text).ask(Side::A, question, &args(list)).unwrap();
        let whole = ask().finish().unwrap().json().to_string();
        let (answer, pieces) = in_pieces(ask());
        assert!(answer == whole, "{text}: {question}");
        assert!(pieces >= least, "{text}: {question} in {pieces} pieces");
    }
    for (text, least) in [
        ("lab=toy1d&steps=30", 31 + 201),
        ("lab=lgssm&length=120&every=1&operator=window", 6 * 3),
        // A start with too little noise: each process and unit that is tried as a remedy.
        ("lab=lgssm&b=10&d=10&process=edm&length=40", 3),
    ] {
        let own = opened(text);
        let whole = own.scene(Side::A).unwrap().finish().unwrap();
        let (answer, pieces) = in_pieces(opened(text).scene(Side::A).unwrap());
        let whole = whole.json().to_string();
        assert!(answer == whole, "{text}");
        assert!(pieces >= least, "{text}: {pieces}");
    }
}

/// Every normal of the law takes an exponential, half a unit, for each of the 128 columns before the first row can be computed. They
/// come a few at a time: no piece is more than a row of the costliest law.
#[test]
fn the_first_parts_of_a_density_are_priced_as_what_they_take() {
    let spiral = |i: usize| {
        let t = i as f64 * 0.02;
        [0.15 * t * t.cos(), 0.15 * t * t.sin()]
    };
    let points: Vec<f64> = (0..500).flat_map(spiral).collect();
    let drawn = format!("target=drawn&points={}", points::encode(&points).unwrap());
    for (law, normals) in [("target=gaussians8", 8), (&*drawn, 500)] {
        let text = format!("lab=toy2d&{law}&steps=30");
        let ask = || {
            let frame = args(&[("frame", &[7.0])]);
            opened(&text).ask(Side::A, "density", &frame).unwrap()
        };
        let mut task = ask();
        let (mut pieces, mut done) = (vec![], false);
        while !done {
            let before = task.work();
            done = task.advance(1).unwrap();
            pieces.push(task.work() - before);
        }
        // The end takes nothing.
        assert_eq!(pieces.pop(), Some(0), "{text}");
        let rows = pieces.split_off(pieces.len() - 128);
        let first: u64 = pieces[1..].iter().sum();
        assert_eq!(first, normals * 128 / 2, "{text}");
        let most = pieces.iter().chain(&rows).max().unwrap();
        assert!(*most <= 2048, "{text}: {most} in a piece");
        assert_eq!(
            ask().price(),
            pieces.iter().chain(&rows).sum::<u64>(),
            "{text}"
        );
    }
}

/// Units of work in 15 ms; and of a particle, whose conjugate gradients take up to 30 ms.
const LEAST: u64 = 600_000;
const PARTICLE: u64 = 1_200_000;

/// The links of the largest values that controls can set, from the list of the benchmark.
fn largest() -> Vec<String> {
    let list = include_str!("e2e/calls.txt");
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let lines: Vec<_> = lines.filter_map(|line| line.split_once(' ')).collect();
    let (names, links): (Vec<_>, Vec<_>) = lines
        .into_iter()
        .partition(|line| line.0.chars().all(char::is_uppercase));
    let whole = |link: &str| {
        let put = |link: String, (name, text): &(&str, &str)| link.replace(name, text);
        names.iter().fold(link.to_owned(), put)
    };
    links.iter().map(|(_, link)| whole(link)).collect()
}

/// What cannot be cut further, a particle or a part, is no more than the longest call that is allowed.
#[test]
fn the_least_piece_of_the_largest_links_is_small() {
    for text in largest() {
        let own = opened(&text);
        let mut task = own.scene(Side::A).unwrap();
        let mut done = false;
        while !done {
            let before = task.work();
            done = task.advance(1).unwrap();
            let piece = task.work() - before;
            assert!(piece <= LEAST, "{text}: {piece} in a piece of the scene");
        }
        let mut run = own.run(Side::A, &Engine::Host).unwrap();
        let mut begun = 0;
        while begun < 3 && !run.is_done() {
            // The start is large, and its pieces are small: they are drawn as they are asked for.
            let work = if run.frames() == 0 { LEAST as usize } else { 1 };
            let before = run.work();
            run.advance(work);
            let piece = run.work() - before;
            assert!(
                piece <= work as u64 + PARTICLE,
                "{text}: {piece} in a piece of the run"
            );
            begun += usize::from(run.evaluations() > 0);
        }
    }
}

/// What jobs know before their runs is prepared in pieces.
#[test]
fn jobs_are_prepared_in_pieces() {
    for (text, name, least) in [
        ("lab=toy1d&n=1000", "sweep", 20),
        ("lab=toy1d&n=1000&score=net", "errors", 33),
        ("lab=toy2d&target=moons&n=1000&score=net", "errors", 33),
        ("lab=torus&n=1000&score=net", "errors", 33),
    ] {
        let own = opened(text);
        let mut job = own.job(name).unwrap();
        assert!(job.plan().is_err(), "{text}: known before it is prepared");
        let mut pieces = 1;
        while !job.prepare() {
            pieces += 1;
        }
        assert!(pieces >= least, "{text}: {name} in {pieces} pieces");
        assert!(job.plan().is_ok(), "{text}");
    }
}

/// Starts, frames and numbers of a run, each in at least so many pieces of the stated work.
#[test]
fn runs_begin_look_and_measure_in_pieces() {
    for (text, frame, least) in [
        ("lab=toy1d&n=40000&steps=3", 3.0, 2 * (40000 >> 13)),
        ("lab=toy2d&n=900&steps=3", 3.0, 3 * 900 / 256 + 64 / 4),
        ("lab=torus&n=300&steps=3", 3.0, 3 * 300 / 256 + 64 / 4),
        (
            "lab=lgssm&length=33&n=600&steps=3&guidance=sda",
            3.0,
            600 / 64 + 2 * 33,
        ),
        (
            "lab=lgssm&length=33&n=100&steps=3&score=blanket&k=1",
            3.0,
            256,
        ),
        (
            "lab=lgssm&length=33&n=600&steps=3&method=exact",
            3.0,
            2 * 33,
        ),
        (
            "lab=lgssm&length=33&n=600&steps=3&method=ar&context=2&horizon=9",
            3.0,
            2 * 33,
        ),
    ] {
        let own = opened(text);
        let mut whole = own.run(Side::A, &Engine::Host).unwrap();
        while !whole.advance(usize::MAX >> 4) {}
        let frames = whole.take().unwrap();
        let mut run = own.run(Side::A, &Engine::Host).unwrap();
        let (mut parts, mut arrays) = (vec![], 0);
        let mut advances = 0;
        while !run.advance(20) {
            advances += 1;
            if advances == 1 {
                assert_eq!(run.frames(), 0, "{text}: the start takes more than a piece");
            }
            parts.extend(run.take());
        }
        parts.extend(run.take());
        for (name, numbers) in &frames.arrays.0 {
            let joined: Vec<u32> = parts
                .iter()
                .flat_map(|f| f.array(name))
                .map(|x| x.to_bits())
                .collect();
            let numbers: Vec<u32> = numbers.iter().map(|x| x.to_bits()).collect();
            assert!(joined == numbers, "{text}: {name}");
            arrays += 1;
        }
        assert!(arrays > 0);
        let fingerprints = [&run, &whole].map(|run| run.fingerprint().unwrap().encode());
        assert_eq!(fingerprints[0], fingerprints[1], "{text}");
        let ask =
            |run: &dyn labs::Runner| run.ask("metrics", &args(&[("frame", &[frame])])).unwrap();
        let (answer, pieces) = in_pieces(ask(run.as_ref()));
        let whole = ask(whole.as_ref()).finish().unwrap().json().to_string();
        assert!(answer == whole, "{text}");
        assert!(pieces >= least, "{text}: the numbers in {pieces} pieces");
    }
}
