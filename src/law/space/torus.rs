//! The torus: uniform by area on a surface in space.

use crate::rng::Noise;
use crate::rng::Stream;
use std::f64::consts::PI;
use std::f64::consts::TAU;

/// Uniform by area on the torus ((R + r cos θ) cos φ, (R + r cos θ) sin φ, r sin θ).
///
/// The element of area is r(R + r cos θ) dθ dφ: φ is uniform and θ has the density [`theta_density`].
///
/// Held by `src/law/space/tests.rs`: `draws_of_the_torus_are_uniform_by_area`,
/// `density_and_denoiser_agree_with_quadrature`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Torus {
    /// R, the radius of the core circle.
    pub major: f64,
    /// r < R, the radius of the tube.
    pub minor: f64,
}

/// The density (1 + (r/R) cos θ)/2π of θ under the uniform law of a torus.
///
/// Held by `src/law/space/tests.rs`: `draws_of_the_torus_are_uniform_by_area`.
pub fn theta_density(major: f64, minor: f64, theta: f64) -> f64 {
    (1.0 + minor / major * libm::cos(theta)) / TAU
}

impl Torus {
    /// The angles (θ, φ) in (−π, π]² of the nearest point of the surface. θ runs around the tube and is 0 on its
    /// outside; φ runs around the axis.
    pub fn angles(&self, x: &[f64]) -> (f64, f64) {
        let q = libm::hypot(x[0], x[1]);
        (libm::atan2(x[2], q - self.major), libm::atan2(x[1], x[0]))
    }

    /// Distance of a point from the surface.
    pub fn surface_distance(&self, x: &[f64]) -> f64 {
        let q = libm::hypot(x[0], x[1]);
        (libm::hypot(q - self.major, x[2]) - self.minor).abs()
    }

    /// E‖x₀‖²/3 = (R² + 2r²)/3, from E ρ² + E z² with E cos θ = r/2R.
    pub(super) fn variance(&self) -> f64 {
        (self.major * self.major + 2.0 * self.minor * self.minor) / 3.0
    }

    /// θ comes from step 0 by inversion, φ from step 1.
    pub(super) fn sample(&self, noise: &Noise, stream: Stream, first: u64, out: &mut [f64]) {
        for (i, point) in out.chunks_exact_mut(3).enumerate() {
            let index = first + i as u64;
            let theta = self.theta(noise.uniform(stream, 0, index));
            let phi = TAU * noise.uniform(stream, 1, index);
            let (sin_theta, cos_theta) = libm::sincos(theta);
            let (sin_phi, cos_phi) = libm::sincos(phi);
            let rho = self.major + self.minor * cos_theta;
            point.copy_from_slice(&[rho * cos_phi, rho * sin_phi, self.minor * sin_theta]);
        }
    }

    /// The θ in (−π, π) with θ + (r/R) sin θ = 2π(u − ½), by Newton's method; where Newton leaves the bracket, the
    /// bracket is halved.
    fn theta(&self, u: f64) -> f64 {
        let (k, wanted) = (self.minor / self.major, TAU * (u - 0.5));
        let (mut lo, mut hi) = (-PI, PI);
        let mut theta = wanted;
        for _ in 0..60 {
            let (sin, cos) = libm::sincos(theta);
            let miss = theta + k * sin - wanted;
            if miss > 0.0 {
                hi = theta;
            } else {
                lo = theta;
            }
            let newton = theta - miss / (1.0 + k * cos);
            let next = if newton > lo && newton < hi {
                newton
            } else {
                0.5 * (lo + hi)
            };
            if (next - theta).abs() < 1e-15 {
                return next;
            }
            theta = next;
        }
        theta
    }
}
