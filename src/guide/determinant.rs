//! The determinant of a matrix that is known only by its products with vectors, from random directions.

use crate::rng::Noise;
use crate::rng::Stream;

/// An estimate of a determinant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Determinant {
    /// Unbiased estimate of 1/|det M|.
    pub inverse: f64,
    /// −log(inverse), an estimate of log|det M|. It is biased upwards, because E(−log X) > −log E(X) (Jensen). The bias
    /// is about Var(X)/(2·(E X)²), which falls as 1/draws.
    pub log: f64,
}

/// |det M|⁻¹ = E‖Ms‖^{−n} for s uniform on the unit sphere of ℝⁿ (Sohl-Dickstein, *Two equalities expressing the
/// determinant of a matrix in terms of expectations over matrix-vector products*, 2020, arXiv:2005.06553), estimated
/// by a mean over `draws` ≥ 1 directions.
///
/// `apply(s, out)` writes M·s; both are `[n]`. M must have full rank. Applied to M⁻¹ (for example by conjugate
/// gradients), `inverse` is an unbiased estimate of |det M|. The normalisation of log N(y; A x̂, V) needs the logarithm,
/// for which this method gives no unbiased estimate: see [`Determinant::log`]. The variance grows with the spread of
/// the singular values to the power n, so the method works only in few dimensions.
///
/// The directions are the draws `n·first … n·(first + draws)` of `stream`.
///
/// Held by `src/guide/determinant.rs`: `the_estimate_of_the_determinant_is_unbiased`,
/// `its_logarithm_is_biased_by_half_the_relative_variance`, `a_multiple_of_a_rotation_needs_one_direction`.
pub fn estimate(
    n: usize,
    mut apply: impl FnMut(&[f64], &mut [f64]),
    draws: u64,
    noise: &Noise,
    stream: Stream,
    first: u64,
) -> Determinant {
    let (mut s, mut image) = (vec![0.0; n], vec![0.0; n]);
    let exponents: Vec<f64> = (first..first + draws)
        .map(|draw| {
            noise.normals(stream, 0, draw * n as u64, &mut s);
            apply(&s, &mut image);
            // ‖M(s/‖s‖)‖^{−n}, as a logarithm: a power of n overflows.
            0.5 * n as f64 * (libm::log(square(&s)) - libm::log(square(&image)))
        })
        .collect();
    let largest = exponents.iter().fold(f64::NEG_INFINITY, |m, e| m.max(*e));
    let sum: f64 = exponents.iter().map(|e| libm::exp(e - largest)).sum();
    let log_inverse = largest + libm::log(sum / draws as f64);
    Determinant {
        inverse: libm::exp(log_inverse),
        log: -log_inverse,
    }
}

fn square(v: &[f64]) -> f64 {
    v.iter().map(|v| v * v).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and standard error of `runs` independent estimates of `draws` directions each.
    fn statistics(matrix: [[f64; 3]; 3], draws: u64, runs: u64) -> [(f64, f64); 2] {
        let noise = Noise::new(3);
        let mut sums = [[0.0; 2]; 2];
        for run in 0..runs {
            let apply = |s: &[f64], out: &mut [f64]| {
                for (out, row) in out.iter_mut().zip(&matrix) {
                    *out = row.iter().zip(s).map(|(a, s)| a * s).sum();
                }
            };
            let d = estimate(3, apply, draws, &noise, Stream::Reference, run * draws);
            for (sum, value) in sums.iter_mut().zip([d.inverse, d.log]) {
                sum[0] += value / runs as f64;
                sum[1] += value * value / runs as f64;
            }
        }
        sums.map(|[m, s]| (m, ((s - m * m) / runs as f64).sqrt()))
    }

    /// The covariance diag(2, 1, ½) turned: det 1 by design, and its inverse.
    const M: [[f64; 3]; 3] = [[1.5, 0.5, 0.0], [0.5, 1.5, 0.0], [0.0, 0.0, 0.5]];
    const INVERSE: [[f64; 3]; 3] = [[0.75, -0.25, 0.0], [-0.25, 0.75, 0.0], [0.0, 0.0, 2.0]];

    #[test]
    fn the_estimate_of_the_determinant_is_unbiased() {
        for matrix in [M, INVERSE] {
            let [(inverse, error), _] = statistics(matrix, 4, 40_000);
            println!("E 1/det = {inverse:.4} ± {error:.4} (exact 1)");
            assert!((inverse - 1.0).abs() < 4.0 * error && error < 0.01);
        }
    }

    #[test]
    fn its_logarithm_is_biased_by_half_the_relative_variance() {
        let mut seen = Vec::new();
        for draws in [1, 4, 16, 64] {
            let runs = 160_000 / draws;
            let [(_, error), (log, log_error)] = statistics(M, draws, runs);
            let predicted = 0.5 * error * error * runs as f64;
            println!(
                "{draws:2} draws: E log = {log:.4} ± {log_error:.4} (exact 0, ½ relative variance {predicted:.4})"
            );
            assert!(log > 4.0 * log_error, "{draws} draws: {log} ± {log_error}");
            seen.push((log, log_error, predicted));
        }
        // From 16 draws on the expansion of the logarithm holds.
        for (log, error, predicted) in &seen[2..] {
            assert!((log - predicted).abs() < 0.1 * predicted + 4.0 * error);
        }
    }

    #[test]
    fn a_multiple_of_a_rotation_needs_one_direction() {
        let turn = |s: &[f64], out: &mut [f64]| out.copy_from_slice(&[-3.0 * s[1], 3.0 * s[0]]);
        let d = estimate(2, turn, 1, &Noise::new(1), Stream::Reference, 0);
        assert!((d.inverse - 1.0 / 9.0).abs() < 1e-12 && (d.log - 9f64.ln()).abs() < 1e-12);
    }
}
