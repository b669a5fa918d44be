//! Decimal numbers as text, read to the nearest f64.
//!
//! The functions of std for this have a table of 651 powers of five. It is 10 kB that no compression makes smaller, at the
//! beginning of each visit, for the few numbers of a link.

/// Digits of a number that is read with one multiplication or division.
const SHORT: usize = 15;
/// Largest power of ten that is an f64.
const POWERS: i64 = 22;
/// A number 0.d₁d₂…·10ᵖ, d₁ > 0, rounds to zero below the first p, and to infinity above the second.
const REACH: (i64, i64) = (-323, 309);
/// Bits of the mantissa; units of the last place of the smallest numbers, 2⁻¹⁰⁷⁴.
const BITS: (i32, i32) = (53, 1074);
/// Largest power of two in one multiplication or division of digits.
const STEP: i64 = 60;
/// Larger exponents than any text has digits are cut to this one.
const FAR: i64 = 1 << 50;

/// The f64 nearest to a decimal number, the even one of two that are equally near; `None` where the text is not one. It reads what
/// `str::parse` reads, to the same bits: also `inf`, `infinity` and `nan`, in letters of any case.
///
/// Held by `src/decimal.rs`: `texts_have_the_bits_of_std`, `hard_numbers_have_the_bits_of_std`.
pub fn read(text: &str) -> Option<f64> {
    let (sign, size) = match text.as_bytes() {
        [b'-', rest @ ..] => (-1.0, rest),
        [b'+', rest @ ..] => (1.0, rest),
        rest => (1.0, rest),
    };
    let words = [
        ("inf", f64::INFINITY),
        ("infinity", f64::INFINITY),
        ("nan", f64::NAN),
    ];
    let word = words
        .iter()
        .find(|(word, _)| size.eq_ignore_ascii_case(word.as_bytes()));
    let size = match word {
        Some((_, value)) => *value,
        None => number(size)?,
    };
    Some(f64::copysign(size, sign))
}

/// A number without a sign.
fn number(text: &[u8]) -> Option<f64> {
    let end = text.iter().position(|byte| matches!(byte, b'e' | b'E'));
    let (mantissa, exponent) = match end {
        Some(end) => (&text[..end], exponent(&text[end + 1..])?),
        None => (text, 0),
    };
    let mut digits = vec![];
    let mut place = 0;
    let (mut is_number, mut is_fraction) = (false, false);
    for byte in mantissa {
        if *byte == b'.' && !is_fraction {
            is_fraction = true;
            continue;
        }
        let digit = digit(*byte)?;
        is_number = true;
        let is_leading = digits.is_empty() && digit == 0;
        if !is_leading {
            digits.push(digit);
        }
        place += i64::from(!is_leading) - i64::from(is_fraction);
    }
    is_number.then(|| nearest(digits, place + exponent))
}

fn exponent(text: &[u8]) -> Option<i64> {
    let (sign, size) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    if size.is_empty() {
        return None;
    }
    let far = |size: i64, byte: &u8| Some((10 * size + i64::from(digit(*byte)?)).min(FAR));
    Some(sign * size.iter().try_fold(0, far)?)
}

fn digit(byte: u8) -> Option<u8> {
    byte.is_ascii_digit().then(|| byte - b'0')
}

/// The f64 nearest to 0.d₁d₂…·10ᵖ with p = `place`; 0 where there is no digit. d₁ > 0.
fn nearest(mut digits: Vec<u8>, place: i64) -> f64 {
    if digits.is_empty() || place < REACH.0 {
        return 0.0;
    }
    if place > REACH.1 {
        return f64::INFINITY;
    }
    let power = place - digits.len() as i64;
    if digits.len() <= SHORT && power.abs() <= POWERS {
        // Both are exact, so that the result is rounded once.
        let whole = whole(digits.iter()) as f64;
        let ten = (0..power.abs()).fold(1.0, |ten, _| 10.0 * ten);
        return if power < 0 { whole / ten } else { whole * ten };
    }
    digits.reverse();
    let mut decimal = Decimal { digits, place };
    // The number is the decimal times 2^exponent, the decimal at least 1/2 and below 1.
    let mut exponent = 0;
    while decimal.place > 0 {
        exponent += decimal.divide((3 * decimal.place).min(STEP));
    }
    while decimal.place < 0 || decimal.digits.last().is_some_and(|first| *first < 5) {
        exponent -= decimal.multiply((-3 * decimal.place).clamp(1, STEP));
    }
    let bits = BITS.0.min(exponent + BITS.1);
    if bits < 0 {
        return 0.0;
    }
    decimal.multiply(i64::from(bits));
    libm::scalbn(decimal.rounded() as f64, exponent - bits)
}

/// The whole number of some digits.
fn whole<'d>(digits: impl Iterator<Item = &'d u8>) -> u64 {
    digits.fold(0, |whole, digit| 10 * whole + u64::from(*digit))
}

/// The number 0.d₁d₂…dₙ·10ᵖ, exactly.
struct Decimal {
    /// dₙ, …, d₁.
    digits: Vec<u8>,
    /// p.
    place: i64,
}

impl Decimal {
    /// Divides by 2ᵏ, k ≤ [`STEP`]. Returns k.
    fn divide(&mut self, k: i64) -> i32 {
        let mut out = vec![];
        let mut left = 0u64;
        while left > 0 || !self.digits.is_empty() {
            left = 10 * left + u64::from(self.digits.pop().unwrap_or(0));
            let digit = (left >> k) as u8;
            left &= (1 << k) - 1;
            if out.is_empty() && digit == 0 {
                self.place -= 1;
            } else {
                out.push(digit);
            }
        }
        out.reverse();
        self.digits = out;
        k as i32
    }

    /// Multiplies by 2ᵏ, k ≤ [`STEP`]. Returns k.
    fn multiply(&mut self, k: i64) -> i32 {
        let mut carry = 0u64;
        for digit in &mut self.digits {
            carry += u64::from(*digit) << k;
            *digit = (carry % 10) as u8;
            carry /= 10;
        }
        while carry > 0 {
            self.digits.push((carry % 10) as u8);
            carry /= 10;
            self.place += 1;
        }
        k as i32
    }

    /// The nearest whole number, the even one of two. 0 ≤ p < n.
    fn rounded(&self) -> u64 {
        let (below, above) = self
            .digits
            .split_at(self.digits.len() - self.place as usize);
        let whole = whole(above.iter().rev());
        let up = match below.split_last() {
            Some((5, rest)) => rest.iter().any(|digit| *digit > 0) || !whole.is_multiple_of(2),
            Some((first, _)) => *first > 5,
            None => false,
        };
        whole + u64::from(up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn same(text: &str) {
        let bits = |x: f64| x.to_bits();
        let std = text.parse::<f64>().ok();
        assert_eq!(read(text).map(bits), std.map(bits), "{text}");
    }

    proptest! {
        #[test]
        fn texts_have_the_bits_of_std(text in "[-+]?[0-9]{0,25}[.]?[0-9]{0,25}([eE][-+]?[0-9]{0,3})?") {
            same(&text);
        }

        #[test]
        fn written_numbers_have_the_bits_of_std(bits: u64, digits in 0usize..40) {
            let x = f64::from_bits(bits);
            for text in [format!("{x}"), format!("{x:e}"), format!("{x:.digits$e}")] {
                same(&text);
            }
            // In the middle of two, a little below and a little above.
            let middle = u128::from(bits >> 11 | 1 << 52) * 2 + 1;
            for text in [middle - 1, middle, middle + 1].map(|x| x << (digits + 10)) {
                same(&format!("{text}"));
                same(&format!("{text}.0000001"));
                same(&format!("{text}e-{digits}"));
            }
        }

        #[test]
        fn what_is_no_number_is_refused_as_by_std(text in "[-+.0-9eEinftyaNIAF ]{0,8}") {
            same(&text);
        }
    }

    #[test]
    fn hard_numbers_have_the_bits_of_std() {
        let middle = |bits: u64| {
            // All digits of the number between this subnormal one and the next.
            let twice = f64::from_bits(2 * bits + 1);
            let text = format!("{twice:.1080}");
            let digits: Vec<u8> = text.bytes().rev().filter_map(digit).collect();
            let mut decimal = Decimal { digits, place: 1 };
            decimal.divide(1);
            let digits = decimal.digits.iter().rev().map(|digit| b'0' + digit);
            let digits = String::from_utf8(digits.collect()).unwrap();
            [
                format!("0.{digits}e{}", decimal.place),
                format!("0.{digits}1e{}", decimal.place),
                format!("0.{digits}e{}", decimal.place - 1),
            ]
        };
        for bits in [0, 1, 2, 3, 12_345, (1 << 51) - 1] {
            middle(bits).iter().for_each(|text| same(text));
        }
        for text in [
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "1.8e308",
            "1e309",
            "1e310",
            "4.94065645841246544e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "1e-323",
            "1e-324",
            "1e-330",
            "2.2250738585072011e-308",
            "2.2250738585072012e-308",
            "2.2250738585072014e-308",
            "9007199254740993",
            "9007199254740993.0000000000000000000000000000000000001",
            "8.41e21",
            "999999999999999e22",
            "999999999999999e-22",
            "123456789012345e23",
            "0e999999999999999999999",
            "1e999999999999999999999",
            "1e-999999999999999999999",
            "-0",
            "-0.0e5",
            "-inf",
            "+Infinity",
            "nan",
            "-nan",
            ".",
            "5.",
            ".5",
            "+.5e-3",
            "",
            "-",
            "1e",
            "1e+",
            "e5",
            "1.2.3",
            "--1",
            "1_000",
            "infinit",
            "١",
        ] {
            same(text);
        }
        same(&format!("0.{}1e1000", "0".repeat(999)));
        same(&format!("1{}e-1000", "0".repeat(1000)));
        same(&"9".repeat(1000));
    }
}
