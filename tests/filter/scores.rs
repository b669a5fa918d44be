//! Scores of ensembles and of exact laws on the line.

use scorefield::filter::scores::{Line, Sorted};
use scorefield::filter::{Density, Ensemble};
use scorefield::rng::{Noise, Stream};

fn sorted(x: &[f64]) -> Sorted {
    Sorted::of(&Ensemble::new(1, x.to_vec()), 0)
}

fn normals(seed: u64, n: usize) -> Vec<f64> {
    let mut z = vec![0.0; n];
    Noise::new(seed).normals(Stream::Chance, 0, 0, &mut z);
    z
}

/// N(mean, sd²) on points.
fn on_points(mean: f64, sd: f64) -> Line {
    let (first, spacing) = (mean - 9.0 * sd, 18.0 * sd / 4000.0);
    let place = |i: i32| first + f64::from(i) * spacing;
    let at = |x: f64| (-0.5 * ((x - mean) / sd).powi(2)).exp();
    let density: Vec<f64> = (0..=4000).map(|i| at(place(i))).collect();
    Line::of(&Density::Grid {
        first,
        spacing,
        density: &density,
    })
    .unwrap()
}

#[test]
fn the_crps_is_that_of_the_worked_example_and_of_a_normal_law() {
    assert!((sorted(&[4.0, 0.0, 3.0, 1.0]).crps(2.0) - 0.625).abs() < 1e-15);
    let law = Line::Normal { mean: 0.4, sd: 0.7 };
    let cells = on_points(0.4, 0.7);
    let many: Vec<f64> = normals(3, 200_000).iter().map(|z| 0.4 + 0.7 * z).collect();
    for truth in [-9.0, -0.3, 0.4, 1.9, 12.0] {
        assert!((law.crps(truth) - cells.crps(truth)).abs() < 1e-4);
        let own = sorted(&many).crps(truth);
        assert!((own - law.crps(truth)).abs() < 0.01, "{truth}: {own}");
    }
    // Weights count as copies.
    let mut weighted = Ensemble::new(1, vec![1.0, 4.0]);
    weighted.weights = Some(vec![0.75, 0.25]);
    let copies = sorted(&[1.0, 1.0, 1.0, 4.0]);
    let weighted = Sorted::of(&weighted, 0);
    assert!((weighted.crps(0.5) - copies.crps(0.5)).abs() < 1e-15);
    assert!((weighted.w1(&law) - copies.w1(&law)).abs() < 1e-12);
}

#[test]
fn ranks_of_a_member_among_its_like_are_even() {
    let z = normals(1, 100 * 3000);
    let mut bins = [0usize; 10];
    for (i, all) in z.chunks(100).enumerate() {
        bins[sorted(&all[1..]).rank(all[0], 10)] += 1;
        assert!(i < 3000);
    }
    // 300 in each; a deviation is √(3000·.1·.9) = 16.4.
    assert!(bins.iter().all(|n| n.abs_diff(300) < 66), "{bins:?}");
    let two = sorted(&[1.0, 2.0]);
    let ranks = [0.0, 1.5, 3.0].map(|x| two.rank(x, 3));
    assert_eq!(ranks, [0, 1, 2]);
}

#[test]
fn w1_of_a_shift_is_the_shift_for_both_kinds_of_laws() {
    let quantiles: Vec<f64> = (0..4000)
        .map(|i| scorefield::special::quantile((f64::from(i) + 0.5) / 4000.0))
        .collect();
    for (mean, sd) in [(0.0, 1.0), (-0.7, 0.2)] {
        let x: Vec<f64> = quantiles.iter().map(|z| mean + sd * z).collect();
        for law in [Line::Normal { mean, sd }, on_points(mean, sd)] {
            assert!((law.mean() - mean).abs() < 1e-9);
            assert!(sorted(&x).w1(&law) < 1e-3 * sd);
            for shift in [-3.0, 0.25, 2.0] {
                let moved: Vec<f64> = x.iter().map(|x| x + shift).collect();
                let w1 = sorted(&moved).w1(&law);
                assert!((w1 - f64::abs(shift)).abs() < 2e-3, "{shift}: {w1}");
                let other = Line::Normal {
                    mean: mean + shift,
                    sd,
                };
                assert!((law.distance(&other) - f64::abs(shift)).abs() < 1e-3);
            }
        }
    }
    assert!(
        (sorted(&[0.0]).w1(&Line::Normal { mean: 0.0, sd: 1.0 })
            - (2.0 / std::f64::consts::PI).sqrt())
        .abs()
            < 1e-12
    );
}

#[test]
fn a_perfect_sample_is_as_far_as_expected() {
    let law = Line::Normal { mean: 0.0, sd: 1.0 };
    let n = 200;
    let all = normals(7, 500 * n);
    let mean = all.chunks(n).map(|x| sorted(x).w1(&law)).sum::<f64>() / 500.0;
    // A W₁ has about .4 of its mean as deviation: .4/√500 is 2 %.
    for law in [law, on_points(0.0, 1.0)] {
        let expected = law.expected_w1(n);
        assert!((mean / expected - 1.0).abs() < 0.06, "{mean} {expected}");
    }
}
