//! The bits of a flow.

use super::{after, field, flow};
use scorefield::dynamics::kolmogorov::Truth;

/// FNV-1a of the bits.
fn hash(x: &[f64]) -> u64 {
    let bytes = x.iter().flat_map(|x| x.to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The factors of the transforms are those of libm (`Number`), all else is +, −, ×: all machines have these bits.
#[test]
fn a_flow_has_the_recorded_bits() {
    for (pixels, recorded) in [(32, 0x3d44_23ea_f93b_6203), (64, 0x9a18_f310_8065_deca)] {
        let solver = flow(|p| p.pixels = pixels);
        let omega = after(&solver, &Truth::of_seed(0).on(solver.grid()), 3);
        assert_eq!(hash(&omega), recorded, "{pixels}: {:#x}", hash(&omega));
    }
}

#[test]
fn the_bits_are_those_of_every_run() {
    let run = || {
        let solver = flow(|_| {});
        hash(&after(&solver, &field(&solver, super::waves), 3))
    };
    assert_eq!(run(), run());
}
