//! DPM-Solver++(2M).
//!
//! Held by `tests/oracles.rs`: `every_sampler_has_its_closed_output_law_on_gaussian_data`, `convergence_orders_are_one_and_two`.

use super::ddim::ddim;
use crate::level::Level;
use crate::sample::plan::Stage;

/// DPM-Solver++(2M) (Lu et al. 2022, algorithm 2): h = λ_s − λ_t, r = h_prev/h,
/// D = (1 + 1/2r)x̂ − (1/2r)x̂₋₁, x_s = (σ_s/σ_t)x_t − α_s(e^{−h} − 1)D. The first step, and steps at σ_s = 0 or
/// α = 0, are of first order (DDIM).
pub fn dpmpp2m(before: Option<&Level>, t: &Level, s: &Level) -> Stage {
    let mut stage = ddim(t, s);
    let Some(before) = before else { return stage };
    if s.sigma == 0.0 || t.alpha == 0.0 || before.alpha == 0.0 {
        return stage;
    }
    let h = s.lambda() - t.lambda();
    let half_inverse_r = 0.5 * h / (t.lambda() - before.lambda());
    // −α_s(e^{−h} − 1) = α_s − α_tσ_s/σ_t is the pull of the DDIM step.
    let whole = stage.pulls[0];
    stage.pulls = [whole * (1.0 + half_inverse_r), -whole * half_inverse_r];
    stage
}
