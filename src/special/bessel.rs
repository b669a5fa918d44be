//! Modified Bessel functions of order 0 and 1, scaled so that nothing overflows.
//!
//! Below `SEAM`: the power series I₀ = Σ yᵏ/k!², I₁ = (x/2) Σ yᵏ/(k!(k+1)!), y = x²/4, whose terms are all positive.
//! Above it: the asymptotic series of Abramowitz & Stegun (1964), 9.7.1, whose terms decrease until the smallest,
//! e^{−2x}. Both are exact to rounding.
//!
//! Held by `src/special/bessel.rs`: `both_series_give_the_values_of_mpmath`, `the_terms_left_out_are_below_rounding`,
//! `the_bessel_functions_stay_finite_at_any_argument`.

use super::lanes::Pair;
use super::pairs::exp;
use std::f64::consts::TAU;

/// The x at which the other series takes over: e^{−2·20} < 2⁻⁵⁷.
const SEAM: f64 = 20.0;
const TERMS: usize = 56;
const TAIL: usize = 30;

/// 1/k!².
const POWERS_0: [f64; TERMS] = powers(0);
/// 1/(k!(k+1)!).
const POWERS_1: [f64; TERMS] = powers(1);
/// Coefficients of x⁻ᵏ in √(2πx)·e^{−x}·I_ν(x).
const TAIL_0: [f64; TAIL] = tail(0.0);
const TAIL_1: [f64; TAIL] = tail(4.0);

const fn powers(order: usize) -> [f64; TERMS] {
    let mut c = [1.0; TERMS];
    let mut k = 1;
    while k < TERMS {
        c[k] = c[k - 1] / (k as f64 * (k + order) as f64);
        k += 1;
    }
    c
}

/// Πⱼ −(4ν² − (2j−1)²)/(8j).
const fn tail(four_nu_squared: f64) -> [f64; TAIL] {
    let mut c = [1.0; TAIL];
    let mut k = 1;
    while k < TAIL {
        let odd = (2 * k - 1) as f64;
        c[k] = -c[k - 1] * (four_nu_squared - odd * odd) / (8.0 * k as f64);
        k += 1;
    }
    c
}

/// (e^{−x}·I₀(x), I₁(x)/I₀(x)) for x ≥ 0, relative error below 2·10⁻¹⁵.
#[inline]
pub fn i0e_and_ratio(x: f64) -> (f64, f64) {
    if x <= SEAM {
        // Terms decrease once k > x/2. The terms left out are smaller than rounding.
        let terms = (13.0 + 1.5 * x) as usize;
        let y = 0.25 * x * x;
        let (i0, i1) = both(&POWERS_0[..terms], &POWERS_1[..terms], y);
        (libm::exp(-x) * i0, 0.5 * x * i1 / i0)
    } else {
        let terms = (7.0 + 450.0 / x) as usize;
        let (i0, i1) = both(&TAIL_0[..terms], &TAIL_1[..terms], 1.0 / x);
        (i0 / (TAU * x).sqrt(), i1 / i0)
    }
}

/// [`i0e_and_ratio`] of four numbers at once, with the same bits.
///
/// Held by `src/special/bessel.rs`: `four_numbers_at_once_have_the_bits_of_one`.
#[inline(always)]
pub fn i0e_and_ratio_of_four(x: [Pair; 2]) -> [(Pair, Pair); 2] {
    let seam = Pair::both(SEAM);
    let (above, also) = (seam.below(x[0]), seam.below(x[1]));
    if !above.or(also).any() {
        let one = |x: Pair| {
            let terms = (Pair::both(13.0) + Pair::both(1.5) * x).trunc();
            (Pair::both(0.25) * x * x, terms)
        };
        let i = both_of_four(&POWERS_0, &POWERS_1, [one(x[0]), one(x[1])]);
        let of = |x: Pair, (i0, i1): (Pair, Pair)| {
            (exp(x.negative()) * i0, Pair::both(0.5) * x * i1 / i0)
        };
        [of(x[0], i[0]), of(x[1], i[1])]
    } else if above.and(also).all() {
        let one = |x: Pair| {
            let terms = (Pair::both(7.0) + Pair::both(450.0) / x).trunc();
            (Pair::both(1.0) / x, terms)
        };
        let i = both_of_four(&TAIL_0, &TAIL_1, [one(x[0]), one(x[1])]);
        let of = |x: Pair, (i0, i1): (Pair, Pair)| (i0 / (Pair::both(TAU) * x).sqrt(), i1 / i0);
        [of(x[0], i[0]), of(x[1], i[1])]
    } else {
        let two = |x: Pair| {
            let [a, b] = x.lanes();
            let (a, b) = (i0e_and_ratio(a), i0e_and_ratio(b));
            (Pair::new([a.0, b.0]), Pair::new([a.1, b.1]))
        };
        [two(x[0]), two(x[1])]
    }
}

/// Terms of [`power_series`] that are enough from 0 to x, if there are as many.
pub fn power_terms(x: f64) -> Option<usize> {
    let y = 0.25 * x * x;
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..TERMS {
        term *= y / (k * k) as f64;
        if term < sum * (0.0625 * f64::EPSILON) {
            return Some(k);
        }
        sum += term;
    }
    None
}

/// (I₀(x), 2·I₁(x)/x) of y = x²/4, by that many terms, of four pairs side by side.
///
/// Held by `src/special/bessel.rs`: `the_power_series_are_the_bessel_functions`.
#[inline(always)]
pub fn power_series(terms: usize, y: [Pair; 4]) -> [(Pair, Pair); 4] {
    let zero = Pair::both(0.0);
    let mut sums = [(zero, zero); 4];
    for (a, b) in POWERS_0[..terms].iter().zip(&POWERS_1[..terms]).rev() {
        let (a, b) = (Pair::both(*a), Pair::both(*b));
        for i in 0..4 {
            sums[i] = (sums[i].0 * y[i] + a, sums[i].1 * y[i] + b);
        }
    }
    sums
}

/// Both polynomials at four numbers, each cut after its own number of terms, which is given with it.
#[inline(always)]
fn both_of_four(a: &[f64], b: &[f64], x: [(Pair, Pair); 2]) -> [(Pair, Pair); 2] {
    let most = x[0].1.most(x[1].1).lanes();
    // Few different lengths are easier to foresee for the processor.
    let all = (most[0].max(most[1]) as usize)
        .next_multiple_of(4)
        .min(a.len());
    let mut k = Pair::both(all as f64);
    let (mut sum, mut other) = (
        (Pair::both(0.0), Pair::both(0.0)),
        (Pair::both(0.0), Pair::both(0.0)),
    );
    for (a, b) in a[..all].iter().zip(&b[..all]).rev() {
        k = k - Pair::both(1.0);
        let (a, b) = (Pair::both(*a), Pair::both(*b));
        // A number whose terms begin later stays 0 until then.
        let (has, also) = (k.below(x[0].1), k.below(x[1].1));
        sum = (sum.0 * x[0].0 + a.and(has), sum.1 * x[0].0 + b.and(has));
        other = (
            other.0 * x[1].0 + a.and(also),
            other.1 * x[1].0 + b.and(also),
        );
    }
    [sum, other]
}

/// Both polynomials in one loop: their operations do not depend on each other, so the processor overlaps them.
#[inline]
fn both(a: &[f64], b: &[f64], x: f64) -> (f64, f64) {
    let mut sum = (0.0, 0.0);
    for (a, b) in a.iter().zip(b).rev() {
        sum = (sum.0 * x + a, sum.1 * x + b);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of mpmath 1.3 at 30 digits: `besseli(0, x)*exp(-x)`, `besseli(1, x)/besseli(0, x)`.
    #[test]
    #[allow(clippy::excessive_precision)]
    fn both_series_give_the_values_of_mpmath() {
        let cases = [
            (0.0, 1.0, 0.0),
            (
                0.001,
                0.999_000_749_583_515_559,
                0.000_499_999_937_500_010_417,
            ),
            (0.5, 0.645_035_270_449_150_068, 0.242_499_612_580_801_945),
            (1.0, 0.465_759_607_593_640_437, 0.446_389_965_896_534_507),
            (3.7, 0.216_049_441_672_973_726, 0.850_906_424_954_455_523),
            (8.0, 0.143_431_781_856_850_311, 0.935_235_493_529_438_605),
            (15.0, 0.103_899_531_448_822_721, 0.966_069_563_986_508_125),
            (19.99, 0.089_803_061_428_909_372_3, 0.974_657_662_618_498_2),
            (20.0, 0.089_780_311_884_826_021_6, 0.974_670_507_889_807_126),
            (20.01, 0.089_757_579_627_575_303, 0.974_683_340_138_213_981),
            (25.0, 0.080_196_773_547_436_708_4, 0.979_791_453_490_515_931),
            (40.0, 0.063_278_279_875_235_330_3, 0.987_419_841_336_350_658),
            (
                100.0,
                0.039_944_379_299_096_682_6,
                0.994_987_373_005_168_766,
            ),
            (1e3, 0.012_617_240_455_891_256_6, 0.999_499_874_874_804_28),
            (1e6, 0.000_398_942_330_269_245_779, 0.999_999_499_999_875),
        ];
        for (x, i0e, ratio) in cases {
            let got = i0e_and_ratio(x);
            assert!(
                (got.0 / i0e - 1.0).abs() < 2e-15,
                "I₀({x}): {} {i0e}",
                got.0
            );
            assert!((got.1 - ratio).abs() <= 2e-15 * ratio, "I₁/I₀({x})");
        }
    }

    /// The number of terms is enough everywhere: using all of them gives the same value.
    #[test]
    fn the_terms_left_out_are_below_rounding() {
        for i in 1..4000 {
            let x = 0.005 * f64::from(i);
            let (i0, i1) = both(&POWERS_0, &POWERS_1, 0.25 * x * x);
            let got = i0e_and_ratio(x);
            assert!((got.0 / (libm::exp(-x) * i0) - 1.0).abs() < 1e-15, "{x}");
            assert!((got.1 / (0.5 * x * i1 / i0) - 1.0).abs() < 1e-15, "{x}");
            let x = 20.0 + 0.1 * f64::from(i);
            let (i0, i1) = both(&TAIL_0, &TAIL_1, 1.0 / x);
            let got = i0e_and_ratio(x);
            assert!((got.0 * (TAU * x).sqrt() / i0 - 1.0).abs() < 1e-15, "{x}");
            assert!((got.1 * i0 / i1 - 1.0).abs() < 1e-15, "{x}");
        }
    }

    #[test]
    fn four_numbers_at_once_have_the_bits_of_one() {
        let sizes = |i: u32| libm::exp(0.01 * f64::from(i) - 30.0);
        let mut all: Vec<f64> = (0..10_000).map(sizes).collect();
        all.extend((0..5000).map(|i| 0.01 * f64::from(i)));
        all.extend([0.0, SEAM, 20.000_000_000_000_004, 1e300]);
        for (i, &a) in all.iter().enumerate() {
            let b = all[(i * 7 + 3) % all.len()];
            for four in [
                [a, b, b, a],
                [a; 4],
                [a, a * 0.9, a * 1.1, a * 0.5],
                [b, b, a, b],
            ] {
                let [p, q, r, s] = four;
                let got = i0e_and_ratio_of_four([Pair::new([p, q]), Pair::new([r, s])]);
                for (lane, x) in four.into_iter().enumerate() {
                    let (i0e, ratio) = got[lane / 2];
                    let (i0e, ratio) = (i0e.lanes()[lane % 2], ratio.lanes()[lane % 2]);
                    let one = i0e_and_ratio(x);
                    assert_eq!(i0e.to_bits(), one.0.to_bits(), "I₀({x}) of {four:?}");
                    assert_eq!(ratio.to_bits(), one.1.to_bits(), "I₁/I₀({x}) of {four:?}");
                }
            }
        }
    }

    #[test]
    fn the_power_series_are_the_bessel_functions() {
        for most in [1e-9, 0.1, 1.0, 5.0, 12.0, 20.0, 28.0] {
            let terms = power_terms(most).unwrap();
            for i in 0..=50 {
                let x = most * f64::from(i) / 50.0;
                let y = Pair::both(0.25 * x * x);
                let (i0e, ratio) = i0e_and_ratio(x);
                for (i0, turned) in power_series(terms, [y; 4]) {
                    let (i0, turned) = (i0.lanes()[0], turned.lanes()[0]);
                    assert!((i0 / (libm::exp(x) * i0e) - 1.0).abs() < 2e-15, "I₀({x})");
                    let wanted = 2.0 * ratio * i0;
                    assert!((x * turned - wanted).abs() <= 4e-15 * wanted, "I₁({x})");
                }
            }
        }
        assert_eq!(power_terms(0.0), Some(1));
        assert_eq!(power_terms(1e3), None);
    }

    #[test]
    fn the_bessel_functions_stay_finite_at_any_argument() {
        assert_eq!(i0e_and_ratio(1e300).1, 1.0);
        assert!(i0e_and_ratio(1e300).0 > 0.0);
    }
}
