//! The part of a law that a run from pure noise reaches, against dense algebra.

use super::*;

#[test]
fn the_reached_part_of_a_law_is_that_of_dense_algebra() {
    for chain in [ar1(7), Chain::rotation(0.3, 5).unwrap()] {
        let seen = chain.seen(&[0, 3, 4]);
        let y = [2.0, -40.0, 7.0];
        let (a, r) = chain.dense(&seen);
        let law = chain.condition(&a, &r).unwrap();
        let posterior = Posterior::new(&chain, &seen).unwrap();
        for s in [0.1, 1.0, 30.0] {
            let dense = |c: &Matrix<f64>, mean: &Matrix<f64>| {
                let n = c.nrows();
                let share = c * (c + identity(n) * (s * s)).try_inverse().unwrap();
                let shift = (mean.transpose() * &share * mean)[(0, 0)];
                [c.trace(), s * s * share.trace(), shift]
            };
            let found = [
                posterior.reached(&chain, &y, s).unwrap(),
                law.reached(&y, s).unwrap(),
            ];
            let exact = dense(law.covariance(), &column(&law.mean(&y)));
            for found in found {
                let found = [found.variance, found.kept, found.shift];
                for (a, b) in found.iter().zip(&exact) {
                    assert!((a / b - 1.0).abs() < 1e-8, "{s}: {found:?} {exact:?}");
                }
            }
            let prior = reached(&chain, s).unwrap();
            let joint = chain.joint_covariance();
            let exact = dense(&joint, &Matrix::zeros(joint.nrows(), 1));
            assert!((prior.variance / exact[0] - 1.0).abs() < 1e-10);
            assert!((prior.kept / exact[1] - 1.0).abs() < 1e-10);
            assert_eq!(prior.shift, 0.0);
        }
    }
}
