//! The flow of a fluid on a periodic square: closed forms, conservation laws, the table of an independent solver, transposes.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

mod adjoint;
mod bits;
mod exact;
mod fields;
mod films;
mod gaussian;
mod metrics;
mod oracle;
mod truths;

use scorefield::dynamics::kolmogorov::{Parameters, Solver};
use std::f64::consts::TAU;

/// The flow that ships, after a change.
fn flow(change: impl FnOnce(&mut Parameters)) -> Solver {
    let mut parameters = Parameters::default();
    change(&mut parameters);
    Solver::new(parameters).unwrap()
}

/// The field f(x, y).
fn field(solver: &Solver, f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let n = solver.parameters().pixels;
    let at = |i: usize| TAU * i as f64 / n as f64;
    (0..n * n).map(|i| f(at(i % n), at(i / n))).collect()
}

/// The field of the oracle.
fn waves(x: f64, y: f64) -> f64 {
    2.0 * x.sin() * (2.0 * y).cos() + (3.0 * x + y).cos() - 1.5 * (2.0 * x - 2.0 * y).sin()
        + 0.5 * (4.0 * y).cos()
}

/// The field after `frames` intervals.
fn after(solver: &Solver, start: &[f64], frames: usize) -> Vec<f64> {
    let mut omega = start.to_vec();
    for _ in 0..frames {
        solver.advance(&mut omega).unwrap();
    }
    omega
}

fn gap(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).fold(0.0, |m, (a, b)| (a - b).abs().max(m))
}

fn mean(a: &[f64]) -> f64 {
    a.iter().sum::<f64>() / a.len() as f64
}

/// ⟨ab⟩.
fn inner(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / a.len() as f64
}
