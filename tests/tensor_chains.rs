//! Chains on tensors against the host, on burn's CPU backend.
#![cfg(feature = "tensor")]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

#[path = "tensor/parts.rs"]
mod parts;
#[path = "tensor/waiting.rs"]
mod waiting;
#[path = "tensor/windows.rs"]
mod windows;

use scorefield::error::Error;
use scorefield::labs::lgssm::{Camera, ChainLab, Run};
use scorefield::labs::link::{self, Mode};
use scorefield::labs::{Engine, go_on};
use scorefield::tensor::{DType, Device, Place};
use waiting::block_on;

fn flex(dtype: DType) -> Place {
    Place {
        device: Device::flex(),
        dtype,
    }
}

fn lab(text: &str) -> ChainLab {
    let link = link::decode(&format!("lab=lgssm{text}"), Mode::Strict)
        .unwrap_or_else(|e| panic!("{text}: {e}"));
    ChainLab::new(&link.link.a).unwrap_or_else(|e| panic!("{text}: {e}"))
}

type OnDevice = Run;

fn begun(text: &str, dtype: DType) -> Result<OnDevice, Error> {
    let lab = lab(text);
    let camera = Camera::new(&lab);
    Run::on(lab, camera, &Engine::Device(flex(dtype)))
}

fn on_device(text: &str, dtype: DType) -> Result<OnDevice, Error> {
    let mut run = begun(text, dtype)?;
    while !block_on(go_on(&mut run, 100))? {}
    run.check().map(|()| run)
}

fn on_host(text: &str) -> Result<Run, Error> {
    let mut run = Run::new(lab(text));
    while !run.advance(1000) {
        run.check()?;
    }
    run.check().map(|()| run)
}

/// The largest difference; NaN counts as the largest.
fn gap(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let gaps = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    gaps.fold(0.0, |m: f64, g| if g > m || g.is_nan() { g } else { m })
}

/// The end of a run in f64 and in f32, against the host.
fn agree(text: &str, most: [f64; 2]) {
    let host = on_host(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    let found = [DType::F64, DType::F32].map(|dtype| {
        let run = on_device(text, dtype).unwrap_or_else(|e| panic!("{text} {dtype:?}: {e}"));
        assert_eq!(run.evaluations(), run.total());
        assert_eq!(run.total(), host.total());
        gap(run.samples().unwrap(), host.samples().unwrap())
    });
    println!("{text}: f64 {:.1e}, f32 {:.1e}", found[0], found[1]);
    assert!(
        found[0] < most[0] && found[1] < most[1],
        "{text}: {found:?}"
    );
}

const RULES: [&str; 9] = [
    "none",
    "dps",
    "diagonal",
    "finzi",
    "lambda&lambda=-0.5",
    "sda&gamma=0.1",
    "pigdm",
    "exact",
    "replace",
];
const SHORT: &str = "&length=14&every=3&steps=16&n=12&seed=4";

/// Every rule that fits, for linear and saturating observations, with the full score and with a blanket, in one run
/// and in segments.
#[test]
fn every_rule_on_tensors_is_that_of_the_host() {
    let mut held = 0;
    for method in ["", "&method=ar&context=2&horizon=5"] {
        for score in ["", "&score=blanket&k=1"] {
            for operator in ["", "&operator=saturating"] {
                for rule in RULES {
                    let fits = match rule {
                        "none" => method.is_empty(),
                        "replace" => operator.is_empty(),
                        // For a blanket with a context, `exact` is refused: see below.
                        "exact" => method.is_empty() || score.is_empty(),
                        _ => true,
                    };
                    if fits {
                        let text = format!("{SHORT}{operator}{score}{method}&guidance={rule}");
                        agree(&text, [1e-9, 1e-3]);
                        held += 1;
                    }
                }
            }
        }
    }
    assert_eq!(held, 62);
}

/// Other cases of the rules: α = 0, every kind of stage, several numbers per state, several rows per observation with
/// correlated noise, windows, strongly correlated contexts, segments without observations.
#[test]
fn other_plans_and_models_on_tensors_are_those_of_the_host() {
    let two = "&model=custom&T=0.9,0.1;0,0.8&Q=0.1,0;0,0.1&O=1,0;0.5,2&R=0.1,0.05;0.05,0.3";
    let singular = "&model=custom&T=0.8,0.5;0,0.6&Q=0,0;0,0.2&O=1,0&R=0.25&length=9&method=ar&context=2&horizon=3";
    let fm = "&process=fm&grid=uniform-t&sampler=ddim";
    for text in [
        format!("{singular}&guidance=exact"),
        format!("{singular}&guidance=exact&operator=saturating"),
        format!("{singular}&guidance=pigdm&operator=saturating"),
        format!("{fm}&operator=saturating"),
        format!("{fm}&operator=saturating&guidance=sda&gamma=0.1"),
        format!("{fm}&guidance=dps&zeta=3"),
        format!("{fm}&guidance=dps&operator=saturating&method=ar"),
        format!("{two}&length=9&operator=saturating&guidance=sda&gamma=0.1"),
        format!("{two}&length=9&operator=saturating&guidance=exact"),
        format!("{two}&length=9&operator=saturating&guidance=pigdm&method=ar&horizon=4"),
        format!("{two}&length=9&operator=saturating&guidance=exact&method=ar&horizon=4"),
        "&model=rotation&operator=saturating&guidance=dps&process=edm&sampler=heun&churn=9".into(),
        "&operator=window&method=ar&context=4&horizon=6&width=3".into(),
        "&operator=saturating&guidance=dps&process=vp&sampler=dpmpp2m&method=ar".into(),
        "&guidance=sda&gamma=0.1&process=edm&sampler=heun&grid=default".into(),
        "&guidance=none&score=blanket&k=1&sampler=pc&corrections=2".into(),
        "&operator=saturating&guidance=pigdm&sampler=pc&corrections=2".into(),
        "&method=ar&guidance=pigdm&sampler=pc".into(),
        "&operator=saturating&guidance=dps&sampler=langevin&method=ar".into(),
        "&operator=saturating&method=ar&context=8&horizon=8&a=0.99&b=0.14".into(),
        "&observed=20&method=ar&context=0&horizon=10&guidance=dps".into(),
        "&model=rotation&guidance=replace&sampler=em".into(),
    ] {
        agree(&format!("&steps=12&n=8&seed=4{text}"), [1e-8, 2e-3]);
    }
}

/// Everything that the page shows, frame by frame, and the numbers at the end.
#[test]
fn the_film_and_the_numbers_are_those_of_the_host() {
    for text in [
        "&method=ar&guidance=pigdm&operator=saturating&steps=12&n=40&seed=1",
        "&method=ar&context=2&horizon=7&steps=230&n=5&seed=1&length=20",
        "&method=ar&context=0&horizon=33&steps=9&n=30&seed=1",
        "&guidance=dps&steps=12&n=40&seed=1&model=rotation&length=9",
    ] {
        let mut host = on_host(text).unwrap();
        let mut own = on_device(text, DType::F64).unwrap();
        let (a, b) = (
            own.recorder().take().unwrap(),
            host.recorder().take().unwrap(),
        );
        assert_eq!((a.from, a.to), (b.from, b.to), "{text}");
        assert_eq!(a.arrays.0.len(), b.arrays.0.len());
        for ((name, a), (same, b)) in a.arrays.0.iter().zip(&b.arrays.0) {
            assert_eq!((name, a.len()), (same, b.len()));
            let near = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-5;
            assert!(a.iter().zip(b).all(near), "{text}: {name}");
        }
        let (a, b) = (own.final_metrics().unwrap(), host.final_metrics().unwrap());
        assert_eq!((a.nfe, a.rows.len()), (b.nfe, b.rows.len()));
        for (a, b) in a.rows.iter().zip(&b.rows) {
            assert_eq!(a.key, b.key);
            let gap = (a.value.unwrap() - b.value.unwrap()).abs();
            // For few chains, W₂ takes roots of numbers that should be 0.
            assert!(gap < 1e-7, "{text} {}: {gap}", a.key);
        }
    }
}

/// The covariance that a blanket implies may be invalid: the run stops with the message of the host, at the next
/// read.
#[test]
fn a_breakdown_is_found_at_the_next_read() {
    for text in [
        "&operator=saturating&score=blanket&k=1&d=0&every=1&n=20&steps=12",
        "&operator=saturating&score=blanket&k=1&method=ar&context=2&horizon=5&n=20&steps=12",
    ] {
        let host = on_host(text).err().unwrap();
        for dtype in [DType::F64, DType::F32] {
            let own = on_device(text, dtype).err().unwrap();
            match dtype {
                DType::F64 => assert_eq!(own.to_string(), host.to_string(), "{text}"),
                _ => assert!(matches!(own, Error::Unsupported { .. }), "{text}: {own}"),
            }
        }
    }
    // Affine maps are computed on the host, and fail there.
    for text in [
        "&score=blanket&k=1&d=0&every=1&n=20&steps=12",
        "&score=blanket&k=1&method=ar&context=2&horizon=5&n=20&steps=12",
    ] {
        let own = on_device(text, DType::F32).err().unwrap();
        assert!(own.to_string().contains("score=full"), "{own}");
    }
    // A run of a diverging sampler is an error, whatever the device returns.
    let text =
        "&guidance=finzi&strength=100&steps=40&operator=saturating&sampler=euler&process=edm&n=20";
    for method in ["", "&method=ar"] {
        let error = on_device(&format!("{text}{method}"), DType::F32).err();
        let error = error.unwrap().to_string();
        assert!(error.contains("has diverged"), "{error}");
    }
}

/// If rounding in f32 destroys a covariance, the run says so and names the engine that can do it. It never returns a
/// wrong result.
#[test]
fn problems_too_hard_for_f32_are_left_to_the_cpu() {
    let rest = "&operator=saturating&n=6&steps=8&seed=2";
    for text in [
        "&a=0.999&b=0.04&d=0&every=1",
        "&a=0.999&b=0.04&d=0&every=1&length=80",
    ] {
        agree(&format!("{text}{rest}"), [1e-8, 1e-4]);
    }
    for text in [
        "&model=damped-spring&d=0&every=1",
        "&a=0.999&b=0.01&method=ar&context=20&horizon=5",
    ] {
        let text = format!("{text}{rest}");
        on_host(&text).unwrap();
        let error = on_device(&text, DType::F32).err().unwrap();
        assert!(matches!(error, Error::Unsupported { .. }), "{error}");
        assert!(
            error.to_string().contains("too close to singular"),
            "{error}"
        );
    }
}

#[test]
fn a_link_that_tensors_cannot_run_names_an_engine_that_can() {
    for (text, part) in [
        ("&method=exact", "method=exact asks for no score"),
        ("&length=401", "method=ar"),
        (
            "&length=201&model=rotation&guidance=dps",
            "a shorter length",
        ),
        (
            "&length=900&method=ar&horizon=500",
            "a smaller context or horizon",
        ),
    ] {
        let error = begun(text, DType::F32).err().unwrap();
        assert!(matches!(error, Error::Unsupported { .. }), "{text}");
        let error = error.to_string();
        assert!(
            error.contains(part) && error.ends_with("Choose engine=cpu."),
            "{error}"
        );
    }
    // A long chain runs in segments.
    agree(
        "&length=900&method=ar&guidance=dps&n=3&steps=4",
        [1e-9, 1e-3],
    );
}

/// The links that the WebGPU engine of the browser runs in the e2e tests.
#[test]
fn the_chains_of_the_table_of_links_agree() {
    let table = include_str!("e2e/links.txt");
    for link in table.lines().filter(|l| l.starts_with("lab=lgssm")) {
        // The networks of the host are in f32.
        let most = if link.contains("score=net") {
            2e-3
        } else {
            1e-8
        };
        agree(&link["lab=lgssm".len()..], [most, 2e-3]);
    }
}

/// Networks on windows: unfolded, evaluated and folded on tensors, with the products of their Jacobians.
#[test]
fn networks_of_windows_run_on_tensors_as_on_the_host() {
    for text in [
        "&guidance=none",
        "&k=1&guidance=none&sampler=pc",
        "&k=4&guidance=sda&gamma=0.1",
        "&guidance=dps&operator=saturating",
        "&guidance=exact",
        "&k=3&guidance=pigdm",
        "&k=1&guidance=pigdm&method=ar&context=2&horizon=5",
        "&guidance=exact&process=fm",
    ] {
        agree(&format!("{SHORT}&score=net{text}"), [2e-3, 2e-3]);
    }
}
