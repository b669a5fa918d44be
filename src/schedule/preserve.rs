//! Processes with α² + σ² = 1, or 1 + η² with a noise floor η.
//!
//! Held by `src/schedule/mod.rs`: `every_process_is_its_row_of_the_table`, `rates_are_the_derivatives_of_the_level`,
//! `ddpm_alpha_is_the_product_of_its_kernels`.

use crate::level::{Level, Rates};

pub(super) const OU_RATE: f64 = 5.0;
pub(super) const ETA: f64 = 1e-3;
const BETA_0: f64 = 0.1;
const BETA_1: f64 = 20.0;

/// ω = arccos √η, so that cos²ω = η.
pub(super) fn omega() -> f64 {
    libm::acos(ETA.sqrt())
}

/// (α, σ = √(1−α²)) without cancellation near α = 1.
pub(super) fn from_log_alpha(log_alpha: f64) -> (f64, f64) {
    (libm::exp(log_alpha), (-libm::expm1(2.0 * log_alpha)).sqrt())
}

/// (α, σ = √(1−α²+η²)).
pub(super) fn with_floor(alpha: f64) -> (f64, f64) {
    (alpha, (1.0 - alpha * alpha + ETA * ETA).sqrt())
}

/// With α̇ = fα and α² + σ² = 1 + η²: σ̇ = −αα̇/σ, g² = −2f(1 + η²).
pub(super) fn rates(level: &Level, f: f64, eta: f64) -> Rates {
    let alpha_dot = f * level.alpha;
    Rates {
        alpha_dot,
        sigma_dot: -level.alpha * alpha_dot / level.sigma,
        f,
        g2: -2.0 * f * (1.0 + eta * eta),
    }
}

pub(super) fn vp_log_alpha(t: f64) -> f64 {
    -0.25 * t * t * (BETA_1 - BETA_0) - 0.5 * t * BETA_0
}

pub(super) fn vp_f(t: f64) -> f64 {
    -0.5 * (BETA_0 + t * (BETA_1 - BETA_0))
}

/// The t with −log α(t) = `decay`: the root of ¼Δt² + ½β₀t = decay, written without cancellation.
pub(super) fn vp_time(decay: f64) -> f64 {
    let delta = BETA_1 - BETA_0;
    4.0 * decay / (BETA_0 + (BETA_0 * BETA_0 + 4.0 * delta * decay).sqrt())
}

/// ½ log(1 − β_i), β linear from 10⁻⁴·1000/N to 0.02·1000/N, each capped at 0.999.
fn ddpm_half_log(n: u32, i: u32) -> f64 {
    let scale = 1000.0 / f64::from(n);
    let (first, last) = (1e-4 * scale, 0.02 * scale);
    let share = f64::from(i - 1) / f64::from(n - 1);
    0.5 * libm::log1p(-(first + (last - first) * share).min(0.999))
}

/// The piece i (1..=N) of [0, 1] that holds t: t ∈ ((i−1)/N, i/N], or [(i−1)/N, i/N) if `from_above`.
fn ddpm_piece(n: u32, t: f64, from_above: bool) -> u32 {
    let place = t * f64::from(n);
    let knot = libm::round(place);
    // i/N·N may differ from i by rounding, and must not fall into the next piece.
    let piece = if (place - knot).abs() > 1e-9 {
        libm::ceil(place)
    } else if from_above {
        knot + 1.0
    } else {
        knot
    };
    piece.clamp(1.0, f64::from(n)) as u32
}

pub(super) fn ddpm_log_alpha(n: u32, t: f64) -> f64 {
    let piece = ddpm_piece(n, t, false);
    let before: f64 = (1..piece).map(|i| ddpm_half_log(n, i)).sum();
    before + (t * f64::from(n) - f64::from(piece - 1)) * ddpm_half_log(n, piece)
}

pub(super) fn ddpm_f(n: u32, t: f64, from_above: bool) -> f64 {
    f64::from(n) * ddpm_half_log(n, ddpm_piece(n, t, from_above))
}

pub(super) fn ddpm_time(n: u32, decay: f64) -> f64 {
    let mut left = decay;
    for i in 1..=n {
        let piece = -ddpm_half_log(n, i);
        if left <= piece || i == n {
            return (f64::from(i - 1) + left / piece) / f64::from(n);
        }
        left -= piece;
    }
    1.0
}
