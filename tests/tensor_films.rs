//! The network on windows of a flow on tensors: against plain loops in f64, products of its Jacobian, and whole runs against those
//! of the host.
#![cfg(feature = "tensor")]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

#[path = "unet/toy.rs"]
mod toy;
#[path = "tensor/waiting.rs"]
mod waiting;

use scorefield::labs::link::{self, Mode, Side};
use scorefield::labs::{self, Engine, Runner, go_on};
use scorefield::metrics::rmse;
use scorefield::net::unet::{FieldNet, LARGE, SMALL, WINDOW, plain};
use scorefield::sample::Path;
use scorefield::tensor::{DType, Device, FilmNetwork, Place};
use std::sync::Arc;
use toy::{SMALLEST, Smooth, dot, largest, level, net, numbers};
use waiting::block_on;

fn place() -> Place {
    Place {
        device: Device::flex(),
        dtype: DType::F32,
    }
}

fn on_device(net: &FieldNet) -> FilmNetwork {
    FilmNetwork::new(net, Arc::new(Smooth), &place())
}

#[test]
fn x_hat_on_tensors_is_that_of_plain_loops() {
    for (shape, ratios) in [
        (SMALLEST, &[0.01, 0.3, 2.0, 70.0f64][..]),
        (SMALL, &[0.8]),
        (LARGE, &[1.6]),
    ] {
        let net = net(shape);
        let mut own = on_device(&net);
        for &s in ratios {
            // More windows than go through the layers together, of which two are compared.
            let u = numbers(if shape == SMALLEST { 18 } else { 2 } * WINDOW, 7);
            let u: Vec<f64> = u.iter().map(|z| (1.0 + s * s).sqrt() * z).collect();
            let got = block_on(own.x_hat(&level(0.5, s), &scaled(&u, 0.5), false)).unwrap();
            assert_eq!(got.len(), u.len());
            for i in [0, u.len() / WINDOW - 1] {
                let window = i * WINDOW..(i + 1) * WINDOW;
                let plain = plain::x_hat(&net, &Smooth, s, &u[window.clone()]);
                let size = plain.iter().fold(1.0f64, |most, x| most.max(x.abs()));
                let gap = largest(&got[window], &plain) / size;
                assert!(gap < 1e-5, "{shape:?}, s = {s}, window {i}: {gap}");
            }
        }
    }
}

fn scaled(x: &[f64], by: f64) -> Vec<f64> {
    x.iter().map(|x| by * x).collect()
}

/// Whether the forward pass is kept from x̂ or made again, and in more windows than go through the layers together.
#[test]
fn the_product_on_tensors_is_that_of_finite_differences_of_plain_loops() {
    let net = net(SMALLEST);
    let mut own = on_device(&net);
    for s in [0.05, 0.7, 5.0] {
        let level = level(0.5, s);
        let (u, w) = (numbers(17 * WINDOW, 4), numbers(17 * WINDOW, 5));
        let x_t = scaled(&u, 0.5);
        let afresh = block_on(own.vjp(&level, &x_t, &w)).unwrap();
        block_on(own.x_hat(&level, &x_t, true)).unwrap();
        let kept = block_on(own.vjp(&level, &x_t, &w)).unwrap();
        assert!(kept == afresh, "s = {s}");
        for i in [0, 16] {
            let place = i * WINDOW..(i + 1) * WINDOW;
            let (u, w, pulled) = (&u[place.clone()], &w[place.clone()], &kept[place]);
            for seed in 10..13 {
                let v = numbers(WINDOW, seed);
                let moved = |by: f64| {
                    let u: Vec<f64> = u.iter().zip(&v).map(|(u, v)| u + by * v).collect();
                    dot(w, &plain::x_hat(&net, &Smooth, s, &u))
                };
                let h = 1e-4;
                // u = 2·x_t.
                let slope = 2.0 * (moved(h) - moved(-h)) / (2.0 * h);
                let got = dot(pulled, &v);
                // Sums of 5,120 products of about 1.
                assert!(
                    (got - slope).abs() < 1e-4 * 140.0,
                    "s = {s}, window {i}: {got} {slope}"
                );
            }
        }
    }
}

/// A product at other points than those of the last x̂ does not use its forward pass.
#[test]
fn a_kept_pass_is_used_at_its_own_points_only() {
    let mut own = on_device(&net(SMALLEST));
    let [x, other, w] = [1, 2, 3].map(|seed| numbers(WINDOW, seed));
    let (here, there) = (level(1.0, 0.7), level(1.0, 0.8));
    let wanted = block_on(own.vjp(&there, &other, &w)).unwrap();
    for (level, points) in [(&here, &other), (&there, &x)] {
        block_on(own.x_hat(level, points, true)).unwrap();
        assert!(block_on(own.vjp(&there, &other, &w)).unwrap() == wanted);
    }
}

fn run(text: &str, engine: &Engine) -> Box<dyn Runner> {
    let link = link::decode(text, Mode::Strict).unwrap().link;
    labs::open(&link).unwrap().run(Side::A, engine).unwrap()
}

/// A run in pieces of `work` units, to its end.
fn done(text: &str, engine: &Engine, work: usize) -> Box<dyn Runner> {
    let mut run = run(text, engine);
    while !block_on(go_on(run.as_mut(), work)).unwrap() {}
    run
}

/// Every rule, penalties, both ways through the film, several samples and other processes: the same noise, and the same film but for
/// the rounding of f32, which guidance enlarges.
#[test]
fn runs_with_the_network_on_a_device_are_those_of_the_host() {
    for rest in [
        "frames=6&steps=4&n=2",
        "frames=6&steps=4&guidance=diagonal&corrections=0",
        "frames=6&steps=4&guidance=dps&zeta=10&corrections=0",
        "frames=6&steps=8&guidance=pigdm&physics=defect&sampler=dpmpp2m",
        "frames=7&steps=3&guidance=replace&sampler=heun",
        "frames=6&steps=6&physics=residual&process=vp&sampler=ddim",
        "frames=8&steps=2&n=2&method=ar&task=forecast",
        "frames=5&steps=3&task=prior",
    ] {
        let text = format!("lab=turbulence&score=small&seed=1&{rest}");
        let host = done(&text, &Engine::Host, 1 << 22);
        let device = done(&text, &Engine::Device(place()), 1 << 22);
        let [own, wanted] = [&device, &host].map(|run| run.samples().unwrap());
        let gap = rmse(own, wanted);
        assert!(gap < 1e-4, "{rest}: {gap}");
        assert!(own != wanted, "{rest}: the device was not asked");
        assert_eq!(device.frames(), host.frames(), "{rest}");
        assert_eq!(device.evaluations(), host.evaluations(), "{rest}");
        assert_eq!(device.total(), host.total(), "{rest}");
        let share = device.work() as f64 / host.work() as f64;
        assert!((share - 1.0).abs() < 0.1, "{rest}: {share}");
        assert_eq!((host.path(), device.path()), (Path::Host, Path::Network));
        assert_eq!(device.lost(), None);
    }
}

/// A piece ends with an answer of the device at the latest, so a run can be stopped and shown between two of them.
#[test]
fn a_run_on_a_device_is_the_same_in_any_pieces() {
    let text = "lab=turbulence&score=small&seed=1&frames=6&steps=2";
    let whole = done(text, &Engine::Device(place()), usize::MAX / 2);
    let mut run = run(text, &Engine::Device(place()));
    let mut most = 0;
    loop {
        let before = run.evaluations();
        let over = block_on(go_on(run.as_mut(), 1)).unwrap();
        most = most.max(run.evaluations() - before);
        if over {
            break;
        }
    }
    assert_eq!(most, 1);
    assert!(run.samples().unwrap() == whole.samples().unwrap());
}

#[test]
fn a_run_without_a_network_is_refused_on_a_device() {
    for rest in ["score=gaussian", "method=posterior"] {
        let text = format!("lab=turbulence&frames=5&seed=1&{rest}");
        let link = link::decode(&text, Mode::Strict).unwrap().link;
        let engine = Engine::Device(place());
        let refused = labs::open(&link)
            .unwrap()
            .run(Side::A, &engine)
            .err()
            .unwrap();
        assert!(
            refused.to_string().contains("this run has none"),
            "{refused}"
        );
    }
}
