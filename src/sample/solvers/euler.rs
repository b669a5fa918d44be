//! Euler steps of the probability flow.
//!
//! Held by `tests/oracles.rs`: `every_sampler_has_its_closed_output_law_on_gaussian_data`, `convergence_orders_are_one_and_two`.

use super::step::{flow, length, stage};
use crate::level::Level;
use crate::sample::plan::Stage;
use crate::schedule::Process;

/// x_s = x_t + (s − t)·v(x_t, t), v = α̇x̂ + σ̇ε.
pub fn euler(process: Process, t: &Level, s: &Level) -> Stage {
    let (rate, push) = flow(process, t, process.rates(t.t));
    let h = length(process, t, s);
    stage(t, 1.0 + h * rate, h * push, 0.0)
}
