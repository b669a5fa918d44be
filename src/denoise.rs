//! Every model is a denoiser, x̂ = E[x₀ | x_t].

use crate::level::Level;

/// A model, given by the posterior mean of the clean data, x̂ = E[x₀ | x_t].
///
/// Score, ε and velocity follow from x̂ by the conversions of [`Level`]. Exact laws and networks are denoisers.
/// A guided model is a denoiser that wraps another denoiser.
///
/// Held by `tests/contracts/denoiser.rs`, for every implementation: `x_hat_is_tweedies_formula_of_the_density`,
/// `what_x_hat_leaves_is_orthogonal_to_every_function_of_what_it_saw`,
/// `pieces_give_the_bits_of_the_whole_whatever_the_output_held`, `without_signal_x_hat_is_the_mean`.
pub trait Denoiser {
    /// Prepares the denoiser for one level: computes the constants that do not depend on the particle.
    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_>;

    /// The number of Jacobian products computed so far, over all particles. They cost about as much as evaluations, so
    /// the size of a piece of work counts them too. `None` if this denoiser never computes one.
    fn products(&self) -> Option<u64> {
        None
    }

    /// The work of x̂ of one particle, and of a Jacobian product, about; at least 1. A unit of work is the time in which
    /// a normal number is drawn (25 ns where it was measured), so pieces of as much work take as long, whatever is done
    /// in them.
    fn price(&self) -> usize {
        1
    }

    /// Tells the denoiser that a new block of particles begins. A block may be evaluated in several parts, which give
    /// the same numbers as one call; only counts that are made per block need to know where it begins.
    fn next_block(&self) {}
}

/// A denoiser at one level.
pub trait DenoiseAt {
    /// Writes x̂(x_t) of every particle to `out`. Both slices have the same length and hold interleaved coordinates,
    /// `[x₀ y₀ x₁ y₁ …]`; their length is a multiple of the dimension. The old content of `out` is ignored.
    ///
    /// # Panics
    /// If the lengths differ, or are not a multiple of the dimension.
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]);
}

/// A denoiser with products of its Jacobian J = ∂x̂/∂x_t, which guidance needs.
///
/// Held by `tests/chains/laws.rs`: `jacobians_are_derivatives_and_their_transposes_adjoint`;
/// `tests/contracts/differentiable.rs`: `slopes_add_up_to_the_change_of_x_hat`, `the_two_products_are_adjoint`,
/// `the_jacobian_of_an_exact_denoiser_is_a_covariance`.
pub trait Differentiable: Denoiser {
    /// As [`Denoiser::at`], with products of the Jacobian.
    fn differentiable_at(&self, level: &Level) -> Box<dyn JacobianAt + '_>;
}

/// A denoiser at one level, with products of its Jacobian. Slices are laid out as in [`DenoiseAt::x_hat`]. The
/// Jacobian of each particle is taken at its own `x_t`.
pub trait JacobianAt: DenoiseAt {
    /// J·v for every particle.
    fn jvp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]);

    /// Jᵀ·v for every particle.
    fn vjp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]);

    /// Both products, J·v and Jᵀ·v, with the bits of [`JacobianAt::jvp`] and [`JacobianAt::vjp`]: where J is symmetric, one
    /// computation gives both.
    ///
    /// Held by `tests/contracts/differentiable.rs`: `both_products_at_once_are_the_two`.
    fn both(&self, x_t: &[f64], v: &[f64], forth: &mut [f64], back: &mut [f64]) {
        self.jvp(x_t, v, forth);
        self.vjp(x_t, v, back);
    }

    /// Relative error of the products. An iterative solver that uses them cannot be more accurate than this.
    fn accuracy(&self) -> f64 {
        1e-12
    }
}
