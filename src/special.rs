//! Special functions of the normal distribution, in f64, with the same bits on every platform.
#![allow(
    clippy::excessive_precision,
    reason = "coefficients are written as published"
)]

pub mod bessel;
pub mod lanes;
pub mod pairs;
pub mod powers;

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// 1/√(2π).
pub const FRAC_1_SQRT_TAU: f64 = 0.398_942_280_401_432_7;
/// √(2π).
pub const SQRT_TAU: f64 = 2.506_628_274_631_000_5;
/// √(π/2).
const SQRT_FRAC_PI_2: f64 = 1.253_314_137_315_500_3;

/// Standard normal density φ(z) = e^{−z²/2}/√(2π).
///
/// Held by `src/special.rs`: `antiderivatives_differentiate_back`.
#[inline]
pub fn phi(z: f64) -> f64 {
    FRAC_1_SQRT_TAU * libm::exp(-0.5 * z * z)
}

/// P in [`exp`].
// mpmath 1.3: chebyfit(lambda r: (expm1(r) - r)/r**2, [-b, b], 10), b = 1.0001·ln(2)/2.
const EXP: [f64; 10] = [
    2.510_038_549_551_032e-8,
    2.762_008_844_540_974_6e-7,
    2.755_726_845_999_706_4e-6,
    2.480_152_129_595_437_6e-5,
    1.984_126_986_305_361_8e-4,
    1.388_888_891_721_371_7e-3,
    8.333_333_333_330_062e-3,
    4.166_666_666_662_413e-2,
    1.666_666_666_666_666_9e-1,
    0.5,
];

/// e^x on [−708, 709], clamped beyond; relative error below 4·10⁻¹⁶.
///
/// For loops that the compiler should vectorise: no branch, no table, a fixed order of plain operations.
/// e^x = 2ⁿ·e^r with |r| ≤ ½ ln 2 and e^r = 1 + r + r²·P(r), where P is a Chebyshev fit of degree 9 with an error of
/// 1.3·10⁻¹⁷ in e^r.
///
/// Held by `src/special.rs`: `the_branch_free_exponential_is_exact_to_its_stated_error`.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    // ln 2 in two parts. HIGH ends in zero bits, so that n·HIGH is exact.
    const HIGH: f64 = 6.931_471_803_691_238_2e-1;
    const LOW: f64 = 1.908_214_929_270_587_7e-10;
    // Adding 1.5·2⁵² rounds to the nearest integer and leaves it in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let x = if x < -708.0 { -708.0 } else { x };
    let x = if x > 709.0 { 709.0 } else { x };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * HIGH) - n * LOW;
    let mut p = EXP[0];
    for c in &EXP[1..] {
        p = p * r + c;
    }
    let power = 1.0 + (r + r * r * p);
    // n goes into the exponent; the shift drops the higher bits of `shifted`.
    f64::from_bits(power.to_bits().wrapping_add(shifted.to_bits() << 52))
}

/// Numerator and denominator of [`erfcx`] up to y = 0.46875, in y².
const CLOSE: ([f64; 5], [f64; 5]) = (
    [
        1.857_777_061_846_031_5e-1,
        3.161_123_743_870_565_6,
        1.138_641_541_510_501_6e2,
        3.774_852_376_853_020_2e2,
        3.209_377_589_138_469_5e3,
    ],
    [
        1.0,
        2.360_129_095_234_412_1e1,
        2.440_246_379_344_441_7e2,
        1.282_616_526_077_372_3e3,
        2.844_236_833_439_170_6e3,
    ],
);
/// The same up to y = 4, in y.
const MIDDLE: ([f64; 9], [f64; 9]) = (
    [
        2.153_115_354_744_038_5e-8,
        5.641_884_969_886_700_9e-1,
        8.883_149_794_388_375_9,
        6.611_919_063_714_163e1,
        2.986_351_381_974_001_3e2,
        8.819_522_212_417_690_9e2,
        1.712_047_612_634_070_6e3,
        2.051_078_377_826_071_5e3,
        1.230_339_354_797_997_2e3,
    ],
    [
        1.0,
        1.574_492_611_070_983_5e1,
        1.176_939_508_913_125e2,
        5.371_811_018_620_098_6e2,
        1.621_389_574_566_690_2e3,
        3.290_799_235_733_459_6e3,
        4.362_619_090_143_247e3,
        3.439_367_674_143_721_6e3,
        1.230_339_354_803_749_4e3,
    ],
);
/// The same beyond, in 1/y².
const DISTANT: ([f64; 6], [f64; 6]) = (
    [
        1.631_538_713_730_209_8e-2,
        3.053_266_349_612_323_4e-1,
        3.603_448_999_498_044_4e-1,
        1.257_817_261_112_292_5e-1,
        1.608_378_514_874_227_7e-2,
        6.587_491_615_298_378e-4,
    ],
    [
        1.0,
        2.568_520_192_289_822_4,
        1.872_952_849_923_467_3,
        5.279_051_029_514_284e-1,
        6.051_834_131_244_132e-2,
        2.335_204_976_268_691_9e-3,
    ],
);

/// Scaled complementary error function e^{y²}·erfc(y) for y ≥ 0, relative error below 10⁻¹⁵.
///
/// The rational minimax approximations of W. J. Cody, *Rational Chebyshev approximations for the
/// error function*, Math. Comp. 23 (1969), as tabulated in SPECFUN's CALERF.
///
/// Held by `src/special.rs`: `erfcx_agrees_with_an_independent_erfc`, `erfcx_follows_its_asymptotic_series_far_out`.
#[inline]
pub fn erfcx(y: f64) -> f64 {
    if y <= 0.468_75 {
        let q = y * y;
        libm::exp(q) * (1.0 - y * horner(&CLOSE.0, q) / horner(&CLOSE.1, q))
    } else if y <= 4.0 {
        horner(&MIDDLE.0, y) / horner(&MIDDLE.1, y)
    } else {
        let q = 1.0 / (y * y);
        (1.0 / PI.sqrt() - q * horner(&DISTANT.0, q) / horner(&DISTANT.1, q)) / y
    }
}

#[inline]
fn horner(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, c| sum * x + c)
}

/// Mills ratio of the upper tail, (1 − Φ(z))/φ(z) = √(π/2)·erfcx(z/√2), for z ≥ 0. It neither underflows nor overflows.
///
/// Held by `src/special.rs`: `the_mills_ratio_is_the_tail_over_the_density`.
#[inline]
pub fn mills(z: f64) -> f64 {
    SQRT_FRAC_PI_2 * erfcx(z * FRAC_1_SQRT_2)
}

/// Standard normal distribution function Φ(z) = ∫_{−∞}^z φ.
///
/// Held by `src/special.rs`: `quantile_inverts_the_distribution_function`, `antiderivatives_differentiate_back`.
#[inline]
pub fn cdf(z: f64) -> f64 {
    let tail = phi(z) * mills(z.abs());
    if z > 0.0 { 1.0 - tail } else { tail }
}

/// First antiderivative of Φ: G(z) = zΦ(z) + φ(z).
///
/// Held by `src/special.rs`: `antiderivatives_differentiate_back`.
#[inline]
pub fn cdf_1(z: f64) -> f64 {
    z * cdf(z) + phi(z)
}

/// Second antiderivative of Φ: H(z) = ½[(z² + 1)Φ(z) + zφ(z)].
///
/// Held by `src/special.rs`: `antiderivatives_differentiate_back`.
#[inline]
pub fn cdf_2(z: f64) -> f64 {
    0.5 * ((z * z + 1.0) * cdf(z) + z * phi(z))
}

/// Standard normal quantile Φ⁻¹(p) for 0 < p < 1, with a relative error of about 10⁻¹⁶: PPND16 of M. J. Wichura,
/// *Algorithm AS 241*, Appl. Stat. 37 (1988).
///
/// Held by `src/special.rs`: `quantile_inverts_the_distribution_function`.
pub fn quantile(p: f64) -> f64 {
    const A: [f64; 8] = [
        2.509_080_928_730_122_7e3,
        3.343_057_558_358_812_8e4,
        6.726_577_092_700_87e4,
        4.592_195_393_154_987e4,
        1.373_169_376_550_946e4,
        1.971_590_950_306_551_3e3,
        1.331_416_678_917_843_8e2,
        3.387_132_872_796_366_5,
    ];
    const B: [f64; 8] = [
        5.226_495_278_852_854e3,
        2.872_908_573_572_194_3e4,
        3.930_789_580_009_271e4,
        2.121_379_430_158_66e4,
        5.394_196_021_424_751e3,
        6.871_870_074_920_579e2,
        4.231_333_070_160_091e1,
        1.0,
    ];
    const C: [f64; 8] = [
        7.745_450_142_783_414e-4,
        2.272_384_498_926_918_4e-2,
        2.417_807_251_774_506e-1,
        1.270_458_252_452_368_4,
        3.647_848_324_763_204_5,
        5.769_497_221_460_691,
        4.630_337_846_156_546,
        1.423_437_110_749_683_5,
    ];
    const D: [f64; 8] = [
        1.050_750_071_644_416_9e-9,
        5.475_938_084_995_345e-4,
        1.519_866_656_361_645_7e-2,
        1.481_039_764_274_800_8e-1,
        6.897_673_349_851e-1,
        1.676_384_830_183_803_8,
        2.053_191_626_637_759,
        1.0,
    ];
    const E: [f64; 8] = [
        2.010_334_399_292_288_1e-7,
        2.711_555_568_743_487_6e-5,
        1.242_660_947_388_078_4e-3,
        2.653_218_952_657_612_4e-2,
        2.965_605_718_285_048_7e-1,
        1.784_826_539_917_291_3,
        5.463_784_911_164_114,
        6.657_904_643_501_103,
    ];
    const F: [f64; 8] = [
        2.044_263_103_389_939_8e-15,
        1.421_511_758_316_446e-7,
        1.846_318_317_510_054_8e-5,
        7.868_691_311_456_133e-4,
        1.487_536_129_085_061_5e-2,
        1.369_298_809_227_358e-1,
        5.998_322_065_558_88e-1,
        1.0,
    ];
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * horner(&A, r) / horner(&B, r);
    }
    let r = (-libm::log(if q < 0.0 { p } else { 1.0 - p })).sqrt();
    let z = if r <= 5.0 {
        horner(&C, r - 1.6) / horner(&D, r - 1.6)
    } else {
        horner(&E, r - 5.0) / horner(&F, r - 5.0)
    };
    if q < 0.0 { -z } else { z }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_branch_free_exponential_is_exact_to_its_stated_error() {
        for i in -708_000..709_000 {
            let x = f64::from(i) * 1e-3 + 1e-7;
            assert!((exp(x) / libm::exp(x) - 1.0).abs() < 4e-16, "{x}");
        }
        for i in -1000..1000 {
            let x = f64::from(i) * 1e-3;
            assert!((exp(x) / libm::exp(x) - 1.0).abs() < 4e-16, "{x}");
        }
        assert_eq!(
            (exp(0.0), exp(-1e9), exp(1e9)),
            (1.0, exp(-708.0), exp(709.0))
        );
    }

    #[test]
    fn erfcx_agrees_with_an_independent_erfc() {
        for i in 0..2600 {
            let y = i as f64 * 0.01;
            let reference = libm::exp(y * y) * libm::erfc(y);
            // exp(y²) has a relative error of y²·ε.
            let tolerance = 4e-16 * (4.0 + 2.0 * y * y);
            assert!((erfcx(y) / reference - 1.0).abs() < tolerance, "y = {y}");
        }
    }

    #[test]
    fn erfcx_follows_its_asymptotic_series_far_out() {
        for y in [30.0, 1e3, 1e6, 1e10] {
            let q = 1.0 / (2.0 * y * y);
            let series = (1.0 - q + 3.0 * q * q - 15.0 * q * q * q) / (y * PI.sqrt());
            assert!((erfcx(y) / series - 1.0).abs() < 1e-10, "y = {y}");
        }
    }

    /// At z = ∞ the ratio is 1/z; near 0 it is √(π/2) − z.
    #[test]
    fn the_mills_ratio_is_the_tail_over_the_density() {
        for i in 0..2000 {
            let z = f64::from(i) * 4e-3;
            let tail = 0.5 * libm::erfc(z * FRAC_1_SQRT_2);
            assert!((mills(z) * phi(z) / tail - 1.0).abs() < 1e-13, "z = {z}");
        }
        assert_eq!(mills(0.0), SQRT_FRAC_PI_2);
        assert!((mills(1e9) * 1e9 - 1.0).abs() < 1e-15);
    }

    #[test]
    fn quantile_inverts_the_distribution_function() {
        for i in 1..2000 {
            let p = i as f64 / 2000.0;
            assert!((cdf(quantile(p)) - p).abs() < 3e-16, "p = {p}");
        }
        for k in 1..300 {
            let p = libm::pow(10.0, -(k as f64));
            assert!((cdf(quantile(p)) / p - 1.0).abs() < 1e-12, "p = {p}");
        }
    }

    #[test]
    fn antiderivatives_differentiate_back() {
        let h = 1e-5;
        for i in -60..60 {
            let z = i as f64 * 0.1;
            let d1 = (cdf_1(z + h) - cdf_1(z - h)) / (2.0 * h);
            let d2 = (cdf_2(z + h) - cdf_2(z - h)) / (2.0 * h);
            assert!((d1 - cdf(z)).abs() < 1e-9);
            assert!((d2 - cdf_1(z)).abs() < 1e-9);
        }
    }
}
