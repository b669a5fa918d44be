//! The law of a chain given observations, in time linear in its length.
//!
//! Forward: the Kalman filter with S = H P⁻Hᵀ + R, K = P⁻HᵀS⁻, v = y − H m⁻ and Joseph's form
//! P = (I − KH)P⁻(I − KH)ᵀ + KRKᵀ. Backward: the smoother of Rauch, Tung & Striebel (1965) in the form of Bryson &
//! Frazier (1969; Bierman 1973), which inverts only S. With g = Tᵀλ₊ and N = TᵀΛ₊T,
//!
//! λ = HᵀS⁻v + (I − KH)ᵀg, Λ = HᵀS⁻H + (I − KH)ᵀN(I − KH);
//! mean m + P g, covariance P − PNP, Cov(x_{i+1}, x_i) = (I − P⁻₊Λ₊)T P.
//!
//! The covariance is computed as B(I − BᵀNB)₊Bᵀ with P = BBᵀ, which is positive semidefinite to the last digit.
//!
//! S⁻ is a generalised inverse: R = 0, a singular Q and repeated rows are allowed. A direction whose standard deviation
//! is below 3·10⁻⁶ of its value before any observation counts as known.
//!
//! Held by `tests/chains/posterior.rs`: `the_smoother_is_conditioning_of_the_joint_law`,
//! `the_smoother_takes_an_exact_context`, `the_smoother_is_conditioning_for_presets_with_and_without_noise`,
//! `a_chain_after_an_exact_context_is_its_transition`, `denoising_is_smoothing`.

use super::algebra::Eigen;
use super::algebra::add_product;
use super::algebra::add_transposed;
use super::algebra::congruence;
use super::algebra::generalised_inverse;
use super::algebra::root;
use super::algebra::symmetric;
use super::model::Chain;
use super::seen::Seen;
use super::seen::check;
use crate::error::Error;
use crate::rng::Noise;
use crate::rng::Stream;
use nalgebra::DMatrix;
use std::ops::Range;

/// The observed rows of one index: the position of their first value in y, H, K and S⁻.
#[derive(Debug, Clone)]
struct Rows {
    first: usize,
    operator: DMatrix<f64>,
    gain: DMatrix<f64>,
    precision: DMatrix<f64>,
    /// R^{½}.
    root: DMatrix<f64>,
}

/// The law of a chain given y. It is normal, and its covariance does not depend on y.
#[derive(Debug, Clone)]
pub struct Posterior {
    chain: Chain,
    seen: Vec<Seen>,
    /// The observation of each index, if there is one.
    updates: Vec<Option<Rows>>,
    /// P of each index.
    filtered: Vec<DMatrix<f64>>,
    rows: usize,
    covariances: Vec<DMatrix<f64>>,
    lags: Vec<DMatrix<f64>>,
}

impl Rows {
    fn range(&self) -> Range<usize> {
        self.first..self.first + self.operator.nrows()
    }
}

impl Posterior {
    /// Prepares gains and covariances for the observations `seen`, whose indices increase.
    ///
    /// # Errors
    /// If an index is beyond the end or not above the previous one, or H or R has a wrong shape, entries that are not
    /// finite, or R is not symmetric positive semidefinite.
    pub fn new(chain: &Chain, seen: &[Seen]) -> Result<Self, Error> {
        check(chain, seen)?;
        let (p, length) = (chain.states(), chain.length);
        let kept = seen.to_vec();
        let mut seen = seen.iter().peekable();
        let mut own = Self {
            chain: chain.clone(),
            seen: kept,
            updates: Vec::with_capacity(length),
            filtered: Vec::with_capacity(length),
            rows: 0,
            covariances: vec![DMatrix::zeros(p, p); length],
            lags: vec![DMatrix::zeros(p, p); length - 1],
        };
        let mut predicted = vec![chain.sigma.clone()];
        for i in 0..length {
            let mut filtered = predicted[i].clone();
            let update = seen.next_if(|seen| seen.index == i).map(|seen| {
                let h = &seen.operator;
                let r = symmetric(&seen.noise);
                let whole = congruence(h, &chain.sigma) + &r;
                let precision = generalised_inverse(&(congruence(h, &filtered) + r), &whole);
                let gain = &filtered * h.transpose() * &precision;
                let rest = DMatrix::identity(p, p) - &gain * h;
                filtered = congruence(&rest, &filtered) + congruence(&gain, &seen.noise);
                let first = own.rows;
                own.rows += h.nrows();
                Rows {
                    first,
                    operator: h.clone(),
                    gain,
                    precision,
                    root: root(&seen.noise),
                }
            });
            predicted.push(congruence(&chain.t, &filtered) + &chain.q);
            own.filtered.push(filtered);
            own.updates.push(update);
        }
        let back = chain.t.transpose();
        let mut later = DMatrix::zeros(p, p);
        for i in (0..length).rev() {
            let filtered = &own.filtered[i];
            if i + 1 < length {
                let rest = DMatrix::identity(p, p) - &predicted[i + 1] * &later;
                own.lags[i] = rest * &chain.t * filtered;
            }
            let carried = congruence(&back, &later);
            let factor = root(filtered);
            let known = Eigen::of(&congruence(&factor.transpose(), &carried));
            let left = known.map(|share| (1.0 - share).max(0.0));
            own.covariances[i] = congruence(&factor, &left);
            later = match &own.updates[i] {
                None => carried,
                Some(rows) => {
                    let h = rows.operator.transpose();
                    let rest = DMatrix::identity(p, p) - &rows.gain * &rows.operator;
                    congruence(&h, &rows.precision) + congruence(&rest.transpose(), &carried)
                }
            };
        }
        Ok(own)
    }

    /// The observations given to [`Posterior::new`].
    pub fn seen(&self) -> &[Seen] {
        &self.seen
    }

    /// Length of y: the number of all rows, in the order of the indices.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// E[x | y], `[L·p]`.
    ///
    /// # Panics
    /// If `y` does not have [`Posterior::rows`] numbers.
    pub fn mean(&self, y: &[f64]) -> Vec<f64> {
        assert_eq!(y.len(), self.rows, "one y a row");
        let (p, t) = (self.chain.states(), &self.chain.t);
        let mut mean = vec![0.0; self.chain.dim()];
        // The innovation v of each row of y.
        let mut innovations = y.to_vec();
        let mut predicted = vec![0.0; p];
        for (m, update) in mean.chunks_exact_mut(p).zip(&self.updates) {
            m.copy_from_slice(&predicted);
            if let Some(rows) = update {
                let v = &mut innovations[rows.range()];
                let mut expected = vec![0.0; v.len()];
                add_product(&rows.operator, m, &mut expected);
                for (v, expected) in v.iter_mut().zip(expected) {
                    *v -= expected;
                }
                add_product(&rows.gain, v, m);
            }
            predicted.fill(0.0);
            add_product(t, m, &mut predicted);
        }
        let mut g = vec![0.0; p];
        let indices = mean.chunks_exact_mut(p).zip(&self.updates);
        for ((m, update), filtered) in indices.zip(&self.filtered).rev() {
            add_product(filtered, &g, m);
            if let Some(rows) = update {
                // λ = g + Hᵀ(S⁻v − Kᵀg).
                let mut pull = vec![0.0; rows.operator.nrows()];
                add_transposed(&rows.gain, &g, &mut pull);
                pull.iter_mut().for_each(|x| *x = -*x);
                add_product(&rows.precision, &innovations[rows.range()], &mut pull);
                add_transposed(&rows.operator, &pull, &mut g);
            }
            let lambda = std::mem::replace(&mut g, vec![0.0; p]);
            add_transposed(t, &lambda, &mut g);
        }
        mean
    }

    /// Cov(x_i | y), p × p, of every index.
    pub fn covariances(&self) -> &[DMatrix<f64>] {
        &self.covariances
    }

    /// Cov(x_{i+1}, x_i | y), p × p, of every index but the last.
    pub fn lag_one(&self) -> &[DMatrix<f64>] {
        &self.lags
    }

    /// `n` chains drawn from the law given `y`, beginning with chain number `first`. Each is x* + E[x | y − y*], where
    /// x* is a path of the prior and y* = Hx* + noise are its observations (Durbin & Koopman 2002).
    ///
    /// Held by `tests/chains/posterior.rs`: `draws_have_the_moments_of_their_laws`.
    ///
    /// # Panics
    /// If `y` does not have [`Posterior::rows`] numbers.
    pub fn sample(&self, noise: &Noise, y: &[f64], first: u64, n: usize) -> Vec<f64> {
        let (p, dim) = (self.chain.states(), self.chain.dim());
        let mut out = vec![0.0; n * dim];
        self.chain
            .sample(noise, Stream::Reference, 0, first, &mut out);
        let mut z = vec![0.0; self.rows];
        for (k, x) in out.chunks_exact_mut(dim).enumerate() {
            let draw = (first + k as u64) * self.rows as u64;
            noise.normals(Stream::Reference, 1, draw, &mut z);
            let mut own = vec![0.0; self.rows];
            for (x, update) in x.chunks_exact(p).zip(&self.updates) {
                if let Some(rows) = update {
                    let range = rows.range();
                    add_product(&rows.operator, x, &mut own[range.clone()]);
                    add_product(&rows.root, &z[range.clone()], &mut own[range]);
                }
            }
            let change: Vec<f64> = y.iter().zip(&own).map(|(y, own)| y - own).collect();
            for (x, change) in x.iter_mut().zip(self.mean(&change)) {
                *x += change;
            }
        }
        out
    }
}
