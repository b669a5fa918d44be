//! `diagonal`: the covariance of x₀ given x_t is approximated by σ²/α²·I.

use super::rule::ratio_squared;
use super::spread::Round;
use super::spread::Spread;
use crate::error::Error;
use crate::level::Level;
use crate::observe::Observation;

/// V = R + σ²/α²·A'A'ᵀ (Adam et al. 2022; Meng & Kabashima 2022): the Tweedie covariance without its term in
/// ∇²log p_t, as for a prior without information.
///
/// Held by `tests/guidance/rules.rs`: `every_rule_is_its_formula`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Diagonal;

impl Diagonal {
    /// The rule for an observation.
    ///
    /// # Errors
    /// If R + A'A'ᵀ is singular.
    pub fn new(observation: &Observation) -> Result<Self, Error> {
        Spread::check(observation, 1.0, 1.0)?;
        Ok(Self)
    }
}

impl Round for Diagonal {
    fn scale(&self, level: &Level) -> f64 {
        ratio_squared(level)
    }
}
