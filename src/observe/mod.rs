//! Observations y = A(x₀) + N(0, R) of a state.
//!
//! The state of one particle is a flat list of `dim` numbers. In a chain of `length` states with `p` numbers each, state
//! i has the entries `i·p … (i+1)·p`. Many particles are stored one after the other, and so are their rows.
//!
//! | type | content |
//! |---|---|
//! | [`Operator`] | A: `linear`, `window`, `saturating`, `slice`, or several stacked |
//! | [`Band`] | R, AAᵀ, V: symmetric, stored row by row from the first entry that is not zero |
//! | [`Observation`] | A, R and y, checked against each other |

mod band;
mod kind;
mod lattice;
mod operator;
mod products;
mod wrong;

pub use band::Band;
pub use kind::OperatorKind;
pub use lattice::Lattice;
pub use operator::{Operator, States, every};
pub(crate) use wrong::wrong;

use crate::error::Error;

/// An observation y = A(x₀) + N(0, R): the operator, the covariance and the values.
///
/// Held by `tests/contracts/operator.rs`: `a_residual_is_what_the_prediction_leaves_of_the_values`.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    operator: Operator,
    /// R and BBᵀ on a common envelope; B is the linear part of A.
    noise: Band,
    gram: Band,
    /// `[rows]`, or `[particles × rows]`.
    y: Vec<f64>,
}

impl Observation {
    /// An observation with the same values `y` `[rows]` for every particle; `noise` is R `[rows × rows]`.
    ///
    /// # Errors
    /// If `y` or R does not have as many rows as the operator, or contains a number that is not finite; if R is not
    /// positive semidefinite.
    pub fn new(operator: Operator, noise: &Band, y: Vec<f64>) -> Result<Self, Error> {
        if y.len() != operator.rows() {
            return Err(wrong(
                format!(
                    "y has {} values, but the observation has {} rows.",
                    y.len(),
                    operator.rows()
                ),
                format!("Give {} values.", operator.rows()),
            ));
        }
        Self::for_each(operator, noise, y)
    }

    /// An observation with separate values for each particle: `y` is `[particles × rows]`. x̂ is then evaluated for
    /// exactly these particles in their order, in one call or in consecutive parts.
    ///
    /// # Errors
    /// As [`Observation::new`].
    pub fn for_each(operator: Operator, noise: &Band, y: Vec<f64>) -> Result<Self, Error> {
        let rows = operator.rows();
        if y.is_empty() || !y.len().is_multiple_of(rows) {
            return Err(wrong(
                format!(
                    "y has {} values, which is not a multiple of the {rows} rows of the observation.",
                    y.len()
                ),
                format!("Give {rows} values per particle."),
            ));
        }
        if noise.size() != rows {
            return Err(wrong(
                format!(
                    "The noise covariance has {} rows, but the observation has {rows}.",
                    noise.size()
                ),
                format!("Give a covariance with {rows} rows."),
            ));
        }
        if let Some(value) = y.iter().find(|v| !v.is_finite()) {
            return Err(wrong(
                format!("y contains {value}."),
                "Give finite values.".to_owned(),
            ));
        }
        if !noise.is_semidefinite() {
            return Err(wrong(
                "The covariance of the observation noise is not positive semidefinite.".to_owned(),
                "Give a symmetric R with positive variances and correlations below 1.".to_owned(),
            ));
        }
        let gram = operator.gram();
        let first = |i: usize| noise.first(i).min(gram.first(i));
        let first: Vec<usize> = (0..rows).map(first).collect();
        Ok(Self {
            noise: noise.widened(&first),
            gram: gram.widened(&first),
            operator,
            y,
        })
    }

    /// A.
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// R.
    pub fn noise(&self) -> &Band {
        &self.noise
    }

    /// The values, `[rows]` or `[particles × rows]`.
    pub fn y(&self) -> &[f64] {
        &self.y
    }

    /// Writes y − A(x) of every particle to `out`: `x` is `[n × dim]`, `out` is `[n × rows]`.
    ///
    /// Held by `tests/contracts/operator.rs`: `a_residual_is_what_the_prediction_leaves_of_the_values`.
    ///
    /// # Panics
    /// If the lengths do not fit, or `y` has values for a different number of particles.
    pub fn residual(&self, x: &[f64], out: &mut [f64]) {
        assert!(
            self.is_shared() || self.y.len() == out.len(),
            "y has values for a different number of particles"
        );
        self.residual_from(0, x, out);
    }

    /// As [`Observation::residual`], for the particles from number `first` on.
    ///
    /// # Panics
    /// If the lengths do not fit, or `y` has no values for one of these particles.
    pub fn residual_from(&self, first: usize, x: &[f64], out: &mut [f64]) {
        self.operator.predict(x, out);
        let y = match self.is_shared() {
            true => &self.y[..],
            false => &self.y[first * self.operator.rows()..][..out.len()],
        };
        for (out, y) in out.iter_mut().zip(y.iter().cycle()) {
            *out = y - *out;
        }
    }

    /// Whether every particle has the same values.
    fn is_shared(&self) -> bool {
        self.y.len() == self.operator.rows()
    }

    /// Number of particles with separate values; 1 if all particles have the same values.
    pub fn particles(&self) -> usize {
        self.y.len() / self.operator.rows()
    }

    /// Writes V = keep·R + scale·A'A'ᵀ to `out`, which [`Observation::covariance`] has made. A' = D·B, where D is the
    /// diagonal matrix of the `slopes` of one particle; without `slopes` D = I, as for a linear operator.
    ///
    /// Held by `tests/contracts/operator.rs`: `a_spread_is_its_formula_and_is_inverted`.
    pub fn spread(&self, keep: f64, scale: f64, slopes: Option<&[f64]>, out: &mut Band) {
        out.copy_scaled(scale, &self.gram);
        if let Some(slopes) = slopes {
            out.rescale(slopes);
        }
        out.add(keep, &self.noise);
    }

    /// V⁻¹ by rows, `[rows × rows]`, with V = keep·R + scale·BBᵀ; `None` if V is not positive definite up to rounding.
    ///
    /// Held by `src/observe/tests.rs`: `the_inverse_of_a_covariance_inverts_it`.
    pub fn inverse(&self, keep: f64, scale: f64) -> Option<Vec<f64>> {
        let rows = self.operator.rows();
        let mut v = self.covariance();
        self.spread(keep, scale, None, &mut v);
        if !v.factor() {
            return None;
        }
        let mut out = vec![0.0; rows * rows];
        for (r, row) in out.chunks_mut(rows).enumerate() {
            row[r] = 1.0;
            v.solve(row);
        }
        Some(out)
    }

    /// A matrix with the shape and envelope of V.
    pub fn covariance(&self) -> Band {
        self.noise.clone()
    }
}

#[cfg(test)]
mod tests;
