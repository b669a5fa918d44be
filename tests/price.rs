//! The price of a run is known before it: what is said of its time rests on it.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::labs::link::{self, Mode, Side};
use scorefield::labs::{self, Args, Engine, Runner};

fn start(text: &str) -> Box<dyn Runner> {
    let link = link::decode(text, Mode::Strict).unwrap_or_else(|e| panic!("{text}: {e}"));
    labs::open(&link.link)
        .unwrap()
        .run(Side::A, &Engine::Host)
        .unwrap()
}

/// Units of work, as they are announced before the run.
fn announced(run: &dyn Runner) -> f64 {
    let asked = run.ask("price", &Args::default()).unwrap();
    asked.finish().unwrap().json().as_f64().unwrap()
}

/// What a run takes over what was announced.
fn ratio(text: &str) -> f64 {
    let mut run = start(text);
    let before = announced(run.as_ref());
    while !run.is_done() {
        run.advance(1 << 22);
        run.check().unwrap_or_else(|e| panic!("{text}: {e}"));
    }
    run.work() as f64 / before
}

#[test]
fn the_price_of_a_run_is_what_it_takes() {
    // Laws: nothing depends on the particles.
    for text in [
        "lab=toy1d&n=3000&seed=0",
        "lab=toy1d&target=comb&teeth=16&n=3000&sampler=heun&steps=30&process=edm&seed=0",
        "lab=toy1d&score=empirical&m=500&n=2000&sampler=pc&steps=20&process=vp&seed=0",
        "lab=toy1d&target=mixture&sampler=langevin&steps=20&n=5000&process=edm&seed=0",
        "lab=toy2d&target=swissroll&n=2000&seed=0",
        "lab=torus&n=600&steps=10&seed=0",
        "lab=lgssm&method=exact&length=40&n=300&seed=0",
        "lab=lgssm&guidance=none&length=20&n=300&seed=0",
    ] {
        let own = ratio(text);
        assert!((own - 1.0).abs() < 0.01, "{text}: {own}");
    }
}

#[test]
fn products_of_guidance_are_counted_in_a_trial_before_the_run() {
    const MODEL: &str = "model=custom&T=0.9,0.1;0,0.8&Q=1,0;0,1&O=1,0;0,1&R=1,0;0,1";
    for text in [
        "lab=lgssm&length=33&n=64&seed=0".to_owned(),
        "lab=lgssm&length=200&every=1&n=16&seed=0".to_owned(),
        "lab=lgssm&length=50&guidance=dps&n=64&seed=0".to_owned(),
        "lab=lgssm&length=50&guidance=pigdm&score=blanket&k=3&n=64&seed=0".to_owned(),
        "lab=lgssm&length=60&operator=window&n=32&seed=0".to_owned(),
        "lab=lgssm&length=60&operator=saturating&every=2&n=16&seed=0".to_owned(),
        format!("lab=lgssm&{MODEL}&length=40&every=1&n=16&seed=0"),
        "lab=lgssm&length=40&method=ar&context=3&horizon=6&n=32&seed=0".to_owned(),
        "lab=lgssm&length=40&every=2&sampler=langevin&steps=60&n=16&seed=0".to_owned(),
    ] {
        let own = ratio(&text);
        assert!((0.7..1.4).contains(&own), "{text}: {own}");
    }
}

#[test]
fn asking_for_the_price_changes_nothing_in_the_run() {
    let text = "lab=lgssm&length=33&n=16&seed=0";
    let end = |asks: bool| {
        let mut run = start(text);
        while !run.is_done() {
            if asks {
                announced(run.as_ref());
            }
            run.advance(20_000);
        }
        (
            run.fingerprint().unwrap().encode(),
            run.products(),
            run.work(),
        )
    };
    assert_eq!(end(false), end(true));
}

/// The price of a job over what it takes, and whether what is done of it never falls.
fn ratio_of_job(text: &str, name: &str) -> f64 {
    let link = link::decode(text, Mode::Strict).unwrap_or_else(|e| panic!("{text}: {e}"));
    let mut job = labs::open(&link.link).unwrap().job(name).unwrap();
    while !job.prepare() {}
    let price = job.price();
    let mut before = 0.0;
    while !job.advance(200_000) {
        assert!(job.work() >= before, "{text}: less is done than before");
        before = job.work();
    }
    assert!(before > 0.2 * price, "{text}: all at once");
    job.work() / price
}

#[test]
fn the_price_of_a_job_is_what_it_takes() {
    for (text, name) in [
        ("lab=toy1d&n=300&seed=0", "sweep"),
        (
            "lab=toy1d&target=comb&teeth=16&n=200&process=edm&seed=0",
            "sweep",
        ),
        ("lab=toy1d&score=net&n=100&seed=0&b.score=exact", "sweep"),
        ("lab=toy1d&score=net&n=200&steps=300&seed=0", "errors"),
        ("lab=toy2d&target=moons&score=net&n=100&seed=0", "errors"),
        (
            "lab=torus&score=net&n=60&sampler=em&seed=0&b.n=40",
            "errors",
        ),
        (
            "lab=filter&model=lorenz63&method=enkf&cycles=6&seed=0",
            "reference",
        ),
        (
            "lab=filter&model=lorenz63&cycles=5&observed=2,4&seed=1&b.truth-seed=3",
            "reference",
        ),
        ("lab=filter&cycles=5&n=40&view=race&seed=0", "race"),
    ] {
        let own = ratio_of_job(text, name);
        assert!((own - 1.0).abs() < 0.01, "{text}, {name}: {own}");
    }
}
