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
mod fault;
mod film;
pub mod finzi;
mod guided;
pub mod lambda;
pub mod none;
mod physics;
pub mod pigdm;
mod pull;
pub mod replace;
mod rule;
pub mod sda;
mod spread;

pub use fault::{Cause, Fault};
pub use film::{Asked, Composed, Evaluation, Penalty};
pub use guided::{Guided, asked_at, diverged, has_diverged};
pub use physics::{DefectPenalty, ResidualPenalty, Slack};
pub use rule::{Point, Rule, RuleAt, Weight};
pub use spread::singular;

use crate::error::Error;
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
    Finzi { strength: 1.0 } => "finzi", "Finzi", "$V = σ²/(α²·strength)·AAᵀ$, without R (Finzi et al. 2023)";
    Lambda { lambda: 0.0 } => "lambda", "Lambda", "$V = R + (1 + λ)σ²/α²·AAᵀ$";
    Sda { gamma: 0.01 } => "sda", "SDA", "$V = R + γσ²/α²·AAᵀ$ (Rozet & Louppe 2023)";
    Pigdm => "pigdm", "ΠGDM", "$V = R + σ²/(α² + σ²)·AAᵀ$ (Song et al. 2023)";
    Exact => "exact", "Exact", "$V = R + A·Cov[x(0) | x_t]·Aᵀ$, unbiased for Gaussian laws";
    Replace => "replace", "Replace", "Observed coordinates are set to the observations";
});

impl Guidance {
    /// Whether the rule uses a covariance V of y given x_t: ∇log p(y | x_t) = (∂x̂/∂x_t)ᵀAᵀV⁻¹(y − Ax̂).
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

    /// The symbol of the number of the rule in its formula, and its value.
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

    /// The rule with the number of a link: `number` is the number of a key.
    ///
    /// # Errors
    /// Those of `number`.
    pub fn with(self, number: &dyn Fn(&str) -> Result<f64, Error>) -> Result<Self, Error> {
        Ok(match self {
            Guidance::Dps { .. } => Guidance::Dps {
                zeta: number("zeta")?,
            },
            Guidance::Finzi { .. } => Guidance::Finzi {
                strength: number("strength")?,
            },
            Guidance::Lambda { .. } => Guidance::Lambda {
                lambda: number("lambda")?,
            },
            Guidance::Sda { .. } => Guidance::Sda {
                gamma: number("gamma")?,
            },
            Guidance::None
            | Guidance::Diagonal
            | Guidance::Pigdm
            | Guidance::Exact
            | Guidance::Replace => self,
        })
    }

    /// The rule in TeX: its V, or its approximation of ∇log p(y | x_t).
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
