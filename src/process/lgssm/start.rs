//! The error of a run that starts from pure noise although the largest noise does not cover the law.
//!
//! A run starts from N(0, σ²I) instead of N(αm, α²C + σ²I), which is the law N(m, C) under noise. The probability flow
//! turns this start into N(m − C^{½}(C + s²I)^{-½}m, s²C(C + s²I)⁻¹), s = σ/α. Its covariance is the covariance of x
//! given the observations and u = 0 observed at every coordinate with noise s²I. With m₀ the mean given all these,
//! C(C + s²I)⁻¹m = m − m₀.
//!
//! Held by `tests/chains/start.rs`: `the_reached_part_of_a_law_is_that_of_dense_algebra`; in runs by
//! `tests/start.rs`: `a_chain_without_observations_loses_the_deviation_that_the_warning_says`,
//! `a_chain_given_observations_misses_its_mean_by_what_the_warning_says`.

use super::dense::Conditioned;
use super::model::Chain;
use super::posterior::Posterior;
use super::seen::Seen;
use super::seen::stack;
use crate::error::Error;
use nalgebra::Cholesky;
use nalgebra::DMatrix;
use nalgebra::DVector;

/// The part of N(m, C) that the exact probability flow reaches from N(0, σ²I).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reached {
    /// tr C.
    pub variance: f64,
    /// tr s²C(C + s²I)⁻¹, the variance that the run reaches.
    pub kept: f64,
    /// mᵀC(C + s²I)⁻¹m, the squared error of the mean.
    pub shift: f64,
}

/// As [`Posterior::reached`], for the chain without observations.
///
/// # Errors
/// If s is not positive and finite.
pub fn reached(chain: &Chain, s: f64) -> Result<Reached, Error> {
    let given = Posterior::new(chain, &everywhere(chain, s * s))?;
    Ok(Reached {
        variance: chain.length() as f64 * chain.stationary().trace(),
        kept: given.covariances().iter().map(|c| c.trace()).sum(),
        shift: 0.0,
    })
}

/// Every coordinate of a chain observed with noise s².
fn everywhere(chain: &Chain, s2: f64) -> Vec<Seen> {
    let p = chain.states();
    let seen = |index| Seen {
        index,
        operator: DMatrix::identity(p, p),
        noise: DMatrix::identity(p, p) * s2,
    };
    (0..chain.length()).map(seen).collect()
}

impl Posterior {
    /// The part of the law of this chain given `y` that a run reaches from a start at σ/α = s. Linear in the length.
    ///
    /// # Errors
    /// If s is not positive and finite.
    pub fn reached(&self, chain: &Chain, y: &[f64], s: f64) -> Result<Reached, Error> {
        let noisy = everywhere(chain, s * s);
        let given = Posterior::new(chain, &stack(self.seen(), &noisy))?;
        let trace = |p: &Posterior| p.covariances().iter().map(|c| c.trace()).sum();
        // At each index the values of y come before the zeros of u.
        let (mut values, mut left) = (vec![], y);
        let mut seen = self.seen().iter().peekable();
        for index in 0..chain.length() {
            if let Some(one) = seen.next_if(|one| one.index == index) {
                let (own, rest) = left.split_at(one.operator.nrows());
                values.extend_from_slice(own);
                left = rest;
            }
            values.extend(std::iter::repeat_n(0.0, chain.states()));
        }
        let (mean, from_zero) = (self.mean(y), given.mean(&values));
        let each = mean.iter().zip(&from_zero).map(|(m, m0)| m * (m - m0));
        Ok(Reached {
            variance: trace(self),
            kept: trace(&given),
            shift: each.sum::<f64>().max(0.0),
        })
    }
}

impl Conditioned {
    /// As [`Posterior::reached`], in time (Lp)³; `None` if C + s²I has no Cholesky factor.
    pub fn reached(&self, y: &[f64], s: f64) -> Option<Reached> {
        let c = self.covariance();
        let (dim, s2) = (c.nrows(), s * s);
        let factor = Cholesky::new(c + DMatrix::identity(dim, dim) * s2)?;
        let mean = DVector::from_vec(self.mean(y));
        Some(Reached {
            variance: c.trace(),
            kept: factor.solve(c).trace() * s2,
            shift: mean.dot(&(c * factor.solve(&mean))).max(0.0),
        })
    }
}
