//! The draws of [`crate::rng`] in a kernel: the integers of the host, and its normals to f32.
//!
//! log, sin and cos are written out, because WGSL allows its own an absolute error of 2⁻²¹ and 2⁻¹¹.
//!
//! Held by `tests/gpu.rs`: `the_kernel_draws_the_integers_of_the_host`, `the_normals_of_the_kernel_are_those_of_the_host`.

use super::lane::{ln_near_one, ln_parts};
use cubecl::prelude::*;

const M0: u32 = 0xD251_1F53;
const M1: u32 = 0xCD9E_8D57;
const W0: u32 = 0x9E37_79B9;
const W1: u32 = 0xBB67_AE85;

/// 128 random bits.
#[derive(CubeType, Clone, Copy)]
pub(super) struct Bits {
    pub(super) a: u32,
    pub(super) b: u32,
    pub(super) c: u32,
    pub(super) d: u32,
}

/// Two normals.
#[derive(CubeType, Clone, Copy)]
pub(super) struct Pair {
    pub(super) even: f32,
    pub(super) odd: f32,
}

/// As [`crate::rng::philox4x32`], with the counter [pair, 0, step, stream].
#[cube]
pub(super) fn philox(pair: u32, step: u32, stream: u32, key0: u32, key1: u32) -> Bits {
    let mut a = pair;
    let mut b = 0u32;
    let mut c = step;
    let mut d = stream;
    let mut k0 = key0;
    let mut k1 = key1;
    #[unroll]
    for _ in 0..10u32 {
        let low0 = a * M0;
        let high0 = a.mul_hi(M0);
        let low1 = c * M1;
        let high1 = c.mul_hi(M1);
        a = high1 ^ b ^ k0;
        b = low1;
        c = high0 ^ d ^ k1;
        d = low0;
        k0 += W0;
        k1 += W1;
    }
    Bits { a, b, c, d }
}

/// The normals of the indices 2·pair and 2·pair + 1 (Box & Muller 1958), as in [`crate::rng::Noise::normals`].
///
/// With the 53 bits of the host, u = (a·2³² + (b without its last 11 bits) + 2¹⁰)/2⁶⁴, and 1 − u is the same expression
/// of the inverted bits. So the smaller of u and 1 − u is known to 24 bits, and −ln u keeps its digits near u = 1.
#[cube]
pub(super) fn normals(bits: Bits) -> Pair {
    let upper = bits.a >= 0x8000_0000u32;
    let high = select(upper, !bits.a, bits.a);
    let low = (select(upper, !bits.b, bits.b) & 0xFFFF_F800u32) + 0x400u32;
    // 2⁻³² and 2⁻⁶⁴.
    let less = f32::cast_from(high) * 2.3283064e-10f32 + f32::cast_from(low) * 5.421011e-20f32;
    let log = select(upper, ln_near_one(less), ln_parts(less));
    let radius = (log * (0.0f32 - 2.0f32)).sqrt();
    // The quadrant is the next multiple of ¼; what remains is an angle in [−π/4, π/4].
    let quadrant = (bits.c + 0x2000_0000u32) >> 30u32;
    let rest = i32::reinterpret(bits.c - (quadrant << 30u32));
    // 2π/2³².
    let angle = f32::cast_from(rest) * 1.4629181e-9f32;
    let square = angle * angle;
    let sin = angle
        + angle * square * (square * (8.332161e-3f32 - 1.951529e-4f32 * square) - 1.6666655e-1f32);
    let cos = 1.0f32 - 0.5f32 * square
        + square
            * square
            * (4.1666646e-2f32 - square * (1.3887316e-3f32 - 2.4433157e-5f32 * square));
    let swaps = (quadrant & 1u32) == 1u32;
    let x = select(swaps, sin, cos);
    let y = select(swaps, cos, sin);
    let left = quadrant == 1u32 || quadrant == 2u32;
    let down = quadrant >= 2u32;
    Pair {
        even: radius * select(left, 0.0f32 - x, x),
        odd: radius * select(down, 0.0f32 - y, y),
    }
}
