//! Powers of two, for the loops that spend their time on them.
#![allow(
    clippy::excessive_precision,
    reason = "coefficients are written as they were found"
)]

/// Number of roots in [`ROOTS`].
const COUNT: usize = 64;
/// Adding 1.5·2⁴⁶ rounds to the nearest multiple of 1/64 and leaves 64 times it in the low bits.
pub(super) const ROUND: f64 = 6_755_399_441_055_744.0 / COUNT as f64;
/// Places to the left from 64 times a number to the exponent of 2 to this number.
pub(super) const TO_EXPONENT: u32 = 52 - COUNT.ilog2();

/// What [`exp2`] and [`super::pairs::quick_exp2`] read.
#[derive(Debug, Clone, Copy)]
pub struct Powers {
    /// P in [`exp2`], the highest power first.
    pub(super) fit: [f64; 5],
    /// The bits of 2^{j/64}, less j in the place of k in [`exp2`].
    pub(super) roots: [u64; COUNT],
}

/// The one table.
pub static POWERS: Powers = Powers {
    // mpmath 1.3: chebyfit(lambda f: expm1(f*log(2))/f, [-b, b], 5), b = 1.0001/128.
    fit: [
        1.333_356_978_567_307e-3,
        9.618_140_861_946_197e-3,
        5.550_410_866_480_382e-2,
        2.402_265_069_589_213e-1,
        std::f64::consts::LN_2,
    ],
    roots: [
        0x3ff0_0000_0000_0000,
        0x3fef_ec9a_3e77_8061,
        0x3fef_d9b0_d315_8574,
        0x3fef_c745_1875_9bc8,
        0x3fef_b558_6cf9_890f,
        0x3fef_a3ec_32d3_d1a2,
        0x3fef_9301_d012_5b51,
        0x3fef_829a_aea9_2de0,
        0x3fef_72b8_3c7d_517b,
        0x3fef_635b_eb6f_cb75,
        0x3fef_5487_3168_b9aa,
        0x3fef_463b_8862_8cd6,
        0x3fef_387a_6e75_6238,
        0x3fef_2b45_65e2_7cdd,
        0x3fef_1e9d_f51f_dee1,
        0x3fef_1285_a6e4_030b,
        0x3fef_06fe_0a31_b715,
        0x3fee_fc08_b264_16ff,
        0x3fee_f1a7_373a_a9cb,
        0x3fee_e7db_34e5_9ff7,
        0x3fee_dea6_4c12_3422,
        0x3fee_d60a_21f7_2e2a,
        0x3fee_ce08_6061_892d,
        0x3fee_c6a2_b5c1_3cd0,
        0x3fee_bfda_d536_2a27,
        0x3fee_b9b2_769d_2ca7,
        0x3fee_b42b_569d_4f82,
        0x3fee_af47_36b5_27da,
        0x3fee_ab07_dd48_5429,
        0x3fee_a76f_15ad_2148,
        0x3fee_a47e_b03a_5585,
        0x3fee_a238_8255_2225,
        0x3fee_a09e_667f_3bcd,
        0x3fee_9fb2_3c65_1a2f,
        0x3fee_9f75_e8ec_5f74,
        0x3fee_9feb_5642_67c9,
        0x3fee_a114_73eb_0187,
        0x3fee_a2f3_36cf_4e62,
        0x3fee_a589_994c_ce13,
        0x3fee_a8d9_9b44_92ed,
        0x3fee_ace5_422a_a0db,
        0x3fee_b1ae_9915_7736,
        0x3fee_b737_b0cd_c5e5,
        0x3fee_bd82_9fde_4e50,
        0x3fee_c491_82a3_f090,
        0x3fee_cc66_7b5d_e565,
        0x3fee_d503_b23e_255d,
        0x3fee_de6b_5579_fdbf,
        0x3fee_e89f_995a_d3ad,
        0x3fee_f3a2_b84f_15fb,
        0x3fee_ff76_f2fb_5e47,
        0x3fef_0c1e_904b_c1d2,
        0x3fef_199b_dd85_529c,
        0x3fef_27f1_2e57_d14b,
        0x3fef_3720_dcef_9069,
        0x3fef_472d_4a07_897c,
        0x3fef_5818_dcfb_a487,
        0x3fef_69e6_03db_3285,
        0x3fef_7c97_337b_9b5f,
        0x3fef_902e_e78b_3ff6,
        0x3fef_a4af_a2a4_90da,
        0x3fef_ba1b_ee61_5a27,
        0x3fef_d076_5b6e_4540,
        0x3fef_e7c1_819e_90d8,
    ],
};

/// 2^y for y from −1022 to 1023, within 1.1 units of the last place; meaningless beyond.
///
/// No branch, a fixed order of plain operations. With k = 64y rounded and f = y − k/64, |f| ≤ 1/128, 2^y = 2^{k/64}·2^f.
/// The first comes from a table of 2^{j/64}, j = k mod 64, with the rest of k in its exponent; 2^f = 1 + f·P(f), where P is a
/// Chebyshev fit of degree 4 with an error of 3·10⁻¹⁸ in 2^f.
///
/// Held by `src/special/pairs/tests.rs`: `the_models_are_as_exact_as_is_said`,
/// `the_roots_of_two_are_rounded_to_the_nearest`.
#[inline(always)]
pub fn exp2(y: f64) -> f64 {
    let shifted = y + ROUND;
    let f = y - (shifted - ROUND);
    let mut p = POWERS.fit[0];
    for c in &POWERS.fit[1..] {
        p = p * f + c;
    }
    let k = shifted.to_bits();
    let root = POWERS.roots[k as usize % COUNT];
    let root = f64::from_bits(root.wrapping_add(k << TO_EXPONENT));
    root + root * (f * p)
}
