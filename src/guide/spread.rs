//! The rules with V = keep·R + scale·A'A'ᵀ, which approximate the covariance of x₀ given x_t by a multiple of I.
//!
//! Held by `tests/guidance/rules.rs`: `every_rule_is_its_formula`.

use super::pull::Pull;
use super::pull::Weigh;
use super::rule::Point;
use super::rule::Rule;
use super::rule::RuleAt;
use super::rule::Weight;
use super::rule::broken;
use crate::error::Error;
use crate::level::Level;
use crate::observe::Band;
use crate::observe::Observation;

/// V⁻¹ by Cholesky in the band of R and AAᵀ: once per level if A is linear, otherwise once per particle.
pub(super) struct Spread {
    keep: f64,
    scale: f64,
    /// The factor of V; `None` if V depends on the particle.
    factor: Option<Band>,
}

impl Spread {
    pub(super) fn new(observation: &Observation, keep: f64, scale: f64) -> Result<Self, Error> {
        let mut factor = None;
        if observation.operator().is_linear() {
            let mut v = observation.covariance();
            observation.spread(keep, scale, None, &mut v);
            if !v.factor() {
                return Err(singular(keep));
            }
            factor = Some(v);
        }
        Ok(Self {
            keep,
            scale,
            factor,
        })
    }

    /// The rule at a level, boxed.
    pub(super) fn rule<'a>(
        observation: &Observation,
        keep: f64,
        scale: f64,
    ) -> Result<Box<dyn RuleAt + 'a>, Error> {
        Ok(Box::new(Pull(Self::new(observation, keep, scale)?)))
    }

    /// Checks that keep·R + scale·BBᵀ is positive definite. If it is for one positive scale, it is for all.
    pub(super) fn check(observation: &Observation, keep: f64, scale: f64) -> Result<(), Error> {
        let mut v = observation.covariance();
        observation.spread(keep, scale, None, &mut v);
        if v.factor() {
            Ok(())
        } else {
            Err(singular(keep))
        }
    }
}

impl Weigh for Spread {
    fn weigh(&self, at: &Point<'_>, x_hat: &[f64], residual: &mut [f64]) -> Result<(), Error> {
        let rows = at.observation.operator().rows();
        if let Some(factor) = &self.factor {
            residual.chunks_mut(rows).for_each(|r| factor.solve(r));
            return Ok(());
        }
        let mut slopes = at.rows();
        at.observation.operator().slopes(x_hat, &mut slopes);
        let mut v = at.observation.covariance();
        for (slopes, residual) in slopes.chunks(rows).zip(residual.chunks_mut(rows)) {
            at.observation
                .spread(self.keep, self.scale, Some(slopes), &mut v);
            if !v.factor() {
                return Err(singular(self.keep));
            }
            v.solve(residual);
        }
        Ok(())
    }
}

/// The error if V = keep·R + … is not positive definite. If R is dropped, adding noise would not help.
pub fn singular(keep: f64) -> Error {
    let reason = "The covariance V of the observation given the noisy state is singular.";
    let remedy = if keep == 0.0 {
        "This rule ignores the noise R. Leave out observations that repeat others, or choose guidance=exact."
    } else {
        "Give the observations noise, or leave out those that repeat others."
    };
    broken(reason.to_owned(), remedy)
}

/// A rule with V = keep·R + scale(level)·A'A'ᵀ. Each of these rules implements this trait in its own file.
pub(super) trait Round {
    /// 1, or 0 where R is dropped.
    const KEEP: f64 = 1.0;

    /// The factor of A'A'ᵀ.
    fn scale(&self, level: &Level) -> f64;
}

impl<T: Round> Rule for T {
    fn weight(&self, level: &Level) -> Weight {
        Weight::Round {
            keep: T::KEEP,
            scale: self.scale(level),
        }
    }

    fn at<'a>(
        &'a self,
        observation: &'a Observation,
        level: &Level,
    ) -> Result<Box<dyn RuleAt + 'a>, Error> {
        Spread::rule(observation, T::KEEP, self.scale(level))
    }
}
