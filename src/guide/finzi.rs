//! `finzi`: the noise of the observations is ignored, and the guidance has a strength.

use super::rule::in_range;
use super::rule::ratio_squared;
use super::spread::Round;
use super::spread::Spread;
use crate::error::Error;
use crate::level::Level;
use crate::observe::Observation;

/// V = σ²/(α²·strength)·A'A'ᵀ (Finzi, Boral, Wilson, Sha & Zepeda-Núñez, ICML 2023): as `diagonal`, but without R and
/// with the score term multiplied by the strength.
///
/// Held by `tests/guidance/rules.rs`: `every_rule_is_its_formula`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finzi {
    strength: f64,
}

impl Finzi {
    /// The rule with strength > 0.
    ///
    /// # Errors
    /// If the strength is not positive or not finite; if A'A'ᵀ is singular.
    pub fn new(strength: f64, observation: &Observation) -> Result<Self, Error> {
        in_range("strength", strength, strength > 0.0, "a number above 0")?;
        Spread::check(observation, 0.0, 1.0)?;
        Ok(Self { strength })
    }
}

impl Round for Finzi {
    const KEEP: f64 = 0.0;

    fn scale(&self, level: &Level) -> f64 {
        ratio_squared(level) / self.strength
    }
}
