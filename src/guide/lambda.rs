//! `lambda`: σ²∇²log p_t is approximated by λ·I.

use super::rule::in_range;
use super::rule::ratio_squared;
use super::spread::Round;
use super::spread::Spread;
use crate::error::Error;
use crate::level::Level;
use crate::observe::Observation;

/// V = R + (1+λ)σ²/α²·A'A'ᵀ: the Tweedie covariance (σ²/α²)(I + σ²∇²log p_t) with σ²∇²log p_t ≈ λI.
///
/// Held by `tests/guidance/rules.rs`: `every_rule_is_its_formula`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lambda {
    lambda: f64,
}

impl Lambda {
    /// The rule with λ > −1.
    ///
    /// # Errors
    /// If λ ≤ −1 or λ is not finite; if R + A'A'ᵀ is singular.
    pub fn new(lambda: f64, observation: &Observation) -> Result<Self, Error> {
        in_range("lambda", lambda, lambda > -1.0, "a number above −1")?;
        Spread::check(observation, 1.0, 1.0)?;
        Ok(Self { lambda })
    }
}

impl Round for Lambda {
    fn scale(&self, level: &Level) -> f64 {
        (1.0 + self.lambda) * ratio_squared(level)
    }
}
