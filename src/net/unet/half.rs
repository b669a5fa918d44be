//! Numbers of 16 bits (IEEE 754 binary16): the weights in a file.
//!
//! Held by `src/net/unet/half.rs`: `every_half_is_read_and_written_and_the_nearest_is_chosen`.

/// The value of a half.
pub fn widen(bits: u16) -> f32 {
    let sign = u32::from(bits >> 15) << 31;
    let (exponent, fraction) = (u32::from(bits >> 10 & 31), u32::from(bits & 1023));
    let size = match exponent {
        // Below 2⁻¹⁴ the distance is 2⁻²⁴.
        0 => fraction as f32 / 16_777_216.0,
        31 => f32::from_bits(255 << 23 | fraction << 13),
        _ => f32::from_bits((exponent + 112) << 23 | fraction << 13),
    };
    f32::from_bits(sign | size.to_bits())
}

/// The nearest half, and of two the even one; infinity from 65,520 on.
pub fn narrow(x: f32) -> u16 {
    let bits = x.to_bits();
    let sign = (bits >> 16 & 0x8000) as u16;
    let size = f32::from_bits(bits & 0x7fff_ffff);
    if size.is_nan() {
        return sign | 0x7e00;
    }
    // A half has 11 bits; below 2⁻¹⁴ it is a multiple of 2⁻²⁴. Adding a power of two that leaves just these bits rounds.
    let exponent = (size.to_bits() >> 23).clamp(113, 143);
    let round = f32::from_bits((exponent + 13) << 23);
    let rounded = (size + round) - round;
    let whole = rounded.to_bits();
    let own = match whole >> 23 {
        0..113 => (rounded * 16_777_216.0) as u16,
        113..143 => ((whole >> 13) - (112 << 10)) as u16,
        _ => 0x7c00,
    };
    sign | own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_is_read_and_written_and_the_nearest_is_chosen() {
        for bits in 0..0x7c00u16 {
            let (x, next) = (widen(bits), widen(bits + 1));
            assert_eq!((narrow(x), narrow(-x)), (bits, bits | 0x8000), "{x}");
            let even = bits + bits % 2;
            // Where the next one is infinity, its place is 65,536.
            let middle = 0.5 * (x + next.min(65_536.0));
            assert_eq!(narrow(middle), even, "half-way from {x} to {next}");
            assert_eq!(narrow(middle.next_down()), bits);
            assert_eq!(narrow(middle.next_up()), bits + 1);
        }
        assert_eq!(widen(0x3c00), 1.0);
        assert_eq!(widen(0x7bff), 65_504.0);
        assert_eq!(narrow(f32::MAX), 0x7c00);
        assert!(widen(narrow(f32::NAN)).is_nan());
    }
}
