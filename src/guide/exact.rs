//! `exact`: the Tweedie covariance itself, by products with the Jacobian.

use super::Point;
use super::Rule;
use super::RuleAt;
use super::Weight;
use super::broken;
use super::cg;
use super::cg::Breakdown;
use super::pigdm;
use super::pull::Pull;
use super::pull::Weigh;
use super::spread::Spread;
use crate::error::Error;
use crate::level::Level;
use crate::observe::Observation;
use crate::rng::Noise;
use crate::rng::Stream;

/// An antisymmetric part of the Jacobian above this fraction of the symmetric one is no covariance's. (A
/// blanket's is 17–25 % of it, and is symmetrised.)
pub const ASYMMETRIC: f64 = 0.5;

/// Why V⁻¹ is not had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// V has a direction of curvature ≤ 0.
    NotPositive,
    /// The antisymmetric part of J is above [`ASYMMETRIC`] times the symmetric one.
    Asymmetric,
    /// The conjugate gradients have not settled within their bound.
    Slow,
}

impl Fault {
    /// The error at a noise of σ/α = `ratio`.
    pub fn error(self, ratio: f64) -> Error {
        let v = format!("The covariance that this score implies at σ/α = {ratio:.3e}");
        let remedy = "exact needs score=full here.";
        match self {
            Fault::NotPositive => broken(format!("{v} is not positive:"), remedy),
            Fault::Asymmetric => broken(format!("{v} is far from symmetric:"), remedy),
            Fault::Slow => broken(
                format!("{v} is too close to singular."),
                "Give the observations more noise, or choose guidance=pigdm.",
            ),
        }
    }
}

/// V = R + A'·Ĉov·A'ᵀ with the covariance of x₀ given x_t by Tweedie's formula,
/// Ĉov = (σ²/α)·½(J + Jᵀ), J = ∂x̂/∂x_t (Finzi et al. 2023): unbiased for every Gaussian law.
///
/// V⁻¹(y − A(x̂)) by conjugate gradients, one product with J and one with Jᵀ an iteration, preconditioned
/// with R + σ²/(α²+σ²)·A'A'ᵀ; stop rule and bound stand at `cg::solve`. J of an exact score is symmetric and
/// positive, that of an approximate one need be neither: it is symmetrised, and where V then has a direction
/// of curvature ≤ 0, or where the antisymmetric part is above half of the symmetric one (as seen by the
/// directions of the iteration), the run stops with an error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exact;

impl Exact {
    /// The rule for an observation.
    ///
    /// # Errors
    /// If R + A'A'ᵀ is singular: then V is, whatever the prior.
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

/// Iterations that the conjugate gradients take at one level to a tolerance, at x̂ = 0 where no slope is below 1 and
/// for one right-hand side at random: a guide for an executor that cannot look whether it has settled, no bound. None
/// where they break down.
pub(super) fn iterations(at: &Point<'_>, tolerance: f64) -> Option<usize> {
    let near = Spread::new(at.observation, 1.0, pigdm::scale(&at.level)).ok()?;
    let mut b = at.rows();
    Noise::new(0).normals(Stream::Reference, 0, 0, &mut b);
    let x_hat = vec![0.0; at.x_t.len()];
    Tweedie { near }.solve(at, &x_hat, &mut b, tolerance).ok()
}

impl Weigh for Tweedie {
    fn weigh(&self, at: &Point<'_>, x_hat: &[f64], residual: &mut [f64]) -> Result<(), Error> {
        self.solve(at, x_hat, residual, cg::TOLERANCE).map(|_| ())
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
        let (rows, dim) = (operator.rows(), operator.dim());
        let factor = 0.5 * at.level.sigma * at.level.ratio();
        let mut back = vec![0.0; x_hat.len()];
        let mut forth = vec![0.0; x_hat.len()];
        let mut turned = vec![0.0; x_hat.len()];
        let mut parts = Parts::new(x_hat.len() / dim);
        let apply = |p: &[f64], out: &mut [f64]| {
            operator.vjp(x_hat, p, &mut back);
            at.prior.jvp(at.x_t, &back, &mut forth);
            at.prior.vjp(at.x_t, &back, &mut turned);
            if parts.asymmetric(dim, &back, &forth, &turned) {
                return Err(Fault::Asymmetric.error(at.level.ratio()));
            }
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
            Breakdown::Curvature => Fault::NotPositive.error(at.level.ratio()),
            Breakdown::Slow => Fault::Slow.error(at.level.ratio()),
            Breakdown::Product(error) => error,
        })
    }
}

/// Σ‖(J ± Jᵀ)v‖²/‖v‖² over the directions so far, a particle.
struct Parts(Vec<[f64; 2]>);

impl Parts {
    fn new(particles: usize) -> Self {
        Self(vec![[0.0; 2]; particles])
    }

    /// Adds a direction v with Jv and Jᵀv; whether the antisymmetric part of any particle is too large.
    fn asymmetric(&mut self, dim: usize, v: &[f64], forth: &[f64], turned: &[f64]) -> bool {
        let products = forth.chunks(dim).zip(turned.chunks(dim));
        let mut found = false;
        for ((sums, v), (forth, turned)) in self.0.iter_mut().zip(v.chunks(dim)).zip(products) {
            let size: f64 = v.iter().map(|v| v * v).sum();
            if size == 0.0 {
                continue;
            }
            for (a, b) in forth.iter().zip(turned) {
                sums[0] += (a + b) * (a + b) / size;
                sums[1] += (a - b) * (a - b) / size;
            }
            found |= sums[1] > ASYMMETRIC * ASYMMETRIC * sums[0];
        }
        found
    }
}
