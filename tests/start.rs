//! Runs that start from the wrong law because the largest noise does not cover the data: they warn, and say how much
//! is lost.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::labs::link::{self, Mode, Values};
use scorefield::labs::{Lab, lgssm, lgssm::ChainLab, space::SpaceLab, toy1d};
use scorefield::metrics;
use scorefield::schedule::Process;
use scorefield::word::Words;

fn values(text: &str) -> Values {
    let link = link::decode(&format!("v=1&{text}"), Mode::Strict);
    link.unwrap_or_else(|e| panic!("{text}: {e}")).link.a
}

fn warnings(text: &str) -> Vec<String> {
    let values = values(text);
    match values.word("lab").unwrap() {
        "toy1d" => toy1d::Toy1d::new(&values).unwrap().warnings(),
        "lgssm" => ChainLab::new(&values).unwrap().warnings(),
        _ => SpaceLab::new(&values).unwrap().warnings(),
    }
}

/// The number before the given words.
fn number(text: &str, after: &str) -> f64 {
    let before = text.split(after).next().unwrap();
    before.split(' ').next_back().unwrap().parse().unwrap()
}

/// Error of the mean, standard deviation of the samples, and standard deviation of the exact law: (√|m̂ − m|², √tr Ĉ,
/// √tr C).
fn ends(text: &str) -> (f64, f64, f64) {
    let mut run = lgssm::Run::new(ChainLab::new(&values(text)).unwrap());
    while !run.advance(usize::MAX / 4) {}
    run.check().unwrap();
    let (x, dim) = (run.samples().unwrap(), run.lab.dim());
    let n = (x.len() / dim) as f64;
    let (mut off, mut variance) = (0.0, 0.0);
    for i in 0..dim {
        let column: Vec<f64> = x.iter().skip(i).step_by(dim).copied().collect();
        let mean = column.iter().sum::<f64>() / n;
        off += (mean - run.lab.reference.mean()[i]).powi(2);
        variance += column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    }
    let exact: f64 = run.lab.reference.sd().iter().map(|s| s * s).sum();
    (off.sqrt(), variance.sqrt(), exact.sqrt())
}

const WIDE: &str = "lab=lgssm&a=0.999&b=10&length=12&n=3000&process=edm&sampler=heun&steps=60";

#[test]
fn a_chain_without_observations_loses_the_deviation_that_the_warning_says() {
    for rest in ["guidance=none", "guidance=none&score=blanket&k=5&length=11"] {
        let text = format!("{WIDE}&{rest}");
        let text = if rest.contains("length") {
            text.replace("length=12&", "")
        } else {
            text
        };
        let [warning] = &warnings(&text)[..] else {
            panic!("{text}")
        };
        let said = number(warning, " % too small") / 100.0;
        let (_, own, exact) = ends(&text);
        let lost = 1.0 - own / exact;
        assert!(lost > 0.5 && (lost - said).abs() < 0.02, "{lost} {warning}");
    }
}

/// Linear observations by a smoother, windows by dense matrices.
#[test]
fn a_chain_given_observations_misses_its_mean_by_what_the_warning_says() {
    for rest in [
        "every=4",
        "every=11&d=10",
        "every=4&operator=window&width=2&d=10",
        "every=11&d=10&method=ar&context=0&horizon=12",
    ] {
        let text = format!("{WIDE}&{rest}");
        let [warning] = &warnings(&text)[..] else {
            panic!("{text}")
        };
        let said = number(warning, " of the exact deviation");
        let (off, _, exact) = ends(&text);
        let found = off / exact;
        assert!(
            (found / said - 1.0).abs() < 0.15,
            "{rest}: {found} {warning}"
        );
    }
}

#[test]
fn a_law_on_the_line_loses_the_deviation_that_the_warning_says() {
    let line = "lab=toy1d&target=gaussian&sd=10&sampler=heun&steps=400&n=20000&init=quantile";
    for process in ["ve", "vp-cosine"] {
        let text = format!("{line}&process={process}");
        let [warning] = &warnings(&text)[..] else {
            panic!("{text}")
        };
        let said = number(warning, " % too small") / 100.0;
        let lab = toy1d::Toy1d::new(&values(&text)).unwrap();
        let axis = toy1d::Axis::holding(&[&lab]);
        let mut run = toy1d::Run::new(lab, axis);
        while !run.advance(usize::MAX / 4) {}
        let (_, variance) = metrics::mean_var(run.samples().unwrap());
        let lost = 1.0 - variance.sqrt() / 10.0;
        assert!((lost - said).abs() < 2e-3, "{lost} {warning}");
    }
}

#[test]
fn a_law_that_the_largest_noise_covers_has_no_warning() {
    let table = include_str!("e2e/links.txt");
    let links = table.lines().filter(|l| l.starts_with("lab="));
    let processes = Process::ALL.iter().map(|p| p.word());
    let defaults = processes.flat_map(|p| {
        [
            "toy1d",
            "toy2d",
            "torus",
            "lgssm",
            "lgssm&model=rotation",
            "lgssm&method=ar",
        ]
        .map(|lab| format!("lab={lab}&process={p}"))
    });
    for text in links.map(str::to_owned).chain(defaults) {
        assert_eq!(warnings(&text), Vec::<String>::new(), "{text}");
    }
    // Exact draws have no start, and langevin starts at N(0, 1) on purpose.
    let langevin = "lab=lgssm&a=0.999&b=10&sampler=langevin";
    for text in [&format!("{WIDE}&method=exact"), langevin] {
        assert_eq!(warnings(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn each_remedy_of_a_warning_removes_it() {
    let mut tried = 0;
    for text in [
        "lab=toy1d&target=gaussian&sd=10&process=ve",
        "lab=toy1d&target=gaussian&sd=10&process=ve&sampler=heun&churn=10",
        "lab=toy1d&target=mixture&means=-10,10&process=vp-cosine&sampler=em&steps=500",
        "lab=lgssm&a=0.999&b=10&process=edm",
        "lab=lgssm&a=0.999&b=2&process=ve&guidance=none",
    ] {
        let [warning] = &warnings(text)[..] else {
            panic!("{text}")
        };
        let own = text.split('&').find(|p| p.starts_with("process=")).unwrap();
        let remedy = warning.split("Choose ").nth(1).unwrap();
        for word in remedy.split(|c: char| !(c.is_alphanumeric() || "=-".contains(c))) {
            let better = match word.split_once('=') {
                Some(("process", _)) => text.replace(own, word),
                Some(("method", _)) => format!("{text}&{word}"),
                _ => continue,
            };
            assert_eq!(warnings(&better), Vec::<String>::new(), "{better}");
            tried += 1;
        }
        if text.contains("lgssm") {
            let unit = number(remedy, " times as large");
            let b: f64 = text
                .split("&b=")
                .nth(1)
                .unwrap()
                .split('&')
                .next()
                .unwrap()
                .parse()
                .unwrap();
            let better = format!(
                "{}&d={}",
                text.replace(&format!("b={b}"), &format!("b={}", b / unit)),
                0.5 / unit
            );
            assert_eq!(warnings(&better), Vec::<String>::new(), "{better}");
            tried += 1;
        }
    }
    assert!(tried >= 10, "{tried}");
}
