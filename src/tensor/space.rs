//! The exact denoisers of laws in the plane and in space, on tensors.
//!
//! Held by `tests/tensor.rs`: `the_denoisers_in_space_on_tensors_are_the_exact_ones`.

use super::exact::{intervals, row};
use crate::law::Part;
use crate::law::space::{Cloud, Space, Torus};
use crate::level::Level;
use burn::tensor::{Tensor, activation::sigmoid, activation::softmax};

/// α below which x̂ is the mean of the law.
const NO_SIGNAL: f64 = 1e-12;
/// Nodes of the integral over θ. In a window of ±9 standard deviations their distance is 0.56 standard deviations, and
/// the error of the midpoint rule is e^{−2π²/0.56²}.
const NODES: usize = 32;
/// Half the window in standard deviations 1/√κ; at most half the circle.
const WINDOW: f64 = 9.0;

/// x̂ = E[x₀ | x_t] for every particle: `x_t` and the result have shape `[n, dim]`.
///
/// # Panics
/// If `x_t` does not have the law's dimension.
pub fn x_hat(law: &Space, level: &Level, x_t: Tensor<2>) -> Tensor<2> {
    assert_eq!(x_t.dims()[1], law.dim(), "x_hat: whole points");
    if level.alpha < NO_SIGNAL {
        let mean = row(law.mean(), &x_t);
        return x_t.mul_scalar(0.0) + mean;
    }
    match law {
        Space::Cloud(cloud) => from_cloud(cloud, level, x_t),
        Space::Checkerboard(_) => from_board(level, x_t),
        Space::Torus(torus) => from_torus(torus, level, x_t),
    }
}

/// Number of columns of the largest tensor in [`x_hat`].
pub fn width(law: &Space) -> usize {
    match law {
        Space::Cloud(cloud) => cloud.weights().len(),
        // Two parities of a coordinate, with two intervals each, by a rule with 12 nodes.
        Space::Checkerboard(_) => 48,
        Space::Torus(_) => NODES,
    }
}

fn column(x: &Tensor<2>, d: usize) -> Tensor<2> {
    x.clone().narrow(1, d, 1)
}

/// A softmax over the normals, from differences: x̂ = Σ r_k [c_k + g(x_t − αc_k)].
fn from_cloud(cloud: &Cloud, level: &Level, x_t: Tensor<2>) -> Tensor<2> {
    let Level { alpha, sigma, .. } = *level;
    let dim = cloud.dim();
    let variance = alpha * alpha * cloud.sd() * cloud.sd() + sigma * sigma;
    let gain = alpha * cloud.sd() * cloud.sd() / variance;
    let axis = |d: usize| -> Vec<f64> {
        let centres = cloud.centres().iter().skip(d).step_by(dim);
        centres.copied().collect()
    };
    let gaps: Vec<Tensor<2>> = (0..dim)
        .map(|d| column(&x_t, d) - row(axis(d).iter().map(|c| alpha * c).collect(), &x_t))
        .collect();
    let mut log = row(
        cloud.weights().iter().map(|w| libm::log(*w)).collect(),
        &x_t,
    );
    for a in &gaps {
        log = log + a.clone() * a.clone().mul_scalar(-0.5 / variance);
    }
    let share = softmax(log, 1);
    let means = gaps.into_iter().enumerate().map(|(d, a)| {
        let mean = a.mul_scalar(gain) + row(axis(d), &x_t);
        (share.clone() * mean).sum_dim(1)
    });
    Tensor::cat(means.collect(), 1)
}

/// The even or the odd intervals of a coordinate of the board.
pub(crate) fn stripes(odd: usize) -> [Part; 2] {
    [0, 2].map(|k| {
        let corner = -1.0 + 0.5 * (k + odd) as f64;
        Part::interval(0.5, corner, corner + 0.5)
    })
}

/// The two parities of each coordinate, combined in logarithms: see `law/space/checkerboard.rs`.
fn from_board(level: &Level, x_t: Tensor<2>) -> Tensor<2> {
    let halves = |odd: usize, x: Tensor<2>| {
        let (log, means) = intervals(&stripes(odd), level, x, 0.0);
        let top = log.clone().max_dim(1);
        let weights = (log - top.clone()).exp();
        let mass = weights.clone().sum_dim(1);
        let mean = (weights * means).sum_dim(1) / mass.clone();
        (mass.log() + top, mean)
    };
    let (x, y) = (column(&x_t, 0), column(&x_t, 1));
    let ((even_x, mean_even_x), (odd_x, mean_odd_x)) = (halves(0, x.clone()), halves(1, x));
    let ((even_y, mean_even_y), (odd_y, mean_odd_y)) = (halves(0, y.clone()), halves(1, y));
    // The share of the even squares. It is 0 or 1 if the difference is beyond the range of f32.
    let share = sigmoid((even_x + even_y - odd_x - odd_y).clamp(-80.0, 80.0));
    let mix = |even: Tensor<2>, odd: Tensor<2>| odd.clone() + share.clone() * (even - odd);
    Tensor::cat(
        vec![mix(mean_even_x, mean_odd_x), mix(mean_even_y, mean_odd_y)],
        1,
    )
}

/// φ by Bessel functions, θ by nodes around the direction of the particle: see `law/space/torus_diffused.rs`.
fn from_torus(torus: &Torus, level: &Level, x_t: Tensor<2>) -> Tensor<2> {
    let Torus { major, minor } = *torus;
    let s = level.ratio();
    let precision = 1.0 / (s * s);
    let u = x_t.div_scalar(level.alpha);
    let (x, y, h) = (column(&u, 0), column(&u, 1), column(&u, 2));
    let q = (x.clone() * x.clone() + y.clone() * y.clone()).sqrt();
    let off = q.clone().sub_scalar(major);
    let d = (off.clone() * off.clone() + h.clone() * h.clone())
        .sqrt()
        .clamp_min(1e-12);
    let (cos, sin) = (off / d.clone(), h / d.clone());
    let kappa = d.mul_scalar(minor * precision);
    let pi = std::f64::consts::PI;
    let window = kappa
        .clone()
        .clamp_min(1e-12)
        .sqrt()
        .recip()
        .mul_scalar(WINDOW)
        .clamp_max(pi);
    let places = (0..NODES).map(|j| (2 * j + 1) as f64 / NODES as f64 - 1.0);
    let angle = window * row(places.collect(), &q);
    let half = angle.clone().mul_scalar(0.5).sin();
    let fall = (half.clone() * half * kappa).mul_scalar(-2.0).exp();
    let (c, si) = (angle.clone().cos(), angle.sin());
    let rho = (cos.clone() * c.clone() - sin.clone() * si.clone())
        .mul_scalar(minor)
        .add_scalar(major);
    let height = (sin * c + cos * si).mul_scalar(minor);
    let (i0, i1) = bessel((rho.clone() * q.clone()).mul_scalar(precision));
    let plain = fall * rho.clone();
    let mass = (plain.clone() * i0.clone()).sum_dim(1);
    let radial = (plain.clone() * rho * i1).sum_dim(1) / mass.clone();
    let height = (plain * i0 * height).sum_dim(1) / mass;
    let along = radial / q.clamp_min(1e-12);
    Tensor::cat(vec![along.clone() * x, along * y, height], 1)
}

/// e^{−x}I₀(x) and e^{−x}I₁(x), x ≥ 0, to 3·10⁻⁷ (Abramowitz & Stegun 9.8.1–9.8.4).
fn bessel(x: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
    const I0_LOW: [f64; 7] = [
        1.0, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.0360768, 0.0045813,
    ];
    const I1_LOW: [f64; 7] = [
        0.5, 0.87890594, 0.51498869, 0.15084934, 0.02658733, 0.00301532, 0.00032411,
    ];
    const I0_HIGH: [f64; 9] = [
        0.39894228,
        0.01328592,
        0.00225319,
        -0.00157565,
        0.00916281,
        -0.02057706,
        0.02635537,
        -0.01647633,
        0.00392377,
    ];
    const I1_HIGH: [f64; 9] = [
        0.39894228,
        -0.03988024,
        -0.00362018,
        0.00163801,
        -0.01031555,
        0.02282967,
        -0.02895312,
        0.01787654,
        -0.00420059,
    ];
    let edge = 3.75;
    let horner = |t: &Tensor<2>, c: &[f64]| {
        let mut sum = t.clone().mul_scalar(0.0).add_scalar(c[c.len() - 1]);
        for &c in c[..c.len() - 1].iter().rev() {
            sum = (sum * t.clone()).add_scalar(c);
        }
        sum
    };
    let low_x = x.clone().clamp_max(edge);
    let low = low_x.clone().div_scalar(edge);
    let low = low.clone() * low;
    let fade = low_x.clone().neg().exp();
    let high_x = x.clone().clamp_min(edge);
    let high = high_x.clone().recip().mul_scalar(edge);
    let root = high_x.sqrt().recip();
    let is_high = x.greater_elem(edge);
    let pick = |low: Tensor<2>, high: Tensor<2>| low.mask_where(is_high.clone(), high);
    let i0 = pick(
        horner(&low, &I0_LOW) * fade.clone(),
        horner(&high, &I0_HIGH) * root.clone(),
    );
    let i1 = pick(
        horner(&low, &I1_LOW) * low_x * fade,
        horner(&high, &I1_HIGH) * root,
    );
    (i0, i1)
}
