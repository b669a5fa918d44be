//! `sda`: score-based data assimilation (Rozet & Louppe, NeurIPS 2023).

use super::rule::broken;
use super::rule::in_range;
use super::rule::ratio_squared;
use super::spread::Round;
use super::spread::Spread;
use crate::error::Error;
use crate::level::Level;
use crate::observe::Observation;

/// V = R + γσ²/α²·A'A'ᵀ, with Γ = γI in the notation of the paper.
///
/// Held by `tests/guidance/rules.rs`: `every_rule_is_its_formula`; `tests/guidance.rs`:
/// `sda_has_the_published_bias_in_the_ode_limit`, `corrections_bring_sda_to_the_posterior`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sda {
    gamma: f64,
}

impl Sda {
    /// The rule with γ ≥ 0.
    ///
    /// # Errors
    /// If γ is negative or not finite; if R + γA'A'ᵀ is singular, as at R = 0 and γ = 0.
    pub fn new(gamma: f64, observation: &Observation) -> Result<Self, Error> {
        in_range("gamma", gamma, gamma >= 0.0, "0 or more")?;
        Spread::check(observation, 1.0, gamma).map_err(|error| match gamma {
            0.0 => broken(
                "With gamma=0, V is the covariance R of the noise, and R is singular.".to_owned(),
                "Choose gamma above 0, or give the observations noise.",
            ),
            _ => error,
        })?;
        Ok(Self { gamma })
    }
}

impl Round for Sda {
    fn scale(&self, level: &Level) -> f64 {
        self.gamma * ratio_squared(level)
    }
}
