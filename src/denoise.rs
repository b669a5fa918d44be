//! The one required representation of a model: its denoiser x̂ = E[x₀ | x_t].

use crate::level::Level;

/// A model, as the posterior mean of the clean data.
///
/// Score, ε and velocity follow from x̂ by [`Level`]'s conversions. Exact laws are denoisers; so are
/// networks and guidance (a denoiser round a denoiser).
pub trait Denoiser {
    /// Prepares the denoiser for one level: constants that do not depend on the particle.
    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_>;

    /// Jacobian products taken so far, over all particles: work that an evaluation costs beyond itself, so that a
    /// piece of a run can be bounded. None of a denoiser that takes none.
    fn products(&self) -> Option<u64> {
        None
    }

    /// Says that the particles asked for from here on are another block. What is asked for one part of a block after
    /// the other gives the same numbers as the whole block; only what is counted a block has to know its ends.
    fn next_block(&self) {}
}

/// A denoiser at one level.
pub trait DenoiseAt {
    /// x̂(x_t) for every particle: `x_t` and `out` have the same length and hold interleaved coordinates,
    /// `[x₀ y₀ x₁ y₁ …]`; `x_t.len()` is a multiple of the law's dimension.
    ///
    /// # Panics
    /// If the lengths differ or hold no whole number of particles.
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]);
}

/// A denoiser whose Jacobian J = ∂x̂/∂x_t can be applied: what guidance needs.
pub trait Differentiable: Denoiser {
    /// As [`Denoiser::at`], with the products of its Jacobian.
    fn differentiable_at(&self, level: &Level) -> Box<dyn JacobianAt + '_>;
}

/// A denoiser at one level, with the products of its Jacobian; slices as in [`DenoiseAt::x_hat`], the Jacobian
/// of each particle taken at its own `x_t`.
pub trait JacobianAt: DenoiseAt {
    /// J·v for every particle.
    fn jvp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]);

    /// Jᵀ·v for every particle.
    fn vjp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]);

    /// To what part of themselves the products are exact: what an iteration on them can reach.
    fn accuracy(&self) -> f64 {
        1e-12
    }
}
