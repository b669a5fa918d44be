//! Linear-Gaussian chains against dense algebra: laws, the linear-time denoiser, posteriors, refusals.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

mod contexts;
mod laws;
mod posterior;
mod refusals;
mod segments;
mod start;

use proptest::prelude::*;
use scorefield::denoise::Denoiser;
use scorefield::denoise::Differentiable;
use scorefield::level::Level;
use scorefield::process::Chain;
use scorefield::process::Matrix;
use scorefield::process::lgssm::Blanket;
use scorefield::process::lgssm::Posterior;
use scorefield::process::lgssm::Seen;
use scorefield::process::lgssm::reached;
use scorefield::process::lgssm::stack;
use scorefield::rng::Noise;
use scorefield::rng::Stream;

const B: f64 = 0.435_889_894_354_067_4; // √0.19: unit variance at a = 0.9

fn ar1(length: usize) -> Chain {
    Chain::ar1(0.9, B, 1.0, 0.5, length).unwrap()
}

fn at(ratio: f64) -> Level {
    // Both scales differ from 1, so that neither can be forgotten.
    let alpha = 0.8;
    Level {
        t: 0.5,
        alpha,
        sigma: alpha * ratio,
    }
}

fn largest(a: &Matrix<f64>) -> f64 {
    a.iter().fold(0.0, |m, x| m.max(x.abs()))
}

fn close(what: &str, a: &Matrix<f64>, b: &Matrix<f64>, tolerance: f64) {
    let gap = largest(&(a - b));
    assert!(gap <= tolerance, "{what}: {gap:e}");
}

fn identity(n: usize) -> Matrix<f64> {
    Matrix::identity(n, n)
}

fn inverse(a: Matrix<f64>) -> Matrix<f64> {
    a.cholesky().expect("positive").inverse()
}

fn column(x: &[f64]) -> Matrix<f64> {
    Matrix::from_column_slice(x.len(), 1, x)
}

fn normals(n: usize, seed: u64) -> Vec<f64> {
    let mut z = vec![0.0; n];
    Noise::new(seed).normals(Stream::Start, 0, 0, &mut z);
    z
}

fn x_hat(denoiser: &dyn Denoiser, level: &Level, x: &[f64]) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len()];
    denoiser.at(level).x_hat(x, &mut out);
    out
}

fn rows(m: &Matrix<f64>) -> Vec<Vec<f64>> {
    m.row_iter().map(|r| r.iter().copied().collect()).collect()
}

/// Any stable model: p ≤ 4 coordinates, a spectral radius up to 0.98, Q of any rank, q ≤ 2 rows of O.
fn models() -> impl Strategy<Value = Chain> {
    let entries = prop::collection::vec(-1.0..1.0f64, 60);
    (
        1usize..5,
        1usize..3,
        1usize..5,
        0.0..0.98f64,
        1usize..14,
        entries,
    )
        .prop_map(|(p, q, rank, radius, length, e)| {
            let t = Matrix::from_fn(p, p, |i, j| e[i * 4 + j]);
            let own = t.complex_eigenvalues();
            let own = own.iter().map(|v| v.re.hypot(v.im)).fold(0.0, f64::max);
            let t = t * (radius / own.max(1e-3));
            let b = Matrix::from_fn(p, rank.min(p), |i, j| e[16 + i * 4 + j]);
            let o = Matrix::from_fn(q, p, |i, j| e[32 + i * 4 + j]);
            let c = Matrix::from_fn(q, q, |i, j| e[48 + i * 4 + j]);
            let noise = &c * c.transpose() + identity(q) * 0.1;
            let drive = &b * b.transpose();
            Chain::custom(&rows(&t), &rows(&drive), &rows(&o), &rows(&noise), length).unwrap()
        })
}

fn presets(length: usize) -> [Chain; 3] {
    [
        ar1(length),
        Chain::damped_spring(0.5, length).unwrap(),
        Chain::rotation(0.5, length).unwrap(),
    ]
}
