//! Measures of accuracy against their definitions.

use scorefield::filter::accuracy::{
    Ranks, below, crps, crps_of_density, quantiles, rmse, spread, w1,
};
use scorefield::filter::{Density, Ensemble, Estimate};
use scorefield::rng::{Noise, Stream};

fn normals(seed: u64, count: usize) -> Vec<f64> {
    let mut x = vec![0.0; count];
    Noise::new(seed).normals(Stream::Data, 0, 0, &mut x);
    x
}

#[test]
fn errors_and_spreads_are_their_formulas() {
    assert_eq!(rmse(&[1.0, 2.0], &[4.0, -2.0]), 12.5f64.sqrt());
    let estimate = Estimate {
        mean: vec![0.0; 2],
        variance: vec![1.0, 7.0],
        ess: None,
    };
    assert_eq!(spread(&estimate), 2.0);
}

#[test]
fn crps_is_that_of_the_plain_sums() {
    let four = Ensemble::new(1, vec![3.0, 0.0, 4.0, 1.0]);
    assert!((crps(&four, &[2.0]) - 0.625).abs() < 1e-15);
    let mut ensemble = Ensemble::new(2, normals(1, 60));
    ensemble.weights = Some((0..30).map(|j| f64::from(j + 1) / 465.0).collect());
    let truth = [0.3, -0.8];
    let w = ensemble.weights.clone().unwrap();
    let mut plain = 0.0;
    for (i, truth) in truth.iter().enumerate() {
        for j in 0..30 {
            plain += w[j] * (ensemble.member(j)[i] - truth).abs();
            for k in 0..30 {
                plain -= 0.5 * w[j] * w[k] * (ensemble.member(j)[i] - ensemble.member(k)[i]).abs();
            }
        }
    }
    assert!((crps(&ensemble, &truth) - plain / 2.0).abs() < 1e-14);
}

fn normal_on_a_grid(mean: f64, sd: f64) -> (f64, f64, Vec<f64>) {
    let (first, spacing) = (-6.0, 0.01);
    let p = |i: i32| {
        let z = (first + spacing * f64::from(i) - mean) / sd;
        (-0.5 * z * z).exp() / (sd * std::f64::consts::TAU.sqrt())
    };
    (first, spacing, (0..=1200).map(p).collect())
}

#[test]
fn crps_of_a_density_is_that_of_its_draws() {
    let (mean, sd) = (0.4, 0.7);
    let (first, spacing, density) = normal_on_a_grid(mean, sd);
    let grid = Density::Grid {
        first,
        spacing,
        density: &density,
    };
    let normal = Density::Normal {
        mean: &[mean],
        covariance: &[sd * sd],
    };
    // The quantiles of the law stand for its draws.
    let n = 4000;
    let quantile =
        |j: usize| mean + sd * scorefield::special::quantile((j as f64 + 0.5) / n as f64);
    let draws = Ensemble::new(1, (0..n).map(quantile).collect());
    for x in [-1.5, 0.4, 0.43, 2.0, 9.0, -8.0] {
        let own = crps(&draws, &[x]);
        assert!((crps_of_density(&normal, &[x]) - own).abs() < 2e-4, "{x}");
        assert!((crps_of_density(&grid, &[x]) - own).abs() < 2e-4, "{x}");
        let (a, b) = (crps_of_density(&normal, &[x]), crps_of_density(&grid, &[x]));
        assert!((a - b).abs() < 1e-5, "{x}: {a} {b}");
    }
}

#[test]
fn ranks_of_a_calibrated_ensemble_are_flat() {
    for n in [3, 9, 24, 200] {
        let mut ranks = Ranks::new(n);
        assert_eq!(ranks.counts.len(), (n + 1).min(10));
        for seed in 0..3000 {
            let x = normals(seed, n + 1);
            let ensemble = Ensemble::new(1, x[1..].to_vec());
            ranks.add(&ensemble, &x[..1]);
        }
        // χ²/(B − 1) has the standard deviation √(2/(B − 1)).
        let band = 3.5 * (2.0 / (ranks.counts.len() as f64 - 1.0)).sqrt();
        assert!(
            (ranks.flatness() - 1.0).abs() < band,
            "N={n}: {}",
            ranks.flatness()
        );
        let mut narrow = Ranks::new(n);
        for seed in 0..3000 {
            let x = normals(seed, n + 1);
            let ensemble = Ensemble::new(1, x[1..].iter().map(|x| 0.5 * x).collect());
            narrow.add(&ensemble, &x[..1]);
        }
        assert!(narrow.flatness() > 10.0);
    }
    let mut weighted = Ensemble::new(1, vec![1.0, 2.0, 3.0]);
    weighted.weights = Some(vec![0.2, 0.3, 0.5]);
    assert_eq!(below(&weighted, 0, 2.5), 0.5);
}

#[test]
fn the_wasserstein_distance_is_the_area_between_distribution_functions() {
    let (mean, sd) = (0.4, 0.7);
    let (first, spacing, density) = normal_on_a_grid(mean, sd);
    let grid = Density::Grid {
        first,
        spacing,
        density: &density,
    };
    let normal = Density::Normal {
        mean: &[mean],
        covariance: &[sd * sd],
    };
    let law = scorefield::law::Law::gaussian(mean, sd);
    let law = law.diffuse(&scorefield::level::Level {
        t: 0.0,
        alpha: 1.0,
        sigma: 0.0,
    });
    for shift in [0.0, -1.0, 3.0, 20.0] {
        let mut x: Vec<f64> = normals(2, 200).iter().map(|x| x + shift).collect();
        let ensemble = Ensemble::new(1, x.clone());
        x.sort_by(f64::total_cmp);
        let exact = scorefield::metrics::w1(&x, &law);
        assert!((w1(&ensemble, &normal) - exact).abs() < 1e-12, "{shift}");
        assert!(
            (w1(&ensemble, &grid) - exact).abs() < 2e-5,
            "{shift}: {} {exact}",
            w1(&ensemble, &grid)
        );
        // Weights count like copies.
        let mut weighted = Ensemble::new(1, x[..100].to_vec());
        weighted.weights = Some(
            (0..100)
                .map(|j| if j < 50 { 0.015 } else { 0.005 })
                .collect(),
        );
        let copies = (0..100).flat_map(|j| std::iter::repeat_n(x[j], if j < 50 { 3 } else { 1 }));
        let copies = Ensemble::new(1, copies.collect());
        for density in [&normal, &grid] {
            assert!((w1(&weighted, density) - w1(&copies, density)).abs() < 1e-12);
        }
    }
}

/// Of weights .1, .2, .3 and .4.
fn weighted() -> Ensemble {
    let mut own = Ensemble::new(1, vec![3.0, 1.0, 0.0, 2.0]);
    own.weights = Some(vec![0.4, 0.2, 0.1, 0.3]);
    own
}

#[test]
fn members_are_drawn_by_their_weights() {
    let mut ten = weighted().drawn(10);
    ten.sort_by(f64::total_cmp);
    assert_eq!(ten, [0.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 3.0, 3.0]);
    // As many of equal weight as there are: all of them, in two coordinates.
    let x: Vec<f64> = (0..600).map(f64::from).collect();
    assert_eq!(Ensemble::new(2, x.clone()).drawn(300), x);
}

#[test]
fn quantiles_and_bins_count_weights() {
    let own = weighted();
    let found = quantiles(&own, 0, &[0.05, 0.15, 0.5, 0.61, 1.0]);
    assert_eq!(found, [0.0, 1.0, 2.0, 3.0, 3.0]);
    assert_eq!(own.range(0), [0.0, 3.0]);
    // Three bins of width 1 from 0 on: the largest value is in the last one; what is outside of two bins is in none.
    for (bins, known) in [(3, vec![0.1, 0.2, 0.7]), (2, vec![0.1, 0.5])] {
        let found = own.histogram(0, 0.0, 1.0, bins);
        for (p, q) in found.iter().zip(&known) {
            assert!((p - q).abs() < 1e-15, "{found:?}");
        }
    }
}
