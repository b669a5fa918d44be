//! A state that does not move, with a standard normal law at the start.

use super::Model;

/// x ← x: what is left is the update. With x ~ N(0, I) in d coordinates and observations of all of them, the weights of a
/// particle filter degenerate exponentially in d.
///
/// Held by `tests/filter/updates.rs`: `weights_die_exponentially_in_the_dimension`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Static {
    /// d, the number of coordinates.
    pub states: usize,
}

impl Model for Static {
    fn dim(&self) -> usize {
        self.states
    }

    fn step(&self, _dt: f64, _x: &mut [f64]) {}

    fn noise(&self, _dt: f64) -> f64 {
        0.0
    }

    fn tangent(&self, _dt: f64, _x: &[f64], _columns: &mut [f64]) -> bool {
        true
    }

    fn is_linear(&self) -> bool {
        true
    }

    fn cost(&self) -> f64 {
        0.01
    }
}
