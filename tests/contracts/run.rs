//! What holds for every run of a link on the host, whatever moves its particles.

use scorefield::fingerprint::Fingerprint;
use scorefield::labs::link::{self, Mode, Side};
use scorefield::labs::{self, Engine, Frames, Runner};

/// A line for each way to move particles, and for each kind of score: more than a block of 512 particles in some.
const LINKS: [&str; 20] = [
    "lab=toy1d&n=1000&steps=9&seed=0",
    "lab=toy1d&n=1000&steps=9&process=vp&sampler=heun&seed=1",
    "lab=toy1d&n=700&steps=9&process=edm&sampler=heun&churn=10&seed=2",
    "lab=toy1d&n=700&steps=9&process=fm&sampler=dpmpp2m&seed=3",
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

fn started(text: &str) -> Box<dyn Runner> {
    let link = link::decode(text, Mode::Strict).unwrap().link;
    let experiment = labs::open(&link).unwrap();
    experiment.run(Side::A, &Engine::Host).unwrap()
}

/// All that a run leaves: samples, fingerprint, products with Jacobians, frames.
#[derive(Debug, PartialEq)]
struct Result {
    samples: Vec<u64>,
    fingerprint: Fingerprint,
    products: Option<f64>,
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
        samples: crate::bits(run.samples().unwrap()),
        fingerprint: run.fingerprint().unwrap(),
        products: run.jacobian_products(),
        frames: film.arrays,
    }
}

fn whole(text: &str) -> Result {
    finish(started(text), Film::default(), || usize::MAX / 4)
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
    for text in LINKS {
        let whole = whole(text);
        let own = finish(started(text), Film::default(), uneven());
        assert!(own == whole, "{text}: in uneven pieces");
        let own = finish(started(text), Film::default(), || 1);
        assert!(own == whole, "{text}: a particle at a time");
    }
}

/// Nothing is kept beside a run: another may go on between two of its pieces, and one that was left in the middle
/// hinders none.
#[test]
fn a_run_that_was_stopped_goes_on_where_it_was() {
    for text in LINKS {
        let whole = whole(text);
        for pieces in [1, 5] {
            let (mut run, mut film) = (started(text), Film::default());
            let mut left = started(text);
            let work = (run.total() / 8).max(1) as usize;
            for _ in 0..pieces {
                run.advance(work);
                film.add(run.take());
                left.advance(work / 3 + 1);
            }
            drop(left);
            assert!(
                finish(run, film, uneven()) == whole,
                "{text}: after {pieces} pieces"
            );
        }
    }
}

/// A piece does something, and no more evaluations than it was asked for; those of all pieces are those of the run.
#[test]
fn evaluations_are_those_that_were_done() {
    for text in LINKS {
        for work in [1, 97, 5000] {
            let mut run = started(text);
            let (mut before, mut pieces) = (run.evaluations(), 0);
            assert_eq!(before, 0, "{text}");
            let mut done = false;
            while !done && (work > 1 || pieces < 50) {
                done = run.advance(work);
                let now = run.evaluations();
                assert!(
                    now > before && now - before <= work as u64,
                    "{text}: from {before} to {now}, asked for {work}"
                );
                assert!(now <= run.total(), "{text}");
                assert_eq!(done, now == run.total(), "{text}: {now} of {}", run.total());
                (before, pieces) = (now, pieces + 1);
            }
        }
    }
}

#[test]
fn there_is_a_result_at_the_end_and_none_before() {
    for text in LINKS {
        let mut run = started(text);
        let work = (run.total() / 6).max(1) as usize;
        loop {
            assert!(
                run.samples().is_err() && run.fingerprint().is_err(),
                "{text}"
            );
            if run.advance(work) {
                break;
            }
        }
        let samples = run.samples().unwrap().to_vec();
        let fingerprint = run.fingerprint().unwrap();
        assert!(run.take().is_some() && run.take().is_none(), "{text}");
        // Done is done.
        assert!(run.advance(work));
        assert_eq!(run.evaluations(), run.total(), "{text}");
        assert!(
            run.samples().unwrap() == samples && run.fingerprint().unwrap() == fingerprint,
            "{text}"
        );
        assert!(run.take().is_none(), "{text}");
    }
}
