//! The lab of filters: its keys, its runs in pieces, its exact filter, its errors.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::labs::link::{self, Mode, Side};
use scorefield::labs::{self, Args, Engine, Experiment, Runner};
use serde_json::Value;
use std::sync::{Mutex, MutexGuard, PoisonError};

fn open(text: &str) -> Box<dyn Experiment> {
    let link = link::decode(text, Mode::Strict).unwrap_or_else(|e| panic!("{text}: {e}"));
    labs::open(&link.link).unwrap()
}

fn run_in(text: &str, side: Side, work: usize) -> Box<dyn Runner> {
    let mut run = open(text)
        .run(side, &Engine::Host)
        .unwrap_or_else(|e| panic!("{text}: {e}"));
    while !run.advance(work) {
        run.check().unwrap_or_else(|e| panic!("{text}: {e}"));
    }
    run.check().unwrap_or_else(|e| panic!("{text}: {e}"));
    run
}

fn run(text: &str) -> Box<dyn Runner> {
    run_in(text, Side::A, 1 << 22)
}

fn asked(run: &dyn Runner, name: &str, key: &str, at: usize) -> Value {
    let args = Args(vec![(key.into(), vec![at as f64])]);
    run.ask(name, &args).unwrap().finish().unwrap().json()
}

/// A number of the last frame.
fn number(run: &dyn Runner, key: &str) -> f64 {
    let metrics = asked(run, "metrics", "frame", run.steps());
    let rows = metrics["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["key"] == key).unwrap();
    row["value"].as_f64().unwrap()
}

fn exact(text: &str) -> Value {
    let asked = open(text).ask(Side::A, "exact", &Args::default());
    asked.unwrap().finish().unwrap().json()
}

fn reals(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap().iter();
    list.map(|x| x.as_f64().unwrap()).collect()
}

/// Small links of every method, on every model that it fits.
const LINKS: [&str; 17] = [
    "lab=filter&cycles=3&n=30",
    "lab=filter&cycles=3&n=30&prior=gauss&langevin=ula",
    "lab=filter&cycles=3&n=30&prior=ism&start=weighted",
    "lab=filter&cycles=1&n=20&prior=dsm",
    "lab=filter&cycles=3&n=30&method=ensf",
    "lab=filter&cycles=3&n=30&method=ensf&likelihood=exact&scale=none",
    "lab=filter&cycles=3&n=30&method=pf&operator=abs",
    "lab=filter&cycles=3&n=30&method=enkf&operator=cubic&noise-y=1",
    "lab=filter&cycles=3&n=30&method=etkf",
    "lab=filter&cycles=3&method=ekf&operator=arctan",
    "lab=filter&cycles=3&method=exact",
    "lab=filter&cycles=3&method=free&n=7",
    "lab=filter&model=spiral&cycles=4&method=climatology",
    "lab=filter&model=static&states=3&cycles=2&method=exact",
    "lab=filter&model=lorenz63&cycles=3&method=var3d",
    "lab=filter&model=lorenz96&states=8&cycles=4&method=letkf&n=6",
    "lab=filter&model=lorenz96&states=8&cycles=4&method=ensf&n=6&every=2&coordinates=2",
];

#[test]
fn pieces_of_any_size_give_the_bits_of_the_whole() {
    for text in LINKS {
        let whole = run(text);
        let frames = |run: &mut Box<dyn Runner>| run.take().unwrap();
        for work in [1, 3000] {
            let mut pieces = run_in(text, Side::A, work);
            assert_eq!(
                pieces.samples().unwrap(),
                whole.samples().unwrap(),
                "{text}"
            );
            let last = pieces.steps();
            let ask = |run: &dyn Runner| asked(run, "metrics", "frame", last).to_string();
            assert_eq!(ask(pieces.as_ref()), ask(whole.as_ref()), "{text}");
            let frames = frames(&mut pieces);
            assert_eq!((frames.from, frames.to), (0, last + 1), "{text}");
        }
    }
}

#[test]
fn what_is_done_adds_up_to_what_was_announced() {
    for text in LINKS {
        let run = run(text);
        let (done, all) = (run.evaluations() as f64, run.total() as f64);
        assert!((done / all - 1.0).abs() < 0.05, "{text}: {done} of {all}");
    }
}

#[test]
fn methods_see_the_same_truth_and_the_same_observations() {
    let scene = |text: &str| open(text).scene(Side::A).unwrap().finish().unwrap().json();
    let own = scene("lab=filter&seed=1");
    for other in [
        "lab=filter&method=enkf&n=17&seed=1",
        "lab=filter&method=exact&seed=2",
        "lab=filter&method=pf&inflation=1&seed=3",
    ] {
        let Ok(link) = link::decode(other, Mode::Strict) else {
            continue;
        };
        let other = scene(&link::encode(&link.link));
        assert_eq!(own["truth"], other["truth"]);
        assert_eq!(own["y"], other["y"]);
    }
    let moved = scene("lab=filter&truth-seed=1&seed=1");
    assert_ne!(own["truth"], moved["truth"]);
    // The truth may have other numbers than the filter knows.
    let error = scene("lab=filter&truth.noise-x=0.1&seed=1");
    assert_ne!(own["truth"], error["truth"]);
    // Both sides of a comparison.
    let both = "lab=filter&cycles=4&n=20&b.method=pf";
    let sides = [Side::A, Side::B].map(|side| {
        let scene = open(both).scene(side).unwrap().finish().unwrap().json();
        scene["y"].clone()
    });
    assert_eq!(sides[0], sides[1]);
}

/// SCIENCE_FILTER: X₀ ~ N(−1, .3²), T = 2, sd 1, these observations.
#[test]
fn the_exact_density_of_a_link_has_the_known_means_and_deviations() {
    let told = exact("lab=filter&initial=-1;0.3&cycles=5&y=-1.1,-0.8,0.9,0.7,1.2&method=exact");
    for (own, known) in [
        (
            &told["mean"],
            [-0.89831, -0.85069, -0.36149, 0.14013, 0.72707],
        ),
        (&told["sd"], [0.31832, 0.36285, 0.69271, 0.81879, 0.56578]),
    ] {
        for (own, known) in reals(own)[1..].iter().zip(known) {
            assert!((own - known).abs() < 1.1e-5, "{own} {known}");
        }
    }
    let count = told["xs"].as_array().unwrap().len();
    assert_eq!(told["density"].as_array().unwrap().len(), 6 * count);
    assert_eq!(told["fault"], "");
}

#[test]
fn the_kalman_filter_of_a_link_has_the_steady_deviation() {
    let told = exact("lab=filter&model=ar1&cycles=60&method=exact");
    let sd = reals(&told["sd"]);
    assert!((sd[60] - 0.369_427).abs() < 1e-6, "{}", sd[60]);
    assert!((reals(&told["before_sd"])[60].powi(2) - 0.300_546).abs() < 1e-6);
}

/// √T-law: the distance of a sample falls as 1/√N, and the exact filter has none.
#[test]
fn more_particles_are_nearer_to_the_exact_law() {
    let w1 = |n: usize| {
        let text = format!("lab=filter&model=ar1&method=pf&cycles=200&n={n}");
        number(run(&text).as_ref(), "w1")
    };
    let (few, many) = (w1(100), w1(1600));
    assert!((2.8..5.7).contains(&(few / many)), "{few} {many}");
    let own = run("lab=filter&method=exact");
    assert!(number(own.as_ref(), "w1") < 1e-6);
}

#[test]
fn an_update_is_kept_whole() {
    let run = run("lab=filter&model=ar1&method=pf&cycles=6&n=50&every=2");
    let update = asked(run.as_ref(), "update", "cycle", 4);
    assert_eq!(update["cycle"], 4);
    let weights = reals(&update["weights"]);
    assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-5);
    let forecast = reals(&update["forecast"]);
    let analysis = reals(&update["analysis"]);
    for (x, j) in analysis.iter().zip(reals(&update["ancestors"])) {
        assert_eq!(*x, forecast[j as usize]);
    }
    // Between two observations there is none: the one before is shown.
    assert_eq!(asked(run.as_ref(), "update", "cycle", 5)["cycle"], 4);
}

/// 10⁵ members for 200 cycles keep summaries, a few members, and few updates.
#[test]
fn the_frames_of_a_large_run_are_bounded() {
    let text = "lab=filter&model=ar1&method=pf&cycles=2000&n=100000";
    let link = link::decode(text, Mode::Strict).unwrap().link;
    let experiment = labs::open(&link).unwrap();
    let scene = experiment.scene(Side::A).unwrap().finish().unwrap().json();
    let shown = scene["shown"].as_u64().unwrap();
    assert!(shown * 2001 <= 1_000_000, "{shown}");
    let page = labs::memory::Holder::Page;
    assert!(labs::memory::check(experiment.as_ref(), 200_000_000, page).is_ok());
    let run = run("lab=filter&model=ar1&method=enkf&cycles=20&n=100000");
    let stride = &asked(run.as_ref(), "update", "cycle", 20)["stride"];
    assert!(stride.as_u64().unwrap() > 1);
}

#[test]
fn a_filter_that_overflows_says_so_with_its_cycle_and_keeps_its_frames() {
    let text = "lab=filter&model=lorenz96&coordinates=2&method=ensf&cycles=200&n=40";
    let mut run = open(text).run(Side::A, &Engine::Host).unwrap();
    while !run.advance(1 << 20) {
        assert!(run.check().is_ok());
    }
    let fault = run.check().unwrap_err().to_string();
    assert!(
        fault.contains("Cycle") && fault.contains("overflowed"),
        "{fault}"
    );
    assert!(fault.contains("more members"), "{fault}");
    let frames = run.take().unwrap();
    assert!(frames.to > 10 && frames.to < 200);
    assert!(frames.array("mean").iter().all(|x| x.is_finite()));
    assert!(run.samples().is_err());
}

#[test]
fn what_does_not_fit_is_refused_before_the_run_with_the_remedy() {
    let refused = |text: &str| {
        let link = link::decode(text, Mode::Strict);
        match link {
            Err(error) => error.message,
            Ok(read) => match labs::open(&read.link).unwrap().plan(Side::A) {
                Err(error) => error.to_string(),
                Ok(_) => panic!("{text} is accepted"),
            },
        }
    };
    for (text, why) in [
        ("lab=filter&method=letkf", "needs the model Lorenz-96"),
        ("lab=filter&method=reference", "the model Lorenz-63"),
        ("lab=filter&model=lorenz63&method=exact", "exact filter for"),
        ("lab=filter&model=lorenz63&method=ekf", "tangent"),
        (
            "lab=filter&model=ar1&operator=abs&method=exact",
            "observed as they are",
        ),
        ("lab=filter&dt=0.2", "0.001 to 0.1"),
        ("lab=filter&wells=5&dt=0.05", "not stable"),
        ("lab=filter&model=ar1&dt=0.5", "needs model=double-well"),
        ("lab=filter&model=ar1&interval=1.5", "whole number"),
        ("lab=filter&locality=3", "needs model=lorenz96"),
        ("lab=filter&model=lorenz63&mask=0,3", "from 0 to 2"),
        ("lab=filter&observed=0,3", "from 1 to 40"),
        ("lab=filter&observed=41", "from 1 to 40"),
        ("lab=filter&y=1,2", "40 numbers"),
        ("lab=filter&n=1", "2 to"),
        ("lab=filter&prior=ism&n=3", "5 to"),
        ("lab=filter&prior=dsm&n=9", "10 to"),
        ("lab=filter&model=lorenz96&prior=ism", "at most 10"),
        (
            "lab=filter&anneal=20&langevin-steps=10",
            "needs a Langevin step",
        ),
        (
            "lab=filter&method=ensf&pairing=own&likelihood=exact",
            "pairing All members",
        ),
        ("lab=filter&method=exact&n=5", "a method with members"),
        ("lab=filter&method=pf&steps=5", "needs method=ensf"),
        ("lab=filter&initial=-1,1;0.3", "the rows have 2, 1 numbers"),
        (
            "lab=filter&initial=-1,1;0.1,0.1;0,1",
            "each weight, in the third row, must be above 0",
        ),
        (
            "lab=filter&initial=0;-1",
            "standard deviation, in the second row, must be at least 0",
        ),
        ("lab=filter&sampler=heun", "does not apply to lab=filter"),
    ] {
        let said = refused(text);
        assert!(said.contains(why), "{text}: {said}");
    }
}

/// The exact filter may fail where the run does not: the run goes on, and the answer says why.
#[test]
fn a_run_goes_on_where_the_exact_filter_ends() {
    let far = "lab=filter&cycles=3&method=pf&y=0,1000,0&noise-y=0.5";
    let told = exact(far);
    assert_eq!(reals(&told["mean"]).len(), 2);
    let why = told["fault"].as_str().unwrap();
    assert!(why.starts_with("Cycle 2") && why.contains("grid"), "{why}");
    assert_eq!(run(far).frames(), 4);
}

#[test]
fn a_compared_link_opens_with_another_method() {
    let link = link::decode("lab=filter&seed=0", Mode::Strict)
        .unwrap()
        .link;
    let both = link::compare(&link, true);
    assert_eq!(link::encode(&both), "v=1&lab=filter&b.method=enkf&seed=0");
    let one = link::decode("lab=filter&method=exact&seed=0", Mode::Strict);
    let same = link::compare(&one.unwrap().link, true);
    let again = link::decode(&link::encode(&same), Mode::Strict).unwrap();
    assert_eq!(again.link, same);
}

/// Larger runs with the least number of calls of 100,000 units (about 2 ms) each that they take.
#[test]
fn large_updates_are_cut_into_pieces() {
    for (text, least) in [
        ("lab=filter&cycles=3&n=2000", 97),
        ("lab=filter&cycles=4&n=100000&method=pf", 280),
        ("lab=filter&cycles=2&n=1000&prior=ism", 4),
        ("lab=filter&cycles=1&n=400&prior=dsm", 71),
        (
            "lab=filter&model=lorenz96&states=200&cycles=2&n=500&method=enkf",
            40,
        ),
        (
            "lab=filter&model=lorenz96&states=200&cycles=2&n=500&method=etkf",
            45,
        ),
        (
            "lab=filter&model=lorenz96&states=200&cycles=2&n=20&method=letkf",
            5,
        ),
        (
            "lab=filter&model=lorenz96&states=200&cycles=1&n=100&method=ssls",
            88,
        ),
        (
            "lab=filter&model=lorenz96&states=200&cycles=1&method=var3d",
            60,
        ),
        ("lab=filter&model=lorenz63&cycles=2&method=reference", 9),
    ] {
        let mut run = open(text).run(Side::A, &Engine::Host).unwrap();
        let mut calls = 1;
        while !run.advance(100_000) {
            run.check().unwrap_or_else(|e| panic!("{text}: {e}"));
            calls += 1;
        }
        assert!(calls >= least, "{text}: {calls} calls");
    }
}

/// The truth of a scene and the exact filter of an answer are cut, too.
#[test]
fn scenes_and_the_exact_filter_come_in_pieces() {
    for (text, question) in [
        (
            "lab=filter&model=lorenz96&states=200&cycles=400&interval=1&dt=0.01",
            None,
        ),
        ("lab=filter&cycles=400&method=pf", Some("exact")),
    ] {
        let own = open(text);
        let mut task = match question {
            None => own.scene(Side::A).unwrap(),
            Some(name) => own.ask(Side::A, name, &Args::default()).unwrap(),
        };
        let mut pieces = 1;
        while !task.advance(1).unwrap() {
            pieces += 1;
        }
        assert!(pieces > 30, "{text}: {pieces}");
    }
}

#[test]
fn a_filter_that_loses_the_truth_is_noticed_with_its_cycle() {
    let lost = run("lab=filter&model=lorenz96&method=enkf&n=20&inflation=1.01&cycles=200");
    let said = lost.warnings().join(" ");
    assert!(
        said.starts_with("Cycle ") && said.contains("lost the truth"),
        "{said}"
    );
    let told = lost
        .ask("notice", &Args::default())
        .unwrap()
        .finish()
        .unwrap();
    assert_eq!(told.json(), said.as_str());
    let good = run("lab=filter&model=lorenz96&method=letkf&n=20&cycles=200");
    assert!(good.warnings().is_empty());
}

/// What is refused has a valid link beside it, where one is near.
#[test]
fn an_unobserved_cycle_is_left_out_of_the_nearest_link() {
    let error = link::decode("lab=filter&observed=0,3,50", Mode::Strict).unwrap_err();
    let said = format!("{:?}", error.fix);
    assert!(said.contains("\"3\""), "{said}");
}

/// Of a list of observed cycles the burn-in leaves some that count.
#[test]
fn the_burn_in_of_a_list_leaves_observed_cycles() {
    for (text, burn_in) in [
        ("lab=filter", 4),
        ("lab=filter&every=5", 4),
        ("lab=filter&observed=1,2", 0),
        ("lab=filter&observed=1,2,3,4,5,6,7,8,9,10", 1),
        ("lab=filter&model=lorenz96&observed=100,200,300,400", 200),
        ("lab=filter&model=lorenz96&observed=10,20", 10),
    ] {
        let read = link::decode(text, Mode::Strict).unwrap();
        assert_eq!(read.link.a.int("burn-in"), Some(burn_in), "{text}");
    }
    let run = run("lab=filter&observed=1,2&method=pf");
    assert!(number(run.as_ref(), "rmse") > 0.0);
}

/// The failure of a run, or its warnings.
fn told(text: &str) -> String {
    let mut run = open(text).run(Side::A, &Engine::Host).unwrap();
    while !run.advance(1 << 22) {
        if run.check().is_err() {
            break;
        }
    }
    match run.check() {
        Err(fault) => fault.to_string(),
        Ok(()) => run.warnings().join(" "),
    }
}

/// A run beside an exact filter that ends early says so, with the reason, and so do its numbers.
#[test]
fn an_exact_filter_that_ends_early_is_told() {
    let text = "lab=filter&y=1e6&observed=1&method=pf";
    let run = run(text);
    let said = run.warnings().join(" ");
    for part in [
        "The exact filter ends early. Cycle 1",
        "outside of the grid",
        "key y",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let metrics = asked(run.as_ref(), "metrics", "frame", run.steps());
    for row in metrics["rows"].as_array().unwrap() {
        let words = row["reference_label"].as_str().unwrap();
        assert!(
            row["key"] == "ess" || words.contains("The exact filter ends early"),
            "{row}"
        );
    }
    // The notice of the page has all of it.
    let notice = run.ask("notice", &Args::default()).unwrap().finish();
    assert_eq!(notice.unwrap().json(), said.as_str());
    // Too narrow a law for a grid.
    let said = told("lab=filter&initial=0;0&method=pf&n=20&cycles=4");
    assert!(said.contains("no exact filter beside the run"), "{said}");
    // Wells that are allowed have an exact filter up to the end.
    for text in [
        "lab=filter&wells=10&method=pf",
        "lab=filter&noise-x=0.05&method=pf",
        "lab=filter&wells=0.1&noise-x=2&method=pf",
        "lab=filter&wells=10&dt=0.001&method=pf",
    ] {
        let said = told(text);
        assert!(!said.contains("exact filter"), "{text}: {said}");
    }
}

#[test]
fn a_run_without_a_cycle_that_counts_is_warned() {
    let said = told("lab=filter&observed=1,2&burn-in=5&method=pf");
    assert!(
        said.contains("No observed cycle comes after the burn-in of 5"),
        "{said}"
    );
    assert_eq!(told("lab=filter&method=pf"), "");
}

/// A remedy names keys that the link can have, and the causes that stand in it.
#[test]
fn a_remedy_fits_the_method_and_the_model() {
    for (text, has, lacks) in [
        (
            "lab=filter&operator=cubic&noise-y=0.01",
            "smaller langevin-step",
            "localisation",
        ),
        (
            "lab=filter&method=ensf&steps=2&implicit=no",
            "implicit=yes, more steps",
            "attractor",
        ),
        ("lab=filter&method=ensf&steps=2", "more steps", "implicit"),
        (
            "lab=filter&y=1e6&observed=1",
            "stand in the key y",
            "attractor",
        ),
        (
            "lab=filter&model=lorenz96&truth.forcing=20&method=letkf&cycles=30",
            "truth.forcing=20. Give both the same",
            "key y",
        ),
        (
            "lab=filter&model=lorenz96&coordinates=2&method=ensf&cycles=200&n=40",
            "the analysis of cycle",
            "dt",
        ),
        (
            "lab=filter&model=static&method=pf",
            "jitter above 0, or more members",
            "model-noise",
        ),
        (
            "lab=filter&operator=abs&method=ekf&noise-y=0.01",
            "filter diverged",
            "lost the truth",
        ),
    ] {
        let said = told(text);
        assert!(
            said.contains(has) && !said.contains(lacks),
            "{text}: {said}"
        );
    }
    // What the first remedies say does help.
    for text in [
        "lab=filter&operator=cubic&noise-y=0.01&langevin-step=0.05",
        "lab=filter&operator=cubic&noise-y=0.01&prior=gauss",
        "lab=filter&method=ensf&steps=60",
    ] {
        let said = told(text);
        assert!(!said.contains("overflowed"), "{text}: {said}");
    }
}

/// After a collapse all weights are equal, so that 1/Σw² is N: the number says how many members are different.
#[test]
fn the_effective_number_says_how_many_members_are_different() {
    let run = run("lab=filter&model=static&method=pf");
    let metrics = asked(run.as_ref(), "metrics", "frame", run.steps());
    let rows = metrics["rows"].as_array().unwrap();
    let ess = rows.iter().find(|row| row["key"] == "ess").unwrap();
    let words = ess["reference_label"].as_str().unwrap();
    assert!(
        words.starts_with("Of 200 members, of which 1 is different"),
        "{words}"
    );
}

/// Few references stay at hand in a process: tests that compute them take turns.
static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The points of the job that computes the reference of a link.
fn reference(text: &str, work: usize) -> Vec<Value> {
    let mut job = open(text).job("reference").unwrap();
    while !job.prepare() {}
    let mut points = vec![];
    while !job.advance(work) {
        points.extend(job.take());
    }
    points.extend(job.take());
    assert_eq!(job.done(), job.total());
    points.iter().map(|point| point.json()).collect()
}

fn energy(run: &dyn Runner) -> Value {
    let asked = run.ask("energy", &Args::default());
    asked.unwrap().finish().unwrap().json()
}

/// The job has the numbers of a particle filter of 16,384 members; pieces of any size give the same.
#[test]
fn the_reference_is_a_large_particle_filter_on_the_same_truth() {
    let _turn = turn();
    let own = "lab=filter&model=lorenz63&cycles=4&method=enkf&n=20&truth-seed=3&every=2&seed=1";
    let points = reference(own, usize::MAX);
    let truth = open(own).scene(Side::A).unwrap().finish().unwrap().json();
    assert_eq!(truth["reference"], true);
    assert_eq!(points.len(), 5);
    for (k, point) in points.iter().enumerate() {
        assert_eq!(point["cycle"], k);
        assert_eq!(point["sides"], serde_json::json!(["a"]));
        let [mean, sd, before] = ["mean", "sd", "before_sd"].map(|key| reals(&point[key]));
        let bands = reals(&point["bands"]);
        for i in 0..3 {
            let x = truth["truth"][3 * k + i].as_f64().unwrap();
            assert!(
                (mean[i] - x).abs() < 5.0 * sd[i],
                "{k} {i}: {} {x}",
                mean[i]
            );
            assert!(bands[4 * i] < mean[i] && mean[i] < bands[4 * i + 3]);
            // At a cycle that is not observed nothing is learned.
            assert_eq!(sd[i] < before[i], k == 2 || k == 4, "{k} {i}");
            let width = point["axis"][2 * i + 1].as_f64().unwrap();
            let density = reals(&point["density"]);
            let mass: f64 = density[60 * i..60 * (i + 1)].iter().sum::<f64>() * width;
            assert!((mass - 1.0).abs() < 1e-4, "{mass}");
        }
        assert_eq!(reals(&point["members"]).len(), 900);
    }
    // Another method, another seed, another link: the same reference. It is at hand, so no work is needed.
    let other = "lab=filter&model=lorenz63&cycles=4&method=pf&n=50&truth-seed=3&every=2&seed=2";
    let mut job = open(other).job("reference").unwrap();
    assert_eq!(job.done(), job.total());
    let again: Vec<Value> = job.take().iter().map(|point| point.json()).collect();
    assert_eq!(again, points);
    // Small pieces, of a truth of its own.
    let whole = reference(
        "lab=filter&model=lorenz63&cycles=1&truth-seed=4&n=2",
        usize::MAX,
    );
    let _ = reference(
        "lab=filter&model=lorenz63&cycles=1&truth-seed=5&n=2",
        usize::MAX,
    );
    let _ = reference(
        "lab=filter&model=lorenz63&cycles=1&truth-seed=6&n=2",
        usize::MAX,
    );
    let pieces = reference(
        "lab=filter&model=lorenz63&cycles=1&truth-seed=4&n=2",
        30_000,
    );
    assert_eq!(pieces, whole);
}

/// Sides with one truth share a reference; a side without one has none, and a link without any is refused.
#[test]
fn sides_share_a_reference_where_their_truth_is_the_same() {
    let _turn = turn();
    let sides = |text: &str| -> Vec<Value> {
        let points = reference(text, usize::MAX);
        points.iter().map(|point| point["sides"].clone()).collect()
    };
    let base = "lab=filter&model=lorenz63&cycles=1&n=2";
    let both = serde_json::json!(["a", "b"]);
    let [a, b] = [["a"], ["b"]].map(|side| serde_json::json!(side));
    assert_eq!(
        sides(&format!("{base}&b.method=enkf")),
        [both.clone(), both]
    );
    let two = sides(&format!("{base}&b.noise-y=1"));
    assert_eq!(two, [a.clone(), a.clone(), b.clone(), b]);
    let one = sides(&format!("{base}&b.model=ar1"));
    assert_eq!(one, [a.clone(), a]);
    let Err(refused) = open("lab=filter").job("reference") else {
        panic!("the double well has a reference");
    };
    assert!(refused.to_string().contains("model=lorenz63"), "{refused}");
}

/// Before the reference is there, nothing is said of a distance to it; then a particle filter is nearer than an EnKF, and
/// no method is as near as an independent sample. Another run of the reference is as near as that.
#[test]
fn the_energy_distance_tells_a_particle_filter_from_an_enkf() {
    let _turn = turn();
    let link =
        |rest: &str| format!("lab=filter&model=lorenz63&cycles=30&truth-seed=2&{rest}&seed=0");
    let text = link("method=pf&n=800");
    let pf = run(&text);
    assert_eq!(energy(pf.as_ref()), Value::Null);
    let points = reference(&text, usize::MAX);
    assert_eq!(points.len(), 31);
    let mean = |run: &dyn Runner| {
        let told = energy(run);
        let [distance, perfect] = ["distance", "perfect"].map(|key| reals(&told[key]));
        assert_eq!((distance.len(), perfect.len()), (31, 31));
        let mean = |all: &[f64]| all[4..].iter().sum::<f64>() / 27.0;
        (mean(&distance), mean(&perfect))
    };
    let enkf = run(&link("method=enkf&n=100"));
    let other = run(&link("method=reference"));
    let (far, of_100) = mean(enkf.as_ref());
    let (near, of_800) = mean(pf.as_ref());
    let (own, of_1024) = mean(other.as_ref());
    assert!(far > 4.0 * near && near > of_800, "{far} {near} {of_800}");
    assert!(of_100 > 2.0 * of_800 && of_800 > of_1024);
    assert!(own < 2.0 * of_1024, "{own} {of_1024}");
    // A law without members has no members to compare.
    let law = run(&link("method=var3d"));
    assert_eq!(energy(law.as_ref()), Value::Null);
}

/// The exact filter with values that are tried out is that of the link with these values.
#[test]
fn tried_observations_have_the_posterior_of_their_link() {
    for model in ["model=double-well", "model=ar1"] {
        let y = "-1.1,-0.8,0.9,0.7,1.2";
        let plain = format!("lab=filter&{model}&cycles=6&observed=1,2,3,4,6");
        let own = exact(&format!("{plain}&y={y}"));
        let values = y.split(',').map(|x| x.parse().unwrap()).collect();
        let experiment = open(&plain);
        let args = Args(vec![("y".into(), values)]);
        let tried = experiment.ask(Side::A, "posterior", &args).unwrap();
        let tried = tried.finish().unwrap().json();
        for key in ["xs", "mean", "sd", "before", "density", "prior", "fault"] {
            assert_eq!(tried[key], own[key], "{model} {key}");
        }
        assert_ne!(exact(&plain)["mean"], own["mean"]);
        let few = Args(vec![("y".into(), vec![1.0])]);
        let Err(refused) = experiment.ask(Side::A, "posterior", &few).unwrap().finish() else {
            panic!("one value is accepted");
        };
        assert!(refused.to_string().contains("Give 5"), "{refused}");
    }
}

/// Members that keep their weights are recorded with them: 1 is the weight of equal members.
#[test]
fn weights_that_members_keep_are_recorded() {
    let mut kept = run("lab=filter&method=pf&cycles=6&n=40&resample=0");
    let frames = kept.take().unwrap();
    let weights = frames.array("weights");
    assert_eq!(weights.len(), 7 * 40);
    assert!(weights[..40].iter().all(|w| *w == 1.0));
    for own in weights.chunks(40) {
        assert!((own.iter().sum::<f32>() - 40.0).abs() < 1e-3);
    }
    let update = asked(kept.as_ref(), "update", "cycle", 1);
    for (w, own) in reals(&update["weights"]).iter().zip(&weights[40..80]) {
        assert!((40.0 * w - f64::from(*own)).abs() < 1e-5);
    }
    assert_eq!(update["keeps"], true);
    assert!(reals(&update["carried"]).is_empty());
    let next = asked(kept.as_ref(), "update", "cycle", 2);
    for (w, own) in reals(&next["carried"])
        .iter()
        .zip(reals(&update["weights"]))
    {
        assert!((w - own).abs() < 1e-7);
    }
    let mut equal = run("lab=filter&method=pf&cycles=6&n=40");
    assert!(equal.take().unwrap().array("weights").is_empty());
}

/// The flatness of a frame is that of its counts, with the ranks that fall into each bin.
#[test]
fn every_frame_has_the_flatness_of_its_ranks() {
    let mut run = run("lab=filter&method=enkf&cycles=60&n=13&burn-in=0");
    let frames = run.take().unwrap();
    let (counts, flatness) = (frames.array("ranks"), frames.array("flatness"));
    // 14 ranks in 10 bins: four of them have two.
    let ranks = [2, 1, 2, 1, 1, 2, 1, 2, 1, 1].map(f64::from);
    let all = 60.0;
    let term = |(n, r): (&f32, &f64)| {
        let expected = all * r / 14.0;
        (f64::from(*n) - expected).powi(2) / expected
    };
    let known = counts[600..].iter().zip(&ranks).map(term).sum::<f64>() / 9.0;
    assert!(
        (known - f64::from(flatness[60])).abs() < 1e-5,
        "{known} {}",
        flatness[60]
    );
    assert!(flatness[0].is_nan());
}

/// The score of some steps stands beside the paths: at each of them it is that of the places where it acts.
#[test]
fn an_update_by_a_score_keeps_the_score_of_some_steps() {
    let run = run("lab=filter&model=ar1&prior=gauss&cycles=2&n=50");
    let update = asked(run.as_ref(), "update", "cycle", 2);
    let [axis, field, forecast] =
        ["field_axis", "field", "forecast"].map(|key| reals(&update[key]));
    let steps = reals(&update["field_steps"]);
    assert_eq!((axis.len(), steps.len(), field.len()), (2, 8, 8 * 81));
    assert_eq!((steps[0], steps[7]), (1.0, 20.0));
    // The score of the normal prior and of the likelihood: a line of slope −1/C − 1/R.
    let mean = forecast.iter().sum::<f64>() / 50.0;
    let c = forecast.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 49.0;
    let slope = (field[80] - field[0]) / (80.0 * axis[1]);
    assert!(
        (slope * (1.0 / c + 4.0).recip() + 1.0).abs() < 1e-3,
        "{slope} {c}"
    );
    let none = self::run("lab=filter&method=pf&cycles=2&n=50");
    let update = asked(none.as_ref(), "update", "cycle", 2);
    assert!(reals(&update["field"]).is_empty());
}

/// `initial=model` is the default, and takes the law of side a away from side b.
#[test]
fn the_law_of_the_model_has_a_word() {
    let read = |text: &str| link::decode(text, Mode::Strict).unwrap().link;
    let own = read("lab=filter&initial=model&seed=0");
    assert_eq!(own, read("lab=filter&seed=0"));
    assert_eq!(link::encode(&own), "v=1&lab=filter&seed=0");
    let both = "v=1&lab=filter&initial=-1;0.3&b.initial=model&seed=0";
    assert_eq!(link::encode(&read(both)), both);
    let start = |side| {
        let asked = open(both).ask(side, "exact", &Args::default());
        asked.unwrap().finish().unwrap().json()["mean"][0]
            .as_f64()
            .unwrap()
    };
    assert!((start(Side::A) + 1.0).abs() < 1e-9 && start(Side::B).abs() < 1e-9);
    let error = link::decode("lab=filter&initial=models", Mode::Strict).unwrap_err();
    assert!(
        error.message.contains("or the word model,"),
        "{}",
        error.message
    );
}
