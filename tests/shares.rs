//! The particles of a run are shared out, and every bit stays: of the samples, the frames, the numbers and the counts.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

mod common;

use common::program;
use scorefield::answer;
use scorefield::labs::link::{self, Mode, Side};
use scorefield::labs::{
    self, Alone, Args, Engine, Experiment, Frames, Job, Metrics, Portion, Runner, Task,
};
use scorefield::sample::Share;
use serde_json::Value;
use std::process::Command;

/// Units of work of a piece: small, so that shares stop anywhere.
const PIECE: usize = 5000;
const LINKS: &str = include_str!("fingerprints.txt");
/// A run of more evaluations is shared out once only, and one of many more is left out.
const SMALL: u64 = 12_000;
const LARGE: u64 = 200_000;

fn opened(text: &str) -> Box<dyn Experiment> {
    labs::open(&link::decode(text, Mode::Strict).unwrap().link).unwrap()
}

fn run_of(experiment: &dyn Experiment) -> Box<dyn Runner> {
    experiment.run(Side::A, &Engine::Host).unwrap()
}

/// All that a run gives.
#[derive(Debug, Clone, PartialEq)]
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

/// A run in shares, of which all but the first are moved elsewhere: by experiments of their own.
struct Together {
    run: Box<dyn Runner>,
    portions: Vec<(usize, Box<dyn Portion>)>,
    states: Vec<(usize, Vec<u64>)>,
}

impl Together {
    fn new(text: &str, parts: usize) -> Self {
        Self::later(text, parts, 0)
    }

    /// Shared out after some pieces.
    fn later(text: &str, parts: usize, pieces: usize) -> Self {
        let mut run = run_of(opened(text).as_ref());
        (0..pieces).for_each(|_| assert!(!run.advance(PIECE)));
        let steps: Vec<_> = (0..=run.steps()).collect();
        let shared = run.shared().unwrap();
        let shares = shared.split(parts, &steps, 0.0);
        let portions = shares.iter().enumerate().skip(1).map(|(part, share)| {
            shared.hand_over(part);
            let portion = opened(text).portion(Side::A, share, &steps);
            (part, portion.unwrap())
        });
        Self {
            portions: portions.collect(),
            states: vec![],
            run,
        }
    }

    /// A piece of every share. Returns whether the run is done.
    fn go_on(&mut self) -> bool {
        self.go_on_by(PIECE)
    }

    /// The same with pieces of this size of the first share; what the run has taken never falls.
    fn go_on_by(&mut self, piece: usize) -> bool {
        let before = self.run.work();
        let states = &mut self.states;
        let done = self
            .run
            .advance_with(piece, &mut |step, x| states.push((step, bits(x))));
        self.run.check().unwrap();
        assert!(self.run.work() >= before);
        let shared = self.run.shared().unwrap();
        if let Some(state) = shared.gives() {
            for (_, portion) in &mut self.portions {
                portion.receive(&state);
            }
        }
        for (part, portion) in &mut self.portions {
            if let Some(landing) = portion.advance(PIECE / *part) {
                shared.receive(*part, landing);
            }
            portion.check().unwrap();
        }
        done
    }

    fn finish(mut self) -> Result {
        while !self.go_on() {}
        result(self.run, self.states)
    }
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
        if run.shared().is_none() || run.total() > LARGE {
            continue;
        }
        let whole = alone(experiment.as_ref());
        let numbers = if run.total() > SMALL {
            &[3][..]
        } else {
            &[1, 2, 8]
        };
        for &parts in numbers {
            let own = Together::new(text, parts).finish();
            assert_eq!(own, whole, "{parts} shares of {text}");
        }
        shared += 1;
    }
    assert!(shared > 60, "{shared} links were shared out");
}

/// Filters with a score: their members need each other at exchanges, one in an analysis, or one in each step of it.
const FILTERS: [&str; 6] = [
    "lab=filter&cycles=6&seed=1",
    "lab=filter&method=ssls&operator=arctan&n=1200&cycles=3&seed=2",
    "lab=filter&model=lorenz63&method=ssls&n=120&cycles=4&seed=3",
    "lab=filter&model=lorenz63&method=ssls&anneal=4&operator=square&n=400&langevin-steps=8&cycles=3&seed=3",
    "lab=filter&model=lorenz96&method=ensf&n=90&cycles=5&seed=4",
    "lab=filter&method=ensf&likelihood=exact&n=150&cycles=9&every=3&burn-in=1&seed=5",
];

/// Part by part, so that a failure is short.
fn assert_same(own: &Result, whole: &Result, what: &str) {
    assert!(own.samples == whole.samples, "samples: {what}");
    assert!(own.states == whole.states, "states: {what}");
    // As text, in which NaN is the same as NaN.
    let [one, other] = [own, whole].map(|own| format!("{:?}", own.frames));
    assert!(one == other, "frames: {what}");
    assert_eq!(own.metrics, whole.metrics, "{what}");
    assert_eq!(own.evaluations, whole.evaluations, "{what}");
}

/// Of a run that is shared out after some pieces all but the states before.
fn assert_same_later(text: &str, whole: &Result, early: usize) {
    let own = Together::later(text, 2, early).finish();
    let whole = Result {
        states: own.states.clone(),
        ..whole.clone()
    };
    assert_same(&own, &whole, &format!("{text} after {early} pieces"));
}

/// The updates in slow motion, which the run keeps beside its frames.
fn updates(run: &dyn Runner) -> String {
    let cycles = 1..=run.steps();
    let update = |cycle| {
        let task = run.ask("update", &Args(vec![("cycle".into(), vec![cycle as f64])]));
        task.unwrap().finish().unwrap().json().to_string()
    };
    cycles.map(update).collect()
}

#[test]
fn filters_in_shares_have_the_bits_of_the_whole_run() {
    for text in FILTERS {
        let whole = alone(opened(text).as_ref());
        let slow = updates(finished(text, 1).as_ref());
        for parts in [2, 3] {
            let own = Together::new(text, parts);
            assert_eq!(own.portions.len(), parts - 1, "{text}");
            assert_same(&own.finish(), &whole, &format!("{parts} shares of {text}"));
            assert_eq!(updates(finished(text, parts).as_ref()), slow, "{text}");
        }
        for early in [1, 7, 30] {
            assert_same_later(text, &whole, early);
        }
    }
}

/// The other share is at each exchange while the run is still in the forecast before it.
#[test]
fn what_a_run_has_taken_never_falls_where_a_share_is_ahead() {
    for text in FILTERS {
        let whole = alone(opened(text).as_ref());
        let mut own = Together::new(text, 2);
        let mut ahead = 0;
        let total = own.run.total();
        while !own.go_on_by(50) {
            let shared = own.run.shared().unwrap();
            for (part, portion) in &mut own.portions {
                while !portion.awaits() && !portion.is_done() {
                    if let Some(landing) = portion.advance(usize::MAX >> 1) {
                        shared.receive(*part, landing);
                        ahead += 1;
                    }
                }
            }
            assert!(own.run.work() <= total);
        }
        assert!(ahead > 2, "{text}: {ahead}");
        assert_eq!(own.run.work(), total, "{text}");
        assert_same(&own.finish(), &whole, text);
    }
}

fn finished(text: &str, parts: usize) -> Box<dyn Runner> {
    let mut own = Together::new(text, parts);
    while !own.go_on() {}
    own.run
}

#[test]
fn a_filter_whose_share_is_lost_goes_on_alone_with_the_same_bits() {
    for text in FILTERS {
        let whole = alone(opened(text).as_ref());
        for early in [0, 1, 2, 3, 17, 18, 19, 60, 200] {
            let mut own = Together::new(text, 3);
            if (0..early).any(|_| own.go_on()) {
                continue;
            }
            own.run.shared().unwrap().take_back(2);
            // What still comes from there is ignored.
            assert_same(
                &own.finish(),
                &whole,
                &format!("{text} after {early} pieces"),
            );
        }
    }
}

#[test]
fn a_filter_that_fails_in_the_members_of_a_share_fails_as_alone() {
    let text =
        "lab=filter&model=lorenz63&method=ensf&implicit=no&noise-y=0.05&n=200&cycles=9&seed=1";
    let told = |mut own: Together| loop {
        let done = own.run.advance(PIECE);
        if let Err(fault) = own.run.check() {
            return fault.to_string();
        }
        assert!(!done, "{text} was expected to fail");
        let shared = own.run.shared().unwrap();
        if let Some(state) = shared.gives() {
            own.portions
                .iter_mut()
                .for_each(|own| own.1.receive(&state));
        }
        let shared = own.run.shared().unwrap();
        own.portions.retain_mut(|(part, portion)| {
            if let Some(landing) = portion.advance(PIECE) {
                shared.receive(*part, landing);
            }
            let sound = portion.check().is_ok();
            if !sound {
                shared.take_back(*part);
            }
            sound
        });
    };
    let (alone, shared) = (told(Together::new(text, 1)), told(Together::new(text, 3)));
    assert_eq!(alone, shared);
    assert!(alone.contains("Cycle"), "{alone}");
}

#[test]
fn a_filter_is_shared_out_where_that_is_worth_it() {
    for (text, worth) in [
        ("method=ssls", true),
        ("method=ensf", true),
        ("method=ssls&n=20", false), // an exchange takes longer than its members
        ("method=ssls&prior=dsm", false), // most is to learn the score
        ("method=ssls&operator=arctan", false),
        ("method=ssls&operator=arctan&n=3000", true),
        ("method=pf&n=9000", false),
        ("method=enkf", false),
        ("method=exact", false),
    ] {
        let text = format!("lab=filter&{text}");
        let experiment = opened(&text);
        let mut run = run_of(experiment.as_ref());
        assert_eq!(run.shared().is_some(), worth, "{text}");
        let share = Share::split(20, 2, 1, 0.0)[0];
        let portion = experiment.portion(Side::A, &share, &[]);
        assert_eq!(portion.is_ok(), worth, "{text}");
    }
    // The first share has the members whose paths are kept.
    let mut run = run_of(opened("lab=filter&method=ssls&n=60").as_ref());
    let shares = run.shared().unwrap().split(8, &[], 0.0);
    assert_eq!(shares.len(), 2);
    assert!(shares[0].count >= 24);
}

/// Films with a network: of each evaluation the windows are answered together, with products with the Jacobian or without.
const FILMS: [&str; 4] = [
    "lab=turbulence&frames=9&steps=2&corrections=0&score=small&seed=1",
    "lab=turbulence&task=prior&frames=7&steps=3&corrections=1&score=small&n=2&seed=2",
    "lab=turbulence&frames=8&steps=2&corrections=0&score=small&method=ar&context=2&horizon=5&seed=3",
    "lab=turbulence&frames=8&steps=2&corrections=0&score=small&physics=defect&seed=4",
];

#[test]
fn films_whose_windows_are_answered_together_have_the_bits_of_the_whole_run() {
    for text in FILMS {
        let whole = alone(opened(text).as_ref());
        for parts in [2, 3] {
            let own = Together::new(text, parts);
            assert_eq!(own.portions.len(), parts - 1, "{text}");
            assert_same(&own.finish(), &whole, &format!("{parts} shares of {text}"));
        }
        for early in [1, 10] {
            assert_same_later(text, &whole, early);
        }
    }
}

#[test]
fn a_film_whose_share_is_lost_goes_on_with_the_same_bits() {
    for text in &FILMS[..2] {
        let whole = alone(opened(text).as_ref());
        for early in [0, 1, 2, 3, 4, 5, 6, 7, 20] {
            let mut own = Together::new(text, 3);
            if (0..early).any(|_| own.go_on()) {
                continue;
            }
            own.run.shared().unwrap().take_back(2);
            if early % 2 == 0 {
                own.run.shared().unwrap().take_back(1);
            }
            // What still comes from there is ignored.
            assert_same(
                &own.finish(),
                &whole,
                &format!("{text} after {early} pieces"),
            );
        }
    }
}

#[test]
fn a_film_waits_for_answers_elsewhere_and_says_for_which() {
    let mut own = Together::new(FILMS[0], 3);
    own.portions.remove(0);
    let waits = (0..200).find(|_| {
        own.go_on();
        own.run.shared().unwrap().awaits().is_some()
    });
    assert!(waits.is_some());
    let before = own.run.work();
    own.go_on();
    assert_eq!(own.run.work(), before);
    assert_eq!(own.run.shared().unwrap().awaits(), Some(1));
}

const SEGMENTS: &str =
    "lab=lgssm&length=24&method=ar&context=2&horizon=5&n=80&steps=12&guidance=sda&gamma=0.1&seed=1";
const PLANE: &str = "lab=toy2d&target=moons&process=vp&sampler=pc&n=600&steps=20&seed=1";

#[test]
fn a_share_that_is_taken_back_gives_the_same_bits() {
    for text in [SEGMENTS, PLANE] {
        let whole = alone(opened(text).as_ref());
        for early in [0, 1, 5, 9] {
            let mut own = Together::new(text, 4);
            (0..early).for_each(|_| assert!(!own.go_on()));
            for part in [1, 3] {
                own.run.shared().unwrap().take_back(part);
            }
            // What still comes from there is ignored.
            assert_eq!(own.finish(), whole, "{text} after {early} pieces");
        }
    }
}

#[test]
fn a_share_may_be_handed_over_in_the_middle_of_a_run() {
    for text in [SEGMENTS, PLANE] {
        let whole = alone(opened(text).as_ref());
        let mut own = Together::new(text, 3);
        let late = own.portions.pop().unwrap();
        own.run.shared().unwrap().take_back(late.0);
        while own.run.shared().unwrap().joined() < 3 {
            own.go_on();
        }
        own.run.shared().unwrap().hand_over(late.0);
        own.portions.push(late);
        assert_eq!(own.finish(), whole, "{text}");
    }
}

#[test]
fn a_run_that_has_begun_can_be_shared_out() {
    for text in [SEGMENTS, PLANE] {
        let whole = alone(opened(text).as_ref());
        for early in [1, 2, 7] {
            let own = Together::later(text, 3, early).finish();
            // The states are those that the run had from there on; all else is whole.
            assert!(own.states.iter().all(|state| whole.states.contains(state)));
            let states = own.states.clone();
            let whole = Result {
                states,
                ..whole.clone()
            };
            assert_eq!(own, whole, "{text} after {early} pieces");
        }
    }
}

#[test]
fn a_run_waits_for_a_share_elsewhere_and_says_for_which() {
    let mut own = Together::new(PLANE, 3);
    own.portions.remove(0);
    let waits = (0..200).find(|_| {
        own.go_on();
        own.run.shared().unwrap().awaits().is_some()
    });
    assert!(waits.is_some());
    let shared = own.run.shared().unwrap();
    assert_eq!((shared.awaits(), shared.joined()), (Some(1), 0));
    assert!(own.run.samples().is_err());
}

#[test]
fn runs_whose_particles_go_alone_can_be_shared() {
    for (text, shares) in [
        ("lab=toy1d&n=1000", true),
        ("lab=torus&n=1000", true),
        ("lab=lgssm&n=1000", true),
        ("lab=lgssm&n=1000&method=exact", true),
        ("lab=turbulence&score=gaussian", false),
        ("lab=turbulence&method=enkf", false),
        ("lab=turbulence&score=small", true),
        ("lab=turbulence&score=small&frames=5", false), // one window
    ] {
        let experiment = opened(text);
        let mut run = run_of(experiment.as_ref());
        assert_eq!(run.shared().is_some(), shares, "{text}");
        let share = Share::split(1000, 2, 1, 0.0)[0];
        let portion = experiment.portion(Side::A, &share, &[]);
        assert_eq!(portion.is_ok(), shares, "{text}");
    }
}

#[test]
fn shares_are_neighbours_that_cover_all_particles_from_multiples_of_the_grain() {
    for (n, parts, grain) in [
        (1, 1, 1),
        (7, 3, 1),
        (5, 8, 1),
        (1300, 2, 512),
        (100, 4, 512),
        (1536, 3, 512),
    ] {
        let shares = Share::split(n, parts, grain, 0.0);
        assert!(shares.len() <= parts && shares.iter().all(|s| s.count > 0 && s.of == n));
        assert!(shares.iter().all(|s| s.first.is_multiple_of(grain)));
        let ends = shares.iter().map(|s| s.first + s.count);
        let starts = shares.iter().skip(1).map(|s| s.first).chain([n]);
        assert!(ends.eq(starts), "{n} {parts} {grain}");
        let counts = || shares.iter().map(|s| s.count.div_ceil(grain));
        assert!(counts().max().unwrap() - counts().min().unwrap() <= 1);
    }
}

/// Work on a particle takes 1, and the first has `beside · n` more.
#[test]
fn who_joins_the_shares_has_as_much_less_to_move_as_it_does_beside() {
    for (n, parts, grain, beside) in [(1000, 2, 1, 0.2), (999, 4, 1, 0.1), (20_000, 3, 512, 0.05)] {
        let shares = Share::split(n, parts, grain, beside);
        let ends = shares.iter().map(|s| s.first + s.count);
        let starts = shares.iter().skip(1).map(|s| s.first).chain([n]);
        assert!(ends.eq(starts) && shares.len() == parts);
        let own = beside * n as f64;
        let work = shares
            .iter()
            .enumerate()
            .map(|(i, s)| s.count as f64 + if i == 0 { own } else { 0.0 });
        let (all, even) = (work.collect::<Vec<_>>(), (n as f64 + own) / parts as f64);
        assert!(
            all.iter()
                .all(|work| (work - even).abs() <= 2.0 * grain as f64),
            "{all:?}"
        );
    }
    // It has a grain at least, however much it does beside.
    assert_eq!(Share::split(1000, 2, 1, 50.0)[0].count, 1);
    // What a run says of itself: the frames of a cheap law are a part of its work that is seen.
    let mut run = run_of(opened("lab=toy1d&target=gaussian&n=100000&steps=20").as_ref());
    let shares = run.shared().unwrap().split(2, &[], 1e7);
    assert!(
        shares[0].count < shares[1].count && shares[0].count > 30_000,
        "{shares:?}"
    );
}

#[test]
fn the_command_line_gives_the_same_answer_on_any_number_of_threads() {
    let link = "lab=lgssm&length=40&n=1100&steps=24&seed=3";
    let answer = |threads: &str| {
        let call = ["run", link, "--frames", "3", "--threads", threads];
        let out = Command::new(program()).args(call).output().unwrap();
        assert!(out.status.success());
        let mut answer: Value = serde_json::from_slice(&out.stdout).unwrap();
        let (threads, own) = (answer["threads"].take(), answer.as_object_mut().unwrap());
        own.remove("seconds");
        (threads, answer)
    };
    let (one, alone) = answer("1");
    let (three, shared) = answer("3");
    assert_eq!((one, three), (1.into(), 3.into()));
    assert_eq!(alone, shared);
}

#[test]
fn a_run_that_breaks_down_tells_the_same_on_any_number_of_threads() {
    let link =
        "lab=lgssm&length=24&method=ar&context=2&horizon=5&n=20000&steps=12&guidance=sda&seed=1";
    let told = |threads: &str| {
        let call = ["run", link, "--threads", threads];
        let out = Command::new(program()).args(call).output().unwrap();
        assert_eq!(out.status.code(), Some(1));
        String::from_utf8(out.stderr).unwrap()
    };
    assert_eq!(told("1"), told("4"));
}

/// Jobs whose runs go alone: a sweep of two sides, the errors of one side and of two, a race, and one in which a method fails.
const JOBS: [(&str, &str); 5] = [
    (
        "sweep",
        "lab=toy1d&process=vp&sampler=euler&n=120&seed=2&b.process=edm&b.sampler=heun",
    ),
    ("errors", "lab=toy1d&score=net&n=100&steps=20&seed=1"),
    (
        "errors",
        "lab=toy2d&score=net&n=60&steps=8&seed=1&b.score=net&b.sampler=em",
    ),
    ("race", "lab=filter&cycles=5&n=24&seed=3"),
    (
        "race",
        "lab=filter&cycles=6&n=20&method=ensf&implicit=no&noise-y=0.01&seed=1",
    ),
];

fn job_of(name: &str, text: &str) -> Box<dyn Job> {
    let mut job = opened(text).job(name).unwrap();
    while !job.prepare() {}
    job
}

fn told(job: &mut dyn Job, points: &mut Vec<Value>) {
    points.extend(job.take().iter().map(|point| point.json()));
}

/// The points of a job of which other jobs do some runs, and its work; what so many of those find is lost.
fn dealt(name: &str, text: &str, others: usize, mut lost: usize) -> (Vec<Value>, f64) {
    let mut job = job_of(name, text);
    let mut points = vec![];
    // Those elsewhere are not prepared: they need nothing of that.
    let mut elsewhere: Vec<(Box<dyn Job>, Option<usize>, f64)> = (0..others)
        .map(|_| (opened(text).job(name).unwrap(), None, 0.0))
        .collect();
    let (mut part, all_come) = (0.0, lost == 0);
    loop {
        let done = job.advance(PIECE);
        told(job.as_mut(), &mut points);
        if done {
            return (points, job.work());
        }
        let runs = job.runs().unwrap();
        for (i, (other, run, spent)) in elsewhere.iter_mut().enumerate() {
            if run.is_none() {
                *run = runs.give();
                *spent = 0.0;
            }
            let Some(own) = *run else { continue };
            // Each has its own pace.
            let Alone {
                own: more, found, ..
            } = other.runs().unwrap().alone(own, PIECE << i);
            *spent += more;
            runs.told(own, *spent);
            let Some(found) = found else { continue };
            *run = None;
            if lost > 0 {
                lost -= 1;
                runs.take_back(own);
            } else {
                runs.receive(own, found).unwrap();
            }
        }
        assert!(job.work() >= part || !all_come, "what is done stays done");
        part = job.work();
    }
}

#[test]
fn runs_of_a_job_that_are_done_elsewhere_give_the_same_points() {
    for (name, text) in JOBS {
        let (alone, price) = dealt(name, text, 0, 0);
        let total = job_of(name, text).price();
        assert!(alone.len() > 8, "{text}");
        for others in [1, 7] {
            let (points, work) = dealt(name, text, others, 0);
            assert_eq!(points, alone, "{name} {text} with {others} others");
            assert_eq!((work, work), (price, total), "{name} {text}");
        }
    }
}

#[test]
fn a_run_of_a_job_that_is_taken_back_gives_the_same_points() {
    for (name, text) in JOBS {
        let alone = dealt(name, text, 0, 0).0;
        assert_eq!(dealt(name, text, 2, 5).0, alone, "{name} {text}");
    }
}

#[test]
fn a_job_waits_for_a_run_elsewhere_and_says_for_which() {
    let (name, text) = JOBS[1];
    let mut job = job_of(name, text);
    let last = job.runs().unwrap().give().unwrap();
    while job.runs().unwrap().awaits().is_none() {
        assert!(!job.advance(PIECE));
    }
    assert_eq!(job.runs().unwrap().awaits(), Some(last));
    let work = job.work();
    assert!(!job.advance(PIECE));
    assert_eq!((job.work(), job.done()), (work, job.total() - 1));
    job.runs().unwrap().take_back(last);
    while !job.advance(PIECE) {}
    assert_eq!(job.done(), job.total());
}

#[test]
fn a_job_gives_the_same_points_on_any_number_of_threads() {
    for (name, text) in [
        ("errors", "lab=toy1d&score=net&n=1000&seed=1"),
        ("race", "lab=filter&cycles=10&n=100&seed=1"),
    ] {
        let points = |threads: &str| {
            let call = ["job", name, text, "--threads", threads];
            let out = Command::new(program()).args(call).output().unwrap();
            assert!(out.status.success());
            let mut answer: Value = serde_json::from_slice(&out.stdout).unwrap();
            (answer["threads"].take(), answer["points"].take())
        };
        let ((one, alone), (three, shared)) = (points("1"), points("3"));
        assert_eq!((one, three), (1.into(), 3.into()));
        assert_eq!(alone, shared);
    }
}

#[test]
fn a_job_says_whether_a_run_is_left_that_can_be_given_away() {
    for (name, text) in JOBS {
        let mut job = job_of(name, text);
        let runs = job.runs().unwrap();
        let mut given = vec![];
        while runs.can_give() {
            given.push(runs.give().unwrap());
        }
        assert!(given.len() > 8 && runs.give().is_none(), "{name} {text}");
        runs.take_back(given[0]);
        assert!(runs.can_give() && runs.give() == Some(given[0]));
    }
    // One filter goes from cycle to cycle: nothing of it can be given away.
    let reference = "lab=filter&model=lorenz63&cycles=3";
    assert!(job_of("reference", reference).runs().is_none());
}

/// What is left of a run that was given and is not begun is its price. Only what all need first is no part of it.
#[test]
fn the_costliest_runs_are_given_first() {
    for (name, text) in JOBS {
        let mut job = job_of(name, text);
        let whole = job.price();
        let runs = job.runs().unwrap();
        let all = runs.waiting();
        assert!(
            (0.5 * whole..=1.001 * whole).contains(&all),
            "{text}: {all} of {whole}"
        );
        let (mut before, mut sum) = (f64::INFINITY, 0.0);
        while let Some(run) = runs.give() {
            let price = runs.left(run);
            assert!(
                price > 0.0 && price <= before,
                "{text}: {price} after {before}"
            );
            (before, sum) = (price, sum + price);
            runs.told(run, 0.25 * price);
            assert_eq!(runs.left(run), price - 0.25 * price);
        }
        assert!(
            (sum / all - 1.0).abs() < 1e-9 && runs.waiting() == 0.0,
            "{text}"
        );
    }
}

/// In the second race a method ends early: its row says why, and what it took.
#[test]
fn a_row_that_comes_from_elsewhere_says_why_its_method_failed() {
    let (name, text) = JOBS[4];
    let failed = |points: Vec<Value>| {
        let all = points.into_iter().filter(|row| row["failed"] == true);
        all.map(|row| {
            (
                row["entrant"].clone(),
                row["happened"].clone(),
                row["work"].clone(),
            )
        })
        .collect::<Vec<_>>()
    };
    let alone = failed(dealt(name, text, 0, 0).0);
    assert!(!alone.is_empty());
    assert!(
        alone
            .iter()
            .all(|(_, why, _)| why.as_str().unwrap().starts_with("Cycle "))
    );
    assert_eq!(failed(dealt(name, text, 3, 0).0), alone);
}

#[test]
fn a_wrong_number_of_threads_is_refused_with_the_valid_ones() {
    for threads in [
        "0",
        "-1",
        "257",
        "1000000000",
        "99999999999999999999",
        "two",
        "1.5",
        "",
    ] {
        for call in [
            &["run", "lab=toy1d&n=10"][..],
            &["job", "sweep", "lab=toy1d"],
        ] {
            let mut own = Command::new(program());
            let out = own.args(call).args(["--threads", threads]).output();
            let out = out.unwrap();
            assert_eq!(out.status.code(), Some(2), "{call:?} {threads}");
            let said = String::from_utf8(out.stderr).unwrap();
            assert!(said.contains("from 1 to 256"), "{call:?} {threads}: {said}");
        }
    }
}

#[test]
fn a_short_result_is_refused_and_the_run_is_done_here() {
    for (name, text) in JOBS {
        let alone = dealt(name, text, 0, 0).0;
        let mut job = job_of(name, text);
        let runs = job.runs().unwrap();
        let own = runs.give().unwrap();
        for few in [0, 1, 2, 7] {
            let refused = runs.receive(own, vec![0.5; few]).unwrap_err().to_string();
            assert!(refused.contains(&format!("{few} numbers")), "{refused}");
        }
        runs.take_back(own);
        let mut points = vec![];
        while !job.advance(PIECE) {}
        told(job.as_mut(), &mut points);
        assert_eq!(points, alone, "{name} {text}");
    }
}

/// The numbers at the end of a run, of which others do some parts; what the first of those find is lost.
fn numbers(text: &str, others: usize, mut lost: usize) -> Vec<Option<u64>> {
    let mut run = run_of(opened(text).as_ref());
    while !run.advance(1 << 20) {}
    let last = run.frames() - 1;
    let asked = run.ask("metrics", &Args(vec![("frame".into(), vec![last as f64])]));
    let mut task = asked.unwrap();
    let mut elsewhere: Vec<(Task, Option<usize>)> = (0..others)
        .map(|_| {
            opened(text)
                .numbers(Side::A, task.given().to_vec())
                .unwrap()
        })
        .map(|other| (other, None))
        .collect();
    let mut moved = 0;
    while !task.advance(PIECE).unwrap() {
        let runs = task.runs().unwrap();
        for (other, held) in &mut elsewhere {
            *held = held.or_else(|| runs.give());
            let Some(own) = *held else { continue };
            let Alone { found, .. } = other.runs().unwrap().alone(own, PIECE);
            *held = None;
            moved += 1;
            if lost > 0 {
                lost -= 1;
                runs.take_back(own);
            } else {
                runs.receive(own, found.unwrap()).unwrap();
            }
        }
    }
    assert!(others == 0 || moved > others, "{moved} parts were moved");
    let told = answer::of_type::<Option<Metrics>>(task.answer().unwrap());
    let rows = told.flatten().unwrap().rows;
    rows.iter().map(|row| row.value.map(f64::to_bits)).collect()
}

#[test]
fn numbers_whose_parts_are_done_elsewhere_have_the_same_bits() {
    for text in [
        "lab=toy2d&target=moons&n=1300&steps=4&seed=1",
        "lab=torus&n=700&steps=4&seed=2",
    ] {
        let alone = numbers(text, 0, 0);
        assert!(alone.iter().all(Option::is_some) && alone.len() > 1);
        for (others, lost) in [(1, 0), (7, 0), (2, 3)] {
            assert_eq!(numbers(text, others, lost), alone, "{text}: {others}");
        }
    }
}

/// Where the parts of the numbers do not go alone, nothing is given away.
#[test]
fn numbers_that_are_cheap_are_not_shared_out() {
    let text = "lab=toy1d&n=500&steps=4";
    let mut run = run_of(opened(text).as_ref());
    while !run.advance(1 << 20) {}
    let last = run.frames() - 1;
    let asked = run.ask("metrics", &Args(vec![("frame".into(), vec![last as f64])]));
    assert!(asked.unwrap().runs().is_none());
    assert!(opened(text).numbers(Side::A, vec![]).is_err());
}
