//! Guidance: rules for ∇log p(y | x_t). A guided denoiser wraps another denoiser.
//!
//! For an observation y = A(x₀) + N(0, R) the guided denoiser returns
//!
//! x̂ + (σ²/α)·∇log p(y | x_t), ∇log p(y | x_t) = (∂x̂/∂x_t)ᵀ A'ᵀ V⁻¹ (y − A(x̂)),
//!
//! which is the score of the posterior, written as an x̂. A' = A'(x̂), and V is the covariance of y given x_t, which is
//! treated as constant in the gradient. The rules differ in V. The Jacobian appears only in a product with its transpose.
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
//! | [`dps`] | no V: the score term is −ζ∇‖y − A(x̂)‖₂ |
//! | [`replace`] | no V: x̂ on the observed coordinates is y |
//!
//! Only `exact` is unbiased for every Gaussian law. Without noise (σ = 0) no rule acts: x̂ is that of the prior.
//!
//! Held by `tests/guidance/rules.rs`: `every_rule_is_its_formula`, `the_gradient_takes_the_transpose_of_the_jacobian`;
//! `tests/guidance/space.rs`: `exact_is_unbiased_for_gaussian_laws`.

mod cg;
pub mod determinant;
pub mod diagonal;
pub mod dps;
pub mod exact;
pub mod finzi;
mod guided;
pub mod lambda;
pub mod none;
pub mod pigdm;
mod pull;
pub mod replace;
pub mod sda;
mod spread;

pub use exact::{Cause, Fault};
pub use guided::{Guided, asked_at, diverged, has_diverged};
pub use spread::singular;

use crate::denoise::JacobianAt;
use crate::error::Error;
use crate::level::Level;
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
    /// The rule for an observation.
    ///
    /// # Errors
    /// If the number of the rule is out of range; if V is singular, as for `sda` with R = 0 and γ = 0, or for
    /// observations without noise that repeat each other; if `replace` is used with an operator that does more than
    /// pick coordinates.
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

/// The operation of a rule on the residual y − A(x̂) at one level, as data, for executors that do their own arithmetic.
///
/// Held by `tests/guidance/rules.rs`: `a_rule_as_data_is_the_rule`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Weight {
    /// No guidance.
    None,
    /// V⁻¹ times the residual, with V = keep·R + scale·A'A'ᵀ.
    Round {
        /// 1, or 0 where R is dropped.
        keep: f64,
        /// The factor of A'A'ᵀ.
        scale: f64,
    },
    /// ζ times the residual divided by its norm: see [`dps`].
    Direction {
        /// ζ ≥ 0.
        zeta: f64,
    },
    /// V⁻¹ times the residual, with V = R + A'·Ĉov·A'ᵀ: see [`exact`].
    Tweedie {
        /// The preconditioner is R + near·A'A'ᵀ.
        near: f64,
    },
    /// The residual is added to the observed coordinates: see [`replace`].
    Replace,
}

/// A rule of guidance.
pub trait Rule {
    /// The rule at a level with 0 < α and 0 < σ, as data.
    fn weight(&self, level: &Level) -> Weight;

    /// Prepares the rule for one level with 0 < α and 0 < σ: computes everything that does not depend on the particle.
    ///
    /// # Errors
    /// If V is not positive definite at this level, up to rounding.
    fn at<'a>(
        &'a self,
        observation: &'a Observation,
        level: &Level,
    ) -> Result<Box<dyn RuleAt + 'a>, Error>;
}

/// A rule at one level.
pub trait RuleAt {
    /// Replaces the x̂ of the prior by the guided x̂, for every particle.
    ///
    /// # Errors
    /// If the rule fails for one of the particles. The content of `x_hat` is then meaningless.
    fn guide(&self, at: &Point<'_>, x_hat: &mut [f64]) -> Result<(), Error>;
}

/// The particles, the level and the observation of one call of [`RuleAt::guide`].
pub struct Point<'a> {
    /// The denoiser of the prior at the level.
    pub prior: &'a dyn JacobianAt,
    /// The observation.
    pub observation: &'a Observation,
    /// The level, 0 < α and 0 < σ.
    pub level: Level,
    /// The particles, `[n × dim]`.
    pub x_t: &'a [f64],
    /// Text for the error if V turns out to be singular.
    pub cause: &'a Cause,
    /// Number of the first particle, if each particle has its own values.
    pub first: usize,
}

impl Point<'_> {
    /// Zeros for the rows of every particle, `[n × rows]`.
    fn rows(&self) -> Vec<f64> {
        let operator = self.observation.operator();
        vec![0.0; self.x_t.len() / operator.dim() * operator.rows()]
    }

    /// y − A(x̂) of every particle.
    fn residual(&self, x_hat: &[f64], out: &mut [f64]) {
        self.observation.residual_from(self.first, x_hat, out);
    }
}

/// σ²/α² of a level.
fn ratio_squared(level: &Level) -> f64 {
    level.ratio() * level.ratio()
}

fn broken(reason: String, remedy: &str) -> Error {
    Error::Guidance {
        reason,
        remedy: remedy.to_owned(),
    }
}

/// Checks that the number of a rule is in its range.
fn in_range(name: &str, value: f64, fits: bool, range: &str) -> Result<(), Error> {
    if fits && value.is_finite() {
        return Ok(());
    }
    Err(broken(
        format!("{name}={value} is out of range."),
        &format!("Choose {range}."),
    ))
}
