//! Functions of two numbers at once, with the bits of the functions of one number.
//!
//! Each does the operations of its model in the model's order: [`crate::special::exp`], [`crate::special::powers::exp2`], and `exp`, `log` and
//! `sincos` of libm, whose error is below 1 ulp (FreeBSD's msun, from which libm has them). Where the model branches, both
//! branches are computed and one is chosen. Arguments that are rare (subnormal, infinite, outside of what the loops
//! ask) go to the model itself.
//!
//! Held by `src/special/pairs/tests.rs`: `each_function_has_the_bits_of_its_model`,
//! `the_models_are_as_exact_as_is_said`.
#![allow(
    clippy::excessive_precision,
    reason = "coefficients are written as published"
)]

use super::lanes::Pair;
use super::powers::{POWERS, Powers, ROUND as ROUND_64TH, TO_EXPONENT};
use super::{CLOSE, DISTANT, EXP, MIDDLE, SQRT_FRAC_PI_2};
use std::f64::consts::FRAC_1_SQRT_2;

/// [`crate::special::exp`] of arguments that are not above 709. Several pairs go side by side, so that none waits for the
/// last operation of itself.
#[inline(always)]
pub fn quick_exp<const W: usize>(x: [Pair; W]) -> [Pair; W] {
    let c = &CONSTANTS; // known: here that is faster in wasm too
    let (round, log2_e) = (Pair::both(c.round), Pair::both(c.log2_e));
    let (high, low) = (Pair::both(c.ln2[0]), Pair::both(c.ln2[1]));
    let (mut shifted, mut r) = (x, x);
    for i in 0..W {
        let x = x[i].most(Pair::both(c.least));
        shifted[i] = x * log2_e + round;
        let n = shifted[i] - round;
        r[i] = (x - n * high) - n * low;
    }
    let mut p = [Pair::both(c.quick[0]); W];
    for &c in &c.quick[1..] {
        let c = Pair::both(c);
        for i in 0..W {
            p[i] = p[i] * r[i] + c;
        }
    }
    let mut out = x;
    for i in 0..W {
        let power = Pair::both(c.one) + (r[i] + r[i] * r[i] * p[i]);
        out[i] = power.plus_bits(shifted[i].left::<52>());
    }
    out
}

/// [`crate::special::powers::exp2`] with the table of it. Several pairs go side by side, so that none waits for the last
/// operation of itself. Constants that the compiler knows would be made anew for each use in wasm, which takes longer than to
/// load them: [`powers`] hides them from it.
#[inline(always)]
pub fn quick_exp2<const W: usize>(y: [Pair; W], powers: &Powers) -> [Pair; W] {
    let round = Pair::both(ROUND_64TH);
    let (mut shifted, mut f) = (y, y);
    for i in 0..W {
        shifted[i] = y[i] + round;
        f[i] = y[i] - (shifted[i] - round);
    }
    let mut p = [Pair::both(powers.fit[0]); W];
    for &c in &powers.fit[1..] {
        let c = Pair::both(c);
        for i in 0..W {
            p[i] = p[i] * f[i] + c;
        }
    }
    let mut out = y;
    for i in 0..W {
        let root = shifted[i].of(&powers.roots);
        let root = root.plus_bits(shifted[i].left::<TO_EXPONENT>());
        out[i] = root + root * (f[i] * p[i]);
    }
    out
}

/// The table of [`quick_exp2`].
#[inline(always)]
pub fn powers() -> &'static Powers {
    std::hint::black_box(&POWERS)
}

/// c in e^r = 1 + r + r·c/(2 − c).
#[inline(always)]
fn remainder(r: Pair, c: &Constants) -> Pair {
    let rr = r * r;
    let mut tail = Pair::both(c.tail[0]);
    for &c in &c.tail[1..] {
        tail = Pair::both(c) + rr * tail;
    }
    r - rr * tail
}

/// e^x with the bits of `libm::exp`.
#[inline(always)]
pub fn exp(x: Pair) -> Pair {
    let c = constants();
    let size = x.abs();
    let far_below = x.below(Pair::both(c.nothing));
    let plain = size.below(Pair::both(c.plain)).or(far_below);
    if !plain.without(size.below(Pair::bits(c.near_0))).all() {
        return x.each(libm::exp);
    }
    let sign = x.and(Pair::bits(c.sign));
    // The whole part of x/ln 2 ± ½; libm compares with ½ ln 2 by the high word.
    let shares = x * Pair::both(c.log2_e) + Pair::both(c.half).or(sign);
    let k = shares.trunc().without(size.below(Pair::bits(c.half_ln2)));
    let high = x - k * Pair::both(c.ln2[0]);
    let low = k * Pair::both(c.ln2[1]);
    let r = high - low;
    let rest = remainder(r, c);
    let y = Pair::both(c.one) + (r * rest / (Pair::both(c.two) - rest) - low + high);
    let power = y.plus_bits((k + Pair::both(c.round)).left::<52>());
    power.without(far_below)
}

/// log(1 + f) − f + f²/2 in two pieces: s·(f²/2 + R) and f²/2.
#[inline(always)]
fn log_pieces(f: Pair, c: &Constants) -> (Pair, Pair) {
    let half_square = Pair::both(c.half) * f * f;
    let s = f / (Pair::both(c.two) + f);
    let z = s * s;
    let w = z * z;
    let l = |i: usize| Pair::both(c.log[i]);
    let t1 = w * (l(1) + w * (l(3) + w * l(5)));
    let t2 = z * (l(0) + w * (l(2) + w * (l(4) + w * l(6))));
    (s * (half_square + (t2 + t1)), half_square)
}

/// 2ᵏ·m = u with m in [√½, √2), of a normal number u > 0; by the bits, as libm does.
#[inline(always)]
fn split(u: Pair, c: &Constants) -> (Pair, Pair) {
    let moved = u.plus_bits(Pair::bits(c.up));
    let k = moved.right::<52>().or(Pair::bits(c.whole)) - Pair::both(c.unbiased);
    let mantissa = moved.and(Pair::bits(c.mantissa));
    (k, mantissa.plus_bits(Pair::bits(c.below_root)))
}

/// log x with the bits of `libm::log`.
#[inline(always)]
pub fn log(x: Pair) -> Pair {
    let c = constants();
    let normal = x
        .below(Pair::both(c.infinity))
        .without(x.below(Pair::both(c.normal)));
    if !normal.all() {
        return x.each(libm::log);
    }
    let (k, m) = split(x, c);
    let f = m - Pair::both(c.one);
    let (all, half_square) = log_pieces(f, c);
    all + k * Pair::both(c.ln2[1]) - half_square + f + k * Pair::both(c.ln2[0])
}

/// (sin x, cos x) with the bits of `libm::sincos`, for x from 2⁻²⁶ to 2π.
#[inline(always)]
pub fn sincos(x: Pair) -> (Pair, Pair) {
    /// High words of π/2, π, 3π/2 and 2π, close to which more digits of them are needed.
    const QUARTERS: [u64; 4] = [0x3ff9_21fb, 0x4009_21fb, 0x4012_d97c, 0x4019_21fb];
    let plain = |x: f64| {
        let word = x.to_bits() >> 32;
        let inside = (0x3e50_0000..=0x401c_463b).contains(&word);
        inside && !QUARTERS.contains(&word)
    };
    let lanes = x.lanes();
    if !(plain(lanes[0]) && plain(lanes[1])) {
        let [a, b] = lanes.map(libm::sincos);
        return (Pair::new([a.0, b.0]), Pair::new([a.1, b.1]));
    }
    let c = constants();
    let one = Pair::both(c.one);
    let below = |i: usize| x.below(Pair::bits(c.edges[i]));
    let (whole, e1, e2, e3) = (below(0), below(1), below(2), below(3));
    let n = (one.without(whole) + one.without(e1)) + (one.without(e2) + one.without(e3));
    let z = x - n * Pair::both(c.quarter[0]);
    let low = n * Pair::both(c.quarter[1]);
    let y0 = z - low;
    let y1 = (z - y0) - low;
    let (half, zz) = (Pair::both(c.half), y0 * y0);
    let ww = zz * zz;
    let s = |i: usize| Pair::both(c.sin[i]);
    let r = s(1) + zz * (s(2) + zz * s(3)) + zz * ww * (s(4) + zz * s(5));
    let v = zz * y0;
    let reduced = y0 - ((zz * (half * y1 - v * r) - y1) - v * s(0));
    let sin = whole.choose(y0 + v * (s(0) + zz * r), reduced);
    let cs = |i: usize| Pair::both(c.cos[i]);
    let r =
        zz * (cs(0) + zz * (cs(1) + zz * cs(2))) + ww * ww * (cs(3) + zz * (cs(4) + zz * cs(5)));
    let hz = half * zz;
    let w = one - hz;
    let cos = w + (((one - w) - hz) + (zz * r - y0 * y1));
    // An odd number of quarters swaps the two; 2 and 3 turn the sine, 1 and 2 the cosine.
    let swaps = e1.without(whole).or(e3.without(e2));
    let (s, o) = (swaps.choose(cos, sin), swaps.choose(sin, cos));
    let sign = Pair::bits(c.sign);
    let (sines, cosines) = (e3.without(e1), e2.without(whole));
    (s.xor(sines.and(sign)), o.xor(cosines.and(sign)))
}

#[inline(always)]
fn horner(coefficients: &[f64], x: Pair) -> Pair {
    let mut sum = Pair::both(coefficients[0]);
    for &c in &coefficients[1..] {
        sum = sum * x + Pair::both(c);
    }
    sum
}

/// [`crate::special::erfcx`] for y ≥ 0.
#[inline(always)]
pub fn erfcx(y: Pair) -> Pair {
    let c = constants();
    let is_close = Pair::both(c.close_end).below(y).not();
    let is_distant = Pair::both(c.middle_end).below(y);
    let mut out = y;
    if !is_close.or(is_distant).all() {
        out = horner(&c.middle.0, y) / horner(&c.middle.1, y);
    }
    if is_close.any() {
        let one = Pair::both(c.one);
        let q = y * y;
        // e^q of q < ½ ln 2: nothing is to be reduced.
        let rest = remainder(q, c);
        let power = one + (q * rest / (Pair::both(c.two) - rest) + q);
        let power = q.below(Pair::bits(c.near_0)).choose(one + q, power);
        let near = power * (one - y * horner(&c.close.0, q) / horner(&c.close.1, q));
        out = is_close.choose(near, out);
    }
    if is_distant.any() {
        let square = Pair::both(c.one) / (y * y);
        let root = Pair::both(c.root);
        let far = (root - square * horner(&c.distant.0, square) / horner(&c.distant.1, square)) / y;
        out = is_distant.choose(far, out);
    }
    out
}

/// [`crate::special::mills`] for z ≥ 0.
#[inline(always)]
pub fn mills(z: Pair) -> Pair {
    let c = constants();
    Pair::both(c.mills) * erfcx(z * Pair::both(c.frac_1_sqrt_2))
}

/// [`crate::special::phi`].
#[inline(always)]
pub fn phi(z: Pair) -> Pair {
    let c = constants();
    Pair::both(c.phi) * exp(Pair::both(-c.half) * z * z)
}

/// What the functions here read. In wasm a constant that the compiler knows is made anew for each use, in three operations; one
/// that it has to load takes one ([`constants`]).
struct Constants {
    half: f64,
    one: f64,
    two: f64,
    infinity: f64,
    /// The smallest normal number.
    normal: f64,
    sign: u64,
    /// Adding 1.5·2⁵² rounds to the nearest integer and leaves it in the low bits.
    round: f64,
    log2_e: f64,
    /// ln 2 in two parts. The first ends in zero bits, so that its product with a small whole number is exact.
    ln2: [f64; 2],
    /// The least argument of [`quick_exp`], and P of it.
    least: f64,
    quick: [f64; 10],
    /// e^x of x below is 0; |x| below which it is a normal number.
    nothing: f64,
    plain: f64,
    /// The high words of |x| up to which libm's e^x is 1 + x, and from which k is not 0.
    near_0: u64,
    half_ln2: u64,
    /// The coefficients of [`remainder`].
    tail: [f64; 5],
    /// Those of [`log_pieces`], and the bits of [`split`].
    log: [f64; 7],
    up: u64,
    whole: u64,
    unbiased: f64,
    mantissa: u64,
    below_root: u64,
    /// High words of x up to which it is reduced by 0, 1, 2 or 3 quarters of a turn, and a quarter in two parts.
    edges: [u64; 4],
    quarter: [f64; 2],
    sin: [f64; 6],
    cos: [f64; 6],
    /// Where the approximations of [`erfcx`] meet, their coefficients, and 1/√π.
    close_end: f64,
    middle_end: f64,
    close: ([f64; 5], [f64; 5]),
    middle: ([f64; 9], [f64; 9]),
    distant: ([f64; 6], [f64; 6]),
    root: f64,
    /// √(π/2), 1/√2 and 1/√(2π).
    mills: f64,
    frac_1_sqrt_2: f64,
    phi: f64,
}

/// The high word of √½.
const BELOW_ROOT: u64 = 0x3fe6_a09e << 32;

static CONSTANTS: Constants = Constants {
    half: 0.5,
    one: 1.0,
    two: 2.0,
    infinity: f64::INFINITY,
    normal: f64::MIN_POSITIVE,
    sign: 1 << 63,
    round: 6_755_399_441_055_744.0,
    log2_e: std::f64::consts::LOG2_E,
    ln2: [
        6.931_471_803_691_238_164_90e-1,
        1.908_214_929_270_587_700_02e-10,
    ],
    least: -708.0,
    quick: EXP,
    nothing: -745.2,
    plain: 708.0,
    near_0: 0x3e30_0001 << 32,
    half_ln2: 0x3fd6_2e43 << 32,
    tail: [
        4.138_136_797_057_238_460_39e-8,
        -1.653_390_220_546_525_153_90e-6,
        6.613_756_321_437_934_361_17e-5,
        -2.777_777_777_701_559_338_42e-3,
        1.666_666_666_666_660_190_37e-1,
    ],
    log: [
        6.666_666_666_666_735_130e-1,
        3.999_999_999_940_941_908e-1,
        2.857_142_874_366_239_149e-1,
        2.222_219_843_214_978_396e-1,
        1.818_357_216_161_805_012e-1,
        1.531_383_769_920_937_332e-1,
        1.479_819_860_511_658_591e-1,
    ],
    up: (0x3ff0_0000 << 32) - BELOW_ROOT,
    // 2⁵², whose low bits hold a whole number.
    whole: 0x4330_0000_0000_0000,
    unbiased: 4_503_599_627_370_496.0 + 1023.0,
    mantissa: (1 << 52) - 1,
    below_root: BELOW_ROOT,
    edges: [
        0x3fe9_21fc << 32,
        0x4002_d97d << 32,
        0x400f_6a7b << 32,
        0x4015_fdbd << 32,
    ],
    quarter: [
        1.570_796_326_734_125_614_17,
        6.077_100_506_506_192_249_32e-11,
    ],
    sin: [
        -1.666_666_666_666_663_243_48e-1,
        8.333_333_333_322_489_461_24e-3,
        -1.984_126_982_985_794_931_34e-4,
        2.755_731_370_707_006_767_89e-6,
        -2.505_076_025_340_686_341_95e-8,
        1.589_690_995_211_550_102_21e-10,
    ],
    cos: [
        4.166_666_666_666_660_190_37e-2,
        -1.388_888_888_887_410_957_49e-3,
        2.480_158_728_947_672_941_78e-5,
        -2.755_731_435_139_066_330_35e-7,
        2.087_572_321_298_174_827_90e-9,
        -1.135_964_755_778_819_482_65e-11,
    ],
    close_end: 0.468_75,
    middle_end: 4.0,
    close: CLOSE,
    middle: MIDDLE,
    distant: DISTANT,
    root: 0.564_189_583_547_756_3,
    mills: SQRT_FRAC_PI_2,
    frac_1_sqrt_2: FRAC_1_SQRT_2,
    phi: super::FRAC_1_SQRT_TAU,
};

/// The table of the functions here, hidden from the compiler in wasm. Natively what it knows is part of the operations.
#[inline(always)]
fn constants() -> &'static Constants {
    match cfg!(target_arch = "wasm32") {
        true => std::hint::black_box(&CONSTANTS),
        false => &CONSTANTS,
    }
}

#[cfg(test)]
mod tests;
