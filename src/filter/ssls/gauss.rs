//! The score of a normal law.

use super::prior::PriorScore;
use crate::rng::Noise;

/// ∇log p(x) = −C⁻¹(x − m) with the members' mean m and covariance C, so −w in whitened coordinates. The update is then exact
/// for a normal prior and a linear observation, whatever the step is.
///
/// Held by `tests/filter/ssls.rs`: `langevin_steps_reach_their_variance`, `the_normal_prior_is_exact_at_any_step`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gauss;

impl PriorScore for Gauss {
    fn begin(&mut self, _w: &[f64], _dim: usize, _noise: Noise, _cycle: u32) {}

    fn score(&mut self, w: &[f64], _width: f64, out: &mut [f64]) {
        out.iter_mut().zip(w).for_each(|(o, w)| *o = -w);
    }

    fn score_cost(&self, _n: usize, dim: usize) -> f64 {
        0.03 * dim as f64
    }
}
