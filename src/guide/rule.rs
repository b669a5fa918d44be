//! What a rule of guidance is, and what its rules share.

use super::fault::Cause;
use crate::denoise::JacobianAt;
use crate::error::Error;
use crate::level::Level;
use crate::observe::Observation;

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
    /// ζ times its direction: see [`dps`](super::dps).
    Direction {
        /// ζ ≥ 0.
        zeta: f64,
    },
    /// V⁻¹ of it with V = R + A'·Ĉov·A'ᵀ: see [`exact`](super::exact).
    Tweedie {
        /// R + near·A'A'ᵀ is the preconditioner.
        near: f64,
    },
    /// It is added to the observed coordinates: see [`replace`](super::replace).
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

/// That guidance cannot go on, and what to do.
pub(super) fn broken(reason: String, remedy: &str) -> Error {
    Error::Guidance {
        reason,
        remedy: remedy.to_owned(),
    }
}

/// That a rule's number is in its range.
pub(super) fn in_range(name: &str, value: f64, fits: bool, range: &str) -> Result<(), Error> {
    if fits && value.is_finite() {
        return Ok(());
    }
    Err(broken(
        format!("{name}={value} is out of range."),
        &format!("Choose {range}."),
    ))
}
