//! The chain: its definition, its presets, and the checks of a model.

use super::algebra::Eigen;
use super::algebra::congruence;
use super::algebra::exponential;
use super::algebra::largest;
use super::algebra::lyapunov;
use super::algebra::root;
use super::algebra::spectral_radius;
use super::algebra::symmetric;
use crate::error::Error;
use crate::error::rounded;
use nalgebra::DMatrix;

/// Largest |a| and largest spectral radius. Beyond it a chain is almost non-stationary.
pub const RADIUS: f64 = 0.999;
/// Largest number of coordinates per index.
pub const STATES: usize = 4;
/// ν of [`Chain::damped_spring`]: one turn in 4π ≈ 12.6 indices.
pub const SPRING_OMEGA: f64 = 0.5;
/// δ of [`Chain::damped_spring`]: an amplitude decreases by a factor e in 1/(δν) = 20 indices.
pub const SPRING_ZETA: f64 = 0.1;
/// Decay of [`Chain::rotation`] per index.
pub const ROTATION_DECAY: f64 = 0.95;
/// Angle of [`Chain::rotation`] per index: one turn in 16 indices.
pub const ROTATION_ANGLE: f64 = std::f64::consts::FRAC_PI_8;

/// A stationary linear-Gaussian state-space chain of `length` indices:
///
/// x_i = T x_{i−1} + N(0, Q), x_0 ~ N(0, Σ), Σ = TΣTᵀ + Q, and y_i = O x_i + N(0, R) at observed indices.
/// Shapes: T, Q and Σ are p × p (p ≤ 4), O is q × p, R is q × q. Cov(x_i, x_{i−k}) = TᵏΣ.
///
/// Held by `tests/chains/laws.rs`: `chains_are_stationary`.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    pub(super) t: DMatrix<f64>,
    pub(super) q: DMatrix<f64>,
    pub(super) o: DMatrix<f64>,
    pub(super) r: DMatrix<f64>,
    pub(super) sigma: DMatrix<f64>,
    pub(super) length: usize,
    /// Square roots of Σ, Q and R, for the draws.
    pub(super) roots: [DMatrix<f64>; 3],
}

pub(super) fn refused(reason: impl Into<String>) -> Error {
    Error::Model {
        reason: reason.into(),
    }
}

impl Chain {
    /// The autoregression x_i = a·x_{i−1} + N(0, b²), y_i = c·x_i + N(0, d²). Cov(x_i, x_{i−k}) = a^{|k|}·b²/(1 − a²).
    ///
    /// Held by `tests/chains/laws.rs`: `the_covariance_of_an_autoregression_is_a_to_the_lag`.
    ///
    /// # Errors
    /// If |a| > .999, b ≤ 0, c = 0, d < 0, a number is not finite, or the length is 0.
    pub fn ar1(a: f64, b: f64, c: f64, d: f64, length: usize) -> Result<Self, Error> {
        if a.is_nan() || a.abs() > RADIUS {
            return Err(refused(format!("a is {a}; give it from −.999 to .999")));
        }
        if !(b > 0.0 && b.is_finite()) {
            return Err(refused(format!("b is {b}; give it above 0")));
        }
        if c == 0.0 || !c.is_finite() {
            return Err(refused(format!(
                "c is {c}; give it a finite value other than 0"
            )));
        }
        let one = |x| DMatrix::from_element(1, 1, x);
        // This form loses no digit if |a| is near 1.
        let sigma = one(b * b / ((1.0 - a) * (1.0 + a)));
        Self::build([one(a), one(b * b), one(c), noise(d)?, sigma], length)
    }

    /// A damped spring driven by white noise, at unit time steps. The position is observed with standard deviation d.
    /// T = exp F, F = [[0, 1], [−ν², −2δν]], Σ = diag(1, ν²), Q = Σ − TΣTᵀ; ν = ½, δ = 0.1.
    ///
    /// Held by `src/process/lgssm/tests.rs`: `the_spring_moves_as_the_textbook_says`.
    ///
    /// # Errors
    /// If d is negative or not finite, or the length is 0.
    pub fn damped_spring(d: f64, length: usize) -> Result<Self, Error> {
        let square = SPRING_OMEGA * SPRING_OMEGA;
        let friction = 2.0 * SPRING_ZETA * SPRING_OMEGA;
        let t = exponential(&DMatrix::from_row_slice(
            2,
            2,
            &[0.0, 1.0, -square, -friction],
        ));
        let sigma = DMatrix::from_row_slice(2, 2, &[1.0, 0.0, 0.0, square]);
        Self::preset(t, sigma, d, length)
    }

    /// A rotation by π/8 per index with decay .95. The first coordinate is observed with standard deviation d.
    /// T = .95·R(π/8), Σ = I, Q = (1 − .95²)I.
    ///
    /// Held by `src/process/lgssm/tests.rs`: `the_rotation_turns_and_decays_as_stated`.
    ///
    /// # Errors
    /// If d is negative or not finite, or the length is 0.
    pub fn rotation(d: f64, length: usize) -> Result<Self, Error> {
        let (sin, cos) = libm::sincos(ROTATION_ANGLE);
        let t = DMatrix::from_row_slice(2, 2, &[cos, -sin, sin, cos]) * ROTATION_DECAY;
        Self::preset(t, DMatrix::identity(2, 2), d, length)
    }

    /// A chain of two coordinates with stationary covariance `sigma`; the first coordinate is observed.
    fn preset(t: DMatrix<f64>, sigma: DMatrix<f64>, d: f64, length: usize) -> Result<Self, Error> {
        let q = symmetric(&(&sigma - congruence(&t, &sigma)));
        let o = DMatrix::from_row_slice(1, 2, &[1.0, 0.0]);
        Self::build([t, q, o, noise(d)?, sigma], length)
    }

    /// A chain with any matrices, given as rows: T and Q p × p (p ≤ 4, spectral radius of T at most .999, Q ⪰ 0),
    /// O q × p, R q × q (R ≻ 0).
    ///
    /// Held by `src/process/lgssm/tests.rs`:
    /// `the_stationary_covariance_is_the_closed_form_by_kronecker_products`.
    ///
    /// # Errors
    /// If a matrix has a wrong shape or an entry that is not finite, Q is not symmetric positive semidefinite, R is not
    /// symmetric positive definite, Q is 0, the stationary covariance overflows, the spectral radius of T is above
    /// .999, or the length is 0.
    pub fn custom(
        t: &[Vec<f64>],
        q: &[Vec<f64>],
        o: &[Vec<f64>],
        r: &[Vec<f64>],
        length: usize,
    ) -> Result<Self, Error> {
        let (p, m) = (t.len(), o.len());
        if p == 0 || p > STATES {
            return Err(refused(format!("T has {p} rows; give it 1 to {STATES}")));
        }
        if m == 0 {
            return Err(refused(format!("O has no row; give it rows of length {p}")));
        }
        let (t, q) = (matrix("T", t, p, p)?, matrix("Q", q, p, p)?);
        let (o, r) = (matrix("O", o, m, p)?, matrix("R", r, m, m)?);
        let radius = spectral_radius(&t);
        // The margin is for rounding: a T whose radius is exactly .999 is valid.
        if radius.is_nan() || radius > RADIUS * (1.0 + 1e-9) {
            return Err(refused(format!(
                "the spectral radius of T is {radius:.4}; divide T by {:.4} or more, so that it is at most .999",
                radius / RADIUS
            )));
        }
        let (low, high) = Eigen::of(&positive("Q", &q)?).range();
        if low < -1e-12 * high.max(-low) {
            return Err(refused(format!(
                "Q has the negative eigenvalue {}; add {} or more to its diagonal",
                rounded(low),
                // 1 % more, because the number is printed with three digits.
                rounded(-1.01 * low)
            )));
        }
        let (low, high) = Eigen::of(&positive("R", &r)?).range();
        if low <= 1e-14 * high.max(-low) {
            return Err(refused(format!(
                "R has the eigenvalue {}, and must be positive definite; add a positive number to its diagonal",
                rounded(low)
            )));
        }
        let sigma = lyapunov(&t, &q);
        if largest(&sigma) == 0.0 {
            return Err(refused(
                "Q is 0, so that every state is 0; give its diagonal a positive number",
            ));
        }
        if !largest(&sigma).is_finite() {
            return Err(refused(
                "the stationary covariance overflows; give T and Q smaller entries",
            ));
        }
        Self::build([t, symmetric(&q), o, symmetric(&r), sigma], length)
    }

    fn build([t, q, o, r, sigma]: [DMatrix<f64>; 5], length: usize) -> Result<Self, Error> {
        if length == 0 {
            return Err(refused("its length is 0; give it 1 index or more"));
        }
        Ok(Self {
            roots: [root(&sigma), root(&q), root(&r)],
            t,
            q,
            o,
            r,
            sigma,
            length,
        })
    }

    /// The same chain with another number of indices. By stationarity it has the law of any window of this chain.
    ///
    /// # Errors
    /// If the length is 0.
    pub fn with_length(&self, length: usize) -> Result<Self, Error> {
        let chain = self.clone();
        Self::build([chain.t, chain.q, chain.o, chain.r, chain.sigma], length)
    }

    /// T, p × p.
    pub fn transition(&self) -> &DMatrix<f64> {
        &self.t
    }

    /// Q, p × p.
    pub fn process_noise(&self) -> &DMatrix<f64> {
        &self.q
    }

    /// O, q × p.
    pub fn operator(&self) -> &DMatrix<f64> {
        &self.o
    }

    /// R, q × q.
    pub fn observation_noise(&self) -> &DMatrix<f64> {
        &self.r
    }

    /// Σ = TΣTᵀ + Q, p × p, the covariance of every index.
    pub fn stationary(&self) -> &DMatrix<f64> {
        &self.sigma
    }

    /// L, the number of indices.
    pub fn length(&self) -> usize {
        self.length
    }

    /// p, the number of coordinates of an index.
    pub fn states(&self) -> usize {
        self.t.nrows()
    }

    /// L·p, the number of coordinates of a particle.
    pub fn dim(&self) -> usize {
        self.length * self.states()
    }
}

/// R = d².
fn noise(d: f64) -> Result<DMatrix<f64>, Error> {
    if !(d >= 0.0 && (d * d).is_finite()) {
        return Err(refused(format!("d is {d}; give it 0 or more")));
    }
    Ok(DMatrix::from_element(1, 1, d * d))
}

fn matrix(
    name: &str,
    rows: &[Vec<f64>],
    height: usize,
    width: usize,
) -> Result<DMatrix<f64>, Error> {
    if rows.len() != height || rows.iter().any(|row| row.len() != width) {
        let widths: Vec<String> = rows.iter().map(|row| row.len().to_string()).collect();
        return Err(refused(format!(
            "{name} has rows of {} numbers; give it the shape {height} × {width}",
            widths.join(", ")
        )));
    }
    if rows.iter().flatten().any(|x| !x.is_finite()) {
        return Err(refused(format!(
            "{name} has an entry that is not finite; give finite numbers"
        )));
    }
    Ok(DMatrix::from_fn(height, width, |i, j| rows[i][j]))
}

/// The symmetric part of a matrix that is symmetric up to rounding.
pub(super) fn positive(name: &str, a: &DMatrix<f64>) -> Result<DMatrix<f64>, Error> {
    let scale = largest(a);
    for i in 0..a.nrows() {
        for j in 0..i {
            if (a[(i, j)] - a[(j, i)]).abs() > 1e-9 * scale {
                return Err(refused(format!(
                    "{name} is not symmetric; make its entries ({}, {}) and ({}, {}) equal",
                    i + 1,
                    j + 1,
                    j + 1,
                    i + 1
                )));
            }
        }
    }
    Ok(symmetric(a))
}
