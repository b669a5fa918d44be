//! Shared by the steps of samplers.
//!
//! Held by `tests/oracles.rs`: `every_sampler_has_its_closed_output_law_on_gaussian_data`, `convergence_orders_are_one_and_two`.

use crate::level::{Level, Rates};
use crate::sample::plan::Stage;
use crate::schedule::Process;

/// A stage that evaluates at `at` and commits.
pub fn stage(at: &Level, keep: f64, pull: f64, noise: f64) -> Stage {
    Stage {
        level: Some(*at),
        keep,
        pulls: [pull, 0.0],
        noise,
        commit: true,
        scaled: None,
        lands: None,
    }
}

/// (rate, push) of the probability flow dx/dτ = rate·x + push·x̂. The clock τ is t; for `edm` it is σ.
pub fn flow(process: Process, at: &Level, rates: Rates) -> (f64, f64) {
    let (alpha_dot, sigma_dot) = match process {
        Process::Edm => (0.0, 1.0),
        _ => (rates.alpha_dot, rates.sigma_dot),
    };
    let rate = sigma_dot / at.sigma;
    (rate, alpha_dot - at.alpha * rate)
}

/// Length of the step from t to s on the clock of [`flow`].
pub fn length(process: Process, t: &Level, s: &Level) -> f64 {
    match process {
        Process::Edm => s.sigma - t.sigma,
        _ => s.t - t.t,
    }
}
