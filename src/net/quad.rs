//! Four f32 that go through the same operations together.
//!
//! A lane has the bits that a plain f32 has after the same operations, natively and in wasm: no operation looks across lanes, and
//! none is fused. In wasm the four are one vector register; natively they are an array, which the compiler keeps in registers.
//!
//! Held by `src/net/quad.rs`: `a_lane_is_a_plain_number`.

use crate::special::lanes::operators;
use std::ops::Add;
use std::ops::Div;
use std::ops::Mul;
use std::ops::Sub;

/// An f32, or four of them.
pub trait Number:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// This number, in each lane.
    fn all(x: f32) -> Self;

    /// `self` where it is < `other`, else `other`.
    fn least(self, other: Self) -> Self;

    /// `other` where `self` < it, else `self`.
    fn most(self, other: Self) -> Self;

    /// `self`·2ⁿ, where n is what the low bits of `shifted` say. Both `self` and the result must be normal numbers.
    fn scaled(self, shifted: Self) -> Self;
}

/// Adding these bits to those of a normal number multiplies it by 2ⁿ.
const EXPONENT: u32 = 23;

impl Number for f32 {
    #[inline(always)]
    fn all(x: f32) -> Self {
        x
    }

    #[inline(always)]
    fn least(self, other: Self) -> Self {
        if self < other { self } else { other }
    }

    #[inline(always)]
    fn most(self, other: Self) -> Self {
        if self < other { other } else { self }
    }

    #[inline(always)]
    fn scaled(self, shifted: Self) -> Self {
        Self::from_bits(self.to_bits().wrapping_add(shifted.to_bits() << EXPONENT))
    }
}

#[cfg(target_arch = "wasm32")]
mod lane {
    use super::EXPONENT;
    use std::arch::wasm32::*;

    /// Four f32.
    #[derive(Debug, Clone, Copy)]
    pub struct Quad(v128);

    impl Quad {
        /// Four zeros.
        pub const ZERO: Self = Self(f32x4(0.0, 0.0, 0.0, 0.0));
        /// Four ones.
        pub const ONE: Self = Self(f32x4(1.0, 1.0, 1.0, 1.0));

        /// These numbers.
        #[inline(always)]
        pub fn new([a, b, c, d]: [f32; 4]) -> Self {
            Self(f32x4(a, b, c, d))
        }

        /// The numbers.
        #[inline(always)]
        pub fn lanes(self) -> [f32; 4] {
            [
                f32x4_extract_lane::<0>(self.0),
                f32x4_extract_lane::<1>(self.0),
                f32x4_extract_lane::<2>(self.0),
                f32x4_extract_lane::<3>(self.0),
            ]
        }

        /// Each of the numbers in all lanes.
        #[inline(always)]
        pub fn each(self) -> [Self; 4] {
            [
                Self(i32x4_shuffle::<0, 0, 0, 0>(self.0, self.0)),
                Self(i32x4_shuffle::<1, 1, 1, 1>(self.0, self.0)),
                Self(i32x4_shuffle::<2, 2, 2, 2>(self.0, self.0)),
                Self(i32x4_shuffle::<3, 3, 3, 3>(self.0, self.0)),
            ]
        }

        /// Lane i of Quad j becomes lane j of Quad i.
        #[inline(always)]
        pub fn turned([a, b, c, d]: [Self; 4]) -> [Self; 4] {
            let low = |a: Self, b: Self| i32x4_shuffle::<0, 4, 1, 5>(a.0, b.0);
            let high = |a: Self, b: Self| i32x4_shuffle::<2, 6, 3, 7>(a.0, b.0);
            let (ab, cd) = ([low(a, b), high(a, b)], [low(c, d), high(c, d)]);
            [
                Self(i64x2_shuffle::<0, 2>(ab[0], cd[0])),
                Self(i64x2_shuffle::<1, 3>(ab[0], cd[0])),
                Self(i64x2_shuffle::<0, 2>(ab[1], cd[1])),
                Self(i64x2_shuffle::<1, 3>(ab[1], cd[1])),
            ]
        }

        #[inline(always)]
        pub(super) fn splat(x: f32) -> Self {
            Self(f32x4_splat(x))
        }

        #[inline(always)]
        pub(super) fn plus(self, other: Self) -> Self {
            Self(f32x4_add(self.0, other.0))
        }

        #[inline(always)]
        pub(super) fn minus(self, other: Self) -> Self {
            Self(f32x4_sub(self.0, other.0))
        }

        #[inline(always)]
        pub(super) fn times(self, other: Self) -> Self {
            Self(f32x4_mul(self.0, other.0))
        }

        #[inline(always)]
        pub(super) fn over(self, other: Self) -> Self {
            Self(f32x4_div(self.0, other.0))
        }

        // `pmin` and `pmax` are one instruction each; `min` and `max` are seven, to treat NaN alike on all machines.
        #[inline(always)]
        pub(super) fn lower(self, other: Self) -> Self {
            Self(f32x4_pmin(other.0, self.0))
        }

        #[inline(always)]
        pub(super) fn upper(self, other: Self) -> Self {
            Self(f32x4_pmax(self.0, other.0))
        }

        #[inline(always)]
        pub(super) fn scale(self, shifted: Self) -> Self {
            Self(i32x4_add(self.0, i32x4_shl(shifted.0, EXPONENT)))
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod lane {
    use super::Number;

    /// Four f32.
    #[derive(Debug, Clone, Copy)]
    pub struct Quad([f32; 4]);

    impl Quad {
        /// Four zeros.
        pub const ZERO: Self = Self([0.0; 4]);
        /// Four ones.
        pub const ONE: Self = Self([1.0; 4]);

        /// These numbers.
        #[inline(always)]
        pub fn new(lanes: [f32; 4]) -> Self {
            Self(lanes)
        }

        /// The numbers.
        #[inline(always)]
        pub fn lanes(self) -> [f32; 4] {
            self.0
        }

        /// Each of the numbers in all lanes.
        #[inline(always)]
        pub fn each(self) -> [Self; 4] {
            let [a, b, c, d] = self.0;
            [Self([a; 4]), Self([b; 4]), Self([c; 4]), Self([d; 4])]
        }

        /// Lane i of Quad j becomes lane j of Quad i.
        #[inline(always)]
        pub fn turned([a, b, c, d]: [Self; 4]) -> [Self; 4] {
            let (a, b, c, d) = (a.0, b.0, c.0, d.0);
            [
                Self([a[0], b[0], c[0], d[0]]),
                Self([a[1], b[1], c[1], d[1]]),
                Self([a[2], b[2], c[2], d[2]]),
                Self([a[3], b[3], c[3], d[3]]),
            ]
        }

        #[inline(always)]
        pub(super) fn splat(x: f32) -> Self {
            Self([x; 4])
        }

        #[inline(always)]
        fn with(self, other: Self, of: impl Fn(f32, f32) -> f32) -> Self {
            let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
            Self([of(a, e), of(b, f), of(c, g), of(d, h)])
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

        #[inline(always)]
        pub(super) fn lower(self, other: Self) -> Self {
            self.with(other, Number::least)
        }

        #[inline(always)]
        pub(super) fn upper(self, other: Self) -> Self {
            self.with(other, Number::most)
        }

        #[inline(always)]
        pub(super) fn scale(self, shifted: Self) -> Self {
            self.with(shifted, Number::scaled)
        }
    }
}

pub use lane::Quad;

impl Number for Quad {
    #[inline(always)]
    fn all(x: f32) -> Self {
        Self::splat(x)
    }

    #[inline(always)]
    fn least(self, other: Self) -> Self {
        self.lower(other)
    }

    #[inline(always)]
    fn most(self, other: Self) -> Self {
        self.upper(other)
    }

    #[inline(always)]
    fn scaled(self, shifted: Self) -> Self {
        self.scale(shifted)
    }
}

operators!(Quad);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_a_plain_number() {
        let some = [0.0, -0.0, 1.0, -1.5, 3e-5, -7e30, f32::INFINITY, f32::NAN];
        let bits = |x: f32| if x.is_nan() { 1 } else { x.to_bits() };
        for a in some {
            for b in some {
                let (x, y) = ([a, b, 2.5, -0.25], [b, 0.5, a, -8.0]);
                let same = |got: Quad, of: &dyn Fn(f32, f32) -> f32, what: &str| {
                    for (i, got) in got.lanes().into_iter().enumerate() {
                        assert_eq!(bits(got), bits(of(x[i], y[i])), "{what} of {x:?} and {y:?}");
                    }
                };
                let (p, q) = (Quad::new(x), Quad::new(y));
                same(p + q, &|a, b| a + b, "sum");
                same(p - q, &|a, b| a - b, "difference");
                same(p * q, &|a, b| a * b, "product");
                same(p / q, &|a, b| a / b, "quotient");
                same(p.least(q), &|a, b| if a < b { a } else { b }, "least");
                same(p.most(q), &|a, b| if a < b { b } else { a }, "most");
                same(Quad::all(a), &|_, _| a, "all");
            }
        }
        let count = [0.0, 4.0, 8.0, 12.0].map(|x| Quad::new([x, x + 1.0, x + 2.0, x + 3.0]));
        for (i, quad) in Quad::turned(count).into_iter().enumerate() {
            assert_eq!(quad.lanes(), [0.0, 4.0, 8.0, 12.0].map(|x| x + i as f32));
        }
        for (i, quad) in count[1].each().into_iter().enumerate() {
            assert_eq!(quad.lanes(), [4.0 + i as f32; 4]);
        }
        // 1.5·2²³ + n has n in its low bits.
        let shifted = |n: f32| 12_582_912.0 + n;
        for n in [-126.0, -1.0, 0.0, 5.0, 126.0] {
            let got = Quad::new([1.0, 1.25, 1.4, 1.0]).scaled(Quad::all(shifted(n)));
            let power = 2.0f64.powf(f64::from(n)) as f32;
            assert_eq!(got.lanes(), [1.0, 1.25, 1.4, 1.0].map(|x| x * power));
            assert_eq!(1.25f32.scaled(shifted(n)), 1.25 * power);
        }
    }
}
