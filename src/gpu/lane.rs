//! Functions of one number in a kernel, in f32.

use cubecl::prelude::*;
use std::f32::consts::SQRT_2;

/// ln m for m = 1 + f in [√½, √2), plus e·ln 2 (Cephes, `logf`: below 1 ulp).
#[cube]
fn ln_of(f: f32, e: f32) -> f32 {
    let square = f * f;
    let mut sum = 7.037684e-2f32 * f - 1.151_461e-1;
    sum = sum * f + 1.1676999e-1f32;
    sum = sum * f - 1.2420141e-1f32;
    sum = sum * f + 1.4249323e-1f32;
    sum = sum * f - 1.6668058e-1f32;
    sum = sum * f + 2.0000715e-1f32;
    sum = sum * f - 2.4999994e-1f32;
    sum = sum * f + 3.333_333e-1;
    let mut tail = sum * f * square;
    tail -= 2.1219444e-4f32 * e;
    tail -= 0.5f32 * square;
    f + tail + 0.693_359_4 * e
}

/// ln x for a normal x > 0.
#[cube]
pub(super) fn ln_parts(x: f32) -> f32 {
    let bits = u32::reinterpret(x);
    let mantissa = f32::reinterpret((bits & 0x7F_FFFFu32) | 0x3F80_0000u32);
    let exponent = f32::cast_from(bits >> 23u32) - 127.0f32;
    let upper = mantissa > SQRT_2;
    let m = select(upper, 0.5f32 * mantissa, mantissa);
    let e = select(upper, exponent + 1.0f32, exponent);
    ln_of(m - 1.0f32, e)
}

/// ln(1 − v) for v in [0, ½].
#[cube]
pub(super) fn ln_near_one(v: f32) -> f32 {
    let far = v > 0.29f32;
    let f = select(far, 1.0f32 - 2.0f32 * v, 0.0f32 - v);
    ln_of(f, select(far, 0.0f32 - 1.0f32, 0.0f32))
}
