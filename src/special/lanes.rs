//! Two f64 that go through the same operations together.
//!
//! A lane has the bits that plain f64 have after the same operations, natively and in wasm: no operation looks across lanes,
//! and none is fused. In wasm a pair is one vector register; natively it is an array, which the compiler keeps in one.
//!
//! Held by `src/special/lanes.rs`: `a_lane_is_a_plain_number`.

/// Numbers of a [`Pair`].
pub const LANES: usize = 2;

#[cfg(target_arch = "wasm32")]
mod lane {
    use std::arch::wasm32::*;

    /// Two f64, or their bits.
    #[derive(Clone, Copy)]
    pub struct Pair(v128);

    impl Pair {
        /// These two numbers.
        #[inline(always)]
        pub fn new([a, b]: [f64; 2]) -> Self {
            Self(f64x2(a, b))
        }

        /// The two numbers.
        #[inline(always)]
        pub fn lanes(self) -> [f64; 2] {
            [
                f64x2_extract_lane::<0>(self.0),
                f64x2_extract_lane::<1>(self.0),
            ]
        }

        /// The same bits in both lanes.
        #[inline(always)]
        pub fn bits(bits: u64) -> Self {
            Self(u64x2_splat(bits))
        }

        #[inline(always)]
        pub(super) fn plus(self, other: Self) -> Self {
            Self(f64x2_add(self.0, other.0))
        }

        #[inline(always)]
        pub(super) fn minus(self, other: Self) -> Self {
            Self(f64x2_sub(self.0, other.0))
        }

        #[inline(always)]
        pub(super) fn times(self, other: Self) -> Self {
            Self(f64x2_mul(self.0, other.0))
        }

        #[inline(always)]
        pub(super) fn over(self, other: Self) -> Self {
            Self(f64x2_div(self.0, other.0))
        }

        /// √.
        #[inline(always)]
        pub fn sqrt(self) -> Self {
            Self(f64x2_sqrt(self.0))
        }

        /// The whole part.
        #[inline(always)]
        pub fn trunc(self) -> Self {
            Self(f64x2_trunc(self.0))
        }

        /// All bits of a lane where `self` < `other`, else none.
        #[inline(always)]
        pub fn below(self, other: Self) -> Self {
            Self(f64x2_lt(self.0, other.0))
        }

        /// `self` where it is < `other`, else `other`.
        #[inline(always)]
        pub fn least(self, other: Self) -> Self {
            Self(f64x2_pmin(other.0, self.0))
        }

        /// `other` where `self` < it, else `self`.
        #[inline(always)]
        pub fn most(self, other: Self) -> Self {
            Self(f64x2_pmax(self.0, other.0))
        }

        /// Bits of both.
        #[inline(always)]
        pub fn and(self, other: Self) -> Self {
            Self(v128_and(self.0, other.0))
        }

        /// Bits that `other` has not.
        #[inline(always)]
        pub fn without(self, other: Self) -> Self {
            Self(v128_andnot(self.0, other.0))
        }

        /// Bits of either.
        #[inline(always)]
        pub fn or(self, other: Self) -> Self {
            Self(v128_or(self.0, other.0))
        }

        /// Bits of one of the two.
        #[inline(always)]
        pub fn xor(self, other: Self) -> Self {
            Self(v128_xor(self.0, other.0))
        }

        /// The sum of the bits as whole numbers.
        #[inline(always)]
        pub fn plus_bits(self, other: Self) -> Self {
            Self(i64x2_add(self.0, other.0))
        }

        /// The bits, `BY` places to the left.
        #[inline(always)]
        pub fn left<const BY: u32>(self) -> Self {
            Self(i64x2_shl(self.0, BY))
        }

        /// The bits, `BY` places to the right.
        #[inline(always)]
        pub fn right<const BY: u32>(self) -> Self {
            Self(u64x2_shr(self.0, BY))
        }

        /// Without signs.
        #[inline(always)]
        pub fn abs(self) -> Self {
            Self(f64x2_abs(self.0))
        }

        /// With the other sign.
        #[inline(always)]
        pub fn negative(self) -> Self {
            Self(f64x2_neg(self.0))
        }

        /// All other bits.
        #[inline(always)]
        #[allow(clippy::should_implement_trait, reason = "a mask, not a number")]
        pub fn not(self) -> Self {
            Self(v128_not(self.0))
        }

        /// Of each lane the entry of a table of 64 whose place its low six bits are.
        #[inline(always)]
        pub fn of(self, table: &[u64; 64]) -> Self {
            let place = |word: i32| word as usize % 64;
            let first = u64x2_splat(table[place(i32x4_extract_lane::<0>(self.0))]);
            let second = table[place(i32x4_extract_lane::<2>(self.0))];
            Self(u64x2_replace_lane::<1>(first, second))
        }

        /// Of a mask: whether both lanes are true.
        #[inline(always)]
        pub fn all(self) -> bool {
            i64x2_all_true(self.0)
        }

        /// Of a mask: whether a lane is true.
        #[inline(always)]
        pub fn any(self) -> bool {
            v128_any_true(self.0)
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod lane {
    /// Two f64, or their bits.
    #[derive(Clone, Copy)]
    pub struct Pair([f64; 2]);

    impl Pair {
        /// These two numbers.
        #[inline(always)]
        pub fn new(lanes: [f64; 2]) -> Self {
            Self(lanes)
        }

        /// The two numbers.
        #[inline(always)]
        pub fn lanes(self) -> [f64; 2] {
            self.0
        }

        /// The same bits in both lanes.
        #[inline(always)]
        pub fn bits(bits: u64) -> Self {
            Self([f64::from_bits(bits); 2])
        }

        #[inline(always)]
        fn with(self, other: Self, of: impl Fn(f64, f64) -> f64) -> Self {
            Self([of(self.0[0], other.0[0]), of(self.0[1], other.0[1])])
        }

        #[inline(always)]
        fn with_bits(self, other: Self, of: impl Fn(u64, u64) -> u64) -> Self {
            self.with(other, |a, b| f64::from_bits(of(a.to_bits(), b.to_bits())))
        }

        #[inline(always)]
        pub(super) fn plus(self, other: Self) -> Self {
            self.with(other, |a, b| a + b)
        }

        #[inline(always)]
        pub(super) fn minus(self, other: Self) -> Self {
            self.with(other, |a, b| a - b)
        }

        #[inline(always)]
        pub(super) fn times(self, other: Self) -> Self {
            self.with(other, |a, b| a * b)
        }

        #[inline(always)]
        pub(super) fn over(self, other: Self) -> Self {
            self.with(other, |a, b| a / b)
        }

        /// √.
        #[inline(always)]
        pub fn sqrt(self) -> Self {
            self.with(self, |a, _| a.sqrt())
        }

        /// The whole part, of numbers below 2⁵¹.
        #[inline(always)]
        pub fn trunc(self) -> Self {
            // Adding 1.5·2⁵² rounds to the nearest integer, which may be one too far from 0.
            const ROUND: f64 = 6_755_399_441_055_744.0;
            self.with(self, |a, _| {
                let near = (a.abs() + ROUND) - ROUND;
                let far = if a.abs() < near { 1.0 } else { 0.0 };
                (near - far).copysign(a)
            })
        }

        /// All bits of a lane where `self` < `other`, else none.
        #[inline(always)]
        pub fn below(self, other: Self) -> Self {
            self.with(other, |a, b| {
                f64::from_bits(if a < b { u64::MAX } else { 0 })
            })
        }

        /// `self` where it is < `other`, else `other`.
        #[inline(always)]
        pub fn least(self, other: Self) -> Self {
            self.with(other, |a, b| if a < b { a } else { b })
        }

        /// `other` where `self` < it, else `self`.
        #[inline(always)]
        pub fn most(self, other: Self) -> Self {
            self.with(other, |a, b| if a < b { b } else { a })
        }

        /// Bits of both.
        #[inline(always)]
        pub fn and(self, other: Self) -> Self {
            self.with_bits(other, |a, b| a & b)
        }

        /// Bits that `other` has not.
        #[inline(always)]
        pub fn without(self, other: Self) -> Self {
            self.with_bits(other, |a, b| a & !b)
        }

        /// Bits of either.
        #[inline(always)]
        pub fn or(self, other: Self) -> Self {
            self.with_bits(other, |a, b| a | b)
        }

        /// Bits of one of the two.
        #[inline(always)]
        pub fn xor(self, other: Self) -> Self {
            self.with_bits(other, |a, b| a ^ b)
        }

        /// The sum of the bits as whole numbers.
        #[inline(always)]
        pub fn plus_bits(self, other: Self) -> Self {
            self.with_bits(other, u64::wrapping_add)
        }

        /// The bits, `BY` places to the left.
        #[inline(always)]
        pub fn left<const BY: u32>(self) -> Self {
            self.with_bits(self, |a, _| a << BY)
        }

        /// The bits, `BY` places to the right.
        #[inline(always)]
        pub fn right<const BY: u32>(self) -> Self {
            self.with_bits(self, |a, _| a >> BY)
        }

        /// Without signs.
        #[inline(always)]
        pub fn abs(self) -> Self {
            self.with(self, |a, _| a.abs())
        }

        /// With the other sign.
        #[inline(always)]
        pub fn negative(self) -> Self {
            self.with(self, |a, _| -a)
        }

        /// All other bits.
        #[inline(always)]
        #[allow(clippy::should_implement_trait, reason = "a mask, not a number")]
        pub fn not(self) -> Self {
            self.with_bits(self, |a, _| !a)
        }

        /// Of each lane the entry of a table of 64 whose place its low six bits are.
        #[inline(always)]
        pub fn of(self, table: &[u64; 64]) -> Self {
            self.with_bits(self, |a, _| table[a as usize % 64])
        }

        /// Of a mask: whether both lanes are true.
        #[inline(always)]
        pub fn all(self) -> bool {
            self.0[0].to_bits() & self.0[1].to_bits() != 0
        }

        /// Of a mask: whether a lane is true.
        #[inline(always)]
        pub fn any(self) -> bool {
            self.0[0].to_bits() | self.0[1].to_bits() != 0
        }
    }
}

pub use lane::Pair;

impl Pair {
    /// The same number in both lanes.
    #[inline(always)]
    pub fn both(x: f64) -> Self {
        Self::new([x; LANES])
    }

    /// `yes` where the mask `self` is true, else `no`.
    #[inline(always)]
    pub fn choose(self, yes: Self, no: Self) -> Self {
        yes.and(self).or(no.without(self))
    }

    /// A function of each number.
    #[inline(always)]
    pub fn each(self, of: impl Fn(f64) -> f64) -> Self {
        let [a, b] = self.lanes();
        Self::new([of(a), of(b)])
    }
}

/// The operators + − · / of lanes, by their methods `plus`, `minus`, `times` and `over`.
macro_rules! operators {
    ($lanes:ident) => {
        operators!($lanes: Add add plus, Sub sub minus, Mul mul times, Div div over);
    };
    ($lanes:ident: $($operator:ident $method:ident $own:ident),+) => {
        $(
            impl std::ops::$operator for $lanes {
                type Output = Self;
                #[inline(always)]
                fn $method(self, other: Self) -> Self {
                    self.$own(other)
                }
            }
        )+
    };
}
pub(crate) use operators;

operators!(Pair);

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: [f64; 12] = [
        0.0,
        -0.0,
        1.0,
        -1.5,
        2.5,
        -1e-310,
        3e-5,
        1e15,
        -7e200,
        f64::MAX,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];

    #[test]
    fn a_lane_is_a_plain_number() {
        let same = |pair: Pair, plain: [f64; 2], what: &str| {
            let bits = |x: [f64; 2]| x.map(|x| if x.is_nan() { 1 } else { x.to_bits() });
            assert_eq!(bits(pair.lanes()), bits(plain), "{what}");
        };
        let mask = |is: bool| f64::from_bits(if is { u64::MAX } else { 0 });
        for a in SOME {
            for b in SOME {
                let (x, y) = (Pair::new([a, b]), Pair::new([b, 0.5]));
                let of = |f: &dyn Fn(f64, f64) -> f64| [f(a, b), f(b, 0.5)];
                same(x + y, of(&|a, b| a + b), "sum");
                same(x - y, of(&|a, b| a - b), "difference");
                same(x * y, of(&|a, b| a * b), "product");
                same(x / y, of(&|a, b| a / b), "quotient");
                same(x.least(y), of(&|a, b| if a < b { a } else { b }), "least");
                same(x.most(y), of(&|a, b| if a < b { b } else { a }), "most");
                same(x.abs(), of(&|a, _| a.abs()), "size");
                same(x.negative(), of(&|a, _| -a), "negative");
                same(x.abs().sqrt(), of(&|a, _| a.abs().sqrt()), "root");
                let small = x.each(|a| a.clamp(-1e15, 1e15));
                same(
                    small.trunc(),
                    of(&|a, _| a.clamp(-1e15, 1e15).trunc()),
                    "whole part",
                );
                let less = x.below(y);
                let all = [a < b, b < 0.5];
                assert_eq!((less.all(), less.any()), (all[0] & all[1], all[0] | all[1]));
                let bits = less.lanes().map(f64::to_bits);
                assert_eq!(bits, all.map(|is| mask(is).to_bits()));
                same(
                    less.choose(x, y),
                    of(&|a, b| if a < b { a } else { b }),
                    "chosen",
                );
                let shifted = |f: &dyn Fn(u64) -> u64| [a, b].map(|x| f(x.to_bits()));
                let got = |x: Pair| x.lanes().map(f64::to_bits);
                assert_eq!(got(x.left::<52>()), shifted(&|a| a << 52));
                assert_eq!(got(x.right::<52>()), shifted(&|a| a >> 52));
                let table = std::array::from_fn(|i| 3 * i as u64 + 1);
                assert_eq!(got(x.of(&table)), shifted(&|a| table[(a & 63) as usize]));
                let one = Pair::bits(1);
                assert_eq!(got(x.plus_bits(one)), shifted(&|a| a.wrapping_add(1)));
            }
        }
    }
}
