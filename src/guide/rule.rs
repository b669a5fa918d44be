//! The trait of a rule of guidance, and functions that the rules share.

use super::fault::Cause;
use crate::denoise::JacobianAt;
use crate::error::Error;
use crate::level::Level;
use crate::observe::Observation;

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
    /// ζ times the residual divided by its norm: see [`dps`](super::dps).
    Direction {
        /// ζ ≥ 0.
        zeta: f64,
    },
    /// V⁻¹ times the residual, with V = R + A'·Ĉov·A'ᵀ: see [`exact`](super::exact).
    Tweedie {
        /// The preconditioner is R + near·A'A'ᵀ.
        near: f64,
    },
    /// The residual is added to the observed coordinates: see [`replace`](super::replace).
    Replace,
}

/// A rule of guidance.
///
/// Held by `tests/contracts/rule.rs`, for every rule: `x_hat_is_a_result_or_an_error`,
/// `pieces_of_a_block_give_the_bits_and_the_products_of_the_whole`.
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
    pub(super) fn rows(&self) -> Vec<f64> {
        let operator = self.observation.operator();
        vec![0.0; self.x_t.len() / operator.dim() * operator.rows()]
    }

    /// y − A(x̂) of every particle.
    pub(super) fn residual(&self, x_hat: &[f64], out: &mut [f64]) {
        self.observation.residual_from(self.first, x_hat, out);
    }
}

/// σ²/α² of a level.
pub(super) fn ratio_squared(level: &Level) -> f64 {
    level.ratio() * level.ratio()
}

/// An error of guidance: the reason, and the remedy.
pub(super) fn broken(reason: String, remedy: &str) -> Error {
    Error::Guidance {
        reason,
        remedy: remedy.to_owned(),
    }
}

/// Checks that the number of a rule is in its range.
pub(super) fn in_range(name: &str, value: f64, fits: bool, range: &str) -> Result<(), Error> {
    if fits && value.is_finite() {
        return Ok(());
    }
    Err(broken(
        format!("{name}={value} is out of range."),
        &format!("Choose {range}."),
    ))
}
