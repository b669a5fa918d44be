//! The law of x_t = α·x₀ + σ·z for a mixture x₀, in closed form.
//!
//! A normal part stays normal, N(αm, α²sd² + σ²). For an interval [lo, hi], with A = (x − α·lo)/σ and
//! B = (x − α·hi)/σ,
//!
//! - the density is [Φ(A) − Φ(B)]/(α(hi−lo)),
//! - the distribution function is σ[G(A) − G(B)]/(α(hi−lo)), where G' = Φ,
//! - x̂ = x/α + (σ/α)·[φ(A) − φ(B)]/[Φ(A) − Φ(B)], the mean of a truncated normal.
//!
//! Outside the interval, numerator and denominator are divided by φ, so that no tail underflows.
//!
//! Held by `src/law/tests.rs`: `density_and_denoiser_agree_with_quadrature`,
//! `denoiser_is_tweedies_formula_of_the_density`,
//! `distribution_function_integrates_the_density_and_its_integral_the_distribution`,
//! `no_tail_of_the_uniform_law_underflows`, `no_digit_is_lost_as_the_signal_vanishes`.

use super::part::Part;
use super::points::PointSums;
use super::softmax::{Softmax, ratio};
use super::truncated::LOG_SQRT_TAU;
use super::truncated::NARROW;
use super::truncated::Narrow;
use super::truncated::is_narrow;
use super::truncated::narrow;
use super::truncated::truncated;
use crate::level::Level;
use crate::special::lanes::Pair;
use crate::special::pairs::exp;
use crate::special::pairs::mills;
use crate::special::{self, phi};

/// α below which x_t carries no information about x₀ in f64, so that x̂ = E x₀.
pub(super) const NO_SIGNAL: f64 = 1e-12;
/// Parts this far below the largest log-density do not change a sum in f64 (e^{−40} < 2⁻⁵²).
const NEGLIGIBLE: f64 = 40.0;
/// Largest ratio of two weights of normals that share a standard deviation and go through [`Softmax`]. Terms that count are as
/// much smaller than others, and their exponents as much less exact: 64·2⁻⁵³ at this ratio.
const MOST_RATIO: f64 = 1e6;
/// Number of points from which shared series are faster than a plain sum.
const MANY: usize = 48;
/// Standard deviations beyond which the distribution function of a part is 0 or 1 in f64 (Φ(−9) < 2⁻⁵²·10⁻³).
const FAR: f64 = 9.0;

#[derive(Debug, Clone, Copy)]
struct DiffusedPart {
    weight: f64,
    /// log(weight/width) for an interval, log(weight/sd) for a normal: the constant of the log-density.
    log_scale: f64,
    /// Centre in x₀ and in x_t.
    clean: f64,
    centre: f64,
    /// α·half_width.
    half: f64,
    /// Standard deviation of the normal in x_t, √(α²sd² + σ²).
    sd: f64,
    /// Kalman gain α·sd²/(α²sd² + σ²) of a normal part.
    gain: f64,
}

/// The law of x_t, ready to be evaluated.
#[derive(Debug, Clone)]
pub struct Diffused {
    parts: Vec<DiffusedPart>,
    alpha: f64,
    sigma: f64,
    clean_mean: f64,
    fourth: f64,
    mean: f64,
    variance: f64,
    /// Sums over the points of an empirical law, if it has many points.
    points: Option<PointSums>,
    /// Sums over several other normals with one standard deviation.
    sums: Option<Softmax<1>>,
}

/// Log-density (without the constant of the part) and posterior mean of one part at two points.
#[derive(Clone, Copy)]
struct Posterior {
    log_density: Pair,
    x_hat: Pair,
}

/// Writes a function of two points at a time; a last one alone fills both lanes.
#[inline(always)]
fn by_twos(x: &[f64], out: &mut [f64], of: impl Fn(Pair) -> Pair) {
    for (x, out) in x.chunks(2).zip(out.chunks_mut(2)) {
        let last = x.len() - 1;
        [out[0], out[last]] = of(Pair::new([x[0], x[last]])).lanes();
    }
}

impl Diffused {
    /// Of a law of these parts, of this mean and variance.
    pub(super) fn new(
        clean: &[Part],
        (clean_mean, clean_variance): (f64, f64),
        level: &Level,
    ) -> Self {
        let Level { alpha, sigma, .. } = *level;
        let parts = clean.iter().map(|p| {
            let variance = alpha * alpha * p.sd * p.sd + sigma * sigma;
            let half = alpha * p.half_width;
            let sd = variance.sqrt();
            let width = if half > 0.0 { 2.0 * half } else { sd };
            DiffusedPart {
                weight: p.weight,
                log_scale: libm::log(p.weight / width),
                clean: p.centre,
                centre: alpha * p.centre,
                half,
                sd,
                gain: if variance > 0.0 {
                    alpha * p.sd * p.sd / variance
                } else {
                    0.0
                },
            }
        });
        let (a2, s2) = (alpha * alpha, sigma * sigma);
        let fourth = clean.iter().map(|p| {
            let d2 = a2 * (p.centre - clean_mean) * (p.centre - clean_mean);
            let (v, k) = (a2 * p.variance(), a2 * a2 * p.fourth());
            let central = k + 6.0 * v * s2 + 3.0 * s2 * s2;
            p.weight * (central + 6.0 * d2 * (v + s2) + d2 * d2)
        });
        let first = clean[0].weight;
        let is_point = |p: &Part| p.half_width == 0.0 && p.sd == 0.0 && p.weight == first;
        let many = clean.len() >= MANY && alpha >= NO_SIGNAL && sigma > 0.0;
        let points = (many && clean.iter().all(is_point))
            .then(|| PointSums::new(clean.iter().map(|p| p.centre).collect(), sigma / alpha));
        let direct = points.is_none() && alpha >= NO_SIGNAL && sigma > 0.0;
        Self {
            points,
            sums: (direct && has_sums(clean)).then(|| sums(clean, level)),
            alpha,
            sigma,
            clean_mean,
            fourth: fourth.sum(),
            mean: alpha * clean_mean,
            variance: a2 * clean_variance + s2,
            parts: parts.collect(),
        }
    }

    /// E x_t = α·E x₀.
    ///
    /// Held by `src/law/tests.rs`: `moments_follow_the_noising`.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Var x_t = α²·Var x₀ + σ².
    ///
    /// Held by `src/law/tests.rs`: `moments_follow_the_noising`.
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// The fourth central moment E(x_t − E x_t)⁴.
    ///
    /// Held by `src/law/tests.rs`: `the_fourth_moment_is_the_integral_of_the_density`.
    pub fn fourth(&self) -> f64 {
        self.fourth
    }

    /// x̂ = E[x₀ | x_t = x].
    pub fn x_hat(&self, x: f64) -> f64 {
        let mut out = [0.0];
        self.x_hat_all(&[x], &mut out);
        out[0]
    }

    pub(super) fn x_hat_all(&self, x_t: &[f64], out: &mut [f64]) {
        if self.alpha < NO_SIGNAL {
            out.fill(self.clean_mean);
        } else if self.sigma == 0.0 {
            for (o, x) in out.iter_mut().zip(x_t) {
                *o = x / self.alpha;
            }
        } else if let Some(points) = &self.points {
            for (o, x) in out.iter_mut().zip(x_t) {
                *o = points.softmax(x / self.alpha).mean;
            }
        } else if let Some(sums) = &self.sums {
            sums.x_hat_all(x_t, out);
        } else if let [part] = &self.parts[..] {
            by_twos(x_t, out, |x| self.posterior::<false>(part, x).x_hat);
        } else {
            by_twos(x_t, out, |x| {
                let (_, mass, moment) = self.mix(x);
                moment / mass
            });
        }
    }

    /// The density p_t(x); infinite at a point mass. With σ = 0, the value at an end of an interval is the value inside.
    pub fn density(&self, x: f64) -> f64 {
        libm::exp(self.log_density(x))
    }

    /// log p_t(x).
    pub fn log_density(&self, x: f64) -> f64 {
        if self.sigma == 0.0 || self.alpha < NO_SIGNAL {
            let sum = self
                .parts
                .iter()
                .map(|p| p.weight * p.plain_density(x))
                .sum();
            return libm::log(sum);
        }
        if let Some(points) = &self.points {
            let count = self.parts.len() as f64;
            let log_sum = points.softmax(x / self.alpha).log_sum;
            return log_sum - libm::log(count * self.sigma) - LOG_SQRT_TAU;
        }
        if let Some(sums) = &self.sums {
            return sums.log_density([x]);
        }
        let (top, mass, _) = self.mix(Pair::both(x));
        top.lanes()[0] + libm::log(mass.lanes()[0])
    }

    /// P(x_t ≤ x).
    pub fn cdf(&self, x: f64) -> f64 {
        if let Some(points) = &self.points {
            return points.cdf(x / self.alpha);
        }
        let mut sum = 0.0;
        for part in &self.parts {
            let reach = part.half + FAR * part.sd;
            if x - part.centre >= reach {
                sum += part.weight;
            } else if part.centre - x < reach {
                sum += part.weight * part.cdf(x);
            }
        }
        sum
    }

    /// ∫_{−∞}^x P(x_t ≤ y) dy.
    pub fn cdf_integral(&self, x: f64) -> f64 {
        self.parts
            .iter()
            .map(|p| p.weight * p.cdf_integral(x))
            .sum()
    }

    /// The quantile x with P(x_t ≤ x) = p, 0 < p < 1.
    ///
    /// Held by `src/law/tests.rs`: `quantile_inverts_the_distribution_function`.
    pub fn quantile(&self, p: f64) -> f64 {
        self.quantile_near(p, self.mean)
    }

    /// As [`Diffused::quantile`], from a first guess: Newton's method inside a bracket that starts at ±40 standard
    /// deviations, with bisection if Newton leaves the bracket or converges too slowly.
    pub fn quantile_near(&self, p: f64, guess: f64) -> f64 {
        let ends = self.parts.iter().map(|q| {
            let reach = q.half + 40.0 * q.sd;
            (q.centre - reach, q.centre + reach)
        });
        let (mut lo, mut hi) =
            ends.fold((f64::MAX, f64::MIN), |(l, h), (a, b)| (l.min(a), h.max(b)));
        let mut x = if guess > lo && guess < hi {
            guess
        } else {
            0.5 * (lo + hi)
        };
        let mut before = f64::INFINITY;
        for _ in 0..200 {
            let f = self.cdf(x) - p;
            if f == 0.0 {
                return x;
            }
            if f < 0.0 {
                lo = x
            } else {
                hi = x
            }
            let newton = x - f / self.density(x);
            let good = newton > lo && newton < hi && f.abs() < 0.5 * before;
            before = f.abs();
            let next = if good { newton } else { 0.5 * (lo + hi) };
            if next <= lo || next >= hi || (next - x).abs() <= 1e-15 * (1.0 + x.abs()) {
                return next;
            }
            x = next;
        }
        x
    }

    /// A softmax of the log-densities of the parts: the largest, the sum of their powers relative to it, and the same sum
    /// with the posterior means as factors.
    #[inline(always)]
    fn mix(&self, x: Pair) -> (Pair, Pair, Pair) {
        // Terms are relative to the largest so far, and are rescaled when a larger one comes.
        let mut top = Pair::both(f64::NEG_INFINITY);
        let (mut mass, mut moment) = (Pair::both(0.0), Pair::both(0.0));
        for part in &self.parts {
            let bound = Pair::both(part.log_scale) + part.log_bound(x);
            let distant = bound.below(top - Pair::both(NEGLIGIBLE));
            if distant.all() {
                continue;
            }
            let Posterior { log_density, x_hat } = self.posterior::<true>(part, x);
            let log = log_density + Pair::both(part.log_scale);
            let up = top.below(log).without(distant);
            let power = exp((log - top).abs().negative());
            let rescaled = (mass * power + Pair::both(1.0), moment * power + x_hat);
            let added = (mass + power, moment + power * x_hat);
            let one = |old: Pair, rescaled, added| up.choose(rescaled, distant.choose(old, added));
            mass = one(mass, rescaled.0, added.0);
            moment = one(moment, rescaled.1, added.1);
            top = up.choose(log, top);
        }
        (top, mass, moment)
    }

    /// Without `LOG`, the log-density is left out.
    #[inline(always)]
    fn posterior<const LOG: bool>(&self, part: &DiffusedPart, x: Pair) -> Posterior {
        if part.half > 0.0 {
            self.interval::<LOG>(part, x)
        } else {
            let gap = x - Pair::both(part.centre);
            let z = gap / Pair::both(part.sd);
            Posterior {
                log_density: Pair::both(-0.5) * z * z - Pair::both(LOG_SQRT_TAU),
                x_hat: Pair::both(part.clean) + Pair::both(part.gain) * gap,
            }
        }
    }

    #[inline(always)]
    fn interval<const LOG: bool>(&self, part: &DiffusedPart, x: Pair) -> Posterior {
        let side = x - Pair::both(part.centre);
        let inverse = Pair::both(1.0 / self.sigma);
        // By symmetry x may be right of the centre; the edges are at distances a (near) and b (far).
        let v = side.abs();
        let half = Pair::both(part.half);
        let (a, b) = ((v - half) * inverse, (v + half) * inverse);
        let seen = truncated([a, b], [mills(a.abs()), mills(b)]);
        let clean = (v - Pair::both(self.sigma) * seen.shift) / Pair::both(self.alpha);
        let left = side.below(Pair::both(0.0));
        let wide = Posterior {
            log_density: if LOG { seen.log_mass() } else { x },
            x_hat: Pair::both(part.clean) + left.choose(clean.negative(), clean),
        };
        let h = part.half * (1.0 / self.sigma);
        match h < NARROW {
            true => part.narrow(side, h, self, wide),
            false => wide,
        }
    }
}

/// Whether these are several normals that share a standard deviation, of weights that do not differ by much.
pub(super) fn has_sums(clean: &[Part]) -> bool {
    let same = |p: &Part| p.half_width == 0.0 && p.sd == clean[0].sd;
    clean.len() > 1 && clean.iter().all(same) && ratio(&weights(clean)) <= MOST_RATIO
}

fn weights(clean: &[Part]) -> Vec<f64> {
    clean.iter().map(|p| p.weight).collect()
}

/// The sums over normals that have them.
fn sums(clean: &[Part], level: &Level) -> Softmax<1> {
    let centres: Vec<f64> = clean.iter().map(|p| p.centre).collect();
    Softmax::new(&centres, &weights(clean), clean[0].sd, level)
}

impl DiffusedPart {
    /// Of an interval of half-width `h` in units of σ: `wide`, and in its place the series where they are exact.
    fn narrow(&self, side: Pair, h: f64, at: &Diffused, wide: Posterior) -> Posterior {
        let inverse = 1.0 / at.sigma;
        let (mut log, mut x_hat) = (wide.log_density.lanes(), wide.x_hat.lanes());
        for (i, side) in side.lanes().into_iter().enumerate() {
            if is_narrow(side.abs() * inverse, h) {
                let Narrow { log_mass, tilt } = narrow(side * inverse, h);
                log[i] = log_mass;
                x_hat[i] = self.clean + self.half / at.alpha * tilt;
            }
        }
        Posterior {
            log_density: Pair::new(log),
            x_hat: Pair::new(x_hat),
        }
    }

    /// A cheap upper bound of the log-density without its constant, used to skip distant parts.
    #[inline(always)]
    fn log_bound(&self, x: Pair) -> Pair {
        let beyond = (x - Pair::both(self.centre)).abs() - Pair::both(self.half);
        let outside = beyond.most(Pair::both(0.0)) / Pair::both(self.sd);
        Pair::both(-0.5) * outside * outside
    }

    fn plain_density(&self, x: f64) -> f64 {
        if self.half > 0.0 && self.sd == 0.0 {
            let inside = (x - self.centre).abs() <= self.half;
            return if inside { 0.5 / self.half } else { 0.0 };
        }
        if self.sd == 0.0 {
            return if x == self.centre { f64::INFINITY } else { 0.0 };
        }
        phi((x - self.centre) / self.sd) / self.sd
    }

    fn cdf(&self, x: f64) -> f64 {
        let v = x - self.centre;
        if self.sd == 0.0 {
            return match self.half > 0.0 {
                true => (0.5 + 0.5 * v / self.half).clamp(0.0, 1.0),
                false => f64::from(v >= 0.0),
            };
        }
        if self.half > 0.0 {
            let (m, h) = (v / self.sd, self.half / self.sd);
            if h < NARROW {
                // Mean of Φ over [m−h, m+h]: Φ + h²Φ''/6.
                return special::cdf(m) - h * h / 6.0 * m * phi(m);
            }
            let (a, b) = ((v + self.half) / self.sd, (v - self.half) / self.sd);
            let rise = special::cdf_1(a) - special::cdf_1(b);
            return (rise * self.sd / (2.0 * self.half)).clamp(0.0, 1.0);
        }
        special::cdf(v / self.sd)
    }

    fn cdf_integral(&self, x: f64) -> f64 {
        let v = x - self.centre;
        if self.sd == 0.0 {
            let inside = (v + self.half).clamp(0.0, 2.0 * self.half);
            let ramp = if self.half > 0.0 {
                inside * inside / (4.0 * self.half)
            } else {
                0.0
            };
            return ramp + (v - self.half).max(0.0);
        }
        if self.half > 0.0 {
            let (m, h) = (v / self.sd, self.half / self.sd);
            if h < NARROW {
                return self.sd * (special::cdf_1(m) + h * h / 6.0 * phi(m));
            }
            let (a, b) = ((v + self.half) / self.sd, (v - self.half) / self.sd);
            let rise = special::cdf_2(a) - special::cdf_2(b);
            return rise * self.sd * self.sd / (2.0 * self.half);
        }
        self.sd * special::cdf_1(v / self.sd)
    }
}
