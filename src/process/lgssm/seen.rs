//! The observations of a chain, index by index.

use super::algebra::Eigen;
use super::model::Chain;
use super::model::positive;
use super::model::refused;
use crate::error::Error;
use crate::error::rounded;
use nalgebra::DMatrix;

/// The observation of one index: y = H x + N(0, R), with H m × p, R m × m and R ⪰ 0.
///
/// Held by `tests/chains/posterior.rs`: `the_smoother_is_conditioning_of_the_joint_law`.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The index.
    pub index: usize,
    /// H.
    pub operator: DMatrix<f64>,
    /// R; 0 if the index is known exactly.
    pub noise: DMatrix<f64>,
}

impl Chain {
    /// `indices` observed with the O and R of the model.
    pub fn seen(&self, indices: &[usize]) -> Vec<Seen> {
        let seen = |&index: &usize| Seen {
            index,
            operator: self.o.clone(),
            noise: self.r.clone(),
        };
        indices.iter().map(seen).collect()
    }

    /// The first `count` indices known exactly: H = I, R = 0.
    ///
    /// Held by `tests/chains/posterior.rs`: `an_exact_context_is_kept`.
    pub fn context(&self, count: usize) -> Vec<Seen> {
        let p = self.states();
        let seen = |index| Seen {
            index,
            operator: DMatrix::identity(p, p),
            noise: DMatrix::zeros(p, p),
        };
        (0..count).map(seen).collect()
    }
}

/// All observations of both lists, by index. At an index that is in both lists, the rows of `first` come before those
/// of `second`, and so do their values in y.
///
/// # Panics
/// If the two operators of an index differ in width, or a noise matrix does not fit its operator.
pub fn stack(first: &[Seen], second: &[Seen]) -> Vec<Seen> {
    let mut all: Vec<Seen> = first.iter().chain(second).cloned().collect();
    all.sort_by_key(|seen| seen.index);
    let mut out: Vec<Seen> = Vec::with_capacity(all.len());
    for seen in all {
        match out.last_mut() {
            Some(last) if last.index == seen.index => *last = above(last, &seen),
            _ => out.push(seen),
        }
    }
    out
}

fn above(a: &Seen, b: &Seen) -> Seen {
    let ((m, p), n) = (a.operator.shape(), b.operator.nrows());
    let mut operator = DMatrix::zeros(m + n, p);
    operator.rows_mut(0, m).copy_from(&a.operator);
    operator.rows_mut(m, n).copy_from(&b.operator);
    let mut noise = DMatrix::zeros(m + n, m + n);
    noise.view_mut((0, 0), (m, m)).copy_from(&a.noise);
    noise.view_mut((m, m), (n, n)).copy_from(&b.noise);
    Seen {
        index: a.index,
        operator,
        noise,
    }
}

pub(super) fn check(chain: &Chain, seen: &[Seen]) -> Result<(), Error> {
    let p = chain.states();
    let mut least = 0;
    for one in seen {
        let index = one.index;
        if index >= chain.length {
            return Err(refused(format!(
                "index {index} is observed, but the length of the chain is {}; give indices from 0 to {}",
                chain.length,
                chain.length - 1
            )));
        }
        if index < least {
            return Err(refused(format!(
                "index {index} comes after index {}; give each index once, in increasing order",
                least - 1
            )));
        }
        least = index + 1;
        let m = one.operator.nrows();
        if m == 0 || one.operator.ncols() != p {
            return Err(refused(format!(
                "the operator at index {index} is {m} × {}; give it rows of length {p}",
                one.operator.ncols()
            )));
        }
        check_noise(&one.noise, m)?;
        if one.operator.iter().any(|x| !x.is_finite()) {
            return Err(refused(format!(
                "the operator at index {index} is not finite; give finite numbers"
            )));
        }
    }
    Ok(())
}

/// R is m × m, finite, symmetric and ⪰ 0.
pub(super) fn check_noise(noise: &DMatrix<f64>, m: usize) -> Result<(), Error> {
    if noise.shape() != (m, m) {
        let (rows, columns) = noise.shape();
        return Err(refused(format!(
            "the noise covariance is {rows} × {columns}; give it the shape {m} × {m}"
        )));
    }
    if noise.iter().any(|x| !x.is_finite()) {
        return Err(refused(
            "the noise covariance is not finite; give finite numbers",
        ));
    }
    let noise = positive("the noise covariance", noise)?;
    let diagonal = (0..m).all(|i| (0..m).all(|j| i == j || noise[(i, j)] == 0.0));
    // A diagonal R is common and can be large, so it is checked without eigenvalues.
    let least = if diagonal {
        noise.diagonal().iter().copied().fold(0.0, f64::min)
    } else {
        let (low, high) = Eigen::of(&noise).range();
        if low < -1e-12 * high.max(-low) {
            low
        } else {
            0.0
        }
    };
    if least < 0.0 {
        return Err(refused(format!(
            "the noise has the negative variance {}; give it 0 or more in every direction",
            rounded(least)
        )));
    }
    Ok(())
}
