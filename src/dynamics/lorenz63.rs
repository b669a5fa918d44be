//! Lorenz's model of convection (1963).

use super::Model;
use super::rk4;

/// dx = 10(y − x), dy = x(28 − z) − y, dz = xy − 8z/3 (E. N. Lorenz, *Deterministic nonperiodic flow*, 1963), by RK4.
///
/// Held by `tests/filter/dynamics.rs`: `runge_kutta_has_order_four_on_both_lorenz_models`,
/// `the_lorenz_models_have_their_lyapunov_exponents`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lorenz63;

fn slope(&[x, y, z]: &[f64; 3]) -> [f64; 3] {
    [10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z]
}

impl Model for Lorenz63 {
    fn dim(&self) -> usize {
        3
    }

    fn step(&self, dt: f64, x: &mut [f64]) {
        let (states, _) = x.as_chunks_mut::<3>();
        for state in states {
            rk4(state, dt, slope);
        }
    }

    fn noise(&self, _dt: f64) -> f64 {
        0.0
    }

    fn cost(&self) -> f64 {
        0.4
    }
}
