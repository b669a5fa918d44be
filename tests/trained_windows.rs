//! Networks that a link has trained for the windows of a chain: their law, their files, their runs.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::denoise::Denoiser as _;
use scorefield::labs::lgssm::{ChainLab, Run, Score};
use scorefield::labs::link::{self, Link, Mode};
use scorefield::labs::{self, Setup, Training};
use scorefield::level::Level;
use scorefield::net::trained::Order;
use scorefield::net::{LN_S_WINDOWS, Net, catalog, recipe};

/// Trained networks are shared by the whole process, so every test has its own `net-seed`.
const SMALL: &str = "score=trained&net-width=16&net-depth=2&net-steps=60&net-batch=64";

fn read(text: &str) -> Link {
    link::decode(text, Mode::Strict).unwrap().link
}

fn order(text: &str) -> Order {
    labs::order(&read(text).a).unwrap()
}

fn finished(text: &str) -> Training {
    let mut training = Training::new(&read(text).a).unwrap();
    while !training.advance(1 << 16) {}
    training.finish().unwrap();
    training
}

/// A network for windows depends on the law of the chain only, not on its observations and not on its length.
#[test]
fn a_network_for_windows_is_named_by_the_chain_and_the_window() {
    let text = "lab=lgssm&score=trained";
    let order = order(text);
    assert_eq!(order.law, "lab=lgssm&length=5");
    assert_eq!(order.recipe.ln_s, LN_S_WINDOWS);
    for same in [
        "length=50",
        "c=2",
        "d=0.1",
        "every=2",
        "observed=1,2",
        "operator=window",
        "truth-seed=4",
        "guidance=sda",
        "method=ar",
        "process=edm",
    ] {
        assert_eq!(self::order(&format!("{text}&{same}")), order, "{same}");
    }
    for other in ["a=0.8", "b=1", "k=1", "model=rotation"] {
        assert_ne!(self::order(&format!("{text}&{other}")), order, "{other}");
    }
    let custom = |seen: &str| {
        let chain = "lab=lgssm&model=custom&T=0.5,0.1;0,0.3&Q=1,0;0,0.4";
        self::order(&format!("{chain}&{seen}&score=trained&k=1"))
    };
    let law = "lab=lgssm&model=custom&T=0.5,0.1;0,0.3&Q=1,0;0,0.4&O=1,0&R=1&length=3";
    assert_eq!(custom("O=1,1&R=0.2").law, law);
    assert_eq!(custom("O=1,1&R=0.2"), custom("O=0,1&R=3"));
}

/// The pretrained networks of windows were trained with the same noise levels as the trainings of links.
#[test]
fn windows_are_trained_at_the_same_noise_everywhere() {
    for entry in catalog::all().filter(|e| e.name.starts_with("window")) {
        let bytes = std::fs::read(format!("nets/{}", entry.file));
        let net = Net::from_bytes("", &bytes.unwrap()).unwrap();
        let (_, recipe) = recipe::parse("", net.recipe()).unwrap();
        assert_eq!(recipe.ln_s, LN_S_WINDOWS);
    }
}

/// The file of a network for windows, loaded into a chain, does not change its length and its observations.
#[test]
fn a_file_for_windows_keeps_the_chain_that_it_fits() {
    let text = format!("lab=lgssm&model=rotation&length=20&{SMALL}&k=2&net-seed=24");
    let file = finished(&text).network().to_bytes().unwrap();
    let load = |present: &str| {
        labs::load("x.bpk", &file, &read(present))
            .unwrap()
            .edited
            .link
            .a
    };
    let kept =
        load("lab=lgssm&model=damped-spring&d=0.3&length=40&observed=1,7&guidance=sda&seed=2");
    assert_eq!(
        (kept.int("length"), kept.word("model")),
        (Some(40), Some("rotation"))
    );
    assert_eq!(
        (kept.real("d"), kept.word("guidance")),
        (Some(0.3), Some("sda"))
    );
    assert_eq!(kept.ints("observed"), Some(&[1, 7][..]));
    assert_eq!(load("lab=lgssm&length=4&seed=2").int("length"), Some(5));
    assert_eq!(load("lab=toy1d&seed=2").int("length"), Some(33));
    for a in [kept, load("lab=toy1d")] {
        assert_eq!(labs::order(&a), Some(order(&text)));
        assert!(Setup::new(&a).unwrap().ready().is_ok());
    }
}

/// The denoiser of a chain with a trained network is the denoiser of its windows, one by one, and better than no
/// network.
#[test]
fn a_chain_runs_with_the_network_that_it_has_trained() {
    let text = "lab=lgssm&length=12&score=trained&k=1&net-width=16&net-depth=2&net-steps=600&net-batch=64&guidance=none&steps=32&n=400&net-seed=25&seed=1";
    let lab = || ChainLab::new(&read(text).a).unwrap();
    assert!(lab().setup.ready().is_err());
    let net = finished(text).network();
    assert!(lab().setup.ready().is_ok());
    assert!(matches!(lab().score, Score::Net(1, Some(_))));
    let level = Level {
        t: 0.5,
        alpha: 1.0,
        sigma: 0.7,
    };
    let x: Vec<f64> = (0..12).map(|i| f64::from(i * i % 7) / 3.0 - 1.0).collect();
    let (mut own, mut window) = ([0.0; 12], [0.0; 3]);
    lab().guided.at(&level).x_hat(&x, &mut own);
    for i in 0..12usize {
        let start = i.saturating_sub(1).min(9);
        net.at(&level).x_hat(&x[start..start + 3], &mut window);
        assert_eq!(own[i], window[i - start], "index {i}");
    }
    let mut run = Run::new(lab());
    while !run.advance(1 << 16) {}
    let rows = run.final_metrics().unwrap().rows;
    let value = |key: &str| rows.iter().find(|r| r.key == key).unwrap().value.unwrap();
    // The lag-1 correlation of the prior is 0.9; windows of three and a short training miss a part of it.
    assert!((value("lag1") - 0.9).abs() < 0.25, "{}", value("lag1"));
}

#[test]
fn windows_of_a_training_are_bounded_like_those_of_the_pretrained_networks() {
    let refused = |text: &str| {
        let error = link::decode(text, Mode::Strict).unwrap_err();
        error.to_string()
    };
    assert!(refused("lab=lgssm&score=trained&k=5").contains("k=1 to k=4"));
    assert!(refused("lab=lgssm&length=2&score=trained").contains("3 at least"));
    let widest = "lab=lgssm&model=custom&T=0.5,0,0,0;0,0.5,0,0;0,0,0.5,0;0,0,0,0.5&Q=1,0,0,0;0,1,0,0;0,0,1,0;0,0,0,1&O=1,0,0,0&R=1&k=4&net-width=8&net-depth=1&net-steps=10&net-batch=16&score=trained&net-seed=26";
    let file = finished(widest).network().to_bytes().unwrap();
    assert!(labs::load("x.bpk", &file, &read("lab=toy1d")).is_ok());
}
