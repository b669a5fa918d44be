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
//! Under wide noise few nodes are enough. They are then the same for all points, at ±θ and π ± θ: two of them share a
//! Bessel function, and all four share e^{hr sin θ/s²}. With ρ² + r² sin² θ = R² + r² + 2R(ρ − R), and with what does
//! not depend on θ left out, w(θ) = ρ·e^{−R(ρ−R)/s²}·e^{hr sin θ/s²}·I₀(qρ/s²).
//!
//! Held by `src/law/space/tests.rs`: `density_and_denoiser_agree_with_quadrature`,
//! `the_torus_is_exact_to_rounding`, `the_torus_is_regular_on_its_axis_and_on_its_core`.

use super::torus::Torus;
use crate::law::diffused::NO_SIGNAL;
use crate::law::truncated::LOG_SQRT_TAU;
use crate::level::Level;
use crate::special::bessel::i0e_and_ratio_of_four;
use crate::special::bessel::power_series;
use crate::special::bessel::power_terms;
use crate::special::lanes::Pair;
use crate::special::pairs::quick_exp;
use std::f64::consts::PI;
use std::f64::consts::TAU;

/// Exponents this far below the largest do not change a sum in f64.
const NEGLIGIBLE: f64 = 40.0;
/// −log of what a sum over the circle may miss.
const MISSED: f64 = 37.0;
/// Points up to this many s outside of the torus are seen by the same nodes, under wide noise.
const FAR: f64 = 5.5;
/// Under wide noise, not more nodes than this.
const MOST: usize = 40;
/// At σ = 0, a point closer to the surface than this (in units of x₀) counts as on it.
const ON_SURFACE: f64 = 1e-12;

/// A torus at one level.
#[derive(Debug, Clone)]
pub(super) struct DiffusedTorus<'a> {
    torus: &'a Torus,
    level: Level,
    /// acosh(1 + 1/c), c = r/(R − r).
    strip: f64,
    wide: Option<Wide>,
}

/// Under wide noise: four nodes a ring, at ±θ and π ± θ, for all points of a ball.
#[derive(Debug, Clone)]
struct Wide {
    /// The square of the radius of the ball, in units of x₀.
    reach_2: f64,
    /// Terms of the Bessel functions.
    terms: usize,
    rings: Vec<Ring>,
}

/// Two circles of the torus at the height r sin θ, and two at the opposite height.
#[derive(Debug, Clone, Copy)]
struct Ring {
    /// r sin θ and the same over s².
    height: f64,
    lift: f64,
    /// Of the outer and of the inner circle.
    circles: [Circle; 2],
}

#[derive(Debug, Clone, Copy)]
struct Circle {
    /// ρ²/4s⁴, which q² is multiplied by in the Bessel series.
    stretch: f64,
    /// ρ·e^{−R(ρ−R)/s²}, and the same times ρ²/2s².
    weight: f64,
    along: f64,
}

/// The sums over θ at one point.
struct Sums {
    /// ∫ w dθ without the factor e^{−fall}.
    mass: f64,
    fall: f64,
    /// E_w[ρ·I₁/I₀] and E_w[r sin θ].
    radial: f64,
    height: f64,
}

impl<'a> DiffusedTorus<'a> {
    pub(super) fn new(torus: &'a Torus, level: &Level) -> Self {
        Self {
            torus,
            level: *level,
            strip: libm::acosh(torus.major / torus.minor),
            wide: Wide::new(torus, level.ratio()),
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
        if let Some(wide) = &self.wide {
            for (out, x) in out.chunks_mut(12).zip(x_t.chunks(12)) {
                self.four(wide, x, out);
            }
            return;
        }
        for (out, x) in out.chunks_exact_mut(3).zip(x_t.chunks_exact(3)) {
            self.one(x, out);
        }
    }

    /// x̂ of one point.
    fn one(&self, x: &[f64], out: &mut [f64]) {
        let alpha = self.level.alpha;
        let (x, y, h) = (x[0] / alpha, x[1] / alpha, x[2] / alpha);
        let q = (x * x + y * y).sqrt();
        let sums = self.sums(q, h);
        // On the axis the radial part is 0.
        let along = if q > 0.0 { sums.radial / q } else { 0.0 };
        out.copy_from_slice(&[along * x, along * y, sums.height]);
    }

    /// x̂ of up to four points under wide noise.
    fn four(&self, wide: &Wide, x_t: &[f64], out: &mut [f64]) {
        let alpha = Pair::both(self.level.alpha);
        let last = x_t.len() / 3 - 1;
        let place = |i: usize| 3 * i.min(last);
        let coordinate = |i: usize, axis: usize| {
            Pair::new([x_t[place(i) + axis], x_t[place(i + 1) + axis]]) / alpha
        };
        let (x, y) = (
            [coordinate(0, 0), coordinate(2, 0)],
            [coordinate(0, 1), coordinate(2, 1)],
        );
        let h = [coordinate(0, 2), coordinate(2, 2)];
        let q_2 = [x[0] * x[0] + y[0] * y[0], x[1] * x[1] + y[1] * y[1]];
        let inside = |i: usize| (q_2[i] + h[i] * h[i]).below(Pair::both(wide.reach_2));
        let inside = [inside(0), inside(1)];
        let (mass, along, height) = wide.sums(q_2, h);
        for i in 0..2 {
            let along = along[i] / mass[i];
            let (x, y) = ((along * x[i]).lanes(), (along * y[i]).lanes());
            let height = (height[i] / mass[i]).lanes();
            let inside = inside[i].lanes().map(f64::to_bits);
            for lane in 0..2 {
                let at = 3 * (2 * i + lane);
                if at >= x_t.len() {
                    return;
                }
                let out = &mut out[at..at + 3];
                match inside[lane] {
                    0 => self.one(&x_t[at..at + 3], out),
                    _ => out.copy_from_slice(&[x[lane], y[lane], height[lane]]),
                }
            }
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
        let Sums { mass, fall, .. } = self.sums(libm::hypot(x, y), h);
        libm::log(mass)
            - fall
            - libm::log(TAU * self.torus.major)
            - 3.0 * (LOG_SQRT_TAU + libm::log(sigma))
    }

    fn sums(&self, q: f64, h: f64) -> Sums {
        let Torus { major, minor } = *self.torus;
        let s = self.level.ratio();
        let precision = 1.0 / (s * s);
        let d = ((q - major) * (q - major) + h * h).sqrt();
        let (cos_star, sin_star) = match d > 0.0 {
            true => ((q - major) / d, h / d),
            false => (1.0, 0.0),
        };
        let kappa = d * minor * precision;
        // Harmonics of w: for each φ the integrand is a von Mises density in θ with
        // κ_φ = r·|(q cos φ − R, h)|/s² ≤ κ + c·a, c = r/(R − r), and that φ has at most e^{−a} of the mass of φ = 0. At
        // no φ is κ_φ more than `widest`.
        let widest = minor * ((q + major) * (q + major) + h * h).sqrt() * precision;
        let narrow = 10.0 + 8.5 * widest.sqrt();
        // Harmonic n of a von Mises density is I_n/I₀ ≤ e^{−g}, g = κ + n·asinh(n/κ) − √(n² + κ²). Over all a, the least
        // a + g(κ + ca) is n·acosh(1 + 1/c) − κ/c, if that is at an a > 0. At a = 0, g is MISSED at
        // n² = 2·MISSED·κ + MISSED²/3 and less. Two more nodes are for the factors ρ.
        let c = minor / (major - minor);
        let strip = (MISSED + kappa / c) / self.strip;
        let peak = (2.0 * MISSED * kappa + MISSED * MISSED / 3.0).sqrt();
        let count = narrow.min(2.0 + strip.max(peak)).ceil();
        if !count.is_finite() {
            // The point is not finite: the run has failed, and its checks say so.
            return Sums {
                mass: f64::NAN,
                fall: f64::NAN,
                radial: f64::NAN,
                height: f64::NAN,
            };
        }
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
            let [fall] = quick_exp([Pair::both(-2.0 * kappa) * sin * sin]);
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
            mass: mass * 2.0 * half_step,
            fall: 0.5 * off * off,
            radial: radial / mass,
            height: height / mass,
        }
    }
}

impl Wide {
    /// The nodes at the ratio s = σ/α, if few are enough.
    fn new(torus: &Torus, s: f64) -> Option<Self> {
        let Torus { major, minor } = *torus;
        let precision = 1.0 / (s * s);
        let reach = major + minor + FAR * s;
        // The largest κ_φ, and the largest argument of a Bessel function.
        let kappa = minor * (reach + major) * precision;
        let steepest = reach * (major + minor) * precision;
        // Harmonic n of a von Mises density is I_n/I₀ ≤ (κ/2)ⁿ/n!. Two more nodes are for the factors ρ.
        let (mut count, mut missed, enough) = (0, 1.0, libm::exp(-MISSED));
        while missed > enough {
            count += 1;
            missed *= 0.5 * kappa / count as f64;
            if count == MOST {
                return None;
            }
        }
        let terms = power_terms(steepest)?;
        let rings = (count + 2).div_ceil(4);
        let ring = |i: usize| {
            let (sin, cos) = libm::sincos(PI * (i as f64 + 0.5) / (2 * rings) as f64);
            let circle = |cos: f64| {
                let rho = major + minor * cos;
                let weight = rho * libm::exp(-major * minor * cos * precision);
                let scaled = 0.5 * rho * precision;
                Circle {
                    stretch: scaled * scaled,
                    weight,
                    along: weight * rho * scaled,
                }
            };
            Ring {
                height: minor * sin,
                lift: minor * sin * precision,
                circles: [circle(cos), circle(-cos)],
            }
        };
        Some(Self {
            reach_2: reach * reach,
            terms,
            rings: (0..rings).map(ring).collect(),
        })
    }

    /// Of q² and h: ∫ w dθ, and the same with ρI₁/qI₀ and with r sin θ as factors, up to a factor of all three.
    #[inline(always)]
    fn sums(&self, q_2: [Pair; 2], h: [Pair; 2]) -> ([Pair; 2], [Pair; 2], [Pair; 2]) {
        let zero = Pair::both(0.0);
        let (mut mass, mut along, mut height) = ([zero; 2], [zero; 2], [zero; 2]);
        for ring in &self.rings {
            let lift = Pair::both(ring.lift);
            let up = quick_exp([lift * h[0], lift * h[1]]);
            let [outer, inner] = ring.circles;
            let (stretch, other) = (Pair::both(outer.stretch), Pair::both(inner.stretch));
            let y = [
                q_2[0] * stretch,
                q_2[1] * stretch,
                q_2[0] * other,
                q_2[1] * other,
            ];
            let series = power_series(self.terms, y);
            for i in 0..2 {
                let down = Pair::both(1.0) / up[i];
                let (a, b) = (series[i], series[i + 2]);
                let both = Pair::both(outer.weight) * a.0 + Pair::both(inner.weight) * b.0;
                let turned = Pair::both(outer.along) * a.1 + Pair::both(inner.along) * b.1;
                mass[i] = mass[i] + (up[i] + down) * both;
                along[i] = along[i] + (up[i] + down) * turned;
                height[i] = height[i] + Pair::both(ring.height) * ((up[i] - down) * both);
            }
        }
        (mass, along, height)
    }
}
