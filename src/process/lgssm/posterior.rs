//! The law of a chain given observations, linear in its length.
//!
//! Forward, the Kalman filter with S = H P⁻Hᵀ + R, K = P⁻HᵀS⁻, and Joseph's form
//! P = (I − KH)P⁻(I − KH)ᵀ + KRKᵀ; backward, the smoother of Rauch, Tung & Striebel (1965) with
//! G = P Tᵀ(P⁻₊)⁻, mean m + G(mˢ₊ − m⁻₊) and covariance
//! Pˢ = (I − GT)P(I − GT)ᵀ + G(Q + Pˢ₊)Gᵀ, which is P + G(Pˢ₊ − P⁻₊)Gᵀ as a sum of positive terms;
//! Cov(x_{i+1}, x_i) = Pˢ₊Gᵀ. Inverses are generalised ones: R = 0, a singular Q and rows that say the same
//! twice are allowed.

use super::algebra::Eigen;
use super::algebra::add_product;
use super::algebra::congruence;
use super::algebra::generalised_inverse;
use super::algebra::root;
use super::model::Chain;
use super::model::refused;
use crate::error::Error;
use crate::rng::Noise;
use crate::rng::Stream;
use nalgebra::DMatrix;

/// What is seen of one index: y = H x + N(0, R), H m × p, R m × m, R ⪰ 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The index.
    pub index: usize,
    /// H.
    pub operator: DMatrix<f64>,
    /// R; 0 for what is known exactly.
    pub noise: DMatrix<f64>,
}

impl Chain {
    /// `indices` seen through O and R.
    pub fn seen(&self, indices: &[usize]) -> Vec<Seen> {
        let seen = |&index: &usize| Seen {
            index,
            operator: self.o.clone(),
            noise: self.r.clone(),
        };
        indices.iter().map(seen).collect()
    }

    /// The first `count` indices known exactly: H = I, R = 0.
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

/// Both, by index; at an index of both the rows of `first` stand above those of `second`, and so do their y.
///
/// # Panics
/// If at an index of both the operators differ in width, or a noise does not fit its operator.
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

/// What one index does to a mean: the seen rows (their first y, H, K), and G towards the next index.
#[derive(Debug, Clone)]
struct Update {
    seen: Option<(usize, DMatrix<f64>, DMatrix<f64>)>,
    back: DMatrix<f64>,
}

/// The law of a chain given y: normal, its covariance free of y.
#[derive(Debug, Clone)]
pub struct Posterior {
    chain: Chain,
    updates: Vec<Update>,
    /// R^{½} of each seen index.
    roots: Vec<DMatrix<f64>>,
    rows: usize,
    covariances: Vec<DMatrix<f64>>,
    lags: Vec<DMatrix<f64>>,
}

impl Posterior {
    /// Prepares gains and covariances for what is `seen`, at increasing indices.
    ///
    /// # Errors
    /// If an index is beyond the end or not above the one before, or H or R does not fit.
    pub fn new(chain: &Chain, seen: &[Seen]) -> Result<Self, Error> {
        check(chain, seen)?;
        let (p, length) = (chain.states(), chain.length);
        let mut seen = seen.iter().peekable();
        let mut own = Self {
            chain: chain.clone(),
            updates: Vec::with_capacity(length),
            roots: vec![],
            rows: 0,
            covariances: Vec::with_capacity(length),
            lags: Vec::with_capacity(length),
        };
        let mut predicted = chain.sigma.clone();
        for i in 0..length {
            let mut filtered = predicted.clone();
            let here = seen.next_if(|seen| seen.index == i).map(|seen| {
                let h = &seen.operator;
                let cross = &predicted * h.transpose();
                let total = congruence(h, &predicted) + &seen.noise;
                let gain = cross * generalised_inverse(&total);
                let rest = DMatrix::identity(p, p) - &gain * h;
                filtered = congruence(&rest, &predicted) + congruence(&gain, &seen.noise);
                own.roots.push(root(&seen.noise));
                let first = own.rows;
                own.rows += h.nrows();
                (first, h.clone(), gain)
            });
            predicted = congruence(&chain.t, &filtered) + &chain.q;
            let back = &filtered * chain.t.transpose() * generalised_inverse(&predicted);
            own.updates.push(Update { seen: here, back });
            own.covariances.push(filtered);
        }
        for i in (0..length - 1).rev() {
            let back = &own.updates[i].back;
            let later = &own.covariances[i + 1];
            own.lags.push(later * back.transpose());
            let rest = DMatrix::identity(p, p) - back * &chain.t;
            let smoothed =
                congruence(&rest, &own.covariances[i]) + congruence(back, &(&chain.q + later));
            own.covariances[i] = smoothed;
        }
        own.lags.reverse();
        Ok(own)
    }

    /// Numbers of y: all rows, in the order of the indices.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// E[x given y], `[L·p]`.
    ///
    /// # Panics
    /// If `y` has not [`Posterior::rows`] numbers.
    pub fn mean(&self, y: &[f64]) -> Vec<f64> {
        assert_eq!(y.len(), self.rows, "one y a row");
        let (p, t) = (self.chain.states(), &self.chain.t);
        let mut mean = vec![0.0; self.chain.dim()];
        let mut predicted = vec![0.0; self.chain.dim() + p];
        for (i, update) in self.updates.iter().enumerate() {
            let here = i * p..(i + 1) * p;
            let m = &mut mean[here.clone()];
            m.copy_from_slice(&predicted[here]);
            if let Some((first, h, gain)) = &update.seen {
                let mut expected = vec![0.0; h.nrows()];
                add_product(h, m, &mut expected);
                for (e, y) in expected.iter_mut().zip(&y[*first..]) {
                    *e = y - *e;
                }
                add_product(gain, &expected, m);
            }
            add_product(t, m, &mut predicted[(i + 1) * p..(i + 2) * p]);
        }
        let mut change = vec![0.0; p];
        for i in (0..self.chain.length - 1).rev() {
            let next = (i + 1) * p..(i + 2) * p;
            let pair = mean[next.clone()].iter().zip(&predicted[next]);
            for (change, (mean, predicted)) in change.iter_mut().zip(pair) {
                *change = mean - predicted;
            }
            add_product(&self.updates[i].back, &change, &mut mean[i * p..(i + 1) * p]);
        }
        mean
    }

    /// Cov(x_i given y), p × p, of every index.
    pub fn covariances(&self) -> &[DMatrix<f64>] {
        &self.covariances
    }

    /// Cov(x_{i+1}, x_i given y), p × p, of every index but the last.
    pub fn lag_one(&self) -> &[DMatrix<f64>] {
        &self.lags
    }

    /// `n` chains drawn from the law given `y`, the first of them number `first`: a path x* of the prior with its
    /// own observations y* = Hx* + noise, and x* + E[x given y − y*] (Durbin & Koopman 2002).
    ///
    /// # Panics
    /// If `y` has not [`Posterior::rows`] numbers.
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
            let mut roots = self.roots.iter();
            for (i, update) in self.updates.iter().enumerate() {
                let Some((from, h, _)) = &update.seen else {
                    continue;
                };
                let rows = *from..from + h.nrows();
                add_product(h, &x[i * p..(i + 1) * p], &mut own[rows.clone()]);
                if let Some(root) = roots.next() {
                    add_product(root, &z[rows.clone()], &mut own[rows]);
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

fn check(chain: &Chain, seen: &[Seen]) -> Result<(), Error> {
    let p = chain.states();
    let mut least = 0;
    for one in seen {
        let index = one.index;
        if index >= chain.length {
            return Err(refused(format!(
                "index {index} is seen and the chain has {}; give indices from 0 to {}",
                chain.length,
                chain.length - 1
            )));
        }
        if index < least {
            return Err(refused(format!(
                "index {index} is seen after index {}; give each index once, in increasing order",
                least - 1
            )));
        }
        least = index + 1;
        let m = one.operator.nrows();
        if m == 0 || one.operator.ncols() != p {
            return Err(refused(format!(
                "the operator at index {index} is {m} × {}; give it rows of {p}",
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

/// R is m × m, finite and ⪰ 0.
pub(super) fn check_noise(noise: &DMatrix<f64>, m: usize) -> Result<(), Error> {
    if noise.shape() != (m, m) {
        let (rows, columns) = noise.shape();
        return Err(refused(format!(
            "the noise of {m} rows is {rows} × {columns}; give it {m} × {m}"
        )));
    }
    if noise.iter().any(|x| !x.is_finite()) {
        return Err(refused("the noise is not finite; give finite numbers"));
    }
    let diagonal = (0..m).all(|i| (0..m).all(|j| i == j || noise[(i, j)] == 0.0));
    let least = if diagonal {
        noise.diagonal().iter().copied().fold(0.0, f64::min)
    } else {
        let (low, high) = Eigen::of(noise).range();
        if low < -1e-12 * high.max(-low) { low } else { 0.0 }
    };
    if least < 0.0 {
        return Err(refused(format!(
            "the noise has the negative variance {least:.3e}; give it 0 or more in every direction"
        )));
    }
    Ok(())
}
