//! One interval under normal noise: its mass, and the mean of the truncated normal.
//!
//! All lengths are in units of σ, the standard deviation of the noise.

use crate::special::FRAC_1_SQRT_TAU;
use crate::special::lanes::Pair;
use crate::special::pairs::exp;
use crate::special::pairs::log;
use crate::special::pairs::phi;

/// Half-width below which an interval is treated as a normal with small corrections, because the closed forms
/// subtract nearly equal numbers there.
pub(super) const NARROW: f64 = 2e-3;
/// Largest |m·h| for which the series of [`narrow`] is exact to rounding.
const NARROW_TILT: f64 = 0.05;
/// log √(2π).
pub(super) const LOG_SQRT_TAU: f64 = 0.918_938_533_204_672_7;

/// An interval that is not narrow, seen from two points.
pub(super) struct Truncated {
    /// The near edge, and where the point is inside the interval.
    near: Pair,
    inside: Pair,
    /// Φ(b) − Φ(a), divided by φ(a) outside.
    mass: Pair,
    /// [φ(a) − φ(b)]/[Φ(b) − Φ(a)]: the distance from x to the mean of the truncated normal.
    pub shift: Pair,
}

impl Truncated {
    /// log[Φ(b) − Φ(a)].
    #[inline(always)]
    pub(super) fn log_mass(&self) -> Pair {
        let log = log(self.mass);
        let fall = Pair::both(-0.5) * self.near * self.near - Pair::both(LOG_SQRT_TAU);
        self.inside.choose(log, fall + log)
    }
}

/// The interval [a, b] of a standard normal, a + b ≥ 0. x is at 0, the near edge at `a` (negative if x is inside the
/// interval) and the far edge at `b`. `mills` are the Mills ratios at |a| and at b; intervals that touch share these
/// values. Outside the interval everything is divided by φ(a), so that no tail underflows.
#[inline(always)]
pub(super) fn truncated([a, b]: [Pair; 2], mills: [Pair; 2]) -> Truncated {
    let (one, half) = (Pair::both(1.0), Pair::both(0.5));
    let inside = a.below(Pair::both(0.0));
    // Outside, φ(b)/φ(a); inside, φ(a) without its constant.
    let power = exp(inside.choose(Pair::both(-0.5) * a * a, half * (a - b) * (a + b)));
    let (mut mass, mut step) = (mills[0] - power * mills[1], one - power);
    if inside.any() {
        let (near, far) = (Pair::both(FRAC_1_SQRT_TAU) * power, phi(b));
        mass = inside.choose(one - near * mills[0] - far * mills[1], mass);
        step = inside.choose(near - far, step);
    }
    Truncated {
        near: a,
        inside,
        mass,
        shift: step / mass,
    }
}

/// An interval much narrower than the noise.
pub(super) struct Narrow {
    /// log[Φ(m + h) − Φ(m − h)].
    pub log_mass: f64,
    /// Position of the mean in the interval, from −1 to 1.
    pub tilt: f64,
}

/// Whether [`narrow`] is used for an interval of half-width `h` at distance `v` ≥ 0.
#[inline]
pub(super) fn is_narrow(v: f64, h: f64) -> bool {
    h < NARROW && v * h < NARROW_TILT
}

/// An interval much narrower than the noise, with m = (x − αc)/σ. Write x₀ = c + H·y with y in [−1, 1]; the weight
/// of y is e^{ky − qy²}, k = mh, q = h²/2. Then E y = k/3 − k³/45 + 2k⁵/945 − 4kq/45 and
/// Φ(m+h) − Φ(m−h) = 2hφ(m)·(1 + h²(m²−1)/6), up to higher orders.
pub(super) fn narrow(m: f64, h: f64) -> Narrow {
    let k = m * h;
    let (k2, q) = (k * k, 0.5 * h * h);
    let tilt = k * (1.0 / 3.0 - k2 / 45.0 + 2.0 * k2 * k2 / 945.0 - 4.0 * q / 45.0);
    let bend = libm::log1p((k2 - h * h) / 6.0);
    Narrow {
        log_mass: -0.5 * m * m - LOG_SQRT_TAU + libm::log(2.0 * h) + bend,
        tilt,
    }
}
