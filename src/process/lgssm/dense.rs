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
use nalgebra::Dyn;

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
        let mut own = self.conditioning_on(operator, noise)?;
        while !own.part() {}
        Ok(Conditioned::of(own))
    }

    /// The covariance given observations `seen` of single indices, to be computed in parts: that of [`Chain::condition`].
    pub fn conditioning(&self, seen: &[Seen]) -> Conditioning {
        let (operator, noise) = self.dense(seen);
        Conditioning::new(self, operator, noise)
    }

    /// As [`Chain::condition`], to be computed in parts.
    ///
    /// # Errors
    /// As there.
    pub fn conditioning_on(
        &self,
        operator: &DMatrix<f64>,
        noise: &DMatrix<f64>,
    ) -> Result<Conditioning, Error> {
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
        Ok(Conditioning::new(self, operator.clone(), noise.clone()))
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

/// Columns of a product that are computed together, and products of two numbers in a unit of work.
const TOGETHER: usize = 50;
const PRODUCTS: usize = 128;

/// What is computed for [`Conditioned`], column by column, each from those before.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// AΣ₀.
    Seen,
    /// S = AΣ₀Aᵀ + R.
    Product,
    /// Kᵀ = S⁻AΣ₀.
    Gain,
    /// Σ₀ − KAΣ₀. Joseph's form, in an order that costs m(Lp)².
    Rest,
    /// (Σ₀ − KAΣ₀)Aᵀ − KR.
    Mixed,
    /// The covariance.
    Covariance,
}

const STEPS: [Step; 6] = [
    Step::Seen,
    Step::Product,
    Step::Gain,
    Step::Rest,
    Step::Mixed,
    Step::Covariance,
];

/// The gain and the covariance of [`Conditioned`] as far as they are computed. The columns of a product do not depend on
/// each other, so parts give the bits of the whole.
#[derive(Debug, Clone)]
pub struct Conditioning {
    chain: Chain,
    operator: DMatrix<f64>,
    noise: DMatrix<f64>,
    /// The step, and its next column.
    step: usize,
    column: usize,
    gain: DMatrix<f64>,
    /// Σ₀, then Σ₀ − KAΣ₀, at last the covariance.
    covariance: DMatrix<f64>,
    /// AΣ₀.
    seen: DMatrix<f64>,
    /// S, later (Σ₀ − KAΣ₀)Aᵀ − KR.
    product: DMatrix<f64>,
    inverse: Option<Inverse>,
    /// The columns of the present step.
    fresh: DMatrix<f64>,
}

impl Conditioning {
    fn new(chain: &Chain, operator: DMatrix<f64>, noise: DMatrix<f64>) -> Self {
        let none = DMatrix::zeros(0, 0);
        Self {
            chain: chain.clone(),
            operator,
            noise,
            step: 0,
            column: 0,
            gain: none.clone(),
            covariance: none.clone(),
            seen: none.clone(),
            product: none.clone(),
            inverse: None,
            fresh: none,
        }
    }

    /// Number of parts in all.
    pub fn parts(&self) -> usize {
        let part = |step: &Step| self.shape(*step).1.div_ceil(TOGETHER).max(1);
        STEPS.iter().map(part).sum()
    }

    /// The work of a part in units ([`crate::denoise::Denoiser::price`]), about.
    pub fn price(&self) -> usize {
        let (m, dim) = self.operator.shape();
        TOGETHER * m * dim / PRODUCTS
    }

    /// Rows and columns of what a step computes.
    fn shape(&self, step: Step) -> (usize, usize) {
        let (m, dim) = self.operator.shape();
        match step {
            Step::Seen | Step::Gain => (m, dim),
            Step::Product => (m, m),
            Step::Rest | Step::Covariance => (dim, dim),
            Step::Mixed => (dim, m),
        }
    }

    /// Computes the next part. Returns whether all are computed.
    pub fn part(&mut self) -> bool {
        let Some(&step) = STEPS.get(self.step) else {
            return true;
        };
        let (rows, columns) = self.shape(step);
        if self.column == 0 {
            self.fresh = DMatrix::zeros(rows, columns);
            self.begin(step);
        }
        let count = TOGETHER.min(columns - self.column);
        let some = self.some(step, self.column, count);
        self.fresh.columns_mut(self.column, count).copy_from(&some);
        self.column += count;
        if self.column == columns {
            self.end(step);
            (self.step, self.column) = (self.step + 1, 0);
        }
        self.step == STEPS.len()
    }

    /// What the columns of a step need.
    fn begin(&mut self, step: Step) {
        match step {
            Step::Seen => self.covariance = self.chain.joint_covariance(),
            Step::Gain => self.inverse = Some(Inverse::of(&self.product)),
            Step::Product | Step::Rest | Step::Mixed | Step::Covariance => {}
        }
    }

    /// Some columns of a step.
    fn some(&self, step: Step, from: usize, count: usize) -> DMatrix<f64> {
        let of = |matrix: &DMatrix<f64>| matrix.columns(from, count).into_owned();
        let adjoint = |matrix: &DMatrix<f64>| matrix.rows(from, count).transpose();
        match step {
            Step::Seen => &self.operator * of(&self.covariance),
            Step::Product => &self.seen * adjoint(&self.operator),
            Step::Gain => match &self.inverse {
                Some(inverse) => inverse.times(of(&self.seen)),
                None => of(&self.seen),
            },
            Step::Rest => of(&self.covariance) - &self.gain * of(&self.seen),
            Step::Mixed => {
                &self.covariance * adjoint(&self.operator) - &self.gain * of(&self.noise)
            }
            Step::Covariance => of(&self.covariance) - &self.product * adjoint(&self.gain),
        }
    }

    /// Keeps the columns of a step.
    fn end(&mut self, step: Step) {
        let fresh = std::mem::take(&mut self.fresh);
        match step {
            Step::Seen => self.seen = fresh,
            Step::Product => self.product = symmetric(&fresh) + &self.noise,
            Step::Gain => {
                self.gain = fresh.transpose();
                self.inverse = None;
            }
            Step::Rest => self.covariance = fresh,
            Step::Mixed => self.product = fresh,
            Step::Covariance => self.covariance = symmetric(&fresh),
        }
    }

    /// Cov(x given y), Lp × Lp, after all parts.
    pub fn covariance(self) -> DMatrix<f64> {
        self.covariance
    }
}

impl Conditioned {
    /// The law that was computed in parts, after all of them.
    pub fn of(own: Conditioning) -> Self {
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

/// S⁻ for S ⪰ 0: by Cholesky if S is far from singular, otherwise by eigenvalues.
#[derive(Debug, Clone)]
enum Inverse {
    /// The factor of DSD with a unit diagonal, and D.
    Factor(Cholesky<f64, Dyn>, Vec<f64>),
    Dense(DMatrix<f64>),
}

impl Inverse {
    fn of(s: &DMatrix<f64>) -> Self {
        let scale = unit_diagonal(s);
        if let Some(factor) = Cholesky::new(rescaled(s.clone(), &scale))
            && factor.l_dirty().diagonal().iter().all(|l| l * l > PIVOT)
        {
            return Self::Factor(factor, scale);
        }
        Self::Dense(generalised_inverse(s, s))
    }

    /// S⁻B.
    fn times(&self, mut b: DMatrix<f64>) -> DMatrix<f64> {
        match self {
            Self::Dense(inverse) => inverse * b,
            Self::Factor(factor, scale) => {
                let rescale = |b: &mut DMatrix<f64>| {
                    for (mut row, scale) in b.row_iter_mut().zip(scale) {
                        row *= *scale;
                    }
                };
                rescale(&mut b);
                factor.solve_mut(&mut b);
                rescale(&mut b);
                b
            }
        }
    }
}
