//! Runs of score-based methods on the linear process, where Kalman's filter is exact, against numbers of independent code.

use crate::experiments::over;
use crate::run::Setup;
use scorefield::dynamics::ModelKind;
use scorefield::filter::ensf::{Numbers, Pairing, Scale};
use scorefield::filter::ssls::{Kind, Prior};
use scorefield::filter::{Method, Settings};

const AR1: ModelKind = ModelKind::Ar1;

/// Root mean square of the distance of a method's mean to Kalman's over 200 cycles.
fn distance(settings: &Settings, method: Method, seed: u64) -> f64 {
    let setup = Setup::of(AR1, 200, 0);
    let means = |method| {
        let mut out = vec![];
        setup
            .walk(method, settings, seed, |filter, _| {
                out.push(filter.estimate().mean[0]);
            })
            .unwrap();
        out
    };
    let square: f64 = means(method)
        .iter()
        .zip(means(Method::Exact))
        .map(|(a, b)| (a - b) * (a - b))
        .sum();
    (square / 200.0).sqrt()
}

/// The published code: one to one, explicit, (.5, .025), S = 100.
fn published(scale: Scale) -> Settings {
    let mut settings = Settings::of(AR1, Method::Ensf);
    settings.ensf = Numbers {
        pairing: Pairing::Own,
        eps_a: 0.5,
        eps_b: 0.025,
        implicit: false,
        steps: 100,
        scale,
        ..settings.ensf
    };
    settings
}

/// The known values are means over at least two seeds: their standard error is at most √(8/2) = 2 times that of eight.
#[test]
fn means_are_as_far_from_kalmans_as_known() {
    let gauss = Settings::of(AR1, Method::Ssls).with_prior(AR1, Prior::Gauss);
    let full = Settings::of(AR1, Method::Ensf);
    for (method, mut settings, known) in [
        (Method::Ssls, gauss, [0.086, 0.044]),
        (Method::Ensf, full, [0.10, 0.049]),
        (Method::Ensf, published(Scale::Ens), [0.506, 0.475]),
    ] {
        for (n, known) in [40, 160].into_iter().zip(known) {
            settings.n = n;
            let (own, se) = over(8, |seed| distance(&settings, method, seed));
            println!("{method:?} N={n}: {own:.4} ± {se:.4}, {known}");
            let band = 3.0 * se * 5f64.sqrt() + 5e-4;
            assert!(
                (own - known).abs() < band,
                "{method:?} N={n}: {own} ± {se}, {known}"
            );
        }
    }
}

/// Experiment 3, spread and error of the mean; Kalman's are .369. The error over a finite truth varies by .03.
#[test]
fn a_guessed_likelihood_term_costs_calibration() {
    for (name, settings, n, cycles, spread, error) in [
        ("own", published(Scale::Ens), 200, 1500, 0.650, 0.620),
        ("unscaled", published(Scale::None), 200, 1500, 0.556, 0.518),
        (
            "full",
            {
                let mut full = Settings::of(AR1, Method::Ensf);
                full.ensf.implicit = false;
                full
            },
            120,
            500,
            0.345,
            0.370,
        ),
    ] {
        let setup = Setup::of(AR1, cycles, 50);
        let settings = Settings { n, ..settings };
        let mut square = 0.0;
        let means = setup
            .walk(Method::Ensf, &settings, 1, |filter, truth| {
                square += (filter.estimate().mean[0] - truth.state()[0]).powi(2);
            })
            .unwrap();
        let own = (square / f64::from(cycles - 50)).sqrt();
        println!("{name}: {:.3}/{own:.3}, {spread}/{error}", means.spread);
        assert!(
            (means.spread - spread).abs() < 0.01,
            "{name}: {}",
            means.spread
        );
        assert!((own - error).abs() < 0.03, "{name}: {own}");
    }
}

/// Experiment 4. The unadjusted steps have a steady state v = P_a/(1 − h/2) with 1/P_a = 1/(.81v + .19) + 1/.25.
#[test]
fn unadjusted_steps_widen_the_spread() {
    for (h, stated) in [(0.05, 0.375), (0.2, 0.394), (0.5, 0.440)] {
        let mut v: f64 = 0.2;
        for _ in 0..200 {
            let p = 0.81 * v + 0.19;
            v = p * 0.25 / (p + 0.25) / (1.0 - h / 2.0);
        }
        assert!((v.sqrt() - stated).abs() < 6e-4, "{}", v.sqrt());
        let mut settings = Settings::of(AR1, Method::Ssls).with_prior(AR1, Prior::Gauss);
        (settings.ssls.langevin, settings.ssls.step) = (Kind::Ula, h);
        (settings.ssls.steps, settings.n) = (200, 1000);
        let setup = Setup::of(AR1, 80, 20);
        let (own, se) = over(2, |seed| {
            let means = setup.walk(Method::Ssls, &settings, seed, |_, _| {});
            means.unwrap().spread
        });
        println!("h={h}: {own:.4} ± {se:.4}, {:.4}", v.sqrt());
        assert!((own - v.sqrt()).abs() < 0.003, "h={h}: {own}");
    }
}

/// Experiment 4: with N the kernels become narrower, and 30 steps do not shrink the forecast's spread.
#[test]
fn narrower_kernels_need_more_steps() {
    for (n, seeds, known) in [(40, 12, 0.40), (160, 4, 0.445)] {
        let mut settings = Settings::of(AR1, Method::Ssls).with_prior(AR1, Prior::Kde);
        (settings.ssls.anneal, settings.ssls.steps, settings.n) = (1, 30, n);
        let setup = Setup::of(AR1, 200, 20);
        let (own, se) = over(seeds, |seed| {
            let means = setup.walk(Method::Ssls, &settings, seed, |_, _| {});
            means.unwrap().spread
        });
        println!("N={n}: {own:.4} ± {se:.4}, {known}");
        // The known values have two and three digits.
        assert!(
            (own - known).abs() < 3.0 * se + 0.005,
            "N={n}: {own} ± {se}"
        );
    }
}
