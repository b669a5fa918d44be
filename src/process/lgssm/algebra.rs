//! Functions of small matrices that are symmetric, stable or both. Every loop has a fixed order and a bound.
//!
//! Held by `src/process/lgssm/tests.rs`: `eigenvectors_are_orthonormal_and_give_the_matrix_back`,
//! `the_spectral_radius_is_that_of_the_eigenvalues`, `a_generalised_inverse_inverts_what_there_is`,
//! `the_exponential_of_a_rotation_is_the_rotation`,
//! `the_stationary_covariance_is_the_closed_form_by_kronecker_products`.

use nalgebra::DMatrix;

/// Largest number of sweeps of Jacobi rotations. They converge quadratically, in six to ten sweeps.
const SWEEPS: usize = 40;
/// An eigenvalue of a matrix with unit diagonal counts as 0 if it is below this: the direction is then determined.
/// Inverting it would amplify rounding by its inverse; dropping it causes an error of its square root.
const RANK: f64 = 1e-11;
/// Largest number of doublings: 2⁴⁰ steps of the chain.
const DOUBLINGS: usize = 40;

/// A = V diag(λ) Vᵀ for a symmetric A.
pub(super) struct Eigen {
    pub values: Vec<f64>,
    pub vectors: DMatrix<f64>,
}

impl Eigen {
    /// Cyclic Jacobi rotations (Golub & Van Loan, *Matrix Computations*, §8.5). An entry counts as 0 if it is small
    /// compared with the diagonal entries of its row and column, so that small eigenvalues of a positive matrix keep
    /// their digits (Demmel & Veselić 1992).
    pub fn of(a: &DMatrix<f64>) -> Self {
        let n = a.nrows();
        let mut a = symmetric(a);
        let mut v = DMatrix::identity(n, n);
        for _ in 0..SWEEPS {
            let mut turned = false;
            for p in 0..n {
                for q in p + 1..n {
                    let off = a[(p, q)];
                    let (app, aqq) = (a[(p, p)], a[(q, q)]);
                    if off == 0.0 || off.abs() <= 0.5 * f64::EPSILON * (app * aqq).abs().sqrt() {
                        continue;
                    }
                    turned = true;
                    let theta = (aqq - app) / (2.0 * off);
                    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                    let c = 1.0 / (t * t + 1.0).sqrt();
                    let s = t * c;
                    for k in 0..n {
                        if k != p && k != q {
                            let (x, y) = (a[(k, p)], a[(k, q)]);
                            a[(k, p)] = c * x - s * y;
                            a[(k, q)] = s * x + c * y;
                            a[(p, k)] = a[(k, p)];
                            a[(q, k)] = a[(k, q)];
                        }
                        let (x, y) = (v[(k, p)], v[(k, q)]);
                        v[(k, p)] = c * x - s * y;
                        v[(k, q)] = s * x + c * y;
                    }
                    a[(p, p)] = app - t * off;
                    a[(q, q)] = aqq + t * off;
                    a[(p, q)] = 0.0;
                    a[(q, p)] = 0.0;
                }
            }
            if !turned {
                break;
            }
        }
        Self {
            values: (0..n).map(|i| a[(i, i)]).collect(),
            vectors: v,
        }
    }

    /// V diag(f(λ)) Vᵀ.
    pub fn map(&self, f: impl Fn(f64) -> f64) -> DMatrix<f64> {
        let mut scaled = self.vectors.clone();
        for (mut column, &value) in scaled.column_iter_mut().zip(&self.values) {
            column *= f(value);
        }
        symmetric(&(scaled * self.vectors.transpose()))
    }

    /// Smallest and largest eigenvalue.
    pub fn range(&self) -> (f64, f64) {
        let fold = |start, f: fn(f64, f64) -> f64| self.values.iter().copied().fold(start, f);
        (fold(f64::INFINITY, f64::min), fold(0.0, f64::max))
    }
}

/// (A + Aᵀ)/2.
pub(super) fn symmetric(a: &DMatrix<f64>) -> DMatrix<f64> {
    (a + a.transpose()) * 0.5
}

/// The largest entry in absolute value.
pub(super) fn largest(a: &DMatrix<f64>) -> f64 {
    a.iter().fold(0.0, |m, x| m.max(x.abs()))
}

/// B with BBᵀ = A for A ⪰ 0. Negative eigenvalues come from rounding and count as 0.
pub(super) fn root(a: &DMatrix<f64>) -> DMatrix<f64> {
    let eigen = Eigen::of(a);
    let mut root = eigen.vectors;
    for (mut column, &value) in root.column_iter_mut().zip(&eigen.values) {
        column *= value.max(0.0).sqrt();
    }
    root
}

/// A symmetric G with AGA = A for A ⪰ 0: the inverse if A has one. Directions whose variance is negligible compared
/// with `whole` ⪰ A are determined already and add nothing. The rows are first scaled so that `whole` has a unit
/// diagonal, so that units do not matter.
pub(super) fn generalised_inverse(a: &DMatrix<f64>, whole: &DMatrix<f64>) -> DMatrix<f64> {
    let scale = unit_diagonal(whole);
    let eigen = Eigen::of(&rescaled(a.clone(), &scale));
    let floor = RANK * a.nrows() as f64;
    let inverse = eigen.map(|v| if v > floor { 1.0 / v } else { 0.0 });
    rescaled(inverse, &scale)
}

/// The diagonal D for which DAD has a unit diagonal; 0 where the diagonal of A is 0.
pub(super) fn unit_diagonal(a: &DMatrix<f64>) -> Vec<f64> {
    let scale = |v: f64| if v > 0.0 { 1.0 / v.sqrt() } else { 0.0 };
    a.diagonal().iter().map(|v| scale(*v)).collect()
}

/// DAD.
pub(super) fn rescaled(mut a: DMatrix<f64>, scale: &[f64]) -> DMatrix<f64> {
    for j in 0..a.ncols() {
        for i in 0..a.nrows() {
            a[(i, j)] *= scale[i] * scale[j];
        }
    }
    a
}

/// A P Aᵀ, symmetric.
pub(super) fn congruence(a: &DMatrix<f64>, p: &DMatrix<f64>) -> DMatrix<f64> {
    symmetric(&(a * p * a.transpose()))
}

/// out += M x.
pub(super) fn add_product(m: &DMatrix<f64>, x: &[f64], out: &mut [f64]) {
    for (column, x) in m.column_iter().zip(x) {
        for (m, out) in column.iter().zip(out.iter_mut()) {
            *out += m * x;
        }
    }
}

/// out += Mᵀx.
pub(super) fn add_transposed(m: &DMatrix<f64>, x: &[f64], out: &mut [f64]) {
    for (column, out) in m.column_iter().zip(out) {
        for (m, x) in column.iter().zip(x) {
            *out += m * x;
        }
    }
}

/// exp F by the Taylor series with scaling and squaring (Higham, *Functions of Matrices*, §10.3). With ‖F‖/2^s ≤ ½
/// the twentieth term is below 10⁻²⁴.
pub(super) fn exponential(f: &DMatrix<f64>) -> DMatrix<f64> {
    let n = f.nrows();
    let mut norm = largest(f) * n as f64;
    let (mut scaled, mut squarings) = (f.clone(), 0);
    while norm > 0.5 && squarings < 1100 {
        norm *= 0.5;
        scaled *= 0.5;
        squarings += 1;
    }
    let mut term = DMatrix::identity(n, n);
    let mut sum = term.clone();
    for k in 1..20 {
        term = &term * &scaled / f64::from(k);
        sum += &term;
    }
    for _ in 0..squarings {
        sum = &sum * &sum;
    }
    sum
}

/// The spectral radius ρ(T) = lim ‖T^n‖^{1/n} (Gelfand) at n = 2⁴⁰, by repeated squaring of a normalised matrix.
pub(super) fn spectral_radius(t: &DMatrix<f64>) -> f64 {
    let (mut power, mut log, mut share) = (t.clone(), 0.0, 1.0);
    for _ in 0..DOUBLINGS {
        let norm = largest(&power);
        if norm == 0.0 {
            return 0.0;
        }
        power /= norm;
        log += share * libm::log(norm);
        share *= 0.5;
        power = &power * &power;
    }
    libm::exp(log)
}

/// The solution of Σ = TΣTᵀ + Q for ρ(T) < 1, by doubling (Smith 1968): Σ ← Σ + AΣAᵀ, A ← A². All terms are positive,
/// so Σ ⪰ 0. The solution equals vec Σ = (I − T⊗T)⁻¹ vec Q.
pub(super) fn lyapunov(t: &DMatrix<f64>, q: &DMatrix<f64>) -> DMatrix<f64> {
    let (mut a, mut sum) = (t.clone(), symmetric(q));
    for _ in 0..DOUBLINGS {
        if largest(&a) == 0.0 {
            break;
        }
        sum += congruence(&a, &sum);
        a = &a * &a;
    }
    sum
}
