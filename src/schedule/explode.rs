//! Processes with α = 1 and a growing σ.
//!
//! Held by `src/schedule/mod.rs`: `every_process_is_its_row_of_the_table`, `rates_are_the_derivatives_of_the_level`.

use crate::level::{Level, Rates};

const VE_MIN: f64 = 0.01;
const VE_GROWTH: f64 = 5000.0;
/// Smallest positive σ of `edm`.
pub(super) const EDM_MIN: f64 = 0.002;
/// Largest σ of `edm`.
pub(super) const EDM_MAX: f64 = 80.0;
/// Karras' ρ.
pub(super) const RHO: f64 = 7.0;

pub(super) fn rates(level: &Level, sigma_dot: f64) -> Rates {
    Rates {
        alpha_dot: 0.0,
        sigma_dot,
        f: 0.0,
        g2: 2.0 * level.sigma * sigma_dot,
    }
}

pub(super) fn ve_sigma(t: f64) -> f64 {
    VE_MIN * libm::exp(t * libm::log(VE_GROWTH))
}

pub(super) fn ve_sigma_dot(t: f64) -> f64 {
    ve_sigma(t) * libm::log(VE_GROWTH)
}

pub(super) fn ve_time(sigma: f64) -> f64 {
    libm::log(sigma / VE_MIN) / libm::log(VE_GROWTH)
}

/// x^{1/ρ}.
pub(super) fn root(x: f64) -> f64 {
    libm::pow(x, 1.0 / RHO)
}

/// x^ρ for ρ = 7, by multiplications.
pub(super) fn power(x: f64) -> f64 {
    let x2 = x * x;
    x2 * x2 * x2 * x
}

pub(super) fn edm_sigma(t: f64) -> f64 {
    if t <= 0.0 {
        return 0.0;
    }
    let (lo, hi) = (root(EDM_MIN), root(EDM_MAX));
    power(lo + t * (hi - lo))
}

pub(super) fn edm_sigma_dot(t: f64) -> f64 {
    let (lo, hi) = (root(EDM_MIN), root(EDM_MAX));
    let base = lo + t * (hi - lo);
    RHO * (hi - lo) * power(base) / base
}

pub(super) fn edm_time(sigma: f64) -> f64 {
    let (lo, hi) = (root(EDM_MIN), root(EDM_MAX));
    (root(sigma) - lo) / (hi - lo)
}
