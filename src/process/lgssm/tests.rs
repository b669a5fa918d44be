use super::algebra::Eigen;
use super::algebra::exponential;
use super::algebra::generalised_inverse;
use super::algebra::largest;
use super::algebra::lyapunov;
use super::algebra::root;
use super::algebra::spectral_radius;
use super::exact::Gains;
use super::model::Chain;
use nalgebra::DMatrix;
use nalgebra::DVector;
use proptest::prelude::*;

fn close(a: &DMatrix<f64>, b: &DMatrix<f64>, tolerance: f64) {
    let gap = largest(&(a - b));
    assert!(gap <= tolerance * largest(b).max(1e-300), "{gap:e}\n{a}{b}");
}

fn matrix(n: usize, entries: &[f64]) -> DMatrix<f64> {
    DMatrix::from_fn(n, n, |i, j| entries[i * 4 + j])
}

proptest! {
    #[test]
    fn eigenvectors_are_orthonormal_and_give_the_matrix_back(n in 1usize..5, entries in prop::collection::vec(-2.0..2.0f64, 16)) {
        let a = matrix(n, &entries);
        let a = &a * a.transpose();
        let eigen = Eigen::of(&a);
        close(&eigen.map(|v| v), &a, 1e-13);
        close(&(eigen.vectors.transpose() * &eigen.vectors), &DMatrix::identity(n, n), 1e-13);
        let root = root(&a);
        close(&(&root * root.transpose()), &a, 1e-13);
    }

    #[test]
    fn the_stationary_covariance_is_the_closed_form_by_kronecker_products(n in 1usize..5, entries in prop::collection::vec(-2.0..2.0f64, 32), radius in 0.0..0.99f64) {
        let t = matrix(n, &entries);
        let t = &t * (radius / spectral_radius(&t).max(1e-3));
        let b = matrix(n, &entries[16..]);
        let q = &b * b.transpose();
        let sigma = lyapunov(&t, &q);
        // vec Σ = (I − T⊗T)⁻¹ vec Q, columns stacked.
        let system = DMatrix::identity(n * n, n * n) - t.kronecker(&t);
        let vec = system.lu().solve(&DVector::from_column_slice(q.as_slice())).unwrap();
        close(&sigma, &DMatrix::from_column_slice(n, n, vec.as_slice()), 1e-9);
        close(&(&t * &sigma * t.transpose() + &q), &sigma, 1e-12);
    }

    #[test]
    fn the_spectral_radius_is_that_of_the_eigenvalues(n in 1usize..5, entries in prop::collection::vec(-2.0..2.0f64, 16)) {
        let t = matrix(n, &entries);
        let largest = t.complex_eigenvalues().iter().map(|v| v.re.hypot(v.im)).fold(0.0, f64::max);
        prop_assert!((spectral_radius(&t) - largest).abs() < 1e-6 * largest, "{} {largest}", spectral_radius(&t));
    }
}

#[test]
fn small_eigenvalues_of_a_positive_matrix_keep_their_digits() {
    // The eigenvalues of DAD for a well-conditioned A. The small one is 10⁻²⁴·(1 − ¼) to first order.
    let a = DMatrix::from_row_slice(2, 2, &[1.0, 0.5e-12, 0.5e-12, 1e-24]);
    let (low, _) = Eigen::of(&a).range();
    assert!((low / 0.75e-24 - 1.0).abs() < 1e-12, "{low:e}");
}

#[test]
fn a_generalised_inverse_inverts_what_there_is() {
    let a = DMatrix::from_row_slice(3, 3, &[2.0, 0.0, 2.0, 0.0, 0.0, 0.0, 2.0, 0.0, 2.0]);
    let g = generalised_inverse(&a, &a);
    close(&(&a * &g * &a), &a, 1e-14);
    // Units do not matter: a coordinate of size 10⁻⁹ does not count as 0.
    let b = DMatrix::from_row_slice(2, 2, &[1.0, 0.0, 0.0, 1e-18]);
    close(
        &(generalised_inverse(&b, &b) * &b),
        &DMatrix::identity(2, 2),
        1e-14,
    );
}

#[test]
fn the_exponential_of_a_rotation_is_the_rotation() {
    for angle in [1e-9f64, 0.3, 3.0, 40.0] {
        let f = DMatrix::from_row_slice(2, 2, &[0.0, -angle, angle, 0.0]);
        let (sin, cos) = angle.sin_cos();
        close(
            &exponential(&f),
            &DMatrix::from_row_slice(2, 2, &[cos, -sin, sin, cos]),
            1e-13,
        );
    }
}

/// Four steps of π/8 are a quarter turn, with the decay 0.95⁴; the stationary covariance is I.
#[test]
fn the_rotation_turns_and_decays_as_stated() {
    let chain = Chain::rotation(0.5, 5).unwrap();
    let quarter = DMatrix::from_row_slice(2, 2, &[0.0, -1.0, 1.0, 0.0]) * 0.95f64.powi(4);
    close(&chain.t.pow(4), &quarter, 1e-14);
    close(&chain.sigma, &DMatrix::identity(2, 2), 1e-15);
    let q = DMatrix::identity(2, 2) * (1.0 - 0.95 * 0.95);
    close(&chain.q, &q, 1e-14);
}

/// A damped spring moves with ν' = ν√(1 − δ²); the two coefficients of its motion are in every textbook.
#[test]
fn the_spring_moves_as_the_textbook_says() {
    use super::model::SPRING_OMEGA as OMEGA;
    use super::model::SPRING_ZETA as ZETA;
    let chain = Chain::damped_spring(0.5, 5).unwrap();
    let fast = OMEGA * (1.0 - ZETA * ZETA).sqrt();
    let fade = (-ZETA * OMEGA).exp();
    let (sin, cos) = fast.sin_cos();
    let from_rest = fade * (cos + ZETA * OMEGA / fast * sin);
    let from_push = fade * sin / fast;
    assert!((chain.t[(0, 0)] - from_rest).abs() < 1e-14);
    assert!((chain.t[(0, 1)] - from_push).abs() < 1e-14);
    assert!(Eigen::of(&chain.q).range().0 > 1e-3, "Q is positive");
}

/// Gains are stored until they converge, so a level does not need more of them for a longer chain.
#[test]
fn gains_converge_and_are_kept_only_until_then() {
    for s2 in [1e-4, 1.0, 1e4] {
        let kept = |length| {
            let chain = Chain::rotation(0.5, length).unwrap();
            let gains = Gains::new(&chain, s2);
            gains.kept()
        };
        assert_eq!(kept(500), kept(1000), "s² = {s2}");
        assert!(kept(1000) < 400, "s² = {s2}: {}", kept(1000));
    }
}
