//! The ensemble score filter: one update of P = 1, R = .5, y = 1.2, whose moments are closed recursions for N → ∞.

use crate::run::{Setup, update};
use crate::updates::normals;
use scorefield::dynamics::ModelKind;
use scorefield::filter::ensf::{Likelihood, Numbers, Pairing, Scale};
use scorefield::filter::{Ensemble, Method, Operator, Sensor, Settings};

const LINE: ModelKind = ModelKind::Static { states: 1 };
const R: f64 = 0.5;
const Y: f64 = 1.2;

/// `(ε_a, ε_b)`, pairing and steps in the units of the model.
fn numbers(eps: (f64, f64), pairing: Pairing, steps: usize, implicit: bool) -> Numbers {
    Numbers {
        pairing,
        eps_a: eps.0,
        eps_b: eps.1,
        likelihood: Likelihood::Damped,
        implicit,
        scale: Scale::None,
        steps,
    }
}

/// Mean and variance of a particle at t = 0. With a prior N(0, 1) and a linear observation, a step is
/// x ← ax + (bz + c + √(Δg²)·ξ)/D with numbers; `full` sees the score of N(0, α² + β²).
fn limit(numbers: &Numbers) -> (f64, f64) {
    let (mut mean, mut var, mut cov) = (0.0, 1.0, 0.0);
    for i in 0..numbers.steps {
        let k = numbers.coefficients(i);
        let (pull, b) = match numbers.pairing {
            Pairing::Full => (1.0 / (k.alpha * k.alpha + k.beta2), 0.0),
            Pairing::Own => (1.0 / k.beta2, k.delta * k.g2 * k.alpha / k.beta2),
        };
        let gain = k.delta * k.g2 * (1.0 - k.t) / R;
        let d = if numbers.implicit { 1.0 + gain } else { 1.0 };
        let a = 1.0 - (k.delta * k.drift + k.delta * k.g2 * pull + gain) / d;
        let b = b / d;
        mean = a * mean + gain * Y / d;
        var = a * a * var + 2.0 * a * b * cov + b * b + k.delta * k.g2 / (d * d);
        cov = a * cov + b;
    }
    (mean, var)
}

/// The rows of the table: what is stated of the limit.
fn table() -> Vec<(Numbers, f64, f64)> {
    let (old, thin, half) = ((0.5, 0.025), (0.05, 0.025), (0.5, 0.5));
    vec![
        (numbers(old, Pairing::Own, 100, false), 0.1475, 0.80466),
        (numbers(old, Pairing::Full, 100, false), 0.76672, 0.25524),
        (numbers(thin, Pairing::Full, 100, false), 0.89364, 0.26344),
        (numbers(thin, Pairing::Full, 60, true), 0.88591, 0.25672),
        (numbers(half, Pairing::Own, 60, true), 0.61206, 0.44261),
        (numbers(half, Pairing::Full, 60, true), 0.80486, 0.31282),
    ]
}

#[test]
fn the_limit_of_many_members_has_its_stated_moments() {
    for (numbers, mean, var) in table() {
        let own = limit(&numbers);
        assert!(
            (own.0 - mean).abs() < 6e-6 && (own.1 - var).abs() < 6e-6,
            "{numbers:?}: {own:?}, {mean} {var}"
        );
    }
}

fn one_update(numbers: Numbers, sd: f64, n: usize, seed: u64) -> Ensemble {
    let y = Sensor::new(Operator::Identity, vec![0], sd, 1)
        .unwrap()
        .given(vec![Y])
        .unwrap();
    let mut settings = Settings::of(LINE, Method::Ensf);
    settings.ensf = numbers;
    update(Method::Ensf, &settings, LINE, standard(seed, n), &y, seed)
}

/// Members whose mean is 0 and variance 1 exactly.
pub fn standard(seed: u64, n: usize) -> Vec<f64> {
    let mut x = Ensemble::new(1, normals(seed, n));
    let e = x.estimate();
    for v in &mut x.x {
        *v = (*v - e.mean[0]) / e.variance[0].sqrt();
    }
    x.x
}

/// Means and their standard errors over seeds, of mean and variance.
pub fn moments(seeds: std::ops::Range<u64>, run: impl Fn(u64) -> Ensemble) -> [(f64, f64); 2] {
    let all: Vec<[f64; 2]> = seeds
        .map(|seed| {
            let e = run(seed).estimate();
            [e.mean[0], e.variance[0]]
        })
        .collect();
    [0, 1].map(|k| {
        let n = all.len() as f64;
        let mean = all.iter().map(|r| r[k]).sum::<f64>() / n;
        let square: f64 = all.iter().map(|r| (r[k] - mean).powi(2)).sum();
        (mean, (square / (n - 1.0) / n).sqrt())
    })
}

#[test]
fn the_sampler_reaches_the_limit_of_many_members() {
    for (numbers, ..) in table() {
        let (n, seeds) = match numbers.pairing {
            Pairing::Own => (4000, 40),
            Pairing::Full => (400, 12),
        };
        let own = moments(0..seeds, |seed| one_update(numbers, R.sqrt(), n, seed));
        let (mean, var) = limit(&numbers);
        println!("{numbers:?}: {own:?}, {mean} {var}");
        for (own, known) in own.into_iter().zip([mean, var]) {
            assert!(
                (own.0 - known).abs() < 3.0 * own.1 + 1e-3,
                "{own:?} {known}"
            );
        }
    }
}

/// Δg²(1 − t)s²/R > 2 somewhere: at R/P = .0025, S must be above 299 with (.05, .025) and above 200 with ε_a = .5.
#[test]
fn explicit_steps_explode_where_the_bound_says_so() {
    for (eps, bound) in [((0.05, 0.025), 299.0), ((0.5, 0.025), 200.0)] {
        let largest = |steps: usize| {
            let k = numbers(eps, Pairing::Full, steps, false);
            let size = |i: usize| {
                let c = k.coefficients(i);
                c.g2 * (1.0 - c.t) / (2.0 * 0.0025)
            };
            (0..steps).map(size).fold(0.0, f64::max)
        };
        assert!(
            (largest(100_000) - bound).abs() < 1.0,
            "{}",
            largest(100_000)
        );
        let setup = {
            let mut setup = Setup::of(LINE, 1, 0);
            setup.sensor = Sensor::new(Operator::Identity, vec![0], 0.05, 1).unwrap();
            setup
        };
        let spread = |steps, implicit| {
            let mut settings = Settings::of(LINE, Method::Ensf);
            settings.ensf = numbers(eps, Pairing::Full, steps, implicit);
            let means = setup.walk(Method::Ensf, &settings, 1, |_, _| {});
            means.map(|means| means.spread)
        };
        let error = spread(60, false).unwrap_err().to_string();
        assert!(error.contains("implicit=yes"), "{error}");
        for spread in [spread(60, true), spread(400, false)] {
            assert!(spread.as_ref().unwrap() < &0.1, "{spread:?}");
        }
    }
}

/// With the weights of the likelihood in the mixture and no gradient, the score is that of the ensemble's posterior,
/// blurred: the mean is that of the weighted members.
#[test]
fn exact_weights_have_the_mean_of_a_particle_filter() {
    let mut k = numbers((0.05, 0.025), Pairing::Full, 200, true);
    k.likelihood = Likelihood::Exact;
    let own = moments(0..12, |seed| one_update(k, R.sqrt(), 500, seed));
    println!("{own:?}");
    assert!((own[0].0 - 0.8).abs() < 3.0 * own[0].1 + 0.02, "{own:?}");
    assert!(
        (own[1].0 - 1.0 / 3.0).abs() < 3.0 * own[1].1 + 0.05,
        "{own:?}"
    );
}

/// One to one, coordinates do not meet: what is not seen keeps the law that the diffusion without a likelihood has.
#[test]
fn one_to_one_moves_only_what_is_seen() {
    let kind = ModelKind::Static { states: 2 };
    let setup = Setup::of(kind, 1, 0);
    let mut settings = Settings::of(kind, Method::Ensf);
    settings.ensf = Numbers::of(ModelKind::Lorenz63, false);
    settings.n = 50;
    let second = |indices: Vec<usize>| {
        let y = Sensor::new(Operator::Identity, indices.clone(), 0.5, 2).unwrap();
        let y = y.given(vec![0.7; indices.len()]).unwrap();
        let out = update(Method::Ensf, &settings, setup.kind, normals(1, 100), &y, 1);
        (out.x[0], out.x[1])
    };
    let (both, first) = (second(vec![0, 1]), second(vec![0]));
    assert_eq!(both.0, first.0);
    assert_ne!(both.1, first.1);
}
