//! Laws on the line.

use scorefield::filter::{Density, Distribution, Ensemble, accuracy};
use scorefield::rng::{Noise, Stream};
use scorefield::special::cdf;

/// N(mean, sd²) on points.
fn on_points(mean: f64, sd: f64) -> Distribution {
    let (first, spacing) = (mean - 9.0 * sd, 18.0 * sd / 4000.0);
    let place = |i: i32| first + f64::from(i) * spacing;
    let at = |x: f64| (-0.5 * ((x - mean) / sd).powi(2)).exp();
    let density: Vec<f64> = (0..=4000).map(|i| at(place(i))).collect();
    let density = &density;
    Distribution::of(
        &Density::Grid {
            first,
            spacing,
            density,
        },
        0,
    )
}

/// The same as both kinds of laws.
fn both(mean: f64, sd: f64) -> [Distribution; 2] {
    let own = Density::Normal {
        mean: &[7.0, mean],
        covariance: &[1.0, 0.0, 0.0, sd * sd],
    };
    [Distribution::of(&own, 1), on_points(mean, sd)]
}

#[test]
fn both_kinds_of_laws_have_the_distribution_function_of_a_normal() {
    for law in both(-0.7, 0.2) {
        for z in [-20.0, -2.5, -0.3, 0.0, 1.7, 30.0] {
            assert!((law.cdf(-0.7 + 0.2 * z) - cdf(z)).abs() < 1e-5, "{z}");
        }
    }
}

#[test]
fn the_distance_of_a_shift_is_the_shift() {
    for shift in [-3.0, 0.25, 2.0] {
        for (p, q) in both(0.4, 0.7).iter().zip(both(0.4 + shift, 0.7)) {
            assert!((p.distance(&q) - f64::abs(shift)).abs() < 1e-3);
            assert!((q.distance(p) - f64::abs(shift)).abs() < 1e-3);
        }
    }
}

#[test]
fn a_perfect_sample_is_as_far_as_expected() {
    let n = 200;
    let mut all = vec![0.0; 500 * n];
    Noise::new(7).normals(Stream::Chance, 0, 0, &mut all);
    let law = Density::Normal {
        mean: &[0.0],
        covariance: &[1.0],
    };
    let one = |x: &[f64]| accuracy::w1(&Ensemble::new(1, x.to_vec()), &law);
    let mean = all.chunks(n).map(one).sum::<f64>() / 500.0;
    // A W₁ has about .4 of its mean as deviation: .4/√500 is 2 %.
    for law in both(0.0, 1.0) {
        let expected = law.expected_w1(n);
        assert!((mean / expected - 1.0).abs() < 0.06, "{mean} {expected}");
    }
}

/// E∫|1{X ≤ x} − F| = ∫2F(1 − F) = E|X − X′|, of a normal law 2σ/√π.
#[test]
fn one_draw_is_as_far_as_two_draws_are_apart() {
    for law in both(0.3, 0.8) {
        let expected = 1.6 / std::f64::consts::PI.sqrt();
        assert!((law.expected_w1(1) / expected - 1.0).abs() < 1e-3);
    }
}
