//! The bits of pairs are those of single numbers, and the models are as exact as is said.

use super::*;
use crate::special;
use std::f64::consts::PI;

/// Numbers of all sizes between two, with many at the small end, and the neighbours of each.
fn ladder(from: f64, to: f64) -> Vec<f64> {
    let (a, b) = (from.to_bits(), to.to_bits());
    let steps = 200_003;
    let at = |i: u64| f64::from_bits(a + ((b - a) as u128 * i as u128 / steps as u128) as u64);
    (0..=steps).map(at).collect()
}

/// A function of one number and its twin of two, on each of `all` beside numbers of every other kind.
fn same(name: &str, all: &[f64], model: fn(f64) -> f64, pair: fn(Pair) -> Pair) {
    let bits = |x: f64| if x.is_nan() { u64::MAX } else { x.to_bits() };
    for (i, &x) in all.iter().enumerate() {
        let other = all[(i * 7919 + 13) % all.len()];
        for [a, b] in [[x, other], [other, x]] {
            let got = pair(Pair::new([a, b])).lanes();
            assert_eq!(bits(got[0]), bits(model(a)), "{name} of {a:e} beside {b:e}");
            assert_eq!(bits(got[1]), bits(model(b)), "{name} of {b:e} beside {a:e}");
        }
    }
}

const SPECIALS: [f64; 9] = [
    0.0,
    f64::MIN_POSITIVE,
    5e-324,
    1e-310,
    1.0,
    f64::MAX,
    f64::INFINITY,
    f64::NAN,
    0.5 * std::f64::consts::LN_2,
];

/// With both signs.
fn signed(list: &[f64]) -> Vec<f64> {
    list.iter().flat_map(|x| [*x, -x]).collect()
}

/// The numbers around the bits of a high word.
fn around(words: &[u64]) -> Vec<f64> {
    let of =
        |w: &u64| [-2i64, -1, 0, 1, 2].map(|d| f64::from_bits((w << 32).wrapping_add_signed(d)));
    words.iter().flat_map(of).collect()
}

#[test]
fn each_function_has_the_bits_of_its_model() {
    let exps = [
        signed(&SPECIALS),
        signed(&ladder(1e-320, 760.0)),
        signed(&ladder(1e-3, 745.0)),
        signed(&ladder(744.0, 746.0)),
        signed(&around(&[
            0x3e30_0000,
            0x3e30_0001,
            0x3fd6_2e42,
            0x3fd6_2e43,
        ])),
        signed(&around(&[
            0x3ff0_a2b1,
            0x3ff0_a2b2,
            0x3ff0_a2b3,
            0x4086_232b,
        ])),
    ];
    same("exp", &exps.concat(), libm::exp, exp);
    let quick = [vec![0.0, f64::NAN, -0.0], ladder(1e-320, 800.0)];
    let quick: Vec<f64> = quick.concat().iter().map(|x| -x).collect();
    same("quick exp", &quick, special::exp, |x| quick_exp([x])[0]);
    same("quick exp", &ladder(1e-300, 709.0), special::exp, |x| {
        quick_exp([x])[0]
    });
    let halves = signed(&[vec![0.0], ladder(1e-320, 1022.0), ladder(1e-3, 90.0)].concat());
    same("quick exp2", &halves, special::powers::exp2, |y| {
        quick_exp2([y], powers())[0]
    });
    let logs = [
        signed(&SPECIALS),
        ladder(5e-324, f64::MAX),
        ladder(0.5, 2.0),
        ladder(1.0 - 1e-13, 1.0 + 1e-13),
        around(&[0x3fe6_a09d, 0x3fe6_a09e, 0x3fe6_a09f, 0x3ff6_a09e]),
    ];
    same("log", &logs.concat(), libm::log, log);
    let turns = [
        signed(&SPECIALS),
        ladder(1e-9, 7.0),
        ladder(1e-3, 7.0),
        around(&[0x3fe9_21fb, 0x3fe9_21fc, 0x3ff9_21fb, 0x4002_d97c]),
        around(&[0x4009_21fb, 0x400f_6a7a, 0x400f_6a7b, 0x4012_d97c]),
        around(&[0x4015_fdbc, 0x4015_fdbd, 0x4019_21fb, 0x401c_463b]),
        around(&[0x3ff9_21fc, 0x4002_d97d, 0x4009_21fc, 0x401c_463c]),
    ];
    let turns = turns.concat();
    same("sin", &turns, |x| libm::sincos(x).0, |x| sincos(x).0);
    same("cos", &turns, |x| libm::sincos(x).1, |x| sincos(x).1);
    let heights = [
        vec![0.0, 0.468_75, 4.0, f64::INFINITY, f64::MAX],
        ladder(1e-320, 1e300),
        ladder(0.4, 0.5),
        ladder(0.5, 8.0),
    ];
    same("erfcx", &heights.concat(), special::erfcx, erfcx);
    same("mills", &heights.concat(), special::mills, mills);
    let sides = signed(&[ladder(1e-320, 50.0), ladder(0.1, 9.0)].concat());
    same("phi", &sides, special::phi, phi);
}

/// A number in two parts, of about 32 digits.
#[derive(Clone, Copy)]
struct Long(f64, f64);

impl Long {
    fn sum(a: f64, b: f64) -> Self {
        let s = a + b;
        let t = s - a;
        Self(s, (a - (s - t)) + (b - t))
    }

    fn plus(self, o: Self) -> Self {
        let Self(h, l) = Self::sum(self.0, o.0);
        Self::sum(h, l + (self.1 + o.1))
    }

    fn times(self, o: Self) -> Self {
        let halves = |x: f64| {
            let high = f64::from_bits(x.to_bits() & !((1 << 27) - 1));
            (high, x - high)
        };
        let (p, (a, b), (c, d)) = (self.0 * o.0, halves(self.0), halves(o.0));
        let rest = ((a * c - p) + a * d + b * c) + b * d;
        Self::sum(p, rest + (self.0 * o.1 + self.1 * o.0))
    }

    fn over(self, whole: f64) -> Self {
        let first = self.0 / whole;
        let product = Self(first, 0.0).times(Self(-whole, 0.0));
        Self::sum(first, self.plus(product).0 / whole)
    }
}

/// Σ xⁿ/n! over n = `first`, `first` + `step` … with the signs `sign`ⁿ.
fn series(x: Long, first: u32, step: u32, sign: f64) -> Long {
    let (mut term, mut sum) = (Long(1.0, 0.0), Long(0.0, 0.0));
    let mut turn = 1.0;
    for n in 0..60 {
        if n >= first && (n - first).is_multiple_of(step) {
            sum = sum.plus(Long(turn * term.0, turn * term.1));
            turn *= sign;
        }
        term = term.times(x).over(f64::from(n + 1));
    }
    sum
}

/// e^x for |x| ≤ 1000 as 2ᵏ times a long number.
fn long_exp(x: Long) -> (Long, i32) {
    let ln2 = Long(std::f64::consts::LN_2, 2.319_046_813_846_299_6e-17);
    let k = (x.0 / ln2.0).round();
    let r = x.plus(ln2.times(Long(-k, 0.0)));
    (series(r, 0, 1, 1.0), k as i32)
}

/// The distance of a number from a long one, in units of the last place of the long one.
fn ulps(x: f64, exact: Long) -> f64 {
    let ulp = f64::from_bits(exact.0.abs().to_bits() + 1) - exact.0.abs();
    (((x - exact.0) - exact.1) / ulp).abs()
}

#[test]
fn the_models_are_as_exact_as_is_said() {
    let mut worst = [0.0f64; 5];
    let mut see =
        |which: usize, x: f64, exact: Long| worst[which] = worst[which].max(ulps(x, exact));
    for i in 0..40_000 {
        let u = (f64::from(i) + 0.5) / 40_000.0;
        let x = 1400.0 * u - 700.0;
        let (exact, k) = long_exp(Long(x, 0.0));
        let scale = f64::from_bits(((1023 - k) as u64) << 52);
        see(0, libm::exp(x) * scale, exact);
        see(1, special::exp(x) * scale, exact);
        let y = 1.4 * x;
        let ln2 = Long(std::f64::consts::LN_2, 2.319_046_813_846_299_6e-17);
        let (exact, k) = long_exp(ln2.times(Long(y, 0.0)));
        let scale = f64::from_bits(((1023 - k) as u64) << 52);
        see(4, special::powers::exp2(y) * scale, exact);
        // One step of Newton's method from the value: log y = z + y·e^{−z} − 1, up to its square.
        let log_of = |y: Long, z: f64| {
            let (e, k) = long_exp(Long(-z, 0.0));
            let e = y.times(e);
            let scale = f64::from_bits(((1023 + k) as u64) << 52);
            Long(e.0 * scale, e.1 * scale)
                .plus(Long(-1.0, 0.0))
                .plus(Long(z, 0.0))
        };
        let y = u * u * 8.0;
        let z = libm::log(y);
        see(2, z, log_of(Long(y, 0.0), z));
        let turn = Long(2.0 * PI * u, 0.0);
        let (s, c) = libm::sincos(turn.0);
        see(3, s, series(turn, 1, 2, -1.0));
        see(3, c, series(turn, 0, 2, -1.0));
    }
    let [exp, quick, log, sincos, exp2] = worst;
    assert!(exp < 1.0 && exp > 0.5, "exp: {exp}");
    assert!(quick < 1.5 && quick > 0.5, "quick exp: {quick}");
    assert!(exp2 < 1.1 && exp2 > 0.5, "exp2: {exp2}");
    assert!(log < 1.0 && log > 0.5, "log: {log}");
    assert!(sincos < 1.0 && sincos > 0.5, "sincos: {sincos}");
}

#[test]
fn the_roots_of_two_are_rounded_to_the_nearest() {
    let ln2 = Long(std::f64::consts::LN_2, 2.319_046_813_846_299_6e-17);
    for (j, bits) in POWERS.roots.iter().enumerate() {
        let root = f64::from_bits(bits.wrapping_add((j as u64) << TO_EXPONENT));
        let exact = series(ln2.times(Long(j as f64 / 64.0, 0.0)), 0, 1, 1.0);
        assert!(ulps(root, exact) <= 0.5, "2^({j}/64) is not {root}");
    }
}
