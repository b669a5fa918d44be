//! The experiments of the gallery by score-based methods, against the numbers of independent code.

use crate::experiments::{near_the_truth, over};
use crate::run::{Setup, finish, update};
use scorefield::dynamics::{Component, Flow, Initial, ModelKind};
use scorefield::filter::accuracy::w1;
use scorefield::filter::ensf::{Numbers, Pairing, Scale};
use scorefield::filter::ssls::{Prior, Start};
use scorefield::filter::{Density, Method, Operator, Sensor, Settings};
use scorefield::rng::{Noise, Stream};

const WELLS: ModelKind = ModelKind::DoubleWell {
    wells: 1.0,
    noise: 0.5,
};
const CIRCLE: ModelKind = ModelKind::Lorenz96 {
    states: 40,
    forcing: 8.0,
};

fn ssls(kind: ModelKind, prior: Prior, levels: usize, steps: usize, start: Start) -> Settings {
    let mut settings = Settings::of(kind, Method::Ssls).with_prior(kind, prior);
    (settings.ssls.anneal, settings.ssls.steps) = (levels, steps);
    settings.ssls.start = start;
    settings
}

fn annealed() -> Settings {
    ssls(WELLS, Prior::Kde, 10, 50, Start::Forecast)
}

fn forecast(steps: usize) -> Settings {
    ssls(WELLS, Prior::Kde, 1, steps, Start::Forecast)
}

fn ism() -> Settings {
    ssls(WELLS, Prior::Ism, 1, 30, Start::Forecast)
}

fn one_to_one() -> Settings {
    let mut settings = Settings::of(WELLS, Method::Ensf);
    (settings.ensf.pairing, settings.ensf.eps_a) = (Pairing::Own, 0.5);
    settings
}

/// Seeds of the runs in the double well.
const SEEDS: u64 = 12;

/// The distances of the members to the exact density for each method, in the mean over 40 cycles with 4 of burn-in:
/// all seeds.
fn distances(setup: &Setup, methods: &[(Method, Settings)]) -> Vec<Vec<f64>> {
    let mut out = vec![vec![]; methods.len()];
    for seed in 0..SEEDS {
        let plain = Settings::of(WELLS, Method::Exact);
        let mut exact = vec![];
        setup
            .walk(Method::Exact, &plain, seed, |filter, _| {
                let Some(Density::Grid {
                    first,
                    spacing,
                    density,
                }) = filter.density()
                else {
                    panic!("a grid")
                };
                exact.push((first, spacing, density.to_vec()));
            })
            .unwrap();
        for ((method, settings), out) in methods.iter().zip(&mut out) {
            let settings = Settings {
                n: 100,
                ..settings.clone()
            };
            let (mut sum, mut at) = (0.0, 0);
            setup
                .walk(*method, &settings, seed, |filter, _| {
                    let (first, spacing, density) = &exact[at];
                    let (first, spacing) = (*first, *spacing);
                    sum += w1(
                        filter.ensemble().unwrap(),
                        &Density::Grid {
                            first,
                            spacing,
                            density,
                        },
                    );
                    at += 1;
                })
                .unwrap();
            out.push(sum / at as f64);
        }
    }
    out
}

/// Mean and standard error.
fn mean(runs: &[f64]) -> (f64, f64) {
    over(runs.len() as u64, |i| runs[i as usize])
}

/// The mean of `runs` is within three standard errors of a known value; one without a standard error is a mean over at
/// least two runs.
fn holds(name: &str, runs: &[f64], known: f64, se: Option<f64>) {
    let (own, own_se) = mean(runs);
    let se = se.unwrap_or(own_se * (runs.len() as f64 / 2.0).sqrt());
    println!("{name}: {own:.4} ± {own_se:.4}, {known} ± {se:.4}");
    let band = 3.0 * (se * se + own_se * own_se).sqrt();
    assert!(
        (own - known).abs() < band,
        "{name}: {own} ± {own_se}, {known} ± {se}"
    );
}

/// Experiment 1.
#[test]
fn a_particle_moved_by_a_score_does_not_carry_its_modes_weight() {
    let setup = Setup::of(WELLS, 40, 4);
    let ensf = Settings::of(WELLS, Method::Ensf);
    let runs = distances(
        &setup,
        &[
            (Method::Ssls, annealed()),
            (Method::Ensf, ensf),
            (Method::Ssls, forecast(30)),
            (Method::Ssls, forecast(50)),
            (Method::Ensf, one_to_one()),
            (Method::Ssls, ism()),
        ],
    );
    holds("annealed", &runs[0], 0.097, Some(0.007));
    holds("ensf", &runs[1], 0.121, Some(0.009));
    holds("from the forecast", &runs[2], 0.34, Some(0.01));
    holds("from the forecast, 50 steps", &runs[3], 0.26, None);
    holds("one to one", &runs[4], 0.561, None);
    let (ism, _) = mean(&runs[5]);
    assert!((0.15..0.20).contains(&ism), "{ism}");
}

/// Experiment 2: the sign is not seen.
#[test]
fn langevin_steps_keep_two_equal_modes() {
    let mut setup = Setup::of(WELLS, 40, 4);
    setup.sensor = Sensor::new(Operator::Abs, vec![0], 0.2, 1).unwrap();
    let ensf = Settings::of(WELLS, Method::Ensf);
    let runs = distances(
        &setup,
        &[
            (Method::Ssls, forecast(30)),
            (Method::Ssls, annealed()),
            (Method::Ssls, ism()),
            (Method::Ensf, ensf),
        ],
    );
    holds("from the forecast", &runs[0], 0.099, Some(0.012));
    holds("annealed", &runs[1], 0.109, None);
    holds("ism", &runs[2], 0.094, None);
    holds("ensf", &runs[3], 0.147, Some(0.015));
}

/// One update of .9/.1 at ∓1 (sd .25) by y = .5 (sd .5): the exact P(x > 0) is .7318.
#[test]
fn one_update_of_two_modes_leaves_the_forecasts_weights() {
    let kind = ModelKind::Static { states: 1 };
    let mode = |weight: f64, at: f64| Component {
        weight,
        mean: vec![at],
        sd: 0.25,
    };
    let initial = Initial::mixture(vec![mode(0.9, -1.0), mode(0.1, 1.0)]).unwrap();
    let (first, spacing) = (-4.0, 0.005);
    let posterior = |x: f64| {
        let at = |m: f64| (-(x - m) * (x - m) / 0.125).exp();
        (0.9 * at(-1.0) + 0.1 * at(1.0)) * (-(0.5 - x) * (0.5 - x) / 0.5).exp()
    };
    let mut density: Vec<f64> = (0..=1600)
        .map(|i| posterior(first + spacing * f64::from(i)))
        .collect();
    let total = density.iter().sum::<f64>() * spacing;
    density.iter_mut().for_each(|p| *p /= total);
    let right = density[800..].iter().sum::<f64>() * spacing;
    assert!((right - 0.7318).abs() < 5e-5, "{right}");
    let density = Density::Grid {
        first,
        spacing,
        density: &density,
    };
    let y = Sensor::new(Operator::Identity, vec![0], 0.5, 1)
        .unwrap()
        .given(vec![0.5])
        .unwrap();
    let own = |levels, steps, start| ssls(kind, Prior::Kde, levels, steps, start);
    for (name, method, settings, known) in [
        ("forecast", Method::Ssls, own(1, 30, Start::Forecast), 0.989),
        (
            "annealed",
            Method::Ssls,
            own(10, 50, Start::Forecast),
            0.653,
        ),
        ("weighted", Method::Ssls, own(1, 30, Start::Weighted), 0.065),
        (
            "ensf",
            Method::Ensf,
            Settings::of(kind, Method::Ensf),
            0.336,
        ),
        (
            "enkf",
            Method::Enkf,
            Settings::of(kind, Method::Enkf),
            0.596,
        ),
        ("pf", Method::Pf, Settings::of(kind, Method::Pf), 0.072),
    ] {
        let runs: Vec<f64> = (0..16)
            .map(|seed| {
                let mut x = vec![0.0; 500];
                initial.draw(&Noise::new(seed), Stream::Members, 0, &mut x);
                w1(&update(method, &settings, kind, x, &y, seed), &density)
            })
            .collect();
        holds(name, &runs, known, None);
    }
}

fn errors(setup: &Setup, method: Method, settings: &Settings, seeds: u64) -> Vec<f64> {
    let run = |seed| setup.walk(method, settings, seed, |_, _| {}).unwrap().rmse;
    (0..seeds).map(run).collect()
}

/// Experiment 5, N = 100. A weighted start has a heavy tail: now and then the filter loses the truth for a while.
#[test]
fn the_posterior_of_lorenz63_bends() {
    let kind = ModelKind::Lorenz63;
    let own = |prior, levels, steps, start| Settings {
        n: 100,
        ..ssls(kind, prior, levels, steps, start)
    };
    let setup = Setup::of(kind, 1000, 50);
    let gauss = own(Prior::Gauss, 1, 20, Start::Forecast);
    holds(
        "gauss",
        &errors(&setup, Method::Ssls, &gauss, 4),
        0.561,
        Some(0.04),
    );
    let one_to_one = Settings {
        n: 100,
        ..Settings::of(kind, Method::Ensf)
    };
    holds(
        "ensf",
        &errors(&setup, Method::Ensf, &one_to_one, 4),
        0.85,
        None,
    );
    let setup = Setup::of(kind, 500, 50);
    let levels = own(Prior::Kde, 10, 50, Start::Forecast);
    holds(
        "annealed",
        &errors(&setup, Method::Ssls, &levels, 3),
        0.495,
        None,
    );
    let weighted = own(Prior::Kde, 1, 10, Start::Weighted);
    assert_eq!(weighted.ssls, Settings::of(kind, Method::Ssls).ssls);
    let mut all = errors(&setup, Method::Ssls, &weighted, 9);
    all.sort_by(f64::total_cmp);
    println!("weighted: {all:.3?}");
    assert!((all[4] - 0.44).abs() < 0.05, "{all:?}");
}

/// Experiment 6: what is seen of Lorenz-96 by Langevin steps with a localised covariance, and by the score filter, which
/// moves only what is seen.
#[test]
fn a_score_filter_moves_only_what_is_seen() {
    let mut setup = Setup::of(CIRCLE, 400, 200);
    let langevin = Settings::of(CIRCLE, Method::Ssls);
    holds(
        "ssls",
        &errors(&setup, Method::Ssls, &langevin, 2),
        0.236,
        Some(0.010),
    );
    let mut ensf = Settings {
        n: 40,
        ..Settings::of(CIRCLE, Method::Ensf)
    };
    holds(
        "ensf",
        &errors(&setup, Method::Ensf, &ensf, 4),
        0.379,
        Some(0.006),
    );
    setup.sensor = Sensor::new(Operator::Identity, (0..40).step_by(2).collect(), 1.0, 40).unwrap();
    let error = setup
        .walk(Method::Ensf, &ensf, 0, |_, _| {})
        .unwrap_err()
        .to_string();
    let cycle = error
        .strip_prefix("Cycle ")
        .and_then(|rest| rest.split(':').next())
        .and_then(|cycle| cycle.parse::<u32>().ok());
    assert!(cycle.unwrap() <= 150, "{error}");
    ensf.ensf.eps_b = 0.025;
    holds(
        "half seen",
        &errors(&setup, Method::Ensf, &ensf, 4),
        1.60,
        Some(0.01),
    );
}

/// A coordinate that is not seen, N → ∞: one to one, its variance is multiplied by 1.023 with (.5, .025) and by 1.276 with
/// (.5, .5), at S = 60. The recursion is that of a step without a likelihood.
#[test]
fn what_is_not_seen_grows_by_its_stated_factor() {
    for (eps_b, known) in [(0.025, 1.023), (0.5, 1.276)] {
        let mut numbers = Numbers::of(CIRCLE, false);
        numbers.eps_b = eps_b;
        let (mut var, mut cov) = (1.0, 0.0);
        for i in 0..numbers.steps {
            let k = numbers.coefficients(i);
            let a = 1.0 - k.delta * (k.drift + k.g2 / k.beta2);
            let b = k.delta * k.g2 * k.alpha / k.beta2;
            var = a * a * var + 2.0 * a * b * cov + b * b + k.delta * k.g2;
            cov = a * cov + b;
        }
        assert!((var - known).abs() < 6e-4, "{var}");
    }
}

/// Experiment 8: observations through arctan, a tenth of a time unit apart in steps of .01, N = 20.
#[test]
fn stiff_likelihoods_need_implicit_steps() {
    for (name, eps_b, implicit, scale, known, se) in [
        ("explicit", 0.025, false, Scale::None, 0.281, 0.014),
        ("implicit", 0.025, true, Scale::None, 0.181, 0.014),
        (
            "in units of the ensemble",
            0.1,
            true,
            Scale::Ens,
            0.127,
            0.008,
        ),
    ] {
        let mut settings = Settings {
            n: 20,
            ..Settings::of(CIRCLE, Method::Ensf)
        };
        settings.ensf = Numbers {
            eps_b,
            implicit,
            scale,
            ..Numbers::of(CIRCLE, true)
        };
        let runs: Vec<f64> = (0..3)
            .map(|seed| {
                let mut setup = Setup::of(CIRCLE, 300, 100);
                setup.sensor = Sensor::new(Operator::Arctan, (0..40).collect(), 0.05, 40).unwrap();
                setup.flow = |kind| Flow::new(kind, 0.0, 0.1, 0.01).unwrap();
                setup.truth = setup.flow;
                setup.initial = near_the_truth(seed);
                let run = setup.walk(Method::Ensf, &settings, seed, |_, _| {});
                run.unwrap().rmse
            })
            .collect();
        holds(name, &runs, known, Some(se));
    }
}

/// What is recorded of one update: the frames from forecast to analysis, the levels, and the score on the line.
#[test]
fn a_watched_update_shows_paths_levels_and_score() {
    let setup = Setup::of(WELLS, 1, 0);
    for (method, settings, field) in [
        (Method::Ssls, annealed(), true),
        (Method::Ensf, Settings::of(WELLS, Method::Ensf), true),
        (Method::Ensf, one_to_one(), false),
        (
            Method::Ssls,
            ssls(WELLS, Prior::Kde, 1, 5, Start::Weighted),
            true,
        ),
    ] {
        let steps = if method == Method::Ssls {
            settings.ssls.steps
        } else {
            settings.ensf.steps
        };
        let run = |members: usize| {
            let mut filter = method
                .filter(
                    &settings,
                    (setup.flow)(WELLS),
                    &setup.initial,
                    Noise::new(3),
                )
                .unwrap();
            filter.watch(members);
            filter.begin_forecast(1);
            finish(&mut *filter).unwrap();
            let y = setup.sensor.given(vec![0.8]).unwrap();
            filter.begin_analysis(&y).unwrap();
            finish(&mut *filter).unwrap();
            filter
        };
        let (watched, plain) = (run(7), run(0));
        assert_eq!(
            watched.ensemble(),
            plain.ensemble(),
            "watching changes nothing"
        );
        let trace = watched.trace().unwrap();
        assert_eq!(trace.levels.len(), steps);
        assert_eq!(trace.paths.len(), (steps + 2) * 7);
        assert_eq!(trace.paths[..7], trace.forecast[..7]);
        assert_eq!(
            trace.paths[(steps + 1) * 7..],
            watched.ensemble().unwrap().x[..7]
        );
        assert!(trace.levels.windows(2).all(|w| w[1] <= w[0]));
        let shown = trace
            .field
            .as_ref()
            .map(|f| f.score.len() == f.count * steps);
        assert_eq!(shown, field.then_some(true));
        assert!(
            trace
                .field
                .iter()
                .flat_map(|f| &f.score)
                .all(|s| s.is_finite())
        );
        let weighted = settings.ssls.start == Start::Weighted && method == Method::Ssls;
        assert_eq!(trace.ancestors.len(), if weighted { 200 } else { 0 });
    }
}
