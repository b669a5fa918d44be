//! One update of each method against closed forms.

use crate::run::{Setup, finish, update};
use scorefield::dynamics::{Flow, ModelKind};
use scorefield::filter::localise::gaspari_cohn;
use scorefield::filter::resample::systematic;
use scorefield::filter::transform::{Rotation, Transform, add_products, gram_of_members};
use scorefield::filter::{Ensemble, Filter, Method, Operator, Sensor, Settings, Walk};
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

/// E f(K) of a small ensemble, by quadrature over s² ~ χ²_{N−1}/(N − 1), for P = 1 and K = s²/(s² + R), R = .5.
fn over_gains(n: usize, f: impl Fn(f64) -> f64) -> f64 {
    let k = n as f64 - 1.0;
    let (mut sum, mut mass) = (0.0, 0.0);
    for i in 1..200_000 {
        let u = f64::from(i) * 4e-4;
        // u = s² N − 1 has the density u^{k/2−1}e^{−u/2}.
        let u = u * (n as f64 / 5.0);
        let weight = ((k / 2.0 - 1.0) * u.ln() - u / 2.0).exp();
        let s2 = u / k;
        sum += weight * f(s2 / (s2 + 0.5));
        mass += weight;
    }
    sum / mass
}

/// Of small ensembles E K is below P/(P + R) = 2/3, so they trust their forecast too much, and the squared error of the mean
/// is above PR/(P + R) = 1/3. Without a perturbation of the mean the error is (1 − K)(x̄ − x) + Ke, otherwise Kē is added.
#[test]
fn small_ensembles_have_their_mean_gain() {
    for (n, gain, stochastic, transform) in [
        (5, 0.59635, 0.46247, 0.42393),
        (10, 0.63416, 0.38918, 0.36845),
        (40, 0.65908, 0.34582, 0.34035),
    ] {
        assert!((over_gains(n, |k| k) - gain).abs() < 5.5e-6);
        let many = 1.0 / n as f64;
        let square = over_gains(n, |k| (1.0 - k) * (1.0 - k)) * (1.0 + many);
        let noise = 0.5 * over_gains(n, |k| k * k);
        assert!((square + noise - transform).abs() < 5.5e-6);
        assert!((square + noise * (1.0 + many) - stochastic).abs() < 5.5e-6);
        let sensor = Sensor::new(Operator::Identity, vec![0], 0.5f64.sqrt(), 1).unwrap();
        for method in [Method::Enkf, Method::Etkf] {
            let settings = Settings::of(LINE, method);
            let (mut gains, mut errors, mut variances) = (vec![], vec![], vec![]);
            for seed in 0..6000 {
                let x = normals(seed, n + 1);
                let y = sensor.observe(&x[..1], &Noise::new(seed), 1);
                let before = x[1..].iter().sum::<f64>() / n as f64;
                let after = update(method, &settings, LINE, x[1..].to_vec(), &y, seed).estimate();
                // The perturbations are centred: both means move by K(y − x̄).
                gains.push((after.mean[0] - before) / (y.values()[0] - before));
                errors.push((after.mean[0] - x[0]).powi(2));
                variances.push(after.variance[0]);
            }
            let near = |runs: &[f64], known: f64| {
                let mean = runs.iter().sum::<f64>() / runs.len() as f64;
                let square: f64 = runs.iter().map(|r| (r - mean) * (r - mean)).sum();
                let se = square.sqrt() / runs.len() as f64;
                assert!(
                    (mean - known).abs() < 3.0 * se,
                    "{method:?} N={n}: {mean} ± {se}, {known}"
                );
            };
            near(&gains, gain);
            near(&errors, transform);
            if method == Method::Etkf {
                near(&variances, 0.5 * gain);
            }
        }
    }
}

/// Members with some mean and covariance in d coordinates.
fn cloud(n: usize, d: usize, seed: u64) -> Vec<f64> {
    let z = normals(seed, n * d);
    let mixed = |at: usize| z[at] + 0.5 * z[at - at % d] + 0.1 * (at % d) as f64;
    (0..n * d).map(mixed).collect()
}

/// With a linear operator the mean and the covariance after a square root are those of Kalman's update from the mean and the
/// covariance of the members.
#[test]
fn a_square_root_update_is_that_of_kalman() {
    let kind = ModelKind::Lorenz96 {
        states: 7,
        forcing: 8.0,
    };
    for (n, seen) in [
        (5, vec![0, 2, 5]),
        (30, vec![1, 6]),
        (30, (0..7).collect::<Vec<_>>()),
        (150, vec![3]),
    ] {
        let x = cloud(n, 7, 3);
        let before = Ensemble::new(7, x.clone());
        let (mut m, mut c) = (before.mean(), before.covariance());
        let y: Vec<f64> = seen.iter().map(|&i| 0.4 * i as f64 - 1.0).collect();
        let (sd, r) = (0.6, 0.36);
        // One value after the other, as the noise is independent.
        for (&i, y) in seen.iter().zip(&y) {
            let column: Vec<f64> = (0..7).map(|k| c[k * 7 + i]).collect();
            let gap = (y - m[i]) / (column[i] + r);
            for k in 0..7 {
                m[k] += column[k] * gap;
                for l in 0..7 {
                    c[k * 7 + l] -= column[k] * column[l] / (column[i] + r);
                }
            }
        }
        let observation = Sensor::new(Operator::Identity, seen, sd, 7)
            .unwrap()
            .given(y)
            .unwrap();
        let settings = Settings {
            inflation: 1.0,
            ..Settings::of(kind, Method::Etkf)
        };
        let out = update(Method::Etkf, &settings, kind, x, &observation, 5);
        for (own, m) in out.mean().iter().zip(&m) {
            assert!((own - m).abs() < 1e-12, "N={n}: {own} {m}");
        }
        for (own, c) in out.covariance().iter().zip(&c) {
            assert!((own - c).abs() < 1e-12, "N={n}: {own} {c}");
        }
        // A localisation as wide as the circle many times over changes nothing that can be seen.
        let wide = Settings {
            locality: 1000.0,
            inflation: 1.0,
            ..Settings::of(kind, Method::Letkf)
        };
        let x = cloud(n, 7, 3);
        let out = update(Method::Letkf, &wide, kind, x, &observation, 5);
        for (own, m) in out.mean().iter().zip(&m) {
            assert!((own - m).abs() < 1e-4, "N={n}: {own} {m}");
        }
    }
}

#[test]
fn both_forms_of_the_transform_agree() {
    for (n, p) in [(3, 9), (12, 5), (8, 8)] {
        let mut s = normals(2, n * p);
        for k in 0..p {
            let mean = (0..n).map(|j| s[j * p + k]).sum::<f64>() / n as f64;
            (0..n).for_each(|j| s[j * p + k] -= mean);
        }
        let delta = normals(3, p);
        let a = normals(4, n * 2);
        let members = Transform::new(gram_of_members(&s, p), n, true).unwrap();
        let left = (
            members.of_members(&a, 2),
            members.shift_of_members(&s, &delta, &a, 2),
        );
        let (mut gram, mut inner) = (vec![0.0; p * p], vec![0.0; p * 2]);
        add_products(&s, p, &s, p, &mut gram);
        add_products(&s, p, &a, 2, &mut inner);
        let values = Transform::new(gram, n, false).unwrap();
        let change = values.of_values(&inner, 2);
        let mut right = (a.clone(), values.shift_of_values(&delta, &inner, 2));
        for (a, s) in right.0.chunks_mut(2).zip(s.chunks(p)) {
            for (s, c) in s.iter().zip(change.chunks(2)) {
                (a[0], a[1]) = (a[0] + s * c[0], a[1] + s * c[1]);
            }
        }
        for (x, y) in left
            .0
            .iter()
            .chain(&left.1)
            .zip(right.0.iter().chain(&right.1))
        {
            assert!((x - y).abs() < 1e-12, "{x} {y}");
        }
    }
}

#[test]
fn a_rotation_keeps_mean_and_covariance() {
    for n in [2, 3, 24, 64, 65, 200] {
        let x = cloud(n, 3, 1);
        let before = Ensemble::new(3, x.clone());
        let rotation = Rotation::new(n, &Noise::new(8), 4);
        let mut turned = x.clone();
        (0..rotation.groups()).for_each(|k| rotation.rotate(k, &mut turned, 3, &Noise::new(8), 4));
        let moved = x
            .iter()
            .zip(&turned)
            .filter(|(x, y)| (*x - *y).abs() > 1e-3)
            .count();
        assert!(moved > 3 * n / 4 || n == 2, "N={n}: {moved}");
        let after = Ensemble::new(3, turned);
        for (x, y) in before.mean().iter().zip(after.mean()) {
            assert!((x - y).abs() < 1e-13);
        }
        // Of several groups, each keeps its own mean: the covariance of the whole is kept too.
        for (x, y) in before.covariance().iter().zip(after.covariance()) {
            assert!((x - y).abs() < 1e-12);
        }
    }
    // Uniform: the first member's anomaly is spread over all coordinates of the space without the constant vector.
    let (n, runs) = (6, 4000);
    let mut square = vec![0.0; n];
    for cycle in 0..runs {
        let mut x = vec![-1.0 / n as f64; n];
        x[0] += 1.0;
        Rotation::new(n, &Noise::new(1), cycle).rotate(0, &mut x, 1, &Noise::new(1), cycle);
        square
            .iter_mut()
            .zip(&x)
            .for_each(|(s, x)| *s += x * x / f64::from(runs));
    }
    // |x|² = 1 − 1/n, shared by n places.
    let exact = (1.0 - 1.0 / n as f64) / n as f64;
    for s in square {
        assert!((s - exact).abs() < 0.08 * exact, "{s} {exact}");
    }
}

/// The record of an update: the gain moves the mean, weights and ancestors belong to members, paths begin in the forecast
/// and end in the analysis.
#[test]
fn a_recorded_update_shows_gain_weights_and_paths() {
    let kind = ModelKind::Lorenz96 {
        states: 7,
        forcing: 8.0,
    };
    let y = Sensor::new(Operator::Identity, vec![1, 4], 0.6, 7)
        .unwrap()
        .given(vec![0.3, -0.8])
        .unwrap();
    for (method, n, locality) in [
        (Method::Enkf, 30, 0.0),
        (Method::Etkf, 30, 0.0),
        (Method::Etkf, 2, 0.0),
        (Method::Letkf, 30, 1.5),
        (Method::Letkf, 2, 1.5),
        (Method::Pf, 30, 0.0),
    ] {
        let flow = Flow::standard(kind).unwrap();
        let settings = Settings {
            n,
            locality,
            inflation: 1.0,
            ..Settings::of(kind, method)
        };
        let analysis = method.analysis(&settings, &flow).unwrap();
        let mut walk = Walk::new(flow, &kind.initial().unwrap(), n, Noise::new(1), analysis);
        let before = Ensemble::new(7, cloud(n, 7, 3));
        walk.set_members(before.x.clone());
        walk.watch(5);
        walk.begin_analysis(&y).unwrap();
        finish(&mut walk).unwrap();
        let (trace, after) = (walk.trace().unwrap(), walk.ensemble().unwrap());
        assert_eq!(trace.forecast, before.x);
        let ends = trace.watched * 7;
        assert_eq!(trace.watched, n.min(5));
        assert_eq!(trace.paths[..ends], before.x[..ends]);
        assert_eq!(trace.paths[trace.paths.len() - ends..], after.x[..ends]);
        if method == Method::Pf {
            assert!((trace.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            for (j, &a) in trace.ancestors.iter().enumerate() {
                assert_eq!(after.member(j), before.member(a as usize));
            }
            continue;
        }
        let (m, moved) = (before.mean(), after.mean());
        for i in 0..7 {
            let gap = |k: usize| y.values()[k] - m[[1, 4][k]];
            let shift: f64 = (0..2).map(|k| trace.gain[i * 2 + k] * gap(k)).sum();
            assert!((m[i] + shift - moved[i]).abs() < 1e-12, "{method:?} N={n}");
        }
    }
}

#[test]
fn settings_that_do_not_fit_are_refused_with_the_remedy() {
    let wells = ModelKind::DoubleWell {
        wells: 1.0,
        noise: 0.5,
    };
    let refused = |kind: ModelKind, method: Method, change: fn(&mut Settings)| {
        let mut settings = Settings::of(kind, method);
        change(&mut settings);
        let flow = Flow::standard(kind).unwrap();
        let error = method.filter(&settings, flow, &kind.initial().unwrap(), Noise::new(1));
        error.unwrap_err().to_string()
    };
    let cases = [
        (refused(wells, Method::Letkf, |_| {}), "method=etkf"),
        (
            refused(wells, Method::Enkf, |s| s.locality = 3.0),
            "locality=0",
        ),
        (
            refused(wells, Method::Enkf, |s| s.n = 1),
            "Choose 2 to 100000",
        ),
        (
            refused(wells, Method::Pf, |s| s.resample = 1.5),
            "Choose 0 to 1",
        ),
        (refused(wells, Method::Reference, |_| {}), "method=exact"),
        (
            refused(ModelKind::Lorenz63, Method::Exact, |_| {}),
            "another method",
        ),
        (
            refused(ModelKind::Lorenz63, Method::Ekf, |_| {}),
            "method=enkf",
        ),
        (
            refused(wells, Method::Var3d, |s| s.background = 0.0),
            "Choose 0.001 to 10",
        ),
    ];
    for (message, remedy) in cases {
        assert!(message.contains(remedy), "{message}");
    }
    assert!(Sensor::new(Operator::Identity, vec![3], 1.0, 3).is_err());
    assert!(Sensor::new(Operator::Identity, vec![1, 1], 1.0, 3).is_err());
    assert!(Sensor::new(Operator::Identity, vec![], 1.0, 3).is_err());
    assert!(Sensor::new(Operator::Identity, vec![0], 0.0, 3).is_err());
    assert!(
        Sensor::new(Operator::Identity, vec![0], 1.0, 3)
            .unwrap()
            .given(vec![f64::NAN])
            .is_err()
    );
}
