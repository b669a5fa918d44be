//! Langevin corrections after a step.

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
