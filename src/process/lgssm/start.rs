//! What is lost where a run starts from noise alone, because the largest noise does not cover the law.
//!
//! A run starts from N(0, σ²I) in the place of N(αm, α²C + σ²I), the law N(m, C) under noise. The probability flow takes
//! it to N(m − C^{½}(C + s²I)^{-½}m, s²C(C + s²I)⁻¹), s = σ/α. The covariance is that of x given what is seen and u = 0
//! seen at every coordinate with noise s²I, and with m₀ the mean given these, C(C + s²I)⁻¹m = m − m₀.

use super::dense::Conditioned;
use super::model::Chain;
use super::posterior::Posterior;
use super::seen::Seen;
use super::seen::stack;
use crate::error::Error;
use nalgebra::Cholesky;
use nalgebra::DMatrix;
use nalgebra::DVector;

/// What the exact probability flow makes of N(m, C) from a start at N(0, σ²I).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reached {
    /// tr C.
    pub variance: f64,
    /// tr s²C(C + s²I)⁻¹, the variance that is reached.
    pub kept: f64,
    /// mᵀC(C + s²I)⁻¹m, the square of what the mean is off by.
    pub shift: f64,
}

/// As for [`Posterior::reached`], of the chain itself.
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

/// Every coordinate of a chain seen with noise s².
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
    /// What is reached of the law of this chain given `y` from a start at σ/α = s. Linear in the length.
    ///
    /// # Errors
    /// If s is not positive and finite.
    pub fn reached(&self, chain: &Chain, y: &[f64], s: f64) -> Result<Reached, Error> {
        let noisy = everywhere(chain, s * s);
        let given = Posterior::new(chain, &stack(self.seen(), &noisy))?;
        let trace = |p: &Posterior| p.covariances().iter().map(|c| c.trace()).sum();
        // At each index the values of y stand before the zeros of u.
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
    /// As [`Posterior::reached`], in time (Lp)³; none where C + s²I has no factor.
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
