//! `replace`: the closed score of the observed coordinates, for an A that picks coordinates.

use super::rule::Point;
use super::rule::Rule;
use super::rule::RuleAt;
use super::rule::Weight;
use super::rule::broken;
use crate::error::Error;
use crate::level::Level;
use crate::observe::Observation;

/// On the observed coordinates the score is −(y_t − αy)/σ², where y_t is the noisy state there: the score of x_t given
/// x₀ = y. Written as x̂ = (x_t + σ²·score)/α it is y itself. R is treated as 0. The other coordinates are influenced by
/// the observation only through their noisy neighbours.
///
/// From the code of Finzi et al. 2023, and the inpainting of Song et al. 2021.
///
/// Held by `tests/guidance/rules.rs`: `replace_has_the_closed_score_of_the_observed`.
#[derive(Debug, Clone, PartialEq)]
pub struct Replace {
    /// The coordinate of each row.
    at: Vec<usize>,
}

impl Replace {
    /// The rule for an observation.
    ///
    /// # Errors
    /// If A does anything else than pick coordinates, each at most once.
    pub fn new(observation: &Observation) -> Result<Self, Error> {
        let at = observation.operator().sliced().ok_or_else(|| {
            broken(
                "guidance=replace needs an observation of plain coordinates.".to_owned(),
                "Choose operator=linear with a gain of 1 (rows of a single 1), or another guidance.",
            )
        })?;
        Ok(Self { at })
    }
}

impl Rule for Replace {
    fn weight(&self, _: &Level) -> Weight {
        Weight::Replace
    }

    fn at<'a>(&'a self, _: &'a Observation, _: &Level) -> Result<Box<dyn RuleAt + 'a>, Error> {
        Ok(Box::new(self))
    }
}

impl RuleAt for &Replace {
    fn guide(&self, at: &Point<'_>, x_hat: &mut [f64]) -> Result<(), Error> {
        let dim = at.observation.operator().dim();
        // The residual y − A(x̂) handles both shared values and separate values of each particle.
        let mut residual = at.rows();
        at.residual(x_hat, &mut residual);
        let rows = residual.chunks(self.at.len());
        for (x_hat, residual) in x_hat.chunks_mut(dim).zip(rows) {
            for (k, r) in self.at.iter().zip(residual) {
                x_hat[*k] += r;
            }
        }
        Ok(())
    }
}
