//! `exact`: the Tweedie covariance itself, from products with the Jacobian.

use super::cg;
use super::cg::Breakdown;
use super::fault::Fault;
use super::pigdm;
use super::pull::Pull;
use super::pull::Weigh;
use super::rule::Point;
use super::rule::Rule;
use super::rule::RuleAt;
use super::rule::Weight;
use super::spread::Spread;
use crate::error::Error;
use crate::level::Level;
use crate::observe::Observation;
use crate::rng::Noise;
use crate::rng::Stream;

/// V = R + A'·Ĉov·A'ᵀ with the covariance of x₀ given x_t by Tweedie's formula,
/// Ĉov = (σ²/α)·½(J + Jᵀ), J = ∂x̂/∂x_t (Finzi et al. 2023): unbiased for every Gaussian law.
///
/// V⁻¹(y − A(x̂)) is computed by conjugate gradients, with one product with J and one with Jᵀ per iteration. The
/// preconditioner is R + σ²/(α²+σ²)·A'A'ᵀ; `cg::solve` states the stopping rule and the bound. The J of an exact score is
/// symmetric and positive. The J of an approximate score may be neither (in a blanket, the antisymmetric part is
/// 17–25 % of it), so it is symmetrised. If V still has a direction of curvature ≤ 0, the run stops with an error.
///
/// Held by `tests/guidance/rules.rs`: `every_rule_is_its_formula`; `tests/guidance/space.rs`:
/// `exact_is_unbiased_for_gaussian_laws`; `tests/guidance/refusals.rs`:
/// `exact_stops_if_the_jacobian_is_not_a_covariance`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exact;

impl Exact {
    /// The rule for an observation.
    ///
    /// # Errors
    /// If R + A'A'ᵀ is singular, because V is then singular for every prior.
    pub fn new(observation: &Observation) -> Result<Self, Error> {
        Spread::check(observation, 1.0, 1.0)?;
        Ok(Self)
    }
}

impl Rule for Exact {
    fn weight(&self, level: &Level) -> Weight {
        Weight::Tweedie {
            near: pigdm::scale(level),
        }
    }

    fn at<'a>(
        &'a self,
        observation: &'a Observation,
        level: &Level,
    ) -> Result<Box<dyn RuleAt + 'a>, Error> {
        let near = Spread::new(observation, 1.0, pigdm::scale(level))?;
        Ok(Box::new(Pull(Tweedie { near })))
    }
}

struct Tweedie {
    near: Spread,
}

/// The number of iterations of conjugate gradients to a tolerance at one level, for one random right-hand side at
/// x̂ = 0, where every slope is 1. It is an estimate, not a bound, for an executor that cannot check convergence. `None`
/// if the iterations fail.
pub(super) fn iterations(at: &Point<'_>, tolerance: f64) -> Option<usize> {
    let near = Spread::new(at.observation, 1.0, pigdm::scale(&at.level)).ok()?;
    let mut b = at.rows();
    Noise::new(0).normals(Stream::Reference, 0, 0, &mut b);
    let x_hat = vec![0.0; at.x_t.len()];
    Tweedie { near }.solve(at, &x_hat, &mut b, tolerance).ok()
}

impl Weigh for Tweedie {
    fn weigh(&self, at: &Point<'_>, x_hat: &[f64], residual: &mut [f64]) -> Result<(), Error> {
        self.solve(at, x_hat, residual, at.prior.accuracy())
            .map(|_| ())
    }
}

impl Tweedie {
    /// residual ← V⁻¹·residual to a tolerance. Returns the number of iterations.
    fn solve(
        &self,
        at: &Point<'_>,
        x_hat: &[f64],
        residual: &mut [f64],
        tolerance: f64,
    ) -> Result<usize, Error> {
        let operator = at.observation.operator();
        let rows = operator.rows();
        let factor = 0.5 * at.level.sigma * at.level.ratio();
        let mut back = vec![0.0; x_hat.len()];
        let mut forth = vec![0.0; x_hat.len()];
        let mut turned = vec![0.0; x_hat.len()];
        let apply = |p: &[f64], out: &mut [f64]| {
            operator.vjp(x_hat, p, &mut back);
            at.prior.both(at.x_t, &back, &mut forth, &mut turned);
            for (forth, turned) in forth.iter_mut().zip(&turned) {
                *forth = factor * (*forth + turned);
            }
            operator.jvp(x_hat, &forth, out);
            for (p, out) in p.chunks(rows).zip(out.chunks_mut(rows)) {
                at.observation.noise().multiply_add(p, out);
            }
            Ok(())
        };
        let precondition = |r: &mut [f64]| self.near.weigh(at, x_hat, r);
        cg::solve((rows, tolerance), residual, apply, precondition).map_err(|why| match why {
            Breakdown::Curvature => Fault::NotPositive.error(at.level.ratio(), at.cause),
            Breakdown::Slow => Fault::Slow.error(at.level.ratio(), at.cause),
            Breakdown::Product(error) => error,
        })
    }
}
