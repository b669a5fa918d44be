//! The network on windows: tensors against plain loops in f64, products of the Jacobian, training.
#![cfg(feature = "unet")]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

#[path = "unet/toy.rs"]
mod toy;
#[path = "unet/training.rs"]
mod training;

use scorefield::denoise::{Denoiser, Differentiable};
use scorefield::dynamics::kolmogorov::{Parameters, Solver, Truth, UNIT, film};
use scorefield::level::Level;
use scorefield::net::unet::{
    At, FRAME, FRAMES, FieldNet, LARGE, PIXELS, SMALL, Shape, Skip, WINDOW, catalog, fold, measure,
    plain, unfold,
};
use scorefield::process::film::GaussianFilm;
use scorefield::unet::{DType, Device, FieldDenoiser, FieldNetwork, Place};
use std::sync::Arc;
use toy::{SMALLEST, Smooth, dot, largest, level, net, numbers};

fn denoiser(net: &FieldNet, dtype: DType) -> FieldDenoiser {
    let place = Place {
        device: Device::flex(),
        dtype,
    };
    let products = net.shape().products();
    FieldDenoiser::new(FieldNetwork::new(net, place), Arc::new(Smooth), products)
}

/// The numbers that the design was chosen for.
#[test]
fn the_shapes_have_the_weights_that_are_said() {
    assert_eq!((SMALL.len(), LARGE.len()), (217_236, 528_916));
    let cost = |shape: Shape| 2e-6 * shape.products() as f64;
    assert!((cost(SMALL) - 31.4).abs() < 0.05, "{}", cost(SMALL));
    assert!((cost(LARGE) - 71.6).abs() < 0.05, "{}", cost(LARGE));
}

#[test]
fn folding_pixels_into_channels_can_be_undone() {
    let x = numbers(3 * FRAME, 1);
    let folded = fold(&x, 3);
    assert_eq!(unfold(&folded, 3), x);
    // Channel 4·2 + 2·1 + 0, pixel (y, x) = (5, 7): the pixel (11, 14) of channel 2.
    assert_eq!(
        folded[(10 * 16 + 5) * 16 + 7],
        x[2 * FRAME + 11 * PIXELS + 14]
    );
}

/// In f64 the two are the same function; in f32 they differ by its rounding.
#[test]
fn x_hat_on_tensors_is_that_of_plain_loops() {
    for (shape, ratios) in [(SMALLEST, &[0.01, 0.3, 2.0, 70.0f64][..]), (SMALL, &[0.8])] {
        let net = net(shape);
        for &s in ratios {
            let u = numbers(3 * WINDOW, 7);
            let u: Vec<f64> = u.iter().map(|z| (1.0 + s * s).sqrt() * z).collect();
            let windows = u.chunks(WINDOW);
            let plain: Vec<f64> = windows
                .flat_map(|u| plain::x_hat(&net, &Smooth, s, u))
                .collect();
            for (dtype, most) in [(DType::F64, 1e-10), (DType::F32, 1e-5)] {
                let mut own = vec![f64::NAN; u.len()];
                denoiser(&net, dtype).at(&level(1.0, s)).x_hat(&u, &mut own);
                let size = plain.iter().fold(1.0f64, |most, x| most.max(x.abs()));
                let gap = largest(&own, &plain) / size;
                assert!(gap < most, "{shape:?}, s = {s}, {dtype:?}: {gap}");
            }
        }
    }
}

/// F changes x̂: the comparison above would not see a network that does nothing.
#[test]
fn the_network_changes_the_linear_denoiser() {
    let (net, u) = (net(SMALLEST), numbers(WINDOW, 2));
    let at = At::new(&Smooth, 1.0);
    let (_, guess) = at.seen(&u);
    let own = plain::x_hat(&net, &Smooth, 1.0, &u);
    assert!(largest(&own, &guess) > 0.05);
}

#[test]
fn the_vjp_is_that_of_finite_differences_of_plain_loops() {
    let net = net(SMALLEST);
    for s in [0.05, 0.7, 5.0] {
        let (u, w) = (numbers(WINDOW, 4), numbers(WINDOW, 5));
        for (dtype, most) in [(DType::F64, 1e-7), (DType::F32, 1e-4)] {
            let mut own = vec![f64::NAN; WINDOW];
            let denoiser = denoiser(&net, dtype);
            denoiser
                .differentiable_at(&level(1.0, s))
                .vjp(&u, &w, &mut own);
            for seed in 10..13 {
                let v = numbers(WINDOW, seed);
                let moved = |by: f64| {
                    let u: Vec<f64> = u.iter().zip(&v).map(|(u, v)| u + by * v).collect();
                    dot(&w, &plain::x_hat(&net, &Smooth, s, &u))
                };
                let h = 1e-4;
                let slope = (moved(h) - moved(-h)) / (2.0 * h);
                let got = dot(&own, &v);
                // Sums of 5,120 products of about 1.
                assert!(
                    (got - slope).abs() < most * 70.0,
                    "s = {s}, {dtype:?}: {got} {slope}"
                );
            }
        }
    }
}

#[test]
fn the_two_products_are_adjoint() {
    let denoiser = denoiser(&net(SMALLEST), DType::F64);
    let at = denoiser.differentiable_at(&level(0.5, 0.9));
    let [x, v, w] = [20, 21, 22].map(|seed| numbers(2 * WINDOW, seed));
    let [mut push, mut pull] = [vec![f64::NAN; x.len()], vec![f64::NAN; x.len()]];
    at.jvp(&x, &v, &mut push);
    at.vjp(&x, &w, &mut pull);
    let (a, b) = (dot(&push, &w), dot(&pull, &v));
    assert!((a - b).abs() < 1e-8 * (1.0 + a.abs()), "{a} {b}");
}

/// A forward pass that was kept for the vjp gives the numbers of a new one, and only at its own points.
#[test]
fn a_kept_forward_pass_gives_the_same_vjp() {
    let denoiser = denoiser(&net(SMALLEST), DType::F32);
    let at = level(1.0, 0.5);
    let [x, y, w] = [30, 31, 32].map(|seed| numbers(WINDOW, seed));
    let new = self::denoiser(&net(SMALLEST), DType::F32);
    let fresh = |x: &[f64]| {
        let mut out = vec![f64::NAN; WINDOW];
        new.differentiable_at(&at).vjp(x, &w, &mut out);
        out
    };
    let mut out = vec![f64::NAN; WINDOW];
    // The windows of a film are all denoised before the first is pulled back, each time by a new object.
    denoiser.differentiable_at(&at).x_hat(&x, &mut out);
    denoiser
        .differentiable_at(&level(1.0, 0.6))
        .x_hat(&y, &mut out);
    for point in [&y, &x, &x] {
        denoiser.differentiable_at(&at).vjp(point, &w, &mut out);
        assert_eq!(out, fresh(point));
    }
}

/// More windows than go through the layers together, and each on its own.
#[test]
fn windows_do_not_see_each_other() {
    let denoiser = denoiser(&net(SMALLEST), DType::F32);
    let at = denoiser.at(&level(1.0, 1.0));
    let x = numbers(18 * WINDOW, 6);
    let mut all = vec![f64::NAN; x.len()];
    at.x_hat(&x, &mut all);
    for i in [0, 15, 16, 17] {
        let own = i * WINDOW..(i + 1) * WINDOW;
        let mut one = vec![f64::NAN; WINDOW];
        at.x_hat(&x[own.clone()], &mut one);
        assert!(largest(&one, &all[own]) < 1e-5, "window {i}");
    }
}

/// One network serves every process: x̂ depends on x_t/α and σ/α alone. Pure noise and no noise are finite.
#[test]
fn the_denoiser_takes_windows_of_every_process() {
    let denoiser = denoiser(&net(SMALLEST), DType::F64);
    let u = numbers(WINDOW, 8);
    let x_hat = |alpha: f64| {
        let x: Vec<f64> = u.iter().map(|u| alpha * u).collect();
        let mut out = vec![f64::NAN; WINDOW];
        denoiser.at(&level(alpha, 0.7)).x_hat(&x, &mut out);
        out
    };
    assert!(largest(&x_hat(1.0), &x_hat(0.2)) < 1e-9);
    for (alpha, sigma) in [(0.0, 1.0), (1.0, 0.0), (1e-9, 1.0)] {
        let level = Level {
            t: 0.5,
            alpha,
            sigma,
        };
        let mut out = vec![f64::NAN; WINDOW];
        denoiser.at(&level).x_hat(&u, &mut out);
        assert!(out.iter().all(|x| x.is_finite()), "{level:?}");
    }
}

/// The toy skip shrinks noise by a known factor, and a network that adds nothing has its error.
#[test]
fn the_error_of_the_linear_denoiser_is_that_of_its_law() {
    let nothing = FieldNet::new(SMALLEST, &vec![0.0; SMALLEST.len()], String::new());
    let (nothing, own) = (
        denoiser(&nothing, DType::F32),
        denoiser(&net(SMALLEST), DType::F32),
    );
    let clean: Vec<f64> = (0..3).flat_map(|_| Smooth.mean().repeat(FRAMES)).collect();
    for s in [0.3, 2.0] {
        let gain = 1.0 / (1.0 + s * s);
        // ½² + 2·¼² of the variance is left by the average over neighbours.
        let exact = 0.375 * (gain * s) * (gain * s);
        let [x_hat, linear] = measure::errors(&nothing, &Smooth, &clean, s);
        // 15,360 numbers, of which neighbours go together.
        assert!((linear / exact - 1.0).abs() < 0.06, "{linear} {exact}");
        assert!((x_hat / linear - 1.0).abs() < 1e-5);
        let other = measure::errors(&own, &Smooth, &clean, s)[0];
        assert!((other / linear - 1.0).abs() > 1e-3, "{other} {linear}");
    }
}

/// What the card says of the shipped networks, on other windows: from states that no training sees.
#[test]
fn the_shipped_networks_beat_the_linear_denoiser_as_they_should() {
    let solver = Solver::new(Parameters::default()).unwrap();
    let law = Arc::new(GaussianFilm::committed(FRAMES).unwrap());
    let window = |state: usize| {
        let truth = Truth {
            state,
            symmetry: 29 * state,
        };
        film(&solver, &truth.field(), FRAMES).unwrap()
    };
    let clean: Vec<f64> = (0..16).flat_map(window).map(|x| x / UNIT).collect();
    assert!(catalog::all().count() > 0);
    for entry in catalog::all() {
        let net = catalog::get(entry.name).unwrap();
        let most = if *net.shape() == LARGE { 0.54 } else { 0.6 };
        let network = FieldNetwork::new(&net, Place::flex());
        let own = FieldDenoiser::new(network, law.clone(), net.shape().products());
        for s in [0.8, 1.6] {
            let [error, linear] = measure::errors(&own, law.as_ref(), &clean, s);
            let ratio = error / linear;
            // 16 windows: a ratio is uncertain by some .03.
            assert!(ratio < most + 0.03, "{} at {s}: {ratio}", entry.name);
        }
    }
}
