//! What holds for every run of a link on the host, whatever moves its particles.

use crate::bits;
use scorefield::fingerprint::Fingerprint;
use scorefield::labs::link::{self, Mode, Side};
use scorefield::labs::{self, Engine, Experiment, Frames, Runner};
use scorefield::sample::Sampler;
use scorefield::schedule::Process;
use scorefield::word::Words;

/// A line for each way to move particles, and for each kind of score: some of more than a block of 512 particles.
const LINKS: [&str; 18] = [
    "lab=toy1d&n=1000&steps=9&seed=0",
    "lab=toy1d&n=700&steps=9&process=edm&sampler=heun&churn=10&seed=2",
    "lab=toy1d&n=600&steps=9&process=vp&sampler=pc&corrections=2&score=net&seed=4",
    "lab=toy1d&n=600&steps=40&sampler=langevin&init=quantile&score=empirical&m=20&seed=5",
    "lab=toy2d&n=700&steps=6&seed=6",
    "lab=toy2d&target=moons&n=530&steps=5&sampler=em&process=vp&seed=7",
    "lab=toy2d&target=rings&score=empirical&m=30&n=530&steps=5&seed=8",
    "lab=torus&n=530&steps=5&score=net&sampler=euler&seed=9",
    "lab=lgssm&length=40&n=530&steps=4&seed=1",
    "lab=lgssm&length=20&n=40&steps=6&operator=saturating&seed=2",
    "lab=lgssm&length=24&n=30&steps=5&guidance=dps&process=edm&sampler=heun&seed=3",
    "lab=lgssm&length=24&n=30&steps=5&score=blanket&k=2&guidance=pigdm&sampler=pc&seed=4",
    "lab=lgssm&length=24&n=30&steps=5&score=net&k=2&guidance=sda&gamma=0.1&seed=5",
    "lab=lgssm&length=24&n=520&steps=3&method=ar&context=2&horizon=7&seed=6",
    "lab=lgssm&model=rotation&length=12&n=30&steps=5&guidance=none&seed=7",
    "lab=lgssm&length=24&n=600&steps=5&method=exact&seed=8",
    "lab=lgssm&length=24&n=30&steps=9&sampler=langevin&seed=9",
    "lab=lgssm&n=1300&length=9&steps=12&operator=window&width=2&sampler=pc&method=ar&context=1&horizon=3&seed=3",
];

/// These, and one for every sampler and every process.
fn links() -> Vec<String> {
    let samplers = Sampler::ALL.iter().map(|s| ("sampler", s.word()));
    let processes = Process::ALL.iter().map(|p| ("process", p.word()));
    let each = samplers.chain(processes);
    let each = each.map(|(key, word)| format!("lab=toy1d&{key}={word}&n=700&steps=7&seed=3"));
    LINKS
        .iter()
        .map(|link| link.to_string())
        .chain(each)
        .collect()
}

/// A link, compiled.
fn opened(text: &str) -> Box<dyn Experiment> {
    labs::open(&link::decode(text, Mode::Strict).unwrap().link).unwrap()
}

fn started(experiment: &dyn Experiment) -> Box<dyn Runner> {
    experiment.run(Side::A, &Engine::Host).unwrap()
}

/// All that a run leaves: samples, fingerprint, products with Jacobians, frames.
#[derive(Debug, PartialEq)]
struct Result {
    samples: Vec<u64>,
    fingerprint: Fingerprint,
    products: Option<u64>,
    /// Names and numbers of the arrays, all frames together.
    frames: Vec<(&'static str, Vec<u32>)>,
}

/// Frames as they are taken, put together.
#[derive(Default)]
struct Film {
    reached: usize,
    arrays: Vec<(&'static str, Vec<u32>)>,
}

impl Film {
    fn add(&mut self, taken: Option<Frames>) {
        let Some(frames) = taken else {
            return;
        };
        assert_eq!(
            frames.from, self.reached,
            "frames in their order, each once"
        );
        self.reached = frames.to;
        self.arrays.resize(frames.arrays.0.len(), ("", vec![]));
        for (all, (name, numbers)) in self.arrays.iter_mut().zip(frames.arrays.0) {
            all.0 = name;
            all.1.extend(numbers.iter().map(|x| x.to_bits()));
        }
    }
}

fn finish(mut run: Box<dyn Runner>, mut film: Film, mut piece: impl FnMut() -> usize) -> Result {
    while !run.advance(piece()) {
        run.check().unwrap();
        film.add(run.take());
    }
    run.check().unwrap();
    film.add(run.take());
    Result {
        samples: bits(run.samples().unwrap()),
        fingerprint: run.fingerprint().unwrap(),
        products: run.products(),
        frames: film.arrays,
    }
}

fn whole(experiment: &dyn Experiment) -> Result {
    finish(started(experiment), Film::default(), || usize::MAX / 4)
}

/// Sizes of pieces that go with no block.
fn uneven() -> impl FnMut() -> usize {
    let mut turn = 0;
    move || {
        turn += 1;
        [3, 700, 41, 5000][turn % 4]
    }
}

#[test]
fn pieces_of_any_size_give_the_whole_run() {
    for text in &links() {
        let experiment = opened(text);
        let whole = whole(experiment.as_ref());
        let own = finish(started(experiment.as_ref()), Film::default(), uneven());
        assert!(own == whole, "{text}: in uneven pieces");
        let own = finish(started(experiment.as_ref()), Film::default(), || 1);
        assert!(own == whole, "{text}: a particle at a time");
    }
}

/// Runs share no state, not those of one experiment either: another may go on between two pieces of a run, and one that
/// is left in the middle hinders none.
#[test]
fn a_run_that_was_stopped_goes_on_where_it_was() {
    for text in &links() {
        let experiment = opened(text);
        let whole = whole(opened(text).as_ref());
        for pieces in [1, 5] {
            let (mut run, mut film) = (started(experiment.as_ref()), Film::default());
            let mut left = started(experiment.as_ref());
            let stop = run.total() * pieces / 8;
            while run.evaluations() < stop {
                run.advance(1000);
                film.add(run.take());
                left.advance(300);
            }
            drop(left);
            assert!(
                finish(run, film, uneven()) == whole,
                "{text}: after {pieces} pieces"
            );
        }
    }
}

/// Two sides of a comparison are compiled together, and each runs as if it stood alone.
#[test]
fn a_side_of_a_comparison_runs_as_its_own_link() {
    for (text, other) in [
        ("lab=toy1d&n=600&steps=6&seed=1", "sampler=ddim"),
        ("lab=toy2d&n=600&steps=5&seed=1", "process=vp"),
        ("lab=torus&n=600&steps=5&seed=1", "score=net"),
        ("lab=lgssm&n=60&steps=6&seed=1", "guidance=dps"),
    ] {
        let both = opened(&format!("{text}&b.{other}"));
        for (side, alone) in [
            (Side::A, text.to_owned()),
            (Side::B, format!("{text}&{other}")),
        ] {
            let own = finish(
                both.run(side, &Engine::Host).unwrap(),
                Film::default(),
                uneven(),
            );
            let alone = whole(opened(&alone).as_ref());
            assert_eq!(
                (own.samples, own.products),
                (alone.samples, alone.products),
                "{text} {side:?}"
            );
        }
    }
}

/// A piece does no more evaluations than the units of work that it was asked for, and every run comes to its end in as
/// many pieces as its work needs.
#[test]
fn evaluations_are_those_that_were_done() {
    for text in &links() {
        let experiment = opened(text);
        for work in [1, 97, 5000] {
            let mut run = started(experiment.as_ref());
            let (mut before, mut pieces) = (run.evaluations(), 0);
            assert_eq!(before, 0, "{text}");
            let mut done = false;
            while !done {
                done = run.advance(work);
                let now = run.evaluations();
                assert!(
                    (before..=before + work as u64).contains(&now),
                    "{text}: from {before} to {now}, asked for {work}"
                );
                (before, pieces) = (now, pieces + 1);
                assert!(now <= run.total(), "{text}");
            }
            assert_eq!(before, run.total(), "{text}");
            let cost = run.work();
            assert!(
                pieces <= 3 * cost.div_ceil(work as u64) + 3,
                "{text}: {pieces} pieces of {work} for {cost}"
            );
        }
    }
}

#[test]
fn there_is_a_result_at_the_end_and_none_before() {
    for text in &links() {
        let mut run = started(opened(text).as_ref());
        let work = (run.total() / 6).max(1) as usize;
        loop {
            assert!(
                run.samples().is_err() && run.fingerprint().is_err(),
                "{text}"
            );
            assert!(!run.is_done(), "{text}");
            if run.advance(work) {
                break;
            }
        }
        let samples = bits(run.samples().unwrap());
        let fingerprint = run.fingerprint().unwrap();
        assert_eq!(samples.len() % run.dim(), 0, "{text}");
        assert!(run.take().is_some() && run.take().is_none(), "{text}");
        // Done is done.
        assert!(run.advance(work) && run.is_done());
        assert_eq!(run.evaluations(), run.total(), "{text}");
        assert!(
            bits(run.samples().unwrap()) == samples && run.fingerprint().unwrap() == fingerprint,
            "{text}"
        );
        assert!(run.take().is_none(), "{text}");
    }
}
