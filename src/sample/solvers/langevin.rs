//! Langevin at one noise level.
//!
//! Held by `tests/oracles.rs`: `every_sampler_has_its_closed_output_law_on_gaussian_data`.

use super::step::stage;
use crate::level::Level;
use crate::sample::plan::{Plan, Stage};

/// x ← x + h·score + √(2h)z at σ = `level`, α = 1, h = step·level², from N(0, 1).
pub fn langevin(level: f64, step: f64, steps: u32) -> Plan {
    let at = Level {
        t: 0.0,
        alpha: 1.0,
        sigma: level,
    };
    let one = |i: u32| Stage {
        lands: Some(i as usize + 1),
        ..stage(&at, 1.0 - step, step, (2.0 * step).sqrt() * level)
    };
    Plan {
        levels: vec![at; steps as usize + 1],
        start: 1.0,
        stages: (0..steps).map(one).collect(),
    }
}
