//! What the distances of independent samples are on average.

use crate::law::Diffused;
use std::f64::consts::{LN_2, PI};

/// Largest sample whose mean KS distance is computed without its limit.
const SMALL_KS: usize = 10;

/// Nodes and weights of the 6-point Gauss–Legendre rule on [−1, 1] (positive half; Abramowitz & Stegun 25.4.30). It
/// integrates polynomials up to degree 11.
const NODES: [(f64, f64); 3] = [
    (0.238_619_186_083_196_9, 0.467_913_934_572_691),
    (0.661_209_386_466_264_5, 0.360_761_573_048_138_6),
    (0.932_469_514_203_152, 0.171_324_492_379_170_36),
];

/// Expected W₁ of n independent draws, E W₁ = ∫ E|F_n(x) − F(x)| dx. n·F_n(x) is binomial; its mean deviation is de
/// Moivre's, 2(k + 1)·C(n, k + 1)·F^{k+1}(1 − F)^{n−k} with k = ⌊nF⌋ (Diaconis & Zabell 1991). The integral is computed
/// by the midpoint rule. For large n it is √(2/(πn)) ∫ √(F(1 − F)) dx (del Barrio, Giné & Matrán 1999).
///
/// Held by `src/metrics/expected.rs`: `expectations_are_those_of_independent_samples`,
/// `few_draws_have_their_own_expectations`.
pub fn expected_w1(law: &Diffused, n: usize) -> f64 {
    let ends = [law.quantile(1e-9), law.quantile(1.0 - 1e-9)];
    expected_w1_of(|x| law.cdf(x), ends, 4000, n)
}

/// [`expected_w1`] of a law by its distribution function, whose mass is between two ends, with this number of cells.
pub fn expected_w1_of(cdf: impl Fn(f64) -> f64, [lo, hi]: [f64; 2], cells: usize, n: usize) -> f64 {
    let h = (hi - lo) / cells as f64;
    let integrand = |i: usize| mean_deviation(n, cdf(lo + (i as f64 + 0.5) * h));
    h * (0..cells).map(integrand).sum::<f64>()
}

/// E|B/n − p| of a binomial B of n and p.
fn mean_deviation(n: usize, p: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 {
        return 0.0;
    }
    let n = n as f64;
    let k = (n * p).floor().min(n - 1.0);
    let choose = libm::lgamma(n + 1.0) - libm::lgamma(k + 2.0) - libm::lgamma(n - k);
    let powers = (k + 1.0) * libm::log(p) + (n - k) * libm::log1p(-p);
    2.0 * (k + 1.0) / n * libm::exp(choose + powers)
}

/// Expected Kolmogorov–Smirnov distance D of n independent draws. For n ≤ 10 it is ∫ P(D > d) dd: P is a polynomial of
/// degree n at most between two multiples of 1/(2n), so Gauss–Legendre nodes integrate it exactly. Beyond, D + 1/(6n) +
/// (√n·D − 1)/(4n^{3/2}) has Kolmogorov's distribution over √n (Vrbik 2018), whose mean is √(π/2)·ln 2; the error of the
/// mean is less than 0.1 %.
///
/// Held by `src/metrics/expected.rs`: `expectations_are_those_of_independent_samples`,
/// `few_draws_have_their_own_expectations`.
pub fn expected_ks(n: usize) -> f64 {
    let (size, root) = (n as f64, (n as f64).sqrt());
    if n > SMALL_KS {
        let limit = (PI / 2.0).sqrt() * LN_2;
        return (limit - 1.0 / (6.0 * root) + 0.25 / size) / (1.0 + 0.25 / size) / root;
    }
    let half = 0.25 / size;
    let cell = |i: usize| {
        let middle = (2 * i + 1) as f64 * half;
        let above = |d: f64| 1.0 - ks_below(n, d);
        let pair = |&(node, weight): &(f64, f64)| {
            weight * half * (above(middle - half * node) + above(middle + half * node))
        };
        NODES.iter().map(pair).sum::<f64>()
    };
    (0..2 * n).map(cell).sum()
}

/// P(D < d) for the two-sided Kolmogorov–Smirnov distance D of n independent draws (Marsaglia, Tsang & Wang 2003):
/// n!/nⁿ times the middle entry of the n-th power of a matrix of 2k − 1 rows, k = ⌊nd⌋ + 1.
///
/// Held by `src/metrics/expected.rs`: `few_draws_have_their_own_expectations`.
fn ks_below(n: usize, d: f64) -> f64 {
    let scaled = n as f64 * d;
    if scaled <= 0.5 {
        return 0.0;
    }
    let k = scaled as usize + 1;
    let (m, h) = (2 * k - 1, k as f64 - scaled);
    let power = |i: usize| (0..i).fold(1.0, |p, _| p * h);
    let factorial = |i: usize| (1..=i).fold(1.0, |p, i| p * i as f64);
    let entry = |i: usize, j: usize| {
        if j > i + 1 {
            return 0.0;
        }
        let mut corner = 1.0;
        if j == 0 {
            corner -= power(i + 1);
        }
        if i == m - 1 {
            corner -= power(m - j);
        }
        if (i, j) == (m - 1, 0) && 2.0 * h > 1.0 {
            corner += (0..m).fold(1.0, |p, _| p * (2.0 * h - 1.0));
        }
        corner / factorial(i + 1 - j)
    };
    let matrix: Vec<f64> = (0..m * m).map(|at| entry(at / m, at % m)).collect();
    let mut row = vec![0.0; m];
    row[k - 1] = 1.0;
    for step in 1..=n {
        let column = |j: usize| (0..m).map(|i| row[i] * matrix[i * m + j]).sum::<f64>();
        row = (0..m).map(|j| column(j) * step as f64 / n as f64).collect();
    }
    row[k - 1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::Law;
    use crate::level::Level;
    use crate::metrics::{ks, w1};
    use crate::rng::{Noise, Stream};

    fn clean(law: &Law) -> Diffused {
        law.diffuse(&Level {
            t: 0.0,
            alpha: 1.0,
            sigma: 0.0,
        })
    }

    /// Means of W₁ and KS over independent samples of n uniform draws, with their standard errors.
    fn sampled(n: usize, runs: u64) -> [(f64, f64); 2] {
        let uniform = Law::uniform(0.0, 1.0);
        let law = clean(&uniform);
        let mut all = [vec![], vec![]];
        for seed in 0..runs {
            let mut x = vec![0.0; n];
            uniform.sample(&Noise::new(seed), Stream::Data, 0, &mut x);
            x.sort_by(f64::total_cmp);
            all[0].push(w1(&x, &law));
            all[1].push(ks(&x, &law));
        }
        all.map(|values| {
            let runs = runs as f64;
            let mean = values.iter().sum::<f64>() / runs;
            let square = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
            (mean, square.sqrt() / runs)
        })
    }

    /// 10,000 independent uniform draws have W₁ 0.0031 and KS 0.0087 on average; small samples are on no limit.
    #[test]
    fn expectations_are_those_of_independent_samples() {
        let law = clean(&Law::uniform(0.0, 1.0));
        for (n, runs) in [
            (1, 40_000),
            (2, 40_000),
            (5, 40_000),
            (11, 40_000),
            (30, 20_000),
            (1000, 1000),
            (10_000, 200),
        ] {
            let expected = [expected_w1(&law, n), expected_ks(n)];
            for ((mean, error), expected) in sampled(n, runs).into_iter().zip(expected) {
                assert!(
                    (mean - expected).abs() < 4.0 * error,
                    "n = {n}: {mean} ± {error}, expected {expected}"
                );
            }
        }
    }

    /// By hand: E max(U, 1 − U) = 3/4 and 13/24 for KS of one and two draws; 1/3 and 11/48 for W₁ of one and two uniform
    /// draws, the integrals of 2F(1 − F) and 2F(1 − F)·max(F, 1 − F). Both formulas of KS agree.
    #[test]
    fn few_draws_have_their_own_expectations() {
        assert!((expected_ks(1) - 0.75).abs() < 1e-14);
        assert!((expected_ks(2) - 13.0 / 24.0).abs() < 1e-14);
        // P(D₂ < d) = 2(2d − ½)² for ¼ < d < ½ (Birnbaum 1952: n!(2d − 1/n)ⁿ for d < 1/n).
        for n in [2usize, 3, 5, 8] {
            let d = 0.8 / n as f64;
            let factorial: f64 = (1..=n).map(|i| i as f64).product();
            let below = (0..n).fold(factorial, |p, _| p * (2.0 * d - 1.0 / n as f64));
            assert!((ks_below(n, d) - below).abs() < 1e-14, "{n}");
            // From the other end: P(D > d) = 2(1 − d)ⁿ for d ≥ 1 − 1/n.
            let d = 1.0 - 0.5 / n as f64;
            let above = (0..n).fold(2.0, |p, _| p * (1.0 - d));
            assert!((1.0 - ks_below(n, d) - above).abs() < 1e-14, "{n}");
        }
        let law = clean(&Law::uniform(0.0, 1.0));
        assert!((expected_w1(&law, 1) - 1.0 / 3.0).abs() < 1e-6);
        assert!((expected_w1(&law, 2) - 11.0 / 48.0).abs() < 1e-6);
        let ratio = expected_ks(SMALL_KS + 1) / expected_ks(SMALL_KS);
        let roots = (SMALL_KS as f64 / (SMALL_KS + 1) as f64).sqrt();
        assert!((ratio / roots - 1.0).abs() < 0.006, "{ratio} {roots}");
        // The limit of many draws, on a bounded law: ∫ √(F(1 − F)) = π/8.
        for n in [10_000, 1_000_000] {
            let limit = (2.0 / (PI * n as f64)).sqrt() * PI / 8.0;
            assert!((expected_w1(&law, n) / limit - 1.0).abs() < 1e-4, "{n}");
        }
    }
}
