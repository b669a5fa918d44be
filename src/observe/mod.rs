//! Observations y = A(x₀) + N(0, R) of a state.
//!
//! The state of one particle is flat: `dim` numbers, of a chain of `length` states of `p` numbers those of
//! state i at `i·p … (i+1)·p`. Many particles are interleaved particle by particle, and so are their rows.
//!
//! | type | what |
//! |---|---|
//! | [`Operator`] | A: `linear`, `window`, `saturating`, `slice`, or several stacked |
//! | [`Band`] | R, AAᵀ, V: symmetric, stored row by row from the first entry that is not zero |
//! | [`Observation`] | A, R and y, checked against each other |

mod band;
mod kind;
mod operator;
mod products;

pub use band::Band;
pub use kind::OperatorKind;
pub use operator::{Operator, States, every};

use crate::error::Error;

/// What was observed: y = A(x₀) + N(0, R), the operator, the covariance and the values.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    operator: Operator,
    /// R and BBᵀ on one envelope (B the linear part of A).
    noise: Band,
    gram: Band,
    /// `[rows]`, or `[particles × rows]`.
    y: Vec<f64>,
}

impl Observation {
    /// The same values `y` `[rows]` for every particle; `noise` is R `[rows × rows]`.
    ///
    /// # Errors
    /// If `y` or R has another number of rows than the operator, or holds a number that is not finite; if R
    /// is not positive semidefinite.
    pub fn new(operator: Operator, noise: &Band, y: Vec<f64>) -> Result<Self, Error> {
        if y.len() != operator.rows() {
            return Err(wrong(
                format!(
                    "y has {} values, the observation {}.",
                    y.len(),
                    operator.rows()
                ),
                format!("Give {} values.", operator.rows()),
            ));
        }
        Self::for_each(operator, noise, y)
    }

    /// Values of its own for each particle: `y` is `[particles × rows]`, and x̂ is then asked for exactly that
    /// many particles in their order, all at once or one part after the other.
    ///
    /// # Errors
    /// As [`Observation::new`].
    pub fn for_each(operator: Operator, noise: &Band, y: Vec<f64>) -> Result<Self, Error> {
        let rows = operator.rows();
        if y.is_empty() || !y.len().is_multiple_of(rows) {
            return Err(wrong(
                format!(
                    "y has {} values, the observation {rows} a particle.",
                    y.len()
                ),
                format!("Give {rows} values a particle."),
            ));
        }
        if noise.size() != rows {
            return Err(wrong(
                format!(
                    "The noise has {} rows, the observation {rows}.",
                    noise.size()
                ),
                format!("Give a covariance of {rows} rows."),
            ));
        }
        if let Some(value) = y.iter().find(|v| !v.is_finite()) {
            return Err(wrong(
                format!("y holds {value}."),
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

    /// y − A(x) of every particle: `x` is `[n × dim]`, `out` `[n × rows]`.
    ///
    /// # Panics
    /// If the lengths differ, or `y` has values for another number of particles.
    pub fn residual(&self, x: &[f64], out: &mut [f64]) {
        assert!(
            self.is_shared() || self.y.len() == out.len(),
            "y has values for another number of particles"
        );
        self.residual_from(0, x, out);
    }

    /// As [`Observation::residual`], of a part of the particles: those from number `first` on.
    ///
    /// # Panics
    /// If the lengths differ, or `y` has no values for one of these particles.
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

    /// Particles that have values of their own; 1 where all have the same.
    pub fn particles(&self) -> usize {
        self.y.len() / self.operator.rows()
    }

    /// V = keep·R + scale·A'A'ᵀ into `out` (made by [`Observation::covariance`]), A' = D·B with the slopes D
    /// of one particle; none for a linear operator, where D = I.
    pub fn spread(&self, keep: f64, scale: f64, slopes: Option<&[f64]>, out: &mut Band) {
        out.copy_scaled(scale, &self.gram);
        if let Some(slopes) = slopes {
            out.rescale(slopes);
        }
        out.add(keep, &self.noise);
    }

    /// V⁻¹ by rows, `[rows × rows]`, with V = keep·R + scale·BBᵀ; none where V is not positive definite to rounding.
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

    /// A matrix with room for V.
    pub fn covariance(&self) -> Band {
        self.noise.clone()
    }
}

pub(crate) fn wrong(reason: String, remedy: String) -> Error {
    Error::Observation { reason, remedy }
}

#[cfg(test)]
mod tests;
