//! What the bits of a flow depend on.

use super::{after, field, flow, waves};

/// The lengths of the transforms: n and 3n/2 for 32 and 64 pixels.
const SIZES: [usize; 4] = [32, 48, 64, 96];

/// In wasm `sin` and `cos` of std are the functions of libm; natively they are those of the platform.
#[test]
fn the_factors_of_the_transforms_are_those_of_libm_up_to_the_last_bit() {
    for size in SIZES {
        let constant = -2.0 * std::f64::consts::PI / size as f64;
        for index in 0..size {
            let angle = constant * index as f64;
            let gaps = [
                angle.sin() - libm::sin(angle),
                angle.cos() - libm::cos(angle),
            ];
            let last_bit = 0.5 * f64::EPSILON;
            assert!(
                gaps.iter().all(|gap| gap.abs() <= last_bit),
                "{index}/{size}"
            );
        }
    }
}

#[test]
fn the_same_flow_has_the_same_bits() {
    let run = || {
        let solver = flow(|_| {});
        after(&solver, &field(&solver, waves), 3)
    };
    let bits = |x: Vec<f64>| x.into_iter().map(f64::to_bits).collect::<Vec<_>>();
    assert_eq!(bits(run()), bits(run()));
}
