//! The step that all rules with a V share: the weighted residual is pulled back to x_t.

use super::rule::Point;
use super::rule::RuleAt;
use crate::error::Error;

/// The weighting of the residual by a rule, V⁻¹ for most rules.
pub(super) trait Weigh {
    /// residual ← V⁻¹·residual for the rows of every particle.
    fn weigh(&self, at: &Point<'_>, x_hat: &[f64], residual: &mut [f64]) -> Result<(), Error>;
}

/// x̂ + (σ²/α)·Jᵀ A'(x̂)ᵀ V⁻¹ (y − A(x̂)), J = ∂x̂/∂x_t.
pub(super) struct Pull<W>(pub W);

impl<W: Weigh> RuleAt for Pull<W> {
    fn guide(&self, at: &Point<'_>, x_hat: &mut [f64]) -> Result<(), Error> {
        let mut weighted = at.rows();
        at.residual(x_hat, &mut weighted);
        self.0.weigh(at, x_hat, &mut weighted)?;
        let mut back = vec![0.0; x_hat.len()];
        let mut pulled = vec![0.0; x_hat.len()];
        let operator = at.observation.operator();
        operator.vjp(x_hat, &weighted, &mut back);
        at.prior.vjp(at.x_t, &back, &mut pulled);
        let factor = at.level.sigma * at.level.ratio();
        for (x_hat, pulled) in x_hat.iter_mut().zip(pulled) {
            *x_hat += factor * pulled;
        }
        Ok(())
    }
}
