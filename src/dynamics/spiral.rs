//! A damped rotation of the plane.

use super::Model;

/// Factor of a step.
const DAMPING: f64 = 0.98;
/// Angle of a step.
const ANGLE: f64 = 0.3;
/// Standard deviation of the noise of a step, √.01.
pub(super) const NOISE: f64 = 0.1;

/// x ← .98·Rot(.3)·x + .1·z. A step is one unit of time. The stationary law is N(0, p·I) with p = .01/(1 − .98²).
///
/// Held by `tests/filter/dynamics.rs`: `the_spiral_keeps_its_stationary_law`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spiral;

impl Spiral {
    /// The standard deviation of the stationary law.
    pub fn stationary() -> f64 {
        NOISE / (1.0 - DAMPING * DAMPING).sqrt()
    }
}

fn turn(x: &mut [f64]) {
    let (sin, cos) = libm::sincos(ANGLE);
    let (pairs, _) = x.as_chunks_mut::<2>();
    for p in pairs {
        *p = [
            DAMPING * (cos * p[0] - sin * p[1]),
            DAMPING * (sin * p[0] + cos * p[1]),
        ];
    }
}

impl Model for Spiral {
    fn dim(&self) -> usize {
        2
    }

    fn step(&self, _dt: f64, x: &mut [f64]) {
        turn(x);
    }

    fn noise(&self, _dt: f64) -> f64 {
        NOISE
    }

    fn tangent(&self, _dt: f64, _x: &[f64], columns: &mut [f64]) -> bool {
        turn(columns);
        true
    }

    fn is_linear(&self) -> bool {
        true
    }

    fn cost(&self) -> f64 {
        0.3
    }
}
