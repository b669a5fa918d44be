//! Guidance: rules for ∇log p(y | x_t), each a denoiser round a denoiser.
//!
//! Of an observation y = A(x₀) + N(0, R) the guided denoiser returns
//!
//! x̂ + (σ²/α)·∇log p(y | x_t), ∇log p(y | x_t) = (∂x̂/∂x_t)ᵀ A'ᵀ V⁻¹ (y − A(x̂)),
//!
//! the score of the posterior as an x̂. The rules differ in V, the covariance of y given x_t, which is held
//! constant under the gradient; A' = A'(x̂). The Jacobian enters as a product with its transpose.
//!
//! | rule | V |
//! |---|---|
//! | [`none`](mod@none) | ∞ |
//! | [`diagonal`] | R + σ²/α²·A'A'ᵀ |
//! | [`finzi`] | σ²/(α²·strength)·A'A'ᵀ |
//! | [`lambda`] | R + (1+λ)σ²/α²·A'A'ᵀ |
//! | [`sda`] | R + γσ²/α²·A'A'ᵀ |
//! | [`pigdm`] | R + σ²/(α²+σ²)·A'A'ᵀ |
//! | [`exact`] | R + A'·Ĉov·A'ᵀ, Ĉov = (σ²/α)·∂x̂/∂x_t |
//! | [`dps`] | none: the score term is −ζ∇‖y − A(x̂)‖₂ |
//! | [`replace`] | none: x̂ on the observed coordinates is y |
//!
//! Only `exact` is unbiased for Gaussian laws. Without noise (σ = 0) no rule
//! guides: x̂ is the prior's.

mod cg;
pub mod determinant;
pub mod diagonal;
pub mod dps;
pub mod exact;
mod fault;
pub mod finzi;
mod guided;
pub mod lambda;
pub mod none;
pub mod pigdm;
mod pull;
pub mod replace;
mod rule;
pub mod sda;
mod spread;

pub use fault::{Cause, Fault};
pub use guided::{Guided, asked_at, diverged, has_diverged};
pub use rule::{Point, Rule, RuleAt, Weight};
pub use spread::singular;

use crate::error::Error;
use crate::observe::Observation;

/// A rule and its number, as a link has them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Guidance {
    /// See [`mod@none`].
    None,
    /// See [`dps`].
    Dps {
        /// ζ ≥ 0.
        zeta: f64,
    },
    /// See [`diagonal`].
    Diagonal,
    /// See [`finzi`].
    Finzi {
        /// Above 0.
        strength: f64,
    },
    /// See [`lambda`].
    Lambda {
        /// λ > −1.
        lambda: f64,
    },
    /// See [`sda`].
    Sda {
        /// γ ≥ 0.
        gamma: f64,
    },
    /// See [`pigdm`].
    Pigdm,
    /// See [`exact`].
    Exact,
    /// See [`replace`].
    Replace,
}

impl Guidance {
    /// The rule, where it fits the observation.
    ///
    /// # Errors
    /// If its number is out of range; if its V is singular, as with `sda` at R = 0 and γ = 0, or wherever
    /// observations without noise repeat each other; if `replace` is asked for an operator that is no slice.
    pub fn rule(self, observation: &Observation) -> Result<Box<dyn Rule>, Error> {
        match self {
            Guidance::None => Ok(Box::new(none::None)),
            Guidance::Dps { zeta } => Ok(Box::new(dps::Dps::new(zeta)?)),
            Guidance::Diagonal => Ok(Box::new(diagonal::Diagonal::new(observation)?)),
            Guidance::Finzi { strength } => Ok(Box::new(finzi::Finzi::new(strength, observation)?)),
            Guidance::Lambda { lambda } => Ok(Box::new(lambda::Lambda::new(lambda, observation)?)),
            Guidance::Sda { gamma } => Ok(Box::new(sda::Sda::new(gamma, observation)?)),
            Guidance::Pigdm => Ok(Box::new(pigdm::Pigdm::new(observation)?)),
            Guidance::Exact => Ok(Box::new(exact::Exact::new(observation)?)),
            Guidance::Replace => Ok(Box::new(replace::Replace::new(observation)?)),
        }
    }
}
