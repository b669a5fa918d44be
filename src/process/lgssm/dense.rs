//! Joint covariances, and conditioning on any linear operator, with dense matrices: for pictures, tests and windows.

use super::algebra::generalised_inverse;
use super::algebra::rescaled;
use super::algebra::root;
use super::algebra::symmetric;
use super::algebra::unit_diagonal;
use super::model::Chain;
use super::model::refused;
use super::seen::Seen;
use super::seen::check_noise;
use crate::error::Error;
use crate::rng::Noise;
use crate::rng::Stream;
use nalgebra::Cholesky;
use nalgebra::DMatrix;
use nalgebra::DVector;

/// If a squared pivot of a matrix with unit diagonal is below this, eigenvalues are used in place of Cholesky.
const PIVOT: f64 = 1e-10;

impl Chain {
    /// Σ₀, Lp × Lp. Its block (i, j) is T^{i−j}Σ for i ≥ j, and the transpose of block (j, i) for i < j.
    ///
    /// Held by `tests/chains/laws.rs`: `chains_are_stationary`.
    pub fn joint_covariance(&self) -> DMatrix<f64> {
        let (p, length) = (self.states(), self.length);
        let mut joint = DMatrix::zeros(self.dim(), self.dim());
        let mut block = self.sigma.clone();
        for lag in 0..length {
            let above = block.transpose();
            for j in 0..length - lag {
                let (low, high) = ((j + lag) * p, j * p);
                joint.view_mut((high, low), (p, p)).copy_from(&above);
                joint.view_mut((low, high), (p, p)).copy_from(&block);
            }
            block = &self.t * block;
        }
        joint
    }

    /// The law given y = A x + N(0, R), for any A of shape m × Lp (such as window averages) and any R ⪰ 0 of shape
    /// m × m. Rows that are known exactly have 0 in R.
    ///
    /// Held by `tests/chains/posterior.rs`: `window_averages_condition_as_the_information_form_says`.
    ///
    /// # Errors
    /// If A or R has a wrong shape or entries that are not finite, or R is not symmetric positive semidefinite.
    pub fn condition(
        &self,
        operator: &DMatrix<f64>,
        noise: &DMatrix<f64>,
    ) -> Result<Conditioned, Error> {
        let (m, columns) = operator.shape();
        if columns != self.dim() {
            return Err(refused(format!(
                "the operator has {columns} columns; give it {}, one per coordinate of the chain",
                self.dim()
            )));
        }
        if operator.iter().any(|x| !x.is_finite()) {
            return Err(refused("the operator is not finite; give finite numbers"));
        }
        check_noise(noise, m)?;
        Ok(Conditioned::new(self, operator, noise))
    }

    /// The covariance given observations `seen` of single indices, to be computed in parts: that of [`Chain::condition`].
    pub fn conditioning(&self, seen: &[Seen]) -> Conditioning {
        let (operator, noise) = self.dense(seen);
        Conditioning::new(self, operator, noise)
    }

    /// A and R of the whole chain for observations `seen` of single indices.
    pub fn dense(&self, seen: &[Seen]) -> (DMatrix<f64>, DMatrix<f64>) {
        let p = self.states();
        let rows = seen.iter().map(|seen| seen.operator.nrows()).sum();
        let mut operator = DMatrix::zeros(rows, self.dim());
        let mut noise = DMatrix::zeros(rows, rows);
        let mut row = 0;
        for seen in seen {
            let m = seen.operator.nrows();
            operator
                .view_mut((row, seen.index * p), (m, p))
                .copy_from(&seen.operator);
            noise.view_mut((row, row), (m, m)).copy_from(&seen.noise);
            row += m;
        }
        (operator, noise)
    }
}

/// The law of a chain given y = A x + N(0, R), with dense matrices: mean K y and covariance
/// (I − KA)Σ₀(I − KA)ᵀ + KRKᵀ, where K = Σ₀Aᵀ(AΣ₀Aᵀ + R)⁻ and ⁻ is a generalised inverse. It takes time
/// m(Lp)² + m³ and memory (Lp)².
///
/// Held by `tests/chains/posterior.rs`: `window_averages_condition_as_the_information_form_says`,
/// `the_smoother_is_conditioning_of_the_joint_law`.
#[derive(Debug, Clone)]
pub struct Conditioned {
    chain: Chain,
    operator: DMatrix<f64>,
    /// R^{½}.
    root: DMatrix<f64>,
    gain: DMatrix<f64>,
    covariance: DMatrix<f64>,
}

/// The gain and the covariance of [`Conditioned`] as far as they are computed: matrices of the products that come next.
#[derive(Debug, Clone)]
pub struct Conditioning {
    chain: Chain,
    operator: DMatrix<f64>,
    noise: DMatrix<f64>,
    gain: DMatrix<f64>,
    /// Σ₀, then Σ₀ − KAΣ₀, at last the covariance.
    covariance: DMatrix<f64>,
    /// AΣ₀.
    seen: DMatrix<f64>,
    /// AΣ₀Aᵀ + R, later (Σ₀ − KAΣ₀)Aᵀ − KR.
    product: DMatrix<f64>,
}

impl Conditioning {
    /// Number of parts, of about the same cost.
    pub const PARTS: usize = 6;

    fn new(chain: &Chain, operator: DMatrix<f64>, noise: DMatrix<f64>) -> Self {
        let none = DMatrix::zeros(0, 0);
        Self {
            chain: chain.clone(),
            operator,
            noise,
            gain: none.clone(),
            covariance: none.clone(),
            seen: none.clone(),
            product: none,
        }
    }

    /// Computes part `i` of [`Conditioning::PARTS`], each once and in their order.
    pub fn part(&mut self, i: usize) {
        let Self {
            operator,
            noise,
            gain,
            covariance,
            seen,
            product,
            ..
        } = self;
        match i {
            0 => {
                *covariance = self.chain.joint_covariance();
                *seen = &*operator * &*covariance;
            }
            1 => *product = symmetric(&(&*seen * operator.transpose())) + &*noise,
            2 => *gain = solve(product, seen).transpose(),
            // Joseph's form, in an order that costs m(Lp)².
            3 => *covariance = &*covariance - &*gain * &*seen,
            4 => *product = &*covariance * operator.transpose() - &*gain * &*noise,
            _ => {
                let part = std::mem::take(covariance);
                *covariance = symmetric(&(part - &*product * gain.transpose()));
            }
        }
    }

    /// Cov(x given y), Lp × Lp, after all parts.
    pub fn covariance(self) -> DMatrix<f64> {
        self.covariance
    }
}

impl Conditioned {
    fn new(chain: &Chain, operator: &DMatrix<f64>, noise: &DMatrix<f64>) -> Self {
        let mut own = Conditioning::new(chain, operator.clone(), noise.clone());
        (0..Conditioning::PARTS).for_each(|i| own.part(i));
        Self {
            root: root(&own.noise),
            chain: own.chain,
            operator: own.operator,
            gain: own.gain,
            covariance: own.covariance,
        }
    }

    /// E[x given y], `[L·p]`.
    ///
    /// # Panics
    /// If `y` has not m numbers.
    pub fn mean(&self, y: &[f64]) -> Vec<f64> {
        assert_eq!(y.len(), self.gain.ncols(), "one y a row");
        (&self.gain * DVector::from_column_slice(y))
            .as_slice()
            .to_vec()
    }

    /// Cov(x given y), Lp × Lp.
    pub fn covariance(&self) -> &DMatrix<f64> {
        &self.covariance
    }

    /// `n` chains drawn from the law given `y`, as [`super::Posterior::sample`].
    ///
    /// # Panics
    /// If `y` has not m numbers.
    pub fn sample(&self, noise: &Noise, y: &[f64], first: u64, n: usize) -> Vec<f64> {
        let (dim, m) = (self.chain.dim(), self.gain.ncols());
        assert_eq!(y.len(), m, "one y a row");
        let mut out = vec![0.0; n * dim];
        self.chain
            .sample(noise, Stream::Reference, 0, first, &mut out);
        let mut z = vec![0.0; m];
        for (k, x) in out.chunks_exact_mut(dim).enumerate() {
            noise.normals(Stream::Reference, 1, (first + k as u64) * m as u64, &mut z);
            let own = &self.operator * DVector::from_column_slice(x)
                + &self.root * DVector::from_column_slice(&z);
            let change = &self.gain * (DVector::from_column_slice(y) - own);
            for (x, change) in x.iter_mut().zip(change.iter()) {
                *x += change;
            }
        }
        out
    }
}

/// S⁻B for S ⪰ 0: by Cholesky if S is far from singular, otherwise by eigenvalues.
fn solve(s: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    let scale = unit_diagonal(s);
    if let Some(factor) = Cholesky::new(rescaled(s.clone(), &scale))
        && factor.l_dirty().diagonal().iter().all(|l| l * l > PIVOT)
    {
        let mut rows = b.clone();
        for (mut row, scale) in rows.row_iter_mut().zip(&scale) {
            row *= *scale;
        }
        let mut solved = factor.solve(&rows);
        for (mut row, scale) in solved.row_iter_mut().zip(&scale) {
            row *= *scale;
        }
        return solved;
    }
    generalised_inverse(s, s) * b
}
