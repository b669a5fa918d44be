//! One interval under normal noise: its mass, and the mean of the truncated normal.
//!
//! All lengths are in units of σ, the standard deviation of the noise.

use crate::special::phi;

/// Half-width below which an interval is treated as a normal with small corrections, because the closed forms
/// subtract nearly equal numbers there.
pub(super) const NARROW: f64 = 2e-3;
/// Largest |m·h| for which the series of [`narrow`] is exact to rounding.
const NARROW_TILT: f64 = 0.05;
/// log √(2π).
pub(super) const LOG_SQRT_TAU: f64 = 0.918_938_533_204_672_7;

/// An interval that is not narrow.
pub(super) struct Truncated {
    /// log[Φ(b) − Φ(a)].
    pub log_mass: f64,
    /// [φ(a) − φ(b)]/[Φ(b) − Φ(a)]: the distance from x to the mean of the truncated normal.
    pub shift: f64,
}

/// The interval [a, b] of a standard normal, a + b ≥ 0. x is at 0, the near edge at `a` (negative if x is inside the
/// interval) and the far edge at `b`. `mills_near` gives the Mills ratio at |a| and `mills_far` the ratio at b;
/// intervals that touch share these values. Outside the interval everything is divided by φ(a), so that no tail
/// underflows.
#[inline(always)]
pub(super) fn truncated(
    a: f64,
    b: f64,
    mills_near: impl Fn(f64) -> f64,
    mills_far: impl Fn(f64) -> f64,
) -> Truncated {
    if a >= 0.0 {
        let fade = libm::exp(0.5 * (a - b) * (a + b));
        let mass = mills_near(a) - fade * mills_far(b);
        Truncated {
            shift: (1.0 - fade) / mass,
            log_mass: -0.5 * a * a - LOG_SQRT_TAU + libm::log(mass),
        }
    } else {
        let (near, far) = (phi(a), phi(b));
        let mass = 1.0 - near * mills_near(-a) - far * mills_far(b);
        Truncated {
            shift: (near - far) / mass,
            log_mass: libm::log(mass),
        }
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
