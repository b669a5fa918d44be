//! The experiments of the gallery, against the numbers of independent code.

use crate::run::{Setup, finish};
use scorefield::dynamics::ModelKind;
use scorefield::filter::accuracy::w1;
use scorefield::filter::{Ensemble, Filter, Method, Operator, Sensor, Settings};
use scorefield::rng::Noise;

const WELLS: ModelKind = ModelKind::DoubleWell {
    wells: 1.0,
    noise: 0.5,
};

/// Mean and standard error over seeds.
pub fn over(seeds: u64, one: impl Fn(u64) -> f64) -> (f64, f64) {
    let runs: Vec<f64> = (0..seeds).map(one).collect();
    let n = seeds as f64;
    let mean = runs.iter().sum::<f64>() / n;
    let square: f64 = runs.iter().map(|r| (r - mean) * (r - mean)).sum();
    (mean, (square / (n - 1.0) / n).sqrt())
}

/// The members; of a method with a normal law 400 of its quantiles.
fn members(filter: &dyn Filter) -> Ensemble {
    if let Some(ensemble) = filter.ensemble() {
        return ensemble.clone();
    }
    let estimate = filter.estimate();
    let (mean, sd) = (estimate.mean[0], estimate.variance[0].sqrt());
    let quantile = |j: i32| scorefield::special::quantile((f64::from(j) + 0.5) / 400.0);
    Ensemble::new(1, (0..400).map(|j| mean + sd * quantile(j)).collect())
}

/// The mean distance of the members to the exact density, over 40 cycles with 4 of burn-in and some seeds.
fn distance(setup: &Setup, method: Method, settings: &Settings) -> (f64, f64) {
    over(24, |seed| {
        let mut exact = Method::Exact
            .filter(settings, (setup.flow)(WELLS), &setup.initial, Noise::new(0))
            .unwrap();
        let (mut sum, mut count, mut cycle) = (0.0, 0, 0);
        setup
            .walk(method, settings, seed, |filter, truth| {
                cycle += 1;
                exact.begin_forecast(cycle);
                finish(&mut *exact).unwrap();
                exact.begin_analysis(&truth.observe(&setup.sensor)).unwrap();
                finish(&mut *exact).unwrap();
                if cycle > 4 {
                    sum += w1(&members(filter), &exact.density().unwrap());
                    count += 1;
                }
            })
            .unwrap();
        sum / f64::from(count)
    })
}

/// An expected number: the method, its numbers, the mean and its standard error in independent code.
fn holds(setup: &Setup, name: &str, method: Method, settings: &Settings, (known, se): (f64, f64)) {
    let mut settings = settings.clone();
    settings.n = 100;
    let (own, own_se) = distance(setup, method, &settings);
    println!("{name}: {own:.3} ± {own_se:.3}, {known} ± {se}");
    let band = 3.0 * (se * se + own_se * own_se).sqrt();
    assert!(
        (own - known).abs() < band,
        "{name}: {own} ± {own_se}, {known} ± {se}"
    );
}

/// Experiment 1, of the methods without a score.
#[test]
fn a_gaussian_update_does_not_carry_the_weights_of_the_wells() {
    let setup = Setup::of(WELLS, 40, 0);
    let plain = |method| Settings::of(WELLS, method);
    holds(&setup, "pf", Method::Pf, &plain(Method::Pf), (0.069, 0.003));
    holds(
        &setup,
        "enkf",
        Method::Enkf,
        &plain(Method::Enkf),
        (0.247, 0.008),
    );
    holds(
        &setup,
        "ekf",
        Method::Ekf,
        &plain(Method::Ekf),
        (0.85, 0.17),
    );
}

/// Experiment 2: the sign is not seen.
#[test]
fn resampling_drifts_away_from_one_of_two_equal_modes() {
    let mut setup = Setup::of(WELLS, 40, 0);
    setup.sensor = Sensor::new(Operator::Abs, vec![0], 0.2, 1).unwrap();
    let plain = |method| Settings::of(WELLS, method);
    holds(&setup, "pf", Method::Pf, &plain(Method::Pf), (0.187, 0.023));
    holds(
        &setup,
        "enkf",
        Method::Enkf,
        &plain(Method::Enkf),
        (0.306, 0.012),
    );
}
