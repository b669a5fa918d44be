//! An autoregressive process of order one.

use super::Model;

/// a of [`Ar1`].
const A: f64 = 0.9;
/// b² of [`Ar1`].
const B2: f64 = 0.19;

/// x ← .9·x + b·z with b² = .19 = 1 − .9², so that the stationary law is N(0, 1). A step is one unit of time.
///
/// Held by `tests/filter/exact.rs`: `kalman_has_the_steady_state_of_the_autoregressive_process`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ar1;

impl Model for Ar1 {
    fn dim(&self) -> usize {
        1
    }

    fn step(&self, _dt: f64, x: &mut [f64]) {
        x.iter_mut().for_each(|x| *x *= A);
    }

    fn noise(&self, _dt: f64) -> f64 {
        B2.sqrt()
    }

    fn tangent(&self, _dt: f64, _x: &[f64], columns: &mut [f64]) -> bool {
        columns.iter_mut().for_each(|v| *v *= A);
        true
    }

    fn is_linear(&self) -> bool {
        true
    }

    fn cost(&self) -> f64 {
        0.1
    }
}
