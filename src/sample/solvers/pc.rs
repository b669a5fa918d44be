//! Langevin corrections after a step.
//!
//! Held by `tests/oracles.rs`: `every_sampler_has_its_closed_output_law_on_gaussian_data`.

use super::step::stage;
use crate::level::Level;
use crate::sample::plan::Stage;

/// Langevin correction at one level: x ← x − (δε + √(2δ)z)σ with δ = τ/mean ε² (Rozet & Louppe 2023, algorithm 4).
/// With fewer than 8 coordinates δ = τ: see [`SCALED_FROM`](crate::sample::SCALED_FROM).
pub fn correction(at: &Level, tau: f64) -> Stage {
    let [keep, pull, noise] = Stage::correction(at, tau);
    Stage {
        scaled: Some(tau),
        ..stage(at, keep, pull, noise)
    }
}
