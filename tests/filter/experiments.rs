//! The experiments of the gallery, against the numbers of independent code.

use crate::run::{Setup, finish};
use scorefield::dynamics::{Flow, Initial, ModelKind};
use scorefield::filter::accuracy::w1;
use scorefield::filter::{Ensemble, Filter, Method, Operator, Sensor, Settings, Truth};
use scorefield::metrics::energy_distance;
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
pub fn members(filter: &dyn Filter) -> Ensemble {
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

/// The root of the mean squared distance of the mean to Kalman's, of ar1 over 400 cycles, and its standard error.
fn distance_to_kalman(method: Method, n: usize) -> (f64, f64) {
    let setup = Setup::of(ModelKind::Ar1, 400, 0);
    let settings = Settings {
        n,
        ..Settings::of(ModelKind::Ar1, method)
    };
    over(12, |seed| {
        let mut exact = vec![];
        setup
            .walk(Method::Exact, &settings, seed, |filter, _| {
                exact.push(filter.estimate().mean[0])
            })
            .unwrap();
        let mut own = vec![];
        setup
            .walk(method, &settings, seed, |filter, _| {
                own.push(filter.estimate().mean[0])
            })
            .unwrap();
        let square: f64 = exact.iter().zip(&own).map(|(x, y)| (x - y) * (x - y)).sum();
        (square / 400.0).sqrt()
    })
}

/// The independent values are means over at least two seeds: their standard error is at most √6 times that of twelve.
#[test]
fn means_approach_kalmans_with_the_root_of_the_members() {
    for (method, known) in [
        (Method::Enkf, [0.130, 0.059, 0.032]),
        (Method::Etkf, [0.119, 0.053, 0.026]),
        (Method::Pf, [0.195, 0.095, 0.041]),
    ] {
        for (n, known) in [10, 40, 160].into_iter().zip(known) {
            let (own, se) = distance_to_kalman(method, n);
            println!("{method:?} N={n}: {own:.4} ± {se:.4}, {known}");
            let band = 3.0 * se * 7f64.sqrt() + 5e-4;
            assert!(
                (own - known).abs() < band,
                "{method:?} N={n}: {own} ± {se}, {known}"
            );
        }
    }
}

const CIRCLE: ModelKind = ModelKind::Lorenz96 {
    states: 40,
    forcing: 8.0,
};

/// Experiment 6: localise.
#[test]
fn a_small_ensemble_needs_localisation() {
    let mut setup = Setup::of(CIRCLE, 1000, 200);
    let run = |setup: &Setup, method: Method, n: usize, locality: f64, inflation: f64| {
        let settings = Settings {
            n,
            locality,
            inflation,
            ..Settings::of(CIRCLE, method)
        };
        over(4, |seed| {
            setup.walk(method, &settings, seed, |_, _| {}).unwrap().rmse
        })
    };
    let near = |(own, own_se): (f64, f64), known: f64, se: f64| {
        println!("{own:.4} ± {own_se:.4}, {known} ± {se}");
        let band = 3.0 * (se * se + own_se * own_se).sqrt();
        assert!(
            (own - known).abs() < band,
            "{own} ± {own_se}, {known} ± {se}"
        );
    };
    let (lost, _) = run(&setup, Method::Enkf, 20, 0.0, 1.06);
    assert!((3.2..4.7).contains(&lost), "{lost}");
    near(run(&setup, Method::Enkf, 20, 7.28, 1.06), 0.241, 0.003);
    near(run(&setup, Method::Enkf, 20, 7.28, 1.04), 0.219, 0.003);
    setup.sensor = Sensor::new(Operator::Identity, (0..40).step_by(2).collect(), 1.0, 40).unwrap();
    near(run(&setup, Method::Letkf, 20, 7.28, 1.04), 0.324, 0.007);
}

/// Experiment 7: with 40 coordinates the particle filter is hardly better than no observation.
#[test]
fn a_particle_filter_in_forty_dimensions_is_lost() {
    let kind = ModelKind::Static { states: 40 };
    let mut setup = Setup::of(kind, 1, 0);
    setup.sensor = Sensor::new(Operator::Identity, (0..40).collect(), 1.0, 40).unwrap();
    let settings = Settings {
        n: 1000,
        ..Settings::of(kind, Method::Pf)
    };
    let (own, se) = over(100, |seed| {
        setup
            .walk(Method::Pf, &settings, seed, |_, _| {})
            .unwrap()
            .rmse
    });
    assert!((own - 0.996).abs() < 3.0 * se * 2.0, "{own} ± {se}");
    // The exact error is √(PR/(P + R)), up to the mean of a root.
    let (exact, _) = over(100, |seed| {
        setup
            .walk(Method::Exact, &settings, seed, |_, _| {})
            .unwrap()
            .rmse
    });
    assert!((exact - 0.5f64.sqrt()).abs() < 0.02, "{exact}");
    let setup = Setup::of(CIRCLE, 400, 200);
    let settings = Settings {
        n: 1000,
        ..Settings::of(CIRCLE, Method::Pf)
    };
    let (own, _) = over(3, |seed| {
        setup
            .walk(Method::Pf, &settings, seed, |_, _| {})
            .unwrap()
            .rmse
    });
    assert!((4.5..5.3).contains(&own), "{own}");
}

/// A run from near the truth: X₀ = truth + N(0, I), the truth on the attractor.
pub fn near_the_truth(seed: u64) -> Initial {
    let flow = Flow::standard(CIRCLE).unwrap();
    let mut truth = Truth::new(flow, &CIRCLE.initial().unwrap(), Noise::new(seed + 77));
    (0..600).for_each(|_| truth.advance().unwrap());
    Initial::normal(truth.state().to_vec(), 1.0).unwrap()
}

/// Experiment 8: observations through arctan, a tenth of a time unit apart in steps of .01.
#[test]
fn a_local_filter_follows_through_arctan() {
    let settings = Settings {
        n: 20,
        inflation: 1.1,
        ..Settings::of(CIRCLE, Method::Letkf)
    };
    let (own, se) = over(4, |seed| {
        let mut setup = Setup::of(CIRCLE, 400, 200);
        setup.sensor = Sensor::new(Operator::Arctan, (0..40).collect(), 0.05, 40).unwrap();
        setup.flow = |kind| Flow::new(kind, 0.0, 0.1, 0.01).unwrap();
        setup.truth = setup.flow;
        setup.initial = near_the_truth(seed);
        setup
            .walk(Method::Letkf, &settings, seed, |_, _| {})
            .unwrap()
            .rmse
    });
    println!("arctan {own:.4} ± {se:.4}");
    let band = 3.0 * (0.0014f64.powi(2) + se * se).sqrt();
    assert!((own - 0.0435).abs() < band, "{own} ± {se}");
}

/// Lorenz-96 from 8 + 14.4·z with steps of .05 overflows, and says so.
#[test]
fn an_overflow_is_said_in_words_with_its_cycle() {
    let mut setup = Setup::of(CIRCLE, 50, 0);
    setup.initial = Initial::normal(vec![8.0; 40], 14.4).unwrap();
    let settings = Settings::of(CIRCLE, Method::Free);
    let error = setup
        .walk(Method::Free, &settings, 1, |_, _| {})
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("Cycle ") && error.contains("overflowed") && error.contains("smaller dt"),
        "{error}"
    );
}

/// Experiment 5: the energy distance to the reference, over cycles after burn-in, of 200 members.
#[test]
fn gaussian_updates_cannot_bend() {
    let kind = ModelKind::Lorenz63;
    let setup = Setup::of(kind, 100, 20);
    let energy = |method: Method| {
        over(8, |seed| {
            let settings = Settings {
                n: 200,
                ..Settings::of(kind, method)
            };
            let mut reference = vec![];
            // The reference has its own members, on the same truth.
            let seeds = [seed + 500, seed + 1000];
            setup
                .walk_on(Method::Reference, &settings, seeds, |filter, _| {
                    reference.push(filter.ensemble().unwrap().drawn(1000))
                })
                .unwrap();
            let (mut sum, mut at) = (0.0, 0);
            setup
                .walk(method, &settings, seed, |filter, _| {
                    let members = &filter.ensemble().unwrap();
                    let x = if method == Method::Pf {
                        members.drawn(1000)
                    } else {
                        members.x.clone()
                    };
                    sum += energy_distance(&x, &reference[at], 3).0;
                    at += 1;
                })
                .unwrap();
            sum / at as f64
        })
    };
    let (pf, enkf) = (energy(Method::Pf), energy(Method::Enkf));
    println!("energy: pf {pf:?}, enkf {enkf:?}");
    assert!((0.03..0.06).contains(&pf.0), "{pf:?}");
    assert!((0.5..0.9).contains(&enkf.0), "{enkf:?}");
}
