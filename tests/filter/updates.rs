//! One update of each method against closed forms.

use crate::run::{Setup, update};
use scorefield::dynamics::ModelKind;
use scorefield::filter::localise::gaspari_cohn;
use scorefield::filter::resample::systematic;
use scorefield::filter::{Ensemble, Method, Operator, Sensor, Settings};
use scorefield::rng::{Noise, Stream};
use scorefield::word::Words;

const LINE: ModelKind = ModelKind::Static { states: 1 };

pub fn normals(seed: u64, count: usize) -> Vec<f64> {
    let mut x = vec![0.0; count];
    Noise::new(seed).normals(Stream::Data, 0, 0, &mut x);
    x
}

#[test]
fn slopes_are_the_derivatives_of_the_operators() {
    for &h in Operator::ALL {
        for u in [-2.3, -0.4, 0.1, 1.7] {
            let slope = (h.value(u + 1e-6) - h.value(u - 1e-6)) / 2e-6;
            assert!((h.slope(u) - slope).abs() < 1e-8, "{h:?} at {u}");
        }
    }
    assert_eq!(Operator::Abs.slope(0.0), 0.0);
}

#[test]
fn gaspari_and_cohn_is_its_table() {
    for (r, rho) in [
        (0.0, 1.0),
        (0.25, 0.907308),
        (0.5, 0.684896),
        (1.0, 0.208333),
        (1.5, 0.016493),
        (2.0, 0.0),
        (7.0, 0.0),
    ] {
        assert!(
            (gaspari_cohn(r) - rho).abs() < 5e-7,
            "{r}: {}",
            gaspari_cohn(r)
        );
    }
}

#[test]
fn systematic_resampling_is_the_worked_example() {
    assert_eq!(systematic(&[0.1, 0.2, 0.3, 0.4], 5, 0.25), [0, 1, 2, 3, 3]);
}

#[test]
fn a_free_run_ignores_observations() {
    let y = Sensor::new(Operator::Identity, vec![0], 0.5, 1)
        .unwrap()
        .given(vec![3.0])
        .unwrap();
    let x = normals(1, 50);
    let out = update(
        Method::Free,
        &Settings::of(LINE, Method::Free),
        LINE,
        x.clone(),
        &y,
        1,
    );
    assert_eq!(out.x, x);
}

/// Means over seeds of mean and variance after the update P = 1, R = .5, y = 1.2 of N members.
fn moments(method: Method, settings: &Settings, n: usize, seeds: u64) -> (f64, f64) {
    let y = Sensor::new(Operator::Identity, vec![0], 0.5f64.sqrt(), 1)
        .unwrap()
        .given(vec![1.2])
        .unwrap();
    let (mut mean, mut var) = (0.0, 0.0);
    for seed in 0..seeds {
        let out = update(method, settings, LINE, normals(seed, n), &y, seed);
        let out = out.estimate();
        mean += out.mean[0] / seeds as f64;
        var += out.variance[0] / seeds as f64;
    }
    (mean, var)
}

#[test]
fn one_update_has_the_moments_of_each_method() {
    for (method, mean, var) in [(Method::Enkf, 0.802, 0.330), (Method::Pf, 0.808, 0.329)] {
        let own = moments(method, &Settings::of(LINE, method), 500, 100);
        assert!(
            (own.0 - mean).abs() < 0.018 && (own.1 - var).abs() < 0.018,
            "{method:?}: {own:?}"
        );
    }
}

/// ESS/N → [N(y; 0, P+R)²·2√(πR)/N(y; 0, P+R/2)]^d.
#[test]
fn weights_die_exponentially_in_the_dimension() {
    let n = 1000;
    for (d, known) in [
        (1, 684.0),
        (2, 450.0),
        (5, 137.0),
        (10, 26.0),
        (20, 5.3),
        (40, 2.3),
    ] {
        let kind = ModelKind::Static { states: d };
        let mut setup = Setup::of(kind, 1, 0);
        setup.sensor = Sensor::new(Operator::Identity, (0..d).collect(), 1.0, d).unwrap();
        let mut settings = Settings::of(kind, Method::Pf);
        settings.n = n;
        let (mut sum, mut square, runs) = (0.0, 0.0, 200);
        for seed in 0..runs {
            setup
                .walk(Method::Pf, &settings, seed, |filter, _| {
                    let ess = filter.estimate().ess.unwrap();
                    sum += ess;
                    square += ess * ess;
                })
                .unwrap();
        }
        let mean = sum / runs as f64;
        let se = ((square / runs as f64 - mean * mean) / runs as f64).sqrt();
        assert!(
            (mean - known).abs() < 4.0 * se + 0.02 * known,
            "d={d}: {mean} ± {se}, {known}"
        );
    }
}

#[test]
fn weighted_moments_are_those_of_repeated_members() {
    let mut weighted = Ensemble::new(1, vec![1.0, 2.0, 4.0]);
    weighted.weights = Some(vec![0.5, 0.25, 0.25]);
    let estimate = weighted.estimate();
    assert_eq!(estimate.mean, [2.0]);
    // Σw(x − m)² = .5 + 0 + 1 = 1.5; divided by 1 − Σw² = 1 − .375.
    assert!((estimate.variance[0] - 1.5 / 0.625).abs() < 1e-14);
    assert_eq!(estimate.ess, Some(1.0 / 0.375));
}

/// Of small ensembles, E K is below P/(P + R) = 2/3; the variance after the update is R·K on average, of perturbed
/// observations too; the squared error is above PR/(P + R) = 1/3. Values by quadrature over the χ² law of the variance;
/// they are those of perturbations that are not centred, which the update of one direction in a large ensemble has.
#[test]
fn small_ensembles_have_their_mean_gain() {
    let y = Sensor::new(Operator::Identity, vec![0], 0.5f64.sqrt(), 1)
        .unwrap()
        .given(vec![1.2])
        .unwrap();
    let settings = Settings::of(LINE, Method::Enkf);
    for (n, gain) in [(5, 0.59635), (10, 0.63416), (40, 0.65908)] {
        let runs = 4000;
        let (mut sum, mut square) = (0.0, 0.0);
        for seed in 0..runs {
            let x = normals(seed, n);
            let (before, after) = (
                x.iter().sum::<f64>() / n as f64,
                update(Method::Enkf, &settings, LINE, x, &y, seed),
            );
            // The perturbations are centred, so the mean moves by K·(y − x̄).
            let k = (after.mean()[0] - before) / (1.2 - before);
            sum += k;
            square += k * k;
        }
        let mean = sum / runs as f64;
        let se = ((square / runs as f64 - mean * mean) / runs as f64).sqrt();
        assert!((mean - gain).abs() < 3.0 * se, "N={n}: {mean} ± {se}");
    }
}
