//! Interpolants between data and pure noise: α(0) = σ(1) = 1, α(1) = σ(0) = 0.
//!
//! Held by `src/schedule/mod.rs`: `every_process_is_its_row_of_the_table`, `rates_are_the_derivatives_of_the_level`.

use crate::level::{Level, Rates};
use std::f64::consts::FRAC_PI_2;

/// (cos πt/2, sin πt/2), exact at the ends.
pub(super) fn trig(t: f64) -> (f64, f64) {
    if t >= 1.0 {
        return (0.0, 1.0);
    }
    let (sin, cos) = libm::sincos(FRAC_PI_2 * t);
    (cos, sin)
}

/// f = α̇/α, g² = 2σσ̇ − 2fσ².
pub(super) fn rates(level: &Level, alpha_dot: f64, sigma_dot: f64) -> Rates {
    let f = alpha_dot / level.alpha;
    let g2 = 2.0 * level.sigma * (sigma_dot - f * level.sigma);
    Rates {
        alpha_dot,
        sigma_dot,
        f,
        g2,
    }
}

pub(super) fn trig_rates(level: &Level) -> Rates {
    rates(level, -FRAC_PI_2 * level.sigma, FRAC_PI_2 * level.alpha)
}

/// α = 1−t, σ² = 1−α²: σ̇ = α/σ, g² = 2/α.
pub(super) fn follmer_rates(level: &Level) -> Rates {
    Rates {
        alpha_dot: -1.0,
        sigma_dot: level.alpha / level.sigma,
        f: -1.0 / level.alpha,
        g2: 2.0 / level.alpha,
    }
}
