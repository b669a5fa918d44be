//! The coefficients of a step of ETDRK4.

use rustfft::num_complex::Complex;
use std::f64::consts::TAU;

/// Points of the contour.
const POINTS: usize = 32;

/// The coefficients of one mode, z = hL.
///
/// A step of ω̇ = Lω + N(ω) of length h is (S. M. Cox & P. C. Matthews, *Exponential time differencing for stiff systems*,
/// 2002, eqs. 26–29)
///
/// a = e^{z/2}ω + Q·N(ω), b = e^{z/2}ω + Q·N(a), c = e^{z/2}a + Q·(2N(b) − N(ω)),
/// ω ← e^z·ω + f₁N(ω) + 2f₂(N(a) + N(b)) + f₃N(c).
///
/// The differences in f₁, f₂ and f₃ would cancel near z = 0, so all are means over a circle around z (A.-K. Kassam & L. N.
/// Trefethen, *Fourth-order time-stepping for stiff PDEs*, 2005): radius 1, 32 points.
///
/// Held by `tests/kolmogorov/exact.rs`: `a_step_has_order_four`, `a_single_wave_decays`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// e^z.
    pub whole: f64,
    /// e^{z/2}.
    pub half: f64,
    /// Q = h(e^{z/2} − 1)/z.
    pub q: f64,
    /// h(−4 − z + e^z(4 − 3z + z²))/z³.
    pub f1: f64,
    /// h(2 + z + e^z(z − 2))/z³.
    pub f2: f64,
    /// h(−4 − 3z − z² + e^z(4 − z))/z³.
    pub f3: f64,
}

fn exp(z: Complex<f64>) -> Complex<f64> {
    let (sin, cos) = libm::sincos(z.im);
    Complex::new(cos, sin) * libm::exp(z.re)
}

impl Step {
    /// The coefficients for L = `rate` and a step of length h.
    pub fn new(rate: f64, h: f64) -> Self {
        let z = rate * h;
        let mut sums = [0.0; 4];
        for j in 0..POINTS {
            let (sin, cos) = libm::sincos(TAU * (j as f64 + 0.5) / POINTS as f64);
            let z = Complex::new(z + cos, sin);
            let (e, cube) = (exp(z), z * z * z);
            let all = [
                (exp(z * 0.5) - 1.0) / z,
                (-z - 4.0 + e * (z * z - z * 3.0 + 4.0)) / cube,
                (z + 2.0 + e * (z - 2.0)) / cube,
                (-z * z - z * 3.0 - 4.0 + e * (-z + 4.0)) / cube,
            ];
            sums.iter_mut()
                .zip(all)
                .for_each(|(sum, own)| *sum += own.re);
        }
        let [q, f1, f2, f3] = sums.map(|sum| h * sum / POINTS as f64);
        Self {
            whole: libm::exp(z),
            half: libm::exp(0.5 * z),
            q,
            f1,
            f2,
            f3,
        }
    }
}
