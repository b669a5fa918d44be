//! Runs of score-based methods, against numbers of independent code.

use crate::run::Setup;
use scorefield::dynamics::ModelKind;
use scorefield::filter::ensf::Pairing;
use scorefield::filter::ssls::{Kind, Prior};
use scorefield::filter::{Method, Settings};

/// Root mean square of the distance of a method's mean to Kalman's.
fn distance(settings: &Settings, method: Method, seed: u64) -> f64 {
    let setup = Setup::of(ModelKind::Ar1, 200, 0);
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

#[test]
fn means_are_as_far_from_kalmans_as_known() {
    let ensf = |pairing| {
        let mut settings = Settings::of(ModelKind::Ar1, Method::Ensf);
        settings.ensf.pairing = pairing;
        if pairing == Pairing::Own {
            (settings.ensf.eps_a, settings.ensf.eps_b) = (0.5, 0.025);
        }
        (Method::Ensf, settings)
    };
    let gauss = Settings::of(ModelKind::Ar1, Method::Ssls).with_prior(ModelKind::Ar1, Prior::Gauss);
    for ((method, mut settings), known) in [
        ((Method::Ssls, gauss), [0.086, 0.044]),
        (ensf(Pairing::Full), [0.10, 0.049]),
        (ensf(Pairing::Own), [0.506, 0.475]),
    ] {
        for (n, known) in [40, 160].into_iter().zip(known) {
            settings.n = n;
            let all: Vec<f64> = (0..6).map(|s| distance(&settings, method, s)).collect();
            let mean = all.iter().sum::<f64>() / 6.0;
            println!("{method:?} N={n}: {mean:.4} {known} {all:.3?}");
        }
    }
}

/// Experiment 4.
#[test]
fn unadjusted_steps_and_narrow_kernels_widen_the_spread() {
    for (prior, kind, h, steps, n, known) in [
        (Prior::Gauss, Kind::Ula, 0.05, 200, 200, 0.375),
        (Prior::Gauss, Kind::Ula, 0.2, 200, 200, 0.394),
        (Prior::Gauss, Kind::Ula, 0.5, 200, 200, 0.440),
        (Prior::Kde, Kind::Ou, 0.25, 30, 40, 0.40),
        (Prior::Kde, Kind::Ou, 0.25, 30, 160, 0.445),
    ] {
        let mut settings =
            Settings::of(ModelKind::Ar1, Method::Ssls).with_prior(ModelKind::Ar1, prior);
        settings.ssls.langevin = kind;
        settings.ssls.step = h;
        settings.ssls.steps = steps;
        settings.ssls.anneal = 1;
        settings.n = n;
        let setup = Setup::of(ModelKind::Ar1, 200, 20);
        let all: Vec<f64> = (0..4)
            .map(|seed| {
                setup
                    .walk(Method::Ssls, &settings, seed, |_, _| {})
                    .unwrap()
                    .spread
            })
            .collect();
        println!("{prior:?} {kind:?} h={h} N={n}: {known} {all:.4?}");
    }
}
