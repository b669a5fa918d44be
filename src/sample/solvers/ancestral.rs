//! The posterior step of DDPM.
//!
//! Held by `tests/oracles.rs`: `every_sampler_has_its_closed_output_law_on_gaussian_data`.

use super::step::stage;
use crate::level::Level;
use crate::sample::plan::Stage;

/// Posterior step of DDPM: τ = 1 − (α_tσ_s/(α_sσ_t))²,
/// x_s = α_s x̂ + σ_s√(1−τ)(x_t − α_t x̂)/σ_t + σ_s√τ z (Ho et al. 2020, eq. 7, in α and σ).
pub fn ancestral(t: &Level, s: &Level) -> Stage {
    let root = t.alpha * s.sigma / (s.alpha * t.sigma);
    let keep = s.sigma * root / t.sigma;
    let tau = ((1.0 - root) * (1.0 + root)).max(0.0);
    stage(t, keep, s.alpha - keep * t.alpha, s.sigma * tau.sqrt())
}
