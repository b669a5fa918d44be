//! The network on windows in f32 loops: against plain loops in f64, products of its Jacobian, its runs.

#[path = "../unet/toy.rs"]
mod toy;

use scorefield::denoise::{Denoiser, Differentiable};
use scorefield::net::unet::{FieldDenoiser, FieldLoops, FieldNet, LARGE, SMALL, WINDOW, plain};
use std::sync::Arc;
use toy::{SMALLEST, Smooth, dot, largest, level, net, numbers};

fn denoiser(net: &FieldNet) -> FieldDenoiser<FieldLoops> {
    FieldDenoiser::new(
        FieldLoops::new(net),
        Arc::new(Smooth),
        net.shape().products(),
    )
}

#[test]
fn x_hat_of_f32_loops_is_that_of_plain_loops() {
    for (shape, ratios) in [
        (SMALLEST, &[0.01, 0.3, 2.0, 70.0f64][..]),
        (SMALL, &[0.8]),
        (LARGE, &[1.6]),
    ] {
        let net = net(shape);
        for &s in ratios {
            let u = numbers(2 * WINDOW, 7);
            let u: Vec<f64> = u.iter().map(|z| (1.0 + s * s).sqrt() * z).collect();
            let plain: Vec<f64> = u
                .chunks(WINDOW)
                .flat_map(|u| plain::x_hat(&net, &Smooth, s, u))
                .collect();
            let mut own = vec![f64::NAN; u.len()];
            denoiser(&net).at(&level(1.0, s)).x_hat(&u, &mut own);
            let size = plain.iter().fold(1.0f64, |most, x| most.max(x.abs()));
            let gap = largest(&own, &plain) / size;
            assert!(gap < 1e-5, "{shape:?}, s = {s}: {gap}");
        }
    }
}

#[test]
fn the_products_of_f32_loops_are_those_of_finite_differences_of_plain_loops() {
    let net = net(SMALLEST);
    for s in [0.05, 0.7, 5.0] {
        let (u, w) = (numbers(WINDOW, 4), numbers(WINDOW, 5));
        let denoiser = denoiser(&net);
        let at = denoiser.differentiable_at(&level(1.0, s));
        let mut pulled = vec![f64::NAN; WINDOW];
        at.vjp(&u, &w, &mut pulled);
        for seed in 10..13 {
            let v = numbers(WINDOW, seed);
            let moved = |by: f64| {
                let u: Vec<f64> = u.iter().zip(&v).map(|(u, v)| u + by * v).collect();
                dot(&w, &plain::x_hat(&net, &Smooth, s, &u))
            };
            let h = 1e-4;
            let slope = (moved(h) - moved(-h)) / (2.0 * h);
            let mut pushed = vec![f64::NAN; WINDOW];
            at.jvp(&u, &v, &mut pushed);
            // Sums of 5,120 products of about 1, of numbers of 24 bits.
            for got in [dot(&pulled, &v), dot(&w, &pushed)] {
                assert!((got - slope).abs() < 7e-3, "s = {s}: {got} {slope}");
            }
        }
    }
}
