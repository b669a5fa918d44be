//! The first-order exponential integrator.
//!
//! Held by `tests/oracles.rs`: `every_sampler_has_its_closed_output_law_on_gaussian_data`, `convergence_orders_are_one_and_two`.

use super::step::stage;
use crate::level::Level;
use crate::sample::plan::Stage;

/// x_s = (σ_s/σ_t)x_t + (α_s − α_tσ_s/σ_t)x̂ (Song et al. 2021, DDIM, eq. 12 with η = 0).
pub fn ddim(t: &Level, s: &Level) -> Stage {
    let keep = s.sigma / t.sigma;
    stage(t, keep, s.alpha - t.alpha * keep, 0.0)
}
