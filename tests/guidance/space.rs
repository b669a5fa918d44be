//! The rules in several dimensions: against posteriors, finite differences, and each other.

use super::gaussian::{Gaussian, Matrix};
use super::x_hat;
use scorefield::denoise::Differentiable;
use scorefield::guide::{Guidance, Guided};
use scorefield::level::Level;
use scorefield::observe::{Band, Observation, Operator, States};
use scorefield::rng::{Noise, Stream};
use scorefield::sample::{HostRun, Sampler};
use scorefield::schedule::{Grid, Process};
use std::rc::Rc;

pub const RULES: [Guidance; 9] = [
    Guidance::None,
    Guidance::Dps { zeta: 1.0 },
    Guidance::Diagonal,
    Guidance::Finzi { strength: 2.0 },
    Guidance::Lambda { lambda: 0.5 },
    Guidance::Sda { gamma: 0.1 },
    Guidance::Pigdm,
    Guidance::Exact,
    Guidance::Replace,
];

pub const FIVE: States = States { length: 5, dim: 1 };
const SLOPE: f64 = 0.9;

/// A stationary chain of unit variance: covariance SLOPE^|i−j|.
pub fn chain() -> Gaussian {
    Gaussian::centred(Matrix::of(5, |i, j| SLOPE.powi(i.abs_diff(j) as i32)))
}

pub fn levels() -> [Level; 5] {
    [
        Process::Vp.level(1e-3),
        Process::Vp.level(0.3),
        Process::Vp.level(0.9),
        Process::Edm.level(0.8),
        Process::Fm.level(0.5),
    ]
}

pub fn normals(n: usize) -> Vec<f64> {
    let mut out = vec![0.0; n];
    Noise::new(11).normals(Stream::Reference, 0, 0, &mut out);
    out
}

pub fn guided(prior: impl Differentiable + 'static, seen: &Observation, rule: Guidance) -> Guided {
    Guided::new(Rc::new(prior), seen.clone(), rule).unwrap()
}

pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter()
        .zip(b)
        .fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()))
}

/// The rows of A at x, and R, dense.
pub fn dense(seen: &Observation, x: &[f64]) -> (Vec<Vec<f64>>, Matrix) {
    let (a, rows) = (seen.operator(), seen.operator().rows());
    let row = |r: usize| {
        let unit: Vec<f64> = (0..rows).map(|s| f64::from(r == s)).collect();
        let mut out = vec![0.0; a.dim()];
        a.vjp(x, &unit, &mut out);
        out
    };
    (
        (0..rows).map(row).collect(),
        Matrix::of(rows, |i, j| seen.noise().get(i, j)),
    )
}

fn observations() -> Vec<Observation> {
    let linear = Operator::linear(FIVE, &[0.7], &[0, 2, 3]).unwrap();
    let window = Operator::window(FIVE, &[2.0], &[0, 2, 3, 4], 3).unwrap();
    let context = Operator::slice(5, &[0, 1]).unwrap();
    let stacked = Operator::stacked(&[&context, &window]).unwrap();
    let pairs =
        Operator::linear(States { length: 2, dim: 2 }, &[1.0, 0.4, 0.0, 1.0], &[0, 1]).unwrap();
    let r = Band::blocks(2, 2, &[0.3, 0.1, 0.1, 0.2]).unwrap();
    let mixed = Band::stacked(&[&Band::isotropic(2, 0.0), &Band::isotropic(4, 0.25)]);
    vec![
        Observation::new(
            linear,
            &Band::diagonal(&[0.25, 0.5, 0.1]),
            vec![1.5, -0.3, 0.4],
        )
        .unwrap(),
        Observation::new(window, &Band::isotropic(4, 0.25), vec![1.0, 0.2, 0.1, -2.0]).unwrap(),
        Observation::new(stacked, &mixed, vec![1.1, 0.7, 1.0, 0.2, 0.1, -2.0]).unwrap(),
        Observation::new(pairs, &r, vec![0.5, 1.0, -1.0, 2.0]).unwrap(),
    ]
}

/// The guided denoiser is the posterior's own, in one dimension and in several, with and without noise.
#[test]
fn exact_is_unbiased_for_gaussian_laws() {
    for seen in observations() {
        let dim = seen.operator().dim();
        let prior = || Gaussian {
            mean: (0..dim).map(|i| 0.3 * i as f64).collect(),
            cov: Matrix::of(dim, |i, j| chain().cov.0[i][j]),
        };
        let x = normals(3 * dim);
        let (b, r) = dense(&seen, &x[..dim]);
        let posterior = prior().posterior(&b, &r, seen.y());
        for level in levels() {
            let guided = guided(prior(), &seen, Guidance::Exact);
            let (got, exact) = (x_hat(&guided, &level, &x), x_hat(&posterior, &level, &x));
            guided.check().unwrap();
            let error = distance(&got, &exact);
            assert!(error < 1e-9, "{level:?} {} rows: {error:e}", b.len());
        }
    }
    let line = super::on_the_line(0.25, Guidance::Exact);
    let posterior = Gaussian {
        mean: vec![1.2],
        cov: Matrix::of(1, |_, _| 0.2),
    };
    for level in levels() {
        let x = normals(3);
        assert!(distance(&x_hat(&line, &level, &x), &x_hat(&posterior, &level, &x)) < 1e-12);
    }
}

/// Only for N(0, I) is ΠGDM the posterior; there `exact` agrees with it.
#[test]
fn pigdm_is_exact_for_the_standard_normal_only() {
    for seen in observations() {
        let dim = seen.operator().dim();
        let x = normals(2 * dim);
        let (b, r) = dense(&seen, &x[..dim]);
        for level in levels() {
            let error = |cov: Matrix| {
                let prior = Gaussian::centred(cov.clone());
                let posterior = Gaussian::centred(cov).posterior(&b, &r, seen.y());
                let got = x_hat(&guided(prior, &seen, Guidance::Pigdm), &level, &x);
                distance(&got, &x_hat(&posterior, &level, &x))
            };
            assert!(error(Matrix::of(dim, |i, j| f64::from(i == j))) < 1e-9);
            if (0.1..10.0).contains(&level.ratio()) {
                let correlated = error(Matrix::of(dim, |i, j| chain().cov.0[i][j]));
                assert!(correlated > 1e-2, "{level:?}: {correlated}");
            }
        }
    }
}

/// Conditioned on its past without noise, the next state is N(a·x, 1 − a²).
#[test]
fn a_context_without_noise_gives_the_autoregressive_conditional() {
    let seen = Observation::new(
        Operator::slice(5, &[0, 1, 2, 3]).unwrap(),
        &Band::isotropic(4, 0.0),
        vec![0.3, -1.0, 0.8, 1.4],
    );
    let guided = guided(chain(), &seen.unwrap(), Guidance::Exact);
    let next = Gaussian {
        mean: vec![SLOPE * 1.4],
        cov: Matrix::of(1, |_, _| 1.0 - SLOPE * SLOPE),
    };
    for level in levels() {
        let x = normals(5);
        let got = x_hat(&guided, &level, &x);
        assert!((got[4] - x_hat(&next, &level, &x[4..])[0]).abs() < 1e-9);
        assert!(distance(&got[..4], &[0.3, -1.0, 0.8, 1.4]) < 1e-9);
    }
    guided.check().unwrap();
}

/// A long chain, 250 rows of a window, many particles: the bands and the iteration hold at size.
#[test]
fn a_long_chain_is_guided_to_its_posterior() {
    let n = 60;
    let cov = Matrix::of(n, |i, j| SLOPE.powi(i.abs_diff(j) as i32));
    let at: Vec<usize> = (0..n).collect();
    let operator = Operator::window(States { length: n, dim: 1 }, &[1.0], &at, 4).unwrap();
    let y = normals(n);
    let seen = Observation::new(operator, &Band::isotropic(n, 0.01), y.clone()).unwrap();
    let (b, r) = dense(&seen, &y);
    let posterior = Gaussian::centred(cov.clone()).posterior(&b, &r, &y);
    let plan = Sampler::Ddim.plan(Process::Vp, Grid::LogSnr, 20);
    let exact = guided(Gaussian::centred(cov), &seen, Guidance::Exact);
    let got = HostRun::in_space(&plan, &exact, 4, n, 3).finish();
    exact.check().unwrap();
    let want = HostRun::in_space(&plan, &posterior, 4, n, 3).finish();
    let error = distance(&got, &want);
    println!("after 20 steps: {error:e}");
    assert!(error < 1e-8);
}
