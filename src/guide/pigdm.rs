//! `pigdm`: pseudoinverse-guided diffusion, ΠGDM (Song, Vahdat, Mardani & Kautz, ICLR 2023).

use super::spread::Round;
use super::spread::Spread;
use crate::error::Error;
use crate::level::Level;
use crate::observe::Observation;

/// V = R + σ²/(α²+σ²)·A'A'ᵀ. σ²/(α²+σ²)·I is the covariance of x₀ given x_t under the prior N(0, I); only for this
/// prior the rule is exact.
///
/// Held by `tests/guidance/rules.rs`: `every_rule_is_its_formula`; `tests/guidance/space.rs`:
/// `pigdm_is_exact_for_the_standard_normal_only`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pigdm;

impl Pigdm {
    /// The rule for an observation.
    ///
    /// # Errors
    /// If R + A'A'ᵀ is singular.
    pub fn new(observation: &Observation) -> Result<Self, Error> {
        Spread::check(observation, 1.0, 1.0)?;
        Ok(Self)
    }
}

/// σ²/(α² + σ²).
pub(super) fn scale(level: &Level) -> f64 {
    let noise = level.sigma * level.sigma;
    noise / (level.alpha * level.alpha + noise)
}

impl Round for Pigdm {
    fn scale(&self, level: &Level) -> f64 {
        scale(level)
    }
}
