//! The numbers of the transforms.

use rustfft::num_traits::{FromPrimitive, Num, One, Signed, Zero};
use std::f64::consts::TAU;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

/// A number in double precision. It differs from `f64` in one thing: a factor of a transform is libm's.
///
/// rustfft makes its factors cos(2πj/n) and sin(2πj/n) with the sine of the platform, whose last bit differs between native
/// machines and WebAssembly, and hands them over by `from_f64`. Held by `tests/kolmogorov/bits.rs`, and by
/// `src/dynamics/kolmogorov/number.rs`: `a_factor_is_that_of_libm_whatever_its_last_bits`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Number(pub f64);

impl Number {
    /// Factors of transforms whose length divides this are made exact: 32, 48, 64 and 96 are in use.
    pub const CIRCLE: usize = 192;

    /// How far a factor of the platform may be from that of libm.
    const NEAR: f64 = 1e-14;

    /// cos(2πj/192) where `value` is that to rounding, else `value`.
    fn exact(value: f64) -> f64 {
        let circle = Self::CIRCLE as f64;
        let j = libm::round(libm::acos(value.clamp(-1.0, 1.0)) / TAU * circle);
        let factor = libm::cos(TAU * j / circle);
        if (factor - value).abs() < Self::NEAR {
            factor
        } else {
            value
        }
    }
}

impl FromPrimitive for Number {
    fn from_i64(n: i64) -> Option<Self> {
        Some(Self(n as f64))
    }

    fn from_u64(n: u64) -> Option<Self> {
        Some(Self(n as f64))
    }

    fn from_f64(value: f64) -> Option<Self> {
        Some(Self(Self::exact(value)))
    }
}

/// Operators that are those of `f64`.
macro_rules! operators {
    ($($operator:ident $name:ident),*) => {$(
        impl $operator for Number {
            type Output = Self;

            fn $name(self, other: Self) -> Self {
                Self($operator::$name(self.0, other.0))
            }
        }
    )*};
}

operators!(Add add, Sub sub, Mul mul, Div div, Rem rem);

impl Neg for Number {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Zero for Number {
    fn zero() -> Self {
        Self(0.0)
    }

    fn is_zero(&self) -> bool {
        self.0 == 0.0
    }
}

impl One for Number {
    fn one() -> Self {
        Self(1.0)
    }
}

impl Num for Number {
    type FromStrRadixErr = <f64 as Num>::FromStrRadixErr;

    fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
        f64::from_str_radix(text, radix).map(Self)
    }
}

impl Signed for Number {
    fn abs(&self) -> Self {
        Self(self.0.abs())
    }

    fn abs_sub(&self, other: &Self) -> Self {
        Self((self.0 - other.0).max(0.0))
    }

    fn signum(&self) -> Self {
        Self(self.0.signum())
    }

    fn is_positive(&self) -> bool {
        self.0.is_sign_positive()
    }

    fn is_negative(&self) -> bool {
        self.0.is_sign_negative()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_that_of_libm_whatever_its_last_bits() {
        for n in [32, 48, 64, 96] {
            for j in 0..n {
                let angle = TAU * j as f64 / n as f64;
                let at = j * Number::CIRCLE / n;
                let fold = at.min(Number::CIRCLE - at); // the cosine of both is one number
                let exact = libm::cos(TAU * fold as f64 / Number::CIRCLE as f64);
                for wrong in [-3.0, -1.0, 0.0, 1.0, 3.0] {
                    let near = libm::cos(angle) + wrong * f64::EPSILON;
                    assert_eq!(Number::from_f64(near), Some(Number(exact)), "{j}/{n}");
                }
            }
        }
        assert_eq!(Number::from_f64(0.3), Some(Number(0.3)));
    }
}
