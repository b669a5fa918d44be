//! The law of x_t when x₀ is uniform on a torus.
//!
//! With u = x_t/α = (q cos ψ, q sin ψ, h), s = σ/α and ρ(θ) = R + r cos θ, the integral over φ is a Bessel
//! function, and the weight of θ is
//!
//! w(θ) = ρ·exp(−[(q − ρ)² + (h − r sin θ)²]/2s²)·e^{−qρ/s²}I₀(qρ/s²),
//!
//! x̂ = (cos ψ, sin ψ)·E_w[ρ·I₁/I₀] in the plane and E_w[r sin θ] along z; p_t = (2πσ²)^{−3/2} (2πR)⁻¹ ∫ w dθ. Let d
//! and θ* be the distance and the direction of (q, h) from (R, 0). Then the second factor of w is
//! e^{−(d−r)²/2s²}·e^{−κ(1 − cos(θ−θ*))} with κ = dr/s², a von Mises density, which the periodic trapezoidal rule sums.
//!
//! Held by `src/law/space/tests.rs`: `density_and_denoiser_agree_with_quadrature`,
//! `the_torus_is_regular_on_its_axis_and_on_its_core`.

use super::torus::Torus;
use crate::law::diffused::NO_SIGNAL;
use crate::law::truncated::LOG_SQRT_TAU;
use crate::level::Level;
use crate::special::bessel::i0e_and_ratio;
use std::f64::consts::PI;
use std::f64::consts::TAU;

/// Exponents this far below the largest do not change a sum in f64.
const NEGLIGIBLE: f64 = 40.0;
/// At σ = 0, a point closer to the surface than this (in units of x₀) counts as on it.
const ON_SURFACE: f64 = 1e-12;

/// A torus at one level.
#[derive(Debug, Clone)]
pub(super) struct DiffusedTorus<'a> {
    torus: &'a Torus,
    level: Level,
}

/// The sums over θ at one point.
struct Sums {
    /// log ∫ w dθ.
    log_mass: f64,
    /// E_w[ρ·I₁/I₀] and E_w[r sin θ].
    radial: f64,
    height: f64,
}

impl<'a> DiffusedTorus<'a> {
    pub(super) fn new(torus: &'a Torus, level: &Level) -> Self {
        Self {
            torus,
            level: *level,
        }
    }

    pub(super) fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        let Level { alpha, sigma, .. } = self.level;
        if alpha < NO_SIGNAL {
            out.fill(0.0);
            return;
        }
        if sigma == 0.0 {
            for (o, x) in out.iter_mut().zip(x_t) {
                *o = x / alpha;
            }
            return;
        }
        for (out, x) in out.chunks_exact_mut(3).zip(x_t.chunks_exact(3)) {
            let (x, y, h) = (x[0] / alpha, x[1] / alpha, x[2] / alpha);
            let q = libm::hypot(x, y);
            let sums = self.sums(q, h);
            // On the axis the radial part is 0.
            let along = if q > 0.0 { sums.radial / q } else { 0.0 };
            out.copy_from_slice(&[along * x, along * y, sums.height]);
        }
    }

    pub(super) fn log_density(&self, x: &[f64]) -> f64 {
        let Level { alpha, sigma, .. } = self.level;
        if alpha < NO_SIGNAL {
            let z = |x: f64| -0.5 * (x / sigma) * (x / sigma);
            return z(x[0]) + z(x[1]) + z(x[2]) - 3.0 * (LOG_SQRT_TAU + libm::log(sigma));
        }
        let (x, y, h) = (x[0] / alpha, x[1] / alpha, x[2] / alpha);
        if sigma == 0.0 {
            return match self.torus.surface_distance(&[x, y, h]) < ON_SURFACE {
                true => f64::INFINITY,
                false => f64::NEG_INFINITY,
            };
        }
        let log_mass = self.sums(libm::hypot(x, y), h).log_mass;
        log_mass - libm::log(TAU * self.torus.major) - 3.0 * (LOG_SQRT_TAU + libm::log(sigma))
    }

    fn sums(&self, q: f64, h: f64) -> Sums {
        let Torus { major, minor } = *self.torus;
        let s = self.level.ratio();
        let precision = 1.0 / (s * s);
        let d = libm::hypot(q - major, h);
        let (cos_star, sin_star) = match d > 0.0 {
            true => ((q - major) / d, h / d),
            false => (1.0, 0.0),
        };
        let kappa = d * minor * precision;
        // Harmonics of w: for each φ the integrand is a von Mises density in θ with
        // κ_φ = r·|(q cos φ − R, h)|/s² ≤ κ + (r/ρ)·a, and e^{−a}, a = qρ(1 − cos φ)/s², is the damping of that φ.
        // Every φ with a > 40 is negligible, so κ_φ is at most this:
        let widest = minor * libm::hypot(q + major, h) * precision;
        let wide = widest.min(kappa + NEGLIGIBLE * minor / (major - minor));
        // Harmonic n of a von Mises density is I_n/I₀ ≲ e^{−n²/2κ}. At n² = 72κ it is e^{−36}. At small κ it is
        // (κ/2)ⁿ/n!, and the ten extra nodes make it as small.
        let count = (10.0 + 8.5 * wide.sqrt()).ceil();
        // Nodes with κ(1 − cos) = 2κ sin²(·/2) > 40 are left out.
        let half_step = PI / count;
        let share = (0.5 * NEGLIGIBLE / kappa).sqrt();
        let window = if share < 1.0 {
            libm::asin(share) / half_step
        } else {
            f64::INFINITY
        };
        // Symmetric pairs ±j, and the node opposite to θ* once if the whole circle is used.
        let all = (0.5 * (count - 1.0)).floor();
        let pairs = window.ceil().min(all) as usize;
        let opposite = window > all && count % 2.0 == 0.0;

        let (mut mass, mut radial, mut height) = (0.0, 0.0, 0.0);
        let mut add = |fall: f64, cos: f64, sin: f64| {
            let rho = major + minor * cos;
            let (i0e, ratio) = i0e_and_ratio(q * rho * precision);
            let weight = fall * rho * i0e;
            mass += weight;
            radial += weight * rho * ratio;
            height += weight * minor * sin;
        };
        add(1.0, cos_star, sin_star);
        // Angles by repeated rotation of the half angle, because 1 − cos = 2 sin² of it keeps its digits.
        let (sin_half, cos_half) = libm::sincos(half_step);
        let (mut sin, mut cos) = (sin_half, cos_half);
        for _ in 0..pairs {
            let fall = libm::exp(-2.0 * kappa * sin * sin);
            let (c, s) = (1.0 - 2.0 * sin * sin, 2.0 * sin * cos);
            add(
                fall,
                cos_star * c - sin_star * s,
                sin_star * c + cos_star * s,
            );
            add(
                fall,
                cos_star * c + sin_star * s,
                sin_star * c - cos_star * s,
            );
            (sin, cos) = (
                sin * cos_half + cos * sin_half,
                cos * cos_half - sin * sin_half,
            );
        }
        if opposite {
            add(libm::exp(-2.0 * kappa), -cos_star, -sin_star);
        }
        let off = (d - minor) / s;
        Sums {
            log_mass: libm::log(mass * 2.0 * half_step) - 0.5 * off * off,
            radial: radial / mass,
            height: height / mass,
        }
    }
}
