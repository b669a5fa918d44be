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
use crate::special::bessel::i0e_and_ratio_of_four;
use crate::special::lanes::Pair;
use crate::special::pairs::exp;
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
        // Of two nodes and their mirror images in θ*: the weights, and these times ρ·I₁/I₀ and times r sin θ.
        let nodes = |fall: Pair, [right, left]: [(Pair, Pair); 2]| {
            let (minor, q) = (Pair::both(minor), Pair::both(q));
            let rho = |cos: Pair| Pair::both(major) + minor * cos;
            let (rho, other) = (rho(right.0), rho(left.0));
            let precision = Pair::both(precision);
            let [one, two] = i0e_and_ratio_of_four([q * rho * precision, q * other * precision]);
            let sums = |rho: Pair, (i0e, ratio): (Pair, Pair), sin: Pair| {
                let weight = fall * rho * i0e;
                let (along, up) = (weight * rho * ratio, weight * minor * sin);
                [weight.lanes(), along.lanes(), up.lanes()]
            };
            [sums(rho, one, right.1), sums(other, two, left.1)]
        };
        let mut add = |[weight, along, up]: &[[f64; 2]; 3], lane: usize| {
            mass += weight[lane];
            radial += along[lane];
            height += up[lane];
        };
        let star = (Pair::both(cos_star), Pair::both(sin_star));
        add(&nodes(Pair::both(1.0), [star, star])[0], 0);
        // Angles by repeated rotation of the half angle, because 1 − cos = 2 sin² of it keeps its digits.
        let (sin_half, cos_half) = libm::sincos(half_step);
        let turned = |(sin, cos): (f64, f64)| {
            (
                sin * cos_half + cos * sin_half,
                cos * cos_half - sin * sin_half,
            )
        };
        let mut angle = (sin_half, cos_half);
        for pair in (0..pairs).step_by(2) {
            let next = turned(angle);
            let (sin, cos) = (Pair::new([angle.0, next.0]), Pair::new([angle.1, next.1]));
            let fall = exp(Pair::both(-2.0 * kappa) * sin * sin);
            let two = Pair::both(2.0);
            let (c, s) = (Pair::both(1.0) - two * sin * sin, two * sin * cos);
            let (cos_c, sin_s) = (star.0 * c, star.1 * s);
            let (sin_c, cos_s) = (star.1 * c, star.0 * s);
            let sides = [
                (cos_c - sin_s, sin_c + cos_s),
                (cos_c + sin_s, sin_c - cos_s),
            ];
            let [right, left] = nodes(fall, sides);
            for lane in 0..(pairs - pair).min(2) {
                add(&right, lane);
                add(&left, lane);
            }
            angle = turned(next);
        }
        if opposite {
            let fall = Pair::both(libm::exp(-2.0 * kappa));
            let side = (star.0.negative(), star.1.negative());
            add(&nodes(fall, [side, side])[0], 0);
        }
        let off = (d - minor) / s;
        Sums {
            log_mass: libm::log(mass * 2.0 * half_step) - 0.5 * off * off,
            radial: radial / mass,
            height: height / mass,
        }
    }
}
