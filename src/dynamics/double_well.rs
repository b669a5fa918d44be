//! A particle in a double well with noise.

use super::Model;

/// dX = c(X − X³)dt + s dB, by Euler and Maruyama: x ← x + c(x − x³)·dt + s√dt·z. The wells are at ±1, and the stationary
/// density is proportional to exp(−(2c/s²)(x⁴/4 − x²/2)).
///
/// Held by `tests/filter/exact.rs`: `the_double_well_has_its_variance_and_its_slow_eigenvalue`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DoubleWell {
    /// c, the depth of the wells.
    pub wells: f64,
    /// s, the noise per square root of time.
    pub noise: f64,
}

impl Model for DoubleWell {
    fn dim(&self) -> usize {
        1
    }

    fn step(&self, dt: f64, x: &mut [f64]) {
        let h = self.wells * dt;
        for x in x {
            *x += h * (*x - *x * *x * *x);
        }
    }

    fn noise(&self, dt: f64) -> f64 {
        self.noise * dt.sqrt()
    }

    fn tangent(&self, dt: f64, x: &[f64], columns: &mut [f64]) -> bool {
        let slope = 1.0 + self.wells * dt * (1.0 - 3.0 * x[0] * x[0]);
        columns.iter_mut().for_each(|v| *v *= slope);
        true
    }

    fn cost(&self) -> f64 {
        0.2
    }
}
