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
use crate::word::words;

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

words!(Guidance {
    None => "none", "None", "The prior: observations are not used";
    Dps { zeta: 1.0 } => "dps", "DPS", "$−ζ∇‖y − Ax̂‖$ (Chung et al. 2023)";
    Diagonal => "diagonal", "Diagonal", "$V = R + σ²/α²·AAᵀ$";
    Finzi { strength: 1.0 } => "finzi", "Finzi", "$V = σ²/(α²·strength)·AAᵀ$, R dropped (Finzi et al. 2023)";
    Lambda { lambda: 0.0 } => "lambda", "Lambda", "$V = R + (1 + λ)σ²/α²·AAᵀ$";
    Sda { gamma: 0.01 } => "sda", "SDA", "$V = R + γσ²/α²·AAᵀ$ (Rozet & Louppe 2023)";
    Pigdm => "pigdm", "ΠGDM", "$V = R + σ²/(α² + σ²)·AAᵀ$ (Song et al. 2023)";
    Exact => "exact", "Exact", "$V = R + A·Cov[x₀ | x_t]·Aᵀ$, unbiased for Gaussian laws";
    Replace => "replace", "Replace", "Observed coordinates are set to what was observed";
});

impl Guidance {
    /// Whether the rule is a covariance V of y given x_t: ∇log p(y | x_t) = (∂x̂/∂x_t)ᵀAᵀV⁻¹(y − Ax̂).
    pub fn has_covariance(self) -> bool {
        match self {
            Guidance::None | Guidance::Dps { .. } | Guidance::Replace => false,
            Guidance::Diagonal
            | Guidance::Finzi { .. }
            | Guidance::Lambda { .. }
            | Guidance::Sda { .. }
            | Guidance::Pigdm
            | Guidance::Exact => true,
        }
    }

    /// The number of the rule, as its formula writes it, and its value.
    pub fn number(self) -> Option<(&'static str, f64)> {
        match self {
            Guidance::Dps { zeta } => Some(("ζ", zeta)),
            Guidance::Finzi { strength } => Some(("strength", strength)),
            Guidance::Lambda { lambda } => Some(("λ", lambda)),
            Guidance::Sda { gamma } => Some(("γ", gamma)),
            Guidance::None
            | Guidance::Diagonal
            | Guidance::Pigdm
            | Guidance::Exact
            | Guidance::Replace => None,
        }
    }

    /// The rule in TeX: its V, or what it takes ∇log p(y | x_t) to be.
    pub fn formula(self) -> &'static str {
        match self {
            Guidance::None => r"\nabla \log p(y | x_t) \approx 0",
            Guidance::Dps { .. } => r"\nabla \log p(y | x_t) \approx - \zeta \nabla |y - A \hat x|",
            Guidance::Diagonal => r"V = R + \frac{\sigma^2}{\alpha^2} A A^{\top}",
            Guidance::Finzi { .. } => {
                r"V = \frac{\sigma^2}{\alpha^2 \cdot \text{strength}} A A^{\top}"
            }
            Guidance::Lambda { .. } => {
                r"V = R + (1 + \lambda) \frac{\sigma^2}{\alpha^2} A A^{\top}"
            }
            Guidance::Sda { .. } => r"V = R + \gamma \frac{\sigma^2}{\alpha^2} A A^{\top}",
            Guidance::Pigdm => r"V = R + \frac{\sigma^2}{\alpha^2 + \sigma^2} A A^{\top}",
            Guidance::Exact => {
                r"V = R + A \, \hat C A^{\top} , \; \hat C = \frac{\sigma^2}{\alpha} \frac{\partial \hat x}{\partial x_t}"
            }
            Guidance::Replace => {
                r"\nabla \log p(x_t | y) = - \frac{x_t - \alpha y}{\sigma^2} \, \text{ where observed}"
            }
        }
    }
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

/// What a rule makes of the residual y − A(x̂) at one level, as data: for an executor with products of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Weight {
    /// Nothing guides.
    None,
    /// V⁻¹ of it with V = keep·R + scale·A'A'ᵀ.
    Round {
        /// 1, or 0 where R is dropped.
        keep: f64,
        /// The factor of A'A'ᵀ.
        scale: f64,
    },
    /// ζ times its direction: see [`dps`].
    Direction {
        /// ζ ≥ 0.
        zeta: f64,
    },
    /// V⁻¹ of it with V = R + A'·Ĉov·A'ᵀ: see [`exact`].
    Tweedie {
        /// R + near·A'A'ᵀ is the preconditioner.
        near: f64,
    },
    /// It is added to the observed coordinates: see [`replace`].
    Replace,
}

/// A rule of guidance.
pub trait Rule {
    /// The rule at a level with 0 < α and 0 < σ, as data.
    fn weight(&self, level: &Level) -> Weight;

    /// Prepares the rule for one level with 0 < α and 0 < σ: what does not depend on the particle.
    ///
    /// # Errors
    /// If V is not positive definite at this level, to rounding.
    fn at<'a>(
        &'a self,
        observation: &'a Observation,
        level: &Level,
    ) -> Result<Box<dyn RuleAt + 'a>, Error>;
}

/// A rule at one level.
pub trait RuleAt {
    /// Turns the prior's x̂ of every particle into the guided one, in place.
    ///
    /// # Errors
    /// If the rule breaks down on one of the particles; `x_hat` then holds no result.
    fn guide(&self, at: &Point<'_>, x_hat: &mut [f64]) -> Result<(), Error>;
}

/// Where the guidance of some particles is asked for.
pub struct Point<'a> {
    /// The prior's denoiser at the level.
    pub prior: &'a dyn JacobianAt,
    /// What was observed.
    pub observation: &'a Observation,
    /// The level, 0 < α and 0 < σ.
    pub level: Level,
    /// The particles, `[n × dim]`.
    pub x_t: &'a [f64],
    /// Why V may be singular.
    pub cause: &'a Cause,
    /// Number of the first of them, where each has values of its own.
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

/// That a rule's number is in its range.
fn in_range(name: &str, value: f64, fits: bool, range: &str) -> Result<(), Error> {
    if fits && value.is_finite() {
        return Ok(());
    }
    Err(broken(
        format!("{name}={value} is out of range."),
        &format!("Choose {range}."),
    ))
}
