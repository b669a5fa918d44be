//! `dps`: diffusion posterior sampling (Chung, Kim, Mccann, Klasky & Ye, ICLR 2023).

use super::pull::Pull;
use super::pull::Weigh;
use super::rule::Point;
use super::rule::Rule;
use super::rule::RuleAt;
use super::rule::Weight;
use super::rule::in_range;
use crate::error::Error;
use crate::level::Level;
use crate::observe::Observation;

/// The score term −ζ∇‖y − A(x̂)‖₂ = ζ·Jᵀ A'(x̂)ᵀ (y − A(x̂))/‖y − A(x̂)‖₂.
///
/// The norm is the Euclidean norm over all rows of one particle. It is not squared, not divided by the number of rows,
/// and not weighted by R. Published codes that step along ∇‖·‖²/‖·‖ have twice this term for the same ζ.
/// If y = A(x̂), the term is 0.
///
/// Held by `tests/guidance/rules.rs`: `every_rule_is_its_formula`; `tests/guidance.rs`: `dps_follows_its_closed_flow`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dps {
    zeta: f64,
}

impl Dps {
    /// The rule with ζ ≥ 0.
    ///
    /// # Errors
    /// If ζ is negative or not finite.
    pub fn new(zeta: f64) -> Result<Self, Error> {
        in_range("zeta", zeta, zeta >= 0.0, "0 or more")?;
        Ok(Self { zeta })
    }
}

impl Rule for Dps {
    fn weight(&self, _: &Level) -> Weight {
        Weight::Direction { zeta: self.zeta }
    }

    fn at<'a>(&'a self, _: &'a Observation, _: &Level) -> Result<Box<dyn RuleAt + 'a>, Error> {
        Ok(Box::new(Pull(*self)))
    }
}

impl Weigh for Dps {
    fn weigh(&self, at: &Point<'_>, _: &[f64], residual: &mut [f64]) -> Result<(), Error> {
        for residual in residual.chunks_mut(at.observation.operator().rows()) {
            let norm = residual.iter().map(|r| r * r).sum::<f64>().sqrt();
            let factor = if norm > 0.0 { self.zeta / norm } else { 0.0 };
            residual.iter_mut().for_each(|r| *r *= factor);
        }
        Ok(())
    }
}
