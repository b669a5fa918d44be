//! The network on windows of a flow on tensors: against plain loops in f64, products of its Jacobian, and whole runs against those
//! of the host.
#![cfg(feature = "tensor")]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

#[path = "unet/toy.rs"]
mod toy;
#[path = "tensor/waiting.rs"]
mod waiting;

use scorefield::net::unet::{FieldNet, LARGE, SMALL, WINDOW, plain};
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
