//! Euler–Maruyama steps of the reverse SDE.
//!
//! Held by `tests/oracles.rs`: `every_sampler_has_its_closed_output_law_on_gaussian_data`.

use super::step::stage;
use crate::level::Level;
use crate::sample::plan::Stage;
use crate::schedule::Process;

/// Reverse SDE dx = [f·x − g²·score]dt + g dw̄ over Δ = t − s (Anderson 1982):
/// x_s = x_t − Δ(f·x_t − g²·score) + g√Δ z. The clock is t; for `edm` it is σ (g² = 2σ).
pub fn em(process: Process, t: &Level, s: &Level) -> Stage {
    let (f, g2, delta) = match process {
        Process::Edm => (0.0, 2.0 * t.sigma, t.sigma - s.sigma),
        _ => {
            let rates = process.rates(t.t);
            (rates.f, rates.g2, t.t - s.t)
        }
    };
    let per_x = g2 / (t.sigma * t.sigma);
    stage(
        t,
        1.0 - delta * (f + per_x),
        delta * per_x * t.alpha,
        (g2 * delta).sqrt(),
    )
}
